import { getBytes, hexlify } from "ethers";

import { batchDigest, decodeBatchProof, encodeBatchProof } from "../../crypto/index.js";
import type { EnvelopeEntry } from "../../vault/index.js";
import { represents } from "../people/childhood.js";
import { decide, type Occasion } from "../consent/decide.js";
import { ownId, requireVault, type Context } from "../context.js";
import { fromBase64, header, toBase64, type HandoverHeader } from "../handover/file.js";
import { requireIdentityStands } from "../people/identity-stands.js";
import {
  keptSignature,
  signAndKeep,
  statementOf,
  type AnchorStatement,
  type SignedAnchor,
} from "../records/author-signature.js";
import type { AnchoredRecord } from "../records/history.js";
import { isRetracted, settleRetractions } from "../records/retraction/retractions.js";
import { verifiedAnchor } from "../records/verified-history.js";
import { settleEnvelopes } from "../records/settle-envelopes.js";
import { CATEGORIES, type Purpose } from "../vocabulary.js";

/** Envelopes of records. Without the compartment keys they say nothing but digests. */
export interface EnvelopesFile extends HandoverHeader {
  kind: "chartchain/envelopes";
  patient: number;
  steward: number;
  /** Give this as `since` the next time, to get only what came later; 0 in a delivery, whose maker remembers it. */
  next: number;
  /** Encoded envelopes, base64. */
  envelopes: string[];
  /** For each envelope of a record in a batch, by its place in the file from 0: the proof of that, base64. */
  proofs?: { envelope: number; proof: string }[];
  /** To the patient, and to who represents a child: the whole lists of these batches, base64. */
  batches?: string[];
  /** The author's signature over each of these anchors: a record's, or that of the batch that it is in. */
  signatures: HandedSignature[];
}

/** An author's signature over what it anchored for the file's patient. */
export interface HandedSignature extends SignedAnchor {
  digest: string;
  /** How many places the batch takes; 0 for a single record. */
  count: number;
}

/** Whose envelopes go to whom. */
export interface ReleaseEnvelopesInput {
  patient: number;
  /** The recipient: a viewer, or the patient. */
  viewer: number;
  /** What for: a grant for this purpose has to stand; not needed for the patient. */
  purpose?: Purpose;
  /** The `next` of the file before; everything when left out. */
  since?: number;
  /** Only records of these compartments, by their ids. */
  compartments?: readonly string[];
}

/**
 * Collects the envelopes of the records that a viewer may see, of this vault's owner as the steward, or of every steward
 * where the owner is the patient. One file for each steward. What its author retracted goes to nobody.
 *
 * @returns one file for each steward; an empty list when there is nothing new that the viewer may see
 *
 * @example
 * const files = await clinic.releaseEnvelopes({ patient: 7, viewer: 9, purpose: "TREAT", since: 120 });
 */
export const releaseEnvelopes = async (ctx: Context, input: ReleaseEnvelopesInput): Promise<EnvelopesFile[]> =>
  (await collectEnvelopes(ctx, input)).files;

/**
 * {@link releaseEnvelopes}, which also tells what was left out.
 *
 * @param isNew which envelopes are asked for
 * @param occasion what a module releases them for
 * @returns `denied`: such envelopes that the viewer may not see now
 */
