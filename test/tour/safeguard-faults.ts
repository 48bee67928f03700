import { getBytes, JsonRpcProvider, toQuantity, Wallet } from "ethers";

import { handOn, type Actor } from "../../devnet/index.js";
import { actFor, type Tour } from "../../tour/workflow.js";
import { createClient, type Category, type SignedActionFile } from "../../src/sdk/index.js";
import { allModules } from "../../src/sdk/modules/index.js";
import { handRawKey, laneOf, onlyPatient, type Plant } from "./faults.js";

const DAY = 24 * 60 * 60;

/** Everybody who came on stage since {@link watch}, and the patient as he or she was then. */
const casts = new WeakMap<Tour, Map<string, Actor>>();

/** From here on faults find actors by their names. */
export const watch: Plant = async (tour) => {
  const cast = new Map<string, Actor>([["victim", onlyPatient(tour)]]);
  casts.set(tour, cast);
  const actor = tour.devnet.actor.bind(tour.devnet);
  tour.devnet.actor = async (...given) => {
    const arrived = await actor(...given);
    cast.set(arrived.name, arrived);
    return arrived;
  };
};

export const actorOf = (tour: Tour, name: string): Actor => casts.get(tour)!.get(name)!;

/** Changes something about somebody who comes on stage later, right then. */
const arriving =
  (name: string, change: (arrived: Actor, tour: Tour) => void): Plant =>
  async (tour) => {
    const actor = tour.devnet.actor.bind(tour.devnet);
    tour.devnet.actor = async (...given) => {
      const arrived = await actor(...given);
      if (arrived.name === name) change(arrived, tour);
      return arrived;
    };
  };

// The proxy

/** The patient appoints the proxy again, with other powers or another term. */
const appointedAgain =
  (change: (now: { grant: Category[]; view: Category[]; until: number }, withheld: Category) => object): Plant =>
  async (tour) => {
    const patient = onlyPatient(tour);
    const delegate = actorOf(tour, "proxy").id;
    const now = (await patient.client.powersOf({ patient: patient.id, delegate }))!;
    const powers = { ...now, grant: [...now.grant], view: [...now.view] };
    const appointment = { ...powers, ...change(powers, patient.withheld) };
    await actFor(tour, patient, {
      direct: (client) => client.appointDelegate(appointment),
      signed: (client) => client.signAppointDelegate(appointment),
    });
  };

/** The proxy may view one more category, and has it delivered. */
export const proxySeesMore: Plant = async (tour) => {
  await appointedAgain(({ view }, withheld) => ({ view: [...view, withheld] }))(tour);
  await handOn(tour.generalHospital, actorOf(tour, "proxy"), onlyPatient(tour).id, "PATRQT");
};

/** The proxy may grant one more category. */
export const proxyGrantsMore: Plant = appointedAgain(({ grant }, withheld) => ({ grant: [...grant, withheld] }));

/** The proxy's powers last longer than was said. */
export const proxyStaysLonger: Plant = appointedAgain(({ until }) => ({ until: until + 3600 }));

/** The patient's app dismisses somebody else. */
export const dismissesAnother: Plant = async (tour) => {
  const { client } = onlyPatient(tour);
  const { signDismissDelegate } = client;
  client.signDismissDelegate = () => signDismissDelegate({ delegate: tour.insurer.id });
  return async () => {
    client.signDismissDelegate = signDismissDelegate;
  };
};

/** What the proxy granted, the patient revoked again. */
export const proxysGrantRevoked: Plant = async (tour) => revoke(tour, tour.cityClinic);

// The named records

/** The steward's software hands the payer a compartment's key as well. */
export const compartmentKeyFor =
  (name: string): Plant =>
  async (tour) => {
    const [key] = tour.generalHospital.vault.compartments
      .list({ patient: onlyPatient(tour).id })
      .filter(({ record }) => record === undefined);
    await handRawKey(actorOf(tour, name), key!);
  };

