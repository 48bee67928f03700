import type { Provider } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { connect } from "./connect.js";
import { connectContracts, type Contracts, type WithContracts } from "./contracts.js";
import { checkDeployment } from "./check-deployment.js";
import type { Deployment } from "./deployment.js";
import { nodeEvents, type EventSource } from "./event-source.js";
import { guardContracts, guardProvider } from "./guarded.js";
import type { Context } from "../context.js";
import type { Node, NodeAnswer } from "./node.js";

export type { Node, NodeAnswer };

/** What came of asking one node. */
export interface Asked<T> {
  host: string;
  /** The context with this node in the place of all. Undefined when it can't be reached. */
  view?: Context;
  value?: T;
  /** Why it didn't answer. A contract's refusal is an answer, and is `refusal`. */
  failure?: ChartChainError;
  refusal?: ChartChainError;
}

/** The node of the client's own account. */
export const ownNode = (provider: Provider, contracts: Contracts, events: EventSource): Node => ({
  host: hostOf(provider),
  open: () => Promise.resolve({ provider, contracts, events }),
});

/** Another node, by a provider or by its URL. One that can't be reached is tried again with the next question. */
export function otherNode(
  given: Provider | string,
  deployment: Deployment,
  modules: readonly WithContracts[] = [],
): Node {
  let opened: ReturnType<Node["open"]> | undefined;
  const open = async () => {
    const provider = guardProvider(typeof given === "string" ? await connect(given) : given);
    await checkDeployment(provider, deployment, modules);
    const contracts = guardContracts(connectContracts(deployment, provider, modules));
    return { provider, contracts, events: nodeEvents(provider) };
  };
  return {
    host: hostOf(given),
    open: () =>
      (opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      })),
  };
}

function hostOf(node: Provider | string): string {
  try {
    const connection = (node as { _getConnection?: () => { url: string } })._getConnection;
    const url = typeof node === "string" ? node : connection?.call(node).url;
    return new URL(url ?? "").host;
  } catch {
    return "a node without a URL";
  }
}

/** Tells nodes apart that have the same host. */
export const withNames = (nodes: readonly Node[]): Node[] =>
  nodes.map((node, i) => {
    const before = nodes.slice(0, i).filter(({ host }) => host === node.host).length;
    return before === 0 ? node : { ...node, host: `${node.host} (${before + 1})` };
  });

/**
 * Asks every node the same, each by itself. With one node alone, what it throws is thrown.
 *
 * @param ask gets the context with one node in the place of all
 */
export async function askNodes<T>(ctx: Context, ask: (view: Context) => Promise<T>): Promise<Asked<T>[]> {
  if (ctx.nodes.length === 1) return [{ host: ctx.nodes[0]!.host, view: ctx, value: await ask(ctx) }];
  return Promise.all(
    ctx.nodes.map(async (node): Promise<Asked<T>> => {
      const { host } = node;
      try {
        const view = { ...ctx, ...(await node.open()), nodes: [node], agreement: 1 };
        return await askOne({ host, view }, ask);
      } catch (error) {
        return { host, ...problemOf(error) };
      }
    }),
  );
}

/** A node that was reached once. */
type Reached = Pick<Asked<unknown>, "host" | "view">;

/**
 * Asks nodes that answered before once more, each by itself. One that can't be reached by now is silent like one that never
 * was: that contradicts nobody.
 */
export const askAgain = <T>(asked: readonly Reached[], ask: (view: Context) => Promise<T>): Promise<Asked<T>[]> =>
  Promise.all(asked.map((each) => askOne(each, ask)));

async function askOne<T>({ host, view }: Reached, ask: (view: Context) => Promise<T>): Promise<Asked<T>> {
  try {
    return { host, view: view!, value: await ask(view!) };
  } catch (error) {
    return { host, view: view!, ...problemOf(error) };
  }
}

function problemOf(error: unknown): Pick<Asked<unknown>, "failure" | "refusal"> {
  if (!isChartChainError(error)) throw error;
  return isSilence(error) ? { failure: error } : { refusal: error };
}

/** Those that gave an answer, a contract's refusal among them. */
export const speaking = <T>(asked: readonly Asked<T>[]): Asked<T>[] =>
  asked.filter(({ failure }) => failure === undefined);

/** What nodes said, where those that fell silent at a later question are named as silent. */
const withSilence = <T>(asked: readonly Asked<T>[], later: readonly Asked<unknown>[]): Asked<T>[] =>
  asked.map((each) => {
    const failure = later.find(({ host }) => host === each.host)?.failure;
    return failure === undefined ? each : { host: each.host, failure };
  });

/** What a node throws that gives no answer about the chain's state. */
const SILENT = [
  "CHAIN_UNREACHABLE",
  "CHAIN_CALL_FAILED",
  "CHAIN_RESTARTED",
  "CONTRACTS_NOT_DEPLOYED",
  "RATE_LIMITED",
  "WRONG_CHAIN",
];

