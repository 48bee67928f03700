import { expect } from "chai";
import {
  decodeCompartmentKey,
  decodeEnvelope,
  decodeKeyDocument,
  decodeKeyWrap,
  decodeManifest,
  encodeCompartmentKey,
  encodeEnvelope,
  encodeKeyDocument,
  encodeKeyWrap,
  encodeManifest,
} from "../../src/crypto/index.js";
import { expectBytes, hex, vectors } from "../crypto/helpers.js";
import { type Scalars, fromScalars } from "../interop/scalars.js";

const { maps } = vectors<{ maps: { kind: string; values: Scalars; encoded: string }[] }>("cbor.json");

/** `never` stands for what each encoder takes: the values come from a file. */
const CODECS: Record<string, { encode: (value: never) => Uint8Array; decode: (bytes: Uint8Array) => object }> = {
  manifest: { encode: encodeManifest, decode: decodeManifest },
  envelope: { encode: encodeEnvelope, decode: decodeEnvelope },
  keyDocument: { encode: encodeKeyDocument, decode: decodeKeyDocument },
  keyWrap: { encode: encodeKeyWrap, decode: decodeKeyWrap },
  compartmentKey: { encode: encodeCompartmentKey, decode: decodeCompartmentKey },
};

describe("maps that fxamacker encoded", () => {
  for (const [kind, { encode, decode }] of Object.entries(CODECS)) {
    it(`are read and written the same here (${kind})`, () => {
      const ofKind = maps.filter((map) => map.kind === kind);
      expect(ofKind.length).to.be.at.least(3);
      for (const { values, encoded } of ofKind) {
        expect(decode(hex(encoded))).to.deep.equal(fromScalars(values));
        expectBytes(encode(fromScalars(values) as never), hex(encoded));
      }
    });
  }

  it("have no kind that is not read here", () => {
    expect(Object.keys(CODECS)).to.include.members(maps.map(({ kind }) => kind));
  });
});
