import { Contract } from "ethers";

import { isUnanswered } from "../chain/errors.js";
import type { Context } from "../context.js";
import { agreed } from "../chain/nodes.js";

/**
 * Who finds out in the end whether a message was signed: the contract that it is sent to, or whoever reads it and acts on it.
 */
export type Judge = "contract" | "reader";

/** What a contract account answers for a signature of its own. Source: https://eips.ethereum.org/EIPS/eip-1271 */
const ERC1271_MAGIC = "0x1626ba7e";

/** Notes that an account signs with its own key: no other form of its signature is believed any more. */
export function notePlain(ctx: Context, account: string): void {
  const { plainAccounts } = ctx.vault?.access ?? {};
  if (plainAccounts !== undefined && plainAccounts.get({ account }) === undefined) plainAccounts.set({ account }, true);
}

/**
 * Whether a contract account takes a signature as its own (ERC-1271).
 *
 * That there is a contract, and what it answers, is a node's word, and a lying one says so of any account and any signature.
 * So it is taken from several nodes that agree, or where the contract that the message goes to asks for itself; never for an
 * account that is known to sign with its own key, though it may have code (EIP-7702).
 *
 * @throws NODES_DISAGREE, NODES_BEHIND, NODES_MISSING, CHAIN_UNREACHABLE
 */
export async function isContractSignature(
  ctx: Context,
  { account, signature }: { account: string; signature: string },
  digest: string,
  judge: Judge,
): Promise<boolean> {
  if (ctx.vault?.access.plainAccounts.get({ account }) !== undefined) return false;
  if (judge === "reader" && ctx.agreement < 2) return false;
  return agreed(ctx, `the signature of account ${account}`, async (view, at) => {
    if ((await view.provider.getCode(account, at)) === "0x") return false;
    const abi = ["function isValidSignature(bytes32,bytes) view returns (bytes4)"];
    const ask = new Contract(account, abi, view.provider).getFunction("isValidSignature");
    try {
      return (await ask(digest, signature, { blockTag: at })) === ERC1271_MAGIC;
    } catch (error) {
      if (isUnanswered(error)) throw error;
      return false;
    }
  });
}
