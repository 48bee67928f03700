import { isError, isHexString, type ErrorDescription } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { contractInterfaces } from "./contracts.js";
import { gather, readAnswer } from "./node-answers.js";
import { patiently } from "./patience.js";
import { REVERT_HINTS, type RevertCode } from "./revert-hints.js";

/**
 * Runs a call to the node, again where it may answer in a moment, and turns what can go wrong into a
 * {@link ChartChainError}: a contract's custom error becomes its own code (`NotRegistered` → `NOT_REGISTERED`) with its
 * arguments as details.
 *
 * @param options.once for what must not be asked twice: a transaction that the node signs itself
 * @throws a contract's own error by its code; ARGUMENT_INVALID, NO_FUNDS, SIGNING_REFUSED, RATE_LIMITED, CHAIN_UNREACHABLE,
 *   CHAIN_CALL_FAILED
 */
export async function chainCall<T>(call: () => Promise<T>, { once = false } = {}): Promise<T> {
  try {
    return await (once ? call() : patiently(call));
  } catch (error) {
    throw translate(error);
  }
}

/** See {@link chainCall}. */
export function translate(error: unknown): ChartChainError {
  if (error instanceof ChartChainError) return error;

  const revert = revertIn(error);
  if (revert !== undefined) return revertError(revert, error);

  if (isRefusedByPerson(error)) {
    return new ChartChainError("SIGNING_REFUSED", "the wallet refused to sign", {
      hint: "Nothing was sent. Ask again, and confirm it in the wallet.",
      cause: error,
    });
  }
  if (isError(error, "INVALID_ARGUMENT")) {
    return new ChartChainError("ARGUMENT_INVALID", `the contract doesn't take this argument: ${error.shortMessage}`, {
      hint: "Check the values: participant ids and times are whole numbers, digests are 32 bytes in hex.",
      cause: error,
    });
  }
  if (
    isError(error, "INSUFFICIENT_FUNDS") ||
    /insufficient funds|doesn't have enough funds/i.test(gather(error).text)
  ) {
    return new ChartChainError("NO_FUNDS", "the account can't pay for the transaction", {
      hint: "Send it some ether, or sign the action and let somebody else relay it.",
      cause: error,
    });
  }
  return refusalError(error);
}

/** Whether a person said no: EIP-1193's 4001 (https://eips.ethereum.org/EIPS/eip-1193#provider-errors), or what ethers makes of it. */
export const isRefusedByPerson = (error: unknown): boolean =>
  isError(error, "ACTION_REJECTED") || gather(error).numbers.has(4001);

/** What a node or a wallet threw itself, under what {@link translate} made of it. */
export const underneath = (error: unknown): unknown =>
  error instanceof ChartChainError && error.cause !== undefined ? error.cause : error;

/** Whether no answer came, so that nothing is known: neither that it was done nor that it wasn't. */
export const isUnanswered = (error: unknown): boolean =>
  isChartChainError(error, "CHAIN_UNREACHABLE") || isChartChainError(error, "RATE_LIMITED");

function refusalError(cause: unknown): ChartChainError {
  const { refusal, retryAfter } = readAnswer(cause);
  switch (refusal) {
    case "rate": {
      const seconds = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 1_000);
      return new ChartChainError("RATE_LIMITED", "the node's rate limit is reached: it answers no more questions now", {
        details: seconds === undefined ? {} : { retryAfter: seconds },
        hint: `Try again ${seconds === undefined ? "later" : `in ${seconds} seconds`}, or use a node or a plan that may be asked more often.`,
        cause,
      });
    }
    case "finality":
      return noFinalBlock(cause);
    case "passing":
      return new ChartChainError("CHAIN_UNREACHABLE", "the node can't answer now", {
        hint: "Try again in a moment. Until then nothing is decided and nothing is released.",
        cause,
      });
    case "lost":
    case "unreachable":
      return new ChartChainError("CHAIN_UNREACHABLE", "the node doesn't answer", {
        hint: "Check that it runs and that its URL is right. Until then nothing is decided and nothing is released.",
        cause,
      });
    case "range":
    case "size":
    case "final":
      return new ChartChainError("CHAIN_CALL_FAILED", "the node refused the call", {
        hint: "The cause says what it answered.",
        cause,
      });
  }
}

/** A chain that has no `finalized` block, or not yet. */
const noFinalBlock = (cause: unknown): ChartChainError =>
  new ChartChainError("CHAIN_UNREACHABLE", "the node gives no final block", {
    hint: "Check that it has synced. Where a chain has no finalized tag, give the finality as a number of blocks: createClient({ finality: 12 }), --finality 12 or CHARTCHAIN_FINALITY.",
    cause,
  });

/** What a contract answered, wherever in an error it stands. Data that is no contract's answer is none. */
function revertIn(error: unknown): ErrorDescription | undefined {
  for (const said of gather(error).data) {
    // OpenEthereum's words before it.
    const data = said.replace(/^Reverted /, "");
    if (!isHexString(data) || data.length < 10) continue;
    const revert = decodeRevert(data);
    if (revert !== undefined) return revert;
  }
  return undefined;
}

function decodeRevert(data: string): ErrorDescription | undefined {
  for (const each of contractInterfaces()) {
    try {
      const parsed = each.parseError(data);
      if (parsed !== null) return parsed;
    } catch {
      // A known error's beginning and too few arguments.
    }
  }
  return undefined;
}

function revertError(revert: ErrorDescription, cause: unknown): ChartChainError {
  const names = revert.fragment.inputs.map((input, i) => input.name || String(i));
  const details = Object.fromEntries(names.map((name, i) => [name, plain(revert.args[i])]));
  const given = names.map((name) => `${name} ${inWords(name, details[name])}`).join(", ");
  const code = codeOf(revert.name);
  const hint = code === undefined ? "The contract's documentation says when it refuses that." : REVERT_HINTS[code];
  const message = `the contract refuses: ${revert.name}${given === "" ? "" : ` (${given})`}`;
  return new ChartChainError(code ?? "CHAIN_CALL_FAILED", message, { details, hint, cause });
}

/** What contracts call a time, in seconds since 1970: nobody reads that. */
const TIMES = ["until", "latest", "from", "freeAt", "deadline"];

const inWords = (name: string, value: unknown): string =>
  TIMES.includes(name) && typeof value === "number" && value > 0 && value < LAST_TIME
    ? new Date(value * 1000).toISOString().replace(".000Z", "Z")
    : JSON.stringify(value);

/** The last second that a date can say. */
const LAST_TIME = 8_640_000_000_000;

/** `NotRegistered` → `NOT_REGISTERED`; nothing for what is no error of these contracts. */
export function codeOf(name: string): RevertCode | undefined {
  const code = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toUpperCase();
  return isRevertCode(code) ? code : undefined;
}

const isRevertCode = (code: string): code is RevertCode => Object.hasOwn(REVERT_HINTS, code);

/** An amount of tokens is too large for a number. */
function plain(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
