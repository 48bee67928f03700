import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { badUsage } from "../../line/usage.js";
import { caution, count, done, next, table, time } from "../../terminal/tables.js";
import { categoriesInWords, namesOf, stewardInWords } from "../../words/access-in-words.js";
import { grantsOf, type GrantNow } from "../../../watch/index.js";

export default command({
  purpose:
    "Lists the grants that a patient made, or that were made to this participant: who may see what, for what, until when. Those that expired are marked; those that were revoked are left out without --all. What somebody sees without a grant: chartchain consent who-can-see.",
  flags: {
    received: toggle("the grants that others made to this participant"),
    patient: optional(participant, "whose; by a delegate or a representative (this home's own)"),
    all: toggle("also what was revoked"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--received --home homes/clinic"],
  async run({ received, patient, all, ...flags }, talk) {
    if (received && patient !== undefined) throw badUsage("--received lists what was granted to this participant");
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const own = patient ?? (await client.ownId());
    const { block, time: now, grants: ever } = await grantsOf(client, received ? { viewer: own } : { patient: own });
    const grants = ever.filter(({ sees, expired }) => all || sees.length + expired.length > 0);
    const nameOf = await namesOf(
      client,
      grants.map((grant) => (received ? grant.patient : grant.viewer)),
    );
    const rows = grants.flatMap((grant) =>
      partsOf(grant, all).map(([categories, end]) => [
        nameOf(received ? grant.patient : grant.viewer),
        categories,
        grant.purpose,
        stewardInWords(grant.steward),
        end,
      ]),
    );
    const standing = grants.filter(({ sees }) => sees.length > 0).length;
    const expired = grants.some((grant) => grant.expired.length > 0);
    return {
      data: { participant: own, received, block, time: now, grants },
      text: [
        done(standing === 0 ? "No grant stands" : `${count(standing, "grant")} standing`),
        ...(rows.length === 0 ? [] : [table([received ? "of" : "viewer", "sees", "for", "kept by", "until"], rows)]),
        ...(expired
          ? [caution("What expired opens nothing. Keys that were given out by it stay where they are.")]
          : []),
        ...(received || grants.length === 0 ? [] : [next("chartchain consent who-can-see")]),
      ].join("\n"),
    };
  },
});

/** A grant in rows: categories, and how they stand. */
function partsOf(
  { sees, expired, revoked, constrained, waitsForLicence }: GrantNow,
  all: boolean,
): [categories: string, end: string][] {
  const more = [...(constrained ? ["narrowed"] : []), ...(waitsForLicence ? ["no live licence"] : [])];
  const rows = (entries: GrantNow["sees"], words: (until: number) => string): [string, string][] =>
    [...Map.groupBy(entries, ({ until }) => until)].map(([until, each]) => [
      categoriesInWords(each.map(({ category }) => category)),
      words(until),
    ]);
  return [
    ...rows(sees, (until) => [time(until), ...more].join(", ")),
    ...rows(expired, (until) => `expired ${time(until)}`),
    ...(all && revoked.length > 0 ? [[categoriesInWords(revoked), "revoked"] as [string, string]] : []),
  ];
}
