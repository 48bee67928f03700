import { constants } from "node:buffer";
import { constants as flags } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ChartChainError } from "../../errors/index.js";
import { assertUtf8Format, decodeUtf8, HEAD, tooLarge } from "../decode-text.js";

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

function unreadable(path: string, cause: unknown, why?: string): ChartChainError {
  const reason = why ?? (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown reason";
  return new ChartChainError("FHIR_FILE_UNREADABLE", `${path} cannot be read: ${reason}`, {
    details: { file: path, reason },
    hint: "Check the path and the file's permissions.",
    ...(cause === undefined ? {} : { cause }),
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
