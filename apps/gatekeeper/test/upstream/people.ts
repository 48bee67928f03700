import { attestationCode, identityCommitment, identitySalt } from "chartchain";
import type { Actor } from "chartchain/devnet";

export const MRN = "http://general-hospital.example/mrn";

/** A Patient as the hospital's FHIR server has it. */
export const patientOf = (id: string, mrn: string, more: object = {}): object => ({
  ...{ resourceType: "Patient", id, identifier: [{ system: MRN, value: mrn }], birthDate: "1980-02-03" },
  ...{ name: [{ family: "Example", given: ["Alice"] }], gender: "female", ...more },
});

/** A body weight of a Patient. */
export const weightOf = (patient: string, id: string, kilograms: number, more: object = {}): object => ({
  ...{ resourceType: "Observation", id, status: "final", subject: { reference: `Patient/${patient}` } },
  ...{ code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] }, valueQuantity: { value: kilograms } },
  ...more,
});

/** What says that only some may see a resource: here that it is about somebody's mental health. */
export const PSYCHIATRIC = {
  meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }] },
};

/** The hospital knows who a person is, and says so on chain. @returns the commitment, by which it takes that back */
export async function attest(hospital: Actor, patient: Actor, mrn: string): Promise<string> {
  const account = patient.wallet.address;
  const keyDocument = await hospital.client.contracts.Registrar.keyDocumentOf(patient.id);
  const claim = { identifier: `${MRN}|${mrn}`, salt: identitySalt() };
  const code = attestationCode({ account, keyDocument });
  const file = await hospital.client.attestIdentity({ account, code, ...claim });
  await hospital.client.linkIdentity({ file });
  return identityCommitment({ issuer: hospital.id, ...claim });
}
