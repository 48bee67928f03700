import { openStage, type Actor, type Stage } from "../scripts/tour/cast.js";
import type { Purpose } from "../src/sdk/index.js";

/** A local chain with one hospital that may write. */
export interface World {
  stage: Stage;
  hospital: Actor;
  /** A registered patient whose relationship with the hospital is active. */
  patient(name: string): Promise<Actor>;
  /** A registered person without any relationship. */
  person(name: string): Promise<Actor>;
}

const YEAR = 365 * 24 * 60 * 60;

/** Starts a chain, deploys, and licenses a hospital. Close its stage afterwards. */
export async function openWorld(): Promise<World> {
  const stage = await openStage();
  const hospital = await stage.actor("General Hospital", true);
  hospital.id = (await hospital.client.registerInstitution({ name: hospital.name })).participant;
  const until = (await chainTime(stage)) + YEAR;
  await stage.authority.licenseInstitution({ institution: hospital.id, roles: ["PROVIDER"], until });

  const person = async (name: string) => {
    const actor = await stage.actor(name, true);
    actor.id = (await actor.client.registerPatient()).participant;
    return actor;
  };
  return {
    stage,
    hospital,
    person,
    async patient(name) {
      const patient = await person(name);
      await hospital.client.proposeRelationship({ patient: patient.id });
      const [proposal] = await patient.client.listPending();
      await patient.client.approveRelationship(proposal!);
      return patient;
    },
  };
}

/** Keys and envelopes go to a participant as the file that carries them in life. */
export async function deliver(from: Actor, patient: Actor, to: Actor, purpose: Purpose): Promise<void> {
  const file = await from.client.deliver({ patient: patient.id, viewer: to.id, purpose });
  await to.client.importDelivery({ file: JSON.parse(JSON.stringify(file)) as unknown });
}

export const chainTime = async ({ provider }: Stage): Promise<number> => (await provider.getBlock("latest"))!.timestamp;
