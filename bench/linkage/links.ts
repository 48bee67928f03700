import { tellKinds } from "./classify.js";
import type { Seen, SeenEvent, SeenTransaction } from "./observer.js";

/** What really happened, which the observer is held against. */
export interface Truth {
  /** Participant ids of the people. */
  people: readonly number[];
  /** Which institution each person has to do with, as pairs of participant ids. */
  relations: readonly (readonly [person: number, institution: number])[];
  /** Those without ether, whose transactions others send. */
  withoutEther: readonly number[];
  /** Whose account an institution paid for, as pairs of participant ids. */
  funded: readonly (readonly [person: number, institution: number])[];
  /** Every record: whose it is, what is in it, in which file of IPFS. */
  records: readonly { patient: number; category: string; cid: string }[];
}

/** Shares between 0 and 1 of what an observer tells rightly. */
export interface Links {
  /** Transactions whose events name a person by number. */
  named: number;
  /** (Person, institution) pairs that were found out. */
  relations: number;
  /** (Person, institution) pairs named by the observer that are true. */
  relationsTrue: number;
  /** People of whom the observer says rightly whether they have no ether. */
  withoutEther: number;
  /** People whose account's payer was found out. */
  funded: number;
  /** Records whose patient is told from the time at which their file came. */
  patients: number;
  /** Records that are matched to their own anchor by time, as one of those that the file may hold. */
  anchors: number;
  /** People the number of whose records is told exactly. */
  counts: number;
  /** Records whose category is told from the size of their file, by a classifier fitted to other people's. */
  categories: number;
  /** The same, always guessing the most frequent category. */
  guessed: number;
}

/** Arguments of events that are participants. */
const PARTICIPANT =
  /^(?:id|patient|participant|child|guardian|starter|delegate|viewer|issuer|provider|steward|author|responder|by)$/;

/** What somebody concludes from all that is {@link Seen}. */
export function conclude(seen: Seen, truth: Truth): Links {
  const { transactions } = seen;
  const everybody = transactions.flatMap(({ events }) => events.filter(isOf("PatientRegistered", "ChildRegistered")));
  const people = new Set(everybody.map(({ args }) => Number(args["id"] ?? args["child"])));
  const named = transactions.filter(({ events }) =>
    events.some((event) => inEvent(event).some((id) => people.has(id))),
  );

  const found = relationsIn(transactions, people);
  const relations = new Set(truth.relations.map(String));

  const payers = payersOf(transactions);
  const poor = new Set(truth.withoutEther);
  const paid = truth.funded.filter((pair) => payers.fundedBy.has(String(pair)));

  const filed = fileByTime(seen, transactions);
  const counted = countsIn(transactions);
  const sizes = new Map(seen.files.map(({ cid, size }) => [cid, size]));
  const inFile = new Map<string, number>();
  for (const { cid } of truth.records) inFile.set(cid, (inFile.get(cid) ?? 0) + 1);
  const { fitted, guessed } = tellKinds(
    truth.records.map(({ patient, category, cid }) => ({ group: patient, kind: category, size: sizes.get(cid)! })),
  );

  return {
    named: named.length / transactions.length,
    relations: share([...relations], (pair) => found.has(pair)),
    relationsTrue: share([...found], (pair) => relations.has(pair)),
    withoutEther: share(truth.people, (id) => payers.registeredByOthers.has(id) === poor.has(id)),
    funded: truth.funded.length === 0 ? 0 : paid.length / truth.funded.length,
    patients: share(truth.records, ({ cid, patient }) => filed.get(cid)?.patient === patient),
    anchors: mean(truth.records.map(({ cid, patient }) => chance(filed.get(cid), patient, inFile.get(cid)!))),
    counts: share(truth.people, (id) => {
      return counted.get(id) === truth.records.filter(({ patient }) => patient === id).length;
    }),
    categories: fitted,
    guessed,
  };
}

/** A file of which the observer believes that an anchor is about it. */
interface Filed {
  patient: number;
  /** How many records the anchor is about. */
  records: number;
  /** How many files came for it. */
  files: number;
}

/** Whose each file is: that of the anchor that is the next transaction after it. */
function fileByTime({ files }: Seen, transactions: readonly SeenTransaction[]): Map<string, Filed> {
  const filed = new Map<string, Filed>();
  let since = -Infinity;
  for (const { at, events } of transactions) {
    const anchors = events.filter(isOf("RecordAnchored", "BatchAnchored"));
    const arrived = anchors.length === 0 ? [] : files.filter((file) => file.at > since && file.at <= at);
    const records = anchors.reduce((sum, { args }) => sum + Number(args["count"] ?? 1), 0);
    for (const { cid } of arrived) {
      if (!filed.has(cid))
        filed.set(cid, { patient: Number(anchors[0]!.args["patient"]), records, files: arrived.length });
    }
    since = at;
  }
  return filed;
}

/** How likely the observer picks the right one of a file's records for one of an anchor's, or the other way round. */
function chance(filed: Filed | undefined, patient: number, inFile: number): number {
  if (filed?.patient !== patient) return 0;
  return 1 / Math.max(filed.records, filed.files, inFile);
}

/** How many records each person has, as the events add up to. */
function countsIn(transactions: readonly SeenTransaction[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { args } of transactions.flatMap(({ events }) => events.filter(isOf("RecordAnchored", "BatchAnchored")))) {
    const patient = Number(args["patient"]);
    counts.set(patient, (counts.get(patient) ?? 0) + Number(args["count"] ?? 1));
  }
  return counts;
}

/** Who is named in one event with an institution. */
function relationsIn(transactions: readonly SeenTransaction[], people: ReadonlySet<number>): Set<string> {
  const events = transactions.flatMap((transaction) => transaction.events);
  const institutions = new Set(events.filter(isOf("InstitutionRegistered")).map(({ args }) => Number(args["id"])));
  const pairs = events.flatMap((event) => {
    const ids = inEvent(event);
    return ids
      .filter((id) => people.has(id))
      .flatMap((person) =>
        ids.filter((id) => institutions.has(id)).map((institution) => String([person, institution])),
      );
  });
  return new Set(pairs);
}

/** Who pays for whom: whose registration another account sent, and which institution sent ether to whose account. */
function payersOf(transactions: readonly SeenTransaction[]) {
  const registeredByOthers = new Set<number>();
  const fundedBy = new Set<string>();
  const holders = new Map<string, number>();
  for (const { from, events } of transactions) {
    for (const { args } of events.filter(isOf("PatientRegistered", "InstitutionRegistered"))) {
      holders.set(args["account"] as string, Number(args["id"]));
      if (args["account"] !== from) registeredByOthers.add(Number(args["id"]));
    }
  }
  for (const { from, to, value } of transactions) {
    const [payer, payee] = [holders.get(from), to === null ? undefined : holders.get(to)];
    if (value > 0n && payer !== undefined && payee !== undefined) fundedBy.add(String([payee, payer]));
  }
  return { registeredByOthers, fundedBy };
}

const isOf =
  (...names: string[]) =>
  ({ name }: SeenEvent): boolean =>
    names.includes(name);

const inEvent = ({ args }: SeenEvent): number[] =>
  Object.entries(args).flatMap(([name, value]) =>
    typeof value === "bigint" && PARTICIPANT.test(name) ? [Number(value)] : [],
  );

const share = <T>(list: readonly T[], holds: (item: T) => boolean): number =>
  list.length === 0 ? 0 : list.filter(holds).length / list.length;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
