import { hexlify } from "ethers";

import { batchDigest } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { Addition, Vault } from "../../vault/index.js";
import { requireStore, requireVault, type Context } from "../context.js";

// What this process is adding, by content key or patient: its records look unfinished, and are in good hands.
const turnsOf = new WeakMap<Vault, Map<string, Promise<unknown>>>();

/**
 * Runs `add` once all other additions of the same contents are through, so that the later one finds what the earlier did;
 * always in the same order, so that no two wait for each other.
 */
export const inTurns = <T>(vault: Vault, contents: readonly Uint8Array[], add: () => Promise<T>): Promise<T> =>
  [...new Set(contents.map((content) => hexlify(content)))]
    .sort()
    .reduce<() => Promise<T>>((next, key) => () => takeTurns(vault, key, next), add)();

/**
 * Runs `add` once all other inputs for the same chart are through: each is held as a whole against what the earlier ones say
 * of the person.
 */
export const inTurnOfPatient = <T>(vault: Vault, patient: number, add: () => Promise<T>): Promise<T> =>
  takeTurns(vault, `patient ${patient}`, add);

async function takeTurns<T>(vault: Vault, key: string, add: () => Promise<T>): Promise<T> {
  const turns = turnsOf.get(vault) ?? new Map<string, Promise<unknown>>();
  turnsOf.set(vault, turns);
  const turn = (turns.get(key) ?? Promise.resolve()).catch(() => {}).then(add);
  turns.set(key, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(key) === turn) turns.delete(key);
  }
}

/** The key under which the journal has the anchoring of a record, or of a batch. */
export const anchoringOf = (digest: Uint8Array): string => `anchor:${hexlify(digest)}`;

/** The batches that a record may be anchored in, by their digests: those that it was put into here. */
export const batchesOf = (vault: Vault, record: Uint8Array): Uint8Array[] =>
  vault.batches.proofsOf(record).map(batchDigest);

/** What became of a record whose adding was begun: done, taken back, or not known, because a transaction may be under way. */
export type Settlement = "anchored" | "undone" | "open";

/**
 * Brings to an end what a crash left of records that were being added, after the journal's transactions were settled: what
 * is anchored is noted as done; what was sealed and never sent is taken back, so that the same can be added anew. Then the
 * store unpins what was erased. Where the store can't do so now, the notes stay for the next start.
 *
 * What may still be anchored stays: its transaction is in the journal, or the account keeps no journal.
 */
export async function settleAdditions(ctx: Context): Promise<void> {
  const vault = requireVault(ctx);
  for (const addition of vault.additions.unfinished()) {
    if (turnsOf.get(vault)?.has(hexlify(addition.content)) !== true) settleAddition(vault, addition);
  }
  await releaseWhatCanBe(ctx);
}

/** Settles one record, as far as the vault can tell. Its pin is left to be released. */
export function settleAddition(vault: Vault, { digest, state }: Addition): Settlement {
  const envelope = vault.envelopes.get(digest);
  if (envelope === undefined) return "undone";
  if (envelope.status === "anchored") {
    vault.additions.finish(digest);
    return "anchored";
  }
  if (state === "waiting") return "open";
  const sent = [digest, ...batchesOf(vault, digest)].flatMap(
    (anchored) => vault.transactions.find(anchoringOf(anchored))?.status ?? [],
  );
  if (sent.includes("pending") || sent.includes("success")) return "open";
  if (sent.length === 0 && state === "sending") return "open";
  takeBack(vault, digest);
  return "undone";
}

/** Erases what was sealed and will never be anchored. Its pin is left to be released. */
export function takeBack(vault: Vault, digest: Uint8Array): void {
  // Whoever adds a record keeps it.
  const participant = vault.envelopes.get(digest)?.steward;
  if (participant !== undefined) vault.shred(digest, { participant, reason: "never anchored" });
}

/** As {@link releasePins}, but a store that fails now, or isn't there, is left for the next start. */
export async function releaseWhatCanBe(ctx: Context): Promise<void> {
  await releasePins(ctx).catch((error: unknown) => {
    if (!(error instanceof ChartChainError)) throw error;
  });
}

/**
 * Has the store unpin what was erased from the vault. Each note is forgotten when that is done.
 *
 * @throws STORE_MISSING when there is something to unpin and no store; what the store throws, after all were tried
 */
export async function releasePins(ctx: Context): Promise<void> {
  const vault = requireVault(ctx);
  let failed: { error: unknown } | undefined;
  for (const { id, cid } of vault.pins.toRelease()) {
    try {
      await requireStore(ctx).unpin(cid);
      vault.pins.released(id);
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw failed.error;
}
