import { getBytes, hexlify } from "ethers";

import type { EnvelopeEntry, StoredCompartment } from "../../vault/index.js";
import { requireVault, type Context } from "../context.js";
import { PURPOSES, type Purpose } from "../vocabulary.js";

/** Somebody who may have had a record's key from this vault's owner. */
export interface KeyHolder {
  participant: number;
  /** The releases in the log; none where the key was noted as exposed without one. */
  releases: { purpose: Purpose; at: number }[];
}

/** The keys of a record alone, by which it was handed on under a constraint. */
export const singleKeysOf = (
  ctx: Context,
  { patient, digest }: Pick<EnvelopeEntry, "patient" | "digest">,
): StoredCompartment[] =>
  requireVault(ctx)
    .compartments.list({ patient })
    .filter(({ record }) => record !== undefined && hexlify(record) === hexlify(digest));

/**
 * Who may have had a record's key from this vault's owner: the recipients in the log of key releases, and whoever is
 * noted as exposed.
 *
 * @param digest the record's digest; nobody for one whose envelope isn't here
 */
export function keyHoldersOf(ctx: Context, digest: string): KeyHolder[] {
  const { envelopes, compartments, releases } = requireVault(ctx);
  const entry = envelopes.get(getBytes(digest));
  if (entry === undefined) return [];
  const single = singleKeysOf(ctx, entry);
  const ids = [entry.compartmentId, ...single.map(({ id }) => id)];
  const names = ids.map((id) => hexlify(id));
  const released = releases
    .list({ patient: entry.patient })
    .filter(({ compartmentIds }) => compartmentIds.some((each) => names.includes(hexlify(each))));
  const exposed = ids.flatMap((id) => [...compartments.exposed(id)]);
  const participants = [...exposed, ...released.map(({ recipient }) => recipient)];
  return [...new Set(participants)]
    .filter((participant) => participant !== entry.patient)
    .sort((a, b) => a - b)
    .map((participant) => ({
      participant,
      releases: released
        .filter(({ recipient }) => recipient === participant)
        .map(({ purpose, at }) => ({ purpose: PURPOSES[purpose]!, at })),
    }));
}
