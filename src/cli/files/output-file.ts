import { existsSync } from "node:fs";
import { link, open, rename, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";

import { ChartChainError } from "../../errors/index.js";
import { toJson } from "../terminal/json.js";
import { PartialFile } from "./partial-file.js";

/**
 * A file that will be written, for its owner alone (0600), completely or not at all.
 *
 * It is reserved before the work that fills it, so that a path that can't be written stops a step while nothing has
 * happened yet.
 */
export class OutputFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #partial: PartialFile;
  readonly #force: boolean;
  #finished = false;

  private constructor(path: string, partial: PartialFile, handle: FileHandle, force: boolean) {
    this.path = path;
    this.#partial = partial;
    this.#handle = handle;
    this.#force = force;
  }

  /**
   * @throws FILE_EXISTS when something is there and `force` isn't set; FILE_UNWRITABLE
   *
   * @example
   * await using file = await OutputFile.reserve("delivery.json", { force: false });
   * await file.writeJson(delivery);
   */
  static async reserve(path: string, { force }: { force: boolean }): Promise<OutputFile> {
    const target = resolve(path);
    if (!force && existsSync(target)) throw fileExists(target);
    const partial = await PartialFile.beside(target);
    try {
      return new OutputFile(target, partial, await open(partial.path, "wx", 0o600), force);
    } catch (cause) {
      throw unwritable(target, cause);
    }
  }

  writeJson(value: unknown): Promise<void> {
    return this.write([`${toJson(value)}\n`]);
  }

  /** Writes the whole content and puts the file in its place. */
  async write(content: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): Promise<void> {
    for await (const chunk of content) await this.#append(chunk);
    try {
      await this.#handle.sync();
      await this.#handle.close();
      // Unlike a rename, a link fails when somebody else took the name meanwhile.
      if (this.#force) await rename(this.#partial.path, this.path);
      else await link(this.#partial.path, this.path);
    } catch (cause) {
      throw (cause as NodeJS.ErrnoException).code === "EEXIST" ? fileExists(this.path) : unwritable(this.path, cause);
    }
    this.#finished = true;
  }

  async #append(chunk: string | Uint8Array): Promise<void> {
    try {
      await this.#handle.writeFile(chunk);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#finished) await this.#handle.close().catch(() => {});
    await this.#partial[Symbol.asyncDispose]();
  }
}

function fileExists(path: string): ChartChainError {
  return new ChartChainError("FILE_EXISTS", `the file is there already: ${path}`, {
    details: { path },
    hint: "Give another name, or --force to overwrite it.",
  });
}

function unwritable(path: string, cause: unknown): ChartChainError {
  return new ChartChainError("FILE_UNWRITABLE", `the file can't be written: ${path}`, {
    details: { path, reason: (cause as NodeJS.ErrnoException).code },
    hint: "Check that its folder exists, is yours to write and has room.",
    cause,
  });
}
