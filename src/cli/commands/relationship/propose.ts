import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { EXPIRY_FLAGS, readExpiry, requireOneExpiry } from "../../line/expiry.js";
import { choice, file, participant, url } from "../../line/flag-kinds.js";
import { optional, required, several } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { done, facts, gas, nextOfOthers, short, time } from "../../terminal/tables.js";
import { CATEGORY_WORDS, inWords, PURPOSE_WORDS } from "../../words/terms-in-words.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES, PURPOSES } from "../../../sdk/index.js";

const { until, days } = EXPIRY_FLAGS;

export default command({
  purpose:
    "Proposes a relationship to a patient, as a provider: seals the terms to the patient into a file that is handed over, and names their salted digest on chain. With --offer nothing is sent: the patient gets a signed file.",
  flags: {
    patient: required(participant, "the patient"),
    category: several(
      choice("CATEGORY", CATEGORIES),
      `which records the provider will keep (all): ${CATEGORIES.join(", ")}`,
    ),
    purpose: several(choice("PURPOSE", PURPOSES), `what for (TREAT): ${PURPOSES.join(", ")}`),
    reader: optional(participant, "the delegate who answers in the patient's place: the terms are sealed to this one"),
    policy: optional(url, "the privacy policy that the patient is shown"),
    until: { ...until, help: `${until.help} (no end)` },
    days,
    terms: optional(file, "write the sealed terms here, for the patient; needed without --offer"),
    offer: optional(file, "write a signed offer here instead of sending a transaction"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "patient",
  examples: ["3 --days 365 --terms terms.json --home homes/hospital", "4 --offer offer.json --home homes/hospital"],
  async run({ patient, policy, reader, ...flags }, talk) {
    requireOneExpiry(flags);
    const path = flags.offer ?? flags.terms;
    if (path === undefined || (flags.offer !== undefined && flags.terms !== undefined)) {
      throw badUsage("it takes either --terms FILE or --offer FILE: the terms travel in a file");
    }
    await using output = await OutputFile.reserve(path, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "provider" });
    const { client, transactions } = session;
    const end = await readExpiry(client, flags);
    const categories = flags.category.length === 0 ? CATEGORIES : flags.category;
    const purposes = flags.purpose.length === 0 ? (["TREAT"] as const) : flags.purpose;
    const input = {
      patient,
      categories,
      purposes,
      ...(policy === undefined ? {} : { policyUri: policy }),
      ...(reader === undefined ? {} : { reader }),
      ...(end === undefined ? {} : { until: end }),
    };
    const terms = { patient, categories, purposes, until: end ?? 0 };
    const words = {
      "will keep": inWords(categories, CATEGORY_WORDS),
      for: inWords(purposes, PURPOSE_WORDS),
      until: time(end ?? 0),
    };

    if (flags.offer !== undefined) {
      const offer = await client.offerRelationship(input);
      await output.writeJson(offer);
      return {
        data: { ...terms, file: output.path, deadline: Number(offer.message["deadline"]), transactions },
        text: [
          done(`Signed an offer to patient ${patient}; nothing was sent`),
          facts({ ...words, file: output.path, "counts until": time(Number(offer.message["deadline"])) }),
          nextOfOthers(`the patient accepts it: chartchain relationship approve --offer ${output.path}`),
        ].join("\n"),
      };
    }
    const { nonce, termsDigest, terms: sealed, receipt } = await client.proposeRelationship(input);
    await output.writeJson(sealed);
    return {
      data: { ...terms, nonce, termsDigest, file: output.path, transactions },
      text: [
        done(`Proposed a relationship to patient ${patient}`),
        facts({
          ...words,
          "sealed terms": output.path,
          "their digest": short(termsDigest),
          gas: gas(Number(receipt.gasUsed)),
        }),
        nextOfOthers(`the patient looks at it: chartchain relationship pending --terms ${output.path}`),
      ].join("\n"),
    };
  },
});
