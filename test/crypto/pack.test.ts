import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { WHOLE_PACK, packRecords, packSize, padmeSize, sealRecord } from "../../src/crypto/index.js";
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
        for (const [at, [start]] of inOrder.entries()) expect(start).to.equal(at === 0 ? 0 : inOrder[at - 1]![1]);
      }),
      { numRuns: 30 },
    );
  });

  it("has its records in any order, and ends in bytes that never come again", async () => {
    const orders = new Set<string>();
    const endings = new Set<string>();
    for (let times = 0; times < 60; times++) {
      const { stream, offsets } = packRecords([1, 2, 3].map((length) => ({ ciphertext: [pattern(length)], length })));
      orders.add(String([...offsets.keys()].sort((a, b) => offsets[a]! - offsets[b]!)));
      endings.add(Buffer.from((await collect(stream)).subarray(6)).toString("base64"));
    }
    // That one of the six is missing has a chance of less than one in 9,000.
    expect(orders.size).to.equal(6);
    expect(endings.size).to.equal(60);
  });

  it("is padded to 16 KiB doubled up to 8 MiB, and to Padmé's size beyond", () => {
    expect([0, 1, 16 * KIB, 16 * KIB + 1, 40_000].map(packSize)).to.deep.equal(
      [16, 16, 16, 32, 64].map((size) => size * KIB),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 }), (length) => {
        const size = packSize(length);
        expect(size).to.be.at.least(length);
        if (length > WHOLE_PACK) expect(size).to.equal(padmeSize(length));
        else expect(Math.log2(size / (16 * KIB)) % 1, "a power of two").to.equal(0);
        if (length > 8 * KIB) expect(size).to.be.below(2 * length);
      }),
    );
    const sizes = new Set(Array.from({ length: 2000 }, (_, at) => packSize((at * WHOLE_PACK) / 1999)));
    expect(sizes.size).to.equal(10);
  });

  it("isn't made of records that are longer or shorter than they say", async () => {
    for (const length of [9, 11]) {
      const { stream } = packRecords([{ ciphertext: [pattern(10)], length }]);
      await expectCode("SIZE_MISMATCH", () => collect(stream));
    }
  });
});
