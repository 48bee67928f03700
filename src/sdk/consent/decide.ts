import { isError, type Block } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { requireVault, type Context } from "../context.js";
import { isHeldBack } from "./study-release.js";
import {
  categoryIndex,
  EVERY_STEWARD,
  laneEnd,
  purposeIndex,
  roleMask,
  type Category,
  type Purpose,
} from "../vocabulary.js";

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
  /** The patient joined a study of the viewer that releases nothing yet, or no more. */
  | "STUDY_NOT_RELEASED"
  /** A revocation or a dismissal was seen before; a reorganisation took it out of the chain again. */
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
 * the node isn't behind. A broken glass alone is decided at the head: an emergency doesn't wait for finality.
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

async function refusal(ctx: Context, question: Question, heads: Heads): Promise<DenialReason | undefined> {
  const { patient, viewer } = question;
  const { head } = heads;
  if (viewer === patient) return (await canViewAt(ctx, question, head)) ? undefined : "NOT_GRANTED";
  const grants = await readGrants(ctx, question, head);
  rememberDead(ctx, question, grants);
  const delegation = await readDelegation(ctx, question, head, grants[0]!);
  const emergency = question.purpose === "ETREAT" ? await readEmergency(ctx, question, head, grants[0]!) : undefined;

  if (!(await canViewAt(ctx, question, head))) return "NOT_GRANTED";
  if (question.purpose === "HRESCH" && viewer !== question.steward && (await isHeldBack(ctx, question, heads)))
    return "STUDY_NOT_RELEASED";
  const reason = await refusalOfStanding(ctx, question, heads, [...grants, delegation]);
  if (reason === undefined || !emergency?.live) return reason;
  return refusalOf(ctx, emergency);
}

/** What stands: an active steward's own access, a grant, a delegation. It has to stand at the final block, too. */
async function refusalOfStanding(
  ctx: Context,
  question: Question,
  { head, final }: Heads,
  readings: readonly Reading[],
): Promise<DenialReason | undefined> {
  const { patient, steward, viewer } = question;
  if (!(await canViewAt(ctx, question, final))) return "NOT_FINAL";
  if (viewer === steward && (await isActiveSteward(ctx, patient, steward, head))) return undefined;
  const reasons = readings.filter(({ live }) => live).map((reading) => refusalOf(ctx, reading));
  if (reasons.includes(undefined)) return undefined;
  return reasons.includes("EXPIRED_LOCALLY") ? "EXPIRED_LOCALLY" : "REVOKED_BEFORE";
}

