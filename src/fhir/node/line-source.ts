import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ChartChainError } from "../../errors/index.js";
import { decodeUtf8 } from "../decode-text.js";
import { isSeveralLines } from "../ndjson.js";
import type { FhirEntry } from "../parsed.js";
import { OpenFile } from "./open-file.js";

/** A line of a file: where it stands, in bytes, and its number from 1. `end` is exclusive and leaves out the line feed. */
export interface Line {
  start: number;
  end: number;
  number: number;
  /** Whether it is longer than allowed; `end` is then as far as it was looked through. */
  tooLong: boolean;
}

const CHUNK = 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * Finds the lines of a file, in constant memory. One that is too long is told as soon as that is known, once.
 *
 * @param maxBytes how long a line may be
 * @example
 * for await (const { start, end } of linesOf(file, DEFAULT_MAX_BYTES)) await file.slice(start, end)
 */
export async function* linesOf(file: OpenFile, maxBytes: number): AsyncGenerator<Line> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let [from, start, number, told] = [0, 0, 1, false];
  for (;;) {
    const filled = await file.fill(chunk, from);
    for (let at = chunk.indexOf(LINE_FEED); at !== -1 && at < filled; at = chunk.indexOf(LINE_FEED, at + 1)) {
      const end = from + at;
      if (!told) yield { start, end, number, tooLong: end - start > maxBytes };
      [start, number, told] = [end + 1, number + 1, false];
    }
    from += filled;
    if (!told && from - start > maxBytes) {
      yield { start, end: from, number, tooLong: true };
      told = true;
    }
    if (filled < chunk.length) break;
  }
  if (!told && start < from) yield { start, end: from, number, tooLong: false };
}

/**
 * Whether a file holds one JSON value a line, as Bulk Data is delivered: its first line is a whole object, and more
 * follows. A file named so may have its fault in the first line.
 *
 * Sources: https://github.com/ndjson/ndjson-spec, https://hl7.org/fhir/uv/bulkdata/
 */
export async function isNdjson(file: OpenFile, maxBytes: number): Promise<boolean> {
  const found: Line[] = [];
  for await (const line of linesOf(file, maxBytes)) {
    if (line.tooLong && found.length === 0) return false;
    if (!(await isBlank(file, line))) found.push(line);
    if (found.length === 2) break;
  }
  const [first, second] = found;
  // A file of one line, which may be large, is not read for this.
  if (!first || !second) return false;
  return isSeveralLines([await textOf(file, first), await textOf(file, second)], file.path);
}

/** What is longer than any indentation holds something. */
const LONGEST_BLANK = 4096;

async function isBlank(file: OpenFile, { start, end }: Line): Promise<boolean> {
  if (end - start > LONGEST_BLANK) return false;
  return (await file.slice(start, end)).every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}

/**
 * Only to tell the format: what is not UTF-8 is found when the line is read. A mark at its beginning is dropped. A line
 * that is too long is no text; that it follows is enough.
 */
async function textOf(file: OpenFile, { start, end, tooLong }: Line): Promise<string> {
  return tooLong ? "" : new TextDecoder().decode(await file.slice(start, end));
}

/**
 * The bytes of one line of NDJSON, without its line feed. Only a line feed ends a line: other separators, which
 * `node:readline` heeds, may stand in a text.
 *
 * @param number of the line, from 1, as errors give it
 * @returns undefined where the file has fewer lines
 * @throws ChartChainError FHIR_FILE_UNREADABLE
 * @example
 * await readLine("Observation.ndjson", 3)
 */
export async function readLine(path: string, number: number): Promise<Uint8Array | undefined> {
  await using file = await OpenFile.open(path);
  for await (const line of linesOf(file, Number.MAX_SAFE_INTEGER)) {
    if (line.number === number) return await file.slice(line.start, line.end);
  }
  return undefined;
}

/** How much text of a file is kept parsed. */
const KEPT_BYTES = 4 * 1024 * 1024;

