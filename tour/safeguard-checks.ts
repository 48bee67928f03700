import { handOn } from "../devnet/published.js";
import { isChartChainError } from "../src/errors/index.js";
import { factsOf } from "../src/sdk/consent/record-facts.js";
import { openedByForce } from "./adversary.js";
import { attempt, envelopesOf, isDenied, isRefused, mayViewAnything, throws } from "./attempts.js";
import { EMERGENCY_CATEGORIES, type EmergencyCall, type Proxy, type Theft } from "./safeguards.js";
import { actFor, provenance, writeRecord, type Tour, type WrittenRecord } from "./workflow.js";

/** The proxy sees and grants one category until the term, and nothing else; dismissed, nothing that comes. */
export async function delegateWithinMask(tour: Tour, { patient, delegate, category, until }: Proxy): Promise<boolean> {
  const { generalHospital: hospital, cityClinic: clinic } = tour;
  const [within, beyond] = split(patient.written, [category]);
  for (const { digest, plaintext } of within) {
    for (const [reader, purpose] of [[delegate, "PATRQT"] as const, [clinic, "TREAT"] as const]) {
      const opened = await attempt(() => reader.client.openRecord({ digest, purpose }));
      if (opened === undefined || Buffer.compare(opened.content, plaintext) !== 0) return false;
    }
  }
  for (const { digest } of beyond) {
    if (!(await isRefused(() => delegate.client.openRecord({ digest, purpose: "PATRQT" })))) return false;
  }
  if (within.length === 0 || beyond.length === 0) return false;
  if ((await openedByForce(delegate, delegate.received, envelopesOf(hospital, beyond))) > 0) return false;

  const given = {
    patient: patient.id,
    viewer: tour.insurer.id,
    steward: hospital.id,
    purpose: "HPAYMT" as const,
    until,
  };
  const grant = (changes: object) => () =>
    delegate.client.grantAccess({ ...given, categories: [category], ...changes });
  if (!(await throws(["NOT_EMPOWERED"], grant({ categories: [patient.withheld] })))) return false;
  if (!(await throws(["NOT_EMPOWERED"], grant({ purpose: "HRESCH" })))) return false;
  if (!(await throws(["EXPIRY_TOO_FAR"], grant({ until: until + 60 })))) return false;

  await actFor(tour, patient, {
    direct: (client) => client.dismissDelegate({ delegate: delegate.id }),
    signed: (client) => client.signDismissDelegate({ delegate: delegate.id }),
  });
  const later = await writeLater(tour, patient, category);
  const asked = { patient: patient.id, viewer: delegate.id, purpose: "PATRQT" as const };
  if (!(await isDenied(() => hospital.client.releaseKeys(asked)))) return false;
  return (await openedByForce(delegate, delegate.received, envelopesOf(hospital, [later]))) === 0;
}

/**
 * The responder reads what the policy admits, of what is sensitive medicines alone, and nothing else, has no compartment's key, also by force, leaves exactly one
 * event with the reason that was given, and is out at once when the patient says that there was no emergency. Who opted out
 * isn't seen.
 */
