import { ChartChainError } from "../errors/index.js";

/**
 * Refuses a field that a verb doesn't know, for callers from plain JavaScript: a misspelt one would be dropped, and something
 * else done than was asked for.
 *
 * @param verb named in the error
 * @param known every field that it takes
 * @throws ARGUMENT_INVALID
 */
export function requireKnownFields(verb: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new ChartChainError("ARGUMENT_INVALID", `${verb} takes no ${unknown.join(", ")}`, {
    details: { verb, unknown, known },
    hint: `Nothing was sent. Give it ${known.join(", ")} alone, as they are spelt here.`,
  });
}
