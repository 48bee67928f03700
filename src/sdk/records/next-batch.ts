import { Batch, BATCH_SIZES, type RecordKind } from "../../crypto/index.js";

/** As many records as one transaction anchors. */
const MOST = BATCH_SIZES.at(-1)!;

/** Places in a batch of nothing that the patient's side gets, at least. */
const SILENT = BATCH_SIZES[1]!;

/** A sealed record, as far as it matters for what it is anchored with. */
interface Sealed {
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  record: { kind: RecordKind };
}

/**
 * What goes into the next transaction. Confidential records take places of a batch that would be dummies' otherwise, or have a
 * batch of their own that could be of dummies alone: no batch is larger, and no digest stands alone, because of them.
 *
 * @param waiting sealed records, one at least
 * @param make makes a batch of digests, with so many places at least
 * @returns `batch`: undefined for one that is anchored alone
 */
export function nextBatch<T extends Sealed>(
  waiting: readonly T[],
  make: (digests: Uint8Array[], least?: number) => Batch = (digests, least) => Batch.of(digests, least),
): { chosen: T[]; batch: Batch | undefined } {
  const ordinary = waiting.filter((each) => !isConfidential(each)).slice(0, MOST);
  const room = ordinary.length === 0 ? MOST : BATCH_SIZES.find((size) => size >= ordinary.length)! - ordinary.length;
  const chosen = [...ordinary, ...waiting.filter(isConfidential).slice(0, room)];
  const digests = chosen.map(({ digest }) => digest);
  if (ordinary.length === 0) return { chosen, batch: make(digests, SILENT) };
  return { chosen, batch: digests.length === 1 ? undefined : make(digests) };
}

/** Whether a sealed record is of care that a minor consented to alone. */
export const isConfidential = ({ record: { kind } }: Pick<Sealed, "record">): boolean => kind.confidential === true;

/** The batch in which one record is anchored by itself; undefined where it needs none. */
export const alone = (digest: Uint8Array, { confidential }: RecordKind): Batch | undefined =>
  confidential === true ? Batch.of([digest], SILENT) : undefined;

/** A batch of nothing but dummies. */
export const dummies = (): Batch => Batch.of([], SILENT);
