import { importByteStream } from "ipfs-unixfs-importer";
import type { CID } from "multiformats/cid";
import { tooLarge } from "./failures.js";

/** Where an import puts its blocks. */
export interface BlockSink {
  /** Takes a block; resolves once there is room for the next, which may be before this one is stored. */
  put(cid: CID, bytes: Uint8Array): Promise<void>;
}

/**
 * Cuts a stream into a UnixFS DAG of profile `unixfs-v1-2025` and hands each block to `sink`, leaves first. The
 * importer hashes each block once; the sink is given the CID and need not hash again.
 *
 * @param source - closed when the import fails.
 * @returns the root and the number of bytes read.
 * @throws BLOCK_TOO_LARGE over `maxBytes`; whatever `source`, `sink` or `signal` throw, unchanged.
 *
 * @see https://specs.ipfs.tech/ipips/ipip-0499/
 */
export async function importContent(
  source: AsyncIterable<Uint8Array>,
  sink: BlockSink,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<{ cid: CID; size: number }> {
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      signal?.throwIfAborted();
      size += chunk.length;
      if (size > maxBytes) throw tooLarge("the content", size, maxBytes);
      yield chunk;
    }
    signal?.throwIfAborted();
  }
  const blockstore = {
    put: async (cid: CID, bytes: unknown) => {
      // The importer's blocks are always whole arrays; its type also allows streams.
      await sink.put(cid, bytes as Uint8Array);
      return cid;
    },
  };

  const { cid } = await importByteStream(counted(), blockstore, {
    profile: "unixfs-v1-2025",
    // Above one, the importer waits for the slowest of so many blocks before it reads on. The sinks overlap better.
    blockWriteConcurrency: 1,
  });
  return { cid, size };
}
