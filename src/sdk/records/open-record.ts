import { getBytes } from "ethers";

import {
  decodeEnvelope,
  openRecordStream,
  wipe,
  type EnvelopeContent,
  type Manifest,
  concatBytes,
} from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { readPacked } from "../../storage/index.js";
import { requirePurposeWithinTerms } from "../relationships/approved-terms.js";
import type { AskedRecord } from "../consent/constraint.js";
import { decide, requireConsent } from "../consent/decide.js";
import { ownId, requireStore, requireVault, type Context } from "../context.js";
import { isSigned, unproven } from "./author-signature.js";
import { openWithHeldKey, requireBySteward } from "./envelope-keys.js";
import { factsHere, factsKnown } from "./known-facts.js";
import { requireNotRetracted } from "./retraction/retractions.js";
import { anchorWithin, verifiedReading } from "./verified-history.js";
import { CATEGORIES, classesIn, type Purpose } from "../vocabulary.js";
import { notAnchored } from "./anchor-record.js";

/** A record, opened and verified. */
export interface OpenedRecord {
  digest: string;
  /** CID of the pack that it lies in. */
  cid: string;
  manifest: Manifest;
  content: Uint8Array;
}

/**
 * Opens a record and verifies everything on the way: that its digest is anchored for this patient by this author in a
 * history that comes to the head on chain, that the author signed for it, is who keeps it and didn't retract it, that consent stands now,
 * that every block is what its CID says, that the key is the one the manifest commits to, and that the sealed record is the
 * one that it names.
 *
 * @param digest the record's digest
 * @param purpose what for; `PATRQT` when left out
 * @throws RECORD_UNKNOWN, RECORD_SHREDDED, KEY_MISSING, RECORD_NOT_BY_STEWARD, RECORD_NOT_ANCHORED, AUTHOR_UNPROVEN,
 *   HISTORY_UNVERIFIED, RECORD_RETRACTED, CONSENT_DENIED, NODES_DISAGREE, OUTSIDE_TERMS for a steward's own record and a purpose that its terms
 *   don't name,
 *   BLOCK_MISSING, BLOCK_CORRUPT, CIPHERTEXT_REFUSED
 *
 * @example
 * const { content } = await client.openRecord({ digest, purpose: "TREAT" });
 */
export async function openRecord(ctx: Context, options: { digest: string; purpose?: Purpose }): Promise<OpenedRecord> {
  const { manifest, cid, stream } = await openRecordAsStream(ctx, options);
  // The size is the author's word until the stream has ended: no memory is set aside for it.
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { digest: options.digest, cid, manifest, content: concatBytes(...chunks) };
}

/**
 * {@link openRecord} for large records: the content as a stream, each chunk verified before it is handed out, complete
 * only once the stream ends without throwing.
 */
export async function openRecordAsStream(
  ctx: Context,
  { digest, purpose = "PATRQT" }: { digest: string; purpose?: Purpose },
): Promise<{ manifest: Manifest; cid: string; stream: AsyncIterable<Uint8Array> }> {
  return streamOf(ctx, openStoredEnvelope(ctx, digest), { digest, purpose });
}

/**
 * Whether this vault's owner could open somebody's record now, by the decision that opening takes, without reading it:
 * "maybe" where a constraint asks what the record says and that wasn't read here before. Whether its key, its proofs and its
 * block are there is seen when it is opened.
 *
 * @param purpose what for; `PATRQT` when left out
 * @throws RECORD_UNKNOWN; CHAIN_UNREACHABLE
 *
 * @example
 * const answer = await client.mayOpen({ digest, purpose: "HPAYMT" });
 */
export async function mayOpen(
  ctx: Context,
  { digest, purpose = "PATRQT" }: { digest: string; purpose?: Purpose },
): Promise<"yes" | "maybe" | "no"> {
  const entry = requireVault(ctx).envelopes.get(getBytes(digest));
  if (entry === undefined) throw recordUnknown(digest);
  const { metadata } = entry;
  if (metadata === undefined) return "no";
  const { patient, steward } = entry;
  const { confidential, classes } = metadata;
  const category = CATEGORIES[metadata.category]!;
  const question = { patient, steward, viewer: await ownId(ctx), category, purpose, confidential };
  const isAllowed = async (facts: NonNullable<AskedRecord["facts"]>): Promise<boolean> =>
    (await decide(ctx, { ...question, record: { digest, facts, noted: classesIn(classes) } })).allowed;
  const known = factsKnown(ctx, digest);
  if (known !== undefined) return (await isAllowed(() => Promise.resolve(known.facts))) ? "yes" : "no";
  if (!(await isAllowed("unseen"))) return "no";
  // What isn't told doesn't fit: allowed even so, it isn't asked for.
  return (await isAllowed(() => Promise.resolve(undefined))) ? "yes" : "maybe";
}

