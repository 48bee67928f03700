import type { Provider } from "ethers";

import type { Client } from "../../src/sdk/index.js";

/** What a client asked its node while something ran, in order: a method, or `Contract.function` where it is a call. */
export async function questionsOf({ provider, contracts }: Client, run: () => Promise<unknown>): Promise<string[]> {
  const names = new Map<string, string>();
  for (const [contract, { interface: abi }] of Object.entries(contracts)) {
    abi.forEachFunction(({ name, selector }) => names.set(selector, `${contract}.${name}`));
  }
  const asked: string[] = [];
  const node = provider as Provider & { send: (method: string, params: unknown[]) => Promise<unknown> };
  const { send } = node;
  node.send = async (method, params) => {
    const { data } = (method === "eth_call" ? params[0] : {}) as { data?: string };
    asked.push(names.get(data?.slice(0, 10) ?? "") ?? method);
    return send.call(node, method, params);
  };
  try {
    await run();
  } finally {
    node.send = send;
  }
  return asked;
}
