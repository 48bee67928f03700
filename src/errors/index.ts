import type { CATALOGUE } from "./catalogue/index.js";

/** The codes that exist. A new one begins in src/errors/catalogue, with why it is thrown and what to do. */
export type ErrorCode = {
  [Heading in keyof typeof CATALOGUE]: keyof (typeof CATALOGUE)[Heading];
}[keyof typeof CATALOGUE];

/** What an error may carry besides its code and message. */
export interface ErrorContext {
  /** The offending values, for programs. Never a secret and never a patient's data. */
  details?: Record<string, unknown>;
  /** What to do about it, in one sentence. */
  hint?: string;
  /** The error underneath. */
  cause?: unknown;
}

/**
 * The one error class that every public function throws.
 *
 * `code` is stable and documented in docs/reference/errors.md (why and fix of each); `message` says what was wrong and where;
 * `hint` says what to do.
 *
 * @example
 * try { await openRecord(client, { patient, digest }) }
 * catch (error) { if (error instanceof ChartChainError && error.code === "CONSENT_DENIED") showRequestButton() }
 */
export class ChartChainError extends Error {
  override readonly name = "ChartChainError";
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.details = context.details ?? {};
    this.hint = context.hint;
  }

  /** The error as plain data, for `--json` output. */
  toJSON(): { code: ErrorCode; message: string; details: Record<string, unknown>; hint?: string } {
    return {
      code: this.code,
      message: this.message,
      details: this.details,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** True when `error` is a {@link ChartChainError}, with this code if one is given. */
export function isChartChainError(error: unknown, code?: ErrorCode): error is ChartChainError {
  return error instanceof ChartChainError && (code === undefined || error.code === code);
}

/** A browser has none. */
const nodeVersion = (): string | undefined => globalThis.process?.versions?.node;

/** The oldest Node that package.json's `engines` names. */
export const OLDEST_NODE = "22.18";

/** True when the running Node is older than a version such as `24.7`; never in a browser. */
export function isNodeBefore(version: string, running = nodeVersion()): boolean {
  if (running === undefined) return false;
  const [is, needed] = [running, version].map((text) => text.split(".").map(Number));
  const at = needed!.findIndex((part, i) => part !== (is![i] ?? 0));
  return at >= 0 && (is![at] ?? 0) < needed![at]!;
}

/** The error for what the running Node lacks. It names both versions, where a module that is missing would say neither. */
export function nodeTooOld(what: string, version: string, cause?: unknown): ChartChainError {
  const running = nodeVersion() ?? "none";
  return new ChartChainError("NODE_TOO_OLD", `${what} needs Node ${version} or later; this is ${running}`, {
    details: { needed: version, running },
    hint: `Run it under Node ${version} or later. In this project's clone: export PATH="$PWD/node_modules/.bin:$PATH".`,
    cause,
  });
}

/** The number of every format of this edition that has none of its own. */
export const FORMAT_VERSION = 1;

/**
 * Refuses what a newer version of chartchain made, before anything else is said to be wrong with it.
 *
 * @param what names the format
 * @param version the number that it carries
 * @param code the error's; of files that are handed over `HANDOVER_NEWER`
 * @param supported the newest number that is known, where a format has one of its own
 * @throws FORMAT_NEWER, HANDOVER_NEWER
 */
export function refuseNewer(
  what: string,
  version: unknown,
  code: "FORMAT_NEWER" | "HANDOVER_NEWER" = "FORMAT_NEWER",
  supported = FORMAT_VERSION,
): void {
  if (!Number.isSafeInteger(version) || (version as number) <= supported) return;
  throw new ChartChainError(code, `a newer version of chartchain made this ${what}`, {
    details: { format: what, version, supported },
    hint: "Update chartchain: this version doesn't know that format.",
  });
}
