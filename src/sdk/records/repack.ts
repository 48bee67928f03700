import { hexlify } from "ethers";

import {
  checked,
  decodeEnvelope,
  encodeEnvelope,
  packRecords,
  resealEnvelope,
  wipe,
  type EnvelopeContent,
} from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { readPacked } from "../../storage/index.js";
import type { DuePack, StoredEnvelope } from "../../vault/index.js";
import { currentTime, requireStore, requireVault, type Context } from "../context.js";
import { openWithHeldKey } from "./envelope-keys.js";
import { describedManifest } from "./retraction/retractions.js";
import { ownCompartment } from "./rounds.js";
import { releasePins } from "./settle-additions.js";

/** Records lie in a pack with what was erased beside them for so long, in seconds: several erasures share one packing. */
export const REPACKED_AFTER = 86_400;

/** A pack without what was erased. */
export interface Repacked {
  /** CID of the pack that is given up. */
  from: string;
  /** CID of the new one. */
  to: string;
  /** How many records it holds. */
  records: number;
}

/**
 * Packs again, without what was erased, the packs that shredding left due. Digests, manifests, keys and ciphertexts stay:
 * envelopes are written anew, with the new place, and go out with the next deliveries.
 *
 * @param after how long a pack has to be due, in seconds; a day when left out
 * @throws STORE_MISSING; BLOCK_MISSING, BLOCK_CORRUPT, CIPHERTEXT_REFUSED where what stays can't be read: that pack stays due
 */
export async function repackDue(
  ctx: Context,
  { after = REPACKED_AFTER }: { after?: number } = {},
): Promise<Repacked[]> {
  const { pins } = requireVault(ctx);
  const repacked: Repacked[] = [];
  for (const due of pins.duePacks((await currentTime(ctx)) - after)) repacked.push(await repack(ctx, due));
  if (repacked.length > 0) {
    await releasePins(ctx);
    await requireStore(ctx).gc();
  }
  return repacked;
}

/** As {@link repackDue}, but what can't be done now is left for the next start. */
export async function repackWhatCanBe(ctx: Context): Promise<void> {
  if (ctx.store === undefined) return;
  await repackDue(ctx).catch((error: unknown) => {
    if (!(error instanceof ChartChainError)) throw error;
  });
}

async function repack(ctx: Context, { cid: from, digests }: DuePack): Promise<Repacked> {
  const [store, vault] = [requireStore(ctx), requireVault(ctx)];
  const held = digests.map((digest) => open(ctx, vault.envelopes.get(digest)!));
  const pack = packRecords(
    held.map(({ manifest: { sha256, length }, place, stored: { compartmentId } }) => ({
      ciphertext: checked(readPacked(store, place, length), sha256),
      length,
      beside: hexlify(compartmentId),
    })),
  );
  const { cid } = await store.put(pack.stream);
  // Whatever comes in between: what is pinned has a note, here of what is to be unpinned.
  const note = vault.pins.release(cid);
  await store.pin(cid);
  vault.transaction(() => {
    for (const [at, { stored, manifest, place: former }] of held.entries()) {
      const place = { cid, offset: pack.offsets[at]!, packSize: pack.size, packing: former.packing + 1 };
      const key = ownCompartment(vault, stored.compartmentId, stored)!;
      const envelope = resealEnvelope(decodeEnvelope(stored.bytes), key, key, place);
      const { digest, compartmentId, patient, steward, status } = stored;
      const metadata = describedManifest(manifest, place);
      const bytes = encodeEnvelope(envelope);
      vault.envelopes.put({ digest, compartmentId, patient, steward, status, bytes, metadata, replace: true });
    }
    vault.pins.move(from, cid);
    vault.pins.released(note);
  });
  return { from, to: cid, records: held.length };
}

function open(ctx: Context, stored: StoredEnvelope): Omit<EnvelopeContent, "dek"> & { stored: StoredEnvelope } {
  const { manifest, place, dek } = openWithHeldKey(ctx, decodeEnvelope(stored.bytes), stored)!;
  wipe(dek);
  return { manifest, place, stored };
}
