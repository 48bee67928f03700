import { BATCH_SIZES, intoPacks, packSize, sealedLength } from "../../src/crypto/index.js";
import { tellKinds, type Accuracy, type Sighting } from "./classify.js";
import type { Seen, SeenEvent, SeenFile, SeenTransaction } from "./observer.js";

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
  /** Every record, in the order of its import. */
  records: readonly TrueRecord[];
}

/** A record as it really is. */
export interface TrueRecord {
  /** Whose it is. */
  patient: number;
  /** What is in it. */
  category: string;
  /** In which file of IPFS it lies. */
  cid: string;
  /** How large it is, in bytes of plaintext. */
  size: number;
  /** At which encounter it came about; those of none are one encounter's, too. */
  encounter: string;
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
  /** Records whose category is told from all that is seen of their file, by a classifier fitted to other people's. */
  categories: number;
  /** The same, always guessing the most frequent category. */
  guessed: number;
  /** The same as `categories`, were each record imported by itself. */
  categoriesSingly: number;
  /** The same, had each record a file of its own without more padding: that the classifier can tell if anything can. */
  categoriesBySize: number;
  /** Categories of which is told rightly whether an import has any of it, were each encounter an import. */
  present: number;
  /** The same, always guessing the more frequent answer for the category. */
  presentGuessed: number;
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
  const inFile = new Map<string, number>();
  for (const { cid } of truth.records) inFile.set(cid, (inFile.get(cid) ?? 0) + 1);
  const sightings = sightingsOf(seen.files, filed);
  const categories = tellCategories(truth.records, ({ cid }) => sightings.get(cid)!);
  const present = tellPresence(truth.records);

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
    categories: categories.fitted,
    guessed: categories.guessed,
    categoriesSingly: tellCategories(truth.records, ({ size }) => [packSize(sealedLength(size))]).fitted,
    categoriesBySize: tellCategories(truth.records, ({ size }) => [sealedLength(size)]).fitted,
    present: present.fitted,
    presentGuessed: present.guessed,
  };
}

const tellCategories = (records: readonly TrueRecord[], seenOf: (record: TrueRecord) => Sighting["seen"]): Accuracy =>
  tellKinds(records.map((record) => ({ group: record.patient, kind: record.category, seen: seenOf(record) })));

/**
 * What an observer sees of a file: its size, those of all that came for the same anchor, how many these are, how many
 * records the anchor is about, and which sizes came right before and after.
 */
function sightingsOf(files: readonly SeenFile[], filed: ReadonlyMap<string, Filed>): Map<string, Sighting["seen"]> {
  const sightings = files.map((file): [string, Sighting["seen"]] => {
    const { records, files: together } = filed.get(file.cid) ?? { records: 0, files: [file] };
    const at = together.findIndex(({ cid }) => cid === file.cid);
    const [before, after] = [together[at - 1]?.size ?? 0, together[at + 1]?.size ?? 0];
    return [file.cid, [file.size, sum(together.map(({ size }) => size)), together.length, records, before, after]];
  });
  return new Map(sightings);
}

/**
 * For imports of one encounter each, as the product would pack and anchor them: for each category, whether it is among them.
 * The observer sees the packs' sizes, how many they are, and what the batch is filled up to.
 */
function tellPresence(records: readonly TrueRecord[]): Accuracy {
  const imports = [...Map.groupBy(records, ({ patient, encounter }) => `${patient} ${encounter}`).values()].map(
    (own) => {
      const lengths = own.map(({ size }) => sealedLength(size));
      const sizes = intoPacks(lengths).map((pack) => packSize(sum(pack.map((at) => lengths[at]!))));
      const filledUpTo = BATCH_SIZES.find((step) => step >= own.length)!;
      return { own, seen: [sum(sizes), sizes.length, filledUpTo] };
    },
  );
  const categories = [...new Set(records.map(({ category }) => category))];
  const told = categories.map((category) =>
    tellKinds(
      imports.map(({ own, seen }) => {
        const isThere = own.some((record) => record.category === category);
        return { group: own[0]!.patient, kind: isThere ? "there" : "not there", seen };
      }),
    ),
  );
  return { fitted: mean(told.map(({ fitted }) => fitted)), guessed: mean(told.map(({ guessed }) => guessed)) };
}

/** A file of which the observer believes that an anchor is about it. */
interface Filed {
  patient: number;
  /** How many records the anchor is about. */
  records: number;
  /** The files that came for it, in their order. */
  files: readonly SeenFile[];
}

/** Whose each file is: that of the anchor that is the next transaction after it. */
function fileByTime({ files }: Seen, transactions: readonly SeenTransaction[]): Map<string, Filed> {
  const filed = new Map<string, Filed>();
  let since = -Infinity;
  for (const { at, events } of transactions) {
    const anchors = events.filter(isOf("RecordAnchored", "BatchAnchored"));
    const arrived = anchors.length === 0 ? [] : files.filter((file) => file.at > since && file.at <= at);
    const records = sum(anchors.map(({ args }) => Number(args["count"] ?? 1)));
    for (const { cid } of arrived) {
      if (!filed.has(cid)) filed.set(cid, { patient: Number(anchors[0]!.args["patient"]), records, files: arrived });
    }
    since = at;
  }
  return filed;
}

/** How likely the observer picks the right one of a file's records for one of an anchor's, or the other way round. */
function chance(filed: Filed | undefined, patient: number, inFile: number): number {
  if (filed?.patient !== patient) return 0;
  return 1 / Math.max(filed.records, filed.files.length, inFile);
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

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);
