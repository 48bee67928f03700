import { buildProvenance } from "../src/fhir/index.js";
import {
  CATEGORIES,
  identitySalt,
  type Category,
  type IdentityClaim,
  type Purpose,
  type SignedActionFile,
} from "../src/sdk/index.js";
import type { FullClient } from "../src/sdk/modules/index.js";
import { handOn, throughJson, type Actor, type Devnet } from "../devnet/published.js";
import { tracesOf } from "./forensics.js";
import type { InputPatient, TourInput } from "./input.js";

/** A patient of the tour, with what was written about him or her. */
export interface TourPatient extends Actor {
  input: InputPatient;
  /** Acts only through handover files that the clinic relays. */
  etherless: boolean;
  /** The identity that the hospital attested, as the patient keeps it. */
  identity: IdentityClaim;
  /** Every record that was anchored, with its plaintext. */
  written: WrittenRecord[];
  /** The category of the hospital's own record about the others, which nobody is granted: something is left to refuse. */
  withheld: Category;
  /** The categories that viewers are granted. */
  granted: Category[];
}

export interface WrittenRecord {
  digest: string;
  cid: string;
  category: Category;
  plaintext: Uint8Array;
  /** True when it was anchored in a batch. */
  inBatch?: boolean;
}

/** A resource that a hospital keeps, and the categories that show it: who sees one of them sees it. */
export interface KeptResource {
  /** `Observation/7` */
  name: string;
  /** Its content, without what a server adds. */
  resource: object;
  categories: ReadonlySet<Category>;
}

/** A hospital that serves its FHIR data over HTTP, and what it has of one patient. */
export interface TourGatekeeper {
  hospital: Actor;
  patient: TourPatient;
  kept: KeptResource[];
  /** What the clinic is granted of that. */
  granted: Category[];
  url: string;
  /** By what the hospital's own systems ask. */
  staffSecret: string;
}

/** Everybody and everything that the checks look at. */
export interface Tour {
  devnet: Devnet;
  input: TourInput;
  generalHospital: Actor;
  cityClinic: Actor;
  insurer: Actor;
  institute: Actor;
  patients: TourPatient[];
  /** The institutions' names, which are public. */
  publicNames: string[];
  /** A hospital that serves others over HTTP, once it does. */
  gatekeeper: TourGatekeeper | undefined;
  /** How many records the former viewers can still open, because they read them while they were allowed to. */
  retained: { expired: number; revoked: number };
  /** The record that was shredded, as the vaults held it. */
  shredded: { patient: TourPatient; record: WrittenRecord; traces: Uint8Array[]; envelopes: unknown[] } | undefined;
  /** The record that was retracted: it isn't among those that were written any more. */
  retracted: { patient: TourPatient; record: WrittenRecord } | undefined;
}

/** Told how far long work is. */
export type Progress = (what: string, done: number, of: number) => void;

const HOUR = 60 * 60;
const SHORT_GRANT = 3 * 60;

/** Institutions register, and the authority licenses them. The hospital puts its owner's account away. */
export async function openInstitutions(devnet: Devnet, input: TourInput): Promise<Tour> {
  const cast = [
    ["General Hospital", "PROVIDER"],
    ["City Clinic", "PROVIDER"],
    ["Health Insurer", "PAYER"],
    ["Research Institute", "RESEARCHER"],
  ] as const;
  const actors: Actor[] = [];
  for (const [name, role] of cast) actors.push(await devnet.institution(name, [role]));
  const [generalHospital, cityClinic, insurer, institute] = actors as [Actor, Actor, Actor, Actor];
  // Its daily work is an operator's; the owner comes back for what the hospital earned.
  await devnet.operate(generalHospital);
  return {
    devnet,
    input,
    generalHospital,
    cityClinic,
    insurer,
    institute,
    patients: [],
    publicNames: cast.map(([name]) => name),
    gatekeeper: undefined,
    retained: { expired: 0, revoked: 0 },
    shredded: undefined,
    retracted: undefined,
  };
}

