import { inTime } from "../../actor/in-time.js";
import { A_LOOK_MS, checkNetwork } from "../../actor/network.js";
import { readConfiguration, type Network } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { hostOf } from "../../terminal/host.js";
import { done, count, next, table } from "../../terminal/tables.js";
import { isChartChainError, type ErrorCode } from "../../../errors/index.js";

/** What stands in the way, in a few words; of anything else the code says it. */
const STATES: Partial<Record<ErrorCode, string>> = {
  CHAIN_UNREACHABLE: "no answer",
  RATE_LIMITED: "answers no more questions now",
  DEPLOYMENT_NOT_FOUND: "its deployment file is gone",
  WRONG_CHAIN: "the node is on another chain",
  CHAIN_RESTARTED: "started anew: the contracts are gone",
  CONTRACTS_NOT_DEPLOYED: "the contracts aren't there",
};

export default command({
  purpose: "Shows the networks that this machine knows, and which of them answer now. Waits 5 seconds at most.",
  flags: {},
  examples: [""],
  aboutProfiles: true,
  async run(_, { environment }) {
    const { networks, network: usual } = readConfiguration(environment);
    const rows = await Promise.all(
      Object.entries(networks).map(async ([name, network]) => ({
        name,
        node: network.rpc === undefined ? "" : hostOf(network.rpc),
        ...(await inTime<State>(A_LOOK_MS, stateOf(network), () => ({ state: "no answer" }))),
        usual: name === usual,
      })),
    );
    const text = [
      done(count(rows.length, "network")),
      ...(rows.length === 0
        ? [
            next("chartchain network start"),
            next("somebody else's: chartchain network add NAME --rpc URL --deployment FILE"),
          ]
        : [
            table(
              ["name", "node", "chain", "state"],
              rows.map(({ name, node, chainId, state, usual }) => [
                usual ? `${name} (usual)` : name,
                node,
                chainId ?? "",
                state === "ready" ? "✔ ready" : `✘ ${state}`,
              ]),
            ),
          ]),
    ];
    return { data: { networks: rows }, text: text.join("\n") };
  },
});

interface State {
  chainId?: number;
  state: string;
}

async function stateOf({ rpc, deployment, ...others }: Network): Promise<State> {
  if (rpc === undefined || deployment === undefined) return { state: "no node or no deployment file is named" };
  try {
    const { chainId } = await checkNetwork({ ...others, rpc, deployment });
    return { chainId, state: "ready" };
  } catch (error) {
    if (!isChartChainError(error)) throw error;
    return { state: STATES[error.code] ?? error.code };
  }
}
