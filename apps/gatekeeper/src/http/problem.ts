import { isChartChainError, type ErrorCode } from "chartchain/errors";
import type { FastifyReply, FastifyRequest } from "fastify";

import { isOutOfReach } from "../store/index.js";
import { type IssueCode, outcomeOf, Refusal } from "./outcome.js";

/** Of our own errors, those that a client can do something about, or has to wait for. */
const STATUS: Partial<Record<ErrorCode, [status: number, code: IssueCode]>> = {
  SIGN_IN_MALFORMED: [400, "invalid"],
  SIGN_IN_REFUSED: [403, "login"],
  NOT_A_PATIENT: [404, "not-found"],
  JOURNAL_FULL: [503, "no-store"],
  JOURNAL_UNUSABLE: [503, "no-store"],
  FHIR_SERVER_ANSWER_INVALID: [503, "transient"],
  FHIR_SERVER_LEFT: [503, "transient"],
  FHIR_SERVER_REFUSED: [503, "transient"],
  FHIR_SERVER_UNREACHABLE: [503, "transient"],
  UPSTREAM_ADDRESS_REFUSED: [503, "transient"],
  UPSTREAM_BEHIND: [503, "transient"],
  CHAIN_CALL_FAILED: [503, "transient"],
  CHAIN_UNREACHABLE: [503, "transient"],
  RATE_LIMITED: [503, "transient"],
  NODE_BEHIND: [503, "transient"],
  NODES_DISAGREE: [503, "transient"],
  NODES_MISSING: [503, "transient"],
  INDEX_FULL: [503, "no-store"],
  INDEX_UNWRITABLE: [503, "no-store"],
  STORE_FULL: [503, "no-store"],
  STORE_UNREACHABLE: [503, "transient"],
  VAULT_FULL: [503, "no-store"],
  VAULT_UNWRITABLE: [503, "no-store"],
};

const LATER = "This can't be decided or entered now. Try again in a moment.";

/** What the client is told of an error, and whether it is this program's own fault. */
export function problemOf(error: unknown): { status: number; code: IssueCode; message: string; isOurs: boolean } {
  if (error instanceof Refusal)
    return { status: error.status, code: error.code, message: error.message, isOurs: false };
  if (isChartChainError(error)) {
    const known = STATUS[error.code];
    if (known !== undefined) {
      const [status, code] = known;
      // What a node or a disk says is for who runs this, and not for who asks.
      const message = status === 503 ? LATER : error.message;
      return { status, code, message, isOurs: false };
    }
  }
  if (isOutOfReach(error)) return { status: 503, code: "transient", message: LATER, isOurs: false };
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return {
      status: statusCode,
      code: statusCode === 413 ? "too-long" : "structure",
      message: "The request can't be read.",
      isOurs: false,
    };
  }
  return { status: 500, code: "exception", message: "Something went wrong here.", isOurs: true };
}

/** Answers with a problem: as FHIR below /fhir, elsewhere as RFC 9457 has it. */
export async function replyWithProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<void> {
  const { status, code, message } = problemOf(error);
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (status === 503) reply.header("retry-after", "2");
  reply.status(status);
  if (/^\/fhir(?:[/?]|$)/.test(request.url)) {
    await reply.type("application/fhir+json; charset=utf-8").send(JSON.stringify(outcomeOf(code, message)));
    return;
  }
  await reply
    .type("application/problem+json; charset=utf-8")
    .send(JSON.stringify({ type: `urn:chartchain:problem:${code}`, title: message, status, instance: request.id }));
}
