import { decode, encode } from "@ipld/dag-cbor";
import { decodeKind, encodeKind, type RecordKind } from "../crypto/index.js";
import { invalidInput, requireBytes, requireInteger, requireParticipant } from "./input.js";

/** What a record's manifest says, kept sealed, so that records are listed without opening their envelopes again. */
export interface RecordMetadata extends RecordKind {
  /** 16 bytes. */
  recordId: Uint8Array;
  /** CIDv1 of the pack that the sealed record lies in. */
  cid: string;
  /** Plaintext size in bytes. */
  size: number;
  /** When it was sealed, in seconds since 1970. */
  createdAt: number;
  /** Participant id of who wrote it. */
  author: number;
  /** Media type of the plaintext. */
  mediaType?: string;
  /** Digest (32 bytes) of the record that this one replaces. */
  amends?: Uint8Array;
  /** Digest (32 bytes) of the record that this one contradicts. */
  disputes?: Uint8Array;
  /** What the record says of itself, so that it isn't fetched for that again. Up to 64 KiB, in this vault alone. */
  facts?: Uint8Array;
  /** What its author would anchor to retract it (32 bytes), so that a retraction is recognised without opening anything. */
  retraction?: Uint8Array;
}

const MAX_FACTS = 65_536;

/**
 * Checks metadata (a whole manifest may be given) and encodes it as DAG-CBOR. The kind makes it neither longer nor shorter. Throws
 * `VAULT_INPUT_INVALID`.
 */
export function encodeMetadata(metadata: RecordMetadata): Uint8Array {
  const { recordId, cid, size, createdAt, author, mediaType, amends, disputes } = metadata;
  const { facts, retraction } = metadata;
  const kind = encodeKind(metadata);
  requireBytes(recordId, "metadata.recordId", 16);
  requireBytes(kind, "metadata.category, with its classes", 3);
  requireText(cid, "metadata.cid");
  requireInteger(size, "metadata.size");
  requireInteger(createdAt, "metadata.createdAt");
  requireParticipant(author, "metadata.author");
  if (mediaType !== undefined) requireText(mediaType, "metadata.mediaType");
  if (amends !== undefined) requireBytes(amends, "metadata.amends", 32);
  if (disputes !== undefined) requireBytes(disputes, "metadata.disputes", 32);
  if (facts !== undefined) {
    requireBytes(facts, "metadata.facts");
    if (facts.length > MAX_FACTS) throw invalidInput("metadata.facts", `at most ${MAX_FACTS} bytes`);
  }
  if (retraction !== undefined) requireBytes(retraction, "metadata.retraction", 32);
  return encode({
    ...{ recordId, kind, cid, size, createdAt, author },
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(amends === undefined ? {} : { amends }),
    ...(disputes === undefined ? {} : { disputes }),
    ...(facts === undefined ? {} : { facts }),
    ...(retraction === undefined ? {} : { retraction }),
  });
}

/** Reads what {@link encodeMetadata} made. */
export function decodeMetadata(bytes: Uint8Array): RecordMetadata {
  const { kind, ...others } = decode<Omit<RecordMetadata, keyof RecordKind> & { kind: Uint8Array }>(bytes);
  return { ...others, ...decodeKind(kind) };
}

function requireText(value: unknown, name: string): void {
  if (typeof value !== "string" || value.length === 0 || value.length > 255) {
    throw invalidInput(name, "a text of 1 to 255 characters");
  }
}
