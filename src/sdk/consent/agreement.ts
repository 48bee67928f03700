import type { Context } from "../context.js";
import { areSame, askAgain, commonBlock, headOf, speaking, type Asked, type NodeAnswer } from "../chain/nodes.js";
import { categoryIndex, EVERY_STEWARD, purposeIndex } from "../vocabulary.js";
import type { Decision, Question } from "./question.js";

/**
 * One decision out of those that each node leads to. What gives access needs as many nodes as the client demands, and none
 * that says otherwise; what denies it needs one. A node that is out of reach or behind says nothing, and is named; so does one
 * that is lost only when it is asked again.
 *
 * The active steward's own access alone needs but one: nobody who lies, or is down, keeps a hospital's staff from the records
 * that they wrote themselves.
 */
export async function combine(ctx: Context, question: Question, asked: readonly Asked<Decision>[]): Promise<Decision> {
  const [first] = asked;
  if (asked.length === 1) return first!.value!;
  const answered = asked.flatMap(({ host, view, value }) =>
    value === undefined ? [] : [{ host, view: view!, value }],
  );
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
    const { reason, block } = no.value;
    if (new Set(voices.map(({ value }) => value.reason)).size === 1) return { allowed: false, reason, block, nodes };
    const { disagree, lost } = await askForFacts(voices, question);
    return {
      ...{ allowed: false, reason: disagree ? "NODES_DISAGREE" : reason, block },
      nodes: nodes.map((node) => lost.find(({ host }) => host === node.host) ?? node),
    };
  }
  if (yes === undefined) return { ...answered[0]!.value, nodes };
  const { block } = yes.value;
  if (asked.some(({ refusal }) => refusal !== undefined))
    return { allowed: false, reason: "NODES_DISAGREE", block, nodes };
  if (voices.length < ctx.agreement) return { allowed: false, reason: "NODES_MISSING", block, nodes };
  return { ...yes.value, nodes };
}

/**
 * Whether nodes that come to different decisions differ at the newest block that they all have, too: one that lags doesn't.
 * Those that can't be reached any more are lost, and differ from nobody.
 */
async function askForFacts(
  voices: readonly { host: string; view: Context }[],
  question: Question,
): Promise<{ disagree: boolean; lost: NodeAnswer[] }> {
  const heads = await askAgain(voices, headOf);
  const common = commonBlock(heads);
  const facts = await askAgain(speaking(heads), (view) => factsAt(view, question, common));
  const silent = [...heads, ...facts].filter(({ failure }) => failure !== undefined);
  return {
    disagree: !areSame(speaking(facts)),
    lost: silent.map(({ host, failure }) => ({ host, said: failure!.code })),
  };
}

/** All that a decision rests on, as a node tells it. */
function factsAt(view: Context, { patient, steward, viewer, ...question }: Question, block: number) {
  const { Consents, Delegates, Registrar } = view.contracts;
  const [category, purpose] = [categoryIndex(question.category), purposeIndex(question.purpose)];
  const at = { blockTag: block };
  return Promise.all([
    Consents.canView(patient, steward, viewer, category, purpose, at),
    Consents.grantOf(patient, viewer, purpose, steward, at),
    Consents.grantOf(patient, viewer, purpose, EVERY_STEWARD, at),
    Consents.constraintOf(patient, viewer, purpose, steward, at),
    Consents.constraintOf(patient, viewer, purpose, EVERY_STEWARD, at),
    Consents.emergencyOf(patient, viewer, at),
    Delegates.delegationOf(patient, viewer, at),
    Registrar.emergencyOf(patient, at),
    Registrar.childhoodOf(patient, at),
  ]);
}
