import { isResourceType } from "../resource-types.js";
import { FhirServer, type FhirServerOptions } from "./fhir-server.js";
import { pauseAfter } from "./pause.js";
import { searchLines } from "./search.js";

/** What is asked of a server, and how. */
export interface ServerExportOptions extends FhirServerOptions {
  /** Only what changed since, as an instant (https://hl7.org/fhir/R4/datatypes.html#instant); everything unless given. */
  since?: string;
  /** Only these resource types; every type that can be about a patient or goes with one, unless given. */
  types?: readonly string[];
  /** Only the patients of this group, as `Group/123`; by Bulk Data alone. */
  group?: string;
  /** `search` asks for no Bulk Data export. */
  by?: "export" | "search";
  /** An export that was begun before, by `job`: it is waited for instead of beginning another. */
  job?: string;
  /** Longest wait for an export to be done, in milliseconds; a day unless given. */
  longestExport?: number;
  /** Is told of an export as soon as the server has begun it, so that it can be taken up after an interruption. */
  onJob?: (job: string) => void | Promise<void>;
}

/** A file of an export. */
export interface ServerFile {
  /** Of its own, the same each time: `Observation.0.ndjson`. */
  name: string;
  /** Its NDJSON from the start, each time that it is asked for. */
  read: () => AsyncIterable<Uint8Array>;
}

/** What a server exports. */
export interface ServerExport {
  by: "export" | "search";
  /** What the server had at this time is in the files: the next `since`. */
  transactionTime: string;
  files: ServerFile[];
  /** Tells the server that nobody needs the files any more. */
  done: () => Promise<void>;
}

/**
 * Asks a FHIR server for what it has: by Bulk Data `$export` where its CapabilityStatement names that and it accepts the
 * request, else by a search for each type, with `_lastUpdated` and links to the next pages. Nothing is kept: each file streams.
 *
 * Sources: https://hl7.org/fhir/uv/bulkdata/STU2/export.html, https://hl7.org/fhir/R4/http.html#paging,
 * https://hl7.org/fhir/R4/http.html#capabilities, https://hl7.org/fhir/R4/search.html#lastUpdated
 *
 * @throws ChartChainError FHIR_SERVER_URL_INVALID, FHIR_SERVER_UNREACHABLE, FHIR_SERVER_REFUSED, FHIR_SERVER_LEFT,
 *   FHIR_SERVER_ANSWER_INVALID; the reason of `signal`
 * @example
 * const { files, transactionTime } = await exportFromServer({ url: "https://fhir.hospital.example/r4", headers });
 * for (const { name, read } of files) await pipeline(read, createWriteStream(name));
 */
export async function exportFromServer(options: ServerExportOptions): Promise<ServerExport> {
  const server = new FhirServer(options);
  const able = await capabilitiesOf(server);
  if (options.by !== "search") {
    const job = options.job ?? (await kickOff(server, able, options));
    const found = job === undefined ? undefined : await waitFor(server, job, options);
    if (found !== undefined) return found;
    // The server has forgotten it.
    const another = options.job === undefined ? undefined : await kickOff(server, able, options);
    const again = another === undefined ? undefined : await waitFor(server, another, options);
    if (again !== undefined) return again;
    if (options.group !== undefined) throw server.refused(404, `${options.group}/$export`);
  }
  return bySearch(server, able, options);
}

/** Which operations, and which types, a server has. */
interface Capabilities {
  /** Paths of exports, best first. */
  exports: string[];
  types: string[];
  /** The server's time, in milliseconds since 1970. */
  now: number;
}

async function capabilitiesOf(server: FhirServer): Promise<Capabilities> {
  const { status, headers, text } = await server.json("metadata");
  if (status !== 200) throw server.refused(status, "metadata", headers);
  const statement = parsed(server, text) as { resourceType?: string; fhirVersion?: string; rest?: unknown };
  if (statement.resourceType !== "CapabilityStatement") throw server.unreadable("metadata is no CapabilityStatement");
  if (statement.fhirVersion !== undefined && !statement.fhirVersion.startsWith("4.0")) {
    throw server.unreadable("it isn't a server of FHIR R4 (4.0)");
  }
  const [rest = {}] = listOf(statement.rest) as { operation?: unknown; resource?: unknown }[];
  const resources = listOf(rest.resource) as { type?: unknown; operation?: unknown; interaction?: unknown }[];
  const onPatients = resources.find(({ type }) => type === "Patient")?.operation;
  const now = Date.parse(headers.get("date") ?? "");
  return {
    now: Number.isNaN(now) ? Date.now() : now,
    exports: [...(isExport(rest.operation) ? ["$export"] : []), ...(isExport(onPatients) ? ["Patient/$export"] : [])],
    types: resources.flatMap(({ type }) => (typeof type === "string" && isResourceType(type) ? [type] : [])),
  };
}

