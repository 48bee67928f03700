import { verified } from "./block-source.js";
import { walkDag } from "./dag-walk.js";
import type { LocalParts } from "./local-parts.js";

/**
 * Removes the blocks that no participant's pin reaches and that were not written within the grace period. Runs under
 * the exclusive lock, so no writer is at work and no pin appears meanwhile.
 *
 * Everything is marked before anything is removed; a pinned DAG that cannot be followed stops it there.
 */
export async function collect(
  { blocks, pins }: Pick<LocalParts, "blocks" | "pins">,
  graceMs: number,
): Promise<{ removed: number; bytes: number }> {
  const keep = new Set<string>();
  const seen = new Set<string>();
  for (const pin of await pins.everyones())
    for await (const { cid } of walkDag(verified(blocks), pin, { leaves: "check", seen })) keep.add(blocks.nameOf(cid));
  return blocks.sweep(keep, Date.now() - graceMs);
}
