import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  type Manifest,
  type SealedRecord,
  ciphertextSize,
  createManifest,
  generateSeed,
  padmeSize,
} from "../../src/crypto/index.js";
import {
  SEGMENT_SIZE,
  openRecordRange,
  openRecordStream,
  padStream,
  payloadAssociatedData,
  sealRecord,
  sealStream,
} from "../../src/crypto/index.js";
import { collect, expectBytes, expectCode, flipBit, pattern, without } from "./helpers.js";

const mediaType = "application/dicom";

function manifestOf(sealed: SealedRecord): Manifest {
  const sha256 = sealed.sha256();
  return createManifest({
    ...sealed,
    patient: 17,
    steward: 4,
    author: 4,
    category: 3,
    sha256,
    mediaType,
    createdAt: 0,
  });
}

async function seal(plaintext: Uint8Array): Promise<{ ciphertext: Uint8Array; manifest: Manifest; dek: Uint8Array }> {
  const sealed = sealRecord({ source: [plaintext], size: plaintext.length });
  const ciphertext = await collect(sealed.ciphertext);
  expect(ciphertext.length).to.equal(sealed.length);
  return { ciphertext, manifest: manifestOf(sealed), dek: sealed.dek };
}

describe("record", () => {
  for (const size of [0, 1, 1000, SEGMENT_SIZE - 57, SEGMENT_SIZE - 56, SEGMENT_SIZE - 55, SEGMENT_SIZE]) {
    it(`of ${size} bytes opens to what was sealed`, async () => {
      const { ciphertext, manifest, dek } = await seal(pattern(size));
      expect(manifest.length).to.equal(ciphertextSize(padmeSize(size)));
      expectBytes(await collect(openRecordStream({ ciphertext: [ciphertext], manifest, dek })), pattern(size));
    });
  }

  it("of any content opens to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (plaintext) => {
        const { ciphertext, manifest, dek } = await seal(plaintext);
        expectBytes(await collect(openRecordStream({ ciphertext: [ciphertext], manifest, dek })), plaintext);
      }),
    );
  });

  it("hides sizes that pad to the same size", async () => {
    const [a, b] = [await seal(pattern(1000)), await seal(pattern(1020))];
    expect(a.ciphertext.length).to.equal(b.ciphertext.length);
  });

  it("gets a key and an id of its own each time", () => {
    const [a, b] = [sealRecord({ source: [], size: 0 }), sealRecord({ source: [], size: 0 })];
    expect(a.dek).to.not.deep.equal(b.dek);
    expect(a.recordId).to.have.lengthOf(16).and.not.deep.equal(b.recordId);
  });

  it("that amends another keeps its id and opens only as that version", async () => {
    const [recordId, amends] = [new Uint8Array(16).fill(1), new Uint8Array(32).fill(2)];
    const sealed = sealRecord({ source: [pattern(10)], size: 10, recordId, amends });
    const ciphertext = [await collect(sealed.ciphertext)];
    const manifest = manifestOf(sealed);
    const { dek } = sealed;
    expect(manifest).to.deep.include({ recordId, amends });
    expectBytes(await collect(openRecordStream({ ciphertext, dek, manifest })), pattern(10));

    const first = without(manifest, "amends");
    for (const other of [first, { ...manifest, amends: flipBit(amends, 0) }]) {
      await expectCode("CIPHERTEXT_REFUSED", () => collect(openRecordStream({ ciphertext, dek, manifest: other })));
    }
  });

  it("is refused under a key that its manifest does not commit to, before a byte is read", async () => {
    const { manifest } = await seal(pattern(10));
    let read = false;
    const ciphertext = (function* (): Generator<Uint8Array> {
      read = true;
      yield new Uint8Array(1);
    })();
    await expectCode("KEY_COMMITMENT_MISMATCH", () =>
      collect(openRecordStream({ ciphertext, manifest, dek: generateSeed() })),
    );
    expect(read).to.be.false;
  });

  it("is refused when changed", async () => {
    const { ciphertext, manifest, dek } = await seal(pattern(1000));
    await fc.assert(
      fc.asyncProperty(fc.nat(ciphertext.length * 8 - 1), async (bit) => {
        const changed = [flipBit(ciphertext, bit)];
        await expectCode("CIPHERTEXT_REFUSED", () => collect(openRecordStream({ ciphertext: changed, manifest, dek })));
      }),
    );
  });

  it("is refused when somebody who has its key sealed something else under it", async () => {
    const { manifest, dek } = await seal(pattern(1000));
    const associatedData = payloadAssociatedData(manifest);
    const forged = await collect(sealStream(padStream([pattern(1000)], 1000), { key: dek, associatedData }));
    await expectCode("CIPHERTEXT_REFUSED", () => collect(openRecordStream({ ciphertext: [forged], manifest, dek })));
  });

  it("tells the hash of its ciphertext once that was read", async () => {
    const sealed = sealRecord({ source: [pattern(10)], size: 10 });
    await expectCode("CRYPTO_INPUT_INVALID", () => sealed.sha256());
    const ciphertext = await collect(sealed.ciphertext);
    expectBytes(sealed.sha256(), createHash("sha256").update(ciphertext).digest());
  });

  it("is refused when its author declared another size", async () => {
    const { ciphertext, manifest, dek } = await seal(pattern(1020));
    const lying = createManifest({ ...manifest, size: 1010 });
    await expectCode("PADDING_INVALID", () =>
      collect(openRecordStream({ ciphertext: [ciphertext], manifest: lying, dek })),
    );
    const longer = createManifest({ ...manifest, size: 2000 });
    await expectCode("SIZE_MISMATCH", () =>
      collect(openRecordStream({ ciphertext: [ciphertext], manifest: longer, dek })),
    );
  });

  it("is not sealed from a source of another size", async () => {
    const sealed = sealRecord({ source: [pattern(10)], size: 11 });
    await expectCode("SIZE_MISMATCH", () => collect(sealed.ciphertext));
  });

  it("is refused at once with a size or id that is none", async () => {
    const options = { source: [], size: 0 };
    for (const change of [{ size: -1 }, { recordId: new Uint8Array(3) }, { amends: new Uint8Array(3) }]) {
      await expectCode("CRYPTO_INPUT_INVALID", () => sealRecord({ ...options, ...change }));
    }
  });

  describe("opened in part", () => {
    const plaintext = pattern(2 * SEGMENT_SIZE + 77);
    let record: Awaited<ReturnType<typeof seal>>;
    const open = (offset: number, length: number, dek = record.dek): Promise<Uint8Array> => {
      const read = async (from: number, count: number): Promise<Uint8Array> =>
        record.ciphertext.subarray(from, from + count);
      return collect(openRecordRange({ read, manifest: record.manifest, dek, offset, length }));
    };

    before(async () => {
      record = await seal(plaintext);
    });

    it("gives the bytes asked for", async () => {
      for (const [offset, length] of [
        [0, 132],
        [SEGMENT_SIZE - 100, 200],
        [plaintext.length - 1, 1],
        [0, plaintext.length],
      ] as const) {
        expectBytes(await open(offset, length), plaintext.subarray(offset, offset + length));
      }
    });

    it("never gives padding", async () => {
      await expectCode("RANGE_OUT_OF_BOUNDS", () => open(plaintext.length, 1));
    });

    it("is refused under another key", async () => {
      await expectCode("KEY_COMMITMENT_MISMATCH", () => open(0, 1, generateSeed()));
    });
  });
});
