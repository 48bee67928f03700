import { assert } from "chai";
import type { CID } from "multiformats/cid";
import { type BlockSource, verified } from "../../src/storage/block-source.js";
import { importContent } from "../../src/storage/unixfs-import.js";
import { readFile } from "../../src/storage/verified-reader.js";
import {
  assertFails,
  assertSameBytes,
  bytesOf,
  collected,
  fileBlock,
  type MadeBlock,
  rawBlock,
  streamOf,
} from "./content.js";

const MIB = 1_048_576;

/** Blocks in memory that remember which of them were fetched. */
class Memory implements BlockSource {
  readonly blocks = new Map<string, Uint8Array>();
  readonly fetched: string[] = [];

  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    this.blocks.set(cid.toString(), bytes);
  }

  async has(cid: CID): Promise<boolean> {
    return this.blocks.has(cid.toString());
  }

  async fetch(cid: CID): Promise<Uint8Array> {
    this.fetched.push(cid.toString());
    const bytes = this.blocks.get(cid.toString());
    if (bytes === undefined) throw new Error(`no block ${cid.toString()}`);
    return bytes;
  }
}

describe("verified reader", () => {
  let memory: Memory;
  let root: CID;
  const whole = bytesOf("verified reader", 5 * MIB + 3);

  beforeEach(async () => {
    memory = new Memory();
    ({ cid: root } = await importContent(streamOf(whole), memory, { maxBytes: 2 * whole.length }));
  });

  const read = (options = {}) => readFile(verified(memory), root, options);
  const leaf = (index: number) => rawBlock(whole.subarray(index * MIB, (index + 1) * MIB)).cid.toString();
  const add = ({ cid, bytes }: MadeBlock) => memory.put(cid, bytes);

  it("fetches every block once for a whole read", async () => {
    assertSameBytes(await collected(read()), whole);
    assert.deepEqual(memory.fetched, [root.toString(), ...[0, 1, 2, 3, 4, 5].map(leaf)]);
  });

  it("fetches only the blocks that a range touches, also when it ends on a block's edge", async () => {
    assertSameBytes(await collected(read({ offset: 2 * MIB, length: MIB })), whole.subarray(2 * MIB, 3 * MIB));
    assert.deepEqual(memory.fetched, [root.toString(), leaf(2)]);
  });

  it("fetches no leaf for an empty range", async () => {
    assertSameBytes(await collected(read({ offset: MIB, length: 0 })), new Uint8Array(0));
    assert.deepEqual(memory.fetched, [root.toString()]);
  });

  it("is never more than one block ahead of a slow consumer", async () => {
    let taken = 0;
    for await (const chunk of read()) {
      assert.equal(chunk.length, Math.min(MIB, whole.length - taken * MIB));
      taken += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.isAtMost(memory.fetched.length, 1 + taken + 1);
    }
  });

  it("fetches nothing more once the consumer has left", async () => {
    for await (const chunk of read()) {
      assert.equal(chunk.length, MIB);
      break;
    }
    const fetched = memory.fetched.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(memory.fetched.length, fetched);
  });

  it("hands out nothing of a block that does not hash to its CID", async () => {
    const good = memory.blocks.get(leaf(3)) ?? new Uint8Array(0);
    const bad = Uint8Array.from(good);
    bad[MIB - 1] = (bad[MIB - 1] ?? 0) ^ 1;
    memory.blocks.set(leaf(3), bad);

    let taken = 0;
    await assertFails(async () => {
      for await (const chunk of read()) taken += chunk.length;
    }, "BLOCK_CORRUPT");
    assert.equal(taken, 3 * MIB);
  });

  it("refuses a block over 2 MiB before hashing it", async () => {
    memory.blocks.set(root.toString(), new Uint8Array(2 * MIB + 1));
    await assertFails(() => read(), "BLOCK_TOO_LARGE");
  });

  it("reads files of several layers", async () => {
    const parts = [0, 1, 2, 3].map((part) => rawBlock(bytesOf(`part ${part}`, 100 + part)));
    const [a, b, c, d] = parts;
    assert.isDefined(a);
    assert.isDefined(b);
    assert.isDefined(c);
    assert.isDefined(d);
    const left = fileBlock([a.cid, b.cid], [100n, 101n]);
    const right = fileBlock([c.cid, d.cid], [102n, 103n]);
    const top = fileBlock([left.cid, right.cid], [201n, 205n]);
    await Promise.all([...parts, left, right, top].map(add));
    const expected = Uint8Array.from(Buffer.concat(parts.map((part) => part.bytes)));

    for (let offset = 0; offset <= expected.length; offset += 29)
      for (let length = 0; length <= expected.length; length += 31)
        assertSameBytes(
          await collected(readFile(verified(memory), top.cid, { offset, length })),
          expected.subarray(offset, offset + length),
        );
  });

  it("gives up on a file that takes far more fetching than its bytes explain", async () => {
    // The last byte lies under 30 nodes of 1.5 MiB each.
    const blocks = [rawBlock(Uint8Array.of(1))];
    let size = 1n;
    for (let layer = 0; layer < 30; layer++) {
      const [below] = blocks;
      assert.isDefined(below);
      blocks.unshift(fileBlock([below.cid], [size], { data: bytesOf(`layer ${layer}`, 1.5 * MIB) }));
      size += BigInt(1.5 * MIB);
    }
    await Promise.all(blocks.map(add));
    const [top] = blocks;
    assert.isDefined(top);

    const last = { offset: Number(size) - 1, maxDepth: 100 };
    await assertFails(() => readFile(verified(memory), top.cid, last), "DAG_INVALID");
    assert.isBelow(memory.fetched.length, 15);
  });

  it("refuses links to CIDs of another kind", async () => {
    const foreign = fileBlock([rawBlock(Uint8Array.of(1)).cid.toV1()], [1n]);
    const v0 = fileBlock([foreign.cid.toV0()], [1n]);
    await Promise.all([foreign, v0].map(add));
    await assertFails(() => readFile(verified(memory), v0.cid), "DAG_INVALID");
  });
});
