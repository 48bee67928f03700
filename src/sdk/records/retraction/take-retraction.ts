import { getBytes } from "ethers";

import { ownId, requireVault, type Context } from "../../context.js";
import { keepStatement, NO_RECORD, readRetraction, refused, type RetractionMessage } from "./retraction-statement.js";
import { verifiedAnchor } from "../verified-history.js";

/**
 * Takes an author's statement that a record was entered in error into the vault. Deliveries carry them; a viewer may also
 * be handed one by itself.
 *
 * @param file from a delivery to this participant
 * @throws HANDOVER_…, GRANT_FOR_SOMEBODY_ELSE; RETRACTION_REFUSED when somebody else than the record's author says so;
 *   HISTORY_UNVERIFIED, NODES_DISAGREE, CHAIN_UNREACHABLE. Nothing is kept then.
 *
 * @example
 * await viewer.takeRetraction({ file: JSON.parse(await readFile("retraction.json", "utf8")) });
 */
export async function takeRetraction(ctx: Context, { file }: { file: unknown }): Promise<RetractionMessage> {
  const vault = requireVault(ctx);
  const { message, signed } = await readRetraction(ctx, file);
  const { patient, author, record, retraction } = message;
  if (record === NO_RECORD) {
    if (patient !== (await ownId(ctx))) throw refused(message, "it is said to another patient");
    keepStatement(ctx, signed);
    return message;
  }
  proveFromLists(ctx, patient, getBytes(record));
  const isAnchoredAs = async (digest: string) => (await verifiedAnchor(ctx, { patient, author, digest })) !== undefined;
  if (!(await isAnchoredAs(record))) throw refused(message, "the chain has no such record of this author");
  const held = vault.envelopes.get(getBytes(record))?.metadata;
  if (held !== undefined && held.author !== author) throw refused(message, "somebody else wrote the record");
  const isAnchored = await isAnchoredAs(retraction);
  vault.transaction(() => {
    vault.retractions.note({
      ...{ record: getBytes(record), patient, author },
      ...(isAnchored ? { anchored: getBytes(retraction) } : {}),
    });
    keepStatement(ctx, signed);
  });
  return message;
}

/** Of a record that was retracted before it was handed over there is no proof here; the list of its batch may be. */
function proveFromLists(ctx: Context, patient: number, record: Uint8Array): void {
  const { batches } = requireVault(ctx);
  if (batches.proofsOf(record).length > 0) return;
  for (const { batch } of batches.list(patient)) {
    const proof = batch.proofOf(record);
    if (proof !== undefined) batches.keepProof(record, proof);
  }
}
