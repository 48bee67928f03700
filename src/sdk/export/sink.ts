import { hexlify } from "ethers";

import { platform } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";

/** A file of an export that is being written. */
export interface SinkFile {
  write(chunk: Uint8Array): Promise<void>;
  /** Ends it: from now on it can be read. */
  close(): Promise<void>;
  /** Takes it away again. */
  discard(): Promise<void>;
}

/**
 * Where an export goes: a folder, a browser's file system, an archive. Its user gives it a place that counts for nothing until
 * the export is whole.
 */
export interface ExportSink {
  /** Begins a file. @param name letters, digits, dots and hyphens; never the same twice */
  create(name: string): Promise<SinkFile>;
  /** The bytes of a closed file, as they lie there. */
  read(name: string): AsyncIterable<Uint8Array>;
}

/** A file of a finished export. */
export interface ExportedFile {
  name: string;
  mediaType: string;
  bytes: number;
  /** Of what was read back after it was written, in hex with 0x. */
  sha256: string;
}

/** Texts are gathered to this many bytes before they are written. */
const CHUNK = 64 * 1024;

/** Writes one file of an export, and reads it back when it is whole. */
export class ExportWriter {
  readonly #hash = platform.startSha256();
  readonly #encoder = new TextEncoder();
  #waiting: Uint8Array[] = [];
  #held = 0;
  #bytes = 0;

  private constructor(
    private readonly sink: ExportSink,
    private readonly file: SinkFile,
    readonly name: string,
    readonly mediaType: string,
  ) {}

  static async create(sink: ExportSink, name: string, mediaType: string): Promise<ExportWriter> {
    return new ExportWriter(sink, await sink.create(name), name, mediaType);
  }

  async write(content: string | Uint8Array): Promise<void> {
    const chunk = typeof content === "string" ? this.#encoder.encode(content) : content;
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#waiting.push(chunk);
    this.#held += chunk.length;
    if (this.#held >= CHUNK) await this.#flush();
  }

  /**
   * Ends the file and reads it back.
   *
   * @throws EXPORT_NOT_AS_WRITTEN when other bytes come back
   */
  async finish(): Promise<ExportedFile> {
    await this.#flush();
    await this.file.close();
    const written = hexlify(this.#hash.digest());
    const again = platform.startSha256();
    let bytes = 0;
    for await (const chunk of this.sink.read(this.name)) {
      again.update(chunk);
      bytes += chunk.length;
    }
    const sha256 = hexlify(again.digest());
    if (sha256 !== written || bytes !== this.#bytes) {
      throw new ChartChainError("EXPORT_NOT_AS_WRITTEN", `${this.name} isn't what was written: other bytes come back`, {
        details: { file: this.name, written: this.#bytes, bytes },
        hint: "Nothing of it was kept. Check the disk, and export to another one.",
      });
    }
    return { name: this.name, mediaType: this.mediaType, bytes, sha256 };
  }

  discard(): Promise<void> {
    return this.file.discard();
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#held = 0;
    for (const chunk of waiting) await this.file.write(chunk);
  }
}
