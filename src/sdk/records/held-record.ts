import { hexlify } from "ethers";

import { nameOfKind } from "../../crypto/index.js";
import type { Addition } from "../../vault/index.js";
import { settlePending } from "../chain/transactions.js";
import { requireStore, requireVault, type Context } from "../context.js";
import { namesOfKind } from "../vocabulary.js";
import type { AddedRecord } from "./added-record.js";
import type { Chart } from "./admissions.js";
import { anchorSealed } from "./anchor-record.js";
import { keepCurrent, type Rounds } from "./keep-current.js";
import { alone, keepsPlaces } from "./next-batch.js";
import { ownCompartment } from "./rounds.js";
import { anchoringOf, batchesOf, releaseWhatCanBe, settleAddition } from "./settle-additions.js";
import { settleEnvelopes } from "./settle-envelopes.js";

/** The record that this vault has of a content; one that an interruption left is brought to its end first. */
export async function heldAlready(
  ctx: Context,
  of: Chart,
  key: Uint8Array,
  mayWait: boolean,
): Promise<AddedRecord | undefined> {
  const vault = requireVault(ctx);
  const isOpen = ({ state }: Addition): boolean => state !== "anchored" && !(mayWait && state === "waiting");
  const additions = vault.additions.find(key);
  if (additions.some(isOpen)) {
    if (additions.some(({ state }) => state === "waiting")) await settlePending(ctx);
    await settleEnvelopes(ctx, { patient: of.patient });
  }
  for (const addition of additions) {
    const id = addition.digest;
    const settled = isOpen(addition) ? settleAddition(vault, addition) : "anchored";
    if (settled === "undone") await releaseWhatCanBe(ctx);
    if (settled === "open" && !(await finish(ctx, of, id))) continue;
    const envelope = vault.envelopes.get(id);
    if (envelope?.metadata === undefined) continue;
    const { compartmentId, anchor, metadata } = envelope;
    const { category, confidential } = namesOfKind(metadata);
    return {
      alreadyThere: true,
      digest: hexlify(id),
      cid: metadata.cid,
      category,
      confidential,
      index: anchor === undefined ? 0 : anchor.index + 1,
      round: ownCompartment(vault, compartmentId, of)?.round ?? 0,
      roundOpened: false,
      members: [],
    };
  }
  return undefined;
}

/**
 * Finishes a record whose transaction may be under way: the journal's is waited for. Without one, the same digest is
 * anchored once more, under a round whose members may all see it.
 *
 * @returns false when it can't be finished
 */
async function finish(ctx: Context, of: Chart, digest: Uint8Array): Promise<boolean> {
  const vault = requireVault(ctx);
  const { compartmentId, metadata } = vault.envelopes.get(digest)!;
  const sentFor = (anchored: Uint8Array) => vault.transactions.find(anchoringOf(anchored)) !== undefined;
  const sentIn = batchesOf(vault, digest).find(sentFor);
  const journaled = sentIn !== undefined || sentFor(digest);
  if (!journaled) {
    const compartmentKey = ownCompartment(vault, compartmentId, of);
    if (compartmentKey === undefined) return false;
    const round = { compartmentKey, opened: false, members: [], asOf: 0 };
    const rounds: Rounds = new Map([[nameOfKind(compartmentKey), round]]);
    await keepCurrent(ctx, of, rounds, [{ kind: compartmentKey, digest }]);
    await requireStore(ctx).pin(metadata!.cid);
  }
  try {
    const batch = journaled
      ? sentIn && vault.batches.get(sentIn)
      : alone(digest, metadata!, await keepsPlaces(ctx, of));
    await anchorSealed(ctx, { patient: of.patient, author: of.steward, records: [digest], batch, journaled });
    return true;
  } catch (error) {
    // Taken back: the same content is added anew.
    if (vault.envelopes.get(digest) === undefined) return false;
    throw error;
  }
}
