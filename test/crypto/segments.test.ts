import { expect } from "chai";
import fc from "fast-check";
import { type Segment, requireChunk, segments, splitSegment } from "../../src/crypto/segments.js";
import { expectBytes, expectCode, pattern } from "./helpers.js";

async function cut(chunks: Uint8Array[], first: number, size: number): Promise<Segment[]> {
  const all: Segment[] = [];
  for await (const segment of segments(chunks, first, size)) all.push(segment);
  return all;
}

describe("segments", () => {
  it("cut any stream into full segments with the rest last, whatever its chunks are", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 12 });
    const size = fc.integer({ min: 1, max: 17 });
    await fc.assert(
      fc.asyncProperty(chunks, size, size, async (parts, first, later) => {
        const all = await cut(parts, first, later);
        expectBytes(Buffer.concat(all.flatMap((segment) => segment.parts)), Buffer.concat(parts));
        all.forEach((segment, index) => {
          const last = index === all.length - 1;
          expect(segment.last).to.equal(last);
          expect(segment.length).to.equal(segment.parts.reduce((sum, part) => sum + part.length, 0));
          if (!last) expect(segment.length).to.equal(index === 0 ? first : later);
          else expect(segment.length).to.be.within(index === 0 ? 0 : 1, index === 0 ? first : later);
        });
      }),
    );
  });

  it("make one empty segment of an empty stream", async () => {
    expect(await cut([], 4, 4)).to.deep.equal([{ parts: [], length: 0, last: true }]);
  });

  it("do not copy", async () => {
    const chunk = pattern(10);
    for (const { parts } of await cut([chunk], 4, 4))
      for (const part of parts) expect(part.buffer).to.equal(chunk.buffer);
  });

  it("split at any position", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 })), fc.nat(100), (parts, position) => {
        const length = parts.reduce((sum, part) => sum + part.length, 0);
        const at = Math.min(position, length);
        const { front, back } = splitSegment({ parts, length, last: true }, at);
        expectBytes(Buffer.concat([...front, ...back]), Buffer.concat(parts));
        expect(Buffer.concat(front)).to.have.lengthOf(at);
      }),
    );
  });

  it("refuse chunks that are no bytes", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => cut(["text" as unknown as Uint8Array], 4, 4));
    await expectCode("CRYPTO_INPUT_INVALID", () => requireChunk([1, 2]));
  });
});
