import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { count, done } from "../../terminal/tables.js";
import { delegatesInWords } from "../../words/delegates-in-words.js";

export default command({
  purpose:
    "Lists who acts for somebody by law: whom a court or a clinic appointed, and whom a court announced. Delegates that the person chose: chartchain delegate list.",
  flags: {
    patient: optional(participant, "for whom: an adult, or a child (this home's own)"),
    ...ACTOR_FLAGS,
  },
  operand: "patient",
  examples: ["9 --home homes/carol"],
  async run({ patient: of, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const patient = of ?? (await client.ownId());
    const representatives = (await client.listDelegates({ patient })).filter(({ source }) => source !== patient);
    return {
      data: { patient, representatives },
      text: [
        done(
          representatives.length === 0
            ? `Nobody acts for participant ${patient} by law`
            : count(representatives.length, "representative"),
        ),
        ...delegatesInWords(representatives, { patient, now: client.clock() }),
      ].join("\n"),
    };
  },
});