/** Patients register, are attested, are proposed a relationship, see the terms and approve. Every other has no ether. */
export async function registerPatients(tour: Tour, progress: Progress): Promise<void> {
  const { devnet, input, generalHospital: hospital } = tour;
  for (const [i, each] of input.patients.entries()) {
    const etherless = i % 2 === (input.patients.length === 1 ? 0 : 1);
    const actor = await devnet.actor(`patient ${i + 1}`, { ether: !etherless });
    const withheld = each.records.some(({ category }) => category !== "CARE") ? "CARE" : "SUMMARY";
    const identity = { issuer: hospital.id, identifier: `urn:chartchain:tour|${i + 1}`, salt: identitySalt() };
    const patient: TourPatient = { ...actor, input: each, etherless, identity, written: [], withheld, granted: [] };
    const { client } = patient;

    if (etherless) await hospital.client.relay({ file: throughJson(await client.signRegisterPatient()) });
    else await client.registerPatient();
    patient.id = await client.ownId();

    const { identifier, salt } = identity;
    const account = patient.wallet.address;
    const code = await client.ownAttestationCode();
    const attestation = await hospital.client.attestIdentity({ account, code, identifier, salt });
    await hospital.client.linkIdentity({ file: throughJson(attestation) });
    const found = await hospital.client.resolve(identity);

    const { terms } = await hospital.client.proposeRelationship({ patient: found! });
    await client.takeTerms({ file: throughJson(terms) });
    const [proposal] = await client.listPending();
    if (etherless) await hospital.client.relay({ file: throughJson(await client.signApproveRelationship(proposal!)) });
    else await client.approveRelationship(proposal!);
    tour.patients.push(patient);
    progress("registering patients", i + 1, input.patients.length);
  }
}

/**
 * The hospital seals and pins each patient's records, with where they come from, anchors them, a batch for each patient and
 * those of several in one transaction, and hands the patients keys and envelopes.
 */
export async function writeRecords(tour: Tour, progress: Progress): Promise<void> {
  const total = tour.patients.reduce((sum, { input }) => sum + input.records.length + 1, 0);
  const { client } = tour.generalHospital;
  const wait = tour.patients.length > 1 ? { spread: 0 } : {};
  let done = 0;
  for (const patient of tour.patients) {
    const records = [
      ...patient.input.records.map(({ category, bytes }) => ({ category, content: bytes, again: true })),
      { category: patient.withheld, content: provenance(tour, patient), again: true },
    ];
    await client.addRecords({
      patient: patient.id,
      records,
      ...wait,
      onAdded({ digest, cid, category }, at) {
        patient.written.push({ digest, cid, category, plaintext: records[at]!.content, inBatch: true });
        progress("sealing and anchoring records", ++done, total);
      },
    });
  }
  await client.anchorWaiting();
  for (const patient of tour.patients) await handOn(tour.generalHospital, patient, patient.id, "PATRQT");
}

/** Patients grant the clinic and the insurer some categories for a limited time; the keys travel as files. */
export async function grantViewers(tour: Tour, progress: Progress): Promise<void> {
  const { cityClinic, insurer } = tour;
  for (const [i, patient] of tour.patients.entries()) {
    const present = CATEGORIES.filter((category) => patient.written.some((record) => record.category === category));
    patient.granted = present.filter((category) => category !== patient.withheld).slice(0, 2);
    const now = await tour.devnet.now();
    await grant(tour, patient, cityClinic, "TREAT", now + 24 * HOUR);
    await grant(tour, patient, insurer, "HPAYMT", now + 24 * HOUR);
    await handOn(tour.generalHospital, cityClinic, patient.id, "TREAT");
    await handOn(patient, insurer, patient.id, "HPAYMT");
    progress("granting access", i + 1, tour.patients.length);
  }
}

/** The insurer's grants are shortened and run out; what is written afterwards stays closed to it. */
export async function letGrantsExpire(tour: Tour, progress: Progress): Promise<void> {
  const { devnet, insurer } = tour;
  for (const patient of tour.patients) {
    await grant(tour, patient, insurer, "HPAYMT", (await devnet.now()) + SHORT_GRANT);
  }
  await devnet.increaseTime(SHORT_GRANT + 60);
  await writeLater(tour, progress);
}

