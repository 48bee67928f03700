import { join } from "node:path";

import type { JsonRpcProvider } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { chainCall } from "../../sdk/index.js";
import type { Talk } from "../terminal/talk.js";
import { homeFolder } from "./home-folder.js";
import { nodeAccount } from "./local-chain.js";
import { passphraseAsker } from "../terminal/passphrase.js";
import { namedAccount, type AccountSource } from "./account-source.js";
import { openAccount } from "./wallet-file.js";

/** Who pays for a deployment: the local node's first account, unless a wallet or key is named. */
export interface Deployer {
  account: string;
  /** Undefined: the node signs. */
  privateKey: string | undefined;
}

/**
 * Finds the deployer.
 *
 * @throws DEPLOYER_MISSING; NO_FUNDS before anything is sent; what the wallet throws
 */
export async function deployerFor(
  flags: { home: string | undefined; wallet: string | undefined },
  talk: Talk,
  provider: JsonRpcProvider,
  local: boolean,
): Promise<Deployer> {
  const named = namedAccount(flags.wallet, talk.environment);
  if (local && named === undefined) {
    return { account: (await nodeAccount(provider)).address, privateKey: undefined };
  }
  const wallet = await openAccount(named ?? inHome(flags.home, talk), provider, passphraseAsker(talk));
  if ((await chainCall(() => provider.getBalance(wallet.address))) === 0n) {
    throw new ChartChainError("NO_FUNDS", `account ${wallet.address} can't pay for a deployment`, {
      details: { account: wallet.address },
      hint: "Send it some ether first.",
    });
  }
  return { account: wallet.address, privateKey: wallet.privateKey };
}

/** There is no actor with a wallet yet where nothing was deployed, so somebody has to be named. */
function inHome(home: string | undefined, { environment }: Talk): AccountSource {
  if (home !== undefined) return { path: join(homeFolder(home, environment, { create: false }), "wallet.json") };
  throw new ChartChainError("DEPLOYER_MISSING", "it isn't said which account deploys the contracts", {
    hint: "Name it: --wallet FILE, --home DIR with a wallet in it, or the private key in CHARTCHAIN_KEY.",
  });
}
