import { randomUUID } from "node:crypto";
import { access, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { NextToLast } from "blockstore-fs/sharding";
import type { CID } from "multiformats/cid";
import { BlockBatch } from "./block-batch.js";
import { readBlockFile } from "./block-file.js";
import { onDisk } from "../failures.js";
import type { LocalBlocks } from "../local-parts.js";

/** A block's file as collection sees it. */
interface BlockFile {
  path: string;
  bytes: number;
  /** When it was last written or written again, in milliseconds since 1970. */
  touchedMs: number;
}

/**
 * One file per block, laid out as `blockstore-fs` does, which can read the folder. Its own `put` is not used: it
 * neither syncs nor gives two processes different temporary names, so a crash could leave a torn block in place.
 */
export class BlockFolder implements LocalBlocks {
  readonly #blocks: string;
  readonly #staging: string;
  readonly #sharding = new NextToLast();

  constructor(directory: string) {
    this.#blocks = join(directory, "blocks");
    this.#staging = join(directory, "tmp");
  }

  async create(): Promise<void> {
    for (const folder of [this.#blocks, this.#staging])
      await onDisk("create the store's folder", () => mkdir(folder, { recursive: true, mode: 0o700 }));
  }

  /** Where the block lies. Its name comes from the digest alone, so no CID can lead out of the folder. */
  pathOf(cid: CID): string {
    const { dir, file } = this.#sharding.encode(cid);
    return join(this.#blocks, dir, file);
  }

  nameOf(cid: CID): string {
    return this.pathOf(cid);
  }

  async has(cid: CID): Promise<boolean> {
    return access(this.pathOf(cid)).then(
      () => true,
      () => false,
    );
  }

  async fetch(cid: CID): Promise<Uint8Array> {
    return onDisk("read a block", () => readBlockFile(this.pathOf(cid), cid));
  }

  /** A set of writes that become visible together. */
  batch(): BlockBatch {
    return new BlockBatch(this, join(this.#staging, randomUUID()));
  }

  sweep(keep: ReadonlySet<string>, youngestMs: number): Promise<{ removed: number; bytes: number }> {
    return onDisk("collect", async () => {
      const result = { removed: 0, bytes: 0 };
      for await (const file of this.#files()) {
        if (keep.has(file.path) || file.touchedMs > youngestMs) continue;
        await rm(file.path, { force: true });
        result.removed += 1;
        result.bytes += file.bytes;
      }
      await this.#clearStaging();
      return result;
    });
  }

  /** Every block's file. */
  async *#files(): AsyncGenerator<BlockFile> {
    for (const shard of await readdir(this.#blocks, { withFileTypes: true })) {
      // Files that others leave, such as a file manager's, are no shards and no blocks.
      if (!shard.isDirectory()) continue;
      for (const name of await readdir(join(this.#blocks, shard.name))) {
        if (!name.endsWith(this.#sharding.extension)) continue;
        const path = join(this.#blocks, shard.name, name);
        const { size, mtimeMs } = await stat(path);
        yield { path, bytes: size, touchedMs: mtimeMs };
      }
    }
  }

  async #clearStaging(): Promise<void> {
    for (const name of await readdir(this.#staging))
      await rm(join(this.#staging, name), { recursive: true, force: true });
  }
}
