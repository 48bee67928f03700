import { ChartChainError } from "../../errors/index.js";
import { eventsAbout } from "../chain/events.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { wholeMinute } from "../time.js";
import {
  CATEGORIES,
  categoriesOf,
  categoryMask,
  EVERY_STEWARD,
  PURPOSES,
  purposeIndex,
  type Category,
  type Purpose,
  UNCONSTRAINED,
} from "../vocabulary.js";
import { signatureEpochOf } from "../people/accounts.js";
import { previewOf, requireNothingLost } from "./narrowings.js";
import { grantArgument, grantMessage, requireNames, type PlainGrant } from "./grant-access.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../people/register.js";

/** One grant that is taken away; all its categories unless some are named. */
export interface RevocationEntry {
  viewer: number;
  purpose: Purpose;
  /** Whose records; every steward's when left out. */
  steward?: number;
  categories?: readonly Category[];
}

/** Whose records, for whom and what for: what a grant is of. */
type Word = Omit<PlainGrant, "categories" | "until">;

/** Several changes at once: revocations come first. They leave constraints as they are. */
export interface ConsentChanges {
  revocations?: readonly RevocationEntry[];
  grants?: readonly PlainGrant[];
  /** Goes on where one of the grants is wider than a narrowed one beside it, which then narrows nothing. */
  loseNarrowing?: boolean;
}

/**
 * Revokes and grants several at once: all of them, or none.
 *
 * @throws MISSING_CHANGES, and what {@link grantAccess} throws, NARROWING_LOST among it
 *
 * @example
 * await client.changeConsents({ grants: await client.formerGrants() });
 */
export async function changeConsents(ctx: Context, changes: ConsentChanges): Promise<Sent> {
  const { revocations = [], grants = [] } = changes;
  requirePlain(grants);
  for (const grant of grants) await requireNames(ctx, grant);
  await requireKept(ctx, await ownId(ctx), changes);
  return send(ctx, "changeConsents", {
    contract: ctx.contracts.Consents,
    method: "changeConsents",
    args: [
      revocations.map(({ viewer, purpose, steward = EVERY_STEWARD, categories = CATEGORIES }) => ({
        viewer,
        purpose: purposeIndex(purpose),
        steward,
        categories: categoryMask(categories),
      })),
      grants.map(grantArgument),
    ],
  });
}

/** Signs several changes with one signature, for somebody else to relay. It dies with the next write to any of them. */
export async function signChangeConsents(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...changes }: ConsentChanges & { lifetime?: number },
): Promise<SignedActionFile> {
  const { revocations = [], grants = [] } = changes;
  requirePlain(grants);
  const patient = await ownId(ctx);
  const entry = async (input: RevocationEntry) => {
    const message = await grantMessage(ctx, { categories: CATEGORIES, ...input });
    const { viewer, viewerName, purpose, categories, steward, stewardName, generation, version } = message;
    return {
      scope: { viewer, viewerName, purpose, categories, steward, stewardName },
      counters: { generation, version },
    };
  };
  const signed = {
    patient,
    revocations: await Promise.all(
      revocations.map(async (revocation) => {
        const { scope, counters } = await entry(revocation);
        return { ...scope, ...counters };
      }),
    ),
    grants: await Promise.all(
      grants.map(async ({ sensitiveFromAnySteward = false, until, ...grant }) => {
        const { scope, counters } = await entry(grant);
        return { ...scope, sensitiveFromAnySteward, until: wholeMinute(until), ...counters };
      }),
    ),
    signatureEpoch: await signatureEpochOf(ctx, patient),
    deadline: (await currentTime(ctx)) + lifetime,
  };
  // After its counters are read: a change in between makes the signature stale.
  await requireKept(ctx, patient, changes);
  return signAction(ctx, SIGNED_ACTIONS.changeConsents, signed);
}

/** Grants add up: a plain one may be wider than a narrowed one beside it. */
async function requireKept(ctx: Context, patient: number, changes: ConsentChanges): Promise<void> {
  const { revocations = [], grants = [], loseNarrowing = false } = changes;
  if (loseNarrowing) return;
  for (const grant of grants) {
    requireNothingLost(patient, grant, await previewOf(ctx, patient, grant, { revocations, grants }));
  }
}

