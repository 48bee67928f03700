import type { Client } from "chartchain";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { whoMaySee } from "chartchain/watch";

import { handTo, type Handing } from "../deliveries/handing.js";
import type { Delivery, Outbox } from "../deliveries/outbox.js";
import type { Entries, Entry } from "../entries/entries.js";
import { byName, problem } from "./action-answers.js";
import { Refusal } from "./outcome.js";
import type { Authentication } from "./who-asks.js";

/** What deliveries are answered with. */
export interface DeliveriesService extends Handing {
  client: Client;
  outbox: Outbox;
  /** Makes ready what there is by now. */
  catchUp: () => Promise<void>;
  authentication: Authentication;
  entries: Entries;
  clock: () => number;
  /** Told when something was taken that changes what may be seen. */
  onTaken: () => void;
}

/** So long an answer waits for what is being made ready, in milliseconds: the rest is ready at the next question. */
const PATIENCE = 5_000;
/** Longer is nothing that somebody hands over here, in bytes: a delivery of thousands of envelopes. */
const LARGEST = 16 * 1_048_576;

const file = { type: "object", additionalProperties: true } as const;

/** Keys, envelopes and lists: out to whom they are for, and in from whoever hands something over. */
export function deliveriesRoutes(app: FastifyInstance, service: DeliveriesService): void {
  const { authentication } = service;
  const participantOf = async (request: FastifyRequest) => {
    const who = await authentication.of(request);
    if (who.kind === "participant") return who;
    throw new Refusal(403, "forbidden", "Deliveries are for participants: sign in with an account.");
  };
  app.get(
    "/deliveries",
    {
      schema: {
        summary: "What is new for whoever is signed in",
        description:
          "Keys, envelopes and lists as handover files (chartchain/delivery), each of which a client verifies and takes. `next` is given as `after` the next time.",
        security: [{ bearer: [] }],
        querystring: {
          type: "object",
          additionalProperties: false,
          properties: { after: { type: "string", maxLength: 200, description: "The `next` of an earlier answer" } },
        },
        response: {
          200: {
            description: "The oldest that weren't fetched",
            type: "object",
            properties: {
              files: { type: "array", items: file },
              next: { type: "string" },
              more: { type: "boolean", description: "Whether there is more after these" },
              waiting: { type: "integer", description: "How much may come that isn't ready yet" },
            },
          },
          "4xx": problem,
          "5xx": problem,
        },
      },
    },
    async (request, reply) => {
      const who = await participantOf(request);
      const { after = "" } = request.query as { after?: string };
      await caughtUp(service.catchUp);
      const { participant } = who.asker;
      const { deliveries, next, more, waiting } = await handTo(participant, after, service);
      await service.entries.write(await entriesOf(deliveries, service, request, who.person));
      return reply
        .header("cache-control", "no-store")
        .send({ files: deliveries.map(({ file }) => file), next, more, waiting });
    },
  );
  app.post(
    "/deliveries",
    {
      bodyLimit: LARGEST,
      schema: {
        summary: "Hand something over",
        description:
          "Takes a handover file: a key document of whoever is signed in, what narrows a grant (chartchain/constraint), a wish for emergencies, or keys and envelopes (chartchain/delivery).",
        security: [{ bearer: [] }],
        body: file,
        response: {
          200: { description: "It was taken", type: "object", properties: { taken: { type: "string" } } },
          "4xx": problem,
          "5xx": problem,
        },
      },
    },
    async (request, reply) => {
      const { participant } = (await participantOf(request)).asker;
      const taken = await take(request.body, participant, service);
      return reply.header("cache-control", "no-store").send({ taken });
    },
  );
}

/** Waits for what is being made ready, but not for ever, and not where the chain is out of reach: then the decision says so. */
async function caughtUp(catchUp: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE)));
  await Promise.race([catchUp().catch(() => undefined), late]);
  clearTimeout(timer);
}

async function take(given: unknown, participant: number, service: DeliveriesService): Promise<string> {
  const { client, outbox, onTaken } = service;
  const { kind } = given as { kind?: unknown };
  await byName(async () => {
    switch (kind) {
      case "chartchain/key-document": {
        if ((given as { participant?: unknown }).participant !== participant)
          throw new Refusal(403, "forbidden", "A key document is handed over by whose it is.");
        await client.takeKeyDocument({ file: given });
        outbox.wake(participant);
        break;
      }
      case "chartchain/constraint": {
        const { patient, viewer, purpose } = await client.takeConstraint({ file: given });
        outbox.note({ patient, viewer, purpose: purpose, block: 0 });
        break;
      }
      case "chartchain/emergency-wish":
        await client.takeEmergencyWish({ file: given });
        break;
      case "chartchain/delivery":
        await client.takeDelivery({ file: given });
        break;
      default:
        throw new Refusal(422, "not-supported", "This kind of file isn't taken here.");
    }
  });
  onTaken();
  return String(kind);
}

/** An entry for each delivery: the journal has it by its id, with all that is in it. */
async function entriesOf(
  deliveries: readonly Delivery[],
  { client, clock }: DeliveriesService,
  request: FastifyRequest,
  person: string | undefined,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { id, patient, viewer, purpose } of deliveries) {
    const seers = viewer === patient ? [] : (await whoMaySee(client, { patient })).seers;
    const seer = seers.find((each) => each.viewer === viewer && [undefined, purpose].includes(each.purpose));
    entries.push({
      ...{ time: clock(), patient, recipient: viewer, person, purpose, request: request.id, outcome: "shown" },
      what: { interaction: "deliveries", asked: "", resources: [`delivery/${id}`] },
      basis: viewer === patient ? "patient" : (seer?.basis ?? "none"),
    });
  }
  return entries;
}
