import { amount, chart } from "../../line/amounts.js";
import { command, type Result } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { anyText, choice, file } from "../../line/flag-kinds.js";
import { optional, several, toggle, type Values } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { openSession, type Session } from "../../actor/session.js";
import { studyForPrograms, studyInWords, studyTermsInWords } from "../../words/study-in-words.js";
import { caution, done, facts } from "../../terminal/tables.js";
import { CATEGORY_WORDS, inWords } from "../../words/terms-in-words.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES } from "../../../sdk/index.js";
import { DATA_USE_TERMS, dataUseInWords, type ResearchPreferences } from "../../../sdk/modules/studies/index.js";

const named = (kind: "permission" | "restriction") =>
  DATA_USE_TERMS.filter((term) => term.kind === kind)
    .map(({ shorthand }) => shorthand)
    .join(", ");

const FLAGS = {
  use: several(anyText("CODE"), `acceptable uses, DUO:0000042 or one of ${named("permission")}; each has to be named`),
  disease: several(anyText("CODE"), "with DS: only these diseases (all of them)"),
  restriction: several(anyText("CODE"), `what a study has to promise: ${named("restriction")}`),
  categories: several(choice("CATEGORY", CATEGORIES), `acceptable records: ${CATEGORIES.join(", ")}`),
  "lowest-price": optional(amount("AMOUNT"), "tokens for each participant at the least (0)"),
  clear: toggle("take the preferences back: then no study fits"),
  terms: optional(file, "hold this study's terms against the preferences"),
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Shows and sets which studies a patient would take part in, and holds a study against it. The preferences stay in the vault; without any no study fits.",
  flags: FLAGS,
  examples: [
    "--use HMB,DS --restriction NCU --categories OBSERVATION --lowest-price 5 --home homes/alice",
    "--terms terms.json --home homes/alice",
  ],
  async run(flags, talk) {
    const { use, disease, restriction, categories, clear } = flags;
    const price = flags["lowest-price"];
    const setting = use.length + disease.length + restriction.length + categories.length > 0 || price !== undefined;
    if (setting && (use.length === 0 || categories.length === 0)) {
      throw badUsage("preferences are set as a whole: --use and --categories are missing");
    }
    if (setting && clear) throw badUsage("--clear takes no preferences");
    const terms = flags.terms === undefined ? undefined : await readJsonFile(flags.terms);
    await using session = await openSession(flags, talk, { account: "address", vault: "open", as: "patient" });
    if (setting) {
      await session.client.setResearchPreferences({
        ...{ dataUse: use, restrictions: restriction, categories, lowestPrice: price ?? 0n },
        ...(disease.length === 0 ? {} : { diseases: disease }),
      });
    }
    if (clear) await session.client.setResearchPreferences();
    return terms === undefined ? await show(session, flags) : await match(session, terms);
  },
});

async function show({ client }: Session, { clear }: Values<typeof FLAGS>): Promise<Result> {
  const preferences = await client.researchPreferences();
  if (preferences === undefined) {
    const title = clear ? "Took the preferences back: no study fits" : "No preferences are set: no study fits";
    return { data: { preferences: null }, text: done(title) };
  }
  return {
    data: { preferences: { ...preferences, lowestPrice: String(preferences.lowestPrice) } },
    text: [done("Studies that fit"), facts(wordsOf(preferences))].join("\n"),
  };
}

async function match({ client }: Session, file: unknown): Promise<Result> {
  const study = await client.readStudyTerms({ file });
  const { matches, reasons } = await client.matchStudy({ file });
  return {
    data: { study: studyForPrograms(study), matches, reasons },
    text: [
      done(`Study ${study.study} ${matches ? "fits" : "doesn't fit"}; its terms are the chain's`),
      facts({ ...studyTermsInWords(study.terms), ...studyInWords(study) }),
      ...reasons.map(({ detail }) => caution(detail)),
    ].join("\n"),
  };
}

function wordsOf({ dataUse, diseases, restrictions = [], categories, lowestPrice = 0n }: ResearchPreferences) {
  return {
    "used for": dataUse.map(dataUseInWords),
    diseases: diseases === undefined ? "all" : [...diseases],
    "has to promise": restrictions.length === 0 ? "nothing" : restrictions.map(dataUseInWords),
    records: inWords(categories, CATEGORY_WORDS),
    "lowest price": chart(lowestPrice),
  };
}
