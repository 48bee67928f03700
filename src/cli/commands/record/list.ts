import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { choice, digest, instant, lastInstant, participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional, toggle, type Values } from "../../line/flags.js";
import { badUsage } from "../../line/usage.js";
import { askReadable } from "../../records/list-readable.js";
import { findRecord } from "../../records/record-choice.js";
import { isWithin, lastDay, readableInWords, titled, type TitledRecord } from "../../records/titled.js";
import { caution, count, done, next, short, table } from "../../terminal/tables.js";
import { CATEGORIES, type Client } from "../../../sdk/index.js";

const PAGE = 20;
/** So many are looked at together. */
const TOGETHER = 50;

const FLAGS = {
  patient: optional(participant, "only of this patient"),
  category: optional(choice("CATEGORY", CATEGORIES), `only these: ${CATEGORIES.join(", ")}`),
  since: optional(instant, "only what is about this time or later: 2024-01-01"),
  until: optional(lastInstant, "only what is about this time or earlier; a day with all of it"),
  limit: optional(wholeNumber("N", 1, 10_000), `so many (${PAGE})`),
  after: optional(digest, "the page after this record: the last of the page before"),
  all: toggle("all of them, on one page"),
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Lists the records that this vault holds, the first added first: what each is about, from when, who wrote it, and what it may be read for now. A title is the record's own word: it is shown where the record may be read now. A record that names no day stands under the day on which it was added.",
  flags: FLAGS,
  examples: ["--home homes/alice", "--patient 3 --category MEDICATION --since 2024-01-01 --home homes/hospital"],
  async run(flags, talk) {
    const { since, until, limit = flags.all ? Infinity : PAGE } = flags;
    if (flags.all && flags.limit !== undefined) throw badUsage("--all lists all: leave --limit out");
    if (since !== undefined && until !== undefined && since > until) {
      throw badUsage("--since is after --until: nothing lies between");
    }
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    const { client } = session;
    const { records, more } = await pageOf(client, flags, limit);
    const own = await client.ownId();
    const severalPatients = records.some(({ patient }) => patient !== own);
    const rows = records.map((record) => [
      `${record.digest.slice(0, 12)}…`,
      lastDay(record),
      [record.title ?? "title not shown", originOf(record, severalPatients), ...relationsIn(record)].join("\n"),
      readableInWords(record),
    ]);
    const retracted = await retractedOf(client, flags.patient);
    const head = ["digest", "day", "what it is", "readable for"];
    const last = records.at(-1);
    return {
      data: { records, after: more ? (last?.digest ?? null) : null, retracted },
      text: [
        done(`${count(records.length, "record")}${more ? " on this page" : " here"}`),
        ...(rows.length === 0 ? [] : [table(head, rows)]),
        ...(records.some(({ maybeFor }) => maybeFor.length > 0)
          ? [caution("maybe: a grant is narrowed by what records say. Opening one tells.")]
          : []),
        ...(retracted.length === 0
          ? []
          : [
              caution(
                `Their authors took back ${count(retracted.length, "record")}: ${retracted.map(short).join(" ")}`,
              ),
            ]),
        ...(more ? [next(`chartchain record list${asGiven(flags)} --after ${last!.digest}`)] : []),
        ...(more
          ? []
          : openingOf(
              records.find(({ readableFor }) => readableFor.length > 0),
              own,
            )),
      ].join("\n"),
    };
  },
});

/** How a record is opened that may be. */
export function openingOf(
  record: Pick<TitledRecord, "digest" | "patient" | "readableFor"> | undefined,
  own: number,
): string[] {
  const [purpose] = record?.readableFor ?? [];
  if (record === undefined || purpose === undefined) return [];
  return [
    next(
      `chartchain record open ${record.digest.slice(0, 14)}${record.patient === own ? "" : ` --purpose ${purpose}`}`,
    ),
  ];
}

type Given = Values<typeof FLAGS>;

/** The records of a page, and whether there may be more. */
async function pageOf(
  client: Client,
  { patient, category, since, until, after: given }: Given,
  limit: number,
): Promise<{ records: TitledRecord[]; more: boolean }> {
  const ask = await askReadable(client);
  const asked = { ...(patient === undefined ? {} : { patient }), ...(category === undefined ? {} : { category }) };
  const records: TitledRecord[] = [];
  let after = given === undefined ? undefined : ((await findRecord(client, given))?.digest ?? given);
  for (;;) {
    const page = await client.listRecords({ ...asked, limit: TOGETHER, after });
    for (const record of await ask(page)) {
      const shown = await titled(client, record);
      if (!isWithin(shown, since, until)) continue;
      if (records.length === limit) return { records, more: true };
      records.push(shown);
    }
    if (page.length < TOGETHER) return { records, more: false };
    after = page.at(-1)!.digest;
  }
}

/** What it is filed under, who wrote it, and of whom it is where there are several: "CARE by 1 of patient 3". */
function originOf(record: TitledRecord, severalPatients: boolean): string {
  const { category, outsideTerms, author, steward, patient } = record;
  const kind = `${category ?? "no key:"}${outsideTerms ? ", outside the terms," : ""}`;
  return `${kind} by ${author ?? steward}${severalPatients ? ` of patient ${patient}` : ""}`;
}

/** What a record is to another one. */
const relationsIn = ({ amends, disputes }: TitledRecord): string[] => [
  ...(amends === undefined ? [] : [`replaces ${short(amends)}`]),
  ...(disputes === undefined ? [] : [`disputes ${short(disputes)}`]),
];

const retractedOf = async (client: Client, patient: number | undefined): Promise<string[]> =>
  (await client.listRetractions(patient === undefined ? {} : { patient })).flatMap(({ record }) => record ?? []);

/** The flags that choose, for the next page. */
const asGiven = ({ patient, category, since, until, limit }: Given): string =>
  Object.entries({ patient, category, since: since && isoOf(since), until: until && isoOf(until), limit })
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${value}`]))
    .join("");

const isoOf = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
