import { getBytes } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { send, type Sent } from "../chain/transactions.js";
import { categoriesMessage, EVERY_STEWARD_NAME } from "../chain/typed-data.js";
import { keepConstraint, makeConstraint, type Narrowing } from "./constraint.js";
import { previewOf, requireNothingLost, type GrantPreview } from "./narrowings.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { verifiedName } from "../people/participants.js";
import { requireKnownFields } from "../known-fields.js";
import { wholeMinute } from "../time.js";
import {
  CATEGORIES,
  categoryMask,
  EVERY_STEWARD,
  laneEnd,
  purposeIndex,
  type Category,
  type Purpose,
  UNCONSTRAINED,
} from "../vocabulary.js";
import { signatureEpochFor } from "../people/accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../people/register.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";

/** What a patient allows a viewer. A plain grant leaves a constraint as it is. */
export interface PlainGrant {
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

/** What a patient allows a viewer. */
export interface GrantInput extends PlainGrant {
  /**
   * What narrows the whole grant from now on, whichever categories are named: records go out singly, as far as it admits
   * them, and no compartment's key does. It stays in the vault; hand it to stewards with {@link releaseConstraint}. `null`
   * lifts what there is. Not for research.
   */
  constraint?: Narrowing | null;
  /**
   * Goes on where live categories that aren't named would no longer be narrowed as they are, or where a grant beside this one
   * is wider, so that one of the two is narrowed in vain; {@link previewGrant} says which. Refused when left out.
   */
  loseNarrowing?: boolean;
}

/** In whose place a delegate, or a representative, acts; the client's own patient when left out. */
export interface InPlaceOf {
  patient?: number;
}

/**
 * Allows a viewer some categories until a time. The keys travel apart: {@link releaseKeys}.
 *
 * @throws ARGUMENT_INVALID for a field that there isn't; VIEWER_NOT_IN_GOOD_STANDING, VIEWER_IS_PATIENT, MISSING_CATEGORIES, SENSITIVE_NEEDS_EXPLICIT_CONSENT,
 *   EXPIRY_IN_THE_PAST, EXPIRY_TOO_FAR, RECOVERY_PENDING, NO_FUNDS; CONSTRAINT_MALFORMED, CLASSES_OF_ORDINARY, NARROWING_LOST, RECORDS_NOT_GRANTED,
 *   RESEARCH_UNCONSTRAINED; NOT_EMPOWERED for a delegate beyond his or her powers;
 *   NAME_CHANGED, NAME_UNVERIFIED when an institution isn't who it was; NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 *
 * @example
 * await client.grantAccess({ viewer: 9, categories: ["SUMMARY"], purpose: "TREAT", until: now + 3600 });
 */
export async function grantAccess(ctx: Context, { patient, ...input }: GrantInput & InPlaceOf): Promise<Sent> {
  requireGrantFields(input);
  const given = grantArgument(input);
  const [of] = await Promise.all([patient ?? ownId(ctx), requireNames(ctx, input)]);
  await requireSound(ctx, of, input);
  const digest = await digestFor(ctx, of, input);
  const call =
    digest === undefined
      ? { method: "grant", args: [of, given] }
      : { method: "grantConstrained", args: [of, given, digest] };
  return send(ctx, "grantAccess", { contract: ctx.contracts.Consents, ...call });
}

/**
 * What a grant would come to: everything that it is of once it is written, what narrows that, and which narrowing would be
 * lost. Sends nothing.
 *
 * @throws CONSTRAINT_MALFORMED, NOT_REGISTERED, CHAIN_UNREACHABLE
 *
 * @example
 * const { categories, lost } = await client.previewGrant({ viewer: 9, categories: ["CARE"], purpose: "TREAT", until });
 */
export async function previewGrant(ctx: Context, { patient, ...input }: GrantInput & InPlaceOf): Promise<GrantPreview> {
  requireGrantFields(input);
  return previewOf(ctx, patient ?? (await ownId(ctx)), input);
}

/** Refuses what would narrow nothing, and what would be narrowed no longer though nobody said so. */
async function requireSound(ctx: Context, patient: number, input: GrantInput): Promise<void> {
  const preview = await previewOf(ctx, patient, input);
  const { classes = [] } = input.constraint ?? {};
  if (classes.length > 0 && !preview.categories.includes("SENSITIVE")) {
    throw new ChartChainError("CLASSES_OF_ORDINARY", "classes narrow what is SENSITIVE, which this grant isn't of", {
      details: { categories: preview.categories, classes },
      hint: "Nothing was sent. Grant SENSITIVE as well, or leave the classes out; an empty list lets nothing sensitive out.",
    });
  }
  if (input.loseNarrowing !== true) requireNothingLost(patient, input, preview);
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

/** The digest of a grant's constraint, which the vault holds from now on; undefined for a plain grant. */
async function digestFor(ctx: Context, patient: number, input: GrantInput): Promise<string | undefined> {
  const { viewer, purpose, steward = EVERY_STEWARD, constraint } = input;
  if (constraint === undefined) return undefined;
  if (constraint === null) return UNCONSTRAINED;
  const { held, digest } = makeConstraint({ patient, viewer, purpose, steward }, constraint);
  await requireListedGranted(ctx, patient, held.records, input);
  // Before it is on chain: a constraint that nobody holds keeps everything shut.
  keepConstraint(ctx, held);
  return digest;
}

/**
 * A listed record that the grant doesn't reach would never go out, and nobody would say why. Asks about those that this vault
 * holds; a category that is granted already counts.
 */
async function requireListedGranted(
  ctx: Context,
  patient: number,
  listed: readonly string[],
  { viewer, purpose, steward = EVERY_STEWARD, categories }: GrantInput,
): Promise<void> {
  if (listed.length === 0) return;
  const now = await currentTime(ctx);
  const [, lanes] = await ctx.contracts.Consents.grantOf(patient, viewer, purposeIndex(purpose), steward);
  const missing = new Set<Category>();
  const records = listed.filter((digest) => {
    const entry = requireVault(ctx).envelopes.get(getBytes(digest));
    if (entry?.metadata === undefined) return false;
    const category = CATEGORIES[entry.metadata.category]!;
    const isGranted = categories.includes(category) || laneEnd(lanes, category) > now;
    if (!isGranted) missing.add(category);
    const isElsewhere = entry.patient !== patient || (steward !== EVERY_STEWARD && entry.steward !== steward);
    return !isGranted || isElsewhere;
  });
  if (records.length === 0) return;
  const many = records.length === 1 ? "a listed record isn't" : `${records.length} listed records aren't`;
  const what =
    missing.size === 0 ? "" : `, ${records.length === 1 ? "of" : "among them of"} ${[...missing].join(", ")}`;
  throw new ChartChainError("RECORDS_NOT_GRANTED", `${many} within what is granted${what}`, {
    details: { patient, viewer, records, categories: [...missing] },
    hint: "Nothing was sent. Grant their categories as well, of the provider that keeps them, or leave these records out.",
  });
}

const FIELDS: readonly (keyof GrantInput | keyof InPlaceOf)[] = [
  ...(["viewer", "categories", "purpose", "steward", "sensitiveFromAnySteward", "until"] as const),
  ...(["constraint", "loseNarrowing", "patient"] as const),
];

/** A misspelt field would grant more than was meant, or for every provider. Throws ARGUMENT_INVALID. */
const requireGrantFields = (input: object): void => requireKnownFields("a grant", input, FIELDS);

/** A grant as the contract takes it. */
export const grantArgument = (input: PlainGrant) => ({
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
  requireGrantFields(input);
  const message = await grantMessage(ctx, input);
  // After its counters are read: a change in between makes the signature stale.
  await requireSound(ctx, message.patient, input);
  const constraintDigest = await digestFor(ctx, message.patient, input);
  const grant = {
    ...message,
    sensitiveFromAnySteward: input.sensitiveFromAnySteward ?? false,
    until: wholeMinute(input.until),
    deadline: (await currentTime(ctx)) + lifetime,
  };
  return constraintDigest === undefined
    ? signAction(ctx, SIGNED_ACTIONS.grantAccess, grant)
    : signAction(ctx, SIGNED_ACTIONS.grantConstrained, { ...grant, constraintDigest });
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
) {
  const patient = input.patient ?? (await ownId(ctx));
  const { viewer, purpose, steward = EVERY_STEWARD } = input;
  const [[state], signatureEpoch, viewerName, stewardName] = await Promise.all([
    ctx.contracts.Consents.grantOf(patient, viewer, purposeIndex(purpose), steward),
    signatureEpochFor(ctx, patient),
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
    signatureEpoch,
    generation: Number(state.generation),
    version: Number(state.version),
  };
}
