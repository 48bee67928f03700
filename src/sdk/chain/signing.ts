import {
  BaseWallet,
  getAddress,
  isError,
  keccak256,
  SigningKey,
  Transaction,
  type Signer,
  type TransactionRequest,
} from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { isRefusedByPerson, isUnanswered, translate, underneath } from "./errors.js";
import { unguarded } from "./guarded.js";
import { gather } from "./node-answers.js";

/** A transaction that is signed and not sent. */
export interface SignedTransaction {
  raw: string;
  hash: string;
}

/**
 * Whether a node, or a wallet behind one, keeps the key. Others may use it meanwhile, so that the node gives out the nonces
 * unless there is a journal to keep.
 */
export const isKeptByNode = (signer: Signer): boolean => "sendUncheckedTransaction" in signer;

/**
 * Whether ethers signs in this process, with a key that it has: nobody comes between what it is asked to sign and what it
 * signs. To recover the account from such a signature, only to find that account's own, takes longer than signing.
 */
export function signsHere(guarded: Signer): boolean {
  const signer = unguarded(guarded);
  return (
    signer instanceof BaseWallet &&
    signer.signingKey instanceof SigningKey &&
    signer.signTransaction === BaseWallet.prototype.signTransaction &&
    signer.signTypedData === BaseWallet.prototype.signTypedData
  );
}

// Asked once: a browser's wallet or a node that holds the key may sign only what it sends itself.
const sendThemselves = new WeakSet<Signer>();

/**
 * Signs a transaction without sending it: every signer that can, whatever its class.
 *
 * @returns undefined when this signer can only sign and send in one step
 * @throws TRANSACTION_ALTERED when what it signed is another transaction; what the signer throws
 */
export async function signOnly(signer: Signer, request: TransactionRequest): Promise<SignedTransaction | undefined> {
  if (sendThemselves.has(signer)) return undefined;
  let signed: unknown;
  try {
    signed = await signer.signTransaction(request);
  } catch (error) {
    if (!sendsItself(underneath(error))) throw translate(error);
    sendThemselves.add(signer);
    return undefined;
  }
  // geth answers with the transaction in words beside it.
  const raw = typeof signed === "string" ? signed : ((signed as { raw?: unknown } | null)?.raw as string);
  requireSame(raw, request, signsHere(signer));
  return { raw, hash: keccak256(raw) };
}

/** Whether a refusal to sign comes from a node or a wallet behind one, rather than from a person or from no answer. */
function sendsItself(error: unknown): boolean {
  if (isError(error, "UNSUPPORTED_OPERATION")) return true;
  if (isRefusedByPerson(error) || isUnanswered(translate(error))) return false;
  return gather(error).numbers.size > 0;
}

/** The journal says of each nonce what was sent with it: so it has to be what was asked for. */
function requireSame(raw: string, asked: TransactionRequest, byOwnKey: boolean): void {
  let signed: Transaction | undefined;
  try {
    signed = Transaction.from(raw);
  } catch {
    // No transaction at all.
  }
  const isSame =
    signed?.to === getAddress(asked.to as string) &&
    signed?.nonce === asked.nonce &&
    signed?.data === asked.data &&
    signed?.value === asked.value &&
    signed?.chainId === BigInt(asked.chainId!) &&
    (byOwnKey || signed.from === getAddress(asked.from as string));
  if (isSame) return;
  throw new ChartChainError("TRANSACTION_ALTERED", "the wallet signed another transaction than it was asked to", {
    hint: "Nothing was sent. Use another wallet, or one that leaves sender, nonce, target and value as they are.",
  });
}