/** The patient lifted the constraint. */
export const constraintLifted: Plant = async (tour) => {
  const until = (await tour.devnet.now()) + 3600;
  const of = {
    viewer: actorOf(tour, "Claims Office").id,
    purpose: "HPAYMT" as const,
    steward: tour.generalHospital.id,
  };
  const given = { ...of, categories: ["SUMMARY"] as const, until, constraint: null, loseNarrowing: true };
  await actFor(tour, onlyPatient(tour), {
    direct: (client) => client.grantAccess(given),
    signed: (client) => client.signGrantAccess(given),
  });
};

// The broken glass

/** Another ambulance broke the glass, too. */
export const secondBreakGlass: Plant = async (tour) => {
  const { devnet } = tour;
  const name = "Other Ambulance";
  const other = await devnet.institution(name, ["EMERGENCY"]);
  tour.publicNames.push(name);
  await other.client.breakGlass({ patient: onlyPatient(tour).id, reason: "was in the neighbourhood" });
};

/** The ambulance hands out another reason than the one whose digest it gave. */
export const otherReason: Plant = arriving("Ambulance Service", ({ client }) => {
  const { breakGlass } = client;
  client.breakGlass = async (input) => {
    const broken = await breakGlass(input);
    return { ...broken, reasonFile: { ...broken.reasonFile, reason: "asked by the patient" } };
  };
});

/** The patient's app says that it was justified, whatever is pressed. */
export const alwaysJustified: Plant = async (tour) => {
  const { client } = onlyPatient(tour);
  const { signReviewEmergency } = client;
  client.signReviewEmergency = (review) => signReviewEmergency({ ...review, justified: true });
  return async () => {
    client.signReviewEmergency = signReviewEmergency;
  };
};

/** The patient's app leaves a category to responders when the patient opts out. */
export const halfOptOut: Plant = async (tour) => {
  const { client } = onlyPatient(tour);
  const { signChangeSettings } = client;
  client.signChangeSettings = () => signChangeSettings({ emergencyCategories: ["SUMMARY"] });
  return async () => {
    client.signChangeSettings = signChangeSettings;
  };
};

/** The patient granted the ambulance access for treatment, which outlasts the emergency. */
export const ambulanceGranted: Plant = async (tour) => {
  const { generalHospital: hospital, devnet } = tour;
  const until = (await devnet.now()) + 3600;
  const viewer = actorOf(tour, "Ambulance Service").id;
  const given = { viewer, categories: ["SUMMARY" as const], purpose: "TREAT" as const, steward: hospital.id, until };
  await actFor(tour, onlyPatient(tour), {
    direct: (client) => client.grantAccess(given),
    signed: (client) => client.signGrantAccess(given),
  });
};

// The retracted record

/** The hospital's software says that it retracted a record, and does nothing. */
export const retractsNothing: Plant = async (tour) => {
  const { client } = tour.generalHospital;
  const { retractRecord } = client;
  client.retractRecord = async () => {
    client.retractRecord = retractRecord;
    return { copies: [] } as never;
  };
};

/** Somebody's node shows the state of some blocks ago, and calls it the newest. */
export const olderNodeOf =
  (name: string): Plant =>
  async (tour) => {
    const actor = actorOf(tour, name);
    const { client, vault, store } = actor;
    const provider = new OlderProvider(tour.devnet.provider._getConnection().url);
    const runner = new Wallet(actor.wallet.privateKey, provider);
    actor.client = await createClient({ runner, deployment: client.deployment, modules: allModules, vault, store });
    return async () => {
      actor.client = client;
      provider.destroy();
    };
  };

const BLOCKS_BEHIND = 1;

class OlderProvider extends JsonRpcProvider {
  override async send(method: string, params: unknown[]): Promise<unknown> {
    const newest = Number(await super.send("eth_blockNumber", [])) - BLOCKS_BEHIND;
    if (method === "eth_blockNumber") return toQuantity(newest);
    const isNewest = (param: unknown) => param === "latest" || param === "finalized";
    const shown = params.map((param) => (isNewest(param) ? toQuantity(newest) : param));
    return super.send(method, shown as never);
  }
}

