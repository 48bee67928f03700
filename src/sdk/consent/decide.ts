import { isError, type Block } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { requireVault, type Context } from "../context.js";
import { categoryIndex, EVERY_STEWARD, purposeIndex, type Category, type Purpose } from "../vocabulary.js";

/** Who wants to see what of whom, and why. */
export interface Question {
  patient: number;
  /** Who keeps the records; the patient for self-reported ones. */
  steward: number;
  viewer: number;
  category: Category;
  purpose: Purpose;
}

/** Why access is denied. */
export type DenialReason =
  /** The chain's head says no: never granted, revoked, expired, or a licence isn't live. */
  | "NOT_GRANTED"
  /** The head says yes, the final block doesn't yet. */
  | "NOT_FINAL"
  /** The local clock says that the grant has expired. */
  | "EXPIRED_LOCALLY"
  /** A revocation was seen before; a reorganisation took it out of the chain again. */
  | "REVOKED_BEFORE"
  /** The node is behind what was already seen, or is still syncing. */
  | "NODE_BEHIND";

/** An answer, and the head it was read at. */
export interface Decision {
  allowed: boolean;
  reason: DenialReason | undefined;
  block: { number: number; hash: string };
}

const HEAD = "consent:head";

/**
 * Decides whether a viewer may see a category now. Fails closed: allowed only if the contract says so at the final
 * block and at the head, if no revocation was seen that the state isn't newer than, if the local clock agrees, and if
 * the node isn't behind.
 *
 * @throws CHAIN_UNREACHABLE when the node doesn't answer, which is a denial too
 *
 * @example
 * const { allowed, reason } = await decide(ctx, { patient, steward, viewer, category: "SUMMARY", purpose: "TREAT" });
 */
export async function decide(ctx: Context, question: Question): Promise<Decision> {
  const heads = await readHeads(ctx);
  const block = { number: heads.head.number, hash: heads.head.hash! };
  if (heads.behind) return { allowed: false, reason: "NODE_BEHIND", block };
  const reason = await refusal(ctx, question, heads);
  return { allowed: reason === undefined, reason, block };
}

/** {@link decide}, throwing CONSENT_DENIED with the reason instead of answering no. */
export async function requireConsent(ctx: Context, question: Question): Promise<Decision> {
  const decision = await decide(ctx, question);
  if (decision.allowed) return decision;
  const { patient, viewer, category, purpose } = question;
  throw new ChartChainError(
    "CONSENT_DENIED",
    `participant ${viewer} may not see ${category} records of patient ${patient} for ${purpose} (${decision.reason})`,
    {
      details: { ...question, reason: decision.reason, block: decision.block.number },
      hint: "Ask the patient for a grant; if there is one, wait until it is final and check that it hasn't expired.",
    },
  );
}

interface Heads {
  head: Block;
  final: Block;
  behind: boolean;
}

async function readHeads(ctx: Context): Promise<Heads> {
  const { provider, finality } = ctx;
  const head = await chainCall(() => provider.getBlock("latest"));
  if (head?.hash == null) throw noBlock("newest");
  const final = await chainCall(() =>
    provider.getBlock(finality === "tag" ? "finalized" : Math.max(0, head.number - finality)),
  );
  if (final?.hash == null) throw noBlock("final");

  // An idle chain is not a stale one: what counts is whether the node knows less than was already seen final.
  const cursors = requireVault(ctx).cursors;
  const seen = cursors.get(HEAD);
  const behind = seen !== undefined && head.number < seen.block;
  if (seen === undefined || final.number > seen.block) cursors.set(HEAD, { block: final.number, hash: final.hash });
  return { head, final, behind };
}

const noBlock = (which: string): ChartChainError =>
  new ChartChainError("CHAIN_UNREACHABLE", `the node gives no ${which} block`, {
    hint: "Check that it has synced; where a chain has no finalized tag, give the finality as a number of blocks.",
  });

