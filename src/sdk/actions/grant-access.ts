import { chainCall } from "../chain/errors.js";
import { send, type Sent } from "../chain/transactions.js";
import { categoriesMessage, EVERY_STEWARD_NAME } from "../chain/typed-data.js";
import { currentTime, ownId, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { verifiedName } from "../participants.js";
import { wholeMinute } from "../time.js";
import { categoryMask, EVERY_STEWARD, purposeIndex, type Category, type Purpose } from "../vocabulary.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** What a patient allows a viewer. */
export interface GrantInput {
  /** The viewer's participant id. */
  viewer: number;
  categories: readonly Category[];
  purpose: Purpose;
  /** Whose records; every steward's when left out. */
  steward?: number;
  /** Needed for GENOMIC and SENSITIVE records of every steward. */
  sensitiveFromAnySteward?: boolean;
  /** When it expires, in seconds since 1970, counted to the minute. */
  until: number;
}

/** In whose place a delegate, or a child's guardian, acts; the client's own patient when left out. */
export interface InPlaceOf {
  patient?: number;
}

/**
 * Allows a viewer some categories until a time. The keys travel apart: {@link exportGrant}.
 *
 * @throws VIEWER_NOT_IN_GOOD_STANDING, VIEWER_IS_PATIENT, MISSING_CATEGORIES, SENSITIVE_NEEDS_EXPLICIT_CONSENT,
 *   EXPIRY_IN_THE_PAST, EXPIRY_TOO_FAR, RECOVERY_PENDING, NO_FUNDS; NOT_EMPOWERED for a delegate beyond his or her powers;
 *   NAME_CHANGED, NAME_UNVERIFIED when an institution isn't who it was; NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 *
 * @example
 * await client.grantAccess({ viewer: 9, categories: ["SUMMARY"], purpose: "TREAT", until: now + 3600 });
 */
export async function grantAccess(ctx: Context, { patient, ...input }: GrantInput & InPlaceOf): Promise<Sent> {
  const given = grantArgument(input);
  await requireNames(ctx, input);
  return send(ctx, "grantAccess", {
    contract: ctx.contracts.Consents,
    ...(patient === undefined ? { method: "grant", args: [given] } : { method: "grantFor", args: [patient, given] }),
  });
}

/**
 * Makes sure that those whom a direct grant names are who they were. A signed one bears the names, and the contract compares
 * them.
 */
export async function requireNames(
  ctx: Context,
  { viewer, steward = EVERY_STEWARD }: Pick<GrantInput, "viewer" | "steward">,
) {
  await verifiedName(ctx, viewer);
  if (steward !== EVERY_STEWARD) await verifiedName(ctx, steward);
}

/** A grant as the contract takes it. */
export const grantArgument = (input: GrantInput) => ({
  viewer: input.viewer,
  purpose: purposeIndex(input.purpose),
  steward: input.steward ?? EVERY_STEWARD,
  categories: categoryMask(input.categories),
  sensitiveFromAnySteward: input.sensitiveFromAnySteward ?? false,
  until: wholeMinute(input.until),
});

/**
 * Signs a grant for somebody else to relay. It dies with the next write to the same grant, and with every revocation.
 *
 * @example
 * const file = await client.signGrantAccess({ viewer: 9, categories: ["SUMMARY"], purpose: "TREAT", until });
 */
export async function signGrantAccess(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...input }: GrantInput & InPlaceOf & { lifetime?: number },
): Promise<SignedActionFile> {
  return signAction(ctx, input.patient === undefined ? "grantAccess" : "grantAccessFor", {
    ...(await grantMessage(ctx, input)),
    sensitiveFromAnySteward: input.sensitiveFromAnySteward ?? false,
    until: wholeMinute(input.until),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/**
 * What a signed grant and a signed revocation of one have in common: names that are verified, counters as they are.
 *
 * @param nameOf how a name is come by: what reduces isn't held up by a node that lies about it
 */
export async function grantMessage(
  ctx: Context,
  input: InPlaceOf & { viewer: number; purpose: Purpose; steward?: number; categories: readonly Category[] },
  nameOf = verifiedName,
): Promise<Record<string, unknown>> {
  const patient = input.patient ?? (await ownId(ctx));
  const { viewer, purpose, steward = EVERY_STEWARD } = input;
  const [[state], [, signatureEpoch], viewerName, stewardName] = await Promise.all([
    chainCall(() => ctx.contracts.Consents.grantOf(patient, viewer, purposeIndex(purpose), steward)),
    chainCall(() => ctx.contracts.Registrar.epochsOf(patient)),
    nameOf(ctx, viewer),
    steward === EVERY_STEWARD ? EVERY_STEWARD_NAME : nameOf(ctx, steward),
  ]);
  return {
    patient,
    viewer,
    viewerName,
    purpose,
    categories: categoriesMessage(categoryMask(input.categories)),
    steward,
    stewardName,
    signatureEpoch: Number(signatureEpoch),
    generation: Number(state.generation),
    version: Number(state.version),
  };
}