export async function breakGlassReviewed(tour: Tour, { patient, ambulance, glass }: EmergencyCall): Promise<boolean> {
  const { generalHospital: hospital } = tour;
  const isShown = ({ category, plaintext }: WrittenRecord) =>
    EMERGENCY_CATEGORIES.includes(category) && (category !== "SENSITIVE" || factsOf(plaintext)?.isMedicines === true);
  const within = patient.written.filter(isShown);
  const beyond = patient.written.filter((record) => !isShown(record));
  for (const { digest, plaintext } of within) {
    const opened = await attempt(() => ambulance.client.openRecord({ digest, purpose: "ETREAT" }));
    if (opened === undefined || Buffer.compare(opened.content, plaintext) !== 0) return false;
    if (!(await isRefused(() => ambulance.client.openRecord({ digest, purpose: "TREAT" })))) return false;
  }
  for (const { digest } of beyond) {
    if (!(await isRefused(() => ambulance.client.openRecord({ digest, purpose: "ETREAT" })))) return false;
  }
  // Single records were sealed again for the ambulance: none of its keys opens what the hospital holds.
  const held = envelopesOf(hospital, patient.written);
  if (within.length === 0 || (await openedByForce(ambulance, ambulance.received, held)) > 0) return false;

  const seen = await patient.client.listEmergencies({ patient: patient.id });
  if (seen.length !== 1 || seen[0]!.outcome !== "Unreviewed" || seen[0]!.responder !== ambulance.id) return false;
  const reason = await attempt(() => patient.client.readEmergencyReason({ file: glass.reasonFile }));
  if (reason?.reason !== glass.reasonFile.reason) return false;

  const review = { responder: ambulance.id, number: glass.number, justified: false };
  await actFor(tour, patient, {
    direct: (client) => client.reviewEmergency(review),
    signed: (client) => client.signReviewEmergency(review),
  });
  const [reviewed] = await patient.client.listEmergencies({ patient: patient.id });
  if (reviewed?.outcome !== "Unjustified" || (await mayViewAnything(tour, patient, ambulance))) return false;
  const asked = { patient: patient.id, viewer: ambulance.id, purpose: "ETREAT" as const };
  if (!(await isDenied(() => hospital.client.releaseKeys(asked)))) return false;
  const later = await writeLater(tour, patient, "SUMMARY");
  if ((await openedByForce(ambulance, ambulance.received, envelopesOf(hospital, [later]))) > 0) return false;

  const optOut = { emergencyCategories: [] };
  await actFor(tour, patient, {
    direct: (client) => client.changeSettings(optOut),
    signed: (client) => client.signChangeSettings(optOut),
  });
  return throws(["OPTED_OUT"], () => ambulance.client.breakGlass({ patient: patient.id, reason: "again" }));
}

/**
 * The thief's key is dead, what it granted is worth nothing, and what it tried meanwhile failed; the patient has the
 * relationships, the records and the grants, and what is written now stays closed to a copy of the old vault.
 */
export async function thiefLoses(tour: Tour, theft: Theft): Promise<boolean> {
  const { patient, thief, accomplice, recovered, failed } = theft;
  const { generalHospital: hospital, cityClinic: clinic } = tour;
  if (failed.length < 4 || failed.includes(false)) return false;
  if (!(await throws(["ACCOUNT_RETIRED"], () => thief.ownId()))) return false;
  if (!(await throws(["ACCOUNT_RETIRED"], () => thief.vetoRecovery()))) return false;
  if (await mayViewAnything(tour, recovered, accomplice)) return false;
  if (recovered.id !== patient.id || !(await mayViewAnything(tour, recovered, clinic))) return false;
  const { relationships } = await recovered.client.overviewOf({ patient: recovered.id });
  if (!relationships.some(({ provider, status }) => provider === hospital.id && status === "Active")) return false;

  const later = await writeLater(tour, recovered, recovered.granted[0]!);
  const kept = recovered.written.filter(({ digest }) => digest !== tour.shredded?.record.digest);
  for (const { digest, plaintext } of kept) {
    const opened = await attempt(() => recovered.client.openRecord({ digest }));
    if (opened === undefined || Buffer.compare(opened.content, plaintext) !== 0) return false;
  }
  // The thief has a copy of the old vault, and everything that is handed to the patient.
  const received = [...patient.received, ...recovered.received];
  return (await openedByForce(patient, received, envelopesOf(hospital, [later]))) === 0;
}

/** Whether an attempt fails, and as it should. */
export async function failsAs({ action, refusal }: Theft["attempts"][number]): Promise<boolean> {
  try {
    await action();
    return false;
  } catch (error) {
    if (isChartChainError(error)) return error.code === refusal;
    throw error;
  }
}

async function writeLater(
  tour: Tour,
  patient: Tour["patients"][number],
  category: WrittenRecord["category"],
): Promise<WrittenRecord> {
  await writeRecord(tour, patient, category, provenance(tour, patient));
  await handOn(tour.generalHospital, patient, patient.id, "PATRQT");
  return patient.written.at(-1)!;
}

function split(written: readonly WrittenRecord[], categories: readonly string[]): [WrittenRecord[], WrittenRecord[]] {
  const within = written.filter(({ category }) => categories.includes(category));
  return [within, written.filter(({ category }) => !categories.includes(category))];
}
