import { expect } from "chai";
import {
  decodeEnvelope,
  decodeKeyWrap,
  deriveKeyPair,
  keyWrapDigest,
  manifestDigest,
  openEnvelope,
  openRecordStream,
  unwrapCompartmentKey,
} from "../../src/crypto/index.js";
import { collect, expectBytes, hex, pattern, vectors } from "../crypto/helpers.js";

interface Sealed {
  size: number;
  seed: string;
  participant: number;
  wrap: string;
  envelope: string;
  payload: string;
  manifestDigest: string;
  wrapDigest: string;
}

const { records } = vectors<{ records: Sealed[] }>("record.json");

describe("whole records that a second implementation sealed", () => {
  it("are two", () => {
    expect(records.map(({ size }) => size)).to.deep.equal([0, 1000]);
  });

  for (const { size, seed, participant, ...parts } of records) {
    it(`open here from the seed to the last byte, with the same digests (${size} bytes)`, async () => {
      const wrap = decodeKeyWrap(hex(parts.wrap));
      expectBytes(keyWrapDigest(wrap), hex(parts.wrapDigest));
      const compartmentKey = await unwrapCompartmentKey(wrap, await deriveKeyPair(hex(seed)), { participant });

      const { manifest, dek } = openEnvelope(decodeEnvelope(hex(parts.envelope)), compartmentKey);
      expectBytes(manifestDigest(manifest), hex(parts.manifestDigest));
      const opened = openRecordStream({ ciphertext: [hex(parts.payload)], dek, manifest });
      expectBytes(await collect(opened), pattern(size));
    });
  }
});
