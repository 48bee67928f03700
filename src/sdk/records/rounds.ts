import type { Block } from "ethers";

import { createCompartmentKey, kindOf, type CompartmentKey } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { StoredCompartment, Vault } from "../../vault/index.js";
import { requireVault, type Context } from "../context.js";
import { requireWithinTerms, type Standing } from "../relationships/approved-terms.js";
import { CATEGORIES } from "../vocabulary.js";
import { admissionsAt, lastAskedAt, laneOf, membersOf, type Chart, type Scope } from "./admissions.js";
import { isSafe, openingBlock, openingOf } from "./round-safety.js";

/** The compartment that the next record goes into. */
export interface Round {
  compartmentKey: CompartmentKey;
  /** True when this call opened it: the patient doesn't have its key yet. */
  opened: boolean;
  /** The viewers who are entitled to it now; none where that wasn't asked yet. */
  members: number[];
  /** The time of the block at which that was asked, in seconds since 1970; 0 where it wasn't. */
  asOf: number;
}

/**
 * The compartment for the next record: the current round, or a fresh one when somebody who could have got its key may
 * no longer see what comes.
 *
 * Whoever was granted the category at any time since the round opened counts as having its key: the patient may have
 * handed it out without the steward.
 *
 * What the chain said is remembered until a new block comes: many records of one import ask once. Right before something is
 * anchored, {@link membersNow} asks again.
 *
 * @param standing how the relationship stands, where that was just asked
 * @throws OUTSIDE_TERMS where the patient agreed to other categories
 */
export async function currentRound(ctx: Context, scope: Scope, standing?: Standing): Promise<Round> {
  const lane = laneOf(scope);
  await requireWithinTerms(ctx, lane, standing);
  const vault = requireVault(ctx);
  const current = vault.compartments.current(scope);
  const head = await latestBlock(ctx);
  const admissions = await admissionsAt(ctx, scope, [lane.category], head, { again: false });
  const members = membersOf(admissions, scope);
  if (current !== undefined && (await isSafe(ctx, current, admissions))) {
    return { compartmentKey: current, opened: false, members, asOf: head.timestamp };
  }

  const round = current === undefined ? 0 : current.round + 1;
  const { patient, steward } = scope;
  const compartmentKey = createCompartmentKey({ patient, steward, ...kindOf(scope), round });
  const opened = vault.transaction(() => {
    // Another write may have opened this round meanwhile.
    if (vault.compartments.current(scope)?.round !== current?.round) return false;
    vault.compartments.put(compartmentKey, { openedAtBlock: head.number, source: "own" });
    vault.compartments.addExposed(compartmentKey.id, members);
    vault.cursors.set(openingOf(compartmentKey.id), { block: head.number, hash: head.hash! });
    return true;
  });
  return opened ? { compartmentKey, opened, members, asOf: head.timestamp } : currentRound(ctx, scope);
}

/**
 * The round that a record is sealed under for now: the newest, whoever has its key, where there is one. Nobody gets to see the
 * envelope before the record is anchored, and right before that {@link membersNow} is asked, and the envelope written again
 * where somebody has the key who shouldn't.
 *
 * @throws what {@link currentRound} throws
 */
export async function roundToSealUnder(ctx: Context, scope: Scope, standing: Standing): Promise<Round> {
  const vault = requireVault(ctx);
  const compartmentKey = vault.compartments.current(scope);
  const asOf = lastAskedAt(vault);
  if (compartmentKey === undefined || asOf === undefined) return currentRound(ctx, scope, standing);
  await requireWithinTerms(ctx, laneOf(scope), standing);
  return { compartmentKey, opened: false, members: [], asOf };
}

/**
 * Who is entitled to these rounds now, of each; undefined where somebody else could have one's key. Asked right before
 * anchoring, once for all of them.
 *
 * @param rounds one or none of each kind
 */
export async function membersNow(
  ctx: Context,
  chart: Chart,
  rounds: readonly Pick<Round, "compartmentKey">[],
): Promise<number[][] | undefined> {
  const vault = requireVault(ctx);
  const categories = [...new Set(rounds.map(({ compartmentKey }) => CATEGORIES[compartmentKey.category]!))];
  // Somebody else's key may have the same id in another scope, and come first.
  const compartments = rounds.map(({ compartmentKey }) => ownCompartment(vault, compartmentKey.id, chart));
  const head = await latestBlock(ctx);
  const [admissions] = await Promise.all([
    admissionsAt(ctx, chart, categories, head, { again: true }),
    // Each is needed next: asked for beside the first, none is waited for.
    ...compartments.map((each) => each && openingBlock(ctx, head, each)),
  ]);
  const safe = await Promise.all(
    compartments.map(async (compartment) => compartment !== undefined && isSafe(ctx, compartment, admissions)),
  );
  return safe.includes(false) ? undefined : rounds.map(({ compartmentKey }) => membersOf(admissions, compartmentKey));
}

/** The key that this vault's owner made for a round of a scope. */
export const ownCompartment = (vault: Vault, id: Uint8Array, scope: Chart): StoredCompartment | undefined =>
  vault.compartments.find(id, scope).find(({ source }) => source === "own");

async function latestBlock(ctx: Context): Promise<Block> {
  const head = await ctx.provider.getBlock("latest");
  if (head?.hash != null) return head;
  throw new ChartChainError("CHAIN_UNREACHABLE", "the node gives no block", {
    hint: "Check that it runs and has synced.",
  });
}
