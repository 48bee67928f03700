import { TypedDataEncoder } from "ethers";

import { ANCHOR_STATEMENT, domainOf } from "../chain/typed-data.js";
import type { Context } from "../context.js";
import { canonicalSignature } from "../chain/canonical-signature.js";

/** A participant's signature over its key document: an `AnchorStatement` of which it is patient and author. */
export interface KeyDocumentSignature {
  participant: number;
  account: string;
  signature: string;
}

/** What a participant signs for its key document. */
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

const placeOf = (digest: string): string => `key-document-signed:${digest}`;

/** The signature over a key document that this vault has. Whose account made it, is for the reader to ask. */
export const heldSignature = (ctx: Context, digest: string): KeyDocumentSignature | undefined =>
  ctx.vault?.settings.get(placeOf(digest)) as KeyDocumentSignature | undefined;

/** Keeps a signature over a key document that {@link isSignatureOver} found right. */
export const holdSignature = (ctx: Context, digest: string, signed: KeyDocumentSignature): void =>
  ctx.vault?.settings.set(placeOf(digest), { ...signed });
