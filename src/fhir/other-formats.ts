import { ChartChainError } from "../errors/index.js";

/** A format that is not FHIR R4 JSON, and what to do with it. */
export interface OtherFormat {
  name: string;
  hint: string;
  /** Whether such a file among FHIR files holds data that somebody would miss. */
  isData: boolean;
}

const format = (name: string, hint: string, isData = true): OtherFormat => ({ name, hint, isData });

const UNPACK = "Unpack it, and give the files inside.";
const AS_A_FILE = "Add it as a file of its own, or put it into a DocumentReference.";
/** What is no text in any encoding. */
export const BINARY = format("binary data", AS_A_FILE, false);

/** First bytes of binary files: text in Latin-1, and where it stands. */
const MAGIC: readonly [start: string, offset: number, what: OtherFormat][] = [
  ["\x1f\x8b", 0, format("gzip-compressed", UNPACK)],
  ["PK\x03\x04", 0, format("a ZIP archive", UNPACK)],
  ["PK\x05\x06", 0, format("an empty ZIP archive", UNPACK)],
  ["BZh", 0, format("bzip2-compressed", UNPACK)],
  ["\xfd7zXZ\x00", 0, format("xz-compressed", UNPACK)],
  ["\x28\xb5\x2f\xfd", 0, format("zstd-compressed", UNPACK)],
  ["7z\xbc\xaf", 0, format("a 7z archive", UNPACK)],
  ["ustar", 257, format("a tar archive", UNPACK)],
  ["PAR1", 0, format("a Parquet table", "Export the data as FHIR JSON or NDJSON.")],
  ["Obj\x01", 0, format("an Avro table", "Export the data as FHIR JSON or NDJSON.")],
  ["x\x9c", 0, format("zlib-compressed", UNPACK)],
  ["x\xda", 0, format("zlib-compressed", UNPACK)],
  ["%PDF-", 0, format("a PDF document", AS_A_FILE, false)],
  ["\x89PNG\r\n", 0, format("an image (PNG)", AS_A_FILE, false)],
  ["\xff\xd8\xff", 0, format("an image (JPEG)", AS_A_FILE, false)],
  ["GIF8", 0, format("an image (GIF)", AS_A_FILE, false)],
  ["II*\x00", 0, format("an image (TIFF)", AS_A_FILE, false)],
  ["MM\x00*", 0, format("an image (TIFF)", AS_A_FILE, false)],
  ["\xd0\xcf\x11\xe0", 0, format("an Office document", AS_A_FILE, false)],
  ["SQLite format 3\x00", 0, format("an SQLite database", "Export the data as FHIR JSON or NDJSON.", false)],
  [
    "DICM",
    128,
    format("a DICOM object", "Add it as a file of its own, with an ImagingStudy that describes it.", false),
  ],
];

const ASK_FOR_JSON =
  "Ask the server for application/fhir+json, or convert it, for instance with the HL7 FHIR validator.";
const CONVERT = "Convert it to FHIR R4 JSON first.";

