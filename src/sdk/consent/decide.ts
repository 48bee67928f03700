import { isError, type Block } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { requireVault, type Context } from "../context.js";
import type { DecisionBlocks } from "../module-type.js";
import { askNodes, SEEN_FINAL, type Asked } from "../chain/nodes.js";
import { combine } from "./agreement.js";
import { isChild } from "../people/childhood.js";
import { admits, heldConstraint } from "./constraint.js";
import { hintOf, whyDenied } from "./denials.js";
import { readHeads, type Heads } from "./heads.js";
import type { Decision, DenialReason, Occasion, Question } from "./question.js";
import {
  constraintAt,
  readDelegation,
  readEmergency,
  readGrants,
  rememberDead,
  type GrantReading,
  type Reading,
} from "./readings.js";
import { isOwnWord } from "./own-word.js";
import { readingOnce } from "../chain/reading-once.js";
import { categoryIndex, laneEnd, purposeIndex, type Purpose, UNCONSTRAINED } from "../vocabulary.js";

export type { Decision, DenialReason, Occasion, Question };

/** Purposes for which more may have been agreed than the grant says: only who knows what releases keys. */
const MORE_AGREED: readonly Purpose[] = ["HRESCH"];

/** So many questions are before a node at a time. */
const TOGETHER = 64;

/** Decisions by one node's word. */
interface DecisionsOfOne {
  heads: Heads;
  answers: Decision[];
}

/**
 * Decides whether a viewer may see a category now. Fails closed: allowed only if the contract says so at the final
 * block and at the head, if no revocation was seen that the state isn't newer than, if the local clock agrees, and if
 * the node isn't behind. A broken glass alone is decided at the head: an emergency doesn't wait for finality. It opens
 * single records, and never a compartment.
 *
 * Of several nodes, all that answer have to lead to a yes; one no denies.
 *
 * @throws CHAIN_UNREACHABLE when no node answers, which is a denial too
 *
 * @example
 * const { allowed, reason } = await decide(ctx, { patient, steward, viewer, category: "SUMMARY", purpose: "TREAT" });
 */
export async function decide(ctx: Context, question: Question): Promise<Decision> {
  return (await decideEach(ctx, [question], (view) => view)).decisions[0]!;
}

/** Answers to several questions, and what they rest on. */
export interface Decisions {
  /** In the order of the questions. */
  decisions: Decision[];
  /**
   * The block that was final, by the node that knows the least: as long as nothing changes behind it, and no time comes at which
   * something begins or ends, the same questions get the same answers. Undefined where a node didn't answer.
   */
  final: { number: number; time: number } | undefined;
}

/**
 * Decides several questions as {@link decide} does each, at one head. What two of them need is read once.
 *
 * @throws as {@link decide}
 *
 * @example
 * const { decisions } = await client.decideAll({ questions: [{ ...asked, category: "SUMMARY" }, { ...asked, category: "OBSERVATION" }] });
 */
export const decideAll = (ctx: Context, { questions }: { questions: readonly Question[] }): Promise<Decisions> =>
  decideEach(ctx, questions, readingOnce);

async function decideEach(
  ctx: Context,
  questions: readonly Question[],
  through: (view: Context) => Context,
): Promise<Decisions> {
  const asked = await askNodes(ctx, async (view): Promise<DecisionsOfOne> => {
    const heads = await readHeads(view);
    const reader = through(view);
    const answers: Decision[] = [];
    for (let first = 0; first < questions.length; first += TOGETHER) {
      const some = questions.slice(first, first + TOGETHER);
      answers.push(...(await Promise.all(some.map((question) => decideByOne(reader, question, heads)))));
    }
    return { heads, answers };
  });
  const finals = asked.map(({ value }) => value?.heads.final);
  noteFinal(ctx, finals);
  const decisions = await Promise.all(
    questions.map(async (question, i) => {
      const ofEach = asked.map(({ value, ...others }): Asked<Decision> => {
        return value === undefined ? others : { ...others, value: value.answers[i]! };
      });
      const { allowed, reason, block, nodes } = await combine(ctx, question, ofEach);
      return { allowed, reason, block, ...(nodes === undefined ? {} : { nodes }) };
    }),
  );
  const lowest = finals.includes(undefined) ? undefined : lowestOf(finals);
  return { decisions, final: lowest && { number: lowest.number, time: lowest.timestamp } };
}

