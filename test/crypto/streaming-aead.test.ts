import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { SEGMENT_SIZE, ciphertextSize, generateSeed, openStream, sealStream } from "../../src/crypto/index.js";
import { SegmentCipher } from "../../src/crypto/segment-cipher.js";
import { sealStreamWith } from "../../src/crypto/streaming-aead.js";
import { collect, expectBytes, expectCode, flipBit, hex, pattern, utf8, vectors } from "./helpers.js";

interface Vectors {
  key: string;
  associatedData: string;
  streams: { size: number; salt: string; noncePrefix: string; ciphertextSha256: string; ciphertext?: string }[];
}

const options = { key: generateSeed(), associatedData: utf8("record 1, round 0") };
const FIRST = SEGMENT_SIZE - 56;
const LATER = SEGMENT_SIZE - 16;

/** Sizes at which a segment fills up, give or take one. */
const borders = [0, FIRST, FIRST + LATER].flatMap((size) => [size - 1, size, size + 1]).filter((size) => size >= 0);

function* inChunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

/** Opens until it is refused and gives back what came out before. */
async function openUntilRefused(ciphertext: Uint8Array, streamKey = options): Promise<Uint8Array> {
  const opened: Uint8Array[] = [];
  await expectCode("CIPHERTEXT_REFUSED", async () => {
    for await (const chunk of openStream([ciphertext], streamKey)) opened.push(Uint8Array.from(chunk));
  });
  return Buffer.concat(opened);
}

