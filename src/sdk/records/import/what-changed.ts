import { hexlify } from "ethers";

import {
  bundleBytes,
  newestVersions,
  readFhirJson,
  TRAVELLING,
  type FhirEntry,
  type FhirRecord,
} from "../../../fhir/index.js";
import type { EnvelopeEntry } from "../../../vault/index.js";
import { requireVault, type Context } from "../../context.js";
import { categoryIndex, classesIn, type SensitivityClass } from "../../vocabulary.js";
import { knowContent } from "../content-digest.js";
import { contentOf } from "../open-record.js";
import { isRetracted } from "../retraction/retractions.js";

/** A record of an input, as it is to be added. */
export interface ImportRecord extends Pick<FhirRecord, "category" | "confidential" | "doubts" | "bytes"> {
  sensitivities: readonly SensitivityClass[];
  /** Digest of the record of the chart that holds an earlier version of the same resources. */
  amends?: string;
}

/** What an input's records come to beside a chart. */
export interface WhatChanged {
  /** What the chart hasn't got yet. */
  missing: ImportRecord[];
  /** Digests of records of the chart that say the same as one of the input's. */
  there: { digest: string; record: FhirRecord }[];
  /** How many records of the input hold nothing but what the chart has as it is, or in a newer version. */
  held: number;
}

interface Chart {
  patient: number;
  /** Participant id of who adds: the client's. */
  author: number;
}

/**
 * Holds an input's records against what this vault's owner added to the chart before. What is there isn't added twice; what
 * is there in an earlier version is amended: by a record that has all resources of the earlier one, those that changed in their
 * new version (`meta.lastUpdated`, else `meta.versionId`, https://hl7.org/fhir/R4/resource.html#Meta), and what came to it. An older version than the chart's is not taken.
 *
 * Nothing that was gone from the source without a word is taken out of the chart: only what says that a resource was deleted is
 * such a word. A document, which is signed as a whole, is compared as a whole.
 *
 * @example
 * const { missing } = await whatChanged(ctx, { patient: 7, author: 3 }, splitIntoRecords(parsed));
 */
export async function whatChanged(ctx: Context, chart: Chart, records: readonly FhirRecord[]): Promise<WhatChanged> {
  const own = ownRecords(ctx, chart);
  const result: WhatChanged = { missing: [], there: [], held: 0 };
  const unknown: FhirRecord[] = [];
  if (own.length === 0) return { ...result, missing: records.map(plain) };
  for (const record of records) {
    const digest = await heldAs(ctx, chart, own, record);
    if (digest === undefined) unknown.push(record);
    else result.there.push({ digest, record });
  }
  if (unknown.length === 0) return result;
  const current = await currentOf(ctx, own, new Set(unknown.map(kindOfRecord)));
  const amendments = new Map<CurrentRecord, Amendment>();
  for (const record of unknown) {
    const found = place(current.get(kindOfRecord(record)), record, amendments);
    if (found === "held") result.held += 1;
    if (found === "new") result.missing.push(plain(record));
  }
  for (const [before, amendment] of amendments) result.missing.push(amended(before, amendment));
  return result;
}

const plain = ({ category, confidential, doubts, sensitivities, bytes }: FhirRecord): ImportRecord => ({
  ...{ category, confidential, doubts, sensitivities, bytes },
});

/** The records that the client wrote into the chart itself. */
const ownRecords = (ctx: Context, { patient, author }: Chart): EnvelopeEntry[] =>
  requireVault(ctx)
    .envelopes.list({ patient, steward: author })
    .filter(({ metadata }) => metadata?.author === author);

/** The record of the chart that has the same content, also where it came as an amendment; none that isn't anchored and won't be. */
async function heldAs(
  ctx: Context,
  { patient, author }: Chart,
  own: readonly EnvelopeEntry[],
  { bytes, mediaType }: FhirRecord,
): Promise<string | undefined> {
  const { additions } = requireVault(ctx);
  const { digest: content } = await knowContent(bytes, bytes.length, mediaType);
  const said = { patient, author, content };
  const amended = own.flatMap(({ metadata }) => (metadata?.amends === undefined ? [] : [metadata.amends]));
  const keys = [additions.keyOf(said), ...amended.map((amends) => additions.keyOf({ ...said, amends }))];
  const found = keys.flatMap((key) => additions.find(key));
  const held = found.find(({ state }) => state === "anchored" || state === "waiting");
  return held === undefined ? undefined : hexlify(held.digest);
}

/** A record of the chart with what it holds. */
interface CurrentRecord {
  digest: string;
  classes: readonly SensitivityClass[];
  entries: readonly FhirEntry[];
}

/** A resource of a chart, and the record that holds it. */
interface Held {
  record: CurrentRecord;
  entry: FhirEntry;
}

/** The records of one kind, by what is in them. */
interface Current {
  byText: Map<string, Held>;
  byId: Map<string, Held[]>;
}

/** What comes to a record of the chart. */
interface Amendment {
  /** The new version of each of its resources that has one. */
  replaced: Map<FhirEntry, FhirEntry>;
  added: FhirEntry[];
  /** The records of the input that bring it. */
  from: FhirRecord[];
}

const kindOfRecord = ({ category, confidential }: Pick<FhirRecord, "category" | "confidential">): string =>
  `${categoryIndex(category)}${confidential ? " confidential" : ""}`;

