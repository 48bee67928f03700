import { isChartChainError } from "chartchain/errors";

import type { ReceivedAction } from "../actions/book.js";
import { Refusal } from "./outcome.js";
import { problemOf } from "./problem.js";

/** A signed action is a few kilobytes, in bytes. */
export const LARGEST_ACTION = 262_144;

export const problem = { description: "A problem (RFC 9457)", type: "object", additionalProperties: true } as const;

/** How a signed action, as a handover file, is described. */
export const SIGNED_ACTION = {
  type: "object",
  required: ["kind", "action", "message", "account", "signature"],
  additionalProperties: true,
  description: "A handover file: chartchain/signed-action",
} as const;

/** What is said of an action that was received. Times in seconds since 1970. */
export const RECEIVED = {
  description: "It was received",
  type: "object",
  properties: {
    id: { type: "string", description: "Names it: the same file handed over again has the same one" },
    action: { type: "string" },
    says: { type: "string", description: "What it says, in one sentence" },
    received: { type: "integer", description: "Seconds since 1970" },
    deniedSince: { type: "integer", description: "Of a revocation: since when what it ends is denied here" },
    countsUntil: { type: "integer", description: "Of a grant: until when it counts here without the chain" },
    state: { type: "string", enum: ["waiting", "kept", "sent", "over", "failed"] },
    code: { type: "string", description: "Why it wasn't sent" },
    transaction: { type: "string" },
  },
} as const;

/** See {@link RECEIVED}. */
export const answerOf = ({ id, handed, action, says, received, until, state, code, hash }: ReceivedAction) => ({
  ...{ id, action, says, received, state },
  ...(handed === "revocation" ? { deniedSince: received } : {}),
  ...(handed === "grant" ? { countsUntil: until } : {}),
  ...(code === undefined ? {} : { code }),
  ...(hash === undefined ? {} : { transaction: hash }),
});

/** Runs what may be refused by name: what is wrong with a file is the client's to know. */
export async function byName<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isChartChainError(error) || !problemOf(error).isOurs) throw error;
    throw new Refusal(422, "business-rule", `${error.code}: ${error.message}`);
  }
}
