import { expect } from "chai";
import fc from "fast-check";
import { type ReadRange, SEGMENT_SIZE, generateSeed, openRange, sealStream } from "../../src/crypto/index.js";
import { collect, expectBytes, expectCode, flipBit, pattern, utf8 } from "./helpers.js";

describe("openRange", () => {
  const options = { key: generateSeed(), associatedData: utf8("record 1") };
  const plaintext = pattern(3 * SEGMENT_SIZE + 1234);
  let ciphertext: Uint8Array;
  let reads: [number, number][];

  const from =
    (bytes: Uint8Array): ReadRange =>
    async (offset, length) => {
      reads.push([offset, length]);
      return bytes.subarray(offset, offset + length);
    };
  const open = (offset: number, length: number, bytes = ciphertext): Promise<Uint8Array> =>
    collect(openRange(from(bytes), { ...options, ciphertextSize: ciphertext.length, offset, length }));

  before(async () => {
    ciphertext = await collect(sealStream([plaintext], options));
  });

  beforeEach(() => {
    reads = [];
  });

  it("gives back any range", async () => {
    const near = (border: number): fc.Arbitrary<number> => fc.integer({ min: border - 2, max: border + 2 });
    const position = fc.oneof(
      fc.nat(plaintext.length),
      near(SEGMENT_SIZE - 56),
      near(2 * SEGMENT_SIZE - 72),
      fc.constantFrom(0, plaintext.length),
    );
    await fc.assert(
      fc.asyncProperty(position, position, async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expectBytes(await open(start, end - start), plaintext.subarray(start, end));
      }),
      { numRuns: 40 },
    );
  });

  it("reads the header and the segments that hold the range, and no more", async () => {
    await open(2 * SEGMENT_SIZE, 10);
    expect(reads).to.deep.equal([
      [0, 40],
      [2 * SEGMENT_SIZE, SEGMENT_SIZE],
    ]);
  });

  it("reads the first segment once where the range starts in it", async () => {
    await open(0, 132);
    expect(reads).to.deep.equal([[0, SEGMENT_SIZE]]);
  });

  it("reads nothing for an empty range", async () => {
    expect(await open(500, 0)).to.have.lengthOf(0);
    expect(reads).to.be.empty;
  });

  it("refuses a changed segment and a changed header", async () => {
    await expectCode("CIPHERTEXT_REFUSED", () => open(2 * SEGMENT_SIZE, 10, flipBit(ciphertext, 17_000_000)));
    await expectCode("CIPHERTEXT_REFUSED", () => open(2 * SEGMENT_SIZE, 10, flipBit(ciphertext, 100)));
  });

  it("refuses a ciphertext that was cut at a segment border and given its own size", async () => {
    const cut = { ...options, ciphertextSize: 2 * SEGMENT_SIZE, offset: SEGMENT_SIZE, length: 10 };
    await expectCode("CIPHERTEXT_REFUSED", () => collect(openRange(from(ciphertext), cut)));
  });

  it("refuses a source that gives fewer bytes than asked for", async () => {
    const short = ciphertext.subarray(0, -1);
    const error = await expectCode("CIPHERTEXT_REFUSED", () => open(3 * SEGMENT_SIZE, 10, short));
    expect(error.message).to.match(/bytes were asked for/);
  });

  it("refuses ranges that reach beyond the plaintext", async () => {
    for (const [offset, length] of [
      [-1, 1],
      [0, -1],
      [plaintext.length, 1],
      [0, plaintext.length + 1],
      [0.5, 1],
      [0, NaN],
    ] as const) {
      await expectCode("RANGE_OUT_OF_BOUNDS", () => open(offset, length));
    }
    expect(reads).to.be.empty;
  });
});
