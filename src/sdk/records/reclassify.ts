import { splitIntoRecords } from "../../fhir/index.js";
import type { Context } from "../context.js";
import { asOnePatients, SENSITIVITY_IN_DOUBT } from "./import/doubts.js";
import { CONFIRMED, LIFTED } from "./import/sensitivity-in-doubt.js";
import { requireReason } from "../reason.js";
import { addRecords } from "./add-record.js";
import type { AddedRecord } from "./added-record.js";
import { openRecord } from "./open-record.js";
import { logDecision, requireItem, wrongItem, type Resolution } from "./import/worklist.js";

/**
 * Ends a doubt about a record's sensitivity. Confirmed, it stays SENSITIVE. Lifted, its content is added once more, in its
 * ordinary categories, as records that amend it; what is certainly sensitive stays so. Both are logged, and nobody is asked
 * again. Retracting the record retracts these copies, too.
 *
 * @param sensitive true to confirm, false to lift
 * @returns the records that were added
 * @throws WORKLIST_ITEM_UNKNOWN, WORKLIST_ITEM_WRONG, REASON_MISSING; what {@link openRecord} and {@link addRecords} throw
 *
 * @example
 * await clinic.reclassify({ item: 3, sensitive: false, reason: "lithium in a battery, not a medicine" });
 */
export async function reclassify(
  ctx: Context,
  { item, sensitive, reason }: Resolution & { sensitive: boolean },
): Promise<AddedRecord[]> {
  const { code, about } = requireItem(ctx, item);
  const because = requireReason(reason);
  if (code !== SENSITIVITY_IN_DOUBT) throw wrongItem(item, "it is an input, which isn't in a chart yet");
  const { record, patient } = about as { record: string; patient: number };
  const added: AddedRecord[] = [];
  if (!sensitive) {
    const { content } = await openRecord(ctx, { digest: record, purpose: "TREAT" });
    const parsed = asOnePatients(content, `item ${item}`);
    const records = splitIntoRecords(parsed, { isSensitive: () => false })
      .filter(({ category }) => category !== "SENSITIVE")
      .map(({ category, confidential, bytes }) => ({ category, confidential, content: bytes, amends: record }));
    added.push(...(await addRecords(ctx, { patient, records })));
  }
  const [kind, copies] = sensitive ? [CONFIRMED, {}] : [LIFTED, { copies: added.map(({ digest }) => digest) }];
  await logDecision(ctx, kind, because, { item, patient, record, ...copies }, item);
  return added;
}
