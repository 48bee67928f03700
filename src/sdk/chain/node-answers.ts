/**
 * Why a node didn't do what it was asked:
 *
 * - `range`: it gives events of fewer blocks at a time
 * - `size`: the answer would be too large, or would take too long to find
 * - `rate`: it was asked too often
 * - `finality`: it knows no final block
 * - `passing`: it can't answer now, and may in a moment
 * - `lost`: the connection broke, and the question or the answer with it
 * - `unreachable`: no node answers there
 * - `final`: it will answer the same again
 */
export type Refusal = "range" | "size" | "rate" | "finality" | "passing" | "lost" | "unreachable" | "final";

/** What is to be known of an error that a call to a node ended with. */
export interface NodeAnswer {
  refusal: Refusal;
  /** How long the node asks to be left alone, in milliseconds, where it says so. */
  retryAfter: number | undefined;
}

/**
 * Reads why a node refused. JSON-RPC has no code for most of the reasons and no two nodes say them alike, so the words
 * decide; {@link https://eips.ethereum.org/EIPS/eip-1474 EIP-1474}'s -32005 alone stands for three of them. The words are
 * those of geth, Nethermind, Erigon, Besu, Reth, Hardhat and Anvil, and of the services in front of them.
 *
 * @param error whatever ethers threw, or a wallet's own provider
 * @param of what was asked for, where the error doesn't say it
 *
 * @example
 * readAnswer({ error: { code: -32005, message: "rate limited" } }).refusal; // "rate"
 */
export function readAnswer(error: unknown, of?: "events"): NodeAnswer {
  const said = gather(error);
  const refusal = refusalIn(said, of === "events" || said.method === "eth_getLogs");
  return { refusal, retryAfter: said.retryAfter ?? waitIn(said.text) };
}

/** What an error and those underneath it say. */
interface Said {
  /** Every message, without what was asked. */
  text: string;
  /** JSON-RPC codes, HTTP statuses. */
  numbers: Set<number>;
  /** Codes of ethers and of the system, such as `TIMEOUT` and `ECONNRESET`. */
  names: Set<string>;
  /** Strings where a contract's answer may be. */
  data: string[];
  method: string | undefined;
  /** The call's first argument. */
  asked: unknown;
  retryAfter: number | undefined;
}

/** So many errors inside errors are looked at; a page that stands for an answer is cut off. */
const MOST = 50;
const LONGEST_TEXT = 2_000;

/** Looks through an error, the errors that it holds, and the node's own answer as JSON or as a page. */
export function gather(error: unknown): Said {
  const texts: string[] = [];
  const said: Said = {
    ...{ text: "", numbers: new Set(), names: new Set(), data: [] },
    ...{ method: undefined, asked: undefined, retryAfter: undefined },
  };
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  while (queue.length > 0 && seen.size < MOST) {
    const next = queue.shift();
    if (typeof next === "string") {
      const parsed = jsonIn(next);
      if (parsed === undefined) texts.push(next.slice(0, LONGEST_TEXT));
      else queue.push(parsed);
    }
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    const fields = next as Record<string, unknown>;
    // The long message of ethers repeats what was asked.
    for (const text of [fields["shortMessage"] ?? fields["message"], fields["reason"], fields["details"]])
      if (typeof text === "string") texts.push(text);
    const { code, data } = fields;
    if (typeof code === "number") said.numbers.add(code);
    if (typeof code === "string") said.names.add(code);
    if (typeof data === "string") said.data.push(data);
    readPayload(said, fields["payload"]);
    readResponse(said, fields["response"]);
    said.retryAfter ??= hintIn(fields);
    queue.push(...["error", "info", "cause", "originalError", "responseBody"].map((name) => fields[name]));
    if (Array.isArray(fields["errors"])) queue.push(...(fields["errors"] as unknown[]));
    if (typeof data === "object") queue.push(data);
  }
  said.text = texts.join("\n");
  return said;
}

function readPayload(said: Said, payload: unknown): void {
  const { method, params } = (payload ?? {}) as { method?: unknown; params?: unknown };
  if (typeof method !== "string") return;
  said.method = method;
  said.asked = Array.isArray(params) ? params[0] : undefined;
}

function readResponse(said: Said, response: unknown): void {
  const { statusCode, headers } = (response ?? {}) as { statusCode?: unknown; headers?: Record<string, string> };
  if (typeof statusCode !== "number") return;
  said.numbers.add(statusCode);
  said.retryAfter ??= headerWait(headers?.["retry-after"]);
}

