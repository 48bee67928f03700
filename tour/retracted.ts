import { handOn, type Actor } from "../devnet/published.js";
import type { Purpose } from "../src/sdk/index.js";
import { attempt, throws } from "./attempts.js";
import type { Narrowed } from "./narrowed.js";
import { actFor, type Tour, type TourPatient, type WrittenRecord } from "./workflow.js";

/** A record that was entered in error: who has it, and by what. */
export interface Retracted {
  patient: TourPatient;
  record: WrittenRecord;
  /** The patient, a viewer by a compartment's key, and one by record delivery. All of them have read it. */
  readers: { actor: Actor; purpose: Purpose }[];
  /** Whether each of them read it before. */
  wasRead: boolean;
}

const REASON = "entered in error";

/** The clinic is granted what the payer has singly; all of them read it, and the hospital takes it back. */
export async function retractOne(tour: Tour, { patient, payer, mistaken }: Narrowed): Promise<Retracted> {
  const { devnet, generalHospital: hospital, cityClinic: clinic } = tour;
  const { category, digest } = mistaken;
  const until = (await devnet.now()) + 60 * 60;
  const given = { viewer: clinic.id, purpose: "TREAT" as const, categories: [category], steward: hospital.id, until };
  await actFor(tour, patient, {
    direct: (client) => client.grantAccess(given),
    signed: (client) => client.signGrantAccess(given),
  });
  await handOn(hospital, clinic, patient.id, "TREAT");
  const readers: Retracted["readers"] = [
    { actor: patient, purpose: "PATRQT" },
    { actor: clinic, purpose: "TREAT" },
    { actor: payer, purpose: "HPAYMT" },
  ];
  let wasRead = true;
  for (const { actor, purpose } of readers) {
    const opened = await attempt(() => actor.client.openRecord({ digest, purpose }));
    if (opened === undefined || Buffer.compare(opened.content, mistaken.plaintext) !== 0) wasRead = false;
  }

  await hospital.client.retractRecord({ digest, reason: REASON });
  patient.written.splice(patient.written.indexOf(mistaken), 1);
  tour.retracted = { patient, record: mistaken };
  return { patient, record: mistaken, readers, wasRead };
}

/**
 * Everybody who got the record before, by whatever way, finds on chain that it was retracted, and neither opens nor lists it
 * any more; the next delivery brings the author's reason. Its author doesn't open it either.
 */
export async function retractedEverywhere(
  tour: Tour,
  { patient, record, readers, wasRead }: Retracted,
): Promise<boolean> {
  const { generalHospital: hospital } = tour;
  const { digest } = record;
  const refuses = ({ client }: Actor, purpose: Purpose) =>
    throws(["RECORD_RETRACTED"], () => client.openRecord({ digest, purpose }));
  if (!wasRead || !(await refuses(hospital, "TREAT"))) return false;
  for (const { actor, purpose } of readers) {
    if (!(await refuses(actor, purpose))) return false;
    const listed = await actor.client.listRecords({ patient: patient.id });
    if (listed.some((each) => each.digest === digest)) return false;
    await handOn(hospital, actor, patient.id, purpose);
    const retractions = await actor.client.listRetractions({ patient: patient.id });
    const told = retractions.find((each) => each.record === digest);
    if (told?.author !== hospital.id || !told.anchored || told.statement?.reason !== REASON) return false;
  }
  const { retracted } = await patient.client.verifyHistory({ patient: patient.id });
  return retracted.includes(digest);
}
