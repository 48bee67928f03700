import { hexlify } from "ethers";

import { Batch } from "../../crypto/index.js";
import type { Vault } from "../../vault/index.js";
import { ownId, requireVault, type Context } from "../context.js";
import { dummies, isConfidential, keepsPlaces, nextBatch } from "./next-batch.js";
import { dueOf, dummiesOrderOf, patientsWithDummies, waitingRecords, type WaitingRecord } from "./waiting.js";

/** What is to be anchored of a patient. */
export interface Due {
  patient: number;
  records: readonly WaitingRecord[];
  /** {@link keepsPlaces} */
  keepPlace: boolean;
  /** Set where it is the dummies' moment, to the time within which the next one comes: the records take their places. */
  withDummies?: number;
}

export async function dueNow(ctx: Context, now: number, early: boolean): Promise<Due[]> {
  const vault = requireVault(ctx);
  const steward = await ownId(ctx);
  const waiting = waitingRecords(vault);
  const due: Due[] = [];
  for (const patient of new Set([...waiting.keys(), ...patientsWithDummies(vault)])) {
    const records = waiting.get(patient) ?? [];
    const dummies = dummiesOrderOf(vault, patient);
    const isTheirs = records.length > 0 && !(dummies !== undefined && records.every(isConfidential));
    if (records.length > 0 && (early || (isTheirs && dueOf(vault, patient) <= now))) {
      const keepPlace = await keepsPlaces(ctx, { patient, steward });
      // What has no place beside the ordinary ones waits for the dummies.
      const waits = dummies !== undefined && !early;
      due.push({ patient, keepPlace, records: waits ? nextBatch(records, keepPlace).chosen : records });
    } else if (dummies !== undefined && dummies.due <= now) {
      due.push({ patient, keepPlace: true, records: records.filter(isConfidential), withDummies: dummies.within });
    }
  }
  return due;
}

/** Waiting records of one patient that go into one batch. */
export interface WaitingBatch {
  patient: number;
  records: readonly WaitingRecord[];
  batch: Batch;
}

/** The batches that records go into: of the same ones always the same, also in a copy of the vault. */
export function batchesOf(
  vault: Vault,
  { patient, records, keepPlace }: Pick<Due, "patient" | "records" | "keepPlace">,
): WaitingBatch[] {
  if (records.length === 0) return [{ patient, records, batch: dummies() }];
  const batches: WaitingBatch[] = [];
  const secret = vault.additions.batchSecret(patient);
  const make = (digests: readonly Uint8Array[], least?: number) => Batch.of(digests, least, secret);
  let left = records.toSorted((a, b) => (hexlify(a.digest) < hexlify(b.digest) ? -1 : 1));
  while (left.length > 0) {
    const { chosen, batch = make(chosen.map(({ digest }) => digest)) } = nextBatch(left, keepPlace, make);
    const taken = new Set(chosen);
    left = left.filter((each) => !taken.has(each));
    batches.push({ patient, records: chosen, batch });
  }
  return batches;
}
