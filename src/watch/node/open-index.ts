import { closeSync, openSync } from "node:fs";

import { openFile } from "../../sqlite/node/index.js";
import { type ChainIndex, type IndexOptions, openIndexAt } from "../index.js";

/** Which index to open. */
export interface OpenIndexOptions extends IndexOptions {
  /** Its file; beside it the engine puts two of its own. */
  file: string;
}

/**
 * Opens an index of a deployment's events in a file, for this process alone, until it is closed. A new file is its owner's alone
 * (0600): whom it follows says whose it is.
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
      connect() {
        ensureFile(file);
        return openFile(file);
      },
    },
    options,
  );

/** Creates the file before the engine would with wider rights, which also gives its own files the same. */
function ensureFile(file: string): void {
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch {
    // It is there, or can't be made: the engine says which.
  }
}