/** The chart's records of these kinds that no other one amends, opened; neither documents nor what was retracted. */
async function currentOf(
  ctx: Context,
  own: readonly EnvelopeEntry[],
  kinds: ReadonlySet<string>,
): Promise<Map<string, Current>> {
  const superseded = new Set(own.flatMap(({ metadata }) => (metadata?.amends ? [hexlify(metadata.amends)] : [])));
  const current = new Map<string, Current>();
  for (const held of own) {
    const { metadata, status } = held;
    const digest = hexlify(held.digest);
    if (metadata === undefined || status !== "anchored" || superseded.has(digest) || isRetracted(ctx, held)) continue;
    const kind = `${metadata.category}${metadata.confidential === true ? " confidential" : ""}`;
    if (!kinds.has(kind) || (metadata.mediaType ?? FHIR_JSON) !== FHIR_JSON) continue;
    const { entries, bundle } = readFhirJson(await contentOf(ctx, digest), digest);
    if (bundle?.type !== "collection") continue;
    const record = { digest, classes: classesIn(metadata.classes), entries };
    const of: Current = current.get(kind) ?? { byText: new Map(), byId: new Map() };
    current.set(kind, of);
    for (const entry of entries) {
      of.byText.set(entry.json, { record, entry });
      const id = idOf(entry);
      if (id !== undefined) of.byId.set(id, [...(of.byId.get(id) ?? []), { record, entry }]);
    }
  }
  return current;
}

const FHIR_JSON = "application/fhir+json";

const idOf = ({ resource: { resourceType, id } }: FhirEntry): string | undefined =>
  id === undefined ? undefined : `${resourceType}/${id}`;

/** Finds what of a record the chart has: it is new as a whole, amends what is there, or says nothing new. */
function place(
  current: Current | undefined,
  record: FhirRecord,
  amendments: Map<CurrentRecord, Amendment>,
): "new" | "amends" | "held" {
  const { entries, bundle } = readFhirJson(record.bytes, "record");
  if (bundle?.type !== "collection" || current === undefined) return "new";
  const told = ownOf(entries);
  const unknown: FhirEntry[] = [];
  const changed: { held: Held; entry: FhirEntry }[] = [];
  let beside: CurrentRecord | undefined;
  for (const entry of told) {
    const found = versionIn(current, entry);
    if (found === undefined) unknown.push(entry);
    else beside ??= found.held.record;
    if (found?.isNewer === true) changed.push({ held: found.held, entry });
  }
  if (beside === undefined) return "new";
  if (changed.length === 0 && unknown.length === 0) return "held";
  const amendmentOf = (of: CurrentRecord): Amendment => {
    const known: Amendment = amendments.get(of) ?? { replaced: new Map(), added: [], from: [] };
    if (!known.from.includes(record)) known.from.push(record);
    amendments.set(of, known);
    return known;
  };
  for (const { held, entry } of changed) amendmentOf(held.record).replaced.set(held.entry, entry);
  // What is new comes to a record that has some of the rest.
  if (unknown.length > 0) amendmentOf(changed[0]?.held.record ?? beside).added.push(...unknown);
  return "amends";
}

/** What a record is about: without what travels with it. */
function ownOf(entries: readonly FhirEntry[]): readonly FhirEntry[] {
  const own = entries.filter(({ resource }) => !TRAVELLING.has(resource.resourceType));
  return own.length === 0 ? entries : own;
}

/** The version of a resource that the chart has, and whether the other one is newer. */
function versionIn({ byText, byId }: Current, entry: FhirEntry): { held: Held; isNewer: boolean } | undefined {
  const same = byText.get(entry.json);
  if (same !== undefined) return { held: same, isNewer: false };
  for (const held of byId.get(idOf(entry) ?? "") ?? []) {
    const isSame = JSON.stringify(held.entry.resource) === JSON.stringify(entry.resource);
    const isNewer = isSame ? false : newerOf(held.entry, entry);
    if (isNewer !== undefined) return { held, isNewer };
  }
  return undefined;
}

/** Whether the second is a newer version of the first; undefined where they are two resources. */
function newerOf(earlier: FhirEntry, entry: FhirEntry): boolean | undefined {
  const [newest, another] = newestVersions([
    { ...earlier, file: "chart" },
    { ...entry, file: "input" },
  ]);
  return newest === undefined || another !== undefined ? undefined : newest.file === "input";
}

/** The record that takes the place of one of the chart's. */
function amended({ digest, classes, entries }: CurrentRecord, { replaced, added, from }: Amendment): ImportRecord {
  const all = entries.map((entry) => replaced.get(entry) ?? entry);
  const known = new Set(all.map(({ json }) => json));
  const brought = from.map((record) => readFhirJson(record.bytes, "record").entries);
  const companions = brought.flatMap((each) => each.filter((entry) => !ownOf(each).includes(entry)));
  for (const entry of [...added, ...companions]) {
    if (known.has(entry.json)) continue;
    known.add(entry.json);
    const at = companions.includes(entry)
      ? all.findIndex((one) => idOf(one) !== undefined && idOf(one) === idOf(entry))
      : -1;
    if (at === -1) all.push(entry);
    else if (newerOf(all[at]!, entry) === true) all[at] = entry;
  }
  // The very record that the input has, where it is all that there is: so it is known again.
  const [only, another] = from;
  const isWhole =
    another === undefined && brought[0]!.length === all.length && brought[0]!.every(({ json }) => known.has(json));
  const { category, confidential, bytes } = only!;
  return {
    ...{ category, confidential },
    sensitivities: [...new Set([...classes, ...from.flatMap(({ sensitivities }) => sensitivities)])],
    doubts: from.flatMap(({ doubts }) => doubts),
    bytes: isWhole ? bytes : bundleBytes(all),
    amends: digest,
  };
}
