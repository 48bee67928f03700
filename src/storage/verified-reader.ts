import type { CID } from "multiformats/cid";
import type { BlockSource } from "./block-source.js";
import { dagInvalid, dagTooDeep, invalidRange, tooLarge } from "./failures.js";
import { decodeFileNode, type FileNode } from "./file-node.js";
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, type GetOptions } from "./record-store.js";

/** A file may cost this much fetching beyond four times the bytes asked for, before it is refused as a bomb. */
const FETCH_ALLOWANCE = 16n * 1_048_576n;

/**
 * Reads a UnixFS file from hashed blocks, in order, fetching only what the range needs and at most one block ahead.
 *
 * The walk is ours because the exporter's `content()` reads on when the consumer is slow or has left (its queue has no
 * bound), fetches one block too many for a range that ends on a block's edge, and knows no depth. The exporter decodes
 * each block. Every node must be exactly as long as its parent says, so a range and a full read cannot disagree.
 *
 * @param source - hashes what it returns, see `verified`.
 * @throws as `RecordStore.get` does.
 */
export async function* readFile(
  source: BlockSource,
  root: CID,
  { offset = 0, length, signal, maxBytes = DEFAULT_MAX_BYTES, maxDepth = DEFAULT_MAX_DEPTH }: GetOptions = {},
): AsyncGenerator<Uint8Array> {
  for (const [name, value] of Object.entries({ offset, length: length ?? 0 }))
    if (!Number.isSafeInteger(value) || value < 0)
      throw invalidRange(`${name} is not a whole number of bytes`, { name });
  const stop = new AbortController();
  const until = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);

  const rootBytes = await source.fetch(root, until);
  const file = await decodeFileNode(root, rootBytes);
  if (file.size > BigInt(maxBytes)) throw tooLarge(`the content of ${root.toString()}`, file.size, maxBytes);
  const size = Number(file.size);
  if (offset > size) throw invalidRange("the offset lies past the end of the file", { offset, size });
  const start = BigInt(offset);
  const end = BigInt(length === undefined ? size : Math.min(size, offset + length));
  let budget = 4n * (end - start) + FETCH_ALLOWANCE;

  async function* walk(node: FileNode, position: bigint, depth: number): AsyncGenerator<Uint8Array> {
    const own = slice(node.data, position, start, end);
    if (own.length > 0) yield own;

    const wanted = overlapping(node, position, start, end);
    if (wanted.length > 0 && depth >= maxDepth) throw dagTooDeep(String(wanted[0]?.cid), maxDepth);
    let ahead = fetchChild(0);
    for (const [index, child] of wanted.entries()) {
      const bytes = await ahead;
      ahead = fetchChild(index + 1);
      const decoded = await decodeFileNode(child.cid, bytes);
      if (decoded.size !== child.size) throw dagInvalid(child.cid.toString(), "its size is not what its parent says");
      yield* walk(decoded, child.position, depth + 1);
    }

    function fetchChild(index: number): Promise<Uint8Array> {
      const next = wanted[index];
      if (next === undefined) return Promise.resolve(new Uint8Array(0));
      const fetched = source.fetch(next.cid, until).then((bytes) => {
        budget -= BigInt(bytes.length);
        if (budget < 0n) throw dagInvalid(root.toString(), "it takes far more blocks than its bytes explain");
        return bytes;
      });
      // A consumer that leaves early never awaits the block ahead; its failure must not surface as unhandled.
      fetched.catch(() => undefined);
      return fetched;
    }
  }

  try {
    if (end > start) yield* walk(file, 0n, 0);
  } finally {
    stop.abort();
  }
}

function overlapping(node: FileNode, position: bigint, start: bigint, end: bigint) {
  let next = position + BigInt(node.data.length);
  const placed = node.links.map((link) => {
    const at = next;
    next += link.size;
    return { ...link, position: at };
  });
  return placed.filter((child) => child.position < end && child.position + child.size > start);
}

function slice(data: Uint8Array, position: bigint, start: bigint, end: bigint): Uint8Array {
  const from = start > position ? start - position : 0n;
  const to = end > position ? end - position : 0n;
  return data.subarray(Number(from), Number(to));
}
