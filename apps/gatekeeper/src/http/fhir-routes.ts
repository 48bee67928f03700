import { ChartChainError } from "chartchain/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Deciding } from "../access/access.js";
import type { Entries, Entry } from "../entries/entries.js";
import type { Answer } from "../fhir/answer.js";
import { answerBatch } from "../fhir/batch.js";
import { capabilityStatement } from "../fhir/capability.js";
import { answer, type FhirRequest } from "../fhir/interactions.js";
import type { Metrics } from "../operate/metrics.js";
import type { Found, Store, Visible } from "../store/index.js";
import { Refusal } from "./outcome.js";
import { problemOf } from "./problem.js";
import type { Authentication, WhoAsks } from "./who-asks.js";

/** What FHIR requests are answered with. */
export interface FhirService {
  store: Store;
  access: Deciding;
  entries: Entries;
  authentication: Authentication;
  metrics: Metrics;
  /** Whether what is about to be shown to others is still what the hospital has; what isn't was taken in when it says no. */
  isStillSo: (found: readonly Found[]) => Promise<boolean>;
  /** What clients call the gatekeeper. */
  publicUrl: string;
  version: string;
  /** Seconds since 1970. */
  clock: () => number;
}

/** What somebody may see, and on what that rests, by patient. */
interface Sight {
  visible: Visible;
  basisOf: (patient: number) => Entry["basis"];
}

const FHIR_JSON = "application/fhir+json; fhirVersion=4.0; charset=utf-8";
/** A batch is a list of reads, in bytes. */
const LARGEST_BATCH = 262_144;

/** FHIR R4, read only: everything below `/fhir`. */
export function fhirRoutes(app: FastifyInstance, service: FhirService): void {
  const { publicUrl, version } = service;
  const base = `${publicUrl}/fhir`;
  const statement = JSON.stringify(capabilityStatement({ base, version, date: new Date(service.clock() * 1000) }));

  app.addContentTypeParser(
    ["application/fhir+json", "application/x-www-form-urlencoded"],
    { parseAs: "string" },
    (_, body, done) => done(null, body),
  );
  const described = (summary: string) => ({
    schema: {
      summary,
      security: [{ bearer: [] }],
      response: { "2xx": JSON_ANSWER, "4xx": JSON_ANSWER, "5xx": JSON_ANSWER },
    },
  });

  app.get("/fhir/metadata", { schema: { summary: "What this service can do" } }, async (_, reply) =>
    reply.type(FHIR_JSON).send(statement),
  );
  app.get("/fhir/*", described("Read, search, history, $everything, $summary"), async (request, reply) => {
    const [path, query] = splitUrl(request.url);
    const { headers } = request;
    const asked: FhirRequest = {
      ...{ path, parameters: parametersOf(query) },
      ifNoneMatch: headers["if-none-match"],
      ifModifiedSince: headers["if-modified-since"],
    };
    requireJson(asked.parameters, headers.accept);
    await serve(request, reply, service, (sight) => answer({ store: service.store, base }, asked, sight.visible));
  });
  app.post("/fhir/:type/_search", described("Search, its parameters in the body"), async (request, reply) => {
    const { type } = request.params as { type: string };
    const [, query] = splitUrl(request.url);
    if (typeof request.body !== "string")
      throw new Refusal(415, "not-supported", "A search's parameters come as application/x-www-form-urlencoded.");
    const parameters = [...parametersOf(query), ...parametersOf(request.body)];
    requireJson(parameters, request.headers.accept);
    await serve(request, reply, service, (sight) =>
      answer({ store: service.store, base }, { path: type, parameters }, sight.visible),
    );
  });
  app.post("/fhir", { ...described("A batch of reads"), bodyLimit: LARGEST_BATCH }, async (request, reply) => {
    requireJson([], request.headers.accept);
    await serve(request, reply, service, (sight) =>
      answerBatch({ store: service.store, base }, request.body, sight.visible),
    );
  });
  app.route({
    method: ["POST", "PUT", "PATCH", "DELETE"],
    url: "/fhir/*",
    schema: { hide: true },
    handler: async (request) => {
      throw new Refusal(
        405,
        "not-supported",
        `This service only reads: ${request.method} is refused. The hospital's own systems write.`,
      );
    },
  });
}

const JSON_ANSWER = {
  description: "FHIR resource or OperationOutcome",
  type: "object",
  additionalProperties: true,
} as const;

