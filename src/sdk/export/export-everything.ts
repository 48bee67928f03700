import { hexlify } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import { patientSummary, renamed, type Category, type ScopedEntry, type SummaryInput } from "../../fhir/index.js";
import { sha256 } from "../../crypto/index.js";
import { requireStore, requireVault, type Context } from "../context.js";
import { listRecords, type ListedRecord } from "../records/list-records.js";
import { listRetractions } from "../records/retraction/list-retractions.js";
import { standingsOf } from "./amendments.js";
import { eventsOfEmergencies, eventsOfReleases } from "./audit-events.js";
import { consentsOfDelegates, consentsOfGrants, consentsOfRelationships } from "./consents.js";
import { gather, type Gathered } from "./gather.js";
import { leftOutOf, ofOneRecord, outcomeOf } from "./left-out.js";
import { instant, type MadeResource } from "./made-resource.js";
import type { ExportManifest, LeftOut } from "./manifest.js";
import { namedUrn } from "./named-urn.js";
import { pageEnd, pageHead, pageRecord, pageSteward, unknownPlaces } from "./page.js";
import { recordEntries, type ExportedRecord } from "./record-entries.js";
import { LIMITS } from "./sentences.js";
import { ExportWriter, type ExportedFile, type ExportSink } from "./sink.js";

/** What is exported, and where to. */
export interface ExportOptions {
  /** The patient; the client's own when left out. Who acts in somebody's place names that one. */
  patient?: number;
  sink: ExportSink;
  /** Told after each record: how many were looked at, of how many. */
  onRecord?: (done: number, of: number) => void;
  /** Stops between two records with its reason. */
  signal?: AbortSignal;
}

/** What a patient summary may draw on, and with it what is held in memory until it is written. */
const DRAWN_ON: ReadonlySet<Category> = new Set(["SUMMARY", "MEDICATION", "OBSERVATION", "DIAGNOSTIC", "CARE"]);

/**
 * Exports everything that this participant can open of a patient's, with what the chain and this vault know about it, in files
 * that need no software of ours: `records.fhir.json`, a FHIR R4 Bundle of type `collection` with the records' resources, a
 * Provenance for each record, a Consent for each grant, each relationship's terms and each delegate, an AuditEvent for each
 * break-glass and each release of keys, and an OperationOutcome that says what is missing; `summary.fhir.json`, an International
 * Patient Summary; `index.html`, a page to read and print, without scripts; a file for each record that isn't FHIR; and
 * `export.json`, the {@link ExportManifest}.
 *
 * Each record is opened as {@link openRecord} does it while it is written, so that only what is verified is in it. One that
 * can't be opened is named, and the others are written. Every file is read back, and its SHA-256 is that of what was read.
 * In memory are one record at a time, what the summary draws on, and about 200 bytes for each resource.
 *
 * Care that a child consented to alone isn't in what is exported in the child's place, and nothing tells of it.
 *
 * @returns what `export.json` says
 * @throws NOT_EMPOWERED; EXPORT_NOT_AS_WRITTEN; HISTORY_UNVERIFIED, NODES_DISAGREE, CHAIN_UNREACHABLE, and what the store and
 *   the sink throw for all: what is in the sink by then is no export
 *
 * @example
 * const { counts, leftOut } = await alice.exportEverything({ sink });
 *
 * @example
 * // Under Node, into a folder that is there as a whole or not at all:
 * import { exportToFolder } from "chartchain/sdk/node";
 * await exportToFolder(alice, { folder: "my-records" });
 */
