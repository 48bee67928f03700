import type { Provider } from "ethers";

import type { Context } from "../context.js";
import { callsTogether, type Send } from "./calls-together.js";
import { connectContracts } from "./contracts.js";
import { guardContracts, guardProvider, unguarded } from "./guarded.js";

/**
 * A view of one node that asks it the same call at the same block once, however many ask, and what is asked at one moment
 * together: for several decisions at one head. It is thrown away with them.
 */
export function readingOnce(view: Context): Context {
  const provider = guardProvider(askedOnce(unguarded(view.provider)));
  return {
    ...view,
    provider,
    contracts: guardContracts(connectContracts(view.deployment, provider, view.modules)),
  };
}

/** Only what names its block is the same the second time. */
const NUMBERED = /^0x[0-9a-f]+$/;

function askedOnce<T extends Provider>(provider: T): T {
  const answers = new Map<string, Promise<unknown>>();
  const once = (key: string, ask: () => Promise<unknown>): Promise<unknown> => {
    let answer = answers.get(key);
    if (answer === undefined) {
      answer = ask();
      answers.set(key, answer);
      // Whoever asks next asks the node.
      answer.catch(() => answers.delete(key));
    }
    return answer;
  };
  const toNode: Send = (method, params) => (provider as unknown as { send: Send }).send(method, params);
  const together = callsTogether(toNode);
  const send: Send = (method, params) => {
    const [call, block] = params as [{ to?: string; data?: string; from?: string }, unknown];
    if (method !== "eth_call" || !NUMBERED.test(String(block))) return toNode(method, params);
    const { to, data, from } = call;
    // Who asks may matter to what is asked: the constructor asks as somebody else.
    const isPlain = from === undefined && to !== undefined && data !== undefined;
    return once(JSON.stringify(params), () =>
      isPlain ? together({ to, data }, String(block)) : toNode(method, params),
    );
  };
  return new Proxy(provider, {
    get(target, name, self: unknown) {
      if (name === "provider") return self;
      if (name === "send" && "send" in target) return send;
      // By the object itself: it has private fields.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
