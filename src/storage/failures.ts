import { ChartChainError } from "../errors/index.js";

/** The errors of this room, so that each cause has one wording. The codes are explained in docs/reference/errors.md. */

export function invalidCid(given: unknown, reason: string): ChartChainError {
  return new ChartChainError("INVALID_CID", `not a CID that this store uses: ${reason}`, {
    details: { given: String(given).slice(0, 120) },
    hint: "Pass a CIDv1 in base32 with sha2-256 and codec raw or dag-pb, as put and putBlock return it.",
  });
}

export function blockMissing(cid: string, cause?: unknown): ChartChainError {
  return new ChartChainError("BLOCK_MISSING", `block ${cid} is not held here`, {
    details: { cid },
    hint: "Fetch the record again from its steward, or import it from a CAR.",
    cause,
  });
}

export function blockCorrupt(cid: string): ChartChainError {
  return new ChartChainError("BLOCK_CORRUPT", `the bytes offered for block ${cid} do not hash to it`, {
    details: { cid },
    hint: "Put or import the content again: a write replaces a damaged copy. Then check the disk or node it came from.",
  });
}

export function tooLarge(what: string, size: number | bigint, limit: number): ChartChainError {
  return new ChartChainError("BLOCK_TOO_LARGE", `${what} is over the limit of ${limit} bytes`, {
    details: { size: Number(size), limit },
    hint: "Raise maxBytes if content of this size is expected; a single block has a fixed limit.",
  });
}

export function dagTooDeep(cid: string, limit: number): ChartChainError {
  return new ChartChainError("DAG_TOO_DEEP", `block ${cid} lies more than ${limit} layers below its root`, {
    details: { cid, limit },
    hint: "Refuse the content, or raise maxDepth if whoever built it is trusted.",
  });
}

export function dagInvalid(cid: string, reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("DAG_INVALID", `block ${cid} is not part of a well-formed file: ${reason}`, {
    details: { cid },
    hint: "Refuse the content: nothing that this network writes looks like this.",
    cause,
  });
}

export function invalidRange(message: string, details: Record<string, unknown>): ChartChainError {
  return new ChartChainError("INVALID_RANGE", message, {
    details,
    hint: "Pass whole numbers of bytes from 0, with an offset no greater than the size of the file.",
  });
}

export function carInvalid(reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("CAR_INVALID", `not a CAR that can be imported: ${reason}`, {
    hint: "Export it again as CARv1; nothing of it was stored.",
    cause,
  });
}

export function storeClosed(): ChartChainError {
  return new ChartChainError("STORE_CLOSED", "the record store was closed", {
    hint: "Close a store after its last call, or open a new one.",
  });
}

export function storeBusy(what: string, waitedMs: number, cause: unknown): ChartChainError {
  return new ChartChainError("STORE_BUSY", `${what} waited ${waitedMs} ms for the others on this folder`, {
    details: { waitedMs },
    hint: "Try again when the long write or the collection under way has ended.",
    cause,
  });
}

export function storeUnreachable(what: string, cause: unknown): ChartChainError {
  return new ChartChainError("STORE_UNREACHABLE", `the IPFS node did not answer: ${what}`, {
    details: { what },
    hint: "Check that the node runs and that its RPC address is right, or read from another source.",
    cause,
  });
}

export function storeFailed(what: string, cause: unknown): ChartChainError {
  return new ChartChainError("STORE_FAILED", `the record store could not ${what}`, {
    details: { what },
    hint: "See the cause: a permission, a path, a fault of the disk, or a refusal by the IPFS node.",
    cause,
  });
}

export function storeReadOnly(what: string): ChartChainError {
  return new ChartChainError("STORE_READ_ONLY", `a gateway can't ${what}: it is read from`, {
    details: { what },
    hint: "Put it into a store of your own, such as a folder, a browser's, or a Kubo node.",
  });
}

export function gatewayUnreachable(reason: string, cause: unknown): ChartChainError {
  return new ChartChainError("STORE_UNREACHABLE", `the IPFS gateway did not answer${reason && `: ${reason}`}`, {
    details: { what: "fetch a block", reason },
    hint: "Check its address, and in a page that it allows the page's origin (CORS), or ask another one.",
    cause,
  });
}

export function gatewayRedirects(): ChartChainError {
  return new ChartChainError("STORE_FAILED", "the IPFS gateway sends to another address, which isn't followed", {
    details: { what: "fetch a block" },
    hint: "Give the address that it sends to, if whoever is there may know what you read.",
  });
}

/** Of a system, and of a browser. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG", "QuotaExceededError"]);
const reasonOf = (cause: unknown): string => errorCode(cause) || (cause instanceof Error ? cause.name : "");

/** Runs file system work and says in this room's words why it failed: STORE_FULL or STORE_FAILED. */
export async function onDisk<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof ChartChainError) throw cause;
    if (!FULL.has(reasonOf(cause))) throw storeFailed(what, cause);
    throw new ChartChainError("STORE_FULL", `no room left to ${what}`, {
      details: { what, reason: reasonOf(cause) },
      hint: "Free space or raise the quota, unpin what is no longer needed and collect; nothing was half-stored.",
      cause,
    });
  }
}

/** The system's code of an error (`ENOENT`, `ECONNREFUSED`), or "". */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
