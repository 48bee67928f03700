import { openSession } from "../actor/session.js";
import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { participant } from "../line/flag-kinds.js";
import { optional, toggle } from "../line/flags.js";
import { caution, count, done, next, table, time } from "../terminal/tables.js";
import { categoriesInWords, namesOf } from "../words/access-in-words.js";
import { disclosuresOnChain } from "../../watch/index.js";

export default command({
  purpose:
    "Shows what is known here of who read a patient's records: on chain are broken glasses, and what the review found. Every other read and every release of keys each institution logs itself: ask it. With --released: to whom this vault's owner gave keys.",
  flags: {
    patient: optional(participant, "whose records (this home's own; with --released, every patient's)"),
    released: toggle("who was given keys by this vault; asks for the passphrase"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--released --patient 3 --home homes/hospital"],
  async run({ patient, released, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: released ? "open" : "none" });
    const { client } = session;
    const of = patient === undefined ? {} : { patient };
    if (released) {
      const disclosures = await client.listDisclosures(of);
      const nameOf = await namesOf(
        client,
        disclosures.map(({ recipient }) => recipient),
      );
      const rows = disclosures.map(({ at, recipient, patient: whose, purpose, keys }) => [
        time(at),
        nameOf(recipient),
        whose,
        purpose,
        keys,
      ]);
      return {
        data: { disclosures },
        text: [
          done(`Keys were given out ${count(rows.length, "time")}`),
          ...(rows.length === 0 ? [] : [table(["when", "to", "of patient", "for", "keys"], rows)]),
        ].join("\n"),
      };
    }
    const { emergencies, ...asOf } = await disclosuresOnChain(client, of);
    const nameOf = await namesOf(
      client,
      emergencies.map(({ responder }) => responder),
    );
    const rows = emergencies.map(({ at, responder, categories, until, outcome }) => [
      time(at),
      nameOf(responder),
      categoriesInWords(categories),
      time(until),
      outcome.toLowerCase(),
    ]);
    return {
      data: { ...asOf, emergencies },
      text: [
        done(
          rows.length === 0 ? "The chain shows no disclosure" : `The chain shows ${count(rows.length, "disclosure")}`,
        ),
        ...(rows.length === 0 ? [] : [table(["when", "who broke the glass", "could see", "until", "review"], rows)]),
        caution(
          "Ordinary reads aren't on chain: each institution logs its own and owes them to the patient. Ask it for its entries.",
        ),
        next("who could read now: chartchain consent who-can-see"),
      ].join("\n"),
    };
  },
});
