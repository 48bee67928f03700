import { parseFhirFile } from "chartchain/fhir/node";

import type { Gatekeeper } from "./gatekeeper.js";
import type { PutResult } from "./store/index.js";

/**
 * Takes one patient's data into the store, if it isn't somebody else's: what contradicts the patient's chart is refused.
 *
 * @throws CHART_CONTRADICTED, and what reading FHIR throws
 */
export async function importFile(
  { client, store, access }: Gatekeeper,
  patient: number,
  file: string,
): Promise<PutResult> {
  const parsed = await parseFhirFile(file);
  await client.admitFhir({ patient, parsed });
  const result = await store.put(patient, parsed);
  access.forget();
  return result;
}
