import { ChartChainError } from "../errors/index.js";

/**
 * Why a person decides something: 1 to 200 characters, without the spaces around them.
 *
 * @throws REASON_MISSING
 */
export function requireReason(reason: string): string {
  const trimmed = reason.trim();
  if (trimmed.length > 0 && trimmed.length <= 200) return trimmed;
  throw new ChartChainError("REASON_MISSING", "the reason isn't a text of 1 to 200 characters", {
    hint: "Say why in one sentence, without anything about a patient.",
  });
}
