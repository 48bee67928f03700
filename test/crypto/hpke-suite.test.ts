import { expect } from "chai";
import { hpkeSuite, nativeSuite, nobleSuite } from "../../src/crypto/hpke-suite.js";
import { isNodeBefore } from "../../src/errors/index.js";
import { expectBytes, hex, utf8, vectors } from "./helpers.js";

describe("hpkeSuite", () => {
  const message = utf8("the terms");

  it("gives from noble the keys that Go derives, and opens what Go sealed", async () => {
    const vector = vectors<{ seed: string; publicKey: string; info: string; sealed: string; plaintext: string }>(
      "hpke.json",
    );
    const suite = await nobleSuite();
    const keys = await suite.DeriveKeyPair(hex(vector.seed), false);
    expectBytes(await suite.SerializePublicKey(keys.publicKey), hex(vector.publicKey));
    const [enc, ciphertext] = [hex(vector.sealed).subarray(0, 1120), hex(vector.sealed).subarray(1120)];
    expectBytes(await suite.Open(keys, enc, ciphertext, { info: hex(vector.info) }), hex(vector.plaintext));
    expect(keys.privateKey.extractable).to.equal(false);
  });

  it("opens by either what the other sealed, where Node has ML-KEM", async function () {
    if (isNodeBefore("24.7")) this.skip();
    const seed = new Uint8Array(32).fill(5);
    const both = [await nativeSuite(), await nobleSuite()] as const;
    for (const [sealing, opening] of [both, both.toReversed()] as const) {
      const { publicKey } = await sealing.DeriveKeyPair(seed, false);
      const { encapsulatedSecret, ciphertext } = await sealing.Seal(publicKey, message);
      const keys = await opening.DeriveKeyPair(seed, false);
      expectBytes(await opening.Open(keys, encapsulatedSecret, ciphertext), message);
    }
  });

  it("is Web Cryptography's where that has ML-KEM, and noble's where it hasn't", async () => {
    const suite = await hpkeSuite();
    const keys = await suite.GenerateKeyPair(false);
    const { encapsulatedSecret, ciphertext } = await suite.Seal(keys.publicKey, message);
    const takes = async (other: typeof suite) =>
      other.Open(keys, encapsulatedSecret, ciphertext).then(
        () => true,
        () => false,
      );
    // A library doesn't take another one's private key.
    const isOld = isNodeBefore("24.7");
    expect([await takes(await nativeSuite()), await takes(await nobleSuite())]).to.deep.equal([!isOld, isOld]);
  });
});
