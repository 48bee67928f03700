import type { FastifyInstance } from "fastify";

import type { Metrics } from "../operate/metrics.js";

/** What has to answer before requests are taken: each says why not, or nothing. */
export type Readiness = Readonly<Record<string, () => Promise<string | undefined>>>;

/** For whoever runs the service: whether it lives, whether it can serve, what it counted. */
export function operationRoutes(
  app: FastifyInstance,
  { metrics, readiness }: { metrics: Metrics; readiness: Readiness },
): void {
  const checked = { type: "object", additionalProperties: { type: "string" } } as const;
  app.get(
    "/health",
    { schema: { summary: "Whether the process answers", response: { 200: { description: "It does", ...checked } } } },
    async () => ({ status: "ok" }),
  );
  app.get(
    "/ready",
    {
      schema: {
        summary: "Whether requests of others can be served",
        response: {
          200: { description: "They can", ...checked },
          503: { description: "They can't: each part says why", ...checked },
        },
      },
    },
    async (_, reply) => {
      const names = Object.keys(readiness);
      const answers = await Promise.all(
        names.map(async (name) => {
          const why = await readiness[name]!().catch(() => "it doesn't answer");
          return [name, why ?? "ok"] as const;
        }),
      );
      return reply.status(answers.every(([, answer]) => answer === "ok") ? 200 : 503).send(Object.fromEntries(answers));
    },
  );
  app.get(
    "/metrics",
    { schema: { summary: "Counters, for Prometheus", response: { 200: { description: "Text", type: "string" } } } },
    async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
