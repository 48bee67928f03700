import { expect } from "chai";
import fc from "fast-check";
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
import { isChartChainError } from "../../src/errors/index.js";
import { expectBytes, flipBit } from "../crypto/helpers.js";
import { type Engine, engineFor, fromBase64 } from "./engine.js";
import { Ledger } from "./ledger.js";
import { compartmentKeys, envelopes, keyDocuments, keyWraps, manifests } from "./values.js";
import { type Scalars, asScalars } from "./scalars.js";

interface Kind<T> {
  name: string;
  values: fc.Arbitrary<T>;
  encode: (value: T) => Uint8Array;
  decode: (bytes: Uint8Array) => T;
}

describe("CBOR of fxamacker", () => {
  const ledger = new Ledger("fxamacker/cbor");
  let peer: Engine;

  before(async function () {
    peer = await engineFor(this, "cbor", ledger, "github.com/fxamacker/cbor/v2");
  });

  after(() => {
    peer?.close();
    ledger.close();
  });

  readsAndWrites({ name: "manifests", values: manifests, encode: encodeManifest, decode: decodeManifest });
  readsAndWrites({ name: "envelopes", values: envelopes, encode: encodeEnvelope, decode: decodeEnvelope });
  readsAndWrites({ name: "key documents", values: keyDocuments, encode: encodeKeyDocument, decode: decodeKeyDocument });
  readsAndWrites({ name: "key wraps", values: keyWraps, encode: encodeKeyWrap, decode: decodeKeyWrap });
  readsAndWrites({
    name: "compartment keys",
    values: compartmentKeys,
    encode: encodeCompartmentKey,
    decode: decodeCompartmentKey,
  });

  function readsAndWrites<T extends object>({ name, values, encode, decode }: Kind<T>): void {
    it(`reads our ${name} and writes them byte for byte as we do`, async () => {
      await fc.assert(
        fc.asyncProperty(values, async (value) => {
          const bytes = encode(value);
          const { values: theirs, reencoded } = await read(bytes);
          expect(theirs).to.deep.equal(asScalars({ version: 1, ...value }));
          expectBytes(reencoded, bytes);
          expectBytes(await peer.askBytes("encode", { Values: asScalars({ version: 1, ...value }) }), bytes);
          expect(decode(bytes)).to.deep.equal(value);
          ledger.count(`${name} equal`);
        }),
      );
    });

    it(`has one encoding for whatever ${name} we read after a bit was flipped`, async () => {
      await fc.assert(
        fc.asyncProperty(values, fc.nat(), async (value, n) => {
          const bytes = encode(value);
          // Keys, lengths and small values: what is long is random bytes, where any flip gives another value.
          const flipped = flipBit(bytes, n % (8 * Math.min(bytes.length, 400)));
          let accepted: T;
          try {
            accepted = decode(flipped);
          } catch (error) {
            if (!isChartChainError(error)) throw error;
            ledger.count("flips refused");
            return;
          }
          const { values: theirs, reencoded } = await read(flipped);
          expect(theirs).to.deep.equal(asScalars({ version: 1, ...accepted }));
          expectBytes(reencoded, flipped);
          ledger.count("flips read alike");
        }),
        { numRuns: 300 },
      );
    });
  }

  async function read(bytes: Uint8Array): Promise<{ values: Scalars; reencoded: Uint8Array }> {
    const answer = await peer.ask<{ values: Scalars; reencoded: string }>("decode", { Data: bytes });
    return { values: answer.values, reencoded: fromBase64(answer.reencoded) };
  }
});
