import { outcomeOf } from "../http/outcome.js";
import { problemOf } from "../http/problem.js";
import { Refusal } from "../http/outcome.js";
import type { Found, Visible } from "../store/index.js";
import type { Answer } from "./answer.js";
import { bundleText, entryText } from "./bundle.js";
import { answer, type Asked } from "./interactions.js";

/** So many reads come at a time. */
const MOST = 50;

/**
 * A batch of reads: each is answered by itself, as if it had been sent alone. Source: https://hl7.org/fhir/R4/http.html#transaction
 *
 * @throws Refusal for what is no batch
 */
export async function answerBatch(asked: Asked, body: unknown, visible: Visible): Promise<Answer> {
  const requests = requestsOf(body);
  const entries: string[] = [];
  const found: Found[] = [];
  for (const { method, url } of requests) {
    try {
      if (method !== "GET")
        throw new Refusal(405, "not-supported", `This service only reads: ${String(method)} is refused.`);
      const [path = "", query = ""] = requireUrl(url, asked.base).split(/\?(.*)/s);
      const one = await answer(asked, { path, parameters: [...new URLSearchParams(query)] }, visible);
      found.push(...one.found);
      const { etag, "last-modified": lastModified } = one.headers ?? {};
      const response = {
        status: String(one.status),
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { lastModified: new Date(lastModified).toISOString() }),
      };
      entries.push(entryText({}, one.body, { response }));
    } catch (error) {
      const { isOurs, status, code, message } = problemOf(error);
      if (isOurs || status === 503) throw error;
      entries.push(
        entryText({}, undefined, { response: { status: String(status), outcome: outcomeOf(code, message) } }),
      );
    }
  }
  return { status: 200, body: bundleText({ type: "batch-response" }, entries), interaction: "batch", asked: "", found };
}

function requestsOf(body: unknown): { method: unknown; url: unknown }[] {
  const refuse = (why: string) => new Refusal(400, "structure", why);
  let bundle: unknown = body;
  if (typeof body === "string") {
    try {
      bundle = JSON.parse(body);
    } catch {
      throw refuse("The body is no JSON.");
    }
  }
  const { resourceType, type, entry } = (bundle ?? {}) as { resourceType?: unknown; type?: unknown; entry?: unknown };
  if (resourceType !== "Bundle") throw refuse("The body has to be a Bundle.");
  if (type !== "batch")
    throw new Refusal(400, "not-supported", "Only a batch of reads is taken here, no transaction and nothing else.");
  if (!Array.isArray(entry)) throw refuse("The batch has no entries.");
  if (entry.length > MOST) throw new Refusal(413, "too-long", `A batch has at most ${MOST} entries here.`);
  return entry.map((each: unknown) => {
    const { request } = (each ?? {}) as { request?: { method?: unknown; url?: unknown } };
    return { method: request?.method, url: request?.url };
  });
}

/** Below the base. An absolute URL of ours is taken as well. */
function requireUrl(url: unknown, base: string): string {
  if (typeof url !== "string" || url.length > 8_192)
    throw new Refusal(400, "structure", "An entry's request has no url.");
  const below = url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url.replace(/^\//, "");
  if (/^[a-z][a-z0-9+.-]*:/i.test(below)) throw new Refusal(400, "not-supported", "An entry asks another server.");
  const [path = "", query] = below.split(/\?(.*)/s);
  try {
    return `${decodeURIComponent(path)}${query === undefined ? "" : `?${query}`}`;
  } catch {
    throw new Refusal(400, "structure", "An entry's url isn't percent-encoded as it should be.");
  }
}