async function decideByOne(ctx: Context, question: Question, heads: Heads): Promise<Decision> {
  const { number, hash } = heads.head;
  const reason = heads.behind ? "NODE_BEHIND" : await refusal(ctx, question, heads);
  return { allowed: reason === undefined, reason, block: { number, hash: hash! } };
}

/** {@link decide}, throwing CONSENT_DENIED with the reason instead of answering no. */
export async function requireConsent(ctx: Context, question: Question): Promise<Decision> {
  const decision = await decide(ctx, question);
  if (decision.allowed) return decision;
  const { patient, viewer, category, purpose } = question;
  throw new ChartChainError(
    "CONSENT_DENIED",
    `participant ${viewer} may not see ${category} records of patient ${patient} for ${purpose} (${whyDenied(decision)})`,
    {
      details: {
        ...{ patient, steward: question.steward, viewer, category, purpose },
        ...(question.record === undefined ? {} : { record: question.record.digest }),
        reason: decision.reason,
        block: decision.block.number,
        ...(decision.nodes === undefined ? {} : { nodes: decision.nodes }),
      },
      hint: hintOf(ctx, decision),
    },
  );
}

/** Notes the newest block that was seen final. Of several nodes, by the one that knows the least: another may invent it. */
function noteFinal(ctx: Context, finals: readonly (Block | undefined)[]): void {
  const { cursors } = requireVault(ctx);
  const lowest = lowestOf(finals);
  const seen = cursors.get(SEEN_FINAL);
  if (lowest !== undefined && (seen === undefined || lowest.number > seen.block)) {
    cursors.set(SEEN_FINAL, { block: lowest.number, hash: lowest.hash! });
  }
}

const lowestOf = (blocks: readonly (Block | undefined)[]): Block | undefined =>
  blocks.flatMap((block) => block ?? []).sort((a, b) => a.number - b.number)[0];

async function refusal(ctx: Context, question: Question, heads: Heads): Promise<Decision["reason"]> {
  const { patient, steward, viewer, purpose, confidential = false } = question;
  const { head } = heads;
  // It has to have come of age at the final block, too: until then a reorganisation may bring its former key back.
  const isWithheld =
    confidential && ((await isChild(ctx, patient, head.number)) || (await isChild(ctx, patient, heads.final.number)));
  // No purpose opens it to the child's own key, which a representative has: nobody breaks the glass there.
  if (isWithheld && viewer !== steward && (purpose !== "ETREAT" || viewer === patient)) return "CONFIDENTIAL";
  if (viewer === patient) return (await canViewAt(ctx, question, head)) ? undefined : "NOT_GRANTED";
  const grants = await readGrants(ctx, question, head);
  rememberDead(ctx, question, grants);
  const delegation = await readDelegation(ctx, question, head, grants[0]!);
  const isGlass = purpose === "ETREAT" && question.withoutGlass !== true;
  const emergency = isGlass ? await readEmergency(ctx, question, head, grants[0]!) : undefined;

  if (!(await canViewAt(ctx, question, head))) return "NOT_GRANTED";
  const held = viewer === steward ? undefined : await heldBack(ctx, question, heads);
  if (held !== undefined) return held;
  const ofGlass = emergency?.live === true ? refusalOf(ctx, emergency) : undefined;
  const isOpen = emergency?.live === true && ofGlass === undefined;
  // What a constraint says of the record, which may have to be fetched for that, needn't be asked.
  if (isOpen && question.record !== undefined) return undefined;
  // What somebody granted who acts for the patient is that one's word, too.
  const standing = isWithheld
    ? []
    : confidential
      ? await ownGrants(ctx, question, head, grants)
      : [...grants, delegation];
  const reason = await refusalOfStanding(ctx, question, heads, standing);
  if (reason === undefined) return undefined;
  return isOpen ? "SINGLE_RECORDS" : (ofGlass ?? reason);
}