/** Asks who it is, what that one may see, and answers: after the answer was entered. */
async function serve(
  request: FastifyRequest,
  reply: FastifyReply,
  service: FhirService,
  work: (sight: Sight) => Promise<Answer>,
): Promise<void> {
  const who = await service.authentication.of(request);
  const { forgotten } = service.access;
  let sight: Sight;
  let answered: Answer;
  try {
    [sight, answered] = await settled(who, service, work);
  } catch (error) {
    if (!problemOf(error).isOurs) {
      const [path] = splitUrl(request.url);
      await enter(service, [
        entry(service, request, who, { interaction: request.method, asked: path, resources: [] }, "refused"),
      ]);
    }
    throw error;
  }
  await enter(service, entriesOf(answered, sight, service, request, who));
  // Something was taken away meanwhile: nothing of that leaves. What was entered says more than was shown.
  if (who.kind !== "staff" && forgotten !== service.access.forgotten) return serve(request, reply, service, work);
  reply.headers({ "cache-control": "no-store", ...answered.headers });
  reply.status(answered.status);
  if (answered.status === 304) return void (await reply.send());
  await reply.type(FHIR_JSON).send(answered.body);
}

/** How often a request is answered anew because what was found isn't what the hospital has any more. */
const ROUNDS = 5;

/** The answer, once all of it is what the hospital has. Its own staff gets what there is. */
async function settled(
  who: WhoAsks,
  service: FhirService,
  work: (sight: Sight) => Promise<Answer>,
): Promise<[Sight, Answer]> {
  for (let round = 0; round < ROUNDS; round++) {
    const sight = await sightOf(who, service, round > 0);
    const answered = await work(sight);
    if (who.kind === "staff" || (await service.isStillSo(answered.found))) return [sight, answered];
  }
  throw new ChartChainError("UPSTREAM_BEHIND", "the hospital's FHIR server changes while it is asked", {
    hint: "Try again in a moment.",
  });
}

/** @param again the head that who asks was told isn't new any more */
async function sightOf(who: WhoAsks, { access }: FhirService, again: boolean): Promise<Sight> {
  if (who.kind === "staff") return { visible: "everything", basisOf: () => "own" };
  const { visible, bases } = await access.accessOf(who.asker, again ? undefined : who.head);
  return { visible, basisOf: (patient) => bases.get(patient) ?? "none" };
}

async function enter({ entries, metrics }: FhirService, written: readonly Entry[]): Promise<void> {
  await entries.write(written);
  for (const { basis, outcome } of written) metrics.entries.inc({ basis, outcome });
}

/** An entry for each patient whose resources are in an answer; one for nobody where there are none. */
function entriesOf(
  answered: Answer,
  sight: Sight,
  service: FhirService,
  request: FastifyRequest,
  who: WhoAsks,
): Entry[] {
  const byPatient = new Map<number, string[]>();
  for (const { patient, type, id } of answered.found)
    byPatient.set(patient, [...(byPatient.get(patient) ?? []), `${type}/${id}`]);
  const { interaction, asked } = answered;
  if (byPatient.size === 0) return [entry(service, request, who, { interaction, asked, resources: [] }, "nothing")];
  return [...byPatient].map(([patient, resources]) => ({
    ...entry(service, request, who, { interaction, asked, resources }, "shown"),
    ...{ patient, basis: sight.basisOf(patient) },
  }));
}

function entry(
  { clock }: FhirService,
  request: FastifyRequest,
  who: WhoAsks,
  what: Entry["what"],
  outcome: Entry["outcome"],
): Entry {
  const isStaff = who.kind === "staff";
  return {
    ...{
      time: clock(),
      patient: undefined,
      person: who.person,
      what,
      outcome,
      request: request.id,
      basis: isStaff ? "own" : "none",
    },
    recipient: isStaff ? undefined : who.asker.participant,
    purpose: isStaff ? "TREAT" : who.asker.purpose,
  };
}

/** Path below the base, and query, as they stand in the URL. */
function splitUrl(url: string): [path: string, query: string] {
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  try {
    return [decodeURIComponent(path.replace(/^\/fhir\/?/, "").replace(/\/$/, "")), query];
  } catch {
    throw new Refusal(400, "structure", "The path isn't percent-encoded as it should be.");
  }
}

const parametersOf = (query: string): [string, string][] => [...new URLSearchParams(query)];

const JSON_TYPES = /^(?:json|application\/json|application\/fhir\+json)$/;

/** It speaks JSON alone. Source: https://hl7.org/fhir/R4/http.html#mime-type */
function requireJson(parameters: readonly (readonly [string, string])[], accept: string | undefined): void {
  const format = parameters.find(([name]) => name === "_format")?.[1];
  const isFit =
    format !== undefined
      ? JSON_TYPES.test(format.split(";")[0]!.trim().replaceAll(" ", "+"))
      : accept === undefined ||
        accept.split(",").some((each) => {
          const type = each.split(";")[0]!.trim();
          return type === "*/*" || type === "application/*" || JSON_TYPES.test(type);
        });
  if (!isFit) throw new Refusal(406, "not-supported", "This service speaks application/fhir+json alone.");
}
