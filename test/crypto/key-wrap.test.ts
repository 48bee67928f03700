import { createHash } from "node:crypto";
import { encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import { type IdentityKeyPair, type KeyWrap, createCompartmentKey, deriveKeyPair } from "../../src/crypto/index.js";
import { decodeKeyWrap, encodeKeyWrap, generateSeed, keyWrapDigest, sealTo } from "../../src/crypto/index.js";
import { encodeCompartmentKey, unwrapCompartmentKey, wrapCompartmentKey } from "../../src/crypto/index.js";
import { wrapInfo } from "../../src/crypto/key-wrap.js";
import { expectBytes, expectCode, flipBit, utf8 } from "./helpers.js";

describe("key wrap", () => {
  const compartmentKey = createCompartmentKey({ patient: 17, steward: 4, category: 2, round: 0 });
  const insurer = { participant: 9 };
  let keyPair: IdentityKeyPair;
  let wrap: KeyWrap;

  before(async () => {
    keyPair = await deriveKeyPair(generateSeed());
    const recipientPublicKey = keyPair.publicKey;
    wrap = await wrapCompartmentKey({ compartmentKey, recipientPublicKey, participant: 9, keyVersion: 3 });
  });

  it("gives the compartment key to its recipient", async () => {
    const received = decodeKeyWrap(encodeKeyWrap(wrap));
    expect(received).to.deep.equal(wrap);
    expect(await unwrapCompartmentKey(received, keyPair, insurer)).to.deep.equal(compartmentKey);
  });

  it("binds compartment, recipient and key version as documented", () => {
    const numbers = Buffer.from("000000000000000900000003", "hex");
    expectBytes(
      wrapInfo(wrap),
      Buffer.concat([utf8("ChartChain/compartment-key-wrap/v1\0"), compartmentKey.id, numbers]),
    );
  });

  it("is refused under another key pair", async () => {
    const stranger = await deriveKeyPair(generateSeed());
    await expectCode("KEY_WRAP_REFUSED", () => unwrapCompartmentKey(wrap, stranger, insurer));
  });

  it("is refused by another participant, also when the label is changed to fit", async () => {
    const error = await expectCode("KEY_WRAP_REFUSED", () => unwrapCompartmentKey(wrap, keyPair, { participant: 10 }));
    expect(error.message).to.include("for participant 9");
    await expectCode("KEY_WRAP_REFUSED", () =>
      unwrapCompartmentKey({ ...wrap, participant: 10 }, keyPair, { participant: 10 }),
    );
  });

  it("is refused with a changed key version, compartment, secret or ciphertext", async () => {
    for (const change of [
      { keyVersion: 4 },
      { compartmentId: flipBit(wrap.compartmentId, 0) },
      { enc: flipBit(wrap.enc, 0) },
      { ciphertext: flipBit(wrap.ciphertext, 0) },
    ]) {
      await expectCode("KEY_WRAP_REFUSED", () => unwrapCompartmentKey({ ...wrap, ...change }, keyPair, insurer));
    }
  });

  it("is refused when the key in it is of another compartment", async () => {
    const other = createCompartmentKey({ patient: 18, steward: 4, category: 2, round: 0 });
    const sealed = await sealTo(keyPair.publicKey, wrapInfo(wrap), encodeCompartmentKey(other));
    const lying = { ...wrap, enc: sealed.slice(0, 1120), ciphertext: sealed.slice(1120) };
    await expectCode("KEY_WRAP_MISMATCH", () => unwrapCompartmentKey(lying, keyPair, insurer));
  });

  it("is refused when there is no compartment key in it", async () => {
    const sealed = await sealTo(keyPair.publicKey, wrapInfo(wrap), utf8("something else entirely"));
    const lying = { ...wrap, enc: sealed.slice(0, 1120), ciphertext: sealed.slice(1120) };
    await expectCode("COMPARTMENT_KEY_MALFORMED", () => unwrapCompartmentKey(lying, keyPair, insurer));
  });

  it("is not made for nobody, for no key version or to no key", async () => {
    const options = { compartmentKey, recipientPublicKey: keyPair.publicKey, participant: 9, keyVersion: 3 };
    for (const change of [{ participant: 0 }, { participant: 2 ** 40 }, { keyVersion: -1 }, { keyVersion: 2 ** 32 }]) {
      await expectCode("CRYPTO_INPUT_INVALID", () => wrapCompartmentKey({ ...options, ...change }));
    }
    await expectCode("PUBLIC_KEY_INVALID", () =>
      wrapCompartmentKey({ ...options, recipientPublicKey: new Uint8Array(32) }),
    );
  });

  it("has a digest that changes with every field", () => {
    const expected = createHash("sha256")
      .update(utf8("ChartChain/key-wrap-digest/v1\0"))
      .update(encodeKeyWrap(wrap))
      .digest();
    expectBytes(keyWrapDigest(wrap), expected);
    const changes = [
      {},
      { participant: 10 },
      { keyVersion: 4 },
      { compartmentId: flipBit(wrap.compartmentId, 0) },
      { enc: flipBit(wrap.enc, 0) },
      { ciphertext: flipBit(wrap.ciphertext, 0) },
    ];
    const digests = changes.map((change) => Buffer.from(keyWrapDigest({ ...wrap, ...change })).toString("hex"));
    expect(new Set(digests)).to.have.lengthOf(changes.length);
  });

  it("is refused when its encoding is not of this format", async () => {
    for (const wrong of [
      { ...wrap, participant: 0 },
      { ...wrap, enc: new Uint8Array(1119) },
      { ...wrap, note: 1 },
    ]) {
      await expectCode("KEY_WRAP_MALFORMED", () => decodeKeyWrap(encode(wrong)));
    }
  });
});
