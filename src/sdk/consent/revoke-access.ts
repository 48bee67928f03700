import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { nameForReduction } from "../people/participants.js";
import { CATEGORIES, categoryMask, purposeIndex, type Category, type Purpose } from "../vocabulary.js";
import { grantMessage, type InPlaceOf } from "./grant-access.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../people/register.js";

/**
 * What is revoked: one grant (`viewer`, `purpose` and `steward`, which is `EVERY_STEWARD` for a grant over all of
 * them; all its categories unless some are named), everything that one viewer has (`viewer` alone), or everything that
 * anybody has, delegates among them (`everyone`).
 */
export type RevocationInput =
  | { viewer: number; purpose: Purpose; steward: number; categories?: readonly Category[]; everyone?: false }
  | { viewer: number; purpose?: undefined; everyone?: false }
  | { everyone: true; viewer?: undefined; purpose?: undefined };

/**
 * Revokes access; a delegate what it may grant, and one viewer only if it may grant everything; a representative
 * everything. Keys are no longer released from the next block on, and what is written later is sealed under a key
 * that the viewer doesn't get. What was read before can't be taken back.
 *
 * @throws NOT_REGISTERED, NO_FUNDS; NOT_EMPOWERED, NOT_THE_REPRESENTATIVE for who acts in a patient's place
 *
 * @example
 * await client.revokeAccess({ viewer: 9 });
 */
export async function revokeAccess(ctx: Context, { patient, ...input }: RevocationInput & InPlaceOf): Promise<Sent> {
  const { Consents, Registrar } = ctx.contracts;
  const of = patient ?? (await ownId(ctx));
  if (input.everyone) return send(ctx, "revokeAccess", { contract: Registrar, method: "revokeAll", args: [of] });
  const { viewer } = input;
  if (input.purpose === undefined) {
    return send(ctx, "revokeAccess", { contract: Consents, method: "revokeViewer", args: [of, viewer] });
  }
  return send(ctx, "revokeAccess", {
    contract: Consents,
    method: "revokeGrant",
    args: [of, viewer, purposeIndex(input.purpose), input.steward, categoryMask(input.categories ?? CATEGORIES)],
  });
}

/** Signs a revocation for somebody else to relay; a delegate, or a representative, signs one for the patient. */
export async function signRevokeAccess(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...input }: RevocationInput & InPlaceOf & { lifetime?: number },
): Promise<SignedActionFile> {
  const { Consents, Registrar } = ctx.contracts;
  const patient = input.patient ?? (await ownId(ctx));
  const deadline = (await currentTime(ctx)) + lifetime;
  if (input.everyone) {
    const accessEpoch = Number((await Registrar.epochsOf(patient)).accessEpoch);
    return signAction(ctx, SIGNED_ACTIONS.revokeAll, { patient, accessEpoch, deadline });
  }
  const { viewer } = input;
  if (input.purpose === undefined) {
    const generation = Number(await Consents.generationOf(patient, viewer));
    const viewerName = await nameForReduction(ctx, viewer);
    return signAction(ctx, SIGNED_ACTIONS.revokeViewer, { patient, viewer, viewerName, generation, deadline });
  }
  const message = await grantMessage(ctx, { ...input, categories: input.categories ?? CATEGORIES }, nameForReduction);
  return signAction(ctx, SIGNED_ACTIONS.revokeGrant, { ...message, deadline });
}
