import { createHash } from "node:crypto";
import { decode, encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import fc from "fast-check";
import {
  type Manifest,
  createManifest,
  decodeManifest,
  encodeManifest,
  manifestDigest,
} from "../../src/crypto/index.js";
import { aRecord, expectBytes, expectCode, flipBit, utf8, without } from "./helpers.js";

/** The map that a manifest is encoded as. */
const encoded = () => decode<Record<string, unknown>>(encodeManifest(aRecord().manifest));

describe("manifest", () => {
  it("survives encoding, whatever it says", () => {
    const participant = fc.integer({ min: 1, max: 2 ** 40 - 1 });
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const input = fc.record(
      {
        recordId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
        patient: participant,
        steward: participant,
        author: participant,
        kind: fc.oneof(
          fc.record({ category: fc.nat(6) }),
          fc.record({ category: fc.constant(7), classes: fc.integer({ min: 1, max: 127 }) }),
        ),
        confidential: fc.constant(true as const),
        sha256: bytes32,
        size: fc.integer({ min: 0, max: 2 ** 52 - 2 ** 45 }),
        mediaType: fc.constantFrom("application/fhir+json", "application/dicom", "text/plain; charset=utf-8"),
        createdAt: fc.nat(),
        keyCommitment: bytes32,
        amends: bytes32,
        disputes: bytes32,
      },
      {
        requiredKeys: [
          "recordId",
          "patient",
          "steward",
          "author",
          "kind",
          "sha256",
          "size",
          "mediaType",
          "createdAt",
          "keyCommitment",
        ],
      },
    );
    fc.assert(
      fc.property(input, ({ kind, ...others }) => {
        const values = { ...others, ...kind };
        const manifest = createManifest(values);
        expect(decodeManifest(encodeManifest(manifest))).to.deep.equal(manifest);
        expect(manifest).to.deep.include(values);
      }),
    );
  });

  it("gets a salt of its own, so that equal records have unrelated digests", () => {
    const { manifest } = aRecord();
    const again = createManifest(manifest);
    expect(manifest.salt).to.have.lengthOf(32).and.not.deep.equal(again.salt);
    expect(manifestDigest(manifest)).to.not.deep.equal(manifestDigest(again));
  });

  it("is anchored as SHA-256 over its label and its encoding", () => {
    const { manifest } = aRecord();
    const expected = createHash("sha256")
      .update(utf8("ChartChain/manifest/v1\0"))
      .update(encodeManifest(manifest))
      .digest();
    expectBytes(manifestDigest(manifest), expected);
  });

  it("has another digest when any of its fields changes", () => {
    const { manifest } = aRecord();
    const changes: Partial<Manifest>[] = [
      { recordId: flipBit(manifest.recordId, 3) },
      { salt: flipBit(manifest.salt, 3) },
      { patient: 18 },
      { steward: 5 },
      { author: 17 },
      { category: 3 },
      { category: 7, classes: 1 },
      { category: 7, classes: 3 },
      { confidential: true },
      { sha256: flipBit(manifest.sha256, 3) },
      // It pads to the same.
      { size: 1001 },
      { mediaType: "application/dicom" },
      { createdAt: 1_700_000_001 },
      { keyCommitment: flipBit(manifest.keyCommitment, 3) },
      { amends: new Uint8Array(32) },
      { disputes: new Uint8Array(32) },
    ];
    const digests = [{}, ...changes].map((change) =>
      Buffer.from(manifestDigest({ ...manifest, ...change })).toString("hex"),
    );
    expect(new Set(digests)).to.have.lengthOf(digests.length);
  });

  for (const [name, change] of Object.entries<Record<string, unknown>>({
    "another version": { version: 0 },
    "another suite": { suite: "AES128_GCM_HKDF_1MB/PADME" },
    "nobody as patient": { patient: 0 },
    "a steward beyond 40 bits": { steward: 2 ** 40 },
    "an author that is no integer": { author: 1.5 },
    "a short record id": { recordId: new Uint8Array(15) },
    "a long salt": { salt: new Uint8Array(33) },
    "a key commitment as text": { keyCommitment: "00".repeat(32) },
    "a hash of 31 bytes": { sha256: new Uint8Array(31) },
    "a CID, which would change with its pack": { cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku" },
    "a length that does not belong to its size": { length: 1000 },
    "a size that no stream can hold": { size: 2 ** 52 },
    "no media type": { mediaType: "fhir" },
    "a media type over 255 characters": { mediaType: `application/json; x=${"y".repeat(255)}` },
    "a time before 1970": { createdAt: -1 },
    "a digest of 31 bytes to amend": { amends: new Uint8Array(31) },
    "a digest of 20 bytes to dispute": { disputes: new Uint8Array(20) },
    "an unknown field": { note: "x" },
  })) {
    it(`is refused with ${name}`, async () => {
      const wrong = { ...aRecord().manifest, ...change };
      await expectCode("MANIFEST_MALFORMED", () => encodeManifest(wrong));
      await expectCode("MANIFEST_MALFORMED", () => decodeManifest(encode({ ...encoded(), ...change })));
    });
  }

  for (const [name, kind] of Object.entries<Record<string, unknown>>({
    "a ninth category": { category: 8 },
    "a category that would come round to another": { category: 256 },
    "classes of what isn't SENSITIVE": { classes: 1 },
    "no class of what is SENSITIVE": { category: 7 },
    "an empty set of classes": { category: 7, classes: 0 },
    "an eighth class": { category: 7, classes: 128 },
    "half a class": { category: 7, classes: 1.5 },
    "a word against being confidential": { confidential: false },
  })) {
    it(`is refused with ${name}`, async () => {
      await expectCode("MANIFEST_MALFORMED", () => encodeManifest({ ...aRecord().manifest, ...kind }));
    });
  }

  it("is refused without any one of its required fields", async () => {
    for (const name of Object.keys(encoded())) {
      await expectCode("MANIFEST_MALFORMED", () => decodeManifest(encode(without(encoded(), name))));
    }
  });

  it("is refused when created with a size that is none", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => aRecord({ size: -1 }));
  });
});
