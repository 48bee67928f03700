import { randomUUID } from "node:crypto";
import { type Insertable, type Selectable, sql, type Transaction } from "kysely";
import type { Resource } from "@medplum/fhirtypes";
import { type ParsedFhir, type SensitivityClass, subjectsOf, TRAVELLING } from "chartchain/fhir";
import { careOf, termsOf } from "../search/terms.js";
import { type Content, contentOfText, hashOf, jsonOf } from "./content.js";
import type { Database } from "./database.js";
import { incomingOf, type Member } from "./incoming.js";
import { recordsOf, type SplitRecord } from "./records-of.js";
import { Refused } from "./refused.js";
import { kindOf } from "./scope.js";
import type { Tables, VersionTable } from "./tables.js";

/** What a put changed. */
export interface PutResult {
  /** Resources with a new version. */
  changed: number;
  deleted: number;
  /** Resources that stayed as they were. */
  unchanged: number;
}

/** Any number: writers of one database go one after the other, so that a higher version is a later one. */
const WRITERS = 0x43686172;

/** Rows of one statement: PostgreSQL takes 65,535 parameters. */
const ROWS = 4_000;

/** A current version with what it says; the Patient's ordinary variant as well. */
interface Kept extends Member {
  number: number;
  variant: number;
  hash: string;
}

/** A version to be written. */
interface Written extends Content {
  variant: number;
  hash: string;
  member: Member;
}

/**
 * Takes in one patient's import: a new version of each resource that says something new, a deletion of each that its source
 * deleted, and the records of all that the patient has by now. What is older than what is there is left out.
 *
 * @param patient the participant id; below 0 for a chart that only the hospital's own staff sees
 * @throws Refused `conflict` where another patient has a resource of the same name that is about somebody
 */
export async function put(database: Database, patient: number, parsed: ParsedFhir): Promise<PutResult> {
  return database.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${WRITERS})`.execute(tx);
    const kept = await keptOf(tx, patient);
    const whole = kept.filter(({ variant }) => variant === 0);
    const { members: incoming, deleted } = incomingOf(parsed, whole);

    const known = new Map(whole.map((member) => [nameOf(member), member]));
    const set = new Map<string, Member>(known);
    for (const name of deleted) set.delete(name);
    let unchanged = 0;
    for (const member of incoming) {
      const former = known.get(nameOf(member));
      if (deleted.has(nameOf(member)) || (former !== undefined && isOlder(member, former))) continue;
      if (former !== undefined && hashOf(member) === former.hash) unchanged++;
      set.set(nameOf(member), member);
    }
    const members = [...set.values()];
    const { records, demographics } = recordsOf(members);

    const target = members.flatMap((member, at): Written[] => {
      const ordinary = demographics.get(at);
      const reduced = ordinary === undefined ? [] : [contentOfText(member.id, ordinary)];
      return [
        { ...contentPart(member), variant: 0, hash: hashOf(member), member },
        ...reduced.map((content) => ({ ...content, variant: 1, hash: hashOf(content), member })),
      ];
    });
    const before = new Map(kept.map((one) => [`${one.variant} ${nameOf(one)}`, one]));
    const fresh = target.filter((one) => before.get(`${one.variant} ${nameOf(one)}`)?.hash !== one.hash);
    await refuseStrangers(tx, patient, fresh);
    const contents = await writeContents(tx, fresh);

    const gone = kept.filter((one) => one.variant === 0 && !set.has(nameOf(one)));
    const left = kept.filter(
      (one) => one.variant === 1 && !target.some((now) => now.variant === 1 && nameOf(now) === nameOf(one)),
    );
    const superseded = fresh.flatMap((one) => before.get(`${one.variant} ${nameOf(one)}`)?.number ?? []);
    await end(tx, [...superseded, ...[...gone, ...left].map(({ number }) => number)]);
    // A resource that comes again after its deletion.
    await endDeletions(tx, patient, fresh);

    const updated = Date.now();
    const numbers = await writeVersions(tx, [
      ...fresh.map((one) => versionOf(patient, updated, one, contents.get(`${nameOf(one)} ${one.hash}`)!)),
      ...gone.map((one) => ({ ...versionOf(patient, updated, { ...one, member: one }, null) })),
    ]);
    const current = new Map<string, number>(kept.map((one) => [`${one.variant} ${nameOf(one)}`, one.number]));
    fresh.forEach((one, at) => current.set(`${one.variant} ${nameOf(one)}`, numbers[at]!));
    await keepPlace(
      tx,
      gone.map((one, at) => ({ former: one.number, deletion: numbers[fresh.length + at]! })),
    );
    await noteSource(tx, whole, members);
    await writeRecords(tx, patient, records, members, current);
    return { changed: fresh.filter(({ variant }) => variant === 0).length, deleted: gone.length, unchanged };
  });
}

type Tx = Transaction<Tables>;

const nameOf = ({ type, id }: { type: string; id: string }): string => `${type}/${id}`;

const isOlder = (one: Member, other: Member): boolean =>
  one.sourceUpdated !== null && other.sourceUpdated !== null && one.sourceUpdated < other.sourceUpdated;

const contentPart = ({ type, id, meta, body }: Content): Content => ({ type, id, meta, body });

async function keptOf(tx: Tx, patient: number): Promise<Kept[]> {
  const rows = await tx
    .selectFrom("versions as v")
    .innerJoin("contents as c", "c.number", "v.content")
    .select([
      "v.number",
      "v.variant",
      "v.name",
      "v.labels",
      "v.source_updated",
      "c.type",
      "c.id",
      "c.hash",
      "c.meta",
      "c.body",
    ])
    .where("v.patient", "=", patient)
    .where("v.current", "=", true)
    .orderBy("v.number")
    .execute();
  return rows.map(({ source_updated: sourceUpdated, ...row }) => {
    const json = jsonOf(row);
    return { ...row, sourceUpdated, json, resource: JSON.parse(json) as Resource };
  });
}

/**
 * One name is one resource: two people's records under it would be taken for one another. What only the hospital's own staff sees
 * (below 0) may stand beside what others see of it.
 */
async function refuseStrangers(tx: Tx, patient: number, fresh: readonly Written[]): Promise<void> {
  if (patient < 0) return;
  const own = fresh.filter(
    ({ type, member }) => type === "Patient" || (!TRAVELLING.has(type) && isAboutSomebody(member)),
  );
  for (const chunk of chunks(own)) {
    const taken = await tx
      .selectFrom("versions as v")
      .leftJoin("contents as c", "c.number", "v.content")
      .select(["v.type", "v.id", "c.hash"])
      .where("v.current", "=", true)
      .where("v.patient", "<>", patient)
      .where("v.patient", ">", 0)
      .where(sql<boolean>`(v.type, v.id) in (${sql.join(chunk.map(({ type, id }) => sql`(${type}, ${id})`))})`)
      .execute();
    const stranger = taken.find(({ type, id, hash }) => {
      return type === "Patient" || !chunk.some((one) => one.type === type && one.id === id && one.hash === hash);
    });
    if (stranger === undefined) continue;
    const name = nameOf(stranger);
    throw new Refused("conflict", name, `${name} is another patient's here: give the two sources ids of their own.`);
  }
}

