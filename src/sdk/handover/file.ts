import { isAddress } from "ethers";

import { decodeKeyDocument } from "../../crypto/index.js";
import { ChartChainError, FORMAT_VERSION, refuseNewer } from "../../errors/index.js";
import type { Context } from "../context.js";
import { keepKeyDocument, keyDocumentsToCarry } from "../key-documents.js";

/** What every handover file begins with. */
export interface HandoverHeader {
  /** What it is: `chartchain/…`. */
  kind: string;
  version: 1;
  chainId: number;
  /** The genesis block's hash: a file for a local chain that was restarted is for another chain. */
  genesisHash: string;
  /**
   * Key documents of who made it, and of whom it is about, base64: whoever takes it in may seal to them. Left out where there
   * are none. They are signed by nobody: each counts if the chain has its digest.
   */
  keyDocuments?: string[];
}

/** What is answered, or released upon, by sealing something to who made it. The other kinds carry no key documents. */
const CARRYING = [
  ...["chartchain/signed-action", "chartchain/offer", "chartchain/terms", "chartchain/delivery"],
  ...["chartchain/coming-of-age-request", "chartchain/emergency-reason", "chartchain/study-terms"],
];

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
  const carried = CARRYING.includes(kind) ? keyDocumentsToCarry(ctx, about, own).slice(0, MOST_CARRIED) : [];
  return {
    kind,
    version: 1 as const,
    chainId: ctx.deployment.chainId,
    genesisHash: ctx.deployment.genesisHash,
    ...(carried.length === 0 ? {} : { keyDocuments: carried.map(toBase64) }),
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
  const mayCarry = CARRYING.includes(kind);
  const carrying = mayCarry ? ["keyDocuments"] : [];
  const known = new Set(["kind", "version", "chainId", "genesisHash", ...carrying, ...Object.keys(shape)]);
  const extra = Object.keys(fields).find((name) => !known.has(name));
  if (extra !== undefined) throw malformed(`it has a field that doesn't belong there (${extra.slice(0, 60)})`);
  for (const [name, accepts] of Object.entries(
    mayCarry ? { ...shape, keyDocuments: is.optional(areCarried) } : shape,
  )) {
    if (!accepts(fields[name])) throw malformed(`its field ${name} is missing or wrong`);
  }
  for (const document of (file as T).keyDocuments ?? []) keepKeyDocument(ctx, fromBase64(document));
  return file as T;
}

function areCarried(value: unknown): boolean {
  if (!is.listOf(is.base64)(value) || (value as string[]).length > MOST_CARRIED) return false;
  try {
    for (const document of value as string[]) decodeKeyDocument(fromBase64(document));
    return true;
  } catch {
    return false;
  }
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

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
