import { ChartChainError } from "../../errors/index.js";
import type { StoredCompartment } from "../../vault/index.js";
import { queryEvents } from "../chain/events.js";
import { requireVault, type Context } from "../context.js";
import { recoveryEndOf } from "./participants.js";
import { pin, type KeyState } from "../handover/pinned.js";

/** Notes that a participant has proved to hold this key: it is the one that the vault knows from now on. */
export function noteConfirmedKey(ctx: Context, participant: number, key: KeyState): void {
  requireVault(ctx).access.confirmedKeys.set({ participant }, key.keyVersion);
  pin(ctx, participant, { ...key, changedAfter: 0 });
}

/** A participant's key as a vault meets it; `onlyAfter` as {@link wrappable} takes it. */
interface MetKey {
  participant: number;
  keyVersion: number;
  onlyAfter: number;
}

/** Whether a key may have what is older than itself: the first one, and one that was confirmed, where no node is taken at its word. */
export const isConfirmed = (ctx: Context, { participant, keyVersion, onlyAfter }: MetKey): boolean =>
  onlyAfter === 0 && (keyVersion === 1 || requireVault(ctx).access.confirmedKeys.get({ participant }) === keyVersion);

/**
 * What may be wrapped for a recipient's key: everything for the first one and for one that was confirmed; for another one
 * only what began after it counted. So a stolen account that announces a key of its own gets no history by that. For a key
 * that only a node tells of, nothing that was begun while the former one was seen to count.
 *
 * @param key `onlyAfter`: the block up to which the former one counted for certain; 0 where no node is taken at its word
 * @throws KEY_UNCONFIRMED when nothing is left
 */
export async function wrappable(
  ctx: Context,
  compartments: StoredCompartment[],
  { participant, keyVersion, onlyAfter }: MetKey,
): Promise<StoredCompartment[]> {
  if (isConfirmed(ctx, { participant, keyVersion, onlyAfter })) return compartments;
  const { Registrar } = ctx.contracts;
  const [changes, stored] = await Promise.all([
    queryEvents(ctx, Registrar, Registrar.filters.KeyChanging(participant)),
    Registrar.participant(participant),
  ]);
  const change = changes.findLast(({ args }) => Number(args["keyVersion"]) === keyVersion);
  // A change that came due while a recovery was pending counts when that lapses.
  const thawed = recoveryEndOf(stored);
  const from = Math.max(Number(change?.args["from"] ?? Number.MAX_SAFE_INTEGER), thawed);
  const younger: StoredCompartment[] = [];
  for (const compartment of compartments) {
    const opening = await ctx.provider.getBlock(compartment.openedAtBlock);
    // Of what came from somebody else only the arrival is known. And blocks may share a second: the time alone doesn't tell.
    const isYounger =
      compartment.source === "own" &&
      change !== undefined &&
      compartment.openedAtBlock >= Math.max(change.blockNumber, onlyAfter + 1);
    if (isYounger && opening !== null && opening.timestamp >= from) younger.push(compartment);
  }
  if (younger.length > 0) return younger;
  throw unconfirmed(participant, keyVersion);
}

const unconfirmed = (participant: number, keyVersion: number): ChartChainError =>
  new ChartChainError("KEY_UNCONFIRMED", `participant ${participant} changed keys and hasn't confirmed the new one`, {
    details: { participant, keyVersion },
    hint: "What is written from now on is sealed for the new key. For earlier records, challenge it (challengeKey; chartchain key confirm --challenge).",
  });
