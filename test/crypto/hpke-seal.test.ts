import { expect } from "chai";
import { type IdentityKeyPair, deriveKeyPair, generateSeed, openSealed, sealTo } from "../../src/crypto/index.js";
import { expectBytes, expectCode, flipBit, hex, utf8, vectors } from "./helpers.js";

describe("sealTo and openSealed", () => {
  const info = utf8("relationship terms");
  const message = utf8("the terms");
  let alice: IdentityKeyPair;

  before(async () => {
    alice = await deriveKeyPair(generateSeed());
  });

  it("give the message back to the recipient", async () => {
    for (const size of [0, 1, 100_000]) {
      const sealed = await sealTo(alice.publicKey, info, new Uint8Array(size).fill(7));
      expect(sealed.length).to.equal(size + 1136);
      expectBytes(await openSealed(alice, info, sealed), new Uint8Array(size).fill(7));
    }
  });

  it("open what Go sealed", async () => {
    const vector = vectors<{ seed: string; info: string; sealed: string; plaintext: string }>("hpke.json");
    const keyPair = await deriveKeyPair(hex(vector.seed));
    expectBytes(await openSealed(keyPair, hex(vector.info), hex(vector.sealed)), hex(vector.plaintext));
  });

  it("refuse another recipient and another info", async () => {
    const sealed = await sealTo(alice.publicKey, info, message);
    const bob = await deriveKeyPair(generateSeed());
    await expectCode("SEALED_REFUSED", () => openSealed(bob, info, sealed));
    await expectCode("SEALED_REFUSED", () => openSealed(alice, utf8("key wrap"), sealed));
  });

  it("refuse changed and cut messages", async () => {
    const sealed = await sealTo(alice.publicKey, info, message);
    // In the ML-KEM ciphertext, the X25519 share, the message and the tag.
    for (const bit of [0, 1087 * 8, 1088 * 8, 1119 * 8, 1120 * 8, sealed.length * 8 - 1]) {
      await expectCode("SEALED_REFUSED", () => openSealed(alice, info, flipBit(sealed, bit)));
    }
    for (const length of [0, 1119, 1120, 1135, sealed.length - 1]) {
      await expectCode("SEALED_REFUSED", () => openSealed(alice, info, sealed.subarray(0, length)));
    }
  });

  it("refuse a public key of a wrong length, out of range or with a weak X25519 point", async () => {
    const weak = Uint8Array.from(alice.publicKey).fill(0, 1184);
    // The first and the last coefficient of the ML-KEM part are its modulus, 3329.
    const [first, last] = [Uint8Array.from(alice.publicKey), Uint8Array.from(alice.publicKey)];
    first.set([0x01, (first[1]! & 0xf0) | 0x0d]);
    last.set([(last[1150]! & 0x0f) | 0x10, 0xd0], 1150);
    for (const publicKey of [new Uint8Array(1215), new Uint8Array(1216).fill(255), weak, first, last]) {
      await expectCode("PUBLIC_KEY_INVALID", () => sealTo(publicKey, info, message));
    }
  });

  it("pass on a caller's mistake as it is", async () => {
    const error: unknown = await sealTo(alice.publicKey, new Uint8Array(70_000), message).catch(
      (cause: unknown) => cause,
    );
    expect(error).to.be.instanceOf(TypeError);
    const wrong: unknown = await openSealed(
      alice,
      new Uint8Array(70_000),
      await sealTo(alice.publicKey, info, message),
    ).catch((cause: unknown) => cause);
    expect(wrong).to.be.instanceOf(TypeError);
  });
});
