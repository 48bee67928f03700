import { CID } from "multiformats/cid";
import { ChartChainError, isChartChainError } from "../errors/index.js";
import { BOX_OVERHEAD, openBox, sealBox } from "./box.js";
import { concatBytes, requireBytes, wipe } from "./bytes.js";
import { byteString, canonicalCodec, integer, text } from "./canonical-cbor.js";
import type { CompartmentKey } from "./compartment.js";
import { domain } from "./domain.js";
import { roundField } from "./identifiers.js";
import { requireCommittedKey } from "./key-commitment.js";
import type { PackPlace } from "./pack.js";
import { nameOfKind } from "./record-kind.js";
import { type Manifest, decodeManifest, encodeManifest, manifestDigest } from "./manifest.js";
import { equalBytes, hkdfSha256 } from "./platform.js";

/**
 * A record's manifest, key and place, sealed under its compartment's key. It shows neither category nor size nor author. The round
 * stands here alone: re-keying writes another envelope ({@link resealEnvelope}), of the same manifest and ciphertext.
 */
export interface Envelope {
  /** Manifest digest as it is anchored, 32 bytes. */
  digest: Uint8Array;
  /** Id of the compartment key that opens it, 16 bytes. */
  compartmentId: Uint8Array;
  /** The sealed content, padded to full kibibytes. */
  box: Uint8Array;
}

/** What is in an envelope. */
export interface EnvelopeContent {
  manifest: Manifest;
  /** Where the sealed record lies. */
  place: PackPlace;
  /** The record's data encryption key, 32 bytes. */
  dek: Uint8Array;
}

const PADDING_STEP = 1024;
const SHA2_256 = 0x12;

const codec = canonicalCodec<Envelope>("ENVELOPE_MALFORMED", "envelope", {
  digest: byteString(32),
  compartmentId: byteString(16),
  box: byteString(PADDING_STEP + BOX_OVERHEAD, 4 * PADDING_STEP + BOX_OVERHEAD),
});

interface SealedContent extends PackPlace {
  dek: Uint8Array;
  manifest: Uint8Array;
  round: number;
}

const contentCodec = canonicalCodec<SealedContent>("ENVELOPE_MALFORMED", "envelope's content", {
  dek: byteString(32),
  manifest: byteString(1, 2 * PADDING_STEP),
  round: roundField,
  cid: text("a base32 CIDv1 over sha2-256", isCid),
  offset: integer(0, Number.MAX_SAFE_INTEGER),
  packSize: integer(0, Number.MAX_SAFE_INTEGER),
  packing: integer(0, 2 ** 32 - 1),
});

/**
 * Seals a record's manifest and key for all members of its compartment.
 *
 * @param content.compartmentKey must be of the manifest's patient, steward and kind; its round becomes the envelope's
 * @throws `COMPARTMENT_MISMATCH`, `KEY_COMMITMENT_MISMATCH` or `MANIFEST_MALFORMED` when the three do not belong
 * together, so that nobody seals what no reader would accept
 *
 * @example
 * const envelope = sealEnvelope({ manifest, dek, place: { cid, offset, packSize, packing: 0 }, compartmentKey });
 */
export function sealEnvelope(content: EnvelopeContent & { compartmentKey: CompartmentKey }): Envelope {
  const { manifest, dek, compartmentKey } = content;
  requireCommittedKey(dek, manifest);
  const digest = manifestDigest(manifest);
  requireScope(manifest, digest, compartmentKey);
  return packEnvelope(digest, content, compartmentKey);
}

/**
 * Opens an envelope with one key and seals what is in it under another one of the same patient, steward and kind: of
 * another round, or of this record alone, to hand it on by itself. Digest, manifest and ciphertext stay as they are.
 *
 * @param place where the sealed record lies by now; where it lay when left out
 * @throws what {@link openEnvelope} and {@link sealEnvelope} throw
 *
 * @example
 * const next = createCompartmentKey({ ...scope, round: held.round + 1 });
 * const rekeyed = resealEnvelope(envelope, held, next);
 * const recordKey = createCompartmentKey({ ...scope, record: envelope.digest });
 * const forOneViewer = resealEnvelope(envelope, held, recordKey);
 */
export function resealEnvelope(
  envelope: Envelope,
  from: CompartmentKey,
  to: CompartmentKey,
  place?: PackPlace,
): Envelope {
  const content = openEnvelope(envelope, from);
  try {
    return sealEnvelope({ ...content, ...(place && { place }), compartmentKey: to });
  } finally {
    wipe(content.dek);
  }
}

/** Seals any content under any digest: the half of {@link sealEnvelope} that a cheating steward would run. */
export function packEnvelope(
  digest: Uint8Array,
  { dek, manifest, place, round }: EnvelopeContent & { round?: number },
  compartmentKey: CompartmentKey,
): Envelope {
  const { id: compartmentId } = compartmentKey;
  const content = { ...place, dek, manifest: encodeManifest(manifest), round: round ?? compartmentKey.round };
  const encoded = contentCodec.encode(content);
  const plaintext = pad(encoded);
  const key = envelopeKey(compartmentKey, digest);
  const box = sealBox(key, plaintext, associatedData(digest, compartmentId));
  wipe(encoded, plaintext, key);
  return { digest: Uint8Array.from(digest), compartmentId: Uint8Array.from(compartmentId), box };
}

