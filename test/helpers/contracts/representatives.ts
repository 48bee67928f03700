import type { Signer } from "ethers";

import { asAuthority, COURT, fixture, licenseInstitution } from "../../../devnet/index.js";
import { loadChild } from "./child-world.js";
import { grantToInsurer } from "./grants.js";
import { inADay } from "./signatures.js";
import { authorize, DAY, type Message, type TypeName } from "./typed-data.js";
import { activate, now } from "./world.js";

export const NOTICE = 30 * DAY;

/** {@link loadChild}, with a licensed court; alice's child and bob have something to see at the hospital. */
export const withCourt = fixture(async () => {
  const world = await loadChild();
  const signers = await world.ethers.getSigners();
  const [court, otherCourt] = [signers[16]!, signers[17]!];
  const end = (await now(world)) + 40 * 365 * DAY;
  const courts = {
    court: await licenseInstitution(world, court, "District Court", COURT, end),
    otherCourt: await licenseInstitution(world, otherCourt, "Court of Appeal", COURT, end),
  };
  await activate(world, world.bob, world.generalHospital);
  return { ...world, court, otherCourt, ids: { ...world.ids, ...courts } };
});

export type CourtWorld = Awaited<ReturnType<typeof withCourt>>;

/** Whether somebody may view bob's, or the child's, summary. */
export async function sees(world: CourtWorld, patient: bigint, viewer: bigint): Promise<boolean> {
  const { steward, purpose } = await grantToInsurer(world);
  return world.consents.canView(patient, steward, viewer, 0, purpose);
}

/** A signature at Delegates, a day long, under the pair's version of now. */
export async function signAtDelegates(
  world: CourtWorld,
  type: TypeName,
  signer: Signer,
  message: Message & { representative: bigint },
  days = 1,
) {
  const { registrar, delegates } = world;
  const self = await registrar.participantOf(await signer.getAddress());
  const patient = (message["child"] ?? message["patient"]) as bigint;
  const { version } = await delegates.delegationOf(patient, message.representative);
  // Both signature epochs: the child's, and that of who signs for it.
  const signatureEpoch = (await registrar.epochsOf(patient))[1] + (await registrar.epochsOf(self))[1];
  const deadline = (await inADay(world)) + BigInt((days - 1) * DAY);
  return authorize(delegates, type, { institution: self, version, signatureEpoch, deadline, ...message }, signer);
}

type Pair = [patient: bigint, representative: bigint];

/** The authority ends a representative at once, as an institution's owner signed. */
export async function end(world: CourtWorld, by: Signer, [patient, representative]: Pair, message: Message = {}) {
  const order = await signAtDelegates(world, "RepresentativeEnd", by, { patient, representative, ...message });
  return world.delegates.connect(world.authority).endAsAuthority(patient, representative, order);
}

/** The authority appoints after its delay, as an institution's owner signed. */
export async function order(world: CourtWorld, by: Signer, [child, representative]: Pair, message: Message = {}) {
  const signed = await signAtDelegates(
    world,
    "RepresentativeAppointment",
    by,
    { child, representative, ...message },
    30,
  );
  const call = world.delegates.interface.encodeFunctionData("appointAsAuthority", [child, representative, signed]);
  return asAuthority(world, world.delegates, call);
}

/** The child's issuer gives it another representative, as a present one signed. */
export async function add(
  world: CourtWorld,
  present: Signer,
  [child, representative]: Pair,
  { sender = world.generalHospital, ...message }: { sender?: Signer } & Record<string, unknown> = {},
) {
  const issuer = await world.registrar.participantOf(await world.generalHospital.getAddress());
  const signed = await signAtDelegates(world, "RepresentativeAddition", present, {
    ...{ issuer, child, representative },
    ...message,
  });
  return world.delegates.connect(sender).addRepresentative(child, representative, signed);
}
