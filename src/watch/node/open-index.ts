import { rmSync } from "node:fs";

import { openFile } from "../../sqlite/node/index.js";
import { type ChainIndex, type IndexOptions, openIndexAt } from "../index.js";

/** Which index to open. */
export interface OpenIndexOptions extends IndexOptions {
  /** Its file; beside it the engine puts two of its own. */
  file: string;
}

/**
 * Opens an index of a deployment's events in a file, for this process alone, until it is closed.
 *
 * @throws what {@link openIndexAt} throws
 *
 * @example
 * await using index = await openIndex({ file: "index.sqlite", provider, deployment, scope: "whole" });
 * await index.sync();
 */
export const openIndex = ({ file, ...options }: OpenIndexOptions): Promise<ChainIndex> =>
  openIndexAt(
    {
      file,
      connect: () => openFile(file),
      remove() {
        for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
      },
    },
    options,
  );
