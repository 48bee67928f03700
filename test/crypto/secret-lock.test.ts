import { createDecipheriv, scryptSync } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { generateSeed, lockSecret, unlockSecret } from "../../src/crypto/index.js";
import { expectBytes, expectCode } from "./helpers.js";

// 2^10 instead of 2^17: the same code in a thousandth of the time.
const fast = { cost: 10 };

describe("lockSecret and unlockSecret", () => {
  it("give back any secret under any passphrase", async () => {
    const secret = fc.uint8Array({ maxLength: 64 });
    const passphrase = fc.string({ unit: "grapheme", minLength: 1 });
    await fc.assert(
      fc.asyncProperty(secret, passphrase, async (bytes, words) => {
        expectBytes(await unlockSecret(await lockSecret(bytes, words, fast), words), bytes);
      }),
      { numRuns: 30 },
    );
  });

  it("are scrypt and AES-256-GCM as documented", async () => {
    const seed = generateSeed();
    const locked = await lockSecret(seed, "correct horse", fast);
    expect([...locked.subarray(8, 11)], "log2 N, r, p").to.deep.equal([10, 8, 1]);
    const key = scryptSync("correct horse", locked.subarray(11, 43), 32, { N: 1024, r: 8, p: 1 });
    const decipher = createDecipheriv("aes-256-gcm", key, locked.subarray(43, 55), { authTagLength: 16 });
    decipher.setAAD(locked.subarray(0, 43)).setAuthTag(locked.subarray(-16));
    expectBytes(Buffer.concat([decipher.update(locked.subarray(55, -16)), decipher.final()]), seed);
  });

  it("make guessing cost 2^17 unless told otherwise", async () => {
    const seed = generateSeed();
    const locked = await lockSecret(seed, "correct horse");
    expect(locked[8]).to.equal(17);
    expectBytes(await unlockSecret(locked, "correct horse"), seed);
  });

  it("open however the keyboard composes an accent", async () => {
    const locked = await lockSecret(generateSeed(), "caf\u00e9", fast);
    expect(await unlockSecret(locked, "cafe\u0301")).to.have.lengthOf(32);
  });

  it("refuse a wrong passphrase without showing it", async () => {
    const locked = await lockSecret(generateSeed(), "correct horse", fast);
    const error = await expectCode("WRONG_PASSPHRASE", () => unlockSecret(locked, "battery staple"));
    expect(JSON.stringify(error)).to.not.match(/battery|horse/);
  });

  it("refuse an empty passphrase", async () => {
    await expectCode("PASSPHRASE_EMPTY", () => lockSecret(generateSeed(), "", fast));
  });

  it("refuse a cost out of range", async () => {
    for (const cost of [9, 21, 10.5]) {
      await expectCode("CRYPTO_INPUT_INVALID", () => lockSecret(generateSeed(), "correct horse", { cost }));
    }
  });

  it("refuse bytes that are no locked secret", async () => {
    const locked = await lockSecret(generateSeed(), "correct horse", fast);
    await expectCode("LOCKED_SECRET_MALFORMED", () => unlockSecret(new Uint8Array(0), "correct horse"));
    await expectCode("LOCKED_SECRET_MALFORMED", () => unlockSecret(locked.subarray(0, 70), "correct horse"));
    await expectCode("LOCKED_SECRET_MALFORMED", () => unlockSecret(locked.fill(0, 7, 8), "correct horse"));
    await expectCode("FORMAT_NEWER", () => unlockSecret(locked.fill(2, 7, 8), "correct horse"));
    await expectCode("LOCKED_SECRET_MALFORMED", () => unlockSecret(locked.fill(0, 5, 6), "correct horse"));
  });

  for (const [name, offset, value] of [
    ["N below the floor", 8, 9],
    ["N above the ceiling", 8, 21],
    ["N above the ceiling and little memory", 8, 22],
    ["r of nothing", 9, 0],
    ["r that asks for gigabytes", 9, 255],
    ["p of nothing", 10, 0],
    ["p that asks for minutes", 10, 255],
  ] as const) {
    it(`refuse to do the work of a blob with ${name}`, async () => {
      const locked = await lockSecret(generateSeed(), "correct horse", { cost: 14 });
      if (name.includes("gigabytes")) locked[8] = 17;
      if (name.includes("little memory")) locked[9] = 1;
      locked[offset] = value;
      await expectCode("LOCKED_SECRET_MALFORMED", () => unlockSecret(locked, "correct horse"));
    });
  }

  for (const [name, offset] of [
    ["r", 9],
    ["p", 10],
  ] as const) {
    it(`do the work of a blob with the least ${name}`, async () => {
      const locked = await lockSecret(generateSeed(), "correct horse", fast);
      locked[offset] = 1;
      if (name === "p") locked[9] = 2;
      await expectCode("WRONG_PASSPHRASE", () => unlockSecret(locked, "correct horse"));
    });
  }

  it("refuse a blob with a changed header or box", async () => {
    const locked = await lockSecret(generateSeed(), "correct horse", fast);
    for (const offset of [8, 20, 50, 60, locked.length - 1]) {
      const changed = Uint8Array.from(locked);
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      await expectCode("WRONG_PASSPHRASE", () => unlockSecret(changed, "correct horse"));
    }
  });
});
