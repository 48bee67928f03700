import { hexlify } from "ethers";

import { requireVault, type Context } from "../context.js";
import { settingsFrom, type PatientSettings } from "../people/settings.js";
import {
  categoryIndex,
  namesOfKind,
  PURPOSES,
  purposeIndex,
  STATUSES,
  type Category,
  type Purpose,
  type RelationshipStatus,
} from "../vocabulary.js";

/** A relationship as the patient's index shows it. Times in seconds; 0 stands for none. */
export interface RelationshipEntry {
  provider: number;
  status: RelationshipStatus;
  licensed: boolean;
  nonce: number;
  since: number;
  until: number;
}

/** Everything that the chain's state says about a patient. */
export interface Overview {
  patient: number;
  keyVersion: number;
  accessEpoch: number;
  /** How often the patient cancelled outstanding signatures. */
  signatureEpoch: number;
  settings: PatientSettings;
  recordCount: number;
  recordChain: string;
  relationships: RelationshipEntry[];
}

const PAGE = 50;

/**
 * A patient's index: every relationship with its status, and the head of the record history. Read from state alone.
 *
 * @throws NOT_A_PATIENT
 *
 * @example
 * const { relationships } = await client.overviewOf({ patient: 7 });
 */
export async function overviewOf(ctx: Context, { patient }: { patient: number }): Promise<Overview> {
  const { Summary } = ctx.contracts;
  const first = await Summary.overviewOf(patient, 0, PAGE);
  const entries = [...first.relationships];
  while (entries.length < Number(first.relationshipCount)) {
    const { relationships } = await Summary.overviewOf(patient, entries.length, PAGE);
    // The list may have become shorter meanwhile, in a reorganisation.
    if (relationships.length === 0) break;
    entries.push(...relationships);
  }
  return {
    patient,
    keyVersion: Number(first.keyVersion),
    accessEpoch: Number(first.accessEpoch),
    signatureEpoch: Number(first.signatureEpoch),
    settings: settingsFrom(first.settings),
    recordCount: Number(first.recordCount),
    recordChain: first.recordChain,
    relationships: entries.map(({ provider, relationship, licensed }) => ({
      provider: Number(provider),
      status: STATUSES[Number(relationship.status)]!,
      licensed,
      nonce: Number(relationship.nonce),
      since: Number(relationship.since) * 60,
      until: Number(relationship.until) * 60,
    })),
  };
}

/** Asks the contract, at the head, whether a viewer may see a category. Says nothing about finality: see {@link decide}. */
export const canView = (
  ctx: Context,
  q: { patient: number; steward: number; viewer: number; category: Category; purpose: Purpose },
): Promise<boolean> =>
  ctx.contracts.Consents.canView(q.patient, q.steward, q.viewer, categoryIndex(q.category), purposeIndex(q.purpose));

/** A key release, as its log tells it. */
export interface Disclosure {
  patient: number;
  recipient: number;
  purpose: Purpose;
  /** How many compartment keys. */
  keys: number;
  /** In seconds since 1970. */
  at: number;
  /** The head block at which consent was checked. */
  block: number;
}

/** Who was given keys by this vault's owner: the log that every release is written to before it happens. */
export async function listDisclosures(ctx: Context, { patient }: { patient?: number } = {}): Promise<Disclosure[]> {
  return requireVault(ctx)
    .releases.list(patient === undefined ? {} : { patient })
    .map((release) => ({
      patient: release.patient,
      recipient: release.recipient,
      purpose: PURPOSES[release.purpose]!,
      keys: release.compartmentIds.length,
      at: release.at,
      block: release.block.number,
    }));
}

/** The keys of compartments that a vault holds of a patient. Those of single records open no compartment, and aren't among them. */
export async function listKeys(ctx: Context, { patient }: { patient: number }) {
  return requireVault(ctx)
    .compartments.list({ patient })
    .filter(({ record }) => record === undefined)
    .map(({ id, steward, round, ...kind }) => ({ id: hexlify(id), steward, ...namesOfKind(kind), round }));
}
