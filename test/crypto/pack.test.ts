import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  FULL_PACK,
  WHOLE_PACK,
  intoPacks,
  packRecords,
  packSize,
  padmeSize,
  sealRecord,
} from "../../src/crypto/index.js";
import { collect, expectBytes, expectCode, pattern } from "./helpers.js";

const KIB = 1024;

describe("pack", () => {
  it("holds every record whole, where it says, in a file of one of few sizes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5000), { minLength: 1, maxLength: 12 }), async (sizes) => {
        const sealed = sizes.map((size) => sealRecord({ source: [pattern(size)], size }));
        const { stream, size, offsets } = packRecords(sealed);
        const bytes = await collect(stream);
        expect(bytes.length).to.equal(size);
        expect(size).to.equal(packSize(sealed.reduce((sum, { length }) => sum + length, 0)));
        const places = sealed.map(({ length, sha256 }, at) => {
          const record = bytes.subarray(offsets[at], offsets[at]! + length);
          expectBytes(sha256(), createHash("sha256").update(record).digest());
          return [offsets[at]!, offsets[at]! + length] as const;
        });
        const inOrder = places.sort(([a], [b]) => a - b);
        for (const [at, [start]] of inOrder.entries()) {
          expect(start).to.be.at.least(at === 0 ? 0 : inOrder[at - 1]![1]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("has its records in any order, and the rest is bytes that never come again", async () => {
    const orders = new Set<string>();
    const rests = new Set<string>();
    for (let times = 0; times < 60; times++) {
      const { stream, offsets } = packRecords([1, 2, 3].map((length) => ({ ciphertext: [pattern(length)], length })));
      orders.add(String([...offsets.keys()].sort((a, b) => offsets[a]! - offsets[b]!)));
      const bytes = await collect(stream);
      const end = Math.min(...offsets);
      rests.add(Buffer.from(end > 1000 ? bytes.subarray(0, end) : bytes.subarray(-1000)).toString("base64"));
    }
    // That one of the six is missing has a chance of less than one in 9,000.
    expect(orders.size).to.equal(6);
    expect(rests.size).to.equal(60);
  });

  it("has those together that belong together, and nothing between them", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 12 }), (kinds) => {
        const records = kinds.map((beside, i) => ({ ciphertext: [pattern(i + 1)], length: i + 1, beside }));
        const { offsets } = packRecords(records);
        for (const kind of new Set(kinds)) {
          const own = [...kinds.keys()].filter((at) => kinds[at] === kind);
          const length = own.reduce((sum, at) => sum + records[at]!.length, 0);
          const start = Math.min(...own.map((at) => offsets[at]!));
          const end = Math.max(...own.map((at) => offsets[at]! + records[at]!.length));
          expect(end - start).to.equal(length);
        }
      }),
    );
  });

  it("has its padding anywhere around them, so that a gap needn't be somebody else's record", () => {
    const [before, between, after] = [[], [], []] as [number[], number[], number[]];
    for (let times = 0; times < 60; times++) {
      const { offsets, size } = packRecords(["a", "b"].map((beside) => ({ ciphertext: [], length: 9, beside })));
      const [first, second] = offsets.toSorted((a, b) => a - b);
      before.push(first!);
      between.push(second! - first! - 9);
      after.push(size - second! - 9);
    }
    for (const gaps of [before, between, after]) {
      expect(gaps.every((gap) => gap >= 0)).to.equal(true);
      // Each is a third of it on the average; below and above that are both met but in one of 10¹⁵ times.
      expect(Math.min(...gaps)).to.be.below(packSize(18) / 3);
      expect(Math.max(...gaps)).to.be.above(packSize(18) / 3);
    }
  });

  it("is padded to 32 KiB doubled up to 8 MiB, and to Padmé's size beyond", () => {
    expect([0, 1, 32 * KIB, 32 * KIB + 1, 40_000].map(packSize)).to.deep.equal(
      [32, 32, 32, 64, 64].map((size) => size * KIB),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 }), (length) => {
        const size = packSize(length);
        expect(size).to.be.at.least(length);
        if (length > WHOLE_PACK) expect(size).to.equal(padmeSize(length));
        else expect(Math.log2(size / (32 * KIB)) % 1, "a power of two").to.equal(0);
        if (length > 16 * KIB) expect(size).to.be.below(2 * length);
      }),
    );
    const sizes = new Set(Array.from({ length: 2000 }, (_, at) => packSize((at * WHOLE_PACK) / 1999)));
    expect(sizes.size).to.equal(9);
  });

  it("takes every record of an import once, up to 256 KiB in all or beside one that is larger", () => {
    const anySize = fc.oneof(fc.integer({ min: 56, max: 20_000 }), fc.integer({ min: 56, max: 2 * WHOLE_PACK }));
    fc.assert(
      fc.property(fc.array(anySize, { minLength: 1, maxLength: 60 }), (lengths) => {
        const packs = intoPacks(lengths);
        expect(packs.flat().sort((a, b) => a - b)).to.deep.equal([...lengths.keys()]);
        for (const pack of packs) {
          const length = pack.reduce((sum, at) => sum + lengths[at]!, 0);
          const largest = Math.max(...pack.map((at) => lengths[at]!));
          if (largest > WHOLE_PACK) expect(pack).to.have.length(1);
          else if (largest > FULL_PACK) expect(length).to.be.at.most(packSize(largest));
          else expect(length).to.be.at.most(FULL_PACK);
        }
        // No two could have been one.
        const small = packs.filter((pack) => pack.every((at) => lengths[at]! <= FULL_PACK));
        const sums = small.map((pack) => pack.reduce((sum, at) => sum + lengths[at]!, 0)).sort((a, b) => a - b);
        if (sums.length > 1) expect(sums[0]! + sums[1]!).to.be.above(FULL_PACK);
      }),
    );
  });

  it("is filled by chance, and packs come in any order", () => {
    const lengths = [...Array<number>(40).fill(20_000), 900_000];
    const [large, beside] = [new Set<number>(), new Set<string>()];
    for (let times = 0; times < 60; times++) {
      const packs = intoPacks(lengths);
      large.add(packs.findIndex((pack) => pack.includes(40)));
      beside.add(String(packs.find((pack) => pack.includes(40))!.toSorted((a, b) => a - b)));
    }
    expect(large.size).to.equal(intoPacks(lengths).length);
    expect(beside.size).to.be.above(40);
  });

  it("isn't made of records that are longer or shorter than they say", async () => {
    for (const length of [9, 11]) {
      const { stream } = packRecords([{ ciphertext: [pattern(10)], length }]);
      await expectCode("SIZE_MISMATCH", () => collect(stream));
    }
  });
});
