import { once } from "node:events";
import { createServer } from "node:net";

import { deploymentPath, writeDeployment } from "../../actor/deployment-file.js";
import { LOCAL_CHAIN_ID } from "../../actor/local-chain.js";
import { checkNetwork } from "../../actor/network.js";
import { changeConfiguration, readConfiguration, type Configuration } from "../../actor/profile.js";
import { command } from "../../line/command.js";
import { file, ownName, wholeNumber } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { hostOf } from "../../terminal/host.js";
import { watchForInterrupt } from "../../terminal/interrupt.js";
import { caution, done, facts, nextOfOthers } from "../../terminal/tables.js";
import { ChartChainError } from "../../../errors/index.js";
import { connect } from "../../../sdk/index.js";

const USUAL = { name: "local", port: 8545 };

/** How long the authority of a chain for trials waits, in seconds. */
const DELAY = 2;

export default command({
  purpose:
    "Runs a local chain with the contracts, on this machine alone, until Ctrl-C. It starts empty each time, its ether is free, and nothing of it stays. Its name goes into the configuration, so that every command finds it.",
  flags: {
    port: optional(wholeNumber("PORT", 1024, 65_535), `where it is reached (${USUAL.port})`),
    name: optional(ownName(), `what you call it (${USUAL.name})`),
    deployment: optional(
      file,
      "write the contracts' addresses here (~/.local/share/chartchain/deployments/31337.json; of another name than local NAME.json)",
    ),
  },
  examples: ["", "--port 8546 --name second"],
  aboutProfiles: true,
  async run({ port = USUAL.port, name = USUAL.name, deployment: given }, talk) {
    const { environment } = talk;
    const url = `http://127.0.0.1:${port}`;
    await requireFree(port);
    await requireNoOther(name, readConfiguration(environment));
    // Hardhat takes its time to load: whoever is refused was told before.
    const { startNode, deployContracts } = await import("../../../../devnet/published.js");
    talk.note("Starting a local chain …");
    await using stack = new AsyncDisposableStack();
    const interrupt = stack.use(watchForInterrupt(talk));
    const node = await startNode({ port });
    stack.defer(() => node.close());
    talk.note("Deploying the contracts …");
    const deployment = await deployContracts({ url, delay: DELAY });
    interrupt.signal.throwIfAborted();
    const path = deploymentPath(name === USUAL.name ? LOCAL_CHAIN_ID : name, given, environment);
    await writeDeployment(path, deployment);
    const { network: usual } = await changeConfiguration(environment, (present) => ({
      ...present,
      network: present.network ?? name,
      networks: { ...present.networks, [name]: { rpc: url, deployment: path } },
    }));
    const on = usual === name ? "" : ` --network ${name}`;
    const kept = stack.move();
    return {
      data: { name, rpc: url, deployment: path, usual: usual === name, ...deployment },
      text: [
        done(`A local chain with the contracts runs on ${hostOf(url)}, until Ctrl-C`),
        facts({
          network: usual === name ? `${name} (the usual one)` : name,
          chain: deployment.chainId,
          contracts: path,
        }),
        caution("It starts empty each time: homes of a chain before belong to that one."),
        nextOfOthers(
          `in another terminal: chartchain init hospital --role provider --public-name "General Hospital"${on}`,
        ),
        nextOfOthers(`in another terminal: chartchain init alice --role patient${on}`),
      ].join("\n"),
      async stay() {
        try {
          if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
        } finally {
          await kept.disposeAsync();
        }
      },
    };
  },
});

/** Throws PORT_TAKEN, and says by what where a chain answers there. */
async function requireFree(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
  } catch (cause) {
    const chainId = await chainAt(port);
    const isLocal = chainId === LOCAL_CHAIN_ID;
    const by = chainId === undefined ? "another program listens there" : `a node of chain ${chainId} answers there`;
    throw new ChartChainError("PORT_TAKEN", `port ${port} is taken: ${by}`, {
      details: { port, ...(chainId === undefined ? {} : { chainId }) },
      hint: `${
        isLocal
          ? "If it is yours, work with it, or stop it with Ctrl-C in its terminal."
          : `See which one: ss -ltnp 'sport = :${port}' (on macOS: lsof -i :${port}).`
      } Or take another port: chartchain network start --port ${port + 1}${isLocal ? " --name second" : ""}`,
      cause,
    });
  }
}

async function chainAt(port: number): Promise<number | undefined> {
  try {
    const provider = await connect(`http://127.0.0.1:${port}`, { timeout: 2_000 });
    provider.destroy();
    return Number((await provider.getNetwork()).chainId);
  } catch {
    return undefined;
  }
}

/** Throws NETWORK_EXISTS where the name is somebody else's network, NETWORK_IN_USE where a chain runs under it. */
async function requireNoOther(name: string, { networks }: Configuration): Promise<void> {
  if (!Object.hasOwn(networks, name)) return;
  const { rpc, deployment } = networks[name]!;
  if (rpc === undefined || !/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(rpc)) {
    throw new ChartChainError("NETWORK_EXISTS", `network ${name} is no local chain`, {
      details: { name },
      hint: "Give the local one another name: --name NAME.",
    });
  }
  const runs =
    deployment !== undefined &&
    (await checkNetwork({ rpc, deployment }, 2_000).then(
      () => true,
      () => false,
    ));
  if (!runs) return;
  throw new ChartChainError("NETWORK_IN_USE", `network ${name} runs already, on ${hostOf(rpc)}`, {
    details: { name, node: hostOf(rpc) },
    hint: `Work with it, stop it with Ctrl-C in its terminal, or give this one another name: --name second.`,
  });
}
