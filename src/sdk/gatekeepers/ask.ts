import { concatBytes } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";

/** So long a gatekeeper may take for one answer, in milliseconds, and so long may that be, in bytes. */
const PATIENCE = 30_000;
const LARGEST = 64 * 1_048_576;

/** What is asked. */
export interface Asked {
  method?: "GET" | "POST" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  /** The bearer token of a sign-in. */
  token?: string;
  accept?: string;
}

/** The gatekeeper's name: a URL without a slash at its end. Throws GATEKEEPER_URL_INVALID. */
export function gatekeeperAt(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.search + url.hash + url.username + url.password === "";
  // A token that goes over the network in the clear is everybody's.
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isThisMachine(url.hostname));
  if (isPlain && isSafe) return url.href.replace(/\/+$/, "");
  throw new ChartChainError("GATEKEEPER_URL_INVALID", "this is no address of a gatekeeper", {
    hint: "Give what stands before /deliveries, such as https://gatekeeper.example; http:// only on this machine.",
  });
}

const isThisMachine = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/**
 * Asks a gatekeeper. It follows no redirection and waits for no answer longer than half a minute.
 *
 * @throws GATEKEEPER_UNREACHABLE where it doesn't answer, or says that it can't now; GATEKEEPER_REFUSED where it says no
 */
export async function askFor(gatekeeper: string, path: string, asked: Asked = {}): Promise<Response> {
  const { method = "GET", body, token, accept = "application/json" } = asked;
  let response: Response;
  try {
    response = await fetch(gatekeeper + path, {
      method,
      headers: {
        accept,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch (cause) {
    throw unreachable(gatekeeper, "it doesn't answer", cause);
  }
  if (response.ok) return response;
  const status = response.status;
  const why = await titleOf(response);
  if (status === 429 || status >= 500) throw unreachable(gatekeeper, why);
  throw new ChartChainError("GATEKEEPER_REFUSED", `the gatekeeper ${gatekeeper} refuses: ${why}`, {
    details: { gatekeeper, path, status },
    hint: "What it says is in the message. Where it says that the sign-in is over, ask again.",
  });
}

/** The answer's JSON. Throws as {@link askFor}, and GATEKEEPER_MALFORMED. */
export async function askJson(gatekeeper: string, path: string, asked: Asked = {}): Promise<Record<string, unknown>> {
  const response = await askFor(gatekeeper, path, asked);
  const bytes = await bytesOf(gatekeeper, response);
  if (bytes.length === 0) return {};
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch (cause) {
    throw wrongAnswer(gatekeeper, "it is no JSON", cause);
  }
  throw wrongAnswer(gatekeeper, "it is no JSON object");
}

/** An answer that isn't what is expected. */
export const wrongAnswer = (gatekeeper: string, why: string, cause?: unknown): ChartChainError =>
  new ChartChainError("GATEKEEPER_MALFORMED", `the gatekeeper ${gatekeeper} answers what can't be used: ${why}`, {
    details: { gatekeeper, why },
    hint: "Check the address, and that both sides are of the same edition. Nothing was taken of this answer.",
    cause,
  });

const unreachable = (gatekeeper: string, why: string, cause?: unknown): ChartChainError =>
  new ChartChainError("GATEKEEPER_UNREACHABLE", `the gatekeeper ${gatekeeper} can't be asked now: ${why}`, {
    details: { gatekeeper, why },
    hint: "Try again later: what came so far stays, and the rest comes then.",
    cause,
  });

async function bytesOf(gatekeeper: string, response: Response): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > LARGEST) {
        await reader.cancel();
        throw wrongAnswer(gatekeeper, `it is longer than ${LARGEST} bytes`);
      }
      chunks.push(next.value);
    }
  } catch (cause) {
    if (cause instanceof ChartChainError) throw cause;
    throw unreachable(gatekeeper, "its answer ended before it was whole", cause);
  }
  return concatBytes(...chunks);
}

/** What a refusal says of itself (RFC 9457), cut to one line. */
async function titleOf(response: Response): Promise<string> {
  const text = (await response.text().catch(() => "")).slice(0, 4_096);
  try {
    const { title } = JSON.parse(text) as { title?: unknown };
    if (typeof title === "string") return `${title.replaceAll(/\s+/g, " ").slice(0, 200)} (${response.status})`;
  } catch {
    // The status says enough.
  }
  return `HTTP status ${response.status}`;
}
