import { rm } from "node:fs/promises";
import type { BlockFolder } from "./block-folder.js";
import { verified } from "../block-source.js";
import { walkDag } from "../dag-walk.js";
import { onDisk } from "../failures.js";
import type { PinFolder } from "./pin-folder.js";

/**
 * Removes the blocks that no participant's pin reaches and that were not written within the grace period. Runs under
 * the exclusive lock, so no writer is at work and no pin appears meanwhile.
 *
 * Everything is marked before anything is removed; a pinned DAG that cannot be followed stops it there.
 */
export async function collect(
  blocks: BlockFolder,
  pins: PinFolder,
  graceMs: number,
): Promise<{ removed: number; bytes: number }> {
  const keep = new Set<string>();
  const seen = new Set<string>();
  for (const pin of await pins.everyones())
    for await (const { cid } of walkDag(verified(blocks), pin, { leaves: "check", seen })) keep.add(blocks.pathOf(cid));

  return onDisk("collect", async () => {
    const result = { removed: 0, bytes: 0 };
    const youngestMs = Date.now() - graceMs;
    for await (const file of blocks.files()) {
      if (keep.has(file.path) || file.touchedMs > youngestMs) continue;
      await rm(file.path, { force: true });
      result.removed += 1;
      result.bytes += file.bytes;
    }
    await blocks.clearStaging();
    return result;
  });
}