/** `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date. */
function headerWait(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The fields in which services say in the body how long to wait; nought says nothing. */
function hintIn(fields: Record<string, unknown>): number | undefined {
  const rate = (fields["rate"] ?? {}) as Record<string, unknown>;
  const seconds = rate["backoff_seconds"] ?? fields["backoff_seconds"] ?? fields["retry_after"] ?? fields["retryAfter"];
  if (typeof seconds === "number" && seconds > 0) return seconds * 1_000;
  const within = fields["try_again_in"];
  return typeof within === "string" ? duration(within) : undefined;
}

const waitIn = (text: string): number | undefined =>
  duration(/\b(?:retry|try again) (?:in|after) (.*)/i.exec(text)?.[1]);

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** A duration as `1.5s`, `250ms`, `10m0s` or `3 seconds`. */
function duration(text: string | undefined): number | undefined {
  const parts = /^((?:\d+(?:\.\d+)? ?(?:ms|h|m|s))+)/i.exec(text ?? "")?.[1];
  if (parts === undefined) return undefined;
  return [...parts.matchAll(/(\d+(?:\.\d+)?) ?(ms|h|m|s)/gi)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNITS[unit!.toLowerCase()]!,
    0,
  );
}

function jsonIn(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

// A contract's own words may be any of those below.
const REVERTED = /execution reverted|reverted with|VM exception|VM execution error/i;
const CONTRACT_ANSWER = /^(Reverted )?0x[0-9a-f]{8,}$/i;
const RATE =
  /rate.?limit|too many requests|request (rate|limit|count)|number of requests|requests? per|per second|compute units|throughput|capacity (limit )?(reached|exceeded)|(daily|monthly|usage|credit) (limit|quota)|quota|credits|\brps\b|throttl/i;
const NO_FINAL_BLOCK = /\b(finalized|safe)\b.{0,12}\b(not found|not available|unknown|unsupported|not supported)/i;
// The node is behind the one that was asked before it, or busy, or has only just started.
const PASSING =
  /indexing is in progress|temporar|(try|retry)( again)? later|please (try|retry)|unavailable|overload|\bbusy\b|header not found|unknown block|block not found|block.{0,40}(cannot|could not) be found|BlockOutOfRange|beyond (the )?(current )?head|after last accepted block|no (available )?nodes?( available)?$|upstream|bad gateway|gateway time|syncing|starting up|pool is full|internal (server |json-rpc )?error/im;
const RANGE =
  /(block|query|requested|logs?) range|range\b.{0,30}\b(exceeds?|too|over|limit|large|wide|max)|limited to.{0,20}\brange|ranges? over|block.?(span|distance|count)|blocks distance|(max(imum)?|limited to|up to|most|than|many)\b.{0,40}\bblocks?\b|maxBlockRange/i;
const SIZE =
  /too many (logs|results|events|log entries)|more than [\d,]+ (results|logs|events)|max(imum)? (results|logs)|(response|result|content|entity|body)s?\b.{0,20}\b(size|limit|larger|exceed|too)/i;
const LARGE = /too (large|big|long)\b|exceeds? max|max limit of/i;
const LATE = /time.?d? ?out|deadline exceeded|took too long/i;
const BROKEN = /ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|socket hang up|other side closed|premature close/i;
const UNREACHABLE =
  /ECONNREFUSED|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|NETWORK_ERROR|\bTIMEOUT\b|fetch failed|connect timeout/;
// A page, or JSON that answers nothing, from what stands before the node.
const NO_JSON_RPC = /response body is not valid JSON|missing response for request/i;

/** JSON-RPC: there is no such method. */
const NO_METHOD = -32601;
/** EIP-1474: limit exceeded, whichever it is. */
const LIMIT = -32005;
/** HTTP statuses. */
const TOO_LARGE = 413;
const TOO_MANY_REQUESTS = 429;
/** 408, 504 and Cloudflare's 524: somebody didn't want to wait for the node. */
const TOO_LATE = [408, 504, 524];

function refusalIn({ text, numbers, names, data, method, asked }: Said, isOfEvents: boolean): Refusal {
  // Some wrap what a contract answers into an internal error.
  if (REVERTED.test(text) || data.some((answer) => CONTRACT_ANSWER.test(answer))) return "final";
  if (numbers.has(TOO_MANY_REQUESTS) || RATE.test(text)) return "rate";
  const system = `${[...names].join(" ")} ${text}`;
  if (BROKEN.test(system)) return "lost";
  if (UNREACHABLE.test(system)) return "unreachable";
  if (numbers.has(NO_METHOD)) return "final";
  const isLate = LATE.test(text) || TOO_LATE.some((status) => numbers.has(status));
  if (isLate) return isOfEvents ? "size" : "passing";
  // Some answer every JSON-RPC error with status 500: then the error counts.
  const isFromNode = [...numbers].some((number) => number < 0);
  const isFromServer = !isFromNode && [...numbers].some((number) => number >= 500 && number < 600);
  if (NO_JSON_RPC.test(text) || isFromServer) return "passing";
  if (NO_FINAL_BLOCK.test(text)) return "finality";
  const isOfTag = method === "eth_getBlockByNumber" && (asked === "finalized" || asked === "safe");
  if (isOfTag && isFromNode && (/unknown block/i.test(text) || !PASSING.test(text))) return "finality";
  if (/invalid block range/i.test(text)) return "final";
  // Before the ranges: that a range ends after the newest block is no limit.
  if (PASSING.test(text)) return "passing";
  if (SIZE.test(text)) return "size";
  if (RANGE.test(text)) return "range";
  if (numbers.has(TOO_LARGE) || LARGE.test(text)) return "size";
  if (numbers.has(LIMIT)) return isOfEvents ? "range" : "rate";
  if (isOfEvents && /limit|exceed/i.test(text)) return "range";
  return names.has("SERVER_ERROR") && !isFromNode ? "unreachable" : "final";
}
