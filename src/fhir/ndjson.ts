import { scanJson } from "./json-scan.js";

/**
 * Whether a text holds one JSON value a line, as Bulk Data is delivered: its first line is a whole object, and more
 * follows. A text that is named so may have its fault in the first line.
 *
 * Sources: https://github.com/ndjson/ndjson-spec, https://hl7.org/fhir/uv/bulkdata/
 */
export function isNdjsonText(text: string, name: string): boolean {
  const first: string[] = [];
  for (let start = 0; start < text.length && first.length < 2;) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end === -1 ? text.length : end);
    if (line.trim() !== "") first.push(line);
    start = end === -1 ? text.length : end + 1;
  }
  return isSeveralLines(first, name);
}

/** Whether a file is named as NDJSON is. */
export const isNamedNdjson = (name: string): boolean => /\.(?:ndjson|jsonl|ldjson)$/i.test(name);

/** The same, of the first two lines that hold something. */
export function isSeveralLines([first = "", second]: readonly string[], name: string): boolean {
  if (second === undefined) return false;
  return isObject(first) || (isNamedNdjson(name) && isObject(second) && hasType(second));
}

/** Deep nesting is for the parser to judge. */
const isObject = (line: string): boolean =>
  scanJson(line.trim(), { maxDepth: 4096 }) === undefined && /^\s*\{/.test(line);
const hasType = (line: string): boolean => "resourceType" in (JSON.parse(line) as object);
