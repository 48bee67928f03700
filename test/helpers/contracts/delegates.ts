import { expect } from "chai";
import type { Result, Signer } from "ethers";

import { withGuardians, type RecoveryWorld, guardiansDigest } from "./recovery.js";
import { OBSERVATION, SUMMARY, maskOf } from "./grants.js";
import { signAtRegistrar } from "./signatures.js";
import { DAY, authorize, categoriesOf, type Grant } from "./typed-data.js";
import { COMMITMENT, KEY_DOCUMENT, activate, now } from "./world.js";

export const TREAT = 0;
export const HRESCH = 4;

export interface Powers {
  approving: boolean;
  granting: number;
  viewing: number;
}

export const ALL: Powers = { approving: true, granting: 255, viewing: 255 };
export const NONE = [false, 0n, 0n] as const;

/** What bob may do in alice's place: grant summaries and observations, view summaries. */
export const BOBS: Powers = { approving: true, granting: maskOf(SUMMARY, OBSERVATION), viewing: maskOf(SUMMARY) };

/** What an event says of an entry, as a predicate for `withArgs`; `from` where it is given. */
export const entry =
  (
    { approving, granting, viewing }: Powers,
    until: number,
    accessEpoch: number,
    version: number,
    { from, source = 0n, ofChild = false }: { from?: number; source?: bigint; ofChild?: boolean } = {},
  ) =>
  (delegation: Result): boolean => {
    const numbers = { granting, viewing, until, accessEpoch, version, ...(from === undefined ? {} : { from }) };
    const expected = Object.entries(numbers).map(([name, value]) => [name, BigInt(value)] as const);
    expect(delegation.toObject()).to.deep.include({ approving, source, ofChild, ...Object.fromEntries(expected) });
    return true;
  };

/** {@link withGuardians}, alice's relationship with the hospital, and bob her delegate for a month. */
export async function withDelegate() {
  const world = await withGuardians();
  await activate(world, world.alice, world.generalHospital);
  const until = (await now(world)) + 30 * DAY;
  await (await world.delegates.connect(world.alice).appoint(world.ids.bob, BOBS, until)).wait();
  return { ...world, until };
}

export type DelegateWorld = Awaited<ReturnType<typeof withDelegate>>;

/** What bob grants the insurer in alice's place: everything that he may, for as long as he may. */
export const bobsGrant = (world: DelegateWorld, change: Partial<Grant> = {}): Grant => ({
  viewer: world.ids.insurer,
  purpose: TREAT,
  steward: world.ids.hospital,
  categories: BOBS.granting,
  sensitiveFromAnySteward: false,
  until: BigInt(world.until),
  ...change,
});

/** Makes who is given a person whose recovery is pending. */
export async function freeze(world: RecoveryWorld, who: Signer) {
  const { registrar, carol, dave, guardians, newPhone } = world;
  const id = await registrar.participantOf(await who.getAddress());
  if (id !== world.ids.alice) {
    await registrar.connect(who).changeGuardians(guardiansDigest(id, guardians));
  }
  await registrar.connect(carol).startRecovery(id, newPhone.address, guardians);
  await registrar.connect(dave).approveRecovery(id, world.ids.carol, 1, guardians);
}

/** A patient's signature under an appointment. */
export async function signAppointment(
  world: RecoveryWorld,
  by: Signer,
  delegate: bigint,
  powers: Powers,
  until: number,
  { deadline, ...counters }: { deadline?: bigint; version?: bigint; signatureEpoch?: bigint } = {},
) {
  const { registrar, delegates } = world;
  const patient = await registrar.participantOf(await by.getAddress());
  const [, signatureEpoch] = await registrar.epochsOf(patient);
  const { version } = await delegates.delegationOf(patient, delegate);
  const message = {
    patient,
    delegate,
    approvesRelationships: powers.approving,
    grants: categoriesOf(powers.granting),
    views: categoriesOf(powers.viewing),
    until,
    signatureEpoch,
    version,
    ...counters,
    deadline: deadline ?? BigInt((await now(world)) + DAY),
  };
  return authorize(delegates, "DelegateAppointment", message, by);
}

/** A patient's signature under a dismissal. */
export async function signDismissal(world: RecoveryWorld, by: Signer, delegate: bigint, version: bigint) {
  const patient = await world.registrar.participantOf(await by.getAddress());
  const deadline = BigInt((await now(world)) + DAY);
  return authorize(world.delegates, "DelegateDismissal", { patient, delegate, version, deadline }, by);
}

/** The calendar year of the chain's time. */
export const yearOf = async (world: Pick<RecoveryWorld, "networkHelpers">) =>
  new Date((await now(world)) * 1000).getUTCFullYear();

/** When a calendar year begins, in seconds. */
export const startOf = (year: number) => Date.UTC(year, 0, 1) / 1000;

/** Registers a child of the representative's, attested by the hospital. */
export async function registerChild(world: RecoveryWorld, representative: Signer, comesOfAgeIn: number) {
  const { registrar, generalHospital } = world;
  const attested = await signAtRegistrar(world, "ChildRegistration", generalHospital, {
    representative: await registrar.participantOf(await representative.getAddress()),
    keyDocument: KEY_DOCUMENT,
    commitment: COMMITMENT,
    comesOfAgeIn,
  });
  await registrar.connect(representative).registerChild(KEY_DOCUMENT, COMMITMENT, comesOfAgeIn, attested);
  const child = await registrar.participantCount();
  world.names.set(child, "");
  return child;
}