/** A constraint is set by a grant of its own: left out here in silence, it would widen what was meant. */
function requirePlain(grants: readonly PlainGrant[]): void {
  if (grants.every((grant) => !("constraint" in grant) || grant.constraint === undefined)) return;
  throw new ChartChainError("ARGUMENT_INVALID", "several changes at once set no constraint", {
    hint: "Grant with the constraint by itself.",
  });
}

/**
 * What the client's patient had granted when everything was revoked last, as far as it hasn't expired: after a recovery,
 * one signed batch grants it again. Look at it first: the last grants may be a thief's. What a constraint narrowed isn't among
 * it.
 *
 * @param block what had been granted at the end of this block instead, for one who knows when a thief came
 */
export async function formerGrants(ctx: Context, { block }: { block?: number } = {}): Promise<PlainGrant[]> {
  const patient = await ownId(ctx);
  const { Consents, Registrar } = ctx.contracts;
  const events = await eventsAbout(
    ctx,
    [
      [Consents, ["Granted", "GrantConstrained", "GrantRevoked", "ViewerRevoked"]],
      [Registrar, ["AllRevoked"]],
    ],
    [patient],
  );
  const everyone = events.filter(({ eventName }) => eventName === "AllRevoked");
  const last = everyone.at(-1);
  if (last === undefined && block === undefined) return [];
  const end = block ?? last!.blockNumber;
  const epoch =
    block === undefined
      ? Number(last!.args["accessEpoch"]) - 1
      : Number(everyone.findLast(({ blockNumber }) => blockNumber <= block)?.args["accessEpoch"] ?? 0);
  const now = await currentTime(ctx);
  const lanes = new Map<string, { grant: Word; expiries: number[]; constraint: string }>();
  const changes = events.filter(({ eventName, blockNumber }) => eventName !== "AllRevoked" && blockNumber <= end);
  for (const { eventName, args } of changes) {
    const viewer = Number(args["viewer"]);
    if (eventName === "ViewerRevoked") {
      for (const [key, { grant }] of lanes) if (grant.viewer === viewer) lanes.delete(key);
      continue;
    }
    if (Number((args["state"] as { accessEpoch: bigint }).accessEpoch) !== epoch) continue;
    const steward = Number(args["steward"]);
    const purpose = PURPOSES[Number(args["purpose"])]!;
    const key = `${viewer}/${purpose}/${steward}`;
    const entry = lanes.get(key) ?? {
      grant: { viewer, purpose, steward },
      expiries: CATEGORIES.map(() => 0),
      constraint: UNCONSTRAINED,
    };
    const until = eventName === "GrantRevoked" ? 0 : Number(args["until"]);
    if (eventName === "GrantConstrained") entry.constraint = args["constraintDigest"] as string;
    const named = new Set(categoriesOf(Number(args["categories"])));
    entry.expiries = entry.expiries.map((expiry, lane) => (named.has(CATEGORIES[lane]!) ? until : expiry));
    lanes.set(key, entry);
  }
  // Granted again without its constraint, one would say more than it did.
  return [...lanes.values()]
    .filter(({ constraint }) => constraint === UNCONSTRAINED)
    .flatMap(({ grant, expiries }) => byExpiry(grant, expiries, now));
}

/** One grant for each expiry: a grant has one for all its categories. */
function byExpiry(grant: Word, expiries: number[], now: number): PlainGrant[] {
  const live = [...new Set(expiries)].filter((until) => until > now);
  return live.map((until) => {
    const categories = CATEGORIES.filter((_, lane) => expiries[lane] === until);
    const everywhere = grant.steward === EVERY_STEWARD;
    const sensitive = categories.some((category) => category === "GENOMIC" || category === "SENSITIVE");
    return { ...grant, categories, until, ...(everywhere && sensitive ? { sensitiveFromAnySteward: true } : {}) };
  });
}
