import {
  decodeEnvelope,
  encodeEnvelope,
  kindOf,
  nameOfKind,
  resealEnvelope,
  type CompartmentKey,
  type RecordKind,
  equalBytes,
} from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { requireVault, type Context } from "../context.js";
import type { Chart } from "./admissions.js";
import { currentRound, membersNow, ownCompartment, type Round } from "./rounds.js";

/** The first may find what changed since the last record. */
const ATTEMPTS = 4;

/** A sealed record that isn't anchored yet. */
export interface PendingRecord {
  kind: RecordKind;
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
}

/** The rounds that records go into, by the names of their kinds. */
export type Rounds = Map<string, Round>;

/**
 * Has sealed records lie under rounds whose members may all see them, right before they are anchored: when somebody lost
 * access since they were sealed, their envelopes are written again under new rounds. Ciphertext, manifest and digest stay.
 * Where nothing changed, the chain is asked once for all of them.
 *
 * @param of whose records they are
 * @param rounds the round that each kind's records were sealed under; those that they lie under now are put in their place,
 *   with their members
 * @throws MEMBERSHIP_UNSTABLE, OUTSIDE_TERMS
 */
export async function keepCurrent(
  ctx: Context,
  of: Chart,
  rounds: Rounds,
  records: readonly PendingRecord[],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const members = await membersNow(ctx, of, [...rounds.values()]);
    if (members !== undefined) {
      for (const [at, [name, round]] of [...rounds].entries()) rounds.set(name, { ...round, members: members[at]! });
      return;
    }
    if (attempt === ATTEMPTS) {
      throw new ChartChainError("MEMBERSHIP_UNSTABLE", "who may see the records changed each time it was asked", {
        details: { attempts: ATTEMPTS },
        hint: "Nothing was anchored. Try again.",
      });
    }
    for (const [name, { compartmentKey, opened }] of rounds) {
      const round = await currentRound(ctx, { ...of, ...kindOf(compartmentKey) });
      rounds.set(name, { ...round, opened: opened || round.opened });
    }
    moveToRounds(ctx, of, rounds, records);
  }
}

/** Writes the envelopes of records again that lie under another round than their kind's. */
export function moveToRounds(ctx: Context, of: Chart, rounds: Rounds, records: readonly PendingRecord[]): void {
  for (const { kind, digest } of records) rekey(ctx, of, digest, rounds.get(nameOfKind(kind))!.compartmentKey);
}

function rekey(ctx: Context, of: Chart, digest: Uint8Array, to: CompartmentKey): void {
  const vault = requireVault(ctx);
  const { bytes, compartmentId, patient, steward, status } = vault.envelopes.get(digest)!;
  if (equalBytes(compartmentId, to.id)) return;
  const envelope = resealEnvelope(decodeEnvelope(bytes), ownCompartment(vault, compartmentId, of)!, to);
  const rekeyed = { digest, compartmentId: to.id, bytes: encodeEnvelope(envelope) };
  vault.envelopes.put({ ...rekeyed, patient, steward, status, replace: true });
}
