import fc from "fast-check";
import {
  BOX_OVERHEAD,
  type CompartmentKey,
  type Envelope,
  HPKE_SUITE,
  type KeyDocument,
  type KeyWrap,
  type Manifest,
  PAYLOAD_SUITE,
  PUBLIC_KEY_LENGTH,
  ciphertextSize,
  padmeSize,
} from "../../src/crypto/index.js";

// Random values of everything that is encoded in DAG-CBOR.
const participant = around(1, 2 ** 40 - 1);
const round = around(0, 2 ** 32 - 1);
const kind = fc.oneof(
  fc.record({ category: fc.nat(6) }),
  fc.record({ category: fc.constant(7), classes: around(1, 127) }),
  fc.record({ category: fc.nat(6), confidential: fc.constant(true as const) }),
);

export const compartmentKeys: fc.Arbitrary<CompartmentKey> = fc
  .record({ id: bytes(16), patient: participant, steward: participant, kind, round, key: bytes(32) })
  .map(({ kind: named, ...others }) => ({ ...others, ...named }));

export const keyWraps: fc.Arbitrary<KeyWrap> = fc.record({
  compartmentId: bytes(16),
  participant,
  keyVersion: round,
  enc: bytes(1120),
  ciphertext: fc.uint8Array({ minLength: 32, maxLength: 1024, size: "max" }),
});

export const envelopes: fc.Arbitrary<Envelope> = fc.record({
  digest: bytes(32),
  compartmentId: bytes(16),
  box: fc.nat(3).chain((more) => bytes(BOX_OVERHEAD + 1024 * (1 + more))),
});

export const keyDocuments: fc.Arbitrary<KeyDocument> = fc.record(
  {
    version: fc.constant(1 as const),
    suite: fc.constant(HPKE_SUITE),
    publicKey: bytes(PUBLIC_KEY_LENGTH),
    service: fc.webUrl({ validSchemes: ["https"], withQueryParameters: true }),
  },
  { requiredKeys: ["version", "suite", "publicKey"], noNullPrototype: true },
);

const REQUIRED = [
  ...(["version", "recordId", "salt", "patient", "steward", "author", "kind", "sha256", "size"] as const),
  ...(["length", "mediaType", "createdAt", "suite", "keyCommitment"] as const),
];

export const manifests: fc.Arbitrary<Manifest> = fc
  .record(
    {
      version: fc.constant(1 as const),
      recordId: bytes(16),
      salt: bytes(32),
      patient: participant,
      steward: participant,
      author: participant,
      kind,
      sha256: bytes(32),
      size: around(0, 2 ** 52 - 2 ** 45),
      length: fc.constant(0),
      mediaType: fc.constantFrom("application/fhir+json", "application/dicom", "text/plain; charset=utf-8"),
      createdAt: around(0, Number.MAX_SAFE_INTEGER),
      suite: fc.constant(PAYLOAD_SUITE),
      keyCommitment: bytes(32),
      amends: bytes(32),
      disputes: bytes(32),
    },
    { requiredKeys: [...REQUIRED], noNullPrototype: true },
  )
  .map(({ kind: named, ...manifest }) => ({ ...manifest, ...named, length: ciphertextSize(padmeSize(manifest.size)) }));

function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length, size: "max" });
}

/** Integers from `min` to `max`, half of them next to where CBOR's encoding gets longer. */
function around(min: number, max: number): fc.Arbitrary<number> {
  const borders = [min, max, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32];
  return fc.oneof(
    fc.integer({ min, max }),
    fc.constantFrom(...borders.filter((border) => border >= min && border <= max)),
  );
}
