import { constants } from "node:buffer";
import { ChartChainError } from "../../errors/index.js";
import { assertUtf8Format, DEFAULT_MAX_BYTES, tooLarge } from "../decode-text.js";
import { isNamedNdjson } from "../ndjson.js";
import { type FhirDocument, readFhirJson } from "../parse.js";
import type { ParseOptions } from "../parse-text.js";
import { assertValid } from "../validate.js";
import { isNdjson, linesOf, LineSource } from "./line-source.js";
import { OpenFile, readText } from "./open-file.js";

/** A document of a file, or why it can't be taken. */
export interface ReadDocument {
  document: FhirDocument | ChartChainError;
  /** The line of NDJSON that it is, from 1; undefined for a file that is one document. */
  line?: number;
}

/**
 * Reads the documents of a file: one of JSON, or each line of NDJSON. What is wrong with a line is told in its place,
 * and the lines after it are read.
 *
 * Resources of NDJSON are checked, let go, and read again when somebody looks at them: memory holds one line at a time.
 * A Bundle that is a line is kept.
 *
 * @throws ChartChainError VALIDATOR_MISSING
 * @example
 * for await (const { document, line } of readDocuments("Observation.ndjson")) console.log(line)
 */
export async function* readDocuments(path: string, options: ParseOptions = {}): AsyncGenerator<ReadDocument> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const longest = Math.min(maxBytes, constants.MAX_STRING_LENGTH);
  const opened = await withErrors(() => OpenFile.open(path));
  if (opened instanceof ChartChainError) {
    yield { document: opened };
    return;
  }
  await using file = opened;
  const checked = (read: () => Promise<FhirDocument>): Promise<FhirDocument | ChartChainError> =>
    withErrors(async () => {
      const document = onServer(await read(), options.server);
      if (options.validate ?? true) await assertValid(path, document);
      return document;
    });
  const unlike = await withErrors(async () => assertUtf8Format(await file.head(), path));
  if (unlike) yield { document: unlike };
  else if (await isNdjson(file, longest)) {
    const source = new LineSource(file, options.server);
    for await (const { start, end, number, tooLong } of linesOf(file, longest)) {
      if (tooLong) {
        yield { document: tooLarge(path, end - start, longest, number), line: number };
        continue;
      }
      const bytes = await file.slice(start, end);
      const indent = bytes.findIndex((byte) => !SPACE_OR_MARK.has(byte));
      if (indent === -1) continue;
      const document = await checked(async () => readFhirJson(bytes.subarray(indent), path, number));
      yield {
        document: document instanceof ChartChainError ? document : letGo(document, source, start + indent, number),
        line: number,
      };
    }
  } else {
    const text = await withErrors(() => readText(file, maxBytes));
    // An export writes an empty file for a type of which it has nothing.
    if (typeof text === "string" && text.trim() === "" && isNamedNdjson(path)) return;
    yield { document: typeof text === "string" ? await checked(async () => readFhirJson(text, path)) : text };
  }
}

/** A resource by itself, as that of a server. */
function onServer(document: FhirDocument, server: string | undefined): FhirDocument {
  if (server === undefined || document.bundle !== undefined) return document;
  const entries = document.entries.map((entry) => {
    const { resourceType, id } = entry.resource;
    return id === undefined ? entry : { ...entry, fullUrl: `${server}/${resourceType}/${id}` };
  });
  return { ...document, entries };
}

/** Space, tab, carriage return, and the three bytes of a byte order mark, which a joined file has in its middle. */
const SPACE_OR_MARK = new Set([0x20, 0x09, 0x0d, 0xef, 0xbb, 0xbf]);

function letGo(document: FhirDocument, source: LineSource, start: number, line: number): FhirDocument {
  const [entry] = document.entries;
  if (document.bundle || !entry) return document;
  const { json, resource } = entry;
  return {
    entries: [source.entry({ start, bytes: Buffer.byteLength(json), line, resourceType: resource.resourceType })],
  };
}

async function withErrors<T>(read: () => Promise<T>): Promise<T | ChartChainError> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ChartChainError) || error.code === "VALIDATOR_MISSING") throw error;
    return error;
  }
}
