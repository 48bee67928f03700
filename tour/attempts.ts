import { getBytes } from "ethers";

import { isChartChainError } from "../src/errors/index.js";
import { CATEGORIES, PURPOSES } from "../src/sdk/index.js";
import type { Actor } from "../devnet/published.js";
import type { Tour, TourPatient, WrittenRecord } from "./workflow.js";

/** Whether the contract allows somebody any of the hospital's records of a patient, for any purpose. */
export async function mayViewAnything(tour: Tour, patient: TourPatient, viewer: Actor): Promise<boolean> {
  const { generalHospital: hospital } = tour;
  const { Consents } = hospital.client.contracts;
  const answers = await Promise.all(
    PURPOSES.flatMap((_, purpose) =>
      CATEGORIES.map((_, category) => Consents.canView(patient.id, hospital.id, viewer.id, category, purpose)),
    ),
  );
  return answers.includes(true);
}

/** The encoded envelopes that a holder has of these records. */
export const envelopesOf = (holder: Actor, records: readonly WrittenRecord[]): Uint8Array[] =>
  records.flatMap(({ digest }) => holder.vault.envelopes.get(getBytes(digest))?.bytes ?? []);

/** What an action gives; undefined where it is refused. */
export async function attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (isChartChainError(error)) return undefined;
    throw error;
  }
}

/** Whether an action fails in one of these ways, and not for any other reason. */
export async function throws(codes: readonly string[], action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return false;
  } catch (error) {
    if (isChartChainError(error)) return codes.includes(error.code);
    throw error;
  }
}

export const isDenied = (action: () => Promise<unknown>): Promise<boolean> => throws(["CONSENT_DENIED"], action);

/** Denied, or not even handed what there would be to open. */
export const isRefused = (action: () => Promise<unknown>): Promise<boolean> =>
  throws(["CONSENT_DENIED", "RECORD_UNKNOWN", "KEY_MISSING"], action);
