import { ChartChainError } from "../errors/index.js";

/**
 * A participant's label among those who share a store, as UTF-8.
 *
 * @throws INVALID_PARTICIPANT for an empty label or one over 64 bytes
 */
export function bytesOfLabel(participant: string): Uint8Array {
  const bytes = new TextEncoder().encode(participant);
  if (bytes.length > 0 && bytes.length <= 64) return bytes;
  throw new ChartChainError("INVALID_PARTICIPANT", "a participant's label has 1 to 64 bytes", {
    details: { bytes: bytes.length },
    hint: "Use the participant's id or a short name.",
  });
}
