import { type PackPlace, WHOLE_PACK } from "../crypto/index.js";
import type { GetOptions, RecordStore } from "./record-store.js";

/**
 * A sealed record out of its pack, every block hashed before any of it is handed out. Up to 8 MiB the whole pack is
 * fetched, so that who serves it learns which pack it was and not which record; of a larger one the blocks that hold the
 * record.
 *
 * @param place as the record's envelope says
 * @param length of the sealed record, in bytes
 * @returns as many bytes, if the pack has them: what they are is for the reader of the record to check
 * @throws what `get` throws; BLOCK_TOO_LARGE where the pack is larger than the envelope says
 *
 * @example
 * openRecordStream({ ciphertext: readPacked(store, place, manifest.length), dek, manifest });
 */
export async function* readPacked(
  store: Pick<RecordStore, "get">,
  { cid, offset, packSize }: PackPlace,
  length: number,
  options: Pick<GetOptions, "signal"> = {},
): AsyncGenerator<Uint8Array> {
  if (packSize > WHOLE_PACK) {
    yield* store.get(cid, { ...options, offset, length, maxBytes: packSize });
    return;
  }
  const end = offset + length;
  let at = 0;
  for await (const chunk of store.get(cid, { ...options, maxBytes: packSize })) {
    const part = chunk.subarray(Math.max(0, offset - at), Math.max(0, end - at));
    at += chunk.length;
    if (part.length > 0) yield part;
  }
}