/**
 * Opens an envelope and checks all that it says: that it is for this compartment, that its manifest has the digest it
 * claims, that the manifest commits to its key. Whether that digest is anchored is for the caller to check.
 *
 * @throws `COMPARTMENT_MISMATCH` when it belongs to another compartment than the key, its manifest does, or its round is
 * another one
 * @throws `ENVELOPE_REFUSED` when it does not open: damaged, or sealed under another key
 * @throws `MANIFEST_MISMATCH` when the manifest in it is not the one of its digest
 * @throws `KEY_COMMITMENT_MISMATCH` when the key in it is not the one that the manifest commits to
 * @throws `ENVELOPE_MALFORMED`, `MANIFEST_MALFORMED`
 *
 * @example
 * const { manifest, dek, place } = openEnvelope(envelope, compartmentKey);
 */
export function openEnvelope(envelope: Envelope, compartmentKey: CompartmentKey): EnvelopeContent {
  const { digest, compartmentId, box } = codec.check(envelope);
  if (!equalBytes(compartmentId, compartmentKey.id))
    throw compartmentMismatch("the envelope names another compartment");
  const key = envelopeKey(compartmentKey, digest);
  let plaintext: Uint8Array | undefined;
  try {
    plaintext = openBox(key, box, associatedData(digest, compartmentId));
    const content = contentCodec.decode(unpad(plaintext));
    const manifest = decodeManifest(content.manifest);
    if (!equalBytes(manifestDigest(manifest), digest)) {
      throw new ChartChainError("MANIFEST_MISMATCH", "the manifest in the envelope is not the one of its digest", {
        hint: "The steward sealed another manifest than it claims: report it, and ask for the right envelope.",
      });
    }
    requireScope(manifest, digest, compartmentKey);
    if (content.round !== compartmentKey.round) throw compartmentMismatch("the envelope is of another round");
    requireCommittedKey(content.dek, manifest);
    const { cid, offset, packSize, packing } = content;
    return { manifest, dek: content.dek, place: { cid, offset, packSize, packing } };
  } catch (cause) {
    if (!isChartChainError(cause, "BOX_REFUSED")) throw cause;
    throw new ChartChainError("ENVELOPE_REFUSED", "the envelope does not open under this compartment key", {
      hint: "Fetch the envelope again; if it stays refused, ask the patient or the steward for it.",
      cause,
    });
  } finally {
    wipe(key, plaintext);
  }
}

/**
 * An envelope's one encoding, DAG-CBOR, as it is stored and handed on.
 *
 * @throws `ENVELOPE_MALFORMED`
 *
 * @example
 * await writeFile("record.envelope", encodeEnvelope(envelope));
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return codec.encode(envelope);
}

/**
 * Reads an encoded envelope, without opening it.
 *
 * @throws `ENVELOPE_MALFORMED` when it is not the one encoding of an envelope
 *
 * @example
 * const envelope = decodeEnvelope(await readFile("record.envelope"));
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  return codec.decode(bytes);
}

/** A key for this envelope alone, so that random nonces never meet under one key, however many records there are. */
function envelopeKey(compartmentKey: CompartmentKey, digest: Uint8Array): Uint8Array {
  requireBytes(compartmentKey.key, 32, "compartmentKey.key");
  return hkdfSha256(compartmentKey.key, digest, domain("envelope"), 32);
}

function associatedData(digest: Uint8Array, compartmentId: Uint8Array): Uint8Array {
  return concatBytes(domain("envelope"), digest, compartmentId);
}

function requireScope(manifest: Manifest, digest: Uint8Array, compartmentKey: CompartmentKey): void {
  for (const name of ["patient", "steward"] as const) {
    if (manifest[name] !== compartmentKey[name]) throw compartmentMismatch(`the manifest has another ${name}`);
  }
  if (nameOfKind(manifest) !== nameOfKind(compartmentKey)) throw compartmentMismatch("the manifest is of another kind");
  const { record } = compartmentKey;
  if (record !== undefined && !equalBytes(record, digest)) throw compartmentMismatch("the key is of another record");
}

function compartmentMismatch(reason: string): ChartChainError {
  return new ChartChainError("COMPARTMENT_MISMATCH", `the record is not of this compartment key: ${reason}`, {
    details: { reason },
    hint: "Use the compartment key whose id the envelope names, of the record's patient, steward and kind.",
  });
}

/** Appends 0x80 and zeros up to full kibibytes (ISO/IEC 7816-4), since CBOR's length depends on the values in it. */
function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / PADDING_STEP) * PADDING_STEP);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  return padded;
}

function unpad(padded: Uint8Array): Uint8Array {
  // Without its mark nothing is left, which the decoder refuses.
  return padded.subarray(0, Math.max(0, padded.lastIndexOf(0x80)));
}

function isCid(value: string): boolean {
  try {
    const cid = CID.parse(value);
    // Only the base32 form of a version 1 CID comes out as it went in.
    return cid.version === 1 && cid.multihash.code === SHA2_256 && cid.toString() === value;
  } catch {
    return false;
  }
}