const isAboutSomebody = ({ resource }: Member): boolean =>
  subjectsOf(resource).some(({ meansPerson, inPassing }) => meansPerson && inPassing !== true);

/** @returns the numbers of the contents, by name and hash */
async function writeContents(tx: Tx, fresh: readonly Written[]): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (const chunk of chunks(fresh, 200)) {
    const terms = new Map(
      chunk.map((one) => [`${nameOf(one)} ${one.hash}`, termsOf(JSON.parse(jsonOf(one)) as Resource)] as const),
    );
    const rows = chunk.map((one) => ({
      ...contentPart(one),
      hash: one.hash,
      ...careOf(one.type, terms.get(`${nameOf(one)} ${one.hash}`)!),
    }));
    const added = await tx
      .insertInto("contents")
      .values(rows)
      .onConflict((conflict) => conflict.columns(["type", "id", "hash"]).doNothing())
      .returning(["number", "type", "id", "hash"])
      .execute();
    const all = chunk.map(({ type, id, hash }) => sql`(${type}, ${id}, ${hash})`);
    const present = await tx
      .selectFrom("contents")
      .select(["number", "type", "id", "hash"])
      .where(sql<boolean>`(type, id, hash) in (${sql.join(all)})`)
      .execute();
    for (const { number, hash, ...one } of present) numbers.set(`${nameOf(one)} ${hash}`, number);
    const found = added.flatMap(({ number, hash, ...one }) =>
      terms.get(`${nameOf(one)} ${hash}`)!.map((term) => ({ content: number, ...term })),
    );
    for (const some of chunks(found)) await tx.insertInto("terms").values(some).execute();
  }
  return numbers;
}

/** Ends the time of versions. */
async function end(tx: Tx, numbers: readonly number[]): Promise<void> {
  for (const chunk of chunks(numbers))
    await tx.updateTable("versions").set({ current: false }).where("number", "in", chunk).execute();
}

async function endDeletions(tx: Tx, patient: number, fresh: readonly Written[]): Promise<void> {
  for (const chunk of chunks(fresh)) {
    await tx
      .updateTable("versions")
      .set({ current: false })
      .where("patient", "=", patient)
      .where("current", "=", true)
      .where("content", "is", null)
      .where(sql<boolean>`(type, id) in (${sql.join(chunk.map(({ type, id }) => sql`(${type}, ${id})`))})`)
      .execute();
  }
}

function versionOf(
  patient: number,
  updated: number,
  one: Omit<Written, "meta" | "body">,
  content: number | null,
): Insertable<VersionTable> {
  const { type, id, variant, member } = one;
  return {
    ...{ patient, type, id, variant, content, updated },
    version_id: randomUUID(),
    current: true,
    name: member.name,
    labels: member.labels,
    source_updated: member.sourceUpdated,
    classes: "[]",
  };
}

