import { isError, type ErrorDescription } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { CONTRACT_FACTORIES } from "./contracts.js";
import { REVERT_HINTS } from "./revert-hints.js";

/**
 * Runs a call to the node and turns what can go wrong into a {@link ChartChainError}: a contract's custom error becomes
 * its own code (`NotRegistered` → `NOT_REGISTERED`) with its arguments as details.
 */
export async function chainCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(error);
  }
}

/** See {@link chainCall}. */
export function translate(error: unknown): ChartChainError {
  if (error instanceof ChartChainError) return error;

  const data = revertData(error);
  const revert = data === undefined ? undefined : decodeRevert(data);
  if (revert !== undefined) return revertError(revert, error);

  if (isError(error, "INVALID_ARGUMENT")) {
    return new ChartChainError("ARGUMENT_INVALID", `the contract doesn't take this argument: ${error.shortMessage}`, {
      hint: "Check the values: participant ids and times are whole numbers, digests are 32 bytes in hex.",
      cause: error,
    });
  }
  const text = messages(error);
  if (isError(error, "INSUFFICIENT_FUNDS") || /insufficient funds|doesn't have enough funds/i.test(text)) {
    return new ChartChainError("NO_FUNDS", "the account can't pay for the transaction", {
      hint: "Send it some ether, or sign the action and let somebody else relay it.",
      cause: error,
    });
  }
  if (
    isError(error, "NETWORK_ERROR") ||
    isError(error, "TIMEOUT") ||
    isError(error, "SERVER_ERROR") ||
    /ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|socket hang up|fetch failed|connect timeout/i.test(
      text,
    )
  ) {
    return new ChartChainError("CHAIN_UNREACHABLE", "the node doesn't answer", {
      hint: "Check that it runs and that its URL is right. Until then nothing is decided and nothing is released.",
      cause: error,
    });
  }
  return new ChartChainError("CHAIN_CALL_FAILED", "the node refused the call", {
    hint: "The cause says what it answered.",
    cause: error,
  });
}

function revertData(error: unknown): string | undefined {
  for (let e = error as Record<string, unknown> | undefined, depth = 0; e && depth < 6; depth++) {
    if (typeof e["data"] === "string" && e["data"].length >= 10) return e["data"];
    const nested =
      (e["info"] as Record<string, unknown> | undefined)?.["error"] ?? e["error"] ?? e["cause"] ?? e["data"];
    e = typeof nested === "object" && nested !== null ? (nested as Record<string, unknown>) : undefined;
  }
  return undefined;
}

function decodeRevert(data: string): ErrorDescription | undefined {
  for (const factory of CONTRACT_FACTORIES) {
    const parsed = factory.createInterface().parseError(data);
    if (parsed !== null) return parsed;
  }
  return undefined;
}

function revertError(revert: ErrorDescription, cause: unknown): ChartChainError {
  const names = revert.fragment.inputs.map((input, i) => input.name || String(i));
  const details = Object.fromEntries(names.map((name, i) => [name, plain(revert.args[i])]));
  const given = names.map((name) => `${name} ${JSON.stringify(details[name])}`).join(", ");
  const words = revert.name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2");
  const code = words.toUpperCase();
  const hint = REVERT_HINTS[revert.name] ?? "OpenZeppelin's documentation says when a contract refuses that.";
  return new ChartChainError(code, `the contract refuses: ${revert.name}${given === "" ? "" : ` (${given})`}`, {
    details,
    hint,
    cause,
  });
}

/** An amount of tokens is too large for a number. */
function plain(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function messages(error: unknown): string {
  const parts: string[] = [];
  for (let e = error as Record<string, unknown> | undefined, depth = 0; e && depth < 6; depth++) {
    for (const key of ["message", "shortMessage", "code"]) if (typeof e[key] === "string") parts.push(e[key]);
    const nested = e["cause"] ?? e["error"] ?? (e["info"] as Record<string, unknown> | undefined)?.["error"];
    e = typeof nested === "object" && nested !== null ? (nested as Record<string, unknown>) : undefined;
  }
  return parts.join(" ");
}
