import type { Bundle, Resource } from "@medplum/fhirtypes";
import { ChartChainError } from "../errors/index.js";
import { deletionIn, deletionsIn } from "./deletion.js";
import { type JsonFault, lineAndColumn, scanJson } from "./json-scan.js";
import type { FhirEntry, ParsedFhir } from "./parsed.js";
import { CONVERT_TO_R4, releaseOfType } from "./other-releases.js";
import { formatOfText, kindOfJson, unsupported } from "./other-formats.js";
import { formatPath, joinPlace, safeName } from "./place.js";
import { decodeUtf8 } from "./decode-text.js";
import { isResourceType } from "./resource-types.js";

/** Real resources nest below 20 levels; a Questionnaire in an unusual form comes to 60. */
const MAX_DEPTH = 128;

/** Source: https://hl7.org/fhir/R4/valueset-bundle-type.html */
const BUNDLE_TYPES: ReadonlySet<unknown> = new Set([
  ...["document", "message", "transaction", "transaction-response", "batch", "batch-response"],
  ...["history", "searchset", "collection"],
]);

/** What {@link readFhirJson} returns: a parsed input whose patient is not yet known. */
export type FhirDocument = Pick<ParsedFhir, "text" | "entries" | "bundle">;

/**
 * Reads the entries of one FHIR JSON text without asking whom it is about or whether each field is known.
 *
 * @param line of NDJSON that the text is, from 1; places and errors then name it
 * @throws ChartChainError as {@link parseFhirFile}, save for the patient codes and unknown fields
 * @example
 * readFhirJson(record.bytes, "record").entries.length
 */
export function readFhirJson(input: string | Uint8Array, name: string, line?: number): FhirDocument {
  const text = typeof input === "string" ? input.replace(/^\uFEFF/, "") : decodeUtf8(input, name, line);
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
  if (fault) throw jsonError(name, text, fault, line);

  const root: unknown = JSON.parse(text);
  const whole = text.slice(...span);
  const at = line === undefined ? "" : `line ${line}`;
  const resource = asResource(name, root, at || "the root");
  if (resource.resourceType !== "Bundle") {
    const place = at === "" ? resource.resourceType : `${at} (${resource.resourceType})`;
    return { text: whole, entries: [{ resource, json: whole, place, file: name }] };
  }
  return {
    bundle: resource,
    text: whole,
    entries: entriesOf(name, resource, at, (entry) => text.slice(...(spans.get(entry) ?? [0, 0]))),
  };
}

function entriesOf(file: string, bundle: Bundle, line: string, jsonOf: (at: number) => string): FhirEntry[] {
  const root = line === "" ? "Bundle" : `${line}: Bundle`;
  if (!BUNDLE_TYPES.has(bundle.type)) throw invalid(file, `${root}.type`, "not a bundle type of R4");
  const list: unknown = bundle.entry ?? [];
  if (!Array.isArray(list)) throw invalid(file, `${root}.entry`, "not an array");
  const entries = list.flatMap((item: unknown, at): FhirEntry[] => {
    const place = `${root}.entry[${at}]`;
    if (typeof item !== "object" || item === null) throw invalid(file, place, "not an object");
    const { resource: inner, fullUrl } = item as { resource?: unknown; fullUrl?: unknown };
    const deletion = deletionIn(bundle, at);
    const deleted = deletion ? [{ resource: deletion, json: JSON.stringify(deletion), place, file }] : [];
    if (inner === undefined) return deleted;
    const resource = asResource(file, inner, `${place}.resource`);
    const url = typeof fullUrl === "string" ? { fullUrl } : {};
    // Some servers give what they deleted along with it.
    return [
      { resource, ...url, json: jsonOf(at), place: `${place}.resource (${resource.resourceType})`, file },
      ...deleted,
    ];
  });
  if (list.every((item) => (item as { resource?: unknown }).resource === undefined) && deletionsIn(bundle) === 0) {
    // What a search found nothing for, or the page behind its last one, is an answer.
    const isAnswer = (bundle.type === "searchset" || bundle.type === "history") && (bundle.total ?? 0) === 0;
    throw new ChartChainError("EMPTY_BUNDLE", `${inFile(file, line)} is a Bundle without a resource`, {
      details: { file, ...(isAnswer && { isAnswer }) },
      hint: isAnswer ? "The search found nothing: leave it out." : "Check that the export ran to its end.",
    });
  }
  if (bundle.type === "document" && entries[0]?.resource.resourceType !== "Composition") {
    throw invalid(file, `${root}.entry[0]`, "a document does not begin with its Composition");
  }
  return entries;
}

function asResource(file: string, value: unknown, place: string): Resource {
  const type =
    typeof value === "object" && value !== null ? (value as { resourceType?: unknown }).resourceType : undefined;
  if (typeof type !== "string") {
    const { name, hint, ofExport } = kindOfJson(value);
    throw new ChartChainError(
      "NOT_FHIR",
      `${file}: ${place} is not a FHIR resource, but ${name}: it has no resourceType`,
      {
        details: { file, place, kind: name, ...(ofExport && { ofExport }) },
        hint,
      },
    );
  }
  if (!isResourceType(type)) throw unknownType(file, place, type);
  return value as Resource;
}

