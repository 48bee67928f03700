import { handOn, throughJson, type Actor } from "../devnet/published.js";
import { CATEGORIES } from "../src/sdk/index.js";
import { openedByForce } from "./adversary.js";
import { attempt, envelopesOf, isDenied, isRefused } from "./attempts.js";
import { actFor, provenance, writeRecord, type Tour, type TourPatient, type WrittenRecord } from "./workflow.js";

/** A payer who may see the records that the patient named, and no others. */
export interface Narrowed {
  patient: TourPatient;
  payer: Actor;
  named: WrittenRecord[];
  /** One of them, which turns out to be wrong later. */
  mistaken: WrittenRecord;
}

const MOST_NAMED = 3;

/** A patient lets a payer see named records alone: the hospital takes the constraint, and delivers them singly. */
export async function nameRecords(tour: Tour): Promise<Narrowed> {
  const { devnet, generalHospital: hospital } = tour;
  const patient = tour.patients.at(-1)!;
  const name = "Claims Office";
  const payer = await devnet.institution(name, ["PAYER"]);
  tour.publicNames.push(name);

  await writeRecord(tour, patient, patient.granted[0]!, provenance(tour, patient));
  await handOn(hospital, patient, patient.id, "PATRQT");
  const mistaken = patient.written.at(-1)!;
  const named = [...patient.written.filter((_, i) => i % 2 === 0).slice(0, MOST_NAMED), mistaken];
  const of = { viewer: payer.id, purpose: "HPAYMT" as const, steward: hospital.id };
  const constraint = { records: named.map(({ digest }) => digest) };
  const input = { ...of, categories: CATEGORIES, until: (await devnet.now()) + 60 * 60, constraint };
  await actFor(tour, patient, {
    direct: (client) => client.grantAccess(input),
    signed: (client) => client.signGrantAccess(input),
  });
  const file = throughJson(await patient.client.releaseConstraint({ ...of, to: hospital.id }));
  await hospital.client.takeConstraint({ file });
  await handOn(hospital, payer, patient.id, "HPAYMT");
  return { patient, payer, named, mistaken };
}

/**
 * The payer reads exactly the named records, has no key that opens another one, also by force, and gets no compartment's key
 * when it asks for one.
 */
export async function constraintHeld(tour: Tour, { patient, payer, named }: Narrowed): Promise<boolean> {
  const { generalHospital: hospital } = tour;
  const others = patient.written.filter((record) => !named.includes(record));
  for (const { digest, plaintext } of named) {
    const opened = await attempt(() => payer.client.openRecord({ digest, purpose: "HPAYMT" }));
    if (opened === undefined || Buffer.compare(opened.content, plaintext) !== 0) return false;
  }
  for (const { digest } of others) {
    if (!(await isRefused(() => payer.client.openRecord({ digest, purpose: "HPAYMT" })))) return false;
  }
  if (named.length === 0 || others.length === 0) return false;
  const asked = { patient: patient.id, viewer: payer.id, purpose: "HPAYMT" as const };
  if (!(await isDenied(() => hospital.client.releaseKeys(asked)))) return false;
  return (await openedByForce(payer, payer.received, envelopesOf(hospital, patient.written))) === 0;
}
