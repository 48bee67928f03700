import pc from "picocolors";

import { ChartChainError } from "../../errors/index.js";
import { toJson } from "./json.js";
import { printable } from "./printable.js";
import type { Environment } from "./program.js";

/** Makes an error of ours of whatever was thrown. */
export function asChartChainError(error: unknown): ChartChainError {
  if (error instanceof ChartChainError) return error;
  const message =
    error instanceof Error ? error.message.split("\n")[0]!.slice(0, 200) : "something that is no error was thrown";
  return new ChartChainError("UNEXPECTED", message, {
    hint: "This shouldn't happen. Run it again with CHARTCHAIN_DEBUG=1 and report what it prints.",
    cause: error,
  });
}

/** The same error, with another hint. */
export const withHint = ({ code, message, details, cause }: ChartChainError, hint: string): ChartChainError =>
  new ChartChainError(code, message, { details, hint, cause });

/**
 * An error as one block (what, where, why, hint, code), or as one JSON document.
 *
 * @param where the command and what it worked against
 * @param how.debug with stack traces, where it isn't JSON
 */
export function renderError(error: ChartChainError, where: string, how: { json: boolean; debug: boolean }): string {
  const why = whyOf(error);
  if (how.json) return toJson({ error: { ...error.toJSON(), ...(why === undefined ? {} : { why }), where } });
  const lines: [string, string | undefined][] = [
    ["where", where],
    ["why", why],
    ["hint", error.hint],
    ["code", error.code],
  ];
  const block = [
    `${pc.red("✘")} ${pc.bold(message(error.message))}`,
    ...lines.flatMap(([label, text]) => (text === undefined ? [] : [`  ${pc.dim(label.padEnd(6))}${message(text)}`])),
  ].join("\n");
  return how.debug ? `${block}\n${stacks(error)}` : block;
}

// Some messages list one thing on each line.
const message = (text: string) => text.split("\n").map(printable).join("\n         ");

/** What stood behind an error, where that says more than the error itself. */
function whyOf({ code, cause }: ChartChainError): string | undefined {
  if (cause instanceof ChartChainError) return `${cause.message} (${cause.code})`;
  if (code !== "CHAIN_CALL_FAILED" && code !== "DEPLOYMENT_FAILED") return undefined;
  const { info, shortMessage, message } = cause as {
    info?: { error?: { message?: string } };
    shortMessage?: string;
    message?: string;
  };
  return info?.error?.message ?? shortMessage ?? message?.split("\n")[0];
}

function stacks(error: unknown): string {
  const parts: string[] = [];
  for (let e = error, depth = 0; e instanceof Error && depth < 6; e = e.cause, depth++)
    parts.push(e.stack ?? e.message);
  return parts.join("\ncaused by ");
}

/** A URL as it was given, and as it is asked: without name and password, which go into a header. */
function spellings(url: string | undefined): (string | undefined)[] {
  if (url === undefined || !URL.canParse(url)) return [url];
  const asked = new URL(url);
  const { password } = asked;
  [asked.username, asked.password] = ["", ""];
  return [url, ...(asked.pathname + asked.search === "/" ? [] : [asked.href]), password, decodeURIComponent(password)];
}

/** The URL of a node may carry an access key; and nothing that goes wrong may print a private one. */
export function hideSecrets(text: string, args: readonly string[], environment: Environment): string {
  const others = environment["CHARTCHAIN_OTHER_NODES"]?.split(/\s+/) ?? [];
  const variables = [environment["CHARTCHAIN_RPC"], environment["CHARTCHAIN_IPFS"], ...others];
  const given = [...variables, ...args.filter((arg) => /^(--(rpc|ipfs|other-node)=)?https?:/.test(arg))];
  const urls = given.flatMap((url) => spellings(url?.replace(/^--(rpc|ipfs|other-node)=/, "")));
  const secrets = [environment["CHARTCHAIN_KEY"], ...urls];
  return secrets.reduce<string>((hidden, secret) => {
    if (secret === undefined || secret.length < 8) return hidden;
    return hidden.replaceAll(
      secret,
      /^https?:/.test(secret) && URL.canParse(secret) ? new URL(secret).host : "(hidden)",
    );
  }, text);
}
