import type { Bundle, Resource } from "@medplum/fhirtypes";
import { ChartChainError } from "../errors/index.js";
import { deletionIn } from "./deletion.js";
import { type JsonFault, lineAndColumn, scanJson } from "./json-scan.js";
import type { FhirEntry, ParsedFhir } from "./parsed.js";
import { identifyPatient } from "./patient-identity.js";
import { formatPath, joinPlace, safeName } from "./place.js";
import { decodeUtf8, DEFAULT_MAX_BYTES, readText } from "./read-text.js";
import { isResourceType } from "./resource-types.js";
import { assertValid } from "./validate.js";

export interface ParseOptions {
  /** Largest file in bytes; 128 MiB unless given. */
  maxBytes?: number;
  /** Check every resource against the R4 definitions; true unless given. Needs the definition packages. */
  validate?: boolean;
}

/** Real resources nest below 20 levels; a Questionnaire in an unusual form comes to 60. */
const MAX_DEPTH = 128;

/** Source: https://hl7.org/fhir/R4/valueset-bundle-type.html */
const BUNDLE_TYPES: ReadonlySet<unknown> = new Set([
  ...["document", "message", "transaction", "transaction-response", "batch", "batch-response"],
  ...["history", "searchset", "collection"],
]);

/**
 * Reads one FHIR R4 file: a Bundle of any type or a single resource, about exactly one patient.
 *
 * Entries without a resource (most of a transaction-response) are passed over; one that deletes a resource becomes a
 * Provenance that says so. A history may hold the patient in several versions. No error carries a name or value from the file, only places and types.
 *
 * @param path a `.json` file, UTF-8
 * @throws ChartChainError FHIR_FILE_UNREADABLE, FHIR_FILE_TOO_LARGE, NOT_UTF8, NOT_JSON, JSON_TOO_DEEP,
 * DUPLICATE_JSON_NAME, NOT_FHIR, UNKNOWN_RESOURCE_TYPE, INVALID_RESOURCE, EMPTY_BUNDLE, NO_PATIENT, MULTIPLE_PATIENTS,
 * FOREIGN_PATIENT, VALIDATOR_MISSING
 * @example
 * const parsed = await parseFhirFile("bundle.json")
 * const records = splitIntoRecords(parsed)
 */
export async function parseFhirFile(path: string, options: ParseOptions = {}): Promise<ParsedFhir> {
  const text = await readText(path, options.maxBytes ?? DEFAULT_MAX_BYTES);
  return parseFhirText(text, path, options);
}

/**
 * Like {@link parseFhirFile}, for text or UTF-8 bytes that are already in memory.
 *
 * @param name stands for the file in error messages
 * @example
 * await parseFhirText(record.bytes, "record")
 */
export async function parseFhirText(
  text: string | Uint8Array,
  name: string,
  options: Pick<ParseOptions, "validate"> = {},
): Promise<ParsedFhir> {
  const document = readFhirJson(text, name);
  if (options.validate ?? true) await assertValid(name, document);
  const patient = identifyPatient(name, document.entries);
  return { file: name, ...document, patient };
}

/** What {@link readFhirJson} returns: a parsed input whose patient is not yet known. */
export type FhirDocument = Required<Pick<ParsedFhir, "text" | "entries">> & Pick<ParsedFhir, "bundle">;

/**
 * Reads the entries of one FHIR JSON text without asking whom it is about or whether each field is known.
 *
 * @throws ChartChainError as {@link parseFhirFile}, save for the patient codes and unknown fields
 * @example
 * readFhirJson(record.bytes, "record").entries.length
 */
export function readFhirJson(input: string | Uint8Array, name: string): FhirDocument {
  const text = typeof input === "string" ? input : decodeUtf8(input, name);
  const spans = new Map<number, [start: number, end: number]>();
  let span: [number, number] = [0, 0];
  const fault = scanJson(text, {
    maxDepth: MAX_DEPTH,
    onValue: (path, start, end) => {
      if (path.length === 0) span = [start, end];
      else if (path.length === 3 && path[0] === "entry" && path[2] === "resource")
        spans.set(path[1] as number, [start, end]);
    },
  });
  if (fault) throw jsonError(name, text, fault);

  const root: unknown = JSON.parse(text);
  const whole = text.slice(...span);
  const resource = asResource(name, root, typeOf(root));
  if (resource.resourceType !== "Bundle") {
    return { text: whole, entries: [{ resource, json: whole, place: resource.resourceType, file: name }] };
  }
  return {
    bundle: resource,
    text: whole,
    entries: entriesOf(name, resource, (at) => text.slice(...(spans.get(at) ?? [0, 0]))),
  };
}

