import { code as DAG_PB, decode as decodeDagPb } from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";
import type { BlockSource } from "./block-source.js";
import { isStoreCid, parseCid } from "./cid.js";
import { blockMissing, dagInvalid, dagTooDeep } from "./failures.js";
import { DEFAULT_MAX_DEPTH } from "./record-store.js";

/**
 * Every block under `root`, root first, each once. Blocks with links are fetched; raw leaves only if `leaves` says so,
 * else they need only be there.
 *
 * @param seen - CIDs already visited, shared between walks that may skip what an earlier one covered.
 * @throws BLOCK_MISSING, DAG_TOO_DEEP, DAG_INVALID; whatever `source` throws.
 */
export async function* walkDag(
  source: BlockSource,
  root: CID,
  { leaves, seen = new Set() }: { leaves: "fetch" | "check"; seen?: Set<string> },
): AsyncGenerator<{ cid: CID; bytes: Uint8Array | undefined }> {
  const stack = [{ cid: root, depth: 0 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { cid, depth } = next;
    const key = cid.toString();
    if (seen.has(key)) continue;
    if (depth > DEFAULT_MAX_DEPTH) throw dagTooDeep(key, DEFAULT_MAX_DEPTH);
    seen.add(key);

    if (cid.code !== DAG_PB && leaves === "check") {
      if (!(await source.has(cid))) throw blockMissing(key);
      yield { cid, bytes: undefined };
      continue;
    }
    const bytes = await source.fetch(cid);
    yield { cid, bytes };
    for (const link of linksOf(cid, bytes).reverse()) stack.push({ cid: link, depth: depth + 1 });
  }
}

/** @throws BLOCK_MISSING (and what {@link walkDag} throws) unless everything under `root` is held. */
export async function checkComplete(source: BlockSource, root: CID, seen?: Set<string>): Promise<void> {
  const options = seen === undefined ? { leaves: "check" as const } : { leaves: "check" as const, seen };
  const walk = walkDag(source, root, options);
  while ((await walk.next()).done !== true);
}

/**
 * The CIDs that a block links to; none of a raw one.
 *
 * @param bytes already hashed
 * @throws INVALID_CID, DAG_INVALID
 *
 * @example
 * for (const child of linksIn(cid, await store.getBlock(cid))) await store.getBlock(child);
 */
export const linksIn = (cid: string, bytes: Uint8Array): string[] => linksOf(parseCid(cid), bytes).map(String);

function linksOf(cid: CID, bytes: Uint8Array): CID[] {
  if (cid.code !== DAG_PB) return [];
  const links = decodeLinks(cid, bytes);
  if (!links.every(isStoreCid)) throw dagInvalid(cid.toString(), "a link is of a foreign kind");
  return links;
}

function decodeLinks(cid: CID, bytes: Uint8Array): CID[] {
  try {
    return decodeDagPb(bytes).Links.map((link) => link.Hash);
  } catch (cause) {
    throw dagInvalid(cid.toString(), "not dag-pb", cause);
  }
}
