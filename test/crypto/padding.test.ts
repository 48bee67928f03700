import { expect } from "chai";
import fc from "fast-check";
import { padStream, padmeSize, unpadStream } from "../../src/crypto/index.js";
import { collect, expectBytes, expectCode, pattern } from "./helpers.js";

describe("padding", () => {
  it("has the sizes of the Padmé paper's algorithm", () => {
    const sizes = [0, 1, 2, 7, 8, 9, 10, 17, 100, 1000, 1023, 1025, 1_000_000, 2 ** 30 + 1];
    expect(sizes.map(padmeSize)).to.deep.equal([
      0,
      1,
      2,
      7,
      8,
      10,
      10,
      18,
      104,
      1024,
      1024,
      1088,
      1_015_808,
      2 ** 30 + 2 ** 25,
    ]);
  });

  it("equals the paper's bit mask for every size", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n, max: 2n ** 52n }), (size) => {
        const exponent = size.toString(2).length - 1;
        const mask = (1n << BigInt(exponent - exponent.toString(2).length)) - 1n;
        expect(padmeSize(Number(size))).to.equal(Number((size + mask) & ~mask));
      }),
    );
  });

  it("adds at most 12 % and is stable", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 52 }), (size) => {
        expect(padmeSize(size)).to.be.within(size, size * 1.12);
        if (padmeSize(size) <= 2 ** 52) expect(padmeSize(padmeSize(size))).to.equal(padmeSize(size));
      }),
    );
  });

  it("refuses a size that is none", async () => {
    for (const size of [-1, 1.5, NaN, 2 ** 53]) await expectCode("CRYPTO_INPUT_INVALID", () => padmeSize(size));
  });

  it("pads with zeros and takes them off again, in any chunks", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 500 }), async (parts, step) => {
        const plaintext = Uint8Array.from(Buffer.concat(parts));
        const padded = await collect(padStream(parts, plaintext.length));
        expect(padded.length).to.equal(padmeSize(plaintext.length));
        expect(padded.subarray(plaintext.length).every((byte) => byte === 0)).to.be.true;
        const again = Array.from({ length: Math.ceil(padded.length / step) }, (_, i) =>
          padded.subarray(i * step, (i + 1) * step),
        );
        expectBytes(await collect(unpadStream(again, plaintext.length)), plaintext);
      }),
    );
  });

  it("pads by more than one chunk of zeros where the record is large", async () => {
    const plaintext = pattern(2 ** 22 + 1);
    const padded = await collect(padStream([plaintext], plaintext.length));
    expect(padded.length - plaintext.length).to.equal(2 ** 17 - 1);
    expectBytes(await collect(unpadStream([padded], plaintext.length)), plaintext);
  });

  it("refuses a source that is shorter or longer than declared", async () => {
    await expectCode("SIZE_MISMATCH", () => collect(padStream([pattern(99)], 100)));
    await expectCode("SIZE_MISMATCH", () => collect(padStream([pattern(100), pattern(1)], 100)));
    await expectCode("SIZE_MISMATCH", () => collect(padStream([], 1)));
  });

  it("refuses a padded stream that is shorter or longer than it must be", async () => {
    const padded = await collect(padStream([pattern(1000)], 1000));
    await expectCode("SIZE_MISMATCH", () => collect(unpadStream([padded.subarray(0, -1)], 1000)));
    await expectCode("SIZE_MISMATCH", () => collect(unpadStream([padded, new Uint8Array(1)], 1000)));
    await expectCode("SIZE_MISMATCH", () => collect(unpadStream([padded.subarray(0, 500)], 1000)));
  });

  it("refuses padding with anything in it", async () => {
    const padded = await collect(padStream([pattern(1000)], 1000));
    for (const offset of [1000, 1010, 1023]) {
      const changed = Uint8Array.from(padded);
      changed[offset] = 1;
      await expectCode("PADDING_INVALID", () => collect(unpadStream([changed], 1000)));
    }
  });

  it("refuses chunks that are no bytes", async () => {
    const text = ["text" as unknown as Uint8Array];
    await expectCode("CRYPTO_INPUT_INVALID", () => collect(padStream(text, 4)));
    await expectCode("CRYPTO_INPUT_INVALID", () => collect(unpadStream(text, 4)));
  });
});
