import { asyncIterableReader, type BytesReader, readBlockHead, readHeader } from "@ipld/car/decoder";
import type { CID } from "multiformats/cid";
import { ChartChainError } from "../errors/index.js";
import { checkBlock } from "./block-source.js";
import { isStoreCid } from "./cid.js";
import { carInvalid, tooLarge } from "./failures.js";
import { MAX_READ_BLOCK_BYTES } from "./record-store.js";
import type { BlockSink } from "./unixfs-import.js";

/** So many blocks may be as small as they like: a few records of any kind. */
const FREE_BLOCKS = 1_024;

/** What each block beyond those has to bring on average, in bytes; chunkers that are in use make at least four times that. */
const MIN_AVERAGE_BYTES = 65_536;

/**
 * Reads a CARv1 stream and hands each block to `sink` once it has been hashed. The sink must be able to drop
 * everything again: what is wrong with a CAR may stand at its end.
 *
 * A block of four bytes costs as much as one of thousands: a file, an entry in memory, a hash. So a CAR of many tiny blocks
 * is refused, as soon as it shows. What it costs stays in proportion to its size.
 *
 * @param maxBytes - the whole stream's limit.
 * @returns the roots named in the header, at least one.
 * @throws CAR_INVALID, BLOCK_CORRUPT, BLOCK_TOO_LARGE; whatever `source` or `sink` throw, unchanged.
 *
 * @see https://ipld.io/specs/transport/car/carv1/
 */
export async function stageCar(source: AsyncIterable<Uint8Array>, sink: BlockSink, maxBytes: number): Promise<CID[]> {
  const input = limited(source, maxBytes);
  const reader = capped(asyncIterableReader(input.stream));
  // Whatever else fails in here, a fault of the source is reported as it is and not as a fault of the CAR.
  const decode = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (cause) {
      const { fault } = input;
      if (fault !== undefined) throw fault.error;
      throw cause instanceof ChartChainError ? cause : carInvalid("it cannot be decoded", cause);
    }
  };

  try {
    const header = await decode(() => readHeader(reader, 1));
    if (header.roots.length === 0) throw carInvalid("it names no root");
    checkKind(header.roots);
    for (let blocks = 1; (await decode(() => reader.upTo(8))).length > 0; blocks++) {
      const { cid, bytes } = await decode(() => readBlock(reader));
      if ((blocks - FREE_BLOCKS) * MIN_AVERAGE_BYTES > reader.pos)
        throw carInvalid("it cuts too little into too many blocks");
      checkBlock(cid, bytes);
      await sink.put(cid, bytes);
    }
    return header.roots;
  } finally {
    await input.stream.return(undefined);
  }
}

async function readBlock(reader: BytesReader): Promise<{ cid: CID; bytes: Uint8Array }> {
  const { cid, blockLength } = await readBlockHead(reader);
  checkKind([cid]);
  if (blockLength < 0) throw carInvalid("a block is shorter than its CID");
  return { cid, bytes: await reader.exactly(blockLength, true) };
}

function checkKind(cids: CID[]): void {
  if (!cids.every(isStoreCid)) throw carInvalid("it holds a CID that is not CIDv1, raw or dag-pb, sha2-256");
}

/** The decoder would buffer whatever length a CAR claims; no header or block of ours is longer than a block. */
function capped(reader: BytesReader): BytesReader {
  return {
    upTo: (length) => reader.upTo(length),
    exactly: async (length, seek) => {
      if (length > MAX_READ_BLOCK_BYTES) throw tooLarge("a block of the CAR", length, MAX_READ_BLOCK_BYTES);
      return reader.exactly(length, seek);
    },
    seek: (length) => {
      reader.seek(length);
    },
    get pos() {
      return reader.pos;
    },
  };
}

function limited(source: AsyncIterable<Uint8Array>, maxBytes: number) {
  const input: { stream: AsyncGenerator<Uint8Array>; fault: { error: unknown } | undefined } = {
    stream: read(),
    fault: undefined,
  };
  async function* read(): AsyncGenerator<Uint8Array> {
    let size = 0;
    try {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > maxBytes) throw tooLarge("the CAR", size, maxBytes);
        yield chunk;
      }
    } catch (error) {
      input.fault = { error };
      throw error;
    }
  }
  return input;
}
