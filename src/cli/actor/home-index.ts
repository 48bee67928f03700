import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { isChartChainError } from "../../errors/index.js";
import { type ChainIndex, openIndexAt } from "../../watch/index.js";
import { openIndex } from "../../watch/node/index.js";
import { openFile } from "../../sqlite/node/index.js";
import type { Chain } from "./chain.js";

/**
 * The index of the chain's events that a home folder keeps, so that no command reads the chain's whole log. It is a copy of what
 * the chain has: one that can't be used is made anew, and while another command has it open this one reads without it.
 *
 * @param directory where the vault of that chain is, or would be
 */
export async function openHomeIndex(directory: string, chain: Chain): Promise<ChainIndex> {
  if (!existsSync(directory)) return inMemory(chain);
  const file = join(directory, "index.sqlite");
  try {
    return await openIndex({ file, ...sourceOf(chain) });
  } catch (error) {
    if (isChartChainError(error, "INDEX_MISMATCH") || isChartChainError(error, "INDEX_CORRUPT")) {
      for (const end of ["", "-journal", "-wal", "-shm"]) await rm(`${file}${end}`, { force: true });
      return openIndex({ file, ...sourceOf(chain) });
    }
    if (isChartChainError(error, "INDEX_IN_USE") || isChartChainError(error, "INDEX_UNWRITABLE"))
      return inMemory(chain);
    throw error;
  }
}

/**
 * The index of who watches, apart from the other commands', which go on meanwhile. It remembers what was told.
 *
 * @throws what the index throws: INDEX_IN_USE while another program watches here
 */
export async function openWatchIndex(directory: string, chain: Chain): Promise<ChainIndex> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return openIndex({ file: join(directory, "watch.sqlite"), ...sourceOf(chain) });
}

const inMemory = (chain: Chain): Promise<ChainIndex> =>
  openIndexAt({ file: "memory", connect: () => openFile(":memory:") }, sourceOf(chain));

const sourceOf = ({ provider, deployment }: Chain) => ({ provider, deployment });
