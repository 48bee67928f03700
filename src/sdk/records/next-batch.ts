import { Batch, BATCH_SIZES, type RecordKind } from "../../crypto/index.js";
import { isChild } from "../people/childhood.js";
import type { Context } from "../context.js";

/** As many records as one transaction anchors. */
const MOST = BATCH_SIZES.at(-1)!;

/** Places in a batch of nothing that the patient's side gets, and in any of a child, at least. */
const SILENT = BATCH_SIZES[1]!;

/** Reads whether a chart is kept by somebody else, of somebody who hasn't come of age: then its batches keep a place free. */
export const keepsPlaces = async (
  ctx: Context,
  { patient, steward }: { patient: number; steward: number },
): Promise<boolean> => steward !== patient && (await isChild(ctx, patient));

/** A sealed record, as far as it matters for what it is anchored with. */
interface Sealed {
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  record: { kind: RecordKind };
}

/**
 * What goes into the next transaction. A child's batch has a place free beside the ordinary records, whether something
 * confidential waits or not: such records take places that would be dummies' otherwise, or have a batch of their own that could be
 * of dummies alone. No batch is larger, and no digest stands alone, because of them. Of somebody who has come of age they go
 * with the others like any record.
 *
 * @param waiting sealed records, one at least
 * @param keepPlace {@link keepsPlaces}
 * @param make makes a batch of digests, with so many places at least
 * @returns `batch`: undefined for one that is anchored alone
 */
export function nextBatch<T extends Sealed>(
  waiting: readonly T[],
  keepPlace: boolean,
  make: (digests: Uint8Array[], least?: number) => Batch = (digests, least) => Batch.of(digests, least),
): { chosen: T[]; batch: Batch | undefined } {
  const ordinary = waiting.filter((each) => !isConfidential(each)).slice(0, keepPlace ? MOST - 1 : MOST);
  const isSilent = ordinary.length === 0;
  const size = isSilent || !keepPlace ? MOST : BATCH_SIZES.find((places) => places > ordinary.length)!;
  const chosen = [...ordinary, ...waiting.filter(isConfidential).slice(0, size - ordinary.length)];
  const digests = chosen.map(({ digest }) => digest);
  if (keepPlace || isSilent) return { chosen, batch: make(digests, isSilent ? SILENT : size) };
  return { chosen, batch: digests.length === 1 ? undefined : make(digests) };
}

/** Whether a sealed record is of care that a minor consented to alone. */
export const isConfidential = ({ record: { kind } }: Pick<Sealed, "record">): boolean => kind.confidential === true;

/** The batch in which one record is anchored by itself; undefined where it needs none. */
export const alone = (digest: Uint8Array, kind: RecordKind, keepPlace: boolean): Batch | undefined =>
  nextBatch([{ digest, record: { kind } }], keepPlace).batch;

/** A batch of nothing but dummies. */
export const dummies = (): Batch => Batch.of([], SILENT);
