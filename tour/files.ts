import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Every file under a folder. */
export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The file that holds the block with this sha2-256 digest (hex), or undefined. */
export async function findBlockFile(folder: string, digest: string): Promise<string | undefined> {
  for (const file of await filesUnder(folder)) {
    if (
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex") === digest
    )
      return file;
  }
  return undefined;
}

/** Whether some file under a folder contains these bytes. */
export async function someFileContains(folder: string, bytes: Uint8Array): Promise<boolean> {
  for (const file of await filesUnder(folder)) {
    if ((await readFile(file)).includes(Buffer.from(bytes))) return true;
  }
  return false;
}
