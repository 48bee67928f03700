import { type Client, PURPOSES, type Purpose } from "chartchain";
import type { FastifyInstance } from "fastify";

import { explain, type HandedOver } from "../access/explain.js";
import type { Entries } from "../entries/entries.js";
import { Refusal } from "./outcome.js";
import type { Authentication } from "./who-asks.js";

/** The largest participant id: contracts have 40 bits for one. */
const LARGEST_ID = 2 ** 40 - 1;

/** Which grant allows something, or what is missing: told to the patient and to the hospital's own staff, and to nobody else. */
export function explainRoute(
  app: FastifyInstance,
  {
    client,
    steward,
    authentication,
    entries,
    clock,
    handedOver,
  }: {
    client: Client;
    steward: number;
    authentication: Authentication;
    entries: Entries;
    clock: () => number;
    /** What counts here about a viewer beside the chain. */
    handedOver: (patient: number, viewer: number) => HandedOver[];
  },
): void {
  const id = { type: "integer", minimum: 1, maximum: LARGEST_ID } as const;
  app.get(
    "/explain",
    {
      schema: {
        summary: "Why a viewer may see a patient's records here, or not",
        security: [{ bearer: [] }],
        querystring: {
          type: "object",
          required: ["patient", "viewer", "purpose"],
          additionalProperties: false,
          properties: { patient: id, viewer: id, purpose: { type: "string", enum: [...PURPOSES] } },
        },
        response: {
          200: {
            description: "For each category",
            type: "array",
            items: { type: "object", additionalProperties: true },
          },
          "4xx": { description: "A problem (RFC 9457)", type: "object", additionalProperties: true },
        },
      },
    },
    async (request, reply) => {
      const who = await authentication.of(request);
      const { patient, viewer, purpose } = request.query as { patient: number; viewer: number; purpose: Purpose };
      const isPatient = who.kind === "participant" && who.asker.participant === patient;
      if (!isPatient && who.kind !== "staff") {
        throw new Refusal(403, "forbidden", "Only the patient, and the hospital's own staff, are told why.");
      }
      const explained = await explain(client, { patient, viewer, purpose, steward }, handedOver(patient, viewer));
      await entries.write([
        {
          ...{
            time: clock(),
            patient,
            recipient: isPatient ? patient : undefined,
            person: who.person,
            request: request.id,
          },
          what: { interaction: "explain", asked: `viewer ${viewer}, ${purpose}`, resources: [] },
          ...{ purpose: isPatient ? "PATRQT" : "HOPERAT", basis: isPatient ? "patient" : "own", outcome: "shown" },
        },
      ]);
      return reply.header("cache-control", "no-store").send(explained);
    },
  );
}
