import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { end, file, participant } from "../../line/flag-kinds.js";
import { readExpiry } from "../../line/expiry.js";
import { optional, required, toggle } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { named } from "../../actor/named.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { studyInWords, studyTermsInWords } from "../../words/study-in-words.js";
import { caution, done, facts, gas, next } from "../../terminal/tables.js";

export default command({
  purpose:
    "Joins a study: holds its terms against the chain and the standing preferences, and signs the grant to its researcher for research. Nothing is released before the cohort is large enough.",
  flags: {
    terms: required(file, "the study's terms, as the researcher handed them over"),
    steward: required(participant, "the provider that keeps the records and delivers them"),
    until: optional(end, "the grant lasts until then (until the study closes): 2030-01-31"),
    "despite-preferences": toggle("join although the preferences say no"),
    sign: optional(file, "send nothing: write the signed consent here, for somebody else to relay"),
    yes: toggle("don't ask; the study is shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "terms",
  examples: ["terms.json --steward 1 --home homes/alice"],
  async run({ steward, until, ...flags }, talk) {
    const terms = await readJsonFile(flags.terms);
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
    const { client, transactions } = session;
    const study = await client.readStudyTerms({ file: terms });
    const words = {
      ...studyTermsInWords(study.terms),
      ...studyInWords(study),
      researcher: await named(client, study.researcher),
      steward: await named(client, steward),
    };
    talk.note(facts(words));
    const { reasons } = await client.matchStudy({ file: terms });
    for (const { detail } of reasons) talk.note(caution(detail));
    const input = {
      terms,
      steward,
      despitePreferences: flags["despite-preferences"],
      ...(until === undefined ? {} : { until: (await readExpiry(client, { until }))! }),
    };
    // What the preferences refuse is refused before anybody is asked.
    if (reasons.length === 0 || input.despitePreferences) await confirm(talk, "Join this study?", flags.yes);
    if (output !== undefined) return await signedAction(session, output, await client.signJoinStudy(input));
    const { receipt } = await client.joinStudy(input);
    const { study: number } = study;
    return {
      data: { study: number, steward, participation: await client.participationOf({ study: number }), transactions },
      text: [
        done(`Joined study ${number}`),
        facts({ title: study.terms.title, gas: gas(Number(receipt.gasUsed)) }),
        next(`any time: chartchain study withdraw --study ${number}`),
      ].join("\n"),
    };
  },
});
