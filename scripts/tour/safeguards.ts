import { randomBytes } from "node:crypto";

import { CATEGORIES, type Category, type Client, type GuardiansFile, type BrokenGlass } from "../../src/sdk/index.js";
import type { Actor } from "./cast.js";
import { actFor, chainTime, hand, provenance, writeRecord, type Tour, type TourPatient } from "./workflow.js";

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
  const { stage, generalHospital: hospital, cityClinic: clinic } = tour;
  const patient = tour.patients[0]!;
  const category = patient.granted[0]!;
  const delegate = await person(tour, "proxy");
  const until = (await chainTime(stage)) + 2 * HOUR;
  const appointment = { delegate: delegate.id, approve: true, grant: [category], view: [category], until };
  await actFor(tour, patient, {
    direct: (client) => client.appointDelegate(appointment),
    signed: (client) => client.signAppointDelegate(appointment),
  });
  await hand(hospital, patient, delegate, "PATRQT");

  const given = { viewer: clinic.id, purpose: "TREAT" as const, steward: hospital.id };
  await delegate.client.grantAccess({ ...given, patient: patient.id, categories: [category], until: until - HOUR });
  await hand(hospital, patient, clinic, "TREAT");
  return { patient, delegate, category, until };
}

/** An emergency: who came, and what was found out. */
export interface EmergencyCall {
  patient: TourPatient;
  ambulance: Actor;
  glass: BrokenGlass;
}

/** An ambulance finds a patient's card, breaks the glass, and is handed the emergency compartments' keys. */
export async function answerEmergency(tour: Tour): Promise<EmergencyCall> {
  const { stage, generalHospital: hospital } = tour;
  const patient = tour.patients.at(-1)!;
  const name = "Ambulance Service";
  const ambulance = await stage.actor(name, true);
  ambulance.id = (await ambulance.client.registerInstitution({ name })).participant;
  const until = (await chainTime(stage)) + 365 * DAY;
  await stage.authority.licenseInstitution({ institution: ambulance.id, roles: ["EMERGENCY"], until });
  tour.publicNames.push(name);

  await writeRecord(tour, patient, "SUMMARY", provenance(tour, patient));
  await hand(hospital, patient, patient, "PATRQT");
  const found = await ambulance.client.readEmergencyCard({ card: await patient.client.emergencyCard() });
  const glass = await ambulance.client.breakGlass({ ...found, reason: "found unconscious" });
  await hand(hospital, patient, ambulance, "ETREAT");
  return { patient, ambulance, glass };
}

/** A stolen key: who has it, who helps, and the patient with a new account. */
export interface Theft {
  patient: TourPatient;
  thief: Client;
  accomplice: Actor;
  /** The patient again, with another account and the vault out of a backup. */
  recovered: TourPatient;
  /** What the thief tried while the recovery was pending, and what it came to. */
  attempts: { what: string; action: () => Promise<unknown>; code: string }[];
  failed: boolean[];
}

/** A thief has a patient's key. The guardians give the patient another account; the thief does what can be done against it. */
export async function recoverFromTheft(tour: Tour, tried: (action: Theft["attempts"][number]) => Promise<boolean>) {
  const { stage, generalHospital: hospital, cityClinic: clinic, institute: accomplice } = tour;
  const patient = tour.patients[0]!;
  const guardians = [
    await person(tour, "guardian 1"),
    await person(tour, "guardian 2"),
    await person(tour, "guardian 3"),
  ];
  const file = await chooseGuardians(tour, patient, guardians);
  const passphrase = randomBytes(32).toString("hex");
  const backup = { bytes: await patient.vault.backup(passphrase), passphrase };
  const now = await chainTime(stage);
  const granted = {
    categories: patient.granted,
    purpose: "TREAT" as const,
    steward: hospital.id,
    until: now + 60 * DAY,
  };
  await grantAs(tour, patient, { ...granted, viewer: clinic.id });

  const thief = await stage.thiefOf(patient);
  const stolen = { ...patient, client: thief };
  const loot = { ...granted, viewer: accomplice.id, categories: CATEGORIES };
  await grantAs(tour, stolen, loot);

  const recovered = { ...patient, ...(await stage.actor(`${patient.name} again`, !patient.etherless, backup)) };
  const newAccount = recovered.wallet.address;
  await guardians[0]!.client.startRecovery({ file, newAccount });
  await guardians[1]!.client.approveRecovery({ file, newAccount });
  const veto = () =>
    actFor(tour, stolen, {
      direct: (client) => client.vetoRecovery({ file }),
      signed: (client) => client.signVetoRecovery({ file }),
    });
  const attempts = [
    {
      what: "grant",
      action: () => grantAs(tour, stolen, { ...loot, purpose: "ETREAT" as const }),
      code: "RECOVERY_PENDING",
    },
    { what: "change guardians", action: () => chooseGuardians(tour, stolen, guardians), code: "RECOVERY_PENDING" },
    { what: "change the key", action: () => changeKey(tour, patient), code: "RECOVERY_PENDING" },
  ];
  const failed = [];
  for (const attempt of attempts) failed.push(await tried(attempt));
  await veto();
  attempts.push({ what: "veto again", action: veto, code: "NOT_VETOABLE" });
  failed.push(await tried(attempts.at(-1)!));
  await guardians[2]!.client.approveRecovery({ file, newAccount });

  await stage.advanceTime(2 * DAY + 2 * 60);
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
  const actor = await tour.stage.actor(name, true);
  actor.id = (await actor.client.registerPatient()).participant;
  return actor;
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