/** Whether an error says that a node gave no answer, rather than which. */
export const isSilence = (error: ChartChainError): boolean => SILENT.includes(error.code);

/**
 * What the nodes say with one voice, for whatever increases what somebody can do or see. With one node it is that node's
 * word. With several, all that answer have to say the same, and as many as the client demands have to answer.
 *
 * Each is asked at its own head. Where that differs, all are asked again at the newest block that they all have: a node that
 * lags says the same there; one that lies, or was lied to, doesn't. One that can't be reached by then counts as one that
 * couldn't be reached at all.
 *
 * @param about what is asked, for the error: "the key document of participant 7"
 * @param read reads it from one node, at a block or at the head
 * @throws NODES_DISAGREE, NODES_BEHIND, NODES_MISSING; what `read` throws, when all say so
 *
 * @example
 * const digest = await agreed(ctx, "the name of participant 7", (view, at) =>
 *   view.contracts.Registrar.nameDigestOf(7, { blockTag: at }));
 */
export async function agreed<T>(
  ctx: Context,
  about: string,
  read: (view: Context, at: number | "latest") => Promise<T>,
): Promise<T> {
  let asked = await askNodes(ctx, (view) => read(view, "latest"));
  const [first] = asked;
  if (asked.length === 1) return first!.value as T;
  let answers = speaking(asked);
  if (answers.length === 0) throw first!.failure!;
  if (!areSame(answers)) {
    const heads = await askAgain(answers, headOf);
    asked = withSilence(asked, heads);
    const current = currentOf(ctx, heads).map(({ host }) => host);
    answers = answers.filter(({ host }) => current.includes(host));
    if (!areSame(answers)) {
      const common = commonBlock(currentOf(ctx, heads));
      const again = await askAgain(answers, (view) => read(view, common));
      const nodes = again.map(summary);
      if (!areSame(speaking(again))) throw nodesDisagree(about, nodes, common);
      asked = withSilence(asked, again);
      answers = answers.filter((_, i) => again[i]!.failure === undefined);
      if (!areSame(answers)) throw nodesBehind(about, nodes, common);
    }
  }
  if (answers.length < Math.max(1, ctx.agreement)) throw nodesMissing(ctx, about, asked.map(summary));
  if (answers[0]!.refusal !== undefined) throw answers[0]!.refusal;
  return answers[0]!.value as T;
}

/** The newest block that this vault saw final, by this name among its cursors. */
export const SEEN_FINAL = "consent:head";

/** The newest block of a node. */
export const headOf = (view: Context): Promise<number> => view.provider.getBlockNumber();

/** Those that know all that was seen final already, by their newest blocks. */
function currentOf(ctx: Context, heads: readonly Asked<number>[]): Asked<number>[] {
  const seen = ctx.vault?.cursors.get(SEEN_FINAL)?.block ?? 0;
  return heads.filter(({ value = -1 }) => value >= seen);
}

/** The newest block that all of these nodes have, of those that can be reached. */
export const commonBlock = (heads: readonly Asked<number>[]): number =>
  Math.min(...heads.flatMap(({ value }) => (value === undefined ? [] : [value])));

/** What a node said, so that two answers are equal exactly if these texts are. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? String(each) : each)) ?? "nothing";

const said = <T>({ value, refusal, failure }: Asked<T>): string =>
  failure?.code ?? refusal?.code ?? textOf(value).slice(0, 200);

export const summary = <T>(asked: Asked<T>): NodeAnswer => ({ host: asked.host, said: said(asked) });

/** Whether those that speak say the same. */
export const areSame = <T>(answers: readonly Asked<T>[]): boolean =>
  new Set(answers.map(({ value, refusal }) => refusal?.code ?? `= ${textOf(value)}`)).size < 2;

export const inWords = (nodes: readonly NodeAnswer[]): string =>
  nodes.map(({ host, said }) => `${host} says ${said}`).join("; ");

export const nodesDisagree = (about: string, nodes: NodeAnswer[], block: number): ChartChainError =>
  new ChartChainError("NODES_DISAGREE", `the nodes disagree about ${about} at block ${block}: ${inWords(nodes)}`, {
    details: { about, nodes, block },
    hint: "One of them lies or is on another fork. Find out which, and leave it out; until then nothing is given away.",
  });

const nodesBehind = (about: string, nodes: NodeAnswer[], block: number): ChartChainError =>
  new ChartChainError("NODES_BEHIND", `a node doesn't know yet what the others know about ${about}`, {
    details: { about, nodes, block },
    hint: "Try again when all of them have the newest block.",
  });

export const nodesMissing = (ctx: Context, about: string, nodes: NodeAnswer[]): ChartChainError =>
  new ChartChainError("NODES_MISSING", `too few nodes answer about ${about}: ${inWords(nodes)}`, {
    details: { about, nodes, needed: ctx.agreement },
    hint: `${ctx.agreement} of ${ctx.nodes.length} have to agree. Bring the others back, or demand fewer: agreement.`,
  });
