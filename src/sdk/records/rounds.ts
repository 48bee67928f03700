import { hexlify, type Block } from "ethers";

import { createCompartmentKey, type CompartmentKey } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { StoredCompartment, Vault } from "../../vault/index.js";
import { requireWithinTerms } from "../approved-terms.js";
import { chainCall } from "../chain/errors.js";
import { queryEvents } from "../chain/events.js";
import { requireVault, type Context } from "../context.js";
import { CATEGORIES, categoryIndex, EVERY_STEWARD, PURPOSES, type Category } from "../vocabulary.js";

/** Whose records of which kind a compartment holds. */
export interface Scope {
  patient: number;
  steward: number;
  category: Category;
}

/** The compartment that the next record goes into. */
export interface Round {
  compartmentKey: CompartmentKey;
  /** True when this call opened it: the patient doesn't have its key yet. */
  opened: boolean;
  /** The viewers who are entitled to it now. */
  members: number[];
}

/**
 * The compartment for the next record: the current round, or a fresh one when somebody who could have got its key may
 * no longer see what comes.
 *
 * Whoever was granted the category at any time since the round opened counts as having its key: the patient may have
 * handed it out without the steward.
 *
 * @throws OUTSIDE_TERMS where the patient agreed to other categories
 */
export async function currentRound(ctx: Context, scope: Scope): Promise<Round> {
  await requireWithinTerms(ctx, scope);
  const vault = requireVault(ctx);
  const lane = { patient: scope.patient, steward: scope.steward, category: categoryIndex(scope.category) };
  const current = vault.compartments.current(lane);
  const head = await latestBlock(ctx);
  const viewers = await grantedViewers(ctx, scope, head.number);
  const members = await entitled(ctx, scope, viewers, head.number);
  if (current !== undefined && (await isSafe(ctx, scope, current, { viewers, members, head }))) {
    return { compartmentKey: current, opened: false, members };
  }

  const round = current === undefined ? 0 : current.round + 1;
  const compartmentKey = createCompartmentKey({ ...lane, round });
  const opened = vault.transaction(() => {
    // Another write may have opened this round meanwhile.
    if (vault.compartments.current(lane)?.round !== current?.round) return false;
    vault.compartments.put(compartmentKey, { openedAtBlock: head.number, source: "own" });
    vault.compartments.addExposed(compartmentKey.id, members);
    vault.cursors.set(openingOf(compartmentKey.id), { block: head.number, hash: head.hash! });
    return true;
  });
  return opened ? { compartmentKey, opened, members } : currentRound(ctx, scope);
}

/** Whether everybody who could have the round's key is still entitled to it; asked right before anchoring. */
export async function isStillCurrent(ctx: Context, scope: Scope, { compartmentKey }: Round): Promise<boolean> {
  const head = await latestBlock(ctx);
  const viewers = await grantedViewers(ctx, scope, head.number);
  const members = await entitled(ctx, scope, viewers, head.number);
  // Somebody else's key may have the same id in another scope, and come first.
  const compartment = ownCompartment(requireVault(ctx), compartmentKey.id, scope);
  return compartment !== undefined && isSafe(ctx, scope, compartment, { viewers, members, head });
}

/** The key that this vault's owner made for a round of a scope. */
export const ownCompartment = (
  vault: Vault,
  id: Uint8Array,
  scope: Pick<Scope, "patient" | "steward">,
): StoredCompartment | undefined => vault.compartments.find(id, scope).find(({ source }) => source === "own");

interface Membership {
  /** Whoever was granted the category ever. */
  viewers: number[];
  /** Who of them is entitled now. */
  members: number[];
  head: Block;
}

/** Whether nobody but its members could have a round's key. Members are noted: from now on they count as having it. */
async function isSafe(
  ctx: Context,
  scope: Scope,
  { id, openedAtBlock }: StoredCompartment,
  { viewers, members, head }: Membership,
): Promise<boolean> {
  const { compartments, cursors } = requireVault(ctx);
  const opening = await chainCall(() => ctx.provider.getBlock(openedAtBlock));
  // After a reorganisation a grant may stand in a block before the opening, where nobody looked.
  if (opening?.hash == null || opening.hash !== cursors.get(openingOf(id))?.hash) return false;
  if (await isKeyReplaced(ctx, [scope.patient, ...members], opening, head)) return false;
  const granted = await grantedViewers(ctx, scope, head.number, openedAtBlock);
  const others = viewers.filter((viewer) => !members.includes(viewer) && !granted.includes(viewer));
  const exposed = [...compartments.exposed(id), ...granted, ...(await readmitted(ctx, others, opening, head))];
  compartments.addExposed(id, members);
  return exposed.every((viewer) => members.includes(viewer));
}

const openingOf = (compartment: Uint8Array): string => `round:${hexlify(compartment)}`;

