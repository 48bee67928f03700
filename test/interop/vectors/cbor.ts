import fc from "fast-check";
import type { Engine } from "../engine.js";
import { asScalars } from "../scalars.js";
import { compartmentKeys, envelopes, keyDocuments, keyWraps, manifests } from "../values.js";
import { hexOf } from "./hex.js";

const KINDS: Record<string, fc.Arbitrary<object>> = {
  manifest: manifests,
  envelope: envelopes,
  keyDocument: keyDocuments,
  keyWrap: keyWraps,
  compartmentKey: compartmentKeys,
};

/** Random values of each kind, encoded by fxamacker. */
export async function cborVectors(peer: Engine): Promise<object> {
  const made: object[] = [];
  for (const [kind, values] of Object.entries(KINDS)) {
    for (const value of fc.sample(values, { seed: 8949, numRuns: kind === "manifest" ? 8 : 3 })) {
      // Every map carries its format's number.
      const encoded = await peer.askBytes("encode", { Values: asScalars({ version: 1, ...value }) });
      made.push({ kind, values: asScalars(value), encoded: hexOf(encoded) });
    }
  }
  return {
    source: `Encoded by fxamacker/cbor ${(await peer.versions())["github.com/fxamacker/cbor/v2"]}, canonical: keys by length, then by bytes. In values, bytes are base64 and integers are digits.`,
    maps: made,
  };
}
