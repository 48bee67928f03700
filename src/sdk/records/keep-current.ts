import { decodeEnvelope, encodeEnvelope, resealEnvelope, type CompartmentKey } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { requireVault, type Context } from "../context.js";
import type { Category } from "../vocabulary.js";
import { areStillCurrent, currentRound, ownCompartment, type Round, type Scope } from "./rounds.js";

const ATTEMPTS = 3;

/** A sealed record that isn't anchored yet. */
export interface PendingRecord {
  category: Category;
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
}

/**
 * Has sealed records lie under rounds whose members may all see them, right before they are anchored: when somebody lost
 * access since they were sealed, their envelopes are written again under new rounds. Ciphertext, manifest and digest stay.
 * Where nothing changed, the chain is asked once for all of them.
 *
 * @param of whose records they are
 * @param rounds the round that each category's records were sealed under; those that they lie under now are put in their place
 * @throws MEMBERSHIP_UNSTABLE, OUTSIDE_TERMS
 */
export async function keepCurrent(
  ctx: Context,
  of: Omit<Scope, "category">,
  rounds: Map<Category, Round>,
  records: readonly PendingRecord[],
): Promise<void> {
  const asked = () => [...rounds].map(([category, { compartmentKey }]) => ({ category, compartmentKey }));
  for (let attempt = 1; !(await areStillCurrent(ctx, of, asked())); attempt++) {
    if (attempt === ATTEMPTS) {
      throw new ChartChainError("MEMBERSHIP_UNSTABLE", "who may see the records changed each time it was asked", {
        details: { attempts: ATTEMPTS },
        hint: "Nothing was anchored. Try again.",
      });
    }
    for (const [category, { opened }] of rounds) {
      const round = await currentRound(ctx, { ...of, category });
      rounds.set(category, { ...round, opened: opened || round.opened });
    }
    for (const { category, digest } of records) rekey(ctx, of, digest, rounds.get(category)!.compartmentKey);
  }
}

function rekey(ctx: Context, of: Omit<Scope, "category">, digest: Uint8Array, to: CompartmentKey): void {
  const vault = requireVault(ctx);
  const { bytes, compartmentId, patient, steward, status } = vault.envelopes.get(digest)!;
  if (Buffer.compare(compartmentId, to.id) === 0) return;
  const envelope = resealEnvelope(decodeEnvelope(bytes), ownCompartment(vault, compartmentId, of)!, to);
  const rekeyed = { digest, compartmentId: to.id, bytes: encodeEnvelope(envelope) };
  vault.envelopes.put({ ...rekeyed, patient, steward, status, replace: true });
}
