import { isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import type { Context } from "../context.js";
import { commonBlock, textOf, type Asked, type NodeAnswer } from "../nodes.js";
import { categoryIndex, EVERY_STEWARD, purposeIndex } from "../vocabulary.js";
import type { Decision, Question } from "./decide.js";

/**
 * One decision out of those that each node leads to. What gives access needs as many nodes as the client demands, and none
 * that says otherwise; what denies it needs one. A node that is out of reach or behind says nothing, and is named.
 *
 * The active steward's own access alone needs but one: nobody who lies, or is down, keeps a hospital's staff from the records
 * that they wrote themselves.
 */
export async function combine(ctx: Context, question: Question, asked: readonly Asked<Decision>[]): Promise<Decision> {
  const [first] = asked;
  if (asked.length === 1) return first!.value!;
  const answered = asked.flatMap(({ view, value }) => (value === undefined ? [] : [{ view: view!, value }]));
  if (answered.length === 0) throw first!.refusal ?? first!.failure!;

  const nodes = asked.map(({ host, value, failure, refusal }): NodeAnswer => ({
    host,
    said: value === undefined ? (refusal ?? failure)!.code : (value.reason ?? "ALLOWED"),
  }));
  const voices = answered.filter(({ value }) => value.reason !== "NODE_BEHIND");
  const yes = voices.find(({ value }) => value.allowed);
  const no = voices.find(({ value }) => !value.allowed);
  if (yes !== undefined && question.viewer === question.steward) return { ...yes.value, nodes };
  if (no !== undefined) {
    const areOneMind = new Set(voices.map(({ value }) => value.reason)).size === 1;
    const reason = areOneMind || !(await doDisagree(voices, question)) ? no.value.reason : "NODES_DISAGREE";
    return { allowed: false, reason, block: no.value.block, nodes };
  }
  if (yes === undefined) return { ...answered[0]!.value, nodes };
  const { block } = yes.value;
  if (asked.some(({ refusal }) => refusal !== undefined))
    return { allowed: false, reason: "NODES_DISAGREE", block, nodes };
  if (voices.length < ctx.agreement) return { allowed: false, reason: "NODES_MISSING", block, nodes };
  return { ...yes.value, nodes };
}

/** Whether nodes that come to different decisions differ at the newest block that they all have, too. One that lags doesn't. */
async function doDisagree(voices: readonly { view: Context }[], question: Question): Promise<boolean> {
  const common = await commonBlock(voices);
  const facts = await Promise.all(voices.map(({ view }) => factsAt(view, question, common)));
  return new Set(facts).size > 1;
}

/** All that a decision rests on, as a node tells it. */
async function factsAt(view: Context, { patient, steward, viewer, ...question }: Question, block: number) {
  const { Consents, Delegates, Registrar } = view.contracts;
  const [category, purpose] = [categoryIndex(question.category), purposeIndex(question.purpose)];
  const at = { blockTag: block };
  try {
    return await chainCall(async () =>
      textOf(
        await Promise.all([
          Consents.canView(patient, steward, viewer, category, purpose, at),
          Consents.grantOf(patient, viewer, purpose, steward, at),
          Consents.grantOf(patient, viewer, purpose, EVERY_STEWARD, at),
          Consents.emergencyOf(patient, viewer, at),
          Delegates.delegationOf(patient, viewer, at),
          Registrar.emergencyOf(patient, at),
        ]),
      ),
    );
  } catch (error) {
    if (isChartChainError(error)) return error.code;
    throw error;
  }
}
