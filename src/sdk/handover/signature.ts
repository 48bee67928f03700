import { getAddress, TypedDataEncoder } from "ethers";

import { requireSigner, type Context } from "../context.js";
import { signsHere } from "../chain/signing.js";
import { domainOf, type Message, type MessageType } from "../chain/typed-data.js";
import { canonicalSignature } from "../chain/canonical-signature.js";
import { isContractSignature, notePlain, type Judge } from "./contract-signature.js";
import { altered } from "./file.js";
import type { SignedMessage } from "./signed/action.js";

/** What checking a signature needs of a kind of message. */
type Signable = Pick<MessageType, "contract" | "primaryType" | "types">;

/** Signs a message with the client's account (EIP-712), and writes the signature as the contracts take it. */
export async function signMessage<M extends object>(
  ctx: Context,
  type: MessageType<M>,
  said: NoInfer<M>,
): Promise<SignedMessage<M>> {
  const message = { ...said };
  const signer = requireSigner(ctx);
  const account = await signer.getAddress();
  const signature = await signer.signTypedData(domainOf(ctx.deployment, type.contract), type.types, message as Message);
  // What ethers writes is in that form.
  if (signsHere(signer)) return { message, account, signature };
  const canonical = canonicalSignature(messageDigest(ctx, type, message as Message), signature, account);
  return { message, account, signature: canonical ?? signature };
}

/** What a signature is made over: names the message, however the signature is written. */
export const messageDigest = (ctx: Context, type: Signable, message: Message): string =>
  TypedDataEncoder.hash(domainOf(ctx.deployment, type.contract), type.types, message);

/**
 * Makes sure that `signed.account` signed the message: its key, or the contract account there (ERC-1271).
 *
 * The signature itself says whether it is an account's key; no node is asked. Whether a contract takes another one as its own,
 * only nodes can say: see {@link isContractSignature}.
 *
 * @param what what the file holds, for the error
 * @param judge who decides in the end: `contract` where the message goes into a transaction, which the contract refuses if it
 *   isn't signed; `reader` where this client acts on it
 * @returns the same, its signature as the contracts take it
 * @throws HANDOVER_ALTERED
 */
export async function checkMessage<T extends SignedMessage, M extends object>(
  ctx: Context,
  type: Signable & Pick<MessageType<M>, "says">,
  signed: T,
  what: string,
  judge: Judge = "reader",
): Promise<T & SignedMessage<M>> {
  let digest: string;
  try {
    digest = messageDigest(ctx, type, signed.message);
  } catch {
    throw altered(what);
  }
  if (!hasFieldsOf(type, type.primaryType, signed.message)) throw altered(what);
  const canonical = canonicalSignature(digest, signed.signature, getAddress(signed.account));
  if (canonical !== undefined) {
    notePlain(ctx, signed.account);
    return { ...signed, signature: canonical } as T & SignedMessage<M>;
  }
  // Not a plain account's signature; a contract account has its own form.
  if (await isContractSignature(ctx, signed, digest, judge)) return signed as T & SignedMessage<M>;
  throw altered(what);
}

/**
 * Whether an account signed a digest: its key, or the contract account there (ERC-1271), which is believed only of several nodes
 * that agree. For what is no typed data, such as a sign-in (EIP-4361).
 *
 * @param input.digest what was signed: of a text its EIP-191 hash, `hashMessage` of ethers
 * @throws NODES_DISAGREE, NODES_BEHIND, NODES_MISSING, CHAIN_UNREACHABLE
 *
 * @example
 * await client.isSigned({ account, digest: hashMessage(text), signature });
 */
export async function isSigned(
  ctx: Context,
  { account, digest, signature }: { account: string; digest: string; signature: string },
): Promise<boolean> {
  if (canonicalSignature(digest, signature, getAddress(account)) !== undefined) return true;
  return isContractSignature(ctx, { account, signature }, digest, "reader");
}

/**
 * Whether a message has exactly the fields of its type, each written the one way: the encoder passes over a field that the
 * type doesn't have, and takes "5" for 5 and "no" for true.
 */
function hasFieldsOf({ types }: Pick<MessageType, "types">, name: string, message: object): boolean {
  const fields = types[name]!;
  return (
    Object.keys(message).length === fields.length &&
    fields.every(({ name: field, type }) => {
      const value = (message as Record<string, unknown>)[field];
      if (types[type] !== undefined) return hasFieldsOf({ types }, type, value as object);
      if (type.endsWith("[]")) {
        const element = type.slice(0, -2);
        return (
          Array.isArray(value) &&
          (types[element] === undefined || value.every((each) => hasFieldsOf({ types }, element, each as object)))
        );
      }
      // An amount of tokens is too large for a number.
      if (type === "uint96" || type === "uint256") return typeof value === "string" && /^(0|[1-9]\d*)$/.test(value);
      return typeof value === (type === "bool" ? "boolean" : type.startsWith("uint") ? "number" : "string");
    })
  );
}