interface Loaded {
  json: string;
  resource: FhirEntry["resource"];
}

/** A resource on a line: where its text begins, in bytes, and how long it is. */
export interface Place {
  start: number;
  bytes: number;
  line: number;
  resourceType: string;
}

/**
 * The lines of a file as entries that are read when somebody looks at them, so that a file of any size takes memory for
 * its index only. What was read last is kept.
 */
export class LineSource {
  private readonly kept = new Map<number, Loaded>();
  private keptBytes = 0;

  /** @param server base URL of where the resources come from */
  constructor(
    readonly file: Pick<OpenFile, "path" | "size" | "mtimeMs">,
    readonly server?: string,
  ) {}

  /** An entry that holds hardly more than its place. */
  entry(place: Place): FhirEntry {
    return new LineEntry(this, place) as unknown as FhirEntry;
  }

  /** The resource at a place. @throws ChartChainError FHIR_FILE_CHANGED */
  load({ start, bytes }: Place): Loaded {
    const known = this.kept.get(start);
    if (known) return known;
    const json = decodeUtf8(this.read(start, bytes), this.file.path);
    const loaded = { json, resource: JSON.parse(json) as FhirEntry["resource"] };
    for (const oldest of this.kept.keys()) {
      if (this.keptBytes + bytes <= KEPT_BYTES) break;
      this.keptBytes -= this.kept.get(oldest)?.json.length ?? 0;
      this.kept.delete(oldest);
    }
    this.kept.set(start, loaded);
    this.keptBytes += json.length;
    return loaded;
  }

  /** Synchronously, as an entry is looked at; a file that has changed since it was checked is not read any further. */
  private read(start: number, bytes: number): Uint8Array {
    const { path, size, mtimeMs } = this.file;
    const handle = opened(path);
    try {
      const now = fstatSync(handle);
      const buffer = new Uint8Array(bytes);
      if (now.size !== size || now.mtimeMs !== mtimeMs || readSync(handle, buffer, 0, bytes, start) !== bytes)
        throw changed(path);
      return buffer;
    } finally {
      closeSync(handle);
    }
  }
}

/**
 * The properties are the entry's own, so that a copy of it has them, and their functions are shared: a closure for each
 * entry would take half a kilobyte.
 */
class LineEntry implements Place {
  readonly start: number;
  readonly bytes: number;
  readonly line: number;
  readonly resourceType: string;

  constructor(
    readonly source: LineSource,
    { start, bytes, line, resourceType }: Place,
  ) {
    this.start = start;
    this.bytes = bytes;
    this.line = line;
    this.resourceType = resourceType;
    Object.defineProperties(this, source.server === undefined ? LOOKED_UP : OF_SERVER);
  }
}

const lookUp = (get: (this: LineEntry) => unknown): PropertyDescriptor => ({ get, enumerable: true });
const LOOKED_UP: PropertyDescriptorMap = {
  file: lookUp(function () {
    return this.source.file.path;
  }),
  place: lookUp(function () {
    return `line ${this.line} (${this.resourceType})`;
  }),
  json: lookUp(function () {
    return this.source.load(this).json;
  }),
  resource: lookUp(function () {
    return this.source.load(this).resource;
  }),
};
const OF_SERVER: PropertyDescriptorMap = {
  ...LOOKED_UP,
  fullUrl: lookUp(function () {
    const { id } = this.source.load(this).resource;
    return id === undefined ? undefined : `${this.source.server}/${this.resourceType}/${id}`;
  }),
};

function opened(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw changed(path, cause);
  }
}

function changed(path: string, cause?: unknown): ChartChainError {
  const what = cause === undefined ? "changed" : "removed or locked";
  return new ChartChainError("FHIR_FILE_CHANGED", `${path} was ${what} while it was being read`, {
    details: { file: path },
    hint: "Read it again once nothing writes to it.",
    cause,
  });
}
