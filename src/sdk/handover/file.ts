import { decodeBase64, encodeBase64, getAddress, isAddress } from "ethers";

import { decodeKeyDocument } from "../../crypto/index.js";
import { ChartChainError, FORMAT_VERSION, refuseNewer } from "../../errors/index.js";
import type { Context } from "../context.js";
import { isSignatureOver, type KeyDocumentSignature } from "./key-document-signature.js";
import { digestOfKeyDocument, keepKeyDocument, keyDocumentsToCarry, type SignedKeyDocument } from "./key-documents.js";

/** What every handover file begins with. */
export interface HandoverHeader {
  /** What it is: `chartchain/…`. */
  kind: string;
  version: 1;
  chainId: number;
  /** The genesis block's hash: a file for a local chain that was restarted is for another chain. */
  genesisHash: string;
  /**
   * Key documents of who made it, and of whom it is about: whoever takes it in may seal to them. Left out where there are none.
   * Each counts if the chain has its digest.
   */
  keyDocuments?: CarriedKeyDocument[];
}

/** A key document in a file. */
export interface CarriedKeyDocument {
  /** Base64. */
  document: string;
  /** Its owner's signature over it; left out where there is none yet, as before a registration. */
  signed?: KeyDocumentSignature;
}

/** What is answered, or released upon, by sealing something to who made it. The other kinds carry no key documents. */
const CARRYING = [
  ...["chartchain/signed-action", "chartchain/offer", "chartchain/terms", "chartchain/delivery"],
  ...["chartchain/coming-of-age-request", "chartchain/emergency-reason"],
];

const isCarrying = ({ modules }: Context, kind: string): boolean =>
  CARRYING.includes(kind) || modules.some(({ carrying }) => carrying?.includes(kind));

/** So many travel with a file at the most: no file fills a vault. */
const MOST_CARRIED = 16;

/**
 * The beginning of a file that this client makes.
 *
 * @param options.about participants, besides its maker, whom the file's taker may have to seal to
 * @param options.own false where this client only hands on what somebody else made
 */
export function header<K extends string>(
  ctx: Context,
  kind: K,
  { about = [], own = true }: { about?: readonly number[]; own?: boolean } = {},
) {
  const carried = isCarrying(ctx, kind) ? keyDocumentsToCarry(ctx, about, own).slice(0, MOST_CARRIED) : [];
  return {
    kind,
    version: 1 as const,
    chainId: ctx.deployment.chainId,
    genesisHash: ctx.deployment.genesisHash,
    ...(carried.length === 0 ? {} : { keyDocuments: carried.map(carry) }),
  };
}

/** How a field of a file has to look. */
export type Shape = { readonly [field: string]: (value: unknown) => boolean };

export const is = {
  id: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 40,
  count: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0,
  text: (value: unknown) => typeof value === "string" && value.length <= 4_096,
  address: (value: unknown) => typeof value === "string" && value.startsWith("0x") && isAddress(value),
  digest: (value: unknown) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value),
  hex: (value: unknown) => typeof value === "string" && /^0x([0-9a-f]{2})*$/i.test(value) && value.length <= 20_000,
  base64: (value: unknown) => typeof value === "string" && toBase64(fromBase64(value)) === value,
  object: (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value),
  listOf: (each: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(each),
  optional: (each: (value: unknown) => boolean) => (value: unknown) => value === undefined || each(value),
};

/**
 * Reads a handover file: exactly the fields of its kind, made for this chain. Key documents that travel with it are kept.
 *
 * @throws HANDOVER_NEWER, HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN
 */
