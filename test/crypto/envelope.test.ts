import { encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import fc from "fast-check";
import { base58btc } from "multiformats/bases/base58";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import {
  type CompartmentKey,
  createCompartmentKey,
  generateSeed,
  kindOf,
  manifestDigest,
} from "../../src/crypto/index.js";
import { decodeEnvelope, encodeEnvelope, openEnvelope, resealEnvelope, sealEnvelope } from "../../src/crypto/index.js";
import { openRecordStream, sealRecord } from "../../src/crypto/index.js";
import { packEnvelope } from "../../src/crypto/envelope.js";
import { A_PLACE, aRecord, collect, expectBytes, expectCode, flipBit } from "./helpers.js";

const scope = { patient: 17, steward: 4, category: 2, round: 0 };

const OTHER_KINDS = [{ category: 3 }, { category: 7, classes: 1 }, { confidential: true as const }];

describe("envelope", () => {
  let compartmentKey: CompartmentKey;

  beforeEach(() => {
    compartmentKey = createCompartmentKey(scope);
  });

  it("gives manifest and key back to whoever holds the compartment key", () => {
    const record = aRecord();
    const envelope = decodeEnvelope(encodeEnvelope(sealEnvelope({ ...record, compartmentKey })));
    expect(openEnvelope(envelope, compartmentKey)).to.deep.equal(record);
    expectBytes(envelope.digest, manifestDigest(record.manifest));
    expectBytes(envelope.compartmentId, compartmentKey.id);
  });

  it("leaves the caller's key as it was", () => {
    const record = aRecord();
    const before = Uint8Array.from(record.dek);
    sealEnvelope({ ...record, compartmentKey });
    expectBytes(record.dek, before);
  });

  it("is equally long for all ordinary records, so that it shows no size, author, kind or amendment", () => {
    const lengths = fc.sample(fc.nat(), 60).map((size) => {
      const { manifest, dek } = aRecord({
        size,
        ...(size % 5 === 0 ? { confidential: true } : {}),
        ...(size % 7 < 3 ? { category: 7, classes: 1 + (size % 127) } : {}),
        author: 1 + (size % (2 ** 40 - 2)),
        ...(size % 2 === 0 ? {} : { amends: new Uint8Array(32) }),
        mediaType: size % 3 === 0 ? "text/plain" : "application/fhir+json; fhirVersion=4.0",
      });
      const key = createCompartmentKey({ ...scope, ...kindOf(manifest) });
      return encodeEnvelope(sealEnvelope({ manifest, dek, place: A_PLACE, compartmentKey: key })).length;
    });
    expect(new Set(lengths)).to.have.lengthOf(1);
  });

  it("holds the largest manifest there can be", () => {
    const record = aRecord({
      author: 2 ** 40 - 1,
      size: 2 ** 52 - 2 ** 45,
      mediaType: `application/json; x=${"y".repeat(235)}`,
      createdAt: Number.MAX_SAFE_INTEGER,
      amends: new Uint8Array(32),
      disputes: new Uint8Array(32),
    });
    expect(openEnvelope(sealEnvelope({ ...record, compartmentKey }), compartmentKey)).to.deep.equal(record);
  });

  it("is not sealed under the key of another compartment", async () => {
    for (const change of [{ patient: 18 }, { steward: 5 }, ...OTHER_KINDS, { record: new Uint8Array(32) }]) {
      const other = createCompartmentKey({ ...scope, ...change });
      await expectCode("COMPARTMENT_MISMATCH", () => sealEnvelope({ ...aRecord(), compartmentKey: other }));
    }
  });

  it("is not sealed with a key that the manifest does not commit to", async () => {
    const { manifest } = aRecord();
    const wrong = { manifest, dek: generateSeed(), place: A_PLACE, compartmentKey };
    await expectCode("KEY_COMMITMENT_MISMATCH", () => sealEnvelope(wrong));
  });

  it("of several classes opens for nobody who has keys of some of them", async () => {
    const classes = fc.integer({ min: 1, max: 127 });
    await fc.assert(
      fc.asyncProperty(classes, classes, async (of, held) => {
        const record = aRecord({ category: 7, classes: of });
        const [key, other] = [of, held].map((each) => createCompartmentKey({ ...scope, category: 7, classes: each }));
        const envelope = sealEnvelope({ ...record, compartmentKey: key! });
        await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(envelope, other!));
        await expectCode("ENVELOPE_REFUSED", () => openEnvelope(envelope, { ...other!, id: key!.id }));
        if (of === held) return;
        await expectCode("COMPARTMENT_MISMATCH", () => resealEnvelope(envelope, key!, other!));
      }),
      { numRuns: 50 },
    );
  });

  describe("from a cheating steward is refused when", () => {
    it("its manifest is of another compartment", async () => {
      for (const change of [{ patient: 18 }, { steward: 5 }, ...OTHER_KINDS]) {
        const record = aRecord(change);
        const envelope = packEnvelope(manifestDigest(record.manifest), record, compartmentKey);
        await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(envelope, compartmentKey));
      }
    });

    it("its round is another than its key's", async () => {
      const record = aRecord();
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 32 - 1 }), async (round) => {
          const envelope = packEnvelope(manifestDigest(record.manifest), { ...record, round }, compartmentKey);
          await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(envelope, compartmentKey));
          const honest = sealEnvelope({ ...record, compartmentKey });
          await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(honest, { ...compartmentKey, round }));
        }),
        { numRuns: 20 },
      );
    });

    it("its manifest is not the anchored one", async () => {
      const envelope = packEnvelope(manifestDigest(aRecord().manifest), aRecord(), compartmentKey);
      await expectCode("MANIFEST_MISMATCH", () => openEnvelope(envelope, compartmentKey));
    });

    it("its key is not the one that the manifest commits to", async () => {
      const { manifest } = aRecord();
      const envelope = packEnvelope(
        manifestDigest(manifest),
        { manifest, dek: generateSeed(), place: A_PLACE },
        compartmentKey,
      );
      await expectCode("KEY_COMMITMENT_MISMATCH", () => openEnvelope(envelope, compartmentKey));
    });
  });

  it("is refused under another key with the same id, and under the key of another id", async () => {
    const envelope = sealEnvelope({ ...aRecord(), compartmentKey });
    await expectCode("ENVELOPE_REFUSED", () => openEnvelope(envelope, { ...compartmentKey, key: generateSeed() }));
    await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(envelope, createCompartmentKey(scope)));
  });

  it("is refused with any part changed", async () => {
    const envelope = sealEnvelope({ ...aRecord(), compartmentKey });
    await fc.assert(
      fc.asyncProperty(fc.nat(envelope.box.length * 8 - 1), async (bit) => {
        const changed = { ...envelope, box: flipBit(envelope.box, bit) };
        await expectCode("ENVELOPE_REFUSED", () => openEnvelope(changed, compartmentKey));
      }),
    );
    const elsewhere = { ...envelope, digest: flipBit(envelope.digest, 0) };
    await expectCode("ENVELOPE_REFUSED", () => openEnvelope(elsewhere, compartmentKey));
    const otherId = flipBit(envelope.compartmentId, 0);
    const renamed = { ...envelope, compartmentId: otherId };
    await expectCode("ENVELOPE_REFUSED", () => openEnvelope(renamed, { ...compartmentKey, id: otherId }));
  });

  describe("that is sealed again", () => {
    it("holds the same record, for whoever has the other round's key, and opens the same ciphertext", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 2000 }),
          fc.integer({ min: 1, max: 2 ** 32 - 1 }),
          fc.boolean(),
          async (plaintext, round, amending) => {
            const amends = amending ? { amends: new Uint8Array(32).fill(7) } : {};
            const sealed = sealRecord({ source: [plaintext], size: plaintext.length, ...amends });
            const ciphertext = await collect(sealed.ciphertext);
            const { manifest, dek } = aRecord({ ...sealed, sha256: sealed.sha256() }, sealed.dek);
            const next = createCompartmentKey({ ...scope, round });
            const before = sealEnvelope({ manifest, dek, place: A_PLACE, compartmentKey });
            const after = resealEnvelope(before, compartmentKey, next);
            expectBytes(after.digest, before.digest);
            expectBytes(after.compartmentId, next.id);
            await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(after, compartmentKey));
            await expectCode("ENVELOPE_REFUSED", () => openEnvelope(after, { ...compartmentKey, id: next.id }));
            const opened = openEnvelope(after, next);
            expectBytes(await collect(openRecordStream({ ciphertext: [ciphertext], ...opened })), plaintext);
          },
        ),
        { numRuns: 30 },
      );
    });

    it("for one viewer opens with the key of that record alone, which opens no other", async () => {
      const [record, other] = [aRecord(), aRecord()];
      const [envelope, otherEnvelope] = [record, other].map((each) => sealEnvelope({ ...each, compartmentKey }));
      const recordKey = createCompartmentKey({ ...scope, record: envelope!.digest });
      expect(openEnvelope(resealEnvelope(envelope!, compartmentKey, recordKey), recordKey)).to.deep.equal(record);
      await expectCode("COMPARTMENT_MISMATCH", () => resealEnvelope(otherEnvelope!, compartmentKey, recordKey));
      const forged = packEnvelope(otherEnvelope!.digest, other, recordKey);
      await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(forged, recordKey));
    });

    it("with another place says where the record lies by now", () => {
      const envelope = sealEnvelope({ ...aRecord(), compartmentKey });
      const place = { ...A_PLACE, offset: 9, packing: 1 };
      const moved = resealEnvelope(envelope, compartmentKey, compartmentKey, place);
      expect(openEnvelope(moved, compartmentKey)).to.deep.equal({ ...openEnvelope(envelope, compartmentKey), place });
    });

    it("is of the same patient, steward and kind", async () => {
      const envelope = sealEnvelope({ ...aRecord(), compartmentKey });
      for (const change of [{ patient: 18 }, { steward: 5 }, ...OTHER_KINDS]) {
        const to = createCompartmentKey({ ...scope, ...change });
        await expectCode("COMPARTMENT_MISMATCH", () => resealEnvelope(envelope, compartmentKey, to));
      }
    });
  });

  it("is not sealed where its place is no CIDv1 over SHA-256 in base32", async () => {
    const { multihash } = CID.parse(A_PLACE.cid);
    const over = (code: number): CID => CID.createV1(0x55, createDigest(code, multihash.digest));
    sealEnvelope({ ...aRecord(), compartmentKey, place: { ...A_PLACE, cid: over(0x12).toString() } });
    for (const cid of [
      "",
      "no CID",
      over(0x16).toString(),
      CID.createV0(createDigest(0x12, multihash.digest)).toString(),
      over(0x12).toString(base58btc),
    ]) {
      const elsewhere = { ...aRecord(), place: { ...A_PLACE, cid } };
      await expectCode("ENVELOPE_MALFORMED", () => sealEnvelope({ ...elsewhere, compartmentKey }));
    }
  });

  it("is refused when its encoding is not of this format", async () => {
    const envelope = sealEnvelope({ ...aRecord(), compartmentKey });
    for (const wrong of [
      { ...envelope, size: 1000 },
      { ...envelope, digest: new Uint8Array(31) },
      { ...envelope, box: new Uint8Array(9) },
    ]) {
      await expectCode("ENVELOPE_MALFORMED", () => decodeEnvelope(encode(wrong)));
    }
  });
});
