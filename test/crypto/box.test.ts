import { createDecipheriv } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { BOX_OVERHEAD, generateSeed, openBox, sealBox } from "../../src/crypto/index.js";
import { expectBytes, expectCode, flipBit, utf8 } from "./helpers.js";

describe("sealBox and openBox", () => {
  const key = generateSeed();
  const place = utf8("vault row 17");

  it("give back any plaintext under any associated data", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, bytes, (plaintext, associatedData) => {
        const box = sealBox(key, plaintext, associatedData);
        expect(box.length).to.equal(plaintext.length + BOX_OVERHEAD);
        expectBytes(openBox(key, box, associatedData), plaintext);
      }),
    );
  });

  it("write nonce, ciphertext and tag in this order", () => {
    const box = sealBox(key, utf8("secret"), place);
    const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(place).setAuthTag(box.subarray(-16));
    const plaintext = Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()]);
    expect(plaintext.toString()).to.equal("secret");
  });

  it("never give the same box twice", () => {
    const boxes = Array.from({ length: 100 }, () => Buffer.from(sealBox(key, place, place)).toString("hex"));
    expect(new Set(boxes)).to.have.lengthOf(100);
  });

  it("refuse a box with any bit changed", async () => {
    const box = sealBox(key, utf8("secret"), place);
    for (let bit = 0; bit < box.length * 8; bit++) {
      await expectCode("BOX_REFUSED", () => openBox(key, flipBit(box, bit), place));
    }
  });

  it("refuse a box cut anywhere, so that no short tag passes", async () => {
    const box = sealBox(key, utf8("secret"), place);
    for (let length = 0; length < box.length; length++) {
      await expectCode("BOX_REFUSED", () => openBox(key, box.subarray(0, length), place));
    }
  });

  it("refuse another key and other associated data", async () => {
    const box = sealBox(key, utf8("secret"), place);
    await expectCode("BOX_REFUSED", () => openBox(generateSeed(), box, place));
    await expectCode("BOX_REFUSED", () => openBox(key, box, utf8("vault row 18")));
  });

  it("refuse a key that is not 32 bytes", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => sealBox(new Uint8Array(16), place, place));
    await expectCode("CRYPTO_INPUT_INVALID", () => openBox(new Uint8Array(16), new Uint8Array(40), place));
  });
});
