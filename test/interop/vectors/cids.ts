import { collect } from "../../crypto/helpers.js";
import { keystream } from "../content.js";
import type { Kubo } from "../kubo.js";

const MIB = 2 ** 20;
const FILES = [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB + 7, 174 * MIB, 175 * MIB, 256 * MIB, 1024 * MIB, 1024 * MIB + 1];
const BLOCKS = [0, 1, 1000, MIB];

/** CIDs that Kubo gives. */
export async function cidVectors(kubo: Kubo): Promise<object> {
  const files: object[] = [];
  for (const size of FILES) {
    files.push({ size, cid: await kubo.text(["add", "--only-hash", "--quieter"], keystream(size)) });
  }
  const putBlock = async (block: Uint8Array) => kubo.text(["block", "put", "--cid-codec=raw"], [block]);
  const blocks: object[] = [];
  for (const size of BLOCKS) blocks.push({ size, cid: await putBlock(await collect(keystream(size))) });
  return {
    source: `CIDs given by Kubo ${kubo.version}, profile unixfs-v1-2025. The content of files and blocks is the keystream of AES-256-CTR, key and counter zero.`,
    files,
    blocks,
  };
}
