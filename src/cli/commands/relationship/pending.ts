import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { proposalFacts } from "../../words/proposal-facts.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, several } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { openSession } from "../../actor/session.js";
import { count, done, next } from "../../terminal/tables.js";

export default command({
  purpose:
    "Lists the proposals that wait for a patient's answer, with each provider's verified name and the terms in words.",
  flags: {
    patient: optional(participant, "in whose place a delegate looks (this home's own)"),
    terms: several(file, "take the sealed terms in that a provider handed over"),
    ...ACTOR_FLAGS,
  },
  examples: ["--terms terms.json --home homes/alice", "--patient 3 --home homes/bob"],
  async run({ patient, terms, ...flags }, talk) {
    const files = await Promise.all(terms.map(readJsonFile));
    await using session = await openSession(flags, talk, { account: "address", vault: "open", as: "patient" });
    for (const each of files) await session.client.takeTerms({ file: each });
    const pending = await session.client.listPending(patient === undefined ? {} : { patient });
    const of = patient === undefined ? "" : ` --patient ${patient}`;
    const answers = pending.flatMap(({ provider }) => [
      `chartchain relationship approve ${provider}${of}`,
      `or: chartchain relationship decline ${provider}${of}`,
    ]);
    return {
      data: { pending },
      text: [
        done(pending.length === 0 ? "No proposal waits" : `${count(pending.length, "proposal")} waiting`),
        ...pending.map(proposalFacts),
        ...answers.map(next),
      ].join("\n"),
    };
  },
});
