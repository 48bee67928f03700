import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { deriveKeyPair, encodeKind } from "../../../src/crypto/index.js";
import { A_PLACE, pattern } from "../../crypto/helpers.js";
import { type Engine, fromBase64 } from "../engine.js";
import { compartmentKeys } from "../values.js";
import { hexOf } from "./hex.js";

/** Whole records sealed by the second implementation of the record format: key wrap, envelope and payload. */
export async function recordVectors(second: Engine): Promise<object> {
  const records: object[] = [];
  const sizes = [0, 1000];
  const keys = fc.sample(compartmentKeys, { seed: 4, numRuns: sizes.length });
  for (const [i, size] of sizes.entries()) {
    const key = keys[i];
    if (key === undefined) throw new Error("too few samples");
    const { patient, steward, id, round } = key;
    const kind = encodeKind(key);
    const seed = bytes(32);
    const participant = 9 + i;
    const sealed = await second.ask<Record<"wrap" | "envelope" | "payload", string>>("seal", {
      PublicKey: (await deriveKeyPair(seed)).publicKey,
      Participant: participant,
      KeyVersion: 1,
      Compartment: { id, patient, steward, kind, round, key: key.key },
      Manifest: {
        ...{ patient, steward, author: steward, kind, createdAt: 1_700_000_000 },
        ...{ recordId: bytes(16), salt: bytes(32), mediaType: "application/fhir+json" },
        ...(i > 0 && { amends: bytes(32) }),
      },
      Place: A_PLACE,
      DEK: bytes(32),
      Content: pattern(size),
    });
    const opened = await second.ask<Record<"manifestDigest" | "wrapDigest", string>>("open", { Seed: seed, ...sealed });
    const inHex = ([name, value]: [string, string]) => [name, hexOf(fromBase64(value))];
    const { manifestDigest, wrapDigest } = opened;
    const parts = Object.entries({ ...sealed, manifestDigest, wrapDigest }).map(inHex);
    records.push({ size, seed: hexOf(seed), participant, ...(Object.fromEntries(parts) as object) });
  }
  const versions = await second.versions();
  return {
    source: `Sealed by test/interop/go/record over tink-go ${versions["github.com/tink-crypto/tink-go/v2"]}, fxamacker/cbor ${versions["github.com/fxamacker/cbor/v2"]} and the cryptography of ${versions["go"]}. Byte i of each content is (31 * i + floor(i / 256)) mod 256.`,
    records,
  };
}

const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
