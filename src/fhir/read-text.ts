import { constants } from "node:buffer";
import { constants as flags } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ChartChainError } from "../errors/index.js";
import { BINARY, formatOfBytes, formatOfText, unsupported, wideEncodingOf } from "./other-formats.js";

/** The largest JSON file, and the longest line of NDJSON, that is read unless told otherwise: 128 MiB. */
export const DEFAULT_MAX_BYTES = 128 * 1024 * 1024;

/** How much of a file tells its format. */
const HEAD = 4096;

/** Opening a pipe would otherwise wait for a writer, and nothing ends that wait. Windows has neither. */
const READ = flags.O_RDONLY | (flags.O_NONBLOCK ?? 0);

/** A regular file that is open for reading. */
export class OpenFile implements AsyncDisposable {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** In bytes, when it was opened. */
    readonly size: number,
    /** When it was last written, in milliseconds. */
    readonly mtimeMs: number,
  ) {}

  /**
   * Opens a regular file: a device or a pipe could block or never end.
   *
   * @throws ChartChainError FHIR_FILE_UNREADABLE
   * @example
   * await using file = await OpenFile.open("patient.json")
   */
  static async open(path: string): Promise<OpenFile> {
    const handle = await open(path, READ).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw unreadable(path, undefined, "it is not a regular file");
      return new OpenFile(path, handle, stat.size, stat.mtimeMs);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.handle.close();
  }

  /** Fills a buffer from a position on; less at the end of the file. Returns how many bytes were read. */
  async fill(buffer: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.handle
        .read(buffer, filled, buffer.length - filled, position + filled)
        .catch((cause: unknown) => {
          throw unreadable(this.path, cause);
        });
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  /** The bytes of [start, end). */
  async slice(start: number, end: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(Math.max(0, end - start));
    return buffer.subarray(0, await this.fill(buffer, start));
  }

  /** Its first bytes, which tell the format. */
  head(): Promise<Uint8Array> {
    return this.slice(0, Math.min(this.size, HEAD));
  }
}

/**
 * Reads one whole file as UTF-8 text (a leading byte order mark is dropped).
 *
 * @param maxBytes cap in bytes, checked before more than the first bytes are read
 * @throws ChartChainError FHIR_FILE_UNREADABLE, FHIR_FILE_TOO_LARGE, FHIR_FORMAT_UNSUPPORTED, NOT_UTF8
 * @example
 * await using file = await OpenFile.open("patient.json")
 * const text = await readText(file, DEFAULT_MAX_BYTES)
 */
export async function readText(file: OpenFile, maxBytes: number): Promise<string> {
  assertUtf8Format(await file.head(), file.path);
  if (file.size > maxBytes) throw tooLarge(file.path, file.size, maxBytes);
  if (file.size > constants.MAX_STRING_LENGTH) throw beyondEngine(file.path, file.size);
  return decodeUtf8(await file.slice(0, file.size), file.path);
}

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

function unreadable(path: string, cause: unknown, why?: string): ChartChainError {
  const reason = why ?? (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown reason";
  return new ChartChainError("FHIR_FILE_UNREADABLE", `${path} cannot be read: ${reason}`, {
    details: { file: path, reason },
    hint: "Check the path and the file's permissions.",
    ...(cause === undefined ? {} : { cause }),
  });
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

function beyondEngine(path: string, bytes: number): ChartChainError {
  const limit = constants.MAX_STRING_LENGTH;
  return new ChartChainError(
    "FHIR_FILE_TOO_LARGE",
    `${path} has ${bytes} bytes, more than the ${limit} that Node.js can hold in one text`,
    {
      details: { file: path, bytes, maxBytes: limit },
      hint: "This limit can't be raised: split it into smaller Bundles, or give it as NDJSON, which is read line by line.",
    },
  );
}
