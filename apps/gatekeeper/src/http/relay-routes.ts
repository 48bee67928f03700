import type { FastifyInstance } from "fastify";

import type { Desk } from "../actions/desk.js";
import type { Sponsor } from "../actions/sponsor.js";
import type { ActionBook } from "../actions/book.js";
import { answerOf, byName, LARGEST_ACTION, problem, RECEIVED, SIGNED_ACTION } from "./action-answers.js";
import { notFound, Refusal } from "./outcome.js";
import type { Authentication } from "./who-asks.js";

/** Who isn't a patient here yet says by which invitation it comes. */
const INVITATION_HEADER = "chartchain-invitation";

/** Signed actions that this institution sends, and pays for, and what came of them. Who signed one needn't sign in: the signature says who. */
export function relayRoutes(
  app: FastifyInstance,
  { sponsor, book, authentication }: { sponsor: Sponsor; book: ActionBook; authentication: Authentication },
): void {
  app.post(
    "/relay",
    {
      bodyLimit: LARGEST_ACTION,
      schema: {
        summary: "Have a signed action sent",
        description:
          "For this institution's patients, and whom it invited. It is checked first as the contract would check it.",
        body: SIGNED_ACTION,
        headers: { type: "object", properties: { [INVITATION_HEADER]: { type: "string", maxLength: 64 } } },
        response: { 200: RECEIVED, "4xx": problem, "5xx": problem },
      },
    },
    async (request, reply) => {
      const invitation = request.headers[INVITATION_HEADER] as string | undefined;
      reply.header("cache-control", "no-store");
      return answerOf(await byName(() => sponsor.receive(request.body, invitation)));
    },
  );
  app.get(
    "/relay/:id",
    {
      schema: {
        summary: "What came of a signed action",
        params: { type: "object", properties: { id: { type: "string", pattern: "^[0-9a-f]{64}$" } } },
        response: { 200: RECEIVED, "4xx": problem, "5xx": problem },
      },
    },
    async (request, reply) => {
      // Its name is a digest of what was signed: who knows it has the file.
      const action = book.find((request.params as { id: string }).id);
      if (action === undefined) throw notFound();
      reply.header("cache-control", "no-store");
      return answerOf(action);
    },
  );
  app.post(
    "/relay/invitations",
    {
      schema: {
        summary: "Invite somebody who isn't a patient here yet",
        description: "By the hospital's own staff: good for one action, for a week.",
        security: [{ bearer: [] }],
        response: {
          200: {
            description: "The invitation",
            type: "object",
            properties: { invitation: { type: "string" }, expires: { type: "integer" } },
          },
          "4xx": problem,
        },
      },
    },
    async (request, reply) => {
      if ((await authentication.of(request)).kind !== "staff")
        throw new Refusal(403, "forbidden", "The hospital's own staff invites.");
      reply.header("cache-control", "no-store");
      return sponsor.invite();
    },
  );
}

/** Where a patient's signed grant is handed over at the desk. */
export function deskRoute(app: FastifyInstance, desk: Desk): void {
  app.post(
    "/grants",
    {
      bodyLimit: LARGEST_ACTION,
      schema: {
        summary: "Hand over a grant at the desk",
        description:
          "A signed grant counts here at once, for this institution's own records, as long as the chain's head contradicts nothing. It is sent, and has to be final by `countsUntil`.",
        body: SIGNED_ACTION,
        response: { 200: RECEIVED, "4xx": problem, "5xx": problem },
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      return answerOf(await byName(() => desk.receive(request.body)));
    },
  );
}
