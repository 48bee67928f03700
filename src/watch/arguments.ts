import { ChartChainError } from "../errors/index.js";

const LAST_PARTICIPANT = 2 ** 40 - 1;
/** So often a node may be asked, in milliseconds. */
const SHORTEST_INTERVAL = 100;

/** Refuses what is no participant id, for callers from plain JavaScript. Throws ARGUMENT_INVALID, as all of these do. */
export function requireParticipant(name: string, value: unknown): void {
  if (!isWhole(value, 1, LAST_PARTICIPANT)) throw invalid(name, value, "a participant's id: a whole number from 1 on");
}

/** Refuses what isn't a list of one participant or more. */
export function requireParticipants(name: string, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) throw invalid(name, value, "a list of one participant id or more");
  for (const each of value as unknown[]) requireParticipant(name, each);
}

/** Refuses what isn't a whole number from 1 on. */
export function requireCount(name: string, value: unknown): void {
  if (!isWhole(value, 1)) throw invalid(name, value, "a whole number from 1 on");
}

/** Refuses what is no length of time, 0 among them. */
export function requireSpan(name: string, value: unknown): void {
  if (!(typeof value === "number" && value >= 0)) throw invalid(name, value, "a number from 0 on");
}

/** Refuses an interval that would keep asking. */
export function requireInterval(name: string, value: unknown): void {
  if (typeof value === "number" && Number.isFinite(value) && value >= SHORTEST_INTERVAL) return;
  throw invalid(name, value, `a number of milliseconds from ${SHORTEST_INTERVAL} on`);
}

/** Refuses a name without a letter. */
export function requireConsumer(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "") throw invalid(name, value, "a name, not empty");
}

/** Refuses what isn't a place where a consumer can begin. */
export function requireBeginning(name: string, value: unknown): void {
  if (value === "now" || value === "deployment" || isWhole(value, 0)) return;
  throw invalid(name, value, '"now", "deployment" or a block\'s number');
}

/** Refuses to tell about everybody by an index of some: who is told a part wouldn't know it. */
export const partOfIt = (name: string): ChartChainError =>
  invalid(name, "everybody", "participants, or an index of the whole deployment (scope: whole)");

const isWhole = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;

const invalid = (name: string, value: unknown, expected: string): ChartChainError => {
  const given = typeof value === "string" || Array.isArray(value) ? JSON.stringify(value) : String(value);
  return new ChartChainError("ARGUMENT_INVALID", `${name} can't be ${given}`, {
    details: { name, expected },
    hint: `Give ${expected}. Nothing was read or told.`,
  });
};
