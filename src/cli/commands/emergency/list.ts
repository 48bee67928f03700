import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { printable } from "../../terminal/printable.js";
import { count, done, next, table, time } from "../../terminal/tables.js";
import { categoriesInWords, verifiedNames } from "../../words/access-in-words.js";
import { emergenciesOf } from "../../../watch/index.js";

export default command({
  purpose:
    "Lists who broke a patient's glass: when, what it opened, until when, and what the review found. With --open only what gives access now.",
  flags: {
    patient: optional(participant, "whose; by a delegate or a representative (this home's own)"),
    open: toggle("only those that give access now"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--open --home homes/alice"],
  async run({ patient, open, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const { emergencies: all, ...asOf } = await emergenciesOf(client, patient === undefined ? {} : { patient });
    const names = await verifiedNames(
      client,
      all.map(({ responder }) => responder),
    );
    const emergencies = all
      .filter(({ isOpen }) => isOpen || !open)
      .map((each) => ({ ...each, responderName: names.get(each.responder) ?? "" }));
    const rows = emergencies.map(({ responder, responderName, number, at, until, categories, outcome, isOpen }) => [
      `${printable(responderName) || "name not verified"} (${responder}), number ${number}`,
      time(at),
      categoriesInWords(categories),
      `${isOpen ? `open until ${time(until)}` : "over"}\n${outcome.toLowerCase()}`,
    ]);
    const unreviewed = emergencies.find(({ outcome }) => outcome === "Unreviewed");
    const none = open ? "No glass is broken now" : "Nobody broke the glass";
    return {
      data: { ...asOf, emergencies },
      text: [
        done(rows.length === 0 ? none : `The glass was broken ${count(rows.length, "time")}`),
        ...(rows.length === 0 ? [] : [table(["by", "when", "could see", "access, review"], rows)]),
        ...(unreviewed === undefined
          ? []
          : [
              next(
                `was there an emergency (else --unjustified): chartchain emergency review ${unreviewed.responder} --justified`,
              ),
            ]),
      ].join("\n"),
    };
  },
});
