import { hexlify } from "ethers";

import { kindOf, type RecordKind, randomInt } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { EnvelopeEntry, Vault } from "../../vault/index.js";

const DUE = "anchored-from:";
const DUMMIES = "dummies:";

/** A week, in seconds: who waits longer has forgotten it. */
const LONGEST_SPREAD = 604_800;

/** Throws SPREAD_INVALID unless it is a whole number of seconds up to a week. */
export function requireSpread(spread: number): void {
  if (Number.isInteger(spread) && spread >= 0 && spread <= LONGEST_SPREAD) return;
  throw new ChartChainError("SPREAD_INVALID", `anchoring can't be spread over ${spread} seconds`, {
    details: { spread },
    hint: "Give a whole number of seconds from 0 to 604,800, which is a week.",
  });
}

/**
 * Lets sealed records of a patient wait to be anchored. What waits already keeps its time. Call it in a transaction of the vault.
 *
 * @param due from when on, in seconds since 1970
 */
export function letWait(vault: Vault, patient: number, records: readonly { digest: Uint8Array }[], due: number): void {
  for (const { digest } of records) vault.additions.wait(digest);
  const name = `${DUE}${patient}`;
  if (records.length > 0 && vault.settings.get(name) === undefined) vault.settings.set(name, due);
}

/** A record that waits, with the key of its content. */
export interface WaitingRecord extends Pick<EnvelopeEntry, "digest" | "patient" | "steward"> {
  content: Uint8Array;
  record: { kind: RecordKind };
}

/** The records that wait to be anchored, by patient. */
export function waitingRecords(vault: Vault): Map<number, WaitingRecord[]> {
  const contents = new Map(waiting(vault).map(({ digest, content }) => [hexlify(digest), content]));
  const records = vault.envelopes.list({ status: "pending" }).flatMap((entry): WaitingRecord[] => {
    const { digest, patient, steward, metadata } = entry;
    const content = contents.get(hexlify(digest));
    if (content === undefined || metadata === undefined) return [];
    return [{ digest, content, patient, steward, record: { kind: kindOf(metadata) } }];
  });
  return Map.groupBy(records, ({ patient }) => patient);
}

/** How many records wait. */
export const countWaiting = (vault: Vault): number => waiting(vault).length;

const waiting = (vault: Vault) => vault.additions.unfinished().filter(({ state }) => state === "waiting");

/** From when on what waits of a patient is to be anchored, in seconds since 1970. */
export const dueOf = (vault: Vault, patient: number): number => Number(vault.settings.get(`${DUE}${patient}`) ?? 0);

/** Notes that nothing of a patient waits any more. */
export const forgetDue = (vault: Vault, patient: number): void => void vault.settings.delete(`${DUE}${patient}`);

/** The standing order for a patient's dummies. */
interface DummiesOrder {
  /** In seconds: each batch comes at a random moment within so much time after the one before. */
  within: number;
  /** When the next one is due, in seconds since 1970. */
  due: number;
}

/** Orders dummies for a patient from `now` on. The moment that was drawn stays while the time is the same; 0 ends the order. */
export function orderDummies(vault: Vault, patient: number, within: number, now: number): void {
  if (within === 0) return void vault.settings.delete(`${DUMMIES}${patient}`);
  if (dummiesOrderOf(vault, patient)?.within !== within) drawDummies(vault, patient, within, now);
}

/** Draws the moment of a patient's next dummies. It doesn't depend on what waits. */
export function drawDummies(vault: Vault, patient: number, within: number, now: number): void {
  vault.settings.set(`${DUMMIES}${patient}`, { within, due: now + 1 + randomInt(within) });
}

/** The standing order for a patient's dummies; undefined where there is none. */
export const dummiesOrderOf = (vault: Vault, patient: number): DummiesOrder | undefined =>
  vault.settings.get(`${DUMMIES}${patient}`) as DummiesOrder | undefined;

/** Whoever has a standing order for dummies. */
export const patientsWithDummies = (vault: Vault): number[] =>
  vault.settings.names().flatMap((name) => (name.startsWith(DUMMIES) ? Number(name.slice(DUMMIES.length)) : []));