describe("streaming AEAD", () => {
  for (const size of borders) {
    it(`seals and opens ${size} bytes`, async () => {
      const plaintext = pattern(size);
      const ciphertext = await collect(sealStream([plaintext], options));
      expect(ciphertext.length).to.equal(ciphertextSize(size));
      expectBytes(await collect(openStream([ciphertext], options)), plaintext);
    });
  }

  it("gives the same plaintext however both sides are cut into chunks", async () => {
    const plaintext = pattern(FIRST + 5000);
    const chunk = fc.oneof(fc.integer({ min: 700, max: 70_000 }), fc.constantFrom(FIRST, LATER, SEGMENT_SIZE, 2 ** 21));
    await fc.assert(
      fc.asyncProperty(chunk, chunk, async (sealing, opening) => {
        const ciphertext = await collect(sealStream(inChunks(plaintext, sealing), options));
        expectBytes(await collect(openStream(inChunks(ciphertext, opening), options)), plaintext);
      }),
      { numRuns: 15 },
    );
  });

  it("yields segments of exactly one IPFS leaf", async () => {
    const lengths: number[] = [];
    for await (const segment of sealStream(inChunks(pattern(2 * SEGMENT_SIZE), 65_536), options)) {
      lengths.push(segment.length);
    }
    expect(lengths).to.deep.equal([SEGMENT_SIZE, SEGMENT_SIZE, ciphertextSize(2 * SEGMENT_SIZE) - 2 * SEGMENT_SIZE]);
  });

  it("never holds back more than two segments, however long the stream", async () => {
    let ahead = 0;
    let most = 0;
    const chunk = new Uint8Array(65_536);
    const source = function* (): Generator<Uint8Array> {
      for (let i = 0; i < 512; i++) {
        ahead += chunk.length;
        most = Math.max(most, ahead);
        yield chunk;
      }
    };
    for await (const plaintext of openStream(sealStream(source(), options), options)) ahead -= plaintext.length;
    expect(ahead).to.equal(0);
    expect(most).to.be.at.most(3 * SEGMENT_SIZE);
  });

  describe("against Tink", () => {
    const { key, associatedData, streams } = vectors<Vectors>("streaming-aead.json");
    const streamKey = { key: hex(key), associatedData: hex(associatedData) };

    for (const { size, salt, noncePrefix, ciphertextSha256, ciphertext } of streams) {
      it(`seals ${size} bytes to what Tink sealed them to`, async () => {
        const randomness = { salt: hex(salt), noncePrefix: hex(noncePrefix) };
        const sealed = await collect(sealStreamWith([pattern(size)], streamKey, randomness));
        expect(createHash("sha256").update(sealed).digest("hex")).to.equal(ciphertextSha256);
        if (ciphertext !== undefined)
          expectBytes(await collect(openStream([hex(ciphertext)], streamKey)), pattern(size));
      });
    }
  });

  describe("refuses", () => {
    const plaintext = pattern(2 * SEGMENT_SIZE + 100);
    let ciphertext: Uint8Array;

    before(async () => {
      ciphertext = await collect(sealStream([plaintext], options));
    });

    it("any flipped bit of a short stream, giving out nothing", async () => {
      const short = await collect(sealStream([utf8("short")], options));
      for (let bit = 0; bit < short.length * 8; bit++) {
        expect(await openUntilRefused(flipBit(short, bit))).to.have.lengthOf(0);
      }
    });

    it("a flipped bit anywhere, giving out only the segments before it", async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(ciphertext.length * 8 - 1), async (bit) => {
          const opened = await openUntilRefused(flipBit(ciphertext, bit));
          const segment = Math.floor(bit / 8 / SEGMENT_SIZE);
          expect(opened.length).to.equal(segment === 0 ? 0 : FIRST + (segment - 1) * LATER);
          expectBytes(opened, plaintext.subarray(0, opened.length));
        }),
        { numRuns: 25 },
      );
    });

    for (const length of [0, 1, 39, 40, 55, SEGMENT_SIZE - 1, SEGMENT_SIZE, SEGMENT_SIZE + 1, SEGMENT_SIZE + 15]) {
      it(`a stream cut to ${length} bytes`, async () => {
        expect(await openUntilRefused(ciphertext.subarray(0, length))).to.have.lengthOf(
          length > SEGMENT_SIZE ? FIRST : 0,
        );
      });
    }

    it("a stream cut at the second segment border or one byte before the end", async () => {
      expect(await openUntilRefused(ciphertext.subarray(0, 2 * SEGMENT_SIZE))).to.have.lengthOf(FIRST);
      expect(await openUntilRefused(ciphertext.subarray(0, -1))).to.have.lengthOf(FIRST + LATER);
    });

    it("a stream that was extended, also at a segment border", async () => {
      await openUntilRefused(Buffer.concat([ciphertext, Uint8Array.of(0)]));
      const full = await collect(sealStream([pattern(FIRST)], options));
      expect(await openUntilRefused(Buffer.concat([full, full]))).to.have.lengthOf(0);
    });

    it("swapped, repeated and left out segments", async () => {
      const [a, b, c] = [...inChunks(ciphertext, SEGMENT_SIZE)] as [Uint8Array, Uint8Array, Uint8Array];
      const middle = await collect(sealStream([pattern(FIRST + 2 * LATER + 1)], options));
      const [d, e, f, g] = [...inChunks(middle, SEGMENT_SIZE)] as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      for (const order of [
        [b, a, c],
        [a, a, b, c],
        [a, c],
        [d, f, e, g],
        [d, e, e, f, g],
        [a, b, g],
      ]) {
        const opened = await openUntilRefused(Buffer.concat(order));
        expectBytes(opened, plaintext.subarray(0, opened.length));
      }
    });

    it("another key and other associated data", async () => {
      expect(await openUntilRefused(ciphertext, { ...options, key: generateSeed() })).to.have.lengthOf(0);
      expect(await openUntilRefused(ciphertext, { ...options, associatedData: utf8("record 2") })).to.have.lengthOf(0);
    });

    it("a key that is not 32 bytes and associated data over 1024 bytes", async () => {
      for (const wrong of [{ key: new Uint8Array(16) }, { associatedData: new Uint8Array(1025) }]) {
        await expectCode("CRYPTO_INPUT_INVALID", () => collect(sealStream([], { ...options, ...wrong })));
        await expectCode("CRYPTO_INPUT_INVALID", () => collect(openStream([ciphertext], { ...options, ...wrong })));
      }
    });

    it("a segment index that would overflow the nonce", async () => {
      const cipher = new SegmentCipher(options, Uint8Array.of(40, ...new Uint8Array(39)));
      const segment = { parts: [], length: 0, last: true };
      expect(cipher.seal(segment, 2 ** 32 - 2, new Uint8Array(0))).to.have.lengthOf(16);
      await expectCode("CRYPTO_INPUT_INVALID", () => cipher.seal(segment, 2 ** 32 - 1, new Uint8Array(0)));
    });
  });

  it("never repeats a header", async () => {
    const headers = new Set<string>();
    for (let i = 0; i < 50; i++)
      headers.add(Buffer.from(await collect(sealStream([], options))).toString("hex", 0, 40));
    expect(headers).to.have.lengthOf(50);
  });

  it("closes its source when the reader stops early, and passes on the source's own error", async () => {
    let closed = false;
    const source = function* (): Generator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(SEGMENT_SIZE);
      } finally {
        closed = true;
      }
    };
    const reading = sealStream(source(), options);
    await reading.next();
    await reading.return(undefined);
    expect(closed).to.be.true;

    const failing = function* (): Generator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error("disk gone");
    };
    const error: unknown = await collect(sealStream(failing(), options)).catch((cause: unknown) => cause);
    expect(error).to.be.an("error").with.property("message", "disk gone");
  });
});
