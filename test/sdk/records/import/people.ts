import type { Actor } from "../../../../devnet/index.js";
import { attestationCode, identitySalt, type AttestedIdentifier } from "../../../../src/sdk/index.js";

export const MRN = "http://general-hospital.example/mrn";

/** Somebody as a hospital's export knows them. */
export interface Person {
  id: string;
  mrn: string;
  born: string;
  family?: string;
}

export const patientOf = ({ id, mrn, born, family = "Novak" }: Person, more: object = {}): object => ({
  resourceType: "Patient",
  id,
  identifier: [{ system: MRN, value: mrn }],
  name: [{ family }],
  birthDate: born,
  ...more,
});
export const weightOf = ({ id }: Person, name: string, kilograms: number, more: object = {}): object => ({
  resourceType: "Observation",
  id: name,
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
  subject: { reference: `Patient/${id}` },
  valueQuantity: { value: kilograms, unit: "kg" },
  ...more,
});

/** The clinic knows who the account is of, and says so on chain. */
export async function attest(clinic: Actor, patient: Actor, { mrn }: Person): Promise<AttestedIdentifier> {
  const account = patient.wallet.address;
  const { Registrar } = clinic.client.contracts;
  const keyDocument = await Registrar.keyDocumentOf(patient.id);
  const claim = { identifier: `${MRN}|${mrn}`, salt: identitySalt() };
  const file = await clinic.client.attestIdentity({
    account,
    code: attestationCode({ account, keyDocument }),
    ...claim,
  });
  await clinic.client.linkIdentity({ file });
  return claim;
}
