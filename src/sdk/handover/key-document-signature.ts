import { TypedDataEncoder } from "ethers";

import type { KeyDocumentSignature } from "../../vault/index.js";
import { domainOf } from "../chain/typed-data.js";
import { ANCHOR_STATEMENT } from "./signed/for-readers.js";
import type { Context } from "../context.js";
import { canonicalSignature } from "../chain/canonical-signature.js";

export type { KeyDocumentSignature };

/** What a participant signs for its key document: an `AnchorStatement` of which it is patient and author. */
export const keyDocumentStatement = (participant: number, digest: string) => ({
  ...{ patient: participant, author: participant, digest, count: 0 },
});

/**
 * Whether an account's key made a signature over a key document, for this chain. No node is asked: a contract account's
 * (ERC-1271) counts for nothing here.
 */
export function isSignatureOver(ctx: Context, digest: string, signed: KeyDocumentSignature): boolean {
  const { contract, types } = ANCHOR_STATEMENT;
  const statement = keyDocumentStatement(signed.participant, digest);
  const said = TypedDataEncoder.hash(domainOf(ctx.deployment, contract), types, statement);
  return canonicalSignature(said, signed.signature, signed.account) === signed.signature;
}

/** The signature over a key document that this vault has. Whose account made it, is for the reader to ask. */
export const heldSignature = (ctx: Context, digest: string): KeyDocumentSignature | undefined =>
  ctx.vault?.access.keyDocumentSignatures.get({ digest });

/** Keeps a signature over a key document that {@link isSignatureOver} found right. */
export const holdSignature = (ctx: Context, digest: string, signed: KeyDocumentSignature): void =>
  ctx.vault?.access.keyDocumentSignatures.set({ digest }, signed);