function refusalOf(ctx: Context, { expiry, endedBefore }: Reading): DenialReason | undefined {
  if (endedBefore) return "REVOKED_BEFORE";
  return ctx.clock() < expiry ? undefined : "EXPIRED_LOCALLY";
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

/** Something that a yes may rest on, as the chain's head tells it. */
interface Reading {
  /** Seconds since 1970. */
  expiry: number;
  live: boolean;
  /** It was seen to end once: a reorganisation brought it back. */
  endedBefore: boolean;
}

interface GrantReading extends Reading {
  steward: number;
  accessEpoch: number;
  generation: number;
  version: number;
}

/** The two grants that can answer a question: for this steward and for every steward. */
async function readGrants(ctx: Context, question: Question, head: Block): Promise<GrantReading[]> {
  return Promise.all(
    [question.steward, EVERY_STEWARD].map(async (steward) => {
      const { patient, viewer, purpose } = question;
      const [state, lanes] = await chainCall(() =>
        ctx.contracts.Consents.grantOf(patient, viewer, purposeIndex(purpose), steward, { blockTag: head.number }),
      );
      const expiry = laneEnd(lanes, question.category);
      const counters = {
        accessEpoch: Number(state.accessEpoch),
        generation: Number(state.generation),
        version: Number(state.version),
      };
      const endedBefore = isRemembered(ctx, question, { steward, ...counters });
      return { steward, ...counters, expiry, live: head.timestamp < expiry, endedBefore };
    }),
  );
}

/** Whether the viewer is a delegate who may view the category. One that was seen to end stays ended until a newer one. */
async function readDelegation(
  ctx: Context,
  question: Question,
  head: Block,
  { accessEpoch }: GrantReading,
): Promise<Reading> {
  const { patient, viewer, category } = question;
  const { Delegates } = ctx.contracts;
  const at = { blockTag: head.number };
  const [delegation, [powers, until]] = await chainCall(() =>
    Promise.all([Delegates.delegationOf(patient, viewer, at), Delegates.powersOf(patient, viewer, at)]),
  );
  const { settings } = requireVault(ctx);
  const name = `delegate-ended:${patient}:${viewer}`;
  // Counted first by access epoch, then by version, as the contract does. A child's guardian has no appointment: version 0.
  const state = [Number(delegation.accessEpoch), Number(delegation.version)] as const;
  const ended = settings.get(name) as [number, number] | undefined;
  const isAfter = ended === undefined || state[0] > ended[0] || (state[0] === ended[0] && state[1] > ended[1]);
  if (until === 0n && state[1] > 0 && isAfter) settings.set(name, [...state]);
  return {
    expiry: Number(until),
    live: covers(powers.viewing, category),
    endedBefore:
      (state[1] > 0 && !isAfter) ||
      isRemembered(ctx, question, { steward: EVERY_STEWARD, accessEpoch, ...ANY_OF_THE_EPOCH }),
  };
}

/** The viewer's broken glass. One that was seen to be ended by a review stays ended. */
async function readEmergency(
  ctx: Context,
  question: Question,
  head: Block,
  { accessEpoch, generation }: GrantReading,
): Promise<Reading> {
  const { patient, viewer, category } = question;
  const { Consents, Registrar } = ctx.contracts;
  const at = { blockTag: head.number };
  const [glass, [policy], isCertified] = await chainCall(() =>
    Promise.all([
      Consents.emergencyOf(patient, viewer, at),
      Registrar.emergencyOf(patient, at),
      Registrar.isLicensed(viewer, roleMask(["EMERGENCY"]), at),
    ]),
  );
  const { settings } = requireVault(ctx);
  const name = `emergency-ended:${patient}:${viewer}`;
  const number = Number(glass.number);
  const ended = (settings.get(name) as number | undefined) ?? 0;
  if (glass.until === 0n && number > ended) settings.set(name, number);
  const isCurrent = Number(glass.accessEpoch) === accessEpoch && Number(glass.generation) === generation;
  return {
    expiry: Number(glass.until),
    live: head.timestamp < glass.until && isCurrent && covers(glass.categories & policy, category) && isCertified,
    endedBefore:
      number <= ended ||
      isRemembered(ctx, question, { steward: EVERY_STEWARD, ...ANY_OF_THE_EPOCH, accessEpoch, generation }),
  };
}

const covers = (mask: bigint, category: Category): boolean => ((mask >> BigInt(categoryIndex(category))) & 1n) === 1n;

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

type Counters = Pick<GrantReading, "accessEpoch" | "generation" | "version">;

/** Above every counter: what has none of its own is older than a later access epoch only. */
const ANY_OF_THE_EPOCH = { generation: 0xffffffff, version: 0xffffffff };

const isRemembered = (ctx: Context, question: Question, state: Counters & { steward: number }): boolean =>
  requireVault(ctx).denials.blocks({ ...grantKey(question, state), ...countersOf(state) });

const grantKey = ({ patient, viewer, purpose, category }: Question, { steward }: { steward: number }) => ({
  patient,
  viewer,
  purpose: purposeIndex(purpose),
  category: categoryIndex(category),
  steward,
});

const countersOf = ({ accessEpoch, generation, version }: Counters) => ({ accessEpoch, generation, version });
