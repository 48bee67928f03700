import { decodeEnvelope, encodeEnvelope, resealEnvelope, type CompartmentKey } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { requireVault, type Context } from "../context.js";
import { currentRound, isStillCurrent, ownCompartment, type Round, type Scope } from "./rounds.js";

const ATTEMPTS = 3;

/**
 * Has a sealed record lie under a round whose members may all see it, right before it is anchored: when somebody lost
 * access since it was sealed, its envelope is written again under a new round. Ciphertext, manifest and digest stay.
 *
 * @param digest the record's digest, 32 bytes
 * @param round the round that it was sealed under
 * @returns the round that it lies under now
 * @throws MEMBERSHIP_UNSTABLE, OUTSIDE_TERMS
 */
export async function keepCurrent(ctx: Context, scope: Scope, digest: Uint8Array, round: Round): Promise<Round> {
  for (let attempt = 1; !(await isStillCurrent(ctx, scope, round)); attempt++) {
    if (attempt === ATTEMPTS) {
      throw new ChartChainError("MEMBERSHIP_UNSTABLE", "who may see the record changed each time it was asked", {
        details: { attempts: ATTEMPTS },
        hint: "Nothing was anchored. Try again.",
      });
    }
    round = await currentRound(ctx, scope);
    rekey(ctx, scope, digest, round.compartmentKey);
  }
  return round;
}

function rekey(ctx: Context, scope: Scope, digest: Uint8Array, to: CompartmentKey): void {
  const vault = requireVault(ctx);
  const { bytes, compartmentId, patient, steward, status } = vault.envelopes.get(digest)!;
  const envelope = resealEnvelope(decodeEnvelope(bytes), ownCompartment(vault, compartmentId, scope)!, to);
  const rekeyed = { digest, compartmentId: to.id, bytes: encodeEnvelope(envelope) };
  vault.envelopes.put({ ...rekeyed, patient, steward, status, replace: true });
}
