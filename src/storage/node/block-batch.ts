import { mkdir, open, rename, rm, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CID } from "multiformats/cid";
import { isChartChainError } from "../../errors/index.js";
import { foldersOf, readBlockFile, syncFolder } from "./block-file.js";
import { onDisk } from "../failures.js";
import type { LocalBatch } from "../local-parts.js";

/** Where the blocks go, and what is there already. */
interface Folder {
  pathOf(cid: CID): string;
  has(cid: CID): Promise<boolean>;
  fetch(cid: CID): Promise<Uint8Array>;
}

const PARALLEL = 16;

/** Blocks that may wait for the disk while the next ones are made: 1 MiB each at most, so this bounds the memory. */
const WRITES_UNDER_WAY = 8;

/**
 * Blocks written aside and synced, then moved into place together and made durable. Until {@link commit} nothing of it
 * is visible; after {@link abort}, or a crash, nothing ever was (collection clears the leftovers).
 *
 * A block that the folder already holds is compared, not trusted: a damaged copy is replaced, a sound one is marked as
 * written now, which renews its grace period. As a source it reads its own blocks first, then the folder's.
 */
export class BlockBatch implements LocalBatch {
  readonly #folder: Folder;
  readonly #staging: string;
  /** Final path of each block of this batch, and whether its bytes wait in staging or are already in place. */
  readonly #blocks = new Map<string, Promise<"staged" | "held">>();
  /** Writes that nobody has waited for yet, oldest first. */
  readonly #underWay: Promise<unknown>[] = [];
  #created: Promise<unknown> | undefined;

  constructor(folder: Folder, staging: string) {
    this.#folder = folder;
    this.#staging = staging;
  }

  /**
   * Starts a write and waits only for earlier ones, so that the next block is sealed and hashed while the disk works.
   *
   * @param bytes - trusted to hash to `cid`; must not be overwritten afterwards.
   * @throws what an earlier write threw; what the last ones throw, {@link commit} does.
   */
  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    const path = this.#folder.pathOf(cid);
    if (!this.#blocks.has(path)) {
      const written = onDisk("write a block", () => this.#write(path, cid, bytes));
      // Whoever waits for it next is told; a batch that is aborted has been told of something else.
      written.catch(() => undefined);
      this.#blocks.set(path, written);
      this.#underWay.push(written);
    }
    while (this.#underWay.length > WRITES_UNDER_WAY) await this.#underWay.shift();
  }

  async has(cid: CID): Promise<boolean> {
    return this.#blocks.has(this.#folder.pathOf(cid)) || this.#folder.has(cid);
  }

  async fetch(cid: CID): Promise<Uint8Array> {
    const path = this.#folder.pathOf(cid);
    if ((await this.#blocks.get(path)) !== "staged") return this.#folder.fetch(cid);
    return onDisk("read a block", () => readBlockFile(this.#aside(path), cid));
  }

  async commit(): Promise<void> {
    await Promise.all(this.#underWay.splice(0));
    await onDisk("store the blocks", async () => {
      const paths = [...this.#blocks.keys()];
      await inParallel(new Set(paths.map(dirname)), (folder) => mkdir(folder, { recursive: true, mode: 0o700 }));
      await inParallel(paths, async (path) => {
        const now = new Date();
        if ((await this.#blocks.get(path)) === "held") await utimes(path, now, now);
        else await rename(this.#aside(path), path);
      });
      // Also for blocks that were held: another process may have put them there and not yet synced the folder.
      await inParallel(new Set(paths.flatMap(foldersOf)), syncFolder);
      await rm(this.#staging, { recursive: true, force: true });
    });
  }

  async abort(): Promise<void> {
    await Promise.allSettled(this.#blocks.values());
    await rm(this.#staging, { recursive: true, force: true });
  }

  async #write(path: string, cid: CID, bytes: Uint8Array): Promise<"staged" | "held"> {
    const held = await this.#folder.fetch(cid).catch((error: unknown) => {
      if (isChartChainError(error, "BLOCK_MISSING") || isChartChainError(error, "BLOCK_TOO_LARGE")) return undefined;
      throw error;
    });
    if (held !== undefined && Buffer.compare(held, bytes) === 0) return "held";

    await (this.#created ??= mkdir(this.#staging, { recursive: true, mode: 0o700 }));
    const file = await open(this.#aside(path), "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    return "staged";
  }

  #aside(path: string): string {
    return join(this.#staging, basename(path));
  }
}

async function inParallel<T>(items: Iterable<T>, run: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
