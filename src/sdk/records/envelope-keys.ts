import { openEnvelope, type Envelope, type EnvelopeContent, type Manifest } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { requireVault, type Context } from "../context.js";

/**
 * Opens an envelope with a key that this vault holds for a steward's records of a patient.
 *
 * A compartment's id is whatever its envelope says, and others can copy it: the keys of this scope are tried first, those
 * that the steward gave itself before those that the patient gave.
 *
 * @param scope whose records, and who keeps them
 * @returns undefined when there is no key for it. The manifest is about another patient or steward where a key of theirs
 *   opens the envelope: compare it.
 * @throws ENVELOPE_REFUSED, COMPARTMENT_MISMATCH, MANIFEST_MISMATCH, KEY_COMMITMENT_MISMATCH when no key of the scope
 *   opens it
 */
export function openWithHeldKey(
  ctx: Context,
  envelope: Envelope,
  scope: { patient: number; steward: number },
): EnvelopeContent | undefined {
  const { compartments } = requireVault(ctx);
  let problem: Error | undefined;
  for (const key of compartments.find(envelope.compartmentId, scope)) {
    try {
      return openEnvelope(envelope, key);
    } catch (error) {
      problem ??= error as Error;
    }
  }
  if (problem !== undefined) throw problem;
  const other = compartments.get(envelope.compartmentId);
  try {
    return other && openEnvelope(envelope, other);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a record that somebody else wrote in the steward's name. Whoever holds a compartment's key can seal under it,
 * and anchor as itself; the steward writes its own records, and a patient its own.
 *
 * @throws RECORD_NOT_BY_STEWARD
 */
export function requireBySteward({ author, steward, patient }: Manifest): void {
  if (author === steward) return;
  throw new ChartChainError(
    "RECORD_NOT_BY_STEWARD",
    `participant ${author} wrote a record into the compartment of steward ${steward}`,
    {
      details: { author, steward, patient },
      hint: "Don't rely on it. Tell the steward: somebody who holds its key writes in its name.",
    },
  );
}
