import type { ErrorCode } from "../src/errors/index.js";
import { CATEGORIES, type Category, type Client, type GuardiansFile, type BrokenGlass } from "../src/sdk/index.js";
import { backupOf, handOn, throughJson, type Actor } from "../devnet/published.js";
import { actFor, provenance, writeRecord, type Tour, type TourPatient } from "./workflow.js";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

/** A patient's proxy: sees and grants one category, for two hours. */
export interface Proxy {
  patient: TourPatient;
  delegate: Actor;
  category: Category;
  /** When the powers end, in seconds since 1970. */
  until: number;
}

/** A patient appoints a proxy, who grants the clinic what the proxy may grant. */
export async function appointProxy(tour: Tour): Promise<Proxy> {
  const { devnet, generalHospital: hospital, cityClinic: clinic } = tour;
  const patient = tour.patients[0]!;
  const category = patient.granted[0]!;
  const delegate = await person(tour, "proxy");
  const until = (await devnet.now()) + 2 * HOUR;
  const appointment = { delegate: delegate.id, approve: true, grant: [category], view: [category], until };
  await actFor(tour, patient, {
    direct: (client) => client.appointDelegate(appointment),
    signed: (client) => client.signAppointDelegate(appointment),
  });
  await handOn(hospital, delegate, patient.id, "PATRQT");

  const given = { viewer: clinic.id, purpose: "TREAT" as const, steward: hospital.id };
  await delegate.client.grantAccess({ ...given, patient: patient.id, categories: [category], until: until - HOUR });
  await handOn(hospital, clinic, patient.id, "TREAT");
  return { patient, delegate, category, until };
}

/** What this patient's settings admit in an emergency; of SENSITIVE medicines alone, by the patient's wish. */
export const EMERGENCY_CATEGORIES: readonly Category[] = ["SUMMARY", "MEDICATION", "SENSITIVE"];

/** An emergency: who came, and what was found out. */
export interface EmergencyCall {
  patient: TourPatient;
  ambulance: Actor;
  glass: BrokenGlass;
}

/** Both are sensitive: the one is asked for in an emergency, the other is nobody's business. */
const MEDICINE = { resourceType: "MedicationRequest", medicationCodeableConcept: { text: "Lithium carbonate 300 mg" } };
const NOTE = { resourceType: "ClinicalImpression", summary: "Notes of a psychotherapy session" };

/**
 * A patient wishes that responders see sensitive medicines. An ambulance finds the card, breaks the glass, and is handed the
 * emergency's records one by one.
 */
export async function answerEmergency(tour: Tour): Promise<EmergencyCall> {
  const { devnet, generalHospital: hospital } = tour;
  const patient = tour.patients.at(-1)!;
  const name = "Ambulance Service";
  const ambulance = await devnet.institution(name, ["EMERGENCY"]);
  tour.publicNames.push(name);

  await writeRecord(tour, patient, "SUMMARY", provenance(tour, patient));
  for (const resource of [MEDICINE, NOTE]) {
    await writeRecord(tour, patient, "SENSITIVE", new TextEncoder().encode(JSON.stringify(resource)));
  }
  await handOn(hospital, patient, patient.id, "PATRQT");
  const admitted = { emergencyCategories: EMERGENCY_CATEGORIES };
  await actFor(tour, patient, {
    direct: (client) => client.changeSettings(admitted),
    signed: (client) => client.signChangeSettings(admitted),
  });
  const wish = await patient.client.signEmergencyWish({ showSensitive: "medicines", sayThatMoreExists: true });
  await hospital.client.takeEmergencyWish({ file: throughJson(wish) });
  const found = await ambulance.client.readEmergencyCard({ card: await patient.client.emergencyCard() });
  const glass = await ambulance.client.breakGlass({ ...found, reason: "found unconscious" });
  await handOn(hospital, ambulance, patient.id, "ETREAT");
  return { patient, ambulance, glass };
}

/** A stolen key: who has it, who helps, and the patient with a new account. */
export interface Theft {
  patient: TourPatient;
  thief: Client;
  accomplice: Actor;
  /** The patient again, with another account and the vault out of a backup. */
  recovered: TourPatient;
  /** What the thief tried while the recovery was pending, and as what it has to fail. */
  attempts: { what: string; action: () => Promise<unknown>; refusal: ErrorCode }[];
  failed: boolean[];
}

