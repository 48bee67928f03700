import { hexlify } from "ethers";

import type { Batch } from "../../crypto/index.js";
import type { EnvelopesFile } from "./release-envelopes.js";
import { represents } from "../people/childhood.js";
import { ownId, requireVault, type Context } from "../context.js";
import { header, toBase64 } from "../handover/file.js";
import { keptSignature } from "../records/author-signature.js";
import { anchoredRecords } from "../records/history.js";

/** So that the note fits into one setting of the vault; what came before is given again. */
const MOST_NOTED = 400;

/** Batches whose lists go out with nothing else. */
export interface SilentBatches {
  batches: readonly Batch[];
  /** Puts the lists, and the author's signatures over their batches, among the files of a delivery. */
  listIn: (files: EnvelopesFile[]) => void;
  /** Notes that they were given. */
  given: () => void;
}

/**
 * The batches of this steward of which the patient's side gets no record: they are of dummies, or of care that a minor
 * consented to alone. Their lists go to the patient, and to who represents a child, as other lists go with their records: so none
 * is missing there, and nothing in them tells a record from a dummy.
 */
export async function silentBatches(
  ctx: Context,
  { patient, viewer, again }: { patient: number; viewer: number; again: boolean },
): Promise<SilentBatches> {
  const { batches, envelopes, settings } = requireVault(ctx);
  const steward = await ownId(ctx);
  const nothing = { batches: [], listIn: () => {}, given: () => {} };
  if (steward === patient) return nothing;
  const isSilent = (batch: Uint8Array): boolean =>
    !batches.recordsIn(batch).some((record) => {
      const metadata = envelopes.get(record)?.metadata;
      return metadata !== undefined && metadata.confidential !== true;
    });
  const name = `lists-given:${patient}:${viewer}`;
  const before = again ? [] : ((settings.get(name) as string[] | undefined) ?? []);
  const kept = batches.digestsOf(patient).filter((batch) => !before.includes(hexlify(batch)) && isSilent(batch));
  if (kept.length === 0) return nothing;
  // A list that goes out before its anchor is there would be passed over, and one of what is never anchored tells of it.
  const anchored = new Set((await anchoredRecords(ctx, patient)).map(({ digest }) => digest));
  const due = kept.filter((batch) => anchored.has(hexlify(batch)));
  if (due.length === 0 || !(viewer === patient || (await represents(ctx, patient, viewer)))) return nothing;
  const lists = due.map((batch) => batches.get(batch)!);
  return {
    batches: lists,
    listIn: (files) => listIn(ctx, files, { patient, steward }, lists),
    given: () => settings.set(name, [...before, ...due.map((batch) => hexlify(batch))].slice(-MOST_NOTED)),
  };
}

function listIn(
  ctx: Context,
  files: EnvelopesFile[],
  { patient, steward }: { patient: number; steward: number },
  lists: readonly Batch[],
): void {
  let file = files.find((each) => each.steward === steward);
  if (file === undefined) {
    file = { ...header(ctx, "chartchain/envelopes"), patient, steward, next: 0, envelopes: [], signatures: [] };
    files.push(file);
  }
  for (const batch of lists) {
    const list = toBase64(batch.encode());
    if (file.batches?.includes(list) === true) continue;
    const statement = { patient, author: steward, digest: hexlify(batch.digest()), count: batch.header.size };
    const signed = keptSignature(ctx, statement);
    if (signed !== undefined) file.signatures.push({ digest: statement.digest, count: statement.count, ...signed });
    (file.batches ??= []).push(list);
  }
}
