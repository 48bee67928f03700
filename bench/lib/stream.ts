import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const MEBIBYTE = 2 ** 20;

/** What a file stream gives at a time. */
const CHUNK = 65_536;

// As many as the embedded store has under way, so that the disk is compared with the disk.
const WRITES_UNDER_WAY = 8;

/** A stream of so many bytes that costs nothing to make. */
export async function* plaintext(size: number): AsyncGenerator<Uint8Array> {
  const block = randomBytes(MEBIBYTE);
  for (let at = 0; at < size; at += CHUNK) {
    const offset = at % MEBIBYTE;
    yield block.subarray(offset, offset + Math.min(CHUNK, size - at));
  }
}

/** Hashes so many bytes with SHA-256, the raw limit of anything that verifies content. */
export function hashAlone(size: number): void {
  const block = Buffer.alloc(MEBIBYTE, 1);
  const hash = createHash("sha256");
  for (let at = 0; at < size; at += MEBIBYTE) hash.update(block);
  hash.digest();
}

/** Writes so many bytes in files of 1 MiB and syncs each. */
export async function writeAlone(folder: string, size: number): Promise<void> {
  await mkdir(folder);
  const block = Buffer.alloc(MEBIBYTE, 1);
  let next = 0;
  const worker = async () => {
    while (next < size / MEBIBYTE) {
      const file = await open(join(folder, String(next++)), "wx");
      await file.writeFile(block);
      await file.datasync();
      await file.close();
    }
  };
  await Promise.all(Array.from({ length: WRITES_UNDER_WAY }, worker));
}

/** Reads every file under a folder, one after the other. */
export async function readAlone(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await readFile(join(entry.parentPath, entry.name));
  }
}
