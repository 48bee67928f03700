import { open } from "node:fs/promises";
import { dirname } from "node:path";
import type { CID } from "multiformats/cid";
import { blockMissing, errorCode, tooLarge } from "../failures.js";
import { MAX_READ_BLOCK_BYTES } from "../record-store.js";

/** The bytes of a block's file; a file that no block can be is refused before it is read. */
export async function readBlockFile(path: string, cid: CID): Promise<Uint8Array> {
  let file;
  try {
    file = await open(path);
  } catch (cause) {
    throw errorCode(cause) === "ENOENT" ? blockMissing(cid.toString(), cause) : cause;
  }
  try {
    const { size } = await file.stat();
    if (size > MAX_READ_BLOCK_BYTES) throw tooLarge(`block ${cid.toString()}`, size, MAX_READ_BLOCK_BYTES);
    // Not readFile(): it reads in pieces and copies. A file that shrinks meanwhile fails its hash.
    const bytes = new Uint8Array(size);
    let read = 0;
    while (read < size) {
      const { bytesRead } = await file.read(bytes, read, size - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  } finally {
    await file.close();
  }
}

/** Makes names that were added to or removed from a folder durable. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The folders whose names change when `path` and perhaps its parent are created. */
export function foldersOf(path: string): string[] {
  return [dirname(path), dirname(dirname(path))];
}
