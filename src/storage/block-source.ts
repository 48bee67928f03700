import type { CID } from "multiformats/cid";
import { blockCorrupt, tooLarge } from "./failures.js";
import { MAX_READ_BLOCK_BYTES } from "./record-store.js";
import { equalBytes, sha256 } from "../crypto/index.js";

/** Where blocks come from: a folder, a node, or a CAR that is being imported. */
export interface BlockSource {
  /** The bytes held for `cid`. @throws BLOCK_MISSING */
  fetch(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
  /** Whether bytes are held for `cid`, without fetching them. */
  has(cid: CID): Promise<boolean>;
}

/**
 * The same source with every block hashed. Nothing underneath does this: neither Kubo client, nor a CAR reader, nor a
 * file blockstore.
 *
 * @throws BLOCK_CORRUPT, BLOCK_TOO_LARGE from `fetch`.
 */
export function verified(source: BlockSource): BlockSource {
  return {
    has: (cid) => source.has(cid),
    fetch: async (cid, signal) => {
      signal?.throwIfAborted();
      const bytes = await source.fetch(cid, signal);
      checkBlock(cid, bytes);
      return bytes;
    },
  };
}

/** @throws BLOCK_CORRUPT when `bytes` do not hash to `cid`; BLOCK_TOO_LARGE before hashing anything oversized. */
export function checkBlock(cid: CID, bytes: Uint8Array): void {
  if (bytes.length > MAX_READ_BLOCK_BYTES)
    throw tooLarge(`block ${cid.toString()}`, bytes.length, MAX_READ_BLOCK_BYTES);
  if (!equalBytes(sha256(bytes), cid.multihash.digest)) throw blockCorrupt(cid.toString());
}