/** Why a release has to wait though it was granted, by the first module that says so. */
async function heldBack(ctx: Context, question: Question, blocks: DecisionBlocks): Promise<Decision["reason"]> {
  const { purpose } = question;
  const asked = ctx.modules.flatMap(({ holdBack }) => (holdBack?.purposes.includes(purpose) ? [holdBack] : []));
  if (asked.length === 0) return MORE_AGREED.includes(purpose) ? "MODULE_MISSING" : undefined;
  // Its contracts are connected wherever the module is: createClient sees to that.
  for (const { refusal } of asked) {
    const reason = await refusal(ctx as never, question, blocks);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The grants that the patient made itself, of those that are live. */
async function ownGrants(ctx: Context, question: Question, head: Block, grants: readonly GrantReading[]) {
  const live = grants.filter((grant) => grant.live);
  const own = await Promise.all(live.map(({ steward }) => isOwnWord(ctx, question, steward, head)));
  return live.filter((_, i) => own[i]);
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
  const reasons = await Promise.all(
    readings
      .filter(({ live }) => live)
      .map(
        async (reading) =>
          refusalOf(ctx, reading) ??
          ((await standsAt(ctx, question, reading, { head, final }))
            ? await refusalOfConstraint(ctx, question, reading, final)
            : "NOT_FINAL"),
      ),
  );
  if (reasons.includes(undefined)) return undefined;
  if (reasons.length === 0 && question.confidential === true) return "CONFIDENTIAL";
  return (
    (["CONSTRAINED", "NOT_FINAL", "EXPIRED_LOCALLY"] as const).find((each) => reasons.includes(each)) ??
    "REVOKED_BEFORE"
  );
}

/** Whether what is live at the head was so at the final block: another grant that stood there may be narrower. */
async function standsAt(
  ctx: Context,
  question: Question,
  reading: Reading | GrantReading,
  { head, final }: Pick<Heads, "head" | "final">,
): Promise<boolean> {
  if (head.hash === final.hash) return true;
  const { patient, viewer, category } = question;
  const { Consents, Delegates } = ctx.contracts;
  const at = { blockTag: final.number };
  if (!("constraint" in reading)) {
    return Delegates.mayView(patient, viewer, categoryIndex(category), at);
  }
  const purpose = purposeIndex(question.purpose);
  const [, lanes] = await Consents.grantOf(patient, viewer, purpose, reading.steward, at);
  return laneEnd(lanes, category) > final.timestamp;
}

/** What a constraint says against one record, or against a question that isn't about one. It narrows from the head on. */
async function refusalOfConstraint(
  ctx: Context,
  question: Question,
  reading: Reading | GrantReading,
  final: Block,
): Promise<DenialReason | undefined> {
  if (!("constraint" in reading)) return undefined;
  const { steward, constraint: digest } = reading;
  // One that was lifted or changed a moment ago may stand again after a reorganisation.
  if ((await constraintAt(ctx, question, steward, final)) !== digest) return "NOT_FINAL";
  if (digest === UNCONSTRAINED) return undefined;
  const { patient, viewer, purpose, record } = question;
  const held = heldConstraint(ctx, digest, { patient, viewer, purpose, steward });
  if (record === undefined || held === undefined) return "CONSTRAINED";
  return (await admits(held, { ...record, category: question.category }, ctx.clock())) ? undefined : "CONSTRAINED";
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
    return await ctx.contracts.Consents.canView(patient, steward, viewer, category, purpose, {
      blockTag: block.number,
    });
  } catch (error) {
    // On a young chain the final block is older than the contracts: nothing is granted there.
    if (isChartChainError(error, "CHAIN_CALL_FAILED") && isError(error.cause, "BAD_DATA")) return false;
    throw error;
  }
}

const isActiveSteward = async (ctx: Context, patient: number, steward: number, head: Block): Promise<boolean> =>
  ctx.contracts.PatientProviderRelationships.isActive(patient, steward, { blockTag: head.number });