export async function exportEverything(ctx: Context, options: ExportOptions): Promise<ExportManifest> {
  requireVault(ctx);
  requireStore(ctx);
  const { sink } = options;
  const gathered = await gather(ctx, options.patient);
  const listed = await recordsIn(ctx, gathered);
  const tried = new Set(listed.map(({ digest }) => digest));
  const retractions = await listRetractions(ctx, { patient: gathered.patient });
  const leftOut = leftOutOf(gathered, retractions, tried);

  const bundle = await BundleWriter.create(sink);
  const page = await ExportWriter.create(sink, "index.html", "text/html");
  try {
    await page.write(pageHead(gathered));
    const written = await writeRecords(ctx, gathered, { listed, bundle, page, leftOut }, options);
    const summary = await writeSummary(sink, written.drawnOn, gathered, leftOut);
    const [grants, relationships, delegates, emergencies, releases] = [
      ...[consentsOfGrants, consentsOfRelationships, consentsOfDelegates, eventsOfEmergencies, eventsOfReleases],
    ].map((make) => make(ctx, gathered));
    for (const made of [grants, relationships, delegates, emergencies, releases].flatMap((each) => each ?? [])) {
      await bundle.made(made);
    }
    await bundle.made(outcomeOf(gathered, leftOut));
    const counts = {
      ...{ records: written.records, resources: bundle.resources, documents: written.documents.length },
      ...{ grants: gathered.grants.length, relationships: gathered.relationships.length },
      ...{ delegates: gathered.delegates.length, emergencies: gathered.emergencies.length },
      ...{ releases: gathered.releases.length, entries: bundle.entries },
    };
    await page.write(pageEnd(gathered, leftOut, counts));
    const files = [
      ...[await bundle.finish(), ...(summary === undefined ? [] : [summary]), await page.finish()],
      ...written.documents,
    ];
    const manifest = manifestOf(ctx, gathered, { files, counts, leftOut });
    const own = await ExportWriter.create(sink, "export.json", "application/json");
    await own.write(`${JSON.stringify(manifest, undefined, 2)}\n`);
    await own.finish();
    return manifest;
  } catch (error) {
    await bundle.discard();
    await page.discard();
    throw error;
  }
}

/** What the records came to. */
interface WrittenRecords {
  records: number;
  documents: ExportedFile[];
  /** What the summary draws on. */
  drawnOn: (SummaryInput & { createdAt: number })[];
}

/** Opens one record after the other, and writes it into Bundle and page. */
async function writeRecords(
  ctx: Context,
  gathered: Gathered,
  to: { listed: readonly ListedRecord[]; bundle: BundleWriter; page: ExportWriter; leftOut: LeftOut[] },
  { sink, onRecord, signal }: ExportOptions,
): Promise<WrittenRecords> {
  const written: WrittenRecords = { records: 0, documents: [], drawnOn: [] };
  const standingOf = standingsOf(ctx, gathered, to.listed);
  let steward: number | undefined;
  for (const [i, listed] of to.listed.entries()) {
    signal?.throwIfAborted();
    const record = await opened(ctx, gathered, sink, listed, to.leftOut);
    if (record !== undefined) {
      if (record.steward !== steward) await to.page.write(pageSteward(record.steward, gathered));
      steward = record.steward;
      const later = await to.bundle.record(record);
      await to.page.write(pageRecord(record, standingOf(record.digest), later));
      written.records++;
      if (record.document !== undefined) written.documents.push(record.document);
      const { bytes, category, createdAt, isDocument } = record;
      if (bytes !== undefined && (isDocument || DRAWN_ON.has(category))) {
        written.drawnOn.push({ bytes, category, createdAt });
      }
    }
    onRecord?.(i + 1, to.listed.length);
  }
  signal?.throwIfAborted();
  return written;
}

/**
 * The records to open: by who keeps them, and the newest first, so that of two versions the newer one has the name. What was
 * consented to alone is none of anybody's who acts in the patient's place, whatever this vault holds.
 */
async function recordsIn(ctx: Context, { patient, exporter }: Gathered): Promise<ListedRecord[]> {
  const listed = await listRecords(ctx, { patient });
  return listed
    .filter(({ confidential }) => !confidential || patient === exporter)
    .sort(
      (a, b) => a.steward - b.steward || (b.createdAt ?? 0) - (a.createdAt ?? 0) || (b.index ?? 0) - (a.index ?? 0),
    );
}

async function opened(
  ctx: Context,
  gathered: Gathered,
  sink: ExportSink,
  { digest, steward }: ListedRecord,
  leftOut: LeftOut[],
): Promise<ExportedRecord | undefined> {
  try {
    return await recordEntries(ctx, gathered, sink, digest);
  } catch (error) {
    const refusal = ofOneRecord(error);
    if (refusal === undefined) throw error;
    const { code, message: why, hint } = refusal;
    leftOut.push({ what: "record", code, why, ...(hint === undefined ? {} : { fix: hint }), digest, author: steward });
    return undefined;
  }
}

