import { ChartChainError } from "../errors/index.js";
import { RESULT, SqliteError } from "../sqlite/index.js";

/**
 * What the database engine threw, as the error that callers see.
 *
 * @param error anything caught around a call of the engine
 * @param file the index's file, for the message
 */
export function asIndexError(error: unknown, file: string): unknown {
  if (!(error instanceof SqliteError)) return error;
  const { cause } = error;
  const details = { file };
  switch (error.code) {
    case RESULT.MISUSE:
      return new ChartChainError("INDEX_CLOSED", "the index was closed", {
        details,
        hint: "Open it again with openIndex, and close it only after the last use.",
        cause,
      });
    case RESULT.BUSY:
    case RESULT.LOCKED:
      return new ChartChainError("INDEX_IN_USE", `another process, or this one, has the index open: ${file}`, {
        details,
        hint: "Close the other program, or give each its own file.",
        cause,
      });
    case RESULT.CORRUPT:
    case RESULT.NOTADB:
      return corruptIndex(file, cause);
    case RESULT.FULL:
      return new ChartChainError("INDEX_FULL", `there is no room left to write to the index: ${file}`, {
        details,
        hint: "Free disk space, then repeat: what was fetched before is kept.",
        cause,
      });
    case RESULT.PERM:
    case RESULT.READONLY:
    case RESULT.IOERR:
    case RESULT.CANTOPEN:
      return new ChartChainError("INDEX_UNWRITABLE", `the index cannot be read or written: ${file}`, {
        details,
        hint: "Check that the folder and the file belong to you and that the disk is not read-only.",
        cause,
      });
    default:
      return cause;
  }
}

/** What is lost with an index, and what isn't. */
const AFRESH =
  "Events come from the chain again; up to where each consumer was told, no chain has: give watch as from a block before the gap.";

/** The error for a file that can't be read as an index. */
export const corruptIndex = (file: string, cause?: unknown): ChartChainError =>
  new ChartChainError("INDEX_CORRUPT", `this is no index, or a damaged one: ${file}`, {
    details: { file },
    hint: `If it was one, move the file away and open it again. ${AFRESH}`,
    cause,
  });

/** The error for an index that can't be gone on with here, and is left as it is. */
export const otherIndex = (file: string, of: "deployment" | "edition"): ChartChainError =>
  new ChartChainError("INDEX_MISMATCH", `this is an index of another ${of}: ${file}`, {
    details: { file, of },
    hint: `Give each ${of === "deployment" ? "deployment" : "version"} a file of its own, or move this one away. ${AFRESH}`,
  });

/** The error for a consumer that somebody watches as already. */
export const consumerInUse = (consumer: string): ChartChainError =>
  new ChartChainError("WATCH_CONSUMER_IN_USE", `somebody watches as "${consumer}" already, by the same index`, {
    details: { consumer },
    hint: "Stop that one first, give this one a consumer of its own, or put the handlers together into one watch.",
  });

/** The node doesn't have, after some patience, what another one behind the same URL, or the same one, had before. */
export const nodeBehind = (block: number, head: number): ChartChainError =>
  new ChartChainError("NODE_BEHIND", `the node is at block ${head} and is asked about block ${block}`, {
    details: { block, head },
    hint: "Nodes behind one URL may lag behind each other. Try again in a moment, or use another one.",
  });

/** The chain changed under the sync each time. */
export const chainUnsteady = (tries: number): ChartChainError =>
  new ChartChainError("NODE_BEHIND", `the node's newest blocks changed ${tries} times while they were read`, {
    details: { tries },
    hint: "Nodes behind one URL may be on different forks. Try again in a moment, or use another one.",
  });

/** The node's head is so far below what the index has that its blocks can't be compared. */
export const chainTooShort = (block: number, head: number): ChartChainError =>
  new ChartChainError("NODE_BEHIND", `the node is at block ${head}, and the index has all up to ${block}`, {
    details: { block, head },
    hint: "Wait until the node has synced, or use another one. Where the chain itself was set back, give the index a new file.",
  });

/** The node doesn't know a block whose logs it gave before. */
export const blockUnknown = (hash: string): ChartChainError =>
  new ChartChainError("NODE_BEHIND", `the node doesn't know the block ${hash}, of which the index has logs`, {
    details: { hash },
    hint: "Nodes behind one URL may lag behind each other. Try again in a moment, or use another one.",
  });
