import { expect } from "chai";
import { PUBLIC_KEY_LENGTH, deriveKeyPair, generateSeed } from "../../src/crypto/index.js";
import { expectBytes, expectCode, hex, vectors } from "./helpers.js";

describe("identity", () => {
  it("derives the public key that Go derives from the same seed", async () => {
    const { seed, publicKey } = vectors<{ seed: string; publicKey: string }>("hpke.json");
    expectBytes((await deriveKeyPair(hex(seed))).publicKey, hex(publicKey));
  });

  it("derives another key from every seed", async () => {
    const [a, b] = [await deriveKeyPair(generateSeed()), await deriveKeyPair(generateSeed())];
    expect(a.publicKey).to.have.lengthOf(PUBLIC_KEY_LENGTH);
    expect(Buffer.compare(a.publicKey, b.publicKey)).to.not.equal(0);
  });

  it("keeps the private key from being exported", async () => {
    const { handle } = await deriveKeyPair(generateSeed());
    expect(handle.privateKey.extractable).to.be.false;
  });

  it("leaves the seed as it was, so that the caller decides when to wipe it", async () => {
    const seed = generateSeed();
    const before = Uint8Array.from(seed);
    await deriveKeyPair(seed);
    expectBytes(seed, before);
  });

  it("refuses a seed that is not 32 bytes", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => deriveKeyPair(new Uint8Array(64)));
  });
});
