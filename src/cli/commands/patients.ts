import { openSession } from "../actor/session.js";
import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { wholeNumber } from "../line/flag-kinds.js";
import { optional, toggle } from "../line/flags.js";
import { caution, count, day, done, table, time } from "../terminal/tables.js";
import { categoriesInWords } from "../words/access-in-words.js";
import { standingInWords } from "../words/relationship-in-words.js";
import type { RelationshipTerms } from "../../sdk/relationships/approved-terms.js";
import { patientsOf } from "../../watch/index.js";

export default command({
  purpose:
    "Lists a provider's patients: how each relationship stands, since when and until when, and who hasn't answered a proposal yet. With --terms also what was agreed, which the vault knows.",
  flags: {
    days: optional(wholeNumber("N", 0, 36_500), "what ends within so many days is named (30)"),
    ending: toggle("only those whose relationship ends within --days"),
    terms: toggle("also which categories and purposes were agreed on; asks for the passphrase"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/hospital", "--ending --days 14 --home homes/hospital"],
  async run({ days = 30, ending: only, terms, ...flags }, talk) {
    await using session = await openSession(flags, talk, {
      account: "address",
      vault: terms ? "open" : "none",
      as: "provider",
    });
    const { client } = session;
    const { patients, ending, proposed, ...asOf } = await patientsOf(client, { endingWithin: days });
    const provider = await client.ownId();
    const shown = await Promise.all(
      (only ? ending : patients).map(async (each) => ({
        ...each,
        ...(terms ? { terms: (await client.approvedTerms({ patient: each.patient, provider })) ?? null } : {}),
      })),
    );
    const rows = shown.map((each) => [
      each.patient,
      standingInWords(each),
      day(each.since),
      time(each.until),
      ...(terms ? [termsOf(each)] : []),
    ]);
    const head = ["patient", "status", "since", "until", ...(terms ? ["keeps, and for what"] : [])];
    return {
      data: { ...asOf, patients: shown, ending, proposed },
      text: [
        done(
          `${count(patients.length, "patient")}${only ? `, of which ${ending.length} end within ${days} days` : ""}`,
        ),
        ...(rows.length === 0 ? [] : [table(head, rows)]),
        ...(only || ending.length === 0
          ? []
          : [
              caution(
                `Within ${days} days end: ${ending.map(({ patient, until }) => `${patient} (${time(until)})`).join(", ")}`,
              ),
            ]),
        ...(proposed.length === 0
          ? []
          : [caution(`Not answered yet: ${proposed.map(({ patient }) => `patient ${patient}`).join(", ")}`)]),
      ].join("\n"),
    };
  },
});

const termsOf = ({ terms }: { terms?: RelationshipTerms | null }): string =>
  terms == null ? "not held here" : `${categoriesInWords(terms.categories)}; ${terms.purposes.join(", ")}`;
