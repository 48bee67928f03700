import { getBytes, hexlify } from "ethers";

import { batchDigest, decodeBatchProof, encodeBatchProof } from "../../crypto/index.js";
import type { EnvelopeEntry } from "../../vault/index.js";
import { decide } from "../consent/decide.js";
import { ownId, requireVault, type Context } from "../context.js";
import { fromBase64, header, toBase64, type HandoverHeader } from "../handover/file.js";
import { requireIdentityStands } from "../identity-stands.js";
import { isRetracted, settleRetractions } from "../records/retractions.js";
import { settleEnvelopes } from "../records/settle-envelopes.js";
import { CATEGORIES, type Purpose } from "../vocabulary.js";

/** Envelopes of records. Without the compartment keys they say nothing but digests. */
export interface EnvelopesFile extends HandoverHeader {
  kind: "chartchain/envelopes";
  patient: number;
  steward: number;
  /** Give this as `since` the next time, to get only what came later. */
  next: number;
  /** Encoded envelopes, base64. */
  envelopes: string[];
  /** For each envelope of a record in a batch, by its place in the file from 0: the proof of that, base64. */
  proofs?: { envelope: number; proof: string }[];
  /** To the patient: the whole lists of these batches, base64. */
  batches?: string[];
}

/** Whose envelopes go to whom. */
export interface ExportEnvelopesInput {
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
 * const files = await clinic.exportEnvelopes({ patient: 7, viewer: 9, purpose: "TREAT", since: 120 });
 */
export const exportEnvelopes = async (ctx: Context, input: ExportEnvelopesInput): Promise<EnvelopesFile[]> =>
  (await collectEnvelopes(ctx, input)).files;

/**
 * {@link exportEnvelopes}, which also tells what was left out.
 *
 * @param isNew which envelopes are asked for
 * @param study the study to which they are delivered, with a receipt
 * @returns `denied`: such envelopes that the viewer may not see now
 */
export async function collectEnvelopes(
  ctx: Context,
  input: ExportEnvelopesInput,
  isNew: (entry: EnvelopeEntry) => boolean = () => true,
  study?: number,
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
    // An earlier version took in what others had written in a steward's name.
    if (entry.metadata.author !== entry.steward) continue;
    const category = CATEGORIES[entry.metadata.category]!;
    const scope = `${entry.steward}/${category}`;
    if (!allowed.has(scope)) {
      const question = { patient, steward: entry.steward, viewer, category, purpose };
      const decision = await decide(ctx, study === undefined ? question : { ...question, study });
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
    };
    file.envelopes.push(toBase64(vault.envelopes.get(entry.digest)!.bytes));
    proveIn(ctx, file, entry.digest);
    file.next = Math.max(file.next, entry.sequence);
    files.set(entry.steward, file);
  }
  if (viewer === patient) for (const file of files.values()) listIn(ctx, file);
  return { files: [...files.values()], denied };
}

/** Adds what proves the file's newest envelope to be of a record in a batch. */
export function proveIn(ctx: Context, file: EnvelopesFile, record: Uint8Array): void {
  const envelope = file.envelopes.length - 1;
  for (const proof of requireVault(ctx).batches.proofsOf(record)) {
    (file.proofs ??= []).push({ envelope, proof: toBase64(encodeBatchProof(proof)) });
  }
}

/** Adds the lists of the batches that the file's records are in. They name every record, so they are for the patient alone. */
function listIn(ctx: Context, file: EnvelopesFile): void {
  const { batches } = requireVault(ctx);
  const digests = (file.proofs ?? []).map(({ proof }) => hexlify(batchDigest(decodeBatchProof(fromBase64(proof)))));
  const lists = [...new Set(digests)].flatMap((digest) => batches.get(getBytes(digest)) ?? []);
  if (lists.length > 0) file.batches = lists.map((batch) => toBase64(batch.encode()));
}
