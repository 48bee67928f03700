import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { getBytes } from "ethers";

import { someFileContains } from "./files.js";

/**
 * What a vault's files hold of a record, as somebody finds it who takes the disk: the sealed envelope and what was noted
 * of its manifest. Reads a copy, because the vault is locked; reading its files in the process that has it open gives up
 * that lock, which a tour's vault, in a folder that nobody else knows, can do without.
 *
 * @param home the vault's folder
 * @returns byte strings that stand in the files now; none when the record isn't there
 */
export async function tracesOf(home: string, digest: string): Promise<Uint8Array[]> {
  const copy = await mkdtemp(join(dirname(home), "forensics-"));
  try {
    for (const name of await readdir(home)) await copyFile(join(home, name), join(copy, name));
    const database = new DatabaseSync(join(copy, "vault.sqlite"));
    const row = database
      .prepare("SELECT sealed, sealed_metadata FROM envelopes WHERE digest = ?")
      .get(getBytes(digest)) as Record<string, Uint8Array | null> | undefined;
    database.close();
    const found: Uint8Array[] = [];
    for (const trace of Object.values(row ?? {})) {
      // Longer values lie on several pages: a piece of each is what can be looked for.
      const piece = trace?.subarray(trace.length - Math.min(trace.length, 256));
      if (piece !== undefined && (await someFileContains(home, piece))) found.push(piece);
    }
    return found;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
