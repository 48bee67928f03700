import { Transaction, TypedDataEncoder, type BaseContract, type EventLog, type Result } from "ethers";

import type { Context } from "../context.js";
import { canonicalSignature } from "./canonical-signature.js";
import { domainOf, type MessageType } from "./typed-data.js";

/** A call to a contract, as its transaction's sender signed it. */
export interface SignedCall {
  /** The account that signed the transaction. */
  signer: string;
  /** The function's name. */
  name: string;
  /** Its arguments, by place and by name. */
  args: Result;
}

/**
 * The call to a contract that an event came from, and the account whose signature it bears: neither is a node's word, since
 * any change of the transaction leads to another signer.
 *
 * @returns undefined for a call that went through another contract, and for a transaction that the node doesn't have
 * @throws CHAIN_UNREACHABLE
 */
export async function signedCall(
  view: Context,
  contract: BaseContract,
  { transactionHash }: EventLog,
): Promise<SignedCall | undefined> {
  const sent = await view.provider.getTransaction(transactionHash);
  if (sent === null) return undefined;
  try {
    const { type, to, nonce, gasLimit, gasPrice, data, value, accessList, signature } = sent;
    const isLegacy = type === 0 || type === 1;
    const transaction = Transaction.from({
      ...{ type, to, nonce, gasLimit, data, value, signature },
      chainId: view.deployment.chainId,
      ...(isLegacy
        ? { gasPrice }
        : { maxFeePerGas: sent.maxFeePerGas, maxPriorityFeePerGas: sent.maxPriorityFeePerGas }),
      ...(type === 0 ? {} : { accessList }),
    });
    const call = contract.interface.parseTransaction({ data: transaction.data });
    if (transaction.to !== (await contract.getAddress()) || call === null) return undefined;
    return { signer: transaction.from ?? "", name: call.name, args: call.args };
  } catch {
    // No transaction that could be signed like that.
    return undefined;
  }
}

/** So many signature epochs are tried at the most: no node has this client try for ever. */
const MOST_EPOCHS = 256;

/**
 * The account whose word a call to the Registrar is: who sent it, or who signed the message that it carries, whoever sent
 * that. Both are computed from the call.
 *
 * A call doesn't say for which signature epoch its message was signed, so the latest ones are tried. Which of them was the
 * current one then is a node's word, as is that the call was carried out at all.
 *
 * @param type the message that the function's form with a signature takes, as its last argument
 * @param message its fields, but the signature epoch and the deadline
 * @returns empty where the message isn't signed by the account that the call names, or that is a contract's word
 * @throws CHAIN_UNREACHABLE
 */
export async function speakerOf(
  view: Context,
  { signer, name, args }: SignedCall,
  type: Pick<MessageType, "contract" | "types">,
  message: { participant: number } & Record<string, unknown>,
): Promise<string> {
  if (!name.endsWith("WithSig")) return signer;
  const { account, deadline, signature } = args.at(-1) as { account: string; deadline: bigint; signature: string };
  const { signatureEpoch } = await view.contracts.Registrar.epochsOf(message.participant);
  const newest = Number(signatureEpoch);
  const domain = domainOf(view.deployment, type.contract);
  for (let epoch = newest; epoch >= Math.max(0, newest - MOST_EPOCHS); epoch--) {
    const said = { ...message, signatureEpoch: epoch, deadline };
    const digest = TypedDataEncoder.hash(domain, type.types, said);
    if (canonicalSignature(digest, signature, account) !== undefined) return account;
  }
  return "";
}
