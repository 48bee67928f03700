import { mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CID } from "multiformats/cid";
import { isChartChainError } from "../../errors/index.js";
import { syncFolder } from "./block-file.js";
import { parseCid } from "../cid.js";
import { errorCode, onDisk } from "../failures.js";
import type { LocalPins } from "../local-parts.js";
import { bytesOfLabel } from "../participant.js";

/**
 * Pins: one empty file per pin, named after the CID, in one folder per participant. Creating and removing an empty
 * file is atomic by itself; the folder is synced before either is answered.
 */
export class PinFolder implements LocalPins {
  readonly #all: string;
  readonly #own: string;

  /** @throws INVALID_PARTICIPANT for an empty label or one over 64 bytes. */
  constructor(directory: string, participant: string) {
    this.#all = join(directory, "pins");
    this.#own = join(this.#all, folderName(participant));
  }

  async create(): Promise<void> {
    await onDisk("create the folder of pins", async () => {
      await mkdir(this.#own, { recursive: true, mode: 0o700 });
      for (const folder of [this.#all, dirname(this.#all)]) await syncFolder(folder);
    });
  }

  async add(cid: CID): Promise<void> {
    await onDisk("pin", async () => {
      const file = await open(join(this.#own, cid.toString()), "a", 0o600);
      await file.close();
      await syncFolder(this.#own);
    });
  }

  async remove(cid: CID): Promise<void> {
    await onDisk("unpin", async () => {
      await rm(join(this.#own, cid.toString()), { force: true });
      await syncFolder(this.#own);
    });
  }

  own(): Promise<CID[]> {
    return onDisk("list pins", () => pinsIn(this.#own));
  }

  async everyones(): Promise<CID[]> {
    return onDisk("list everyone's pins", async () => {
      const folders = await readdir(this.#all);
      return (await Promise.all(folders.map((name) => pinsIn(join(this.#all, name))))).flat();
    });
  }
}

async function pinsIn(folder: string): Promise<CID[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    // A stray file among the folders holds no pins.
    if (errorCode(error) === "ENOTDIR") return [];
    throw error;
  });
  return names.flatMap((name) => {
    try {
      return [parseCid(name)];
    } catch (error) {
      // Files that others leave, such as an editor's or a file manager's, are no pins.
      if (isChartChainError(error, "INVALID_CID")) return [];
      throw error;
    }
  });
}

/**
 * A label as a folder's name: anything but small letters, digits, `-` and `_` is percent-encoded in small hex, so that
 * labels never meet, not even on a file system that ignores case, and never lead elsewhere.
 */
function folderName(participant: string): string {
  return [...bytesOfLabel(participant)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}