/** @returns the numbers of the versions, in their order */
async function writeVersions(tx: Tx, versions: readonly Insertable<VersionTable>[]): Promise<number[]> {
  const numbers: number[] = [];
  for (const chunk of chunks(versions)) {
    const added = await tx.insertInto("versions").values(chunk).returning(["number", "version_id"]).execute();
    const byId = new Map(added.map(({ number, version_id }) => [version_id, number]));
    numbers.push(...chunk.map(({ version_id }) => byId.get(version_id)!));
  }
  return numbers;
}

/** A deletion is seen by those who saw what was deleted. */
async function keepPlace(tx: Tx, pairs: readonly { former: number; deletion: number }[]): Promise<void> {
  for (const { former, deletion } of pairs) {
    await sql`insert into held (version, record, kind) select ${deletion}::integer, record, kind from held where version = ${former}`.execute(
      tx,
    );
    await sql`update versions set classes = (select classes from versions where number = ${former}) where number = ${deletion}`.execute(
      tx,
    );
  }
}

/** What came again unchanged may have another label around it, or come from a newer version. */
async function noteSource(tx: Tx, whole: readonly Kept[], members: readonly Member[]): Promise<void> {
  const now = new Map(members.map((member) => [nameOf(member), member]));
  for (const one of whole) {
    const member = now.get(nameOf(one));
    if (member === undefined || member === one || hashOf(member) !== one.hash) continue;
    if (member.labels === one.labels && member.sourceUpdated === one.sourceUpdated) continue;
    await tx
      .updateTable("versions")
      .set({ labels: member.labels, source_updated: member.sourceUpdated })
      .where("number", "=", one.number)
      .execute();
  }
}

async function writeRecords(
  tx: Tx,
  patient: number,
  records: readonly SplitRecord[],
  members: readonly Member[],
  current: ReadonlyMap<string, number>,
): Promise<void> {
  const numberOf = (variant: number, at: number): number => current.get(`${variant} ${nameOf(members[at]!)}`)!;
  const held = records.map(({ members: whole, demographics }) => [
    ...whole.map((at) => numberOf(0, at)),
    ...demographics.map((at) => numberOf(1, at)),
  ]);
  const times = await timesOf(tx, patient);
  await tx.updateTable("records").set({ live: false }).where("patient", "=", patient).execute();
  const numbers = new Map<string, number>();
  const rows = records.map(({ key, category, confidential, medicines, classes, encounter }, at) => {
    const instants = held[at]!.flatMap((version) => times.get(version) ?? []);
    const [first, last] = instants.length === 0 ? [null, null] : [Math.min(...instants), Math.max(...instants)];
    return {
      ...{ patient, key, category, confidential, medicines, encounter, first, last },
      classes: JSON.stringify(classes),
      live: true,
    };
  });
  for (const chunk of chunks(rows)) {
    const written = await tx
      .insertInto("records")
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(["patient", "key"]).doUpdateSet((row) => ({
          classes: row.ref("excluded.classes"),
          first: row.ref("excluded.first"),
          last: row.ref("excluded.last"),
          live: true,
        })),
      )
      .returning(["number", "key"])
      .execute();
    for (const { number, key } of written) numbers.set(key, number);
  }
  await sql`delete from held using versions v
    where v.number = held.version and v.patient = ${patient} and v.current and v.content is not null`.execute(tx);
  const places = records.flatMap(({ key, category, confidential }, at) => {
    const [record, kind] = [numbers.get(key)!, kindOf(patient, category, confidential)];
    return held[at]!.map((version) => ({ version, record, kind }));
  });
  for (const chunk of chunks(places)) await tx.insertInto("held").values(chunk).execute();
  await writeClasses(tx, patient, records, held);
}

/** The instants of care of each current version. */
async function timesOf(tx: Tx, patient: number): Promise<Map<number, number[]>> {
  const rows = await tx
    .selectFrom("versions as v")
    .innerJoin("contents as c", "c.number", "v.content")
    .select(["v.number", "c.first", "c.last"])
    .where("v.patient", "=", patient)
    .where("v.current", "=", true)
    .execute();
  return new Map(rows.map(({ number, first, last }) => [number, [first ?? [], last ?? []].flat()]));
}

async function writeClasses(
  tx: Tx,
  patient: number,
  records: readonly SplitRecord[],
  held: readonly number[][],
): Promise<void> {
  const classes = new Map<number, Set<SensitivityClass>>();
  records.forEach((record, at) => {
    for (const version of held[at]!)
      for (const one of record.classes) classes.set(version, (classes.get(version) ?? new Set()).add(one));
  });
  await sql`update versions set classes = '[]' where patient = ${patient} and current and content is not null and classes <> '[]'`.execute(
    tx,
  );
  const alike = Map.groupBy(classes, ([, found]) => JSON.stringify([...found].sort()));
  for (const [text, versions] of alike) {
    for (const chunk of chunks(versions.map(([version]) => version)))
      await tx.updateTable("versions").set({ classes: text }).where("number", "in", chunk).execute();
  }
}

function* chunks<T>(rows: readonly T[], size = ROWS): Generator<T[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

/** A record as the store lists it. */
export type StoredRecord = Omit<Selectable<Tables["records"]>, "key" | "live">;
