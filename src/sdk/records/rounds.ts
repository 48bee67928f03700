import { createCompartmentKey, type CompartmentKey } from "../../crypto/index.js";
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
 */
export async function currentRound(ctx: Context, scope: Scope): Promise<Round> {
  const vault = requireVault(ctx);
  const head = await chainCall(() => ctx.provider.getBlockNumber());
  const lane = { patient: scope.patient, steward: scope.steward, category: categoryIndex(scope.category) };
  const current = vault.compartments.current(lane);
  const viewers = await grantedViewers(ctx, scope, head);
  const members = await entitled(ctx, scope, viewers, head);

  if (current !== undefined) {
    const since = await grantedViewers(ctx, scope, head, current.openedAtBlock);
    const exposed = new Set([...vault.compartments.exposed(current.id), ...since]);
    if ([...exposed].every((viewer) => members.includes(viewer))) {
      vault.compartments.addExposed(current.id, [...exposed]);
      return { compartmentKey: current, opened: false, members };
    }
  }

  const compartmentKey = createCompartmentKey({ ...lane, round: current === undefined ? 0 : current.round + 1 });
  vault.transaction(() => {
    vault.compartments.put(compartmentKey, { openedAtBlock: head, source: "own" });
    vault.compartments.addExposed(compartmentKey.id, members);
  });
  return { compartmentKey, opened: true, members };
}

/** Whether everybody who could have the round's key is still entitled to it; asked right before anchoring. */
export async function isStillCurrent(ctx: Context, scope: Scope, round: Round): Promise<boolean> {
  const head = await chainCall(() => ctx.provider.getBlockNumber());
  const exposed = [...requireVault(ctx).compartments.exposed(round.compartmentKey.id)];
  const members = await entitled(ctx, scope, exposed, head);
  return exposed.every((viewer) => members.includes(viewer));
}

/** The viewers whom the patient ever granted this category of this steward, from a block on. */
async function grantedViewers(ctx: Context, scope: Scope, head: number, fromBlock?: number): Promise<number[]> {
  const { Consents } = ctx.contracts;
  const events = await queryEvents(ctx, Consents, Consents.filters.Granted(scope.patient), fromBlock, head);
  const bit = 1 << categoryIndex(scope.category);
  return [
    ...new Set(
      events
        .filter(({ args }) => [EVERY_STEWARD, scope.steward].includes(Number(args["steward"])))
        .filter(({ args }) => (Number(args["categories"]) & bit) !== 0)
        .map(({ args }) => Number(args["viewer"])),
    ),
  ];
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
