/** Content for stores. Runs under Node and in a browser. */
import { ctr } from "@noble/ciphers/aes.js";
import { encode as encodeDagPb, prepare } from "@ipld/dag-pb";
import { CarWriter } from "@ipld/car/writer";
import { assert } from "chai";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { UnixFS, type UnixFSOptions } from "ipfs-unixfs";
import { concatBytes, equalBytes, sha256 } from "../../src/crypto/index.js";
import { isChartChainError, type ErrorCode } from "../../src/errors/index.js";

/** `size` bytes that look random and are the same for the same seed. */
export function bytesOf(seed: string, size: number): Uint8Array {
  return ctr(sha256(new TextEncoder().encode(seed)), new Uint8Array(16)).encrypt(new Uint8Array(size));
}

/** A stream of `bytes` in chunks of `chunk` bytes. */
export async function* streamOf(bytes: Uint8Array, chunk = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}

/** A stream of `size` bytes that is never in memory at once, in chunks of 64 KiB that all differ. */
export async function* streamOfSize(seed: string, size: number): AsyncGenerator<Uint8Array> {
  const chunk = bytesOf(seed, 65_536);
  for (let at = 0; at < size; at += chunk.length) {
    new DataView(chunk.buffer).setFloat64(0, at);
    yield chunk.slice(0, size - at);
  }
}

/** Everything a stream yields, as one array. */
export async function collected(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concatBytes(...chunks);
}

/** Asserts equality of bytes without printing megabytes. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.length, expected.length, "length");
  assert.isTrue(equalBytes(actual, expected), "content");
}

/** Asserts that a promise (or a stream, read to its end) fails with this code, and gives the error. */
export async function assertFails(run: () => unknown, code: ErrorCode): Promise<Error> {
  try {
    const result = run();
    if (result !== null && typeof result === "object" && Symbol.asyncIterator in result)
      await collected(result as AsyncIterable<Uint8Array>);
    else await result;
  } catch (error) {
    if (isChartChainError(error, code)) return error;
    throw error;
  }
  assert.fail(`expected ${code}, but nothing failed`);
}

/** A block of a DAG that no importer would write. */
export interface MadeBlock {
  cid: CID;
  bytes: Uint8Array;
}

/** A CID of any kind for `bytes`. */
export function madeCid(codec: number, bytes: Uint8Array): CID {
  return CID.createV1(codec, createDigest(0x12, sha256(bytes)));
}

/** A raw block. */
export function rawBlock(bytes: Uint8Array): MadeBlock {
  return { cid: madeCid(0x55, bytes), bytes };
}

/** A dag-pb node that links to `children` and declares `sizes` for them, true or not; a file unless said otherwise. */
export function fileBlock(children: CID[], sizes: bigint[], own: Pick<UnixFSOptions, "type" | "data"> = {}): MadeBlock {
  const Data = new UnixFS({ type: "file", ...own, blockSizes: sizes }).marshal();
  const bytes = encodeDagPb(prepare({ Data, Links: children.map((Hash) => ({ Name: "", Tsize: 1, Hash })) }));
  return { cid: madeCid(0x70, bytes), bytes };
}

/** A promise and what resolves it. */
export function task(): { ended: Promise<void>; end: () => void } {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { ended, end };
}

/** Bytes of the content at the end of a chain. */
export const CHAIN_BYTES = 32;

/** A few bytes under `depth` nodes of one link each. Root first. */
export function chainOf(seed: string, depth: number): MadeBlock[] {
  // Long enough that no other test has the same: of blocks of one byte there are only 256.
  const blocks = [rawBlock(bytesOf(seed, CHAIN_BYTES))];
  for (let layer = 0; layer < depth; layer++) {
    const [child] = blocks;
    assert.isDefined(child);
    blocks.unshift(fileBlock([child.cid], [BigInt(CHAIN_BYTES)]));
  }
  return blocks;
}

/** Blocks as a CAR, in this order. */
export async function carWith(roots: CID[], blocks: MadeBlock[]): Promise<Uint8Array> {
  const { writer, out } = CarWriter.create(roots);
  const writing = (async () => {
    for (const block of blocks) await writer.put(block);
    await writer.close();
  })();
  const [car] = await Promise.all([collected(out), writing]);
  return car;
}
