import { ChartChainError } from "../../errors/index.js";
import { ownId, type Context } from "../context.js";
import { askNodes, speaking } from "../chain/nodes.js";

/**
 * Refuses to seal for somebody, or to release, where the client's own institution withdrew that it knows who that is. What a
 * person does for himself or herself is never asked. Of several nodes one that says so is enough.
 *
 * @param people participant ids
 * @throws IDENTITY_WITHDRAWN, CHAIN_UNREACHABLE
 */
export async function requireIdentityStands(ctx: Context, ...people: number[]): Promise<void> {
  const [participant] = await withdrawnAmong(ctx, { people });
  if (participant === undefined) return;
  throw new ChartChainError("IDENTITY_WITHDRAWN", `this institution withdrew who participant ${participant} is`, {
    details: { participant },
    hint: "Nothing is sealed for this participant or released. Find out who it is; restoreIdentity when that is certain.",
  });
}

/**
 * Those of some participants of whom the client's own institution withdrew that it knows who they are. Of several nodes one that
 * says so is enough.
 *
 * @throws CHAIN_UNREACHABLE
 *
 * @example
 * const withdrawn = await clinic.withdrawnAmong({ people: [7, 9] }); // [9]
 */
export async function withdrawnAmong(ctx: Context, { people }: { people: readonly number[] }): Promise<number[]> {
  const own = await ownId(ctx);
  const others = [...new Set(people)].filter((id) => id !== own);
  if (others.length === 0) return [];
  const asked = await askNodes(ctx, (view) =>
    Promise.all(others.map((id) => view.contracts.Registrar.isWithdrawn(own, id))),
  );
  const answers = speaking(asked).map(({ value, refusal }) => {
    if (value === undefined) throw refusal!;
    return value;
  });
  if (answers.length === 0) throw asked[0]!.failure!;
  return others.filter((_, i) => answers.some((withdrawn) => withdrawn[i]));
}
