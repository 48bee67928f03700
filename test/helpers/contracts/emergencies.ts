import type { Signer } from "ethers";

import { EMERGENCY, PROVIDER, licenseInstitution } from "../../../devnet/index.js";
import { withDelegate } from "./delegates.js";
import { DAY, authorize } from "./typed-data.js";
import { digestOf, now } from "./world.js";

export const HOUR = 60 * 60;
export const REASON = digestOf("a salted reason");
export const [TREAT, ETREAT] = [0, 1];

/** What was found out about a break-glass, numbered as the contract numbers it. */
export const Outcome = { Unreviewed: 0, Justified: 1, Unjustified: 2 } as const;

/**
 * {@link withDelegate}, and two certified for emergency care: an ambulance, and a clinic that keeps records, too. The
 * hospital keeps records of alice's and isn't certified.
 */
export async function withResponders() {
  const world = await withDelegate();
  const [ambulance, clinic] = (await world.ethers.getSigners()).slice(15);
  const ids = {
    ...world.ids,
    ambulance: await licenseInstitution(world, ambulance!, "Ambulance", EMERGENCY),
    clinic: await licenseInstitution(world, clinic!, "Emergency Clinic", EMERGENCY | PROVIDER),
  };
  const names = new Map([...world.names, [ids.ambulance, "Ambulance"], [ids.clinic, "Emergency Clinic"]]);
  return { ...world, ambulance: ambulance!, clinic: clinic!, ids, names };
}

export type EmergencyWorld = Awaited<ReturnType<typeof withResponders>>;

/** In two hours, unless told otherwise. */
export const inHours = async (world: Pick<EmergencyWorld, "networkHelpers">, hours = 2) =>
  (await now(world)) + hours * HOUR;

/** The ambulance breaks alice's glass for two hours. */
export async function breakGlass(
  world: EmergencyWorld,
  by: Signer = world.ambulance,
  { patient = world.ids.alice, until, reason = REASON }: { patient?: bigint; until?: number; reason?: string } = {},
) {
  return world.consents.connect(by).breakGlass(patient, until ?? (await inHours(world)), reason);
}

/** What the ambulance, or another one, views of alice's at the hospital for emergency treatment, as a mask. */
export async function viewed(
  { consents, ids }: EmergencyWorld,
  viewer = ids.ambulance,
  { purpose = ETREAT, patient = ids.alice, steward = ids.hospital } = {},
) {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, category) => consents.canView(patient, steward, viewer, category, purpose)),
  );
  return answers.reduce((mask, yes, category) => mask | (yes ? 1 << category : 0), 0);
}

/** A patient's or delegate's signature under a review of alice's first emergency with the ambulance. */
export async function signReview(world: EmergencyWorld, by: Signer, justified: boolean, number = 1n) {
  const { alice: patient, ambulance: responder } = world.ids;
  const message = { patient, responder, responderName: "Ambulance", number, justified };
  const deadline = BigInt((await now(world)) + DAY);
  return authorize(world.consents, "EmergencyReview", { ...message, deadline }, by);
}

/** The three ways to review alice's emergency with the ambulance. */
export const REVIEWS = {
  review: (world: EmergencyWorld, by: Signer, outcome: number, number = 1n) =>
    world.consents.connect(by).review(world.ids.alice, world.ids.ambulance, number, outcome),
  reviewWithSig: async (world: EmergencyWorld, by: Signer, outcome: number, number = 1n) =>
    world.consents
      .connect(world.relayer)
      .reviewWithSig(
        world.ids.alice,
        world.ids.ambulance,
        number,
        outcome,
        await signReview(world, by, outcome === Outcome.Justified, number),
      ),
} as const;

/** The authority's review. */
export const reviewAsAuthority = (world: EmergencyWorld, outcome: number, number = 1n, by: Signer = world.authority) =>
  world.consents.connect(by).reviewAsAuthority(world.ids.alice, world.ids.ambulance, number, outcome);
