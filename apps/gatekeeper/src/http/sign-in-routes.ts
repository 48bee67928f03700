import type { FastifyInstance } from "fastify";

import type { SignIn } from "../sign-in/sign-in.js";
import { tokenOf } from "./who-asks.js";

/** Longer is no sign-in, in bytes. */
const LARGEST = 65_536;

const problem = { description: "A problem (RFC 9457)", type: "object", additionalProperties: true } as const;

/** Signing in (EIP-4361), and out. */
export function signInRoutes(app: FastifyInstance, signIn: SignIn): void {
  app.post(
    "/sign-in/challenge",
    {
      bodyLimit: LARGEST,
      schema: {
        summary: "What to sign to sign in",
        description:
          "Gives the text of a sign-in (EIP-4361), good once, for ten minutes, for the client that has the secret.",
        body: {
          type: "object",
          required: ["account", "purpose"],
          additionalProperties: false,
          properties: {
            account: { type: "string", description: "The address of an account that acts for a participant" },
            purpose: { type: "string", description: "The purpose of use, such as TREAT" },
          },
        },
        response: {
          200: {
            description: "What to sign",
            type: "object",
            properties: {
              message: { type: "string" },
              secret: { type: "string" },
              expires: { type: "integer", description: "Seconds since 1970" },
            },
          },
          400: problem,
        },
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      return signIn.challenge(request.body as { account: unknown; purpose: unknown });
    },
  );
  app.post(
    "/sign-in",
    {
      bodyLimit: LARGEST,
      schema: {
        summary: "Sign in",
        description: "Takes the signed text, and gives the token to read with.",
        body: {
          type: "object",
          required: ["message", "secret", "signature"],
          additionalProperties: false,
          properties: {
            message: { type: "string" },
            secret: { type: "string" },
            signature: {
              type: "string",
              description: "Hex digits, of the account's key or of the contract that it is (ERC-1271)",
            },
          },
        },
        response: {
          200: {
            description: "The token",
            type: "object",
            properties: {
              access_token: { type: "string" },
              token_type: { type: "string" },
              expires_in: { type: "integer", description: "Seconds" },
              participant: { type: "integer" },
              purpose: { type: "string" },
            },
          },
          400: problem,
          403: problem,
          503: problem,
        },
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const given = request.body as { message: unknown; secret: unknown; signature: unknown };
      const { token, participant, purpose, lifetime } = await signIn.complete(given);
      return { access_token: token, token_type: "Bearer", expires_in: lifetime, participant, purpose };
    },
  );
  app.delete(
    "/sign-in",
    {
      schema: {
        summary: "Sign out",
        security: [{ bearer: [] }],
        response: { 204: { description: "Signed out", type: "null" } },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request);
      if (token !== undefined) signIn.end(token);
      return reply.status(204).send();
    },
  );
}