/** A thief has a patient's key. The guardians give the patient another account; the thief does what can be done against it. */
export async function recoverFromTheft(tour: Tour, tried: (action: Theft["attempts"][number]) => Promise<boolean>) {
  const { devnet, generalHospital: hospital, cityClinic: clinic, institute: accomplice } = tour;
  const patient = tour.patients[0]!;
  const guardians = [
    await person(tour, "guardian 1"),
    await person(tour, "guardian 2"),
    await person(tour, "guardian 3"),
  ];
  const file = await chooseGuardians(tour, patient, guardians);
  const backup = await backupOf(patient);
  const now = await devnet.now();
  const granted = {
    categories: patient.granted,
    purpose: "TREAT" as const,
    steward: hospital.id,
    until: now + 60 * DAY,
  };
  await grantAs(tour, patient, { ...granted, viewer: clinic.id });

  const thief = await devnet.thiefOf(patient);
  const stolen = { ...patient, client: thief };
  const loot = { ...granted, viewer: accomplice.id, categories: CATEGORIES };
  await grantAs(tour, stolen, loot);

  const recovered = {
    ...patient,
    ...(await devnet.actor(`${patient.name} again`, { ether: !patient.etherless, backup })),
  };
  const newAccount = recovered.wallet.address;
  await guardians[0]!.client.startRecovery({ file, newAccount });
  await guardians[1]!.client.approveRecovery({ file, newAccount });
  const veto = () =>
    actFor(tour, stolen, {
      direct: (client) => client.vetoRecovery({ file }),
      signed: (client) => client.signVetoRecovery({ file }),
    });
  const attempts: Theft["attempts"] = [
    {
      what: "grant",
      action: () => grantAs(tour, stolen, { ...loot, purpose: "ETREAT" as const }),
      refusal: "RECOVERY_PENDING",
    },
    { what: "change guardians", action: () => chooseGuardians(tour, stolen, guardians), refusal: "RECOVERY_PENDING" },
    { what: "change the key", action: () => changeKey(tour, patient), refusal: "RECOVERY_PENDING" },
  ];
  const failed = [];
  for (const attempt of attempts) failed.push(await tried(attempt));
  await veto();
  attempts.push({ what: "veto again", action: veto, refusal: "NOT_VETOABLE" });
  failed.push(await tried(attempts.at(-1)!));
  await guardians[2]!.client.approveRecovery({ file, newAccount });

  await devnet.increaseTime(2 * DAY + 2 * 60);
  await actFor(tour, recovered, {
    direct: (client) => client.executeRecovery({ file }),
    signed: (client) => client.signExecuteRecovery({ file }),
  });
  recovered.id = await recovered.client.ownId();
  const former = await recovered.client.formerGrants();
  const grants = former.filter(({ viewer }) => viewer === clinic.id);
  await actFor(tour, recovered, {
    direct: (client) => client.changeConsents({ grants }),
    signed: (client) => client.signChangeConsents({ grants }),
  });
  tour.patients[0] = recovered;
  return { patient, thief, accomplice, recovered, attempts, failed } satisfies Theft;
}

async function person(tour: Tour, name: string): Promise<Actor> {
  return tour.devnet.patient(name);
}

async function chooseGuardians(tour: Tour, patient: TourPatient, guardians: Actor[]): Promise<GuardiansFile> {
  const choice = { members: guardians.map(({ id }) => id), threshold: 2, delay: DAY };
  if (!patient.etherless) return (await patient.client.setGuardians(choice)).file;
  const { action, file } = await patient.client.signSetGuardians(choice);
  await tour.generalHospital.client.relay({ file: action });
  return file;
}

const changeKey = (tour: Tour, patient: TourPatient) =>
  actFor(tour, patient, { direct: (client) => client.changeKey(), signed: (client) => client.signChangeKey() });

const grantAs = (tour: Tour, patient: TourPatient, input: Parameters<Client["grantAccess"]>[0]) => {
  const given = { ...input, ...(input.steward === undefined ? { sensitiveFromAnySteward: true } : {}) };
  return actFor(tour, patient, {
    direct: (client) => client.grantAccess(given),
    signed: (client) => client.signGrantAccess(given),
  });
};
