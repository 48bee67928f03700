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
  const own = await ownId(ctx);
  const others = [...new Set(people)].filter((id) => id !== own);
  if (others.length === 0) return;
  const asked = await askNodes(ctx, (view) =>
    Promise.all(others.map((id) => view.contracts.Registrar.isWithdrawn(own, id))),
  );
  const answers = speaking(asked).map(({ value, refusal }) => {
    if (value === undefined) throw refusal!;
    return value;
  });
  if (answers.length === 0) throw asked[0]!.failure!;
  const at = others.findIndex((_, i) => answers.some((withdrawn) => withdrawn[i]));
  if (at < 0) return;
  throw new ChartChainError("IDENTITY_WITHDRAWN", `this institution withdrew who participant ${others[at]} is`, {
    details: { participant: others[at] },
    hint: "Nothing is sealed for this participant or released. Find out who it is; restoreIdentity when that is certain.",
  });
}
