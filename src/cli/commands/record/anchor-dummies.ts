import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { count, done, facts, gas, next } from "../../terminal/tables.js";

export default command({
  purpose:
    "Anchors a batch of dummies for a child, or for every child whose records you keep: then a batch of which nothing comes doesn't tell that there was care which a minor consented to alone. With --within chartchain record anchor does it again and again, at random moments, and confidential records that wait go along.",
  flags: {
    patient: optional(participant, "for this patient only (every child, and nobody else any more)"),
    within: optional(
      wholeNumber("MINUTES", 0, 10_080),
      "from now on, each at a random moment within so many minutes after the one before; 0 ends it",
    ),
    ...ACTOR_FLAGS,
  },
  examples: ["--within 10080 --home homes/hospital", "--patient 9 --home homes/hospital"],
  async run({ patient, within, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { patients } = await session.client.anchorDummies({
      ...(patient === undefined ? {} : { patient }),
      ...(within === undefined ? {} : { within: within * 60 }),
    });
    const { transactions } = session;
    const whom = count(patients.length, "patient");
    const text =
      within === undefined
        ? [
            done(`Anchored dummies for ${whom}`),
            facts({
              patients: patients.join(", "),
              gas: gas(transactions.reduce((sum, transaction) => sum + transaction.gas, 0)),
            }),
          ]
        : within === 0
          ? [done(`No dummies for ${whom} from now on`)]
          : [
              done(`Dummies for ${whom} from now on`),
              facts({ patients: patients.join(", "), "each within": count(within, "minute") }),
              next("let a timer run it every few minutes: chartchain record anchor"),
            ];
    return { data: { patients, transactions }, text: text.join("\n") };
  },
});