export async function collectEnvelopes(
  ctx: Context,
  input: ReleaseEnvelopesInput,
  isNew: (entry: EnvelopeEntry) => boolean = () => true,
  occasion?: Occasion,
): Promise<{ files: EnvelopesFile[]; denied: EnvelopeEntry[] }> {
  const { patient, viewer, purpose = "PATRQT", since, compartments } = input;
  const vault = requireVault(ctx);
  const own = await ownId(ctx);
  await requireIdentityStands(ctx, patient, viewer);
  await settleEnvelopes(ctx, { patient });
  await settleRetractions(ctx, [patient]);
  const entries = vault.envelopes.list({
    patient,
    status: "anchored",
    ...(own === patient ? {} : { steward: own }),
    ...(since === undefined ? {} : { since }),
    ...(compartments === undefined ? {} : { compartmentIds: compartments.map((id) => getBytes(id)) }),
  });
  const allowed = new Map<string, boolean>();
  const files = new Map<number, EnvelopesFile>();
  const denied: EnvelopeEntry[] = [];
  for (const entry of entries) {
    if (entry.metadata === undefined || !isNew(entry) || isRetracted(ctx, entry)) continue;
    // What others wrote in a steward's name goes to nobody, however it came here.
    if (entry.metadata.author !== entry.steward) continue;
    const category = CATEGORIES[entry.metadata.category]!;
    const { confidential } = entry.metadata;
    const scope = `${entry.steward}/${category}/${confidential}`;
    if (!allowed.has(scope)) {
      const question = { patient, steward: entry.steward, viewer, category, purpose, confidential };
      const decision = await decide(ctx, occasion === undefined ? question : { ...question, occasion });
      allowed.set(scope, decision.allowed);
    }
    if (allowed.get(scope) !== true) {
      denied.push(entry);
      continue;
    }

    const file = files.get(entry.steward) ?? {
      ...header(ctx, "chartchain/envelopes"),
      patient,
      steward: entry.steward,
      next: 0,
      envelopes: [],
      signatures: [],
    };
    file.envelopes.push(toBase64(vault.envelopes.get(entry.digest)!.bytes));
    await proveIn(ctx, file, entry.digest);
    file.next = Math.max(file.next, entry.sequence);
    files.set(entry.steward, file);
  }
  const inBatches = [...files.values()].filter(({ proofs }) => proofs !== undefined);
  if (inBatches.length > 0 && (viewer === patient || (await represents(ctx, patient, viewer))))
    for (const file of inBatches) listIn(ctx, file);
  return { files: [...files.values()], denied };
}

/** Adds what proves the file's newest envelope: that its record is in a batch, and that the author signed for it. */
export async function proveIn(ctx: Context, file: EnvelopesFile, record: Uint8Array): Promise<void> {
  const envelope = file.envelopes.length - 1;
  const proofs = requireVault(ctx).batches.proofsOf(record);
  for (const proof of proofs) (file.proofs ??= []).push({ envelope, proof: toBase64(encodeBatchProof(proof)) });
  const { patient, steward: author, signatures } = file;
  const statements = [
    { patient, author, digest: hexlify(record), count: 0 },
    ...proofs.map((proof) => ({ patient, author, digest: hexlify(batchDigest(proof)), count: proof.size })),
  ];
  const kept = () => statements.filter((statement) => keptSignature(ctx, statement) !== undefined);
  if (kept().length === 0 && author === (await ownId(ctx))) await signAnew(ctx, statements[0]!);
  for (const statement of kept()) {
    const { digest, count } = statement;
    if (signatures.some((each) => each.digest === digest && each.count === count)) continue;
    signatures.push({ digest, count, ...keptSignature(ctx, statement)! });
  }
}

/** Signs for a record that this client anchored: a backup that was made before it had signed knows nothing of that. */
async function signAnew(ctx: Context, { patient, author, digest }: AnchorStatement): Promise<void> {
  const anchored: AnchoredRecord[] = [];
  await verifiedAnchor(ctx, { patient, author, digest }, (anchor) => anchored.push(anchor) > 0);
  for (const anchor of anchored) await signAndKeep(ctx, statementOf(patient, anchor));
}

/** Adds the lists of the batches that the file's records are in. They name every record, so they are for the patient's side alone. */
function listIn(ctx: Context, file: EnvelopesFile): void {
  const { batches } = requireVault(ctx);
  const digests = (file.proofs ?? []).map(({ proof }) => hexlify(batchDigest(decodeBatchProof(fromBase64(proof)))));
  const lists = [...new Set(digests)].flatMap((digest) => batches.get(getBytes(digest)) ?? []);
  if (lists.length > 0) file.batches = lists.map((batch) => toBase64(batch.encode()));
}
