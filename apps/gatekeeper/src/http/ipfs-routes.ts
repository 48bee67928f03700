import { Readable } from "node:stream";

import { isChartChainError } from "chartchain/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { type Blocks, isMissing } from "../blocks/blocks.js";
import type { Entries, Entry } from "../entries/entries.js";
import { problem } from "./action-answers.js";
import { notFound, Refusal } from "./outcome.js";
import type { Authentication } from "./who-asks.js";

/** What blocks are answered with. */
export interface IpfsService {
  blocks: Blocks;
  authentication: Authentication;
  entries: Entries;
  clock: () => number;
}

const RAW = "application/vnd.ipld.raw";
const CAR = "application/vnd.ipld.car";

/** The network's one spelling of a CID: version 1, base32, sha2-256, raw or dag-pb. */
const SHAPE = "^b[a-z2-7]{58}$";

/**
 * Sealed records, as a trustless gateway gives them: blocks that whoever asks hashes again. Only to who may read a record that lies in them.
 *
 * Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
 */
export function ipfsRoutes(app: FastifyInstance, service: IpfsService): void {
  app.get(
    "/ipfs/:cid",
    {
      schema: {
        summary: "A sealed record's block, or the whole file of it",
        description: `A trustless gateway: ${RAW} for one block, ${CAR} for the file.`,
        security: [{ bearer: [] }],
        params: { type: "object", required: ["cid"], properties: { cid: { type: "string", pattern: SHAPE } } },
        querystring: {
          type: "object",
          properties: {
            format: { type: "string", enum: ["raw", "car"] },
            "dag-scope": { type: "string", enum: ["block", "entity", "all"] },
          },
        },
        response: {
          200: { description: "Bytes", content: { [RAW]: { schema: {} }, [CAR]: { schema: {} } } },
          "4xx": problem,
          "5xx": problem,
        },
      },
    },
    (request, reply) => answer(request, reply, service),
  );
}

async function answer(request: FastifyRequest, reply: FastifyReply, service: IpfsService): Promise<FastifyReply> {
  const { blocks, authentication, entries, clock } = service;
  const who = await authentication.of(request);
  if (who.kind !== "participant")
    throw new Refusal(403, "forbidden", "Sign in with an account: sealed records are for participants.");
  const { cid } = request.params as { cid: string };
  const query = request.query as Record<string, string | undefined>;
  if (query["entity-bytes"] !== undefined) throw new Refusal(400, "not-supported", "entity-bytes isn't supported.");
  const format = formatOf(query["format"], request.headers.accept);
  const found = await blocks.find(cid, who.asker);
  if (found === undefined) throw notFound();
  const entry: Entry = {
    ...{ time: clock(), patient: found.patient, recipient: who.asker.participant, person: who.person },
    ...{ purpose: who.asker.purpose, request: request.id, outcome: "shown" },
    what: { interaction: "ipfs", asked: cid, resources: [`ipfs/${found.pack}`] },
    basis: found.patient === who.asker.participant ? "patient" : "grant",
  };
  reply.header("cache-control", "private, no-store");
  const isWhole = format === "car" && query["dag-scope"] !== "block";
  if (isWhole && found.pack !== cid) throw new Refusal(400, "not-supported", "A CAR is of a whole file, by its root.");
  try {
    const bytes = await blocks.block(cid, found.pack);
    await entries.write([entry]);
    if (format === "raw") return await reply.type(RAW).header("etag", `"${cid}.raw"`).send(Buffer.from(bytes));
    if (!isWhole) throw new Refusal(400, "not-supported", "Ask for a single block as format=raw.");
    return await reply
      .type(`${CAR}; version=1; order=dfs; dups=n`)
      .header("etag", `W/"${cid}.car"`)
      .send(Readable.from(blocks.car(found)));
  } catch (error) {
    if (isMissing(error)) throw notFound();
    if (isChartChainError(error) && error.code.startsWith("STORE_"))
      throw new Refusal(503, "transient", "Sealed records can't be read here now. Try again in a moment.");
    throw error;
  }
}

/** The parameter goes before the header, as the specification has it. */
function formatOf(format: string | undefined, accept: string | undefined): "raw" | "car" {
  if (format === "raw" || format === "car") return format;
  for (const each of (accept ?? "").split(",")) {
    const [type, ...parameters] = each.split(";").map((part) => part.trim());
    if (type === RAW) return "raw";
    if (type === CAR && parameters.every((one) => ACCEPTED.test(one))) return "car";
  }
  throw new Refusal(406, "not-supported", `This is a trustless gateway: ask for ${RAW} or ${CAR}.`);
}

/** What a CAR may be asked to be. */
const ACCEPTED = /^(?:version=1|order=(?:dfs|unk)|dups=[ny]|q=[\d.]+)$/;
