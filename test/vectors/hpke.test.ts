import { createHash } from "node:crypto";
import { expect } from "chai";
import { deriveKeyPair, openSealed, unwrapCompartmentKey } from "../../src/crypto/index.js";
import { expectBytes, expectCode, flipBit, hex, vectors } from "../crypto/helpers.js";

interface Wrap {
  seed: string;
  publicKeySha256: string;
  participant: number;
  keyVersion: number;
  compartmentKey: { id: string; patient: number; steward: number; category: number; round: number; key: string };
  enc: string;
  ciphertext: string;
}

const vector = vectors<{
  seed: string;
  publicKey: string;
  info: string;
  plaintext: string;
  sealed: string;
  wraps: Wrap[];
}>("hpke.json");

describe("what Go's HPKE made", () => {
  it("has the public key that we derive from the seed", async () => {
    expectBytes((await deriveKeyPair(hex(vector.seed))).publicKey, hex(vector.publicKey));
  });

  it("opens here", async () => {
    const keyPair = await deriveKeyPair(hex(vector.seed));
    expectBytes(await openSealed(keyPair, hex(vector.info), hex(vector.sealed)), hex(vector.plaintext));
  });

  it("has a key wrap for the first and the last participant there can be", () => {
    expect(vector.wraps.map(({ participant }) => participant)).to.include.members([1, 2 ** 40 - 1]);
  });

  for (const { compartmentKey, ...wrap } of vector.wraps) {
    it(`gives participant ${wrap.participant} the compartment key, and no other version of its key`, async () => {
      const keyPair = await deriveKeyPair(hex(wrap.seed));
      expect(createHash("sha256").update(keyPair.publicKey).digest("hex")).to.equal(wrap.publicKeySha256);
      const { participant, keyVersion } = wrap;
      const [enc, ciphertext] = [hex(wrap.enc), hex(wrap.ciphertext)];
      const received = { compartmentId: hex(compartmentKey.id), participant, keyVersion, enc, ciphertext };

      expect(await unwrapCompartmentKey(received, keyPair, { participant })).to.deep.equal({
        ...compartmentKey,
        id: hex(compartmentKey.id),
        key: hex(compartmentKey.key),
      });
      const another = keyVersion === 0 ? 1 : keyVersion - 1;
      for (const change of [{ keyVersion: another }, { enc: flipBit(enc, 0) }, { enc: flipBit(enc, 8900) }]) {
        const changed = { ...received, ...change };
        await expectCode("KEY_WRAP_REFUSED", () => unwrapCompartmentKey(changed, keyPair, { participant }));
      }
    });
  }
});