/** Who of these regained good standing at any time since a round opened, and with it what an older grant still says. */
async function readmitted(ctx: Context, viewers: number[], opening: Block, head: Block): Promise<number[]> {
  const { Registrar } = ctx.contracts;
  const answers = await Promise.all(
    viewers.map(async (viewer) => {
      const filters = [Registrar.filters.Licensed(viewer), Registrar.filters.Reinstated(viewer)];
      const [{ suspendedUntil }, ...events] = await Promise.all([
        chainCall(() => Registrar.participant(viewer, { blockTag: head.number })),
        ...filters.map((filter) => queryEvents(ctx, Registrar, filter, opening.number, head.number)),
      ]);
      // A suspension that lapses leaves no event.
      const lapsed = suspendedUntil > opening.timestamp && suspendedUntil <= head.timestamp;
      return lapsed || events.flat().length > 0;
    }),
  );
  return viewers.filter((_, i) => answers[i]);
}

/**
 * Whether the patient, or a member, has another key since the round opened, or another account after a recovery: whoever
 * had the former one may have the round's key.
 */
async function isKeyReplaced(ctx: Context, participants: number[], opening: Block, head: Block): Promise<boolean> {
  const { Registrar } = ctx.contracts;
  const answers = await Promise.all(
    participants.map(async (id) => {
      const [changes, recoveries, { frozenUntil }] = await Promise.all([
        queryEvents(ctx, Registrar, Registrar.filters.KeyChanging(id), undefined, head.number),
        queryEvents(ctx, Registrar, Registrar.filters.Recovered(id), opening.number + 1, head.number),
        chainCall(() => Registrar.participant(id, { blockTag: head.number })),
      ]);
      // A change that came due while a recovery was pending counts when that lapses.
      const thawed = Number(frozenUntil) * 60 * 60;
      const counted = changes.some(({ args, blockNumber }) => {
        const from = Number(args["from"]);
        // Blocks may share a second, so the time alone doesn't tell.
        const countsAt = (block: Block, time: number) => block.number >= blockNumber && block.timestamp >= time;
        return [from, Math.max(from, thawed)].some((time) => countsAt(head, time) && !countsAt(opening, time));
      });
      return counted || recoveries.length > 0;
    }),
  );
  return answers.includes(true);
}

async function latestBlock(ctx: Context): Promise<Block> {
  const head = await chainCall(() => ctx.provider.getBlock("latest"));
  if (head?.hash != null) return head;
  throw new ChartChainError("CHAIN_UNREACHABLE", "the node gives no block", {
    hint: "Check that it runs and has synced.",
  });
}

/**
 * The viewers who were ever given this category of this steward, from a block on: by a grant, as a delegate, as a child's
 * guardian, or by breaking the glass.
 */
async function grantedViewers(ctx: Context, scope: Scope, head: number, fromBlock?: number): Promise<number[]> {
  const { Consents, Delegates, Registrar } = ctx.contracts;
  const { patient } = scope;
  const [grants, delegates, guardians, emergencies] = await Promise.all([
    queryEvents(ctx, Consents, Consents.filters.Granted(patient), fromBlock, head),
    queryEvents(ctx, Delegates, Delegates.filters.DelegateAppointed(patient), fromBlock, head),
    queryEvents(ctx, Registrar, Registrar.filters.ChildRegistered(patient), fromBlock, head),
    queryEvents(ctx, Consents, Consents.filters.GlassBroken(patient), fromBlock, head),
  ]);
  const covers = (mask: unknown) => (Number(mask) & (1 << categoryIndex(scope.category))) !== 0;
  const viewers = [
    ...grants
      .filter(({ args }) => [EVERY_STEWARD, scope.steward].includes(Number(args["steward"])))
      .filter(({ args }) => covers(args["categories"]))
      .map(({ args }) => args["viewer"] as bigint),
    ...delegates
      .filter(({ args }) => covers((args["powers"] as { viewing: bigint }).viewing))
      .map(({ args }) => args["delegate"] as bigint),
    ...guardians.map(({ args }) => args["guardian"] as bigint),
    ...emergencies.filter(({ args }) => covers(args["categories"])).map(({ args }) => args["responder"] as bigint),
  ];
  return [...new Set(viewers.map(Number))];
}

async function entitled(ctx: Context, scope: Scope, viewers: number[], head: number): Promise<number[]> {
  const { patient, steward, category } = scope;
  const answers = await Promise.all(
    viewers.map(async (viewer) => {
      const purposes = await Promise.all(
        PURPOSES.map((_, purpose) =>
          chainCall(() =>
            ctx.contracts.Consents.canView(patient, steward, viewer, CATEGORIES.indexOf(category), purpose, {
              blockTag: head,
            }),
          ),
        ),
      );
      return purposes.includes(true);
    }),
  );
  return viewers.filter((_, i) => answers[i]);
}
