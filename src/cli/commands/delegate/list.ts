import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { count, done, next } from "../../terminal/tables.js";
import { delegatesInWords } from "../../words/delegates-in-words.js";

export default command({
  purpose:
    "Lists who may act in a patient's place: delegates, and representatives that a court announced or an institution appointed, with what each may do and until when.",
  flags: {
    patient: optional(participant, "whose; by one of them (this home's own)"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice"],
  async run({ patient: of, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const patient = of ?? (await client.ownId());
    const delegates = await client.listDelegates({ patient });
    const own = delegates.find(({ source }) => source === patient);
    return {
      data: { patient, delegates },
      text: [
        done(delegates.length === 0 ? "Nobody acts in the patient's place" : count(delegates.length, "delegate")),
        ...delegatesInWords(delegates, { patient, now: client.clock() }),
        ...(own === undefined ? [] : [next(`one ends with: chartchain delegate dismiss ${own.delegate}`)]),
      ].join("\n"),
    };
  },
});
