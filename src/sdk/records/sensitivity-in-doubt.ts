import type { SensitivityDoubt } from "../../fhir/index.js";
import type { Context } from "../context.js";
import { putOnWorklist, SENSITIVITY_IN_DOUBT } from "./doubts.js";

/** A record that is SENSITIVE only until a person has looked. */
export interface RecordInDoubt {
  /** The record's digest. */
  digest: string;
  patient: number;
  /** What was found in it, and may mean something ordinary. */
  doubts: readonly Pick<SensitivityDoubt, "place" | "reasons">[];
}

/**
 * Asks for a person's word on a record that is in a chart as SENSITIVE although nothing that was found in it is certain.
 * It stays SENSITIVE until somebody says otherwise. One whose doubts are none is passed over.
 *
 * @returns the item of the worklist
 *
 * @example
 * await clinic.askAboutSensitivity({ digest, patient: 7, doubts: record.doubts });
 */
export async function askAboutSensitivity(
  ctx: Context,
  { digest, patient, doubts }: RecordInDoubt,
): Promise<number | undefined> {
  if (doubts.length === 0) return undefined;
  const places = doubts.flatMap(({ place, reasons }) =>
    reasons.map(({ sensitivity, path }) => `${place}.${path}: may be ${sensitivity}`),
  );
  // The record is in the chart: nothing of it is kept twice.
  return putOnWorklist(ctx, { patient, content: new Uint8Array() }, SENSITIVITY_IN_DOUBT, places, { record: digest });
}
