import { getBytes, hexlify } from "ethers";

import { requireVault, type Context } from "../context.js";
import { PURPOSES, type Purpose } from "../vocabulary.js";

/** Somebody who may have had a record's key from this vault's owner. */
export interface KeyHolder {
  participant: number;
  /** The releases in the log; none where the key was noted as exposed without one. */
  releases: { purpose: Purpose; at: number }[];
}

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
  const id = hexlify(entry.compartmentId);
  const released = releases
    .list({ patient: entry.patient })
    .filter(({ compartmentIds }) => compartmentIds.some((each) => hexlify(each) === id));
  const participants = [...compartments.exposed(entry.compartmentId), ...released.map(({ recipient }) => recipient)];
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
