import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { connectTo } from "../../actor/chain.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { gasOfDeployment, type DeploymentGas } from "../../actor/deployment-gas.js";
import { deploymentPath, readDeployment, writeDeployment } from "../../actor/deployment-file.js";
import { address, folder, wholeNumber } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { LOCAL_CHAIN_ID } from "../../actor/local-chain.js";
import { deployerFor } from "../../actor/deployer.js";
import { done, facts, gas, nextOfOthers, table } from "../../terminal/tables.js";
import { room } from "../../terminal/width.js";
import { ChartChainError, isChartChainError } from "../../../errors/index.js";
import { checkDeployment, contractNames, currentFees, type Deployment } from "../../../sdk/index.js";
import { allModules } from "../../../sdk/modules/index.js";

const LOCAL_DELAY = 2;
const TWO_DAYS = 2 * 24 * 60 * 60;

const { wallet, rpc, deployment, "max-fee": maxFee, "max-tip": maxTip } = ACTOR_FLAGS;

export default command({
  purpose:
    "Deploys the contracts and keeps their addresses where the other steps find them. Where they are already, it says so and does nothing.",
  flags: {
    delay: optional(
      wholeNumber("SECONDS", 0, 365 * 86_400),
      `how long the authority waits between announcing and doing (${LOCAL_DELAY} on a local chain, else two days)`,
    ),
    authority: optional(address, "the authority's account (the deployer's)"),
    force: FORCE,
    rpc,
    deployment,
    // Whoever deploys to a real chain says so each time: a variable doesn't name the account.
    home: optional(folder, "the deployer's home folder, with a wallet in it"),
    wallet,
    "max-fee": maxFee,
    "max-tip": maxTip,
  },
  examples: [
    "",
    "--rpc https://node.example --home homes/authority --authority 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  ],
  async run(flags, talk) {
    const provider = await connectTo(flags.rpc);
    try {
      const chainId = Number((await provider.getNetwork()).chainId);
      const path = deploymentPath(chainId, flags.deployment, talk.environment);
      const local = chainId === LOCAL_CHAIN_ID;
      const former = flags.force ? undefined : await formerDeployment(path);
      if (former !== undefined && (await isLive(former))) return result(former, path, undefined);
      if (former !== undefined && !local) throw inTheWay(path);

      const { account, privateKey } = await deployerFor(flags, talk, provider, local);
      const ceilings = { maxFeePerGas: flags["max-fee"], maxPriorityFeePerGas: flags["max-tip"] };
      const fees = local ? undefined : await currentFees({ provider, ...ceilings });
      // Hardhat takes its time to load: whoever is refused was told before.
      const { deployContracts } = await import("../../../../devnet/published.js");
      talk.note(`Deploying ${contractNames(allModules).length} contracts to chain ${chainId} from ${account} …`);
      const deployed = await deployContracts({
        url: flags.rpc,
        delay: flags.delay ?? (local ? LOCAL_DELAY : TWO_DAYS),
        ...(local ? {} : { journals: journalsBeside(path) }),
        ...(privateKey === undefined ? {} : { privateKey }),
        ...(fees?.type === 2 && {
          fees: {
            maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
            ...(ceilings.maxFeePerGas !== undefined && { maxFeePerGasLimit: ceilings.maxFeePerGas }),
          },
        }),
        ...(flags.authority === undefined ? {} : { authority: flags.authority }),
      });
      await writeDeployment(path, deployed);
      return result(deployed, path, await gasOfDeployment(provider, deployed, account));

      async function isLive(candidate: Deployment): Promise<boolean> {
        try {
          await checkDeployment(provider, candidate, allModules);
          return true;
        } catch (error) {
          const gone = ["CHAIN_RESTARTED", "CONTRACTS_NOT_DEPLOYED", "WRONG_CHAIN"] as const;
          if (gone.some((code) => isChartChainError(error, code))) return false;
          throw error;
        }
      }
    } finally {
      provider.destroy();
    }
  },
});

/** Where Ignition keeps what it did, so that a deployment that is interrupted goes on. */
const journalsBeside = (path: string): string => join(dirname(path), "journals");

async function formerDeployment(path: string): Promise<Deployment | undefined> {
  return existsSync(path) ? readDeployment(path) : undefined;
}

function inTheWay(path: string): ChartChainError {
  return new ChartChainError("FILE_EXISTS", `the file keeps another deployment: ${path}`, {
    details: { path },
    hint: "Move it away, name another with --deployment, or overwrite it with --force.",
  });
}

function result(deployment: Deployment, path: string, used: DeploymentGas | undefined) {
  const { chainId, contracts } = deployment;
  // An address serves nobody unless it is whole, so that on a narrow terminal the gas is left to --json.
  const withGas = used !== undefined && room() >= 89;
  const rows = contractNames(allModules).map((name) => {
    const spent = used?.contracts[name];
    return [name, contracts[name]!, ...(withGas ? [spent === undefined ? "" : gas(spent)] : [])];
  });
  const text = [
    done(used === undefined ? `The contracts are on chain ${chainId} already` : `Deployed to chain ${chainId}`),
    table(["contract", "address", ...(withGas ? ["gas"] : [])], rows),
    facts({
      "gas of the setup": used === undefined || used.setup === 0 ? undefined : gas(used.setup),
      "gas in all": used && gas(used.total),
      "addresses kept in": path,
    }),
    nextOfOthers('chartchain account register-provider --name "General Hospital"'),
  ].join("\n");
  return { data: { deployed: used !== undefined, file: path, ...deployment, ...(used && { gas: used }) }, text };
}
