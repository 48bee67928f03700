import { CarWriter } from "@ipld/car/writer";
import type { CID } from "multiformats/cid";

/**
 * Blocks as a CARv1 stream, at the pace of whoever reads it. A failure of `blocks` fails the stream; a reader that
 * leaves closes `blocks`.
 *
 * @see https://ipld.io/specs/transport/car/carv1/
 */
export async function* carOf(
  roots: CID[],
  blocks: AsyncIterable<{ cid: CID; bytes: Uint8Array | undefined }>,
): AsyncGenerator<Uint8Array> {
  const { writer, out } = CarWriter.create(roots);
  const chunks = out[Symbol.asyncIterator]();
  let reading = true;
  const writing = (async () => {
    try {
      for await (const { cid, bytes } of blocks) {
        if (!reading) return;
        if (bytes !== undefined) await writer.put({ cid, bytes });
      }
    } finally {
      await writer.close();
    }
  })();
  // Awaited below, unless the reader leaves first.
  writing.catch(() => undefined);

  let next = await chunks.next();
  try {
    for (; next.done !== true; next = await chunks.next()) yield next.value;
    await writing;
  } finally {
    // A writer waits until what it wrote was taken: let it go.
    reading = false;
    while (next.done !== true) next = await chunks.next();
  }
}