const isExport = (operations: unknown): boolean =>
  (listOf(operations) as { name?: unknown; definition?: unknown }[]).some(
    ({ name, definition }) =>
      name === "export" ||
      (typeof definition === "string" && /bulkdata\/OperationDefinition\/[a-z-]*export/.test(definition)),
  );

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "object") : [];

/** Begins an export. @returns where its state is; undefined where the server has no such export */
async function kickOff(
  server: FhirServer,
  { exports }: Capabilities,
  { since, types, group, onJob }: ServerExportOptions,
): Promise<string | undefined> {
  const asked = new URLSearchParams({ _outputFormat: "application/fhir+ndjson" });
  if (since !== undefined) asked.set("_since", since);
  if (types !== undefined) asked.set("_type", types.join(","));
  for (const path of group === undefined ? exports : [`${group}/$export`]) {
    // A server may give an earlier export for the same request.
    const headers = { accept: "application/fhir+json", prefer: "respond-async", "cache-control": "no-cache" };
    const { status, headers: given } = await server.json(`${path}?${asked.toString()}`, headers);
    if (status === 401 || status === 403) throw server.refused(status, path);
    const location = given.get("content-location");
    if (status !== 202 || location === null) continue;
    const job = server.own(location);
    await onJob?.(job);
    return job;
  }
  return undefined;
}

/** Waits until an export is there. @returns undefined where the server knows nothing of it */
async function waitFor(
  server: FhirServer,
  job: string,
  { longestExport = A_DAY }: ServerExportOptions,
): Promise<ServerExport | undefined> {
  const began = performance.now();
  for (let tries = 1; ; tries++) {
    const { status, headers, text } = await server.json(job, { accept: "application/json" });
    if (status === 202) {
      const left = longestExport - (performance.now() - began);
      if (left <= 0) throw server.late(longestExport);
      const pause = Math.max(MIN_PAUSE, pauseAfter(headers.get("retry-after"), Math.min(tries, 6), 1_000));
      await server.wait(Math.min(left, pause));
      continue;
    }
    if (status === 404 || status === 410) return undefined;
    if (status !== 200) throw server.refused(status, job, headers);
    return fromManifest(server, job, text);
  }
}

/** However little a server asks for, in milliseconds. */
const MIN_PAUSE = 100;

const A_DAY = 86_400_000;

function fromManifest(server: FhirServer, job: string, text: string): ServerExport {
  const manifest = parsed(server, text) as Record<string, unknown>;
  const { transactionTime, requiresAccessToken } = manifest;
  if (typeof transactionTime !== "string" || !Array.isArray(manifest["output"])) {
    throw server.unreadable("the export's manifest has no transactionTime or output");
  }
  const counts = new Map<string, number>();
  const filesOf = (list: unknown, prefix: string): ServerFile[] =>
    (listOf(list) as { type?: unknown; url?: unknown }[]).map(({ type, url }) => {
      if (typeof url !== "string" || typeof type !== "string" || !isResourceType(type)) {
        throw server.unreadable("a file of the export has no type or URL");
      }
      const own = server.own(url);
      const number = counts.get(`${prefix}${type}`) ?? 0;
      counts.set(`${prefix}${type}`, number + 1);
      const read = () => server.file(own, { accept: "application/fhir+ndjson" });
      return { name: `${prefix}${type}.${number}.ndjson`, read };
    });
  if (requiresAccessToken !== undefined && typeof requiresAccessToken !== "boolean") {
    throw server.unreadable("the export's manifest says neither that its files are open nor that they aren't");
  }
  const files = [...filesOf(manifest["output"], ""), ...filesOf(manifest["deleted"], "deleted-")];
  return { by: "export", transactionTime, files, done: () => server.remove(job) };
}

/** Types that are about the server, not about anybody: they are not searched. */
const NO_DATA =
  /^(StructureDefinition|StructureMap|ValueSet|CodeSystem|ConceptMap|SearchParameter|OperationDefinition|OperationOutcome|CapabilityStatement|CompartmentDefinition|ImplementationGuide|NamingSystem|GraphDefinition|MessageDefinition|TerminologyCapabilities|TestScript|TestReport|ExampleScenario|Subscription|Bundle|Parameters|AuditEvent)$/;

/** Before a search began: it may not have found what was being written, in milliseconds. */
const OVERLAP = 300_000;

function bySearch(
  server: FhirServer,
  able: Capabilities,
  { since, types = able.types.filter((type) => !NO_DATA.test(type)) }: ServerExportOptions,
): ServerExport {
  const begun = new Date(able.now - OVERLAP).toISOString();
  return {
    by: "search",
    transactionTime: begun,
    files: types.map((type) => ({ name: `${type}.ndjson`, read: () => searchLines(server, type, since) })),
    done: () => Promise.resolve(),
  };
}

function parsed(server: FhirServer, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw server.unreadable("it is no JSON", cause);
  }
  throw server.unreadable("it is no object");
}
