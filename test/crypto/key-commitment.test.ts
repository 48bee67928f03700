import { createHmac } from "node:crypto";
import { expect } from "chai";
import { generateSeed, keyCommitment } from "../../src/crypto/index.js";
import { requireCommittedKey } from "../../src/crypto/key-commitment.js";
import { aRecord, expectBytes, expectCode, flipBit, utf8 } from "./helpers.js";

describe("keyCommitment", () => {
  it("is HKDF-SHA256 as RFC 5869 writes it", () => {
    const dek = generateSeed();
    const recordId = new Uint8Array(16).fill(5);
    const pseudorandom = createHmac("sha256", recordId).update(dek).digest();
    const expected = createHmac("sha256", pseudorandom).update(utf8("ChartChain/key-commitment/v1\0\x01")).digest();
    expectBytes(keyCommitment(dek, recordId), expected);
  });

  it("differs with the key and with the record", () => {
    const { manifest, dek } = aRecord();
    const commitment = Buffer.from(keyCommitment(dek, manifest.recordId));
    expect(commitment.equals(keyCommitment(flipBit(dek, 0), manifest.recordId))).to.be.false;
    expect(commitment.equals(keyCommitment(dek, flipBit(manifest.recordId, 0)))).to.be.false;
  });

  it("lets pass only the key that the manifest commits to", async () => {
    const { manifest, dek } = aRecord();
    requireCommittedKey(dek, manifest);
    await expectCode("KEY_COMMITMENT_MISMATCH", () => requireCommittedKey(generateSeed(), manifest));
  });

  it("refuses keys and record ids of a wrong length", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => keyCommitment(new Uint8Array(31), new Uint8Array(16)));
    await expectCode("CRYPTO_INPUT_INVALID", () => keyCommitment(new Uint8Array(32), new Uint8Array(17)));
  });
});