function unknownType(file: string, place: string, type: string): ChartChainError {
  const release = releaseOfType(type);
  const [name, of] = [safeName(type), release === undefined ? "" : `: it is one of FHIR ${release}`];
  return new ChartChainError("UNKNOWN_RESOURCE_TYPE", `${file}: ${place} is a ${name}, which R4 does not define${of}`, {
    details: { file, place, resourceType: name, ...(release && { release }) },
    hint: release === undefined ? "Convert the input to FHIR R4 (4.0.1)." : CONVERT_TO_R4,
  });
}

const inFile = (file: string, line: string): string => (line === "" ? file : `${file}, ${line},`);

function jsonError(file: string, text: string, { kind, offset, path }: JsonFault, first = 1): ChartChainError {
  const found = lineAndColumn(text, offset);
  const [line, column] = [found.line + first - 1, found.column];
  const at = `line ${line}, column ${column}`;
  const place = formatPath(path);
  const details = { file, line, column, place };
  switch (kind) {
    case "syntax": {
      const other = formatOfText(text);
      return other ? unsupported(file, other) : notJson(file, text, offset, details);
    }
    case "too-deep":
      return new ChartChainError("JSON_TOO_DEEP", `${file} nests deeper than ${MAX_DEPTH} levels: ${at}`, {
        details: { ...details, maxDepth: MAX_DEPTH },
        hint: "No FHIR resource needs this; check where the file comes from.",
      });
    case "duplicate-key":
      return new ChartChainError("DUPLICATE_JSON_NAME", `${file} gives a property twice: ${place}, ${at}`, {
        details,
        hint: "Keep one of the two: readers disagree on which counts.",
      });
    case "forbidden-key":
      return invalid(file, joinPlace(place, "(field)"), `R4 defines no such property, ${at}`, details);
  }
}

function notJson(
  file: string,
  text: string,
  offset: number,
  details: { line: number; column: number },
): ChartChainError {
  const why = whyNotJson(text, offset);
  return new ChartChainError(
    "NOT_JSON",
    `${file} is not JSON: line ${details.line}, column ${details.column}: ${why.problem}`,
    {
      details,
      hint: why.hint,
    },
  );
}

/** The error for a file in which nothing is written. */
export function emptyFile(file: string): ChartChainError {
  return notJson(file, "", 0, { line: 1, column: 1 });
}

/** The error for a document that is nothing but the answer of a server, if it is. */
export function answerAlone(file: string, { entries }: FhirDocument): ChartChainError | undefined {
  if (!entries.every(({ resource }) => resource.resourceType === "OperationOutcome")) return undefined;
  return new ChartChainError("EMPTY_BUNDLE", `${file} holds only what a server answered (OperationOutcome), no data`, {
    details: { file },
    hint: "Read what it says, and fetch the data again.",
  });
}

function whyNotJson(text: string, offset: number): { problem: string; hint: string } {
  if (text.trim() === "") return { problem: "it is empty", hint: "Fetch or export it again: nothing was written." };
  const char = text.charCodeAt(offset);
  if (char === 0) {
    return { problem: "zero bytes stand there", hint: "Fetch or export it again: it was not written to its end." };
  }
  if (char < 0x20 && !"\t\n\r".includes(text.charAt(offset))) {
    return {
      problem: "a control character stands there",
      hint: "Write it as JSON does, \\u and four digits, or drop it.",
    };
  }
  if (isCutOff(text, offset)) {
    return { problem: "it ends in the middle", hint: "Fetch it again: an unfinished download looks like this." };
  }
  const before = text.slice(0, offset).trimEnd();
  if (
    /[}\]]$/.test(before) &&
    "{[".includes(text[offset] ?? "") &&
    scanJson(before, { maxDepth: MAX_DEPTH }) === undefined
  ) {
    return { problem: "another value follows", hint: "Write one resource a line (NDJSON), or put them into a Bundle." };
  }
  return { problem: "no JSON at that position", hint: "Correct it at that position, or export it again." };
}

/** Whether only the beginning of a value stands at the fault: the text ends there. */
function isCutOff(text: string, offset: number): boolean {
  const rest = text.slice(offset, offset + 32).trim();
  if (offset + 32 < text.length && text.slice(offset).trim().length > 16) return false;
  return (
    ["true", "false", "null"].some((word) => word.startsWith(rest)) ||
    /^-?\d*(?:\.\d*)?(?:[eE][+-]?)?$/.test(rest) ||
    /^\\(?:u[0-9a-fA-F]{0,3})?$/.test(rest)
  );
}

function invalid(file: string, place: string, problem: string, details: object = {}): ChartChainError {
  return new ChartChainError("INVALID_RESOURCE", `${file}: ${place}: ${problem}`, {
    details: { file, ...details, places: [place] },
    hint: "Correct the resource at that place.",
  });
}