export function parseHandover<T extends HandoverHeader>(ctx: Context, kind: T["kind"], shape: Shape, file: unknown): T {
  const fields = file as Record<string, unknown> | null;
  if (!is.object(fields) || typeof fields?.["kind"] !== "string") throw malformed("it is not a ChartChain file");
  if (fields["kind"] !== kind) {
    throw new ChartChainError(
      "HANDOVER_WRONG_KIND",
      `this is a ${String(fields["kind"]).slice(0, 60)} file, not ${kind}`,
      {
        hint: "Give the file to the command that takes this kind.",
      },
    );
  }
  refuseNewer(`${kind} file`, fields["version"], "HANDOVER_NEWER");
  if (fields["version"] !== FORMAT_VERSION) throw malformed(`its version isn't ${FORMAT_VERSION}`);
  if (fields["chainId"] !== ctx.deployment.chainId || fields["genesisHash"] !== ctx.deployment.genesisHash) {
    throw new ChartChainError("HANDOVER_WRONG_CHAIN", "the file was made for another chain", {
      details: { chainId: fields["chainId"], expected: ctx.deployment.chainId },
      hint: "Ask for a file made for this chain; after a local chain was restarted, every file has to be made again.",
    });
  }
  const mayCarry = isCarrying(ctx, kind);
  const carrying = mayCarry ? ["keyDocuments"] : [];
  const known = new Set(["kind", "version", "chainId", "genesisHash", ...carrying, ...Object.keys(shape)]);
  const extra = Object.keys(fields).find((name) => !known.has(name));
  if (extra !== undefined) throw malformed(`it has a field that doesn't belong there (${extra.slice(0, 60)})`);
  for (const [name, accepts] of Object.entries(
    mayCarry ? { ...shape, keyDocuments: is.optional(areCarried) } : shape,
  )) {
    if (!accepts(fields[name])) throw malformed(`its field ${name} is missing or wrong`);
  }
  const carried = ((file as T).keyDocuments ?? []).map((each) => unpack(ctx, each));
  for (const { document, signed } of carried) keepKeyDocument(ctx, document, signed);
  return file as T;
}

function areCarried(value: unknown): boolean {
  if (!is.listOf(isCarried)(value) || (value as CarriedKeyDocument[]).length > MOST_CARRIED) return false;
  try {
    for (const { document } of value as CarriedKeyDocument[]) decodeKeyDocument(fromBase64(document));
    return true;
  } catch {
    return false;
  }
}

/** Whether a value has the form of a {@link CarriedKeyDocument}. What the document says is another matter. */
export function isCarried(value: unknown): boolean {
  if (!hasShape({ document: is.base64, signed: is.optional(is.object) }, value)) return false;
  const { signed } = value as CarriedKeyDocument;
  return signed === undefined || hasShape({ participant: is.id, account: is.address, signature: is.hex }, signed);
}

const hasShape = (shape: Shape, value: unknown): boolean =>
  is.object(value) &&
  Object.keys(value as object).every((name) => name in shape) &&
  Object.entries(shape).every(([name, accepts]) => accepts((value as Record<string, unknown>)[name]));

/** A key document as it goes into a file. */
export const carry = ({ document, signed }: SignedKeyDocument): CarriedKeyDocument => ({
  ...{ document: toBase64(document), ...(signed === undefined ? {} : { signed }) },
});

/** A key document out of a file. Throws HANDOVER_ALTERED where its signature isn't that account's, or is for another chain. */
export function unpack(ctx: Context, { document: encoded, signed }: CarriedKeyDocument): SignedKeyDocument {
  const document = fromBase64(encoded);
  if (signed === undefined) return { document };
  const { participant, signature } = signed;
  const checked = { participant, account: getAddress(signed.account), signature };
  if (!isSignatureOver(ctx, digestOfKeyDocument(document), checked)) throw altered("a key document");
  return { document, signed: checked };
}

/** A file that isn't what it should be. */
export function malformed(reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("HANDOVER_MALFORMED", `the handover file can't be read: ${reason}`, {
    hint: "Ask for the file again; it was cut off, edited or isn't one.",
    cause,
  });
}

/** A file whose signature doesn't fit its content. */
export function altered(what: string): ChartChainError {
  return new ChartChainError("HANDOVER_ALTERED", `${what} isn't what its signer signed`, {
    hint: "Don't use it. Ask for the file again.",
  });
}

export const toBase64 = (bytes: Uint8Array): string => encodeBase64(bytes);
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(decodeBase64(text));
