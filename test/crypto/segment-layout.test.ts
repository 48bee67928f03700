import { expect } from "chai";
import fc from "fast-check";
import { SEGMENT_SIZE, ciphertextSize, plaintextSize } from "../../src/crypto/index.js";
import { FIRST_PLAINTEXT, LATER_PLAINTEXT, plaintextStart, segmentOf } from "../../src/crypto/segment-layout.js";
import { expectCode } from "./helpers.js";

const MAX_PLAINTEXT = (2 ** 32 - 1) * LATER_PLAINTEXT - 40;

describe("segment layout", () => {
  it("knows the sizes at the segment borders", () => {
    expect(ciphertextSize(0)).to.equal(56);
    expect(ciphertextSize(1_048_520)).to.equal(SEGMENT_SIZE);
    expect(ciphertextSize(1_048_521)).to.equal(SEGMENT_SIZE + 17);
    expect(ciphertextSize(1_048_520 + 1_048_560)).to.equal(2 * SEGMENT_SIZE);
    expect(ciphertextSize(1_048_520 + 1_048_561)).to.equal(2 * SEGMENT_SIZE + 17);
  });

  it("inverts sizes and never maps two plaintext sizes to one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_PLAINTEXT - 1 }), (size) => {
        expect(plaintextSize(ciphertextSize(size))).to.equal(size);
        expect(ciphertextSize(size + 1)).to.be.greaterThan(ciphertextSize(size));
      }),
    );
  });

  it("finds the segment that a byte is in", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_PLAINTEXT - 1 }), (offset) => {
        const segment = segmentOf(offset);
        expect(plaintextStart(segment)).to.be.at.most(offset);
        expect(plaintextStart(segment + 1)).to.be.greaterThan(offset);
      }),
    );
    expect([FIRST_PLAINTEXT - 1, FIRST_PLAINTEXT, FIRST_PLAINTEXT + LATER_PLAINTEXT].map(segmentOf)).to.deep.equal([
      0, 1, 2,
    ]);
  });

  it("refuses ciphertext sizes that no plaintext has", async () => {
    for (const size of [-1, 0, 55, SEGMENT_SIZE + 1, SEGMENT_SIZE + 16, 100.5, NaN, 2 ** 53]) {
      const error = await expectCode("CIPHERTEXT_REFUSED", () => plaintextSize(size));
      expect(error.details).to.deep.equal({ size });
    }
  });

  it("refuses plaintext sizes that are none or that the format cannot hold", async () => {
    for (const size of [-1, 0.5, NaN, MAX_PLAINTEXT + 1])
      await expectCode("CRYPTO_INPUT_INVALID", () => ciphertextSize(size));
    expect(ciphertextSize(MAX_PLAINTEXT)).to.equal((2 ** 32 - 1) * SEGMENT_SIZE);
  });
});
