import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { NextToLast } from "blockstore-fs/sharding";
import { CID } from "multiformats/cid";

import type { Devnet } from "../../devnet/index.js";

/** The file in which a devnet's store keeps a block. */
export function blockFile({ ipfs }: Devnet, cid: string): string {
  const { dir, file } = new NextToLast().encode(CID.parse(cid));
  return join(ipfs, "blocks", dir, file);
}

/** Flips a byte of a block on disk. */
export async function alterBlock(devnet: Devnet, cid: string): Promise<void> {
  const file = blockFile(devnet, cid);
  const content = await readFile(file);
  content[content.length >> 1]! ^= 1;
  await writeFile(file, content);
}