// The thief

/** The patient grants the accomplice something, after the recovery. */
export const accompliceGranted: Plant = async (tour) => {
  const { generalHospital: hospital, institute, devnet } = tour;
  const patient = onlyPatient(tour);
  const until = (await devnet.now()) + 3600;
  const categories = patient.granted;
  const given = { viewer: institute.id, categories, purpose: "PUBHLTH" as const, steward: hospital.id, until };
  await actFor(tour, patient, {
    direct: (client) => client.grantAccess(given),
    signed: (client) => client.signGrantAccess(given),
  });
};

/** The guardians were taken in: they gave the person back the account whose key the thief has. */
export const guardiansTakenIn: Plant = async (tour) => {
  const { generalHospital: hospital, devnet } = tour;
  const patient = onlyPatient(tour);
  const file: unknown = patient.vault.settings.get(`guardians:${patient.id}`);
  const victim = actorOf(tour, "victim");
  const newAccount = victim.wallet.address;
  await actorOf(tour, "guardian 1").client.startRecovery({ file, newAccount });
  await actorOf(tour, "guardian 2").client.approveRecovery({ file, newAccount });
  await devnet.increaseTime(DAY + 60);
  await hospital.client.relay({ file: await victim.client.signExecuteRecovery({ file }) });
};

/** A guardian's approval was under way while the thief granted. */
export const approvalStuck: Plant = arriving("guardian 2", ({ client }, tour) => {
  const { approveRecovery } = client;
  const { client: hospital } = tour.generalHospital;
  const { relay } = hospital;
  client.approveRecovery = async (input) => {
    hospital.relay = async ({ file }) => {
      if ((file as SignedActionFile).action === "changeGuardians") {
        hospital.relay = relay;
        await approveRecovery(input);
      }
      return relay({ file });
    };
    return { receipt: undefined, events: {} } as never;
  };
});

/** The hospital ended the relationship. */
export const relationshipEnded: Plant = async (tour) => {
  const { client, id: provider } = tour.generalHospital;
  const patient = onlyPatient(tour);
  await client.endRelationship({ patient: patient.id, provider });
  return async () => {
    const { terms } = await client.proposeRelationship({ patient: patient.id });
    await patient.client.takeTerms({ file: terms });
    const [proposal] = await patient.client.listPending();
    await client.relay({ file: await patient.client.signApproveRelationship(proposal!) });
  };
};

/** What the patient granted again, somebody revoked. */
export const clinicRevoked: Plant = async (tour) => revoke(tour, tour.cityClinic);

// Anybody

/** Somebody has the newest key of a category that the patient keeps from viewers. */
export const withheldKeyFor =
  (name: string): Plant =>
  async (tour) => {
    const { vault, id: steward } = tour.generalHospital;
    const { id: patient, withheld } = onlyPatient(tour);
    const key = vault.compartments.list({ patient, steward, category: laneOf(withheld) }).at(-1)!;
    await handRawKey(actorOf(tour, name), key);
  };

/** The steward gives somebody the key of everything that it writes. */
export const leakySteward =
  (name: string): Plant =>
  async (tour) => {
    const { client, vault } = tour.generalHospital;
    const { addRecord } = client;
    client.addRecord = async (input) => {
      const added = await addRecord(input);
      const { compartmentId } = vault.envelopes.get(getBytes(added.digest))!;
      await handRawKey(actorOf(tour, name), vault.compartments.get(compartmentId)!);
      return added;
    };
    return async () => {
      client.addRecord = addRecord;
    };
  };

async function revoke(tour: Tour, viewer: Actor): Promise<void> {
  await actFor(tour, onlyPatient(tour), {
    direct: (client) => client.revokeAccess({ viewer: viewer.id }),
    signed: (client) => client.signRevokeAccess({ viewer: viewer.id }),
  });
}