/** The patient summary, as it was found or composed of what was exported; undefined where no record holds the Patient. */
async function writeSummary(
  sink: ExportSink,
  drawnOn: (SummaryInput & { createdAt: number })[],
  { block }: Gathered,
  leftOut: LeftOut[],
): Promise<ExportedFile | undefined> {
  const inOrder = drawnOn.sort((a, b) => a.createdAt - b.createdAt);
  let bytes: Uint8Array;
  try {
    ({ bytes } = patientSummary(inOrder, { date: instant(block.time) }));
  } catch (error) {
    if (!isChartChainError(error, "NO_PATIENT")) throw error;
    const fix = "Export again once a provider delivered the record with the Patient resource.";
    leftOut.push({
      what: "summary",
      code: error.code,
      why: "no record that could be opened holds the Patient resource",
      fix,
    });
    return undefined;
  }
  const file = await ExportWriter.create(sink, "summary.fhir.json", "application/fhir+json");
  await file.write(bytes);
  return file.finish();
}

function manifestOf(
  ctx: Context,
  gathered: Gathered,
  what: Pick<ExportManifest, "files" | "counts" | "leftOut">,
): ExportManifest {
  const { patient, exporter, block, history } = gathered;
  const { chainId, genesisHash, contracts } = ctx.deployment;
  return {
    format: "ChartChain export",
    version: 1,
    formats: { fhir: "4.0.1", summary: "http://hl7.org/fhir/uv/ips" },
    ...{ chainId, genesisHash, registrar: contracts.Registrar },
    block: { number: block.number, hash: block.hash, time: block.time },
    ...{ patient, exporter, exportedAt: Math.max(ctx.clock(), block.time) },
    ...what,
    history: {
      ...{ count: history.count, head: history.chain },
      ...{ signed: history.signed, anchors: history.signed + history.unproved.length },
      unknown: unknownPlaces(gathered),
    },
    limits: LIMITS,
  };
}

/** Writes the Bundle, entry by entry. */
class BundleWriter {
  /** What stands under a name: the hash of its text, and the place of its record. */
  readonly #written = new Map<string, { hash: string; place: number }>();
  resources = 0;
  entries = 0;

  private constructor(private readonly file: ExportWriter) {}

  static async create(sink: ExportSink): Promise<BundleWriter> {
    const file = await ExportWriter.create(sink, "records.fhir.json", "application/fhir+json");
    await file.write(`{"resourceType":"Bundle","type":"collection","entry":[`);
    return new BundleWriter(file);
  }

  /**
   * A record's resources and its Provenance. A resource that stands there already, as what travels with each record does, isn't
   * written twice; another version under the same name gets a name of its own, since a Bundle has each name once.
   *
   * Source: https://hl7.org/fhir/R4/bundle.html#bundle-unique
   *
   * @returns by the names of those of its resources of which another version has the name: the place of that one's record
   */
  async record({ digest, entries, provenance, index }: ExportedRecord): Promise<Map<string, number>> {
    const names = new Map<string, string>();
    const later = new Map<string, number>();
    for (const [i, entry] of entries.entries()) {
      const hash = hexlify(sha256(new TextEncoder().encode(entry.json)).slice(0, 16));
      const known = this.#written.get(entry.fullUrl);
      if (known?.hash === hash) continue;
      let named: ScopedEntry = entry;
      if (known !== undefined) {
        named = renamed(entry, namedUrn("version", entry.fullUrl, digest, i));
        names.set(entry.fullUrl, named.fullUrl);
        later.set(entry.fullUrl, known.place);
      }
      this.#written.set(named.fullUrl, { hash, place: index });
      this.resources++;
      await this.#entry(named.fullUrl, named.json);
    }
    const { fullUrl, resource } = provenance;
    const { target } = resource as { target?: { reference?: string }[] };
    const targets = target?.map((each) => ({ ...each, reference: names.get(each.reference ?? "") ?? each.reference }));
    await this.#entry(fullUrl, JSON.stringify({ ...resource, target: targets }));
    return later;
  }

  async made({ fullUrl, resource }: MadeResource): Promise<void> {
    await this.#entry(fullUrl, JSON.stringify(resource));
  }

  discard(): Promise<void> {
    return this.file.discard();
  }

  async finish(): Promise<ExportedFile> {
    await this.file.write("]}\n");
    return this.file.finish();
  }

  async #entry(fullUrl: string, json: string): Promise<void> {
    await this.file.write(`${this.entries === 0 ? "" : ","}\n{"fullUrl":${JSON.stringify(fullUrl)},"resource":`);
    await this.file.write(json);
    await this.file.write("}");
    this.entries++;
  }
}
