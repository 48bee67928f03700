import { confirm } from "../../terminal/ask.js";
import { amount, chart } from "../../line/amounts.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { readExpiry } from "../../line/expiry.js";
import { anyText, choice, file, wholeNumber } from "../../line/flag-kinds.js";
import { required, several, toggle, optional } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { studyTermsInWords } from "../../words/study-in-words.js";
import { done, facts, gas, nextOfOthers, time } from "../../terminal/tables.js";
import { CATEGORY_WORDS, inWords } from "../../words/terms-in-words.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES } from "../../../sdk/index.js";
import { DATA_USE_TERMS } from "../../../sdk/modules/studies/index.js";

const COHORT = wholeNumber("N", 1, 2 ** 24 - 1);
const USES = DATA_USE_TERMS.map(({ shorthand }) => shorthand).join(", ");

export default command({
  purpose:
    "Opens a study, as a licensed researcher: puts price × maximum into escrow, and a salted digest of the terms on chain. The terms go into a file for those who may be asked to take part; the chain never has them.",
  flags: {
    title: required(anyText("TEXT"), "what it is called"),
    description: optional(anyText("TEXT"), "what it is about (the title)"),
    contact: required(anyText("TEXT"), "whom a participant turns to: an institution"),
    use: several(anyText("CODE"), `Data Use Ontology terms, DUO:0000042 or one of ${USES}`),
    disease: several(anyText("CODE"), "terms of a disease ontology, such as MONDO:0005148; with DS only"),
    categories: several(choice("CATEGORY", CATEGORIES), `which records: ${CATEGORIES.join(", ")}`),
    price: required(amount("AMOUNT"), "tokens for each participant, of which the patient gets 80 %"),
    minimum: required(COHORT, "nothing is released before so many consents stand at once"),
    maximum: required(COHORT, "for how many the escrow pays"),
    "enrol-days": required(wholeNumber("N", 1, 1_824), "patients join for so many days"),
    "close-days": required(wholeNumber("N", 2, 1_825), "data is delivered until so many days from now"),
    out: required(file, "write the terms here"),
    yes: toggle("don't ask; the study is shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [
    '--title "Blood pressure" --contact "University" --use HMB,NCU --categories OBSERVATION --price 10 --minimum 5 --maximum 50 --enrol-days 30 --close-days 90 --out terms.json --home homes/university',
  ],
  async run({ title, description = title, contact, use: dataUse, disease: diseases, ...flags }, talk) {
    if (dataUse.length === 0) throw badUsage("--use is missing: what the data is used for");
    if (flags.categories.length === 0) throw badUsage("--categories is missing: which records");
    await using output = await OutputFile.reserve(flags.out, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    const { categories, price, minimum, maximum } = flags;
    const enrolUntil = (await readExpiry(client, { days: flags["enrol-days"] }))!;
    const closesAt = (await readExpiry(client, { days: flags["close-days"] }))!;
    const escrow = price * BigInt(maximum);
    const shown = {
      title,
      records: inWords(categories, CATEGORY_WORDS),
      "used for": [...dataUse, ...diseases],
      escrow: `${chart(escrow)}: ${chart(price)} for each of ${maximum}`,
      "joined until": time(enrolUntil),
      "closes at": time(closesAt),
    };
    talk.note(facts(shown));
    await confirm(talk, "Open this study?", flags.yes);
    const offer = { title, description, contact, dataUse, diseases, categories, price, minimum, maximum };
    const { study, terms, receipt } = await client.openStudy({ ...offer, enrolUntil, closesAt });
    await output.writeJson(terms);
    return {
      data: {
        study,
        terms: terms.terms,
        file: output.path,
        escrow: String(escrow),
        enrolUntil,
        closesAt,
        transactions,
      },
      text: [
        done(`Opened study ${study}`),
        facts({
          ...studyTermsInWords(terms.terms),
          escrow: shown.escrow,
          "terms in": output.path,
          gas: gas(Number(receipt.gasUsed)),
        }),
        nextOfOthers(
          `hand the terms over; patients join with them: chartchain study join --terms ${output.path} --steward ID`,
        ),
      ].join("\n"),
    };
  },
});
