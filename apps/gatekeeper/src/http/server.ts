import { randomUUID } from "node:crypto";

import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";

import type { Log } from "../operate/log.js";
import type { Metrics } from "../operate/metrics.js";
import { allowOrigins } from "./cross-origin.js";
import { notFound, Refusal } from "./outcome.js";
import { problemOf, replyWithProblem } from "./problem.js";

/** What a request may take before it is ended, in milliseconds: a client that drips bytes isn't waited for. */
const TO_SEND = 30_000;
/** Longer URLs name nothing that there is, in characters. */
const LONGEST_URL = 8_192;

/** What the server is made of. */
export interface ServerOptions {
  log: Log;
  metrics: Metrics;
  version: string;
  /** So many requests each client may make in a minute. */
  perMinute: number;
  /** Who isn't counted: the hospital's own staff is never refused care. */
  isStaff: (request: FastifyRequest) => boolean;
  /** The account that a request is signed in with. */
  signedInAs: (request: FastifyRequest) => string | undefined;
  /** Whose word counts about where a request came from: addresses of the hospital's own proxies. */
  behindProxies: readonly string[];
  /** Whose pages may ask from a browser. */
  origins?: readonly string[];
}

/**
 * The HTTP server, with what every route shares: problems, counters, a log without persons, and a description of all of it at
 * `/openapi.json`.
 */
export async function createServer({
  log,
  metrics,
  version,
  perMinute,
  behindProxies,
  origins = [],
  isStaff,
  signedInAs,
}: ServerOptions): Promise<FastifyInstance> {
  const app = Fastify({
    genReqId: () => randomUUID(),
    trustProxy: behindProxies.length === 0 ? false : [...behindProxies],
    requestTimeout: TO_SEND,
    connectionTimeout: 2 * TO_SEND,
    routerOptions: { maxParamLength: 128 },
    bodyLimit: 1_048_576,
    // A body that names a field twice, or a prototype, is refused.
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    exposeHeadRoutes: true,
    return503OnClosing: true,
  });
  allowOrigins(app, origins);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "ChartChain gatekeeper",
        version,
        description: "Reads of a hospital's FHIR data, as far as consent on chain goes.",
      },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
    },
  });
  // One who asks too often waits, and nobody else: by the sign-in where there is one, else by the address. A made-up token counts for nothing.
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    allowList: (request) => isStaff(request),
    keyGenerator: (request) => signedInAs(request) ?? request.ip,
    errorResponseBuilder: () => new Refusal(429, "throttled", "Too many requests. Go on in a minute."),
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    reply.header("x-content-type-options", "nosniff");
    if (request.url.length > LONGEST_URL) await replyWithProblem(request, reply.status(414), notFound());
  });
  app.addHook("onResponse", async (request, reply) => {
    const labels = {
      route: request.routeOptions.url ?? "none",
      method: request.method,
      status: String(reply.statusCode),
    };
    metrics.requests.observe(labels, reply.elapsedTime / 1000);
    // The route's pattern, never the URL: that names patients.
    log("request", { request: request.id, ...labels, milliseconds: Math.round(reply.elapsedTime) });
  });
  app.setErrorHandler(async (error, request, reply) => {
    const { status, isOurs } = problemOf(error);
    // Where it happened, or what is out of reach; what it says may name somebody.
    if (isOurs) {
      const { name, stack } = error as Error;
      log("failure", { request: request.id, name, at: stack?.split("\n").slice(1, 6).join(" ") });
    } else if (status === 503) {
      const { code } = error as { code?: unknown };
      log("unavailable", { request: request.id, code: typeof code === "string" ? code : "none" });
    }
    await replyWithProblem(request, reply, error);
  });
  app.setNotFoundHandler(async (request, reply) => replyWithProblem(request, reply, notFound()));
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  return app;
}