/** What text begins with, past white space. */
const TEXTS: readonly [pattern: RegExp, what: OtherFormat][] = [
  [
    /^(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html)[\s>]/i,
    format(
      "an HTML page",
      "It is often a login or error page that was saved in place of the data: fetch it again.",
      false,
    ),
  ],
  [/^<[^]*?(?:["']http:\/\/hl7\.org\/fhir["'])/, format("FHIR XML", ASK_FOR_JSON)],
  [/^<[^]*?<(?:\w+:)?ClinicalDocument[\s>]/, format("a CDA document (HL7 V3 XML)", CONVERT)],
  [/^<(?:\w+:)?ClinicalDocument[\s>]/, format("a CDA document (HL7 V3 XML)", CONVERT)],
  [/^<[^]*?["']urn:hl7-org:v3["']/, format("HL7 V3 XML", CONVERT)],
  [/^<[^]*?["']urn:hl7-org:v2xml["']/, format("an HL7 v2 message in XML", CONVERT)],
  [/^<(?:[?!]|[A-Za-z_][\w.:-]*[\s/>])/, format("XML", CONVERT, false)],
  [/^\x0b?(?:MSH|FHS|BHS)[^\w\s]/, format("an HL7 v2 message", CONVERT)],
  [/^H\|[\\^~&]{3}/, format("an ASTM or HPRIM message", CONVERT)],
  [/^ISA[^\w\s]/, format("an X12 message", CONVERT)],
  [/^UN[AB][^\w\s]/, format("an EDIFACT message", CONVERT)],
  [/^(?:#[^\n]*\s+)*@?prefix\s+\w*:\s*</i, format("RDF (Turtle)", ASK_FOR_JSON)],
  [
    /^shc:\/|^eyJ[\w-]+\.[\w-]*\./,
    format("a signed token (JWS), such as a SMART Health Card", "Give the Bundle inside it."),
  ],
  [
    /^\x1e/,
    format("a JSON text sequence (RFC 7464)", "Write one resource a line (NDJSON), without the record separators."),
  ],
  [/^\{\\rtf/, format("an RTF document", CONVERT, false)],
  [/^(?:---\s+)?resourceType:\s/, format("YAML", "Write the same resource as JSON.")],
  // Names in a row, without a space behind what parts them: a sentence has one.
  [/^[\p{L}\d_" ./()-]+(?:[,;\t|](?! )[\p{L}\d_" ./()-]*)+(?:\r?\n|$)/u, format("a table (CSV)", CONVERT, false)],
];

/** White space, or the byte order mark of a file that was pasted behind another. */
const BLANK = /^[\s\uFEFF]+/;
/** The root of a document lies within this many characters. */
const HEAD = 16_384;

/** The format of a text that is not JSON, if it is one of those that are met in place of FHIR JSON. */
export function formatOfText(text: string): OtherFormat | undefined {
  const head = text.slice(0, HEAD).replace(BLANK, "");
  return TEXTS.find(([pattern]) => pattern.test(head))?.[1];
}

/**
 * The format of a file by its first bytes, if they can't begin UTF-8 JSON.
 *
 * @param head the first bytes, some hundred at least
 * @example
 * formatOfBytes(Uint8Array.of(0x1f, 0x8b))?.name // "gzip-compressed"
 */
export function formatOfBytes(head: Uint8Array): OtherFormat | undefined {
  const start = head.subarray(0, HEAD);
  const magic = MAGIC.find(
    ([text, offset]) => String.fromCharCode(...start.subarray(offset, offset + text.length)) === text,
  );
  if (magic) return magic[2];
  const encoding = wideEncodingOf(start);
  if (encoding === undefined) return undefined;
  const inside = encoding.decoder && formatOfText(new TextDecoder(encoding.decoder).decode(start));
  return inside && { ...inside, name: `${inside.name} in ${encoding.name}` };
}

/**
 * The name of the encoding of a text in UTF-16 or UTF-32, with or without a byte order mark.
 *
 * @example
 * wideEncodingOf(Uint8Array.of(0x7b, 0, 0x7d, 0))?.name // "UTF-16"
 */
export function wideEncodingOf(head: Uint8Array): { name: string; decoder?: "utf-16le" | "utf-16be" } | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = head;
  if (head.length >= 4 && ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe)))
    return { name: "UTF-32" };
  if (a === 0xff && b === 0xfe) return { name: "UTF-16", decoder: "utf-16le" };
  if (a === 0xfe && b === 0xff) return { name: "UTF-16", decoder: "utf-16be" };
  if (head.length < 2) return undefined;
  // Without a mark: every JSON text and every XML document begins with ASCII.
  if (a !== 0 && b === 0) return { name: "UTF-16", decoder: "utf-16le" };
  return a === 0 && b !== 0 ? { name: "UTF-16", decoder: "utf-16be" } : undefined;
}

/** Refuses a file by the name of its format. */
export function unsupported(file: string, { name, hint }: OtherFormat): ChartChainError {
  return new ChartChainError("FHIR_FORMAT_UNSUPPORTED", `${file} is ${name}, not FHIR JSON`, {
    details: { file, format: name },
    hint,
  });
}

/** JSON that is met in place of FHIR. */
interface OtherJson {
  name: string;
  hint: string;
  /** A file that a Bulk Data export writes beside its data: a folder may hold it. */
  ofExport?: true;
}

const has = (value: object, ...keys: string[]): boolean => keys.every((key) => key in value);

/** What a JSON value without a resourceType is. */
export function kindOfJson(value: unknown): OtherJson {
  if (Array.isArray(value)) {
    const whole =
      value.length > 0 &&
      value.every((item) => typeof item === "object" && item !== null && has(item as object, "resourceType"));
    return whole
      ? {
          name: "an array of resources",
          hint: "Put them into a Bundle of type collection, or write one a line (NDJSON).",
        }
      : { name: "an array", hint: "Give a FHIR R4 Bundle or resource as JSON, or resources as NDJSON." };
  }
  if (typeof value !== "object" || value === null)
    return { name: "no object", hint: "Give a FHIR R4 Bundle or resource as JSON." };
  // Source: https://hl7.org/fhir/uv/bulkdata/export.html#response---complete-status
  if (has(value, "transactionTime", "output"))
    return {
      name: "the manifest of a Bulk Data export",
      hint: "Download the files that it lists, and give those.",
      ofExport: true,
    };
  if (has(value, "exportId", "eventId"))
    return { name: "the log of a Bulk Data client", hint: "Give the files that were exported.", ofExport: true };
  if (/^chartchain\//.test(String((value as { kind?: unknown }).kind)))
    return {
      name: "a ChartChain file that somebody handed over",
      hint: "Records in it are taken in with chartchain record take, what is signed is sent with chartchain relay.",
    };
  if (has(value, "verifiableCredential"))
    return { name: "a SMART Health Card", hint: "Give the Bundle that is inside its credential." };
  if (has(value, "archetype_node_id") || has(value, "_type")) return { name: "openEHR JSON", hint: CONVERT };
  if (has(value, "error") || has(value, "errors") || has(value, "message"))
    return { name: "the error message of a server", hint: "Fetch the data again." };
  return { name: "JSON of something else", hint: "Give a FHIR R4 Bundle or resource as JSON, or resources as NDJSON." };
}
