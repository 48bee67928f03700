import { decodeUtf8 } from "./decode-text.js";
import { isNdjsonText } from "./ndjson.js";
import { type FhirDocument, readFhirJson } from "./parse.js";

/**
 * Reads the documents of a text in memory, one of JSON or each line of NDJSON, without checking them against the definitions.
 *
 * @throws ChartChainError as {@link readFhirJson}
 */
export function* documentsOfText(
  input: string | Uint8Array,
  name: string,
): Generator<{ document: FhirDocument; line?: number }> {
  const text = typeof input === "string" ? input : decodeUtf8(input, name);
  if (!isNdjsonText(text, name)) {
    yield { document: readFhirJson(text, name) };
    return;
  }
  let [start, line] = [0, 1];
  while (start < text.length) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    const json = text.slice(start, end).replace(/^[\s\uFEFF]+|\s+$/g, "");
    if (json !== "") yield { document: readFhirJson(json, name, line), line };
    [start, line] = [end + 1, line + 1];
  }
}
