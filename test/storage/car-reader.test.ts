import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { assert } from "chai";

import { stageCar } from "../../src/storage/car-reader.js";
import { assertFails, bytesOf, carWith, rawBlock, streamOf } from "./content.js";
import { startWorker } from "./processes.js";

const KIB = 1_024;
const GIB = 1_073_741_824;

/** A CAR's stream of blocks that come one by one, and how many bytes of it were taken. */
function carOfBlocks(block: (at: number) => Uint8Array, count = Infinity) {
  const car = {
    taken: 0,
    async *stream() {
      const first = rawBlock(block(0));
      yield await carWith([first.cid], [first]);
      for (let at = 1; at < count; at++) {
        const made = rawBlock(block(at));
        // One block of a CAR: what a CAR of it has beyond its header.
        const [bare, whole] = [await carWith([made.cid], []), await carWith([made.cid], [made])];
        const bytes = whole.subarray(bare.length);
        car.taken += bytes.length;
        yield bytes;
      }
    },
  };
  return car;
}

const tiny = (at: number) => Uint8Array.of(at >> 24, at >> 16, at >> 8, at);
const nowhere = () => {
  const sink = { blocks: 0, put: async () => void sink.blocks++ };
  return sink;
};

describe("reading a CAR", () => {
  it("takes a thousand blocks of any size", async () => {
    const sink = nowhere();
    await stageCar(carOfBlocks(tiny, KIB).stream(), sink, GIB);
    assert.equal(sink.blocks, KIB);
  });

  it("refuses one that cuts little into many blocks, as soon as it shows", async () => {
    const endless = carOfBlocks(tiny);
    const sink = nowhere();
    await assertFails(() => stageCar(endless.stream(), sink, GIB), "CAR_INVALID");
    assert.isAtMost(sink.blocks, KIB + 1);
    assert.isAtMost(endless.taken, 64 * KIB);
  });

  it("refuses one that begins with large blocks and goes on with tiny ones, once these are most of what it costs", async () => {
    const large = 8;
    const endless = carOfBlocks((at) => (at < large ? bytesOf(`large ${at}`, KIB * KIB) : tiny(at)));
    const sink = nowhere();
    await assertFails(() => stageCar(endless.stream(), sink, GIB), "CAR_INVALID");
    assert.isAtMost(sink.blocks, KIB + large * 17);
  });

  it("takes any number of blocks as chunkers cut them", async () => {
    const sink = nowhere();
    const chunk = bytesOf("chunk", 64 * KIB);
    const cut = (at: number) => {
      new DataView(chunk.buffer).setUint32(0, at);
      return chunk.slice();
    };
    await stageCar(carOfBlocks(cut, 1_500).stream(), sink, GIB);
    assert.equal(sink.blocks, 1_500);
  });

  it("takes no more room on the disk or in memory than a few times its size", async () => {
    const directory = await mkdtemp(join(tmpdir(), "chartchain-car-"));
    try {
      const worker = startWorker(["import-tiny", directory, "alice", "20000"]);
      await worker.done();
      const [outcome, size, onDisk, inMemory] = worker.lines;
      assert.equal(outcome, "CAR_INVALID");
      assert.isAtMost(Number(onDisk), 10 * Number(size));
      assert.isAtMost(Number(inMemory), 10 * Number(size));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("is as it was written, whatever the pieces in which it comes", async () => {
    const blocks = ["a", "b", "c"].map((name) => rawBlock(bytesOf(name, 5_000)));
    const car = await carWith([blocks[0]!.cid], blocks);
    for (const piece of [1, 41, 4_999, car.length]) {
      const got: string[] = [];
      await stageCar(streamOf(car, piece), { put: async (cid) => void got.push(cid.toString()) }, GIB);
      assert.deepEqual(
        got,
        blocks.map(({ cid }) => cid.toString()),
      );
    }
  });
});
