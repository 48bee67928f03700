import { ChartChainError } from "../errors/index.js";
import { BINARY, formatOfBytes, formatOfText, unsupported, wideEncodingOf } from "./other-formats.js";

/** The largest JSON file, and the longest line of NDJSON, that is read unless told otherwise: 128 MiB. */
export const DEFAULT_MAX_BYTES = 128 * 1024 * 1024;

/** How much of a file tells its format. */
export const HEAD = 4096;

/** Refuses what can't be UTF-8 JSON by its first bytes. @throws ChartChainError FHIR_FORMAT_UNSUPPORTED, NOT_UTF8 */
export function assertUtf8Format(head: Uint8Array, name: string): void {
  const other = formatOfBytes(head);
  if (other) throw unsupported(name, other);
  const encoding = wideEncodingOf(head);
  if (encoding) throw notUtf8(name, `${encoding.name} text`, "Save it as UTF-8; FHIR JSON knows no other encoding.");
}

/**
 * Decodes UTF-8 strictly.
 *
 * @param line of the file that the bytes are, from 1; without it they are the whole file, and an error names the line
 * @throws ChartChainError NOT_UTF8, FHIR_FORMAT_UNSUPPORTED
 */
export function decodeUtf8(bytes: Uint8Array, name: string, line?: number): string {
  assertUtf8Format(bytes.subarray(0, HEAD), name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The platform's own error says nothing more. Messages and XML often come in Latin-1.
    const other = formatOfText(new TextDecoder("latin1").decode(bytes.subarray(0, HEAD)));
    if (other) throw unsupported(name, other);
    const at = line ?? firstBadLine(bytes);
    if (isCutInCharacter(bytes))
      throw notUtf8(name, "text that ends within a character", "Fetch it again: the download was not finished.", at);
    if (line === undefined && isBinary(bytes.subarray(0, HEAD))) throw unsupported(name, BINARY);
    throw notUtf8(
      name,
      "not UTF-8 text",
      "Save it as UTF-8; FHIR JSON knows no other encoding. Accents in Latin-1 or Windows-1252 look like this.",
      at,
    );
  }
}

function isCutInCharacter(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The line, from 1, that is no UTF-8: a line feed stands in no character of several bytes. */
function firstBadLine(bytes: Uint8Array): number {
  let [line, start] = [1, 0];
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    [line, start] = [line + 1, end + 1];
  }
  return line;
}

const LINE_FEED = 0x0a;

/** Text in whatever encoding of single bytes has no such control characters. */
const isBinary = (bytes: Uint8Array): boolean => bytes.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x1b));

function notUtf8(file: string, what: string, hint: string, line?: number): ChartChainError {
  return line === undefined
    ? new ChartChainError("NOT_UTF8", `${file} is ${what}`, { details: { file }, hint })
    : new ChartChainError("NOT_UTF8", `${file} is ${what}: line ${line}`, { details: { file, line }, hint });
}

/** The error for a file, or a line of NDJSON, of more bytes than are allowed. */
export function tooLarge(path: string, bytes: number, maxBytes: number, line?: number): ChartChainError {
  const what = line === undefined ? path : `line ${line} of ${path}`;
  return new ChartChainError("FHIR_FILE_TOO_LARGE", `${what} has ${bytes} bytes, more than the ${maxBytes} allowed`, {
    details: { file: path, bytes, maxBytes, ...(line === undefined ? {} : { line }) },
    hint:
      line === undefined
        ? "Raise maxBytes (in the steps: --max-mib), split it into smaller Bundles, or give it as NDJSON, which is read line by line."
        : "Raise maxBytes (in the steps: --max-mib).",
  });
}