async function refusal(ctx: Context, question: Question, { head, final }: Heads): Promise<DenialReason | undefined> {
  const { patient, steward, viewer } = question;
  const grants = viewer === patient ? [] : await readGrants(ctx, question, head);
  rememberDead(ctx, question, grants);

  if (!(await canViewAt(ctx, question, head))) return "NOT_GRANTED";
  if (viewer === patient) return undefined;
  if (!(await canViewAt(ctx, question, final))) return "NOT_FINAL";
  if (viewer === steward && (await isActiveSteward(ctx, patient, steward, head))) return undefined;

  const live = grants.filter((grant) => grant.live);
  const unrevoked = live.filter((grant) => !isRemembered(ctx, question, grant));
  if (unrevoked.length === 0) return "REVOKED_BEFORE";
  return unrevoked.some((grant) => ctx.clock() < grant.expiry) ? undefined : "EXPIRED_LOCALLY";
}

async function canViewAt(ctx: Context, question: Question, block: Block): Promise<boolean> {
  const { patient, steward, viewer } = question;
  const category = categoryIndex(question.category);
  const purpose = purposeIndex(question.purpose);
  try {
    return await chainCall(() =>
      ctx.contracts.Consents.canView(patient, steward, viewer, category, purpose, { blockTag: block.number }),
    );
  } catch (error) {
    // On a young chain the final block is older than the contracts: nothing is granted there.
    if (isChartChainError(error, "CHAIN_CALL_FAILED") && isError(error.cause, "BAD_DATA")) return false;
    throw error;
  }
}

interface GrantReading {
  steward: number;
  accessEpoch: number;
  generation: number;
  version: number;
  /** Seconds since 1970. */
  expiry: number;
  live: boolean;
}

/** The two grants that can answer a question: for this steward and for every steward. */
async function readGrants(ctx: Context, question: Question, head: Block): Promise<GrantReading[]> {
  const lane = BigInt(categoryIndex(question.category)) * 28n;
  return Promise.all(
    [question.steward, EVERY_STEWARD].map(async (steward) => {
      const { patient, viewer, purpose } = question;
      const [state, lanes] = await chainCall(() =>
        ctx.contracts.Consents.grantOf(patient, viewer, purposeIndex(purpose), steward, { blockTag: head.number }),
      );
      const expiry = Number((lanes >> lane) & 0xfffffffn) * 60;
      return {
        steward,
        accessEpoch: Number(state.accessEpoch),
        generation: Number(state.generation),
        version: Number(state.version),
        expiry,
        live: head.timestamp < expiry,
      };
    }),
  );
}

const isActiveSteward = async (ctx: Context, patient: number, steward: number, head: Block): Promise<boolean> =>
  chainCall(() => ctx.contracts.PatientProviderRelationships.isActive(patient, steward, { blockTag: head.number }));

// A reorganisation may bring a dead grant back to life. What was seen dead stays dead until something newer is granted.
function rememberDead(ctx: Context, question: Question, grants: readonly GrantReading[]): void {
  const { denials } = requireVault(ctx);
  const { patient, viewer } = question;
  for (const grant of grants) {
    const { accessEpoch, generation } = grant;
    // The counters alone tell of a revocation that covers more than this question.
    if (accessEpoch > 0) denials.recordEveryone({ patient, accessEpoch });
    if (generation > 0) denials.recordViewer({ patient, viewer, accessEpoch, generation });
    if (!grant.live) denials.record({ ...grantKey(question, grant), ...countersOf(grant) });
  }
}

const isRemembered = (ctx: Context, question: Question, grant: GrantReading): boolean =>
  requireVault(ctx).denials.blocks({ ...grantKey(question, grant), ...countersOf(grant) });

const grantKey = ({ patient, viewer, purpose, category }: Question, { steward }: GrantReading) => ({
  patient,
  viewer,
  purpose: purposeIndex(purpose),
  category: categoryIndex(category),
  steward,
});

const countersOf = ({ accessEpoch, generation, version }: GrantReading) => ({ accessEpoch, generation, version });
