import type { FastifyInstance } from "fastify";

/** What a page may send, and what it may read of an answer beside its body. */
const METHODS = "GET, HEAD, POST, DELETE";
const SENT =
  "authorization, content-type, if-none-match, if-modified-since, chartchain-acting-person, chartchain-invitation";
const READ = "etag, last-modified, retry-after, x-request-id";

/** How long a browser remembers that it may ask, in seconds. */
const REMEMBERED = 600;

/**
 * Lets pages of these origins ask from a browser, and no other ones. No cookie is ever asked for: a page sends the token that it got.
 *
 * Source: https://fetch.spec.whatwg.org/#http-cors-protocol
 *
 * @param origins such as `https://portal.example`
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook("onRequest", async (request, reply) => {
    reply.header("vary", "origin");
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    reply.headers({ "access-control-allow-origin": origin, "access-control-expose-headers": READ });
    const isPreflight = request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
    if (!isPreflight) return;
    reply.headers({
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": SENT,
      "access-control-max-age": String(REMEMBERED),
    });
    await reply.status(204).send();
  });
}