function entriesOf(file: string, bundle: Bundle, jsonOf: (at: number) => string): FhirEntry[] {
  if (!BUNDLE_TYPES.has(bundle.type)) throw invalid(file, "Bundle.type", "not a bundle type of R4");
  const list: unknown = bundle.entry ?? [];
  if (!Array.isArray(list)) throw invalid(file, "Bundle.entry", "not an array");
  const entries = list.flatMap((item: unknown, at): FhirEntry[] => {
    const place = `Bundle.entry[${at}]`;
    if (typeof item !== "object" || item === null) throw invalid(file, place, "not an object");
    const { resource: inner, fullUrl } = item as { resource?: unknown; fullUrl?: unknown };
    if (inner === undefined) {
      const deletion = deletionIn(bundle, at);
      return deletion ? [{ resource: deletion, json: JSON.stringify(deletion), place, file }] : [];
    }
    const resource = asResource(file, inner, `${place}.resource`);
    const url = typeof fullUrl === "string" ? { fullUrl } : {};
    return [{ resource, ...url, json: jsonOf(at), place: `${place}.resource (${resource.resourceType})`, file }];
  });
  if (list.every((item) => (item as { resource?: unknown }).resource === undefined)) {
    throw new ChartChainError("EMPTY_BUNDLE", `${file} is a Bundle without a resource`, {
      details: { file },
      hint: "Check that the export ran to its end.",
    });
  }
  if (bundle.type === "document" && entries[0]?.resource.resourceType !== "Composition") {
    throw invalid(file, "Bundle.entry[0]", "a document does not begin with its Composition");
  }
  return entries;
}

function asResource(file: string, value: unknown, place: string): Resource {
  const type =
    typeof value === "object" && value !== null ? (value as { resourceType?: unknown }).resourceType : undefined;
  if (typeof type !== "string") {
    throw new ChartChainError("NOT_FHIR", `${file}: ${place} is not a FHIR resource: it has no resourceType`, {
      details: { file, place },
      hint: "Give a FHIR R4 Bundle or resource as JSON.",
    });
  }
  if (!isResourceType(type)) {
    throw new ChartChainError(
      "UNKNOWN_RESOURCE_TYPE",
      `${file}: ${place} is a ${safeName(type)}, which R4 does not define`,
      {
        details: { file, place, resourceType: safeName(type) },
        hint: "Convert the input to FHIR R4 (4.0.1).",
      },
    );
  }
  return value as Resource;
}

/** A word for the root in messages: its type if it has one. */
function typeOf(root: unknown): string {
  if (Array.isArray(root)) return "the root (an array)";
  return "the root";
}

function jsonError(file: string, text: string, { kind, offset, path }: JsonFault): ChartChainError {
  const { line, column } = lineAndColumn(text, offset);
  const at = `line ${line}, column ${column}`;
  const place = formatPath(path);
  const details = { file, line, column, place };
  switch (kind) {
    case "syntax":
      return new ChartChainError("NOT_JSON", `${file} is not JSON: ${at}`, {
        details,
        hint: "Check the file at that position; an unfinished download often ends in the middle.",
      });
    case "too-deep":
      return new ChartChainError("JSON_TOO_DEEP", `${file} nests deeper than ${MAX_DEPTH} levels: ${at}`, {
        details: { ...details, maxDepth: MAX_DEPTH },
        hint: "No FHIR resource needs this; check where the file comes from.",
      });
    case "duplicate-key":
      return new ChartChainError(
        "DUPLICATE_JSON_NAME",
        `${file} gives a property twice: ${joinPlace(place, "(field)")}, ${at}`,
        {
          details,
          hint: "Keep one of the two: readers disagree on which counts.",
        },
      );
    case "forbidden-key":
      return invalid(file, joinPlace(place, "(field)"), "R4 defines no such property", details);
  }
}

function invalid(file: string, place: string, problem: string, details: object = {}): ChartChainError {
  return new ChartChainError("INVALID_RESOURCE", `${file}: ${place}: ${problem}`, {
    details: { file, ...details, places: [place] },
    hint: "Correct the resource at that place.",
  });
}
