import type { FastifyInstance } from "fastify";

import type { Revocations } from "../actions/revocations.js";
import { answerOf, byName, LARGEST_ACTION, problem, RECEIVED, SIGNED_ACTION } from "./action-answers.js";

/** Where a signed revocation is handed over. Nobody has to sign in for it, and nobody is told to wait: the signature says whose it is. */
export function revocationsRoute(app: FastifyInstance, revocations: Revocations): void {
  app.post(
    "/revocations",
    {
      bodyLimit: LARGEST_ACTION,
      config: { rateLimit: false },
      schema: {
        summary: "Take access away, at once",
        description:
          "Takes a signed revocation of a grant, a viewer, or everything, or a delegate's dismissal. It counts here from now on, before the chain has it, and is kept.",
        body: SIGNED_ACTION,
        response: { 200: RECEIVED, "4xx": problem, "5xx": problem },
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      return answerOf(await byName(() => revocations.receive(request.body)));
    },
  );
}
