import { parseEther, type JsonRpcProvider, type JsonRpcSigner } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { chainCall } from "../../sdk/index.js";

/** The chain id of Hardhat's and Anvil's own chains, whose ether is worth nothing. */
export const LOCAL_CHAIN_ID = 31337;

const GIFT = parseEther("10");

/**
 * The first of the accounts that a local node holds itself, each with plenty of ether.
 *
 * @throws NODE_HAS_NO_ACCOUNT
 */
export async function nodeAccount(provider: JsonRpcProvider): Promise<JsonRpcSigner> {
  const accounts = await chainCall(() => provider.listAccounts());
  const [first] = accounts;
  if (first !== undefined) return first;
  throw new ChartChainError("NODE_HAS_NO_ACCOUNT", "the local node holds no account of its own", {
    hint: "Give an account with --wallet or CHARTCHAIN_KEY, or start a node that holds some: chartchain network start",
  });
}

/** Throws NOT_A_LOCAL_CHAIN where ether is worth something. */
export function requireLocalChain(chainId: number): void {
  if (chainId === LOCAL_CHAIN_ID) return;
  throw new ChartChainError("NOT_A_LOCAL_CHAIN", `there is no free ether on chain ${chainId}`, {
    details: { chainId, local: LOCAL_CHAIN_ID },
    hint: "Leave --fund out and send the account some ether; a patient can do without: --sign FILE.",
  });
}

/**
 * Gives an account without ether 10 of the local node's.
 *
 * @returns true when it was given some
 * @throws NODE_HAS_NO_ACCOUNT
 */
export async function fundIfEmpty(provider: JsonRpcProvider, account: string): Promise<boolean> {
  if ((await chainCall(() => provider.getBalance(account))) > 0n) return false;
  const giver = await nodeAccount(provider);
  const sent = await chainCall(() => giver.sendTransaction({ to: account, value: GIFT }), { once: true });
  await chainCall(() => sent.wait());
  return true;
}
