import type { JsonRpcProvider } from "ethers";

import { NO_NODE, type Chain } from "../actor/chain.js";
import { deploymentPath, readDeployment } from "../actor/deployment-file.js";
import { LOCAL_CHAIN_ID } from "../actor/local-chain.js";
import type { AUTHORITY_FLAGS } from "../line/common-flags.js";
import type { Values } from "../line/flags.js";
import { hostOf } from "../terminal/host.js";
import type { Environment } from "../terminal/program.js";
import { count, time } from "../terminal/tables.js";
import { isChartChainError } from "../../errors/index.js";
import { chainCall, checkDeployment, connect, contractNames, type Deployment } from "../../sdk/index.js";
import { allModules } from "../../sdk/modules/index.js";
import { bad, doubtful, good, LIMIT_MS, look, type Finding } from "./finding.js";

type Flags = Values<typeof AUTHORITY_FLAGS>;

/** How far a machine's clock and a chain's may be apart, and how old the newest block may be, in seconds. */
const [APART, OLD] = [60, 300];

/** Blocks that a node may be behind another, and those at the head that may still change. */
const [BEHIND, UNSETTLED] = [32, 12];

/**
 * The node, the chain, the contracts, the clock, and what other nodes say.
 *
 * @returns the chain where it can be worked with; who takes it destroys its provider
 */
export async function lookAtNetwork(
  flags: Flags,
  environment: Environment,
): Promise<{ findings: Finding[]; chain: Chain | undefined }> {
  let provider: JsonRpcProvider | undefined;
  let chainId = 0;
  const node = await look("Node", async () => {
    try {
      provider = await connect(flags.rpc, { timeout: LIMIT_MS });
      chainId = Number((await provider.getNetwork()).chainId);
      const head = await chainCall(() => provider!.getBlockNumber());
      return good(`${hostOf(flags.rpc)} answers: chain ${chainId}, block ${head}`);
    } catch (error) {
      if (isChartChainError(error, "CHAIN_UNREACHABLE")) return bad(error.message, NO_NODE);
      throw error;
    }
  });
  if (provider === undefined || node.state === "bad") {
    provider?.destroy();
    return { findings: [node], chain: undefined };
  }

  const here = provider;
  const deploymentFile = deploymentPath(chainId, flags.deployment, environment);
  let deployment: Deployment | undefined;
  const contracts = await look("Contracts", async () => {
    const read = await readDeployment(deploymentFile);
    await checkDeployment(here, read, allModules);
    deployment = read;
    return good(`all ${contractNames(allModules).length} are there, as ${deploymentFile} says`);
  });
  const local = chainId === LOCAL_CHAIN_ID;
  const clock = look("Clock", () => compareClocks(here, local));
  const found = deployment;
  const others =
    found === undefined
      ? []
      : flags["other-node"].map((url) => look(`Node ${hostOf(url)}`, () => compareNodes(here, url, found)));
  const findings = [node, contracts, await clock, ...(await Promise.all(others))];
  const agreement = found === undefined ? undefined : quorum(flags, findings.slice(3));
  if (agreement !== undefined) findings.push(agreement);
  if (found === undefined) here.destroy();
  return { findings, chain: found && { provider: here, deployment: found, deploymentFile, local } };
}

async function compareClocks(provider: JsonRpcProvider, local: boolean) {
  const block = await chainCall(() => provider.getBlock("latest"));
  const ahead = block!.timestamp - Math.floor(Date.now() / 1000);
  const says = `the newest block is of ${time(block!.timestamp)}`;
  if (ahead > APART && local)
    return doubtful(
      `${says}, ${span(ahead)} ahead of this machine`,
      "Nothing to do if somebody moved it: chartchain network advance",
    );
  if (ahead > APART)
    return bad(
      `${says}, ${span(ahead)} ahead of this machine`,
      "Set this machine's clock: what ends at a time ends at the wrong one.",
    );
  // A local chain makes a block only when it has something to put into it.
  if (-ahead > OLD && !local)
    return doubtful(
      `${says}, ${span(-ahead)} old`,
      "Either the node is behind, or this machine's clock is ahead: compare it with another one.",
    );
  return good(says);
}

const span = (seconds: number): string => {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 2 * 86_400 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
};

async function compareNodes(here: JsonRpcProvider, url: string, deployment: Deployment) {
  const there = await connect(url, { timeout: LIMIT_MS });
  try {
    await checkDeployment(there, deployment, allModules);
    const heads = await Promise.all([here, there].map((each) => chainCall(() => each.getBlockNumber())));
    const at = Math.max(0, Math.min(...heads) - UNSETTLED);
    const [ours, theirs] = await Promise.all([here, there].map((each) => chainCall(() => each.getBlock(at))));
    if (ours?.hash !== theirs?.hash)
      return bad(
        `it has another block ${at} than ${new URL(here._getConnection().url).host}`,
        "One of them is on a fork, or lies: ask those who run them.",
      );
    const apart = heads[0]! - heads[1]!;
    if (Math.abs(apart) > BEHIND)
      return doubtful(
        `${apart > 0 ? "it is" : "the first node is"} ${count(Math.abs(apart), "block")} behind`,
        "Wait until it has caught up.",
      );
    return good(`agrees up to block ${at}`);
  } finally {
    there.destroy();
  }
}

/** Whether enough nodes answer. */
function quorum({ agreement, "other-node": others }: Flags, findings: readonly Finding[]): Finding | undefined {
  if (others.length === 0) return undefined;
  const needed = agreement ?? others.length + 1;
  const answering = 1 + findings.filter(({ state }) => state !== "bad").length;
  const says = `${answering} of ${others.length + 1} nodes can be asked, ${needed} have to be`;
  const outcome = answering >= needed ? good(says) : bad(says, "Mend the nodes above, or ask fewer: --agreement.");
  return { what: "Agreement", ...outcome };
}
