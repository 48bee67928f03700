import { getBytes, hexlify, TypedDataEncoder } from "ethers";

import { decodeKeyDocument, encodeKeyDocument, keyDocumentDigest, type KeyDocument } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { domainOf } from "../chain/typed-data.js";
import { ANCHOR_STATEMENT } from "./signed/for-readers.js";
import { requireSigner, requireVault, type Context } from "../context.js";
import { canonicalSignature } from "../chain/canonical-signature.js";
import {
  heldSignature,
  holdSignature,
  keyDocumentStatement,
  type KeyDocumentSignature,
} from "./key-document-signature.js";
import { pinnedOf, type KeyState } from "./pinned.js";

const OWN = "own-key-documents";

const nameOf = (digest: string): string => `key-document:${digest}`;

/** What stands on chain about a key document, in hex. */
export const digestOfKeyDocument = (document: Uint8Array): string => hexlify(keyDocumentDigest(document));

/** A key document, and what its owner signed about it, where it did. */
export interface SignedKeyDocument {
  document: Uint8Array;
  signed?: KeyDocumentSignature | undefined;
}

/**
 * Keeps a key document under its digest, whoever gave it: what it is worth, the chain says when somebody seals to it. A
 * signature over it is kept with it, and doesn't take the place of that of an account which this vault knows as the owner's.
 *
 * @param signed checked by {@link isSignatureOver}
 * @throws KEY_DOCUMENT_MALFORMED
 * @returns its digest
 */
export function keepKeyDocument(ctx: Context, document: Uint8Array, signed?: KeyDocumentSignature): string {
  decodeKeyDocument(document);
  const digest = digestOfKeyDocument(document);
  ctx.vault?.settings.set(nameOf(digest), hexlify(document));
  if (signed === undefined) return digest;
  const held = heldSignature(ctx, digest);
  const isKnown = held !== undefined && pinnedOf(ctx, held.participant)?.accounts[held.account] !== undefined;
  if (!isKnown) holdSignature(ctx, digest, signed);
  return digest;
}

/** The key document with a digest, as far as it is in the vault. */
export function heldKeyDocument(ctx: Context, digest: string): Uint8Array | undefined {
  const held = ctx.vault?.settings.get(nameOf(digest));
  return typeof held === "string" ? getBytes(held) : undefined;
}

/**
 * Makes the document of one of the vault's keys, keeps it, and offers it.
 *
 * @param service where an institution answers, an https URL
 * @returns its digest, which goes on chain
 * @throws KEY_DOCUMENT_MALFORMED; what the source throws
 */
export async function offerKeyDocument(ctx: Context, version: number, service?: string): Promise<string> {
  const { identity, settings } = requireVault(ctx);
  const { publicKey } = await identity.keyPair(version);
  const document = encodeKeyDocument({ publicKey, ...(service === undefined ? {} : { service }) });
  const digest = keepKeyDocument(ctx, document);
  settings.set(OWN, { ...(settings.get(OWN) as Record<string, string> | undefined), [version]: digest });
  await ctx.keyDocuments?.put?.(digest, document);
  return digest;
}

/**
 * Signs for the client's own key document, so that whoever knows the account takes a change of keys for its owner's word,
 * whatever a node says. What was signed isn't signed again. A contract account signs nothing: nobody could check it alone.
 *
 * @throws SIGNER_MISSING; what the wallet throws
 */
export async function signKeyDocument(ctx: Context, participant: number, digest: string): Promise<void> {
  if (heldSignature(ctx, digest)?.participant === participant) return;
  const signer = requireSigner(ctx);
  const { contract, types } = ANCHOR_STATEMENT;
  const statement = keyDocumentStatement(participant, digest);
  const domain = domainOf(ctx.deployment, contract);
  const account = await signer.getAddress();
  const signature = await signer.signTypedData(domain, types, statement);
  const canonical = canonicalSignature(TypedDataEncoder.hash(domain, types, statement), signature, account);
  if (canonical !== undefined) holdSignature(ctx, digest, { participant, account, signature: canonical });
}

/**
 * What travels with a file: the documents of the vault's current key and of one that was announced, and those of others that the
 * vault has.
 *
 * @param others participants whom the file's taker may have to seal to, such as a grant's viewer
 * @param withOwn false where the vault's owner only hands on what somebody else made
 */
export function keyDocumentsToCarry(ctx: Context, others: readonly number[], withOwn: boolean): SignedKeyDocument[] {
  if (ctx.vault === undefined) return [];
  const { identity, settings } = ctx.vault;
  const noted = withOwn ? settings.get(OWN) : undefined;
  const own = Object.entries((noted as Record<string, string> | undefined) ?? {})
    .filter(([version]) => Number(version) >= identity.keyVersion)
    .map(([, digest]) => digest);
  const theirs = others.flatMap((other) => pinnedOf(ctx, other)?.keyDocument ?? []);
  return [...new Set([...own, ...theirs])].flatMap((digest) => heldSigned(ctx, digest) ?? []);
}

/** The key document with a digest and its signature, as far as they are in the vault. */
export function heldSigned(ctx: Context, digest: string): SignedKeyDocument | undefined {
  const document = heldKeyDocument(ctx, digest);
  return document && { document, signed: heldSignature(ctx, digest) };
}

/**
 * The key document that the chain names: the vault's, or else the source's, which is kept.
 *
 * @throws KEY_DOCUMENT_MISSING, KEY_DOCUMENT_DIFFERS
 */
export async function findKeyDocument(ctx: Context, participant: number, key: KeyState): Promise<KeyDocument> {
  const digest = key.keyDocument;
  const held = heldKeyDocument(ctx, digest);
  if (held !== undefined) return decodeKeyDocument(held);
  let given: Uint8Array | undefined;
  let cause: unknown;
  try {
    given = await ctx.keyDocuments?.get(digest);
  } catch (error) {
    cause = error;
  }
  if (given === undefined) {
    const said = `the key document of participant ${participant} (version ${key.keyVersion}) isn't here: nothing can be sealed to it`;
    throw new ChartChainError("KEY_DOCUMENT_MISSING", said, {
      details: { participant, ...key },
      hint: `Ask participant ${participant} for its key document (ownKeyDocument; as a step: key-document --out FILE), and take the file in (takeKeyDocument; key-document --take FILE).`,
      cause,
    });
  }
  if (digestOfKeyDocument(given) !== digest) throw differs(participant, key);
  keepKeyDocument(ctx, given);
  return decodeKeyDocument(given);
}

/** Another document than the one on chain. */
export const differs = (participant: number, key: KeyState): ChartChainError =>
  new ChartChainError(
    "KEY_DOCUMENT_DIFFERS",
    `this isn't the key document of participant ${participant} that the chain names (version ${key.keyVersion})`,
    {
      details: { participant, ...key },
      hint: `It is an older one, or somebody else's. Give nothing to it, and ask participant ${participant} for the file of its current key.`,
    },
  );