/** Patients revoke the clinic in the three ways there are; what is written afterwards stays closed to it. */
export async function revokeViewers(tour: Tour, progress: Progress): Promise<void> {
  const { cityClinic: viewer, generalHospital: hospital } = tour;
  for (const [i, patient] of tour.patients.entries()) {
    const ways = [
      { viewer: viewer.id },
      { viewer: viewer.id, purpose: "TREAT" as const, steward: hospital.id },
      { everyone: true as const },
    ];
    const way = ways[i % ways.length]!;
    if (patient.etherless)
      await hospital.client.relay({ file: throughJson(await patient.client.signRevokeAccess(way)) });
    else await patient.client.revokeAccess(way);
  }
  await writeLater(tour, progress);
}

/** The hospital and the patient shred one record. */
export async function shredOne(tour: Tour): Promise<void> {
  const patient = tour.patients[0]!;
  const record = patient.written[0]!;
  const holders = [tour.generalHospital, patient];
  const traces = (await Promise.all(holders.map(({ home }) => tracesOf(home, record.digest)))).flat();
  const asked = { patient: patient.id, viewer: patient.id };
  const envelopes = await tour.generalHospital.client.releaseEnvelopes(asked);
  for (const holder of holders)
    await holder.client.shredRecord({ digest: record.digest, reason: "asked by the patient" });
  tour.shredded = { patient, record, traces, envelopes };
}

/** Hospitals write records, also of the same words; what they wrote is noted for the checks. */
export async function writeRecord(
  tour: Tour,
  patient: TourPatient,
  category: Category,
  plaintext: Uint8Array,
): Promise<void> {
  const { client } = tour.generalHospital;
  const { digest, cid } = await client.addRecord({ patient: patient.id, category, content: plaintext, again: true });
  patient.written.push({ digest, cid, category, plaintext });
}

async function writeLater(tour: Tour, progress: Progress): Promise<void> {
  for (const [i, patient] of tour.patients.entries()) {
    for (const category of patient.granted) await writeRecord(tour, patient, category, provenance(tour, patient));
    await handOn(tour.generalHospital, patient, patient.id, "PATRQT");
    progress("writing later records", i + 1, tour.patients.length);
  }
}

/** Where the patient's records come from, as FHIR says it: itself a record. */
export function provenance(tour: Tour, patient: TourPatient): Uint8Array {
  const targets = patient.written.map(({ digest }) => ({
    identifier: { system: "urn:ietf:rfc:3986", value: `urn:sha256:${digest.slice(2)}` },
  }));
  const resource = buildProvenance({
    targets: targets.length > 0 ? targets : [{ display: "the patient's chart" }],
    recorded: new Date().toISOString(),
    author: { display: tour.generalHospital.name },
  });
  return new TextEncoder().encode(JSON.stringify(resource));
}

async function grant(tour: Tour, patient: TourPatient, viewer: Actor, purpose: Purpose, until: number): Promise<void> {
  const input = { viewer: viewer.id, categories: patient.granted, purpose, steward: tour.generalHospital.id, until };
  await actFor(tour, patient, {
    direct: (client) => client.grantAccess(input),
    signed: (client) => client.signGrantAccess(input),
  });
}

/** A patient does something: with ether by a transaction, without by a file that the hospital relays. */
export async function actFor(
  tour: Tour,
  patient: TourPatient,
  way: { direct: (client: FullClient) => Promise<unknown>; signed: (client: FullClient) => Promise<SignedActionFile> },
): Promise<void> {
  if (!patient.etherless) return void (await way.direct(patient.client));
  await tour.generalHospital.client.relay({ file: throughJson(await way.signed(patient.client)) });
}

/** For reports: how many bytes of plaintext were sealed. */
export const sealedBytes = (tour: Tour): number =>
  tour.patients.reduce(
    (sum, { written }) => sum + written.reduce((all, { plaintext }) => all + plaintext.length, 0),
    0,
  );