/** The rest of {@link openRecordAsStream}, once the envelope is open. Its key is wiped at the end, and where it is refused. */
export async function streamOf(
  ctx: Context,
  opened: EnvelopeContent,
  asked: { digest: string; purpose: Purpose },
): Promise<{ manifest: Manifest; cid: string; stream: AsyncIterable<Uint8Array> }> {
  const { manifest, dek, place } = opened;
  try {
    await requireReadable(ctx, asked, opened);
  } catch (error) {
    wipe(dek);
    throw error;
  }
  const ciphertext = readPacked(requireStore(ctx), place, manifest.length);
  return { manifest, cid: place.cid, stream: wiping(openRecordStream({ ciphertext, dek, manifest }), dek) };
}

/** Whether this vault's owner may read now what it holds the envelope of. */
async function requireReadable(
  ctx: Context,
  { digest, purpose }: { digest: string; purpose: Purpose },
  opened: EnvelopeContent,
): Promise<void> {
  const { manifest } = opened;
  requireBySteward(manifest);
  const { count, reader: viewer } = await verifiedReading(ctx, manifest.patient);
  requireAnchored(ctx, digest, manifest, count);
  requireNotRetracted(ctx, digest, manifest, count);
  if (viewer !== manifest.patient) {
    const category = CATEGORIES[manifest.category]!;
    const { patient, steward, confidential } = manifest;
    const question = { patient, steward, viewer, category, purpose, confidential };
    const facts = () => factsHere(ctx, digest, () => wholeOf(ctx, opened));
    await requireConsent(ctx, { ...question, record: { digest, facts, noted: classesIn(manifest.classes) } });
    await requirePurposeWithinTerms(ctx, question);
  }
}

/**
 * A record's content from this vault's own envelope and store, without a question about consent: for whoever keeps it, to
 * look at before it goes out.
 *
 * @throws RECORD_UNKNOWN, RECORD_SHREDDED, KEY_MISSING, BLOCK_MISSING, BLOCK_CORRUPT, CIPHERTEXT_REFUSED
 */
export async function contentOf(ctx: Context, digest: string): Promise<Uint8Array> {
  const opened = openStoredEnvelope(ctx, digest);
  try {
    return await wholeOf(ctx, opened);
  } finally {
    wipe(opened.dek);
  }
}

async function wholeOf(ctx: Context, { manifest, dek, place }: EnvelopeContent): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const ciphertext = readPacked(requireStore(ctx), place, manifest.length);
  const stream = openRecordStream({ ciphertext, dek, manifest });
  for await (const chunk of stream) chunks.push(chunk);
  return concatBytes(...chunks);
}

/** What a stored envelope holds. Throws RECORD_SHREDDED, RECORD_UNKNOWN, KEY_MISSING. */
export function openStoredEnvelope(ctx: Context, digest: string): EnvelopeContent {
  const vault = requireVault(ctx);
  const id = getBytes(digest);
  vault.tombstones.requireRecordLives(id);
  const stored = vault.envelopes.get(id);
  if (stored === undefined) throw recordUnknown(digest);
  const opened = openWithHeldKey(ctx, decodeEnvelope(stored.bytes), stored);
  if (opened === undefined) {
    throw new ChartChainError("KEY_MISSING", "this vault has no key for the record's compartment", {
      details: { digest },
      hint: "Ask the steward or the patient for the keys; without a grant they give none.",
    });
  }
  return opened;
}

const recordUnknown = (digest: string): ChartChainError =>
  new ChartChainError("RECORD_UNKNOWN", "this vault has no envelope of the record", {
    details: { digest },
    hint: "Ask the steward or the patient for the envelopes and take them.",
  });

function requireAnchored(ctx: Context, digest: string, manifest: Manifest, count: number): void {
  const { patient, author } = manifest;
  const sought = { patient, author, digest };
  const anchor = anchorWithin(ctx, count, sought, (each) => isSigned(ctx, patient, each));
  if (anchor === undefined && anchorWithin(ctx, count, sought) === undefined) throw notAnchored(digest, manifest);
  if (anchor === undefined) throw unproven(sought, "this vault has no signature of the author");
  requireVault(ctx).envelopes.markAnchored(getBytes(digest), { block: anchor.block, index: anchor.index - 1 });
}

async function* wiping(stream: AsyncIterable<Uint8Array>, key: Uint8Array): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } finally {
    wipe(key);
  }
}
