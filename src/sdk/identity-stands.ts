import { ChartChainError } from "../errors/index.js";
import { chainCall } from "./chain/errors.js";
import { ownId, type Context } from "./context.js";

/**
 * Refuses to seal for somebody, or to release, where the client's own institution withdrew that it knows who that is. What a
 * person does for himself or herself is never asked.
 *
 * @param people participant ids
 * @throws IDENTITY_WITHDRAWN
 */
export async function requireIdentityStands(ctx: Context, ...people: number[]): Promise<void> {
  const own = await ownId(ctx);
  const others = [...new Set(people)].filter((id) => id !== own);
  const withdrawn = await chainCall(() =>
    Promise.all(others.map((id) => ctx.contracts.Registrar.isWithdrawn(own, id))),
  );
  const at = withdrawn.indexOf(true);
  if (at < 0) return;
  throw new ChartChainError("IDENTITY_WITHDRAWN", `this institution withdrew who participant ${others[at]} is`, {
    details: { participant: others[at] },
    hint: "Nothing is sealed for this participant or released. Find out who it is; restoreIdentity when that is certain.",
  });
}
