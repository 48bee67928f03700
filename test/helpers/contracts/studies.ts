import { type Signer } from "ethers";

import { PROVIDER, RESEARCHER, licenseInstitution } from "../../../devnet/index.js";
import { CHART, NO_SIGNATURE, endow, openAccount } from "./bank.js";
import { DAY, authorize, signGrant, type Grant } from "./typed-data.js";
import { digestOf, now, populate } from "./world.js";

export const STUDY = 1n;
export const PRICE = 100n * CHART;
export const ENROLMENT = 10 * DAY;
export const TERM = 40 * DAY;
export const DISPUTE_TERM = 7 * DAY;
export const ANSWER_TERM = 14 * DAY;
export const DECISION_TERM = 30 * DAY;
export const CATEGORIES = 0b00000101;
export const HRESCH = 4;
export const DATA = digestOf("the salted data");

/** How far a participation is, numbered as the contract numbers it. */
export const Stage = {
  None: 0,
  Joined: 1,
  Withdrawn: 2,
  Delivered: 3,
  Left: 4,
  Disputed: 5,
  Answered: 6,
  Acknowledged: 7,
  Undelivered: 8,
} as const;
export const StudyStatus = { None: 0n, Open: 1n, Settled: 2n, Cancelled: 3n } as const;

/** A university with tokens that it approved, and alice and bob with accounts; no study is open yet. */
export async function withUniversity() {
  const world = await populate();
  const { chartToken, studies, alice, bob, generalHospital } = world;
  const university = (await world.ethers.getSigners())[10]!;
  const researcher = await licenseInstitution(world, university, "University", RESEARCHER | PROVIDER);
  world.names.set(researcher, "University");
  await endow(world, university.address, 10_000n * CHART);
  await (await chartToken.connect(university).approve(studies, 10_000n * CHART)).wait();
  await openAccount(world, alice, generalHospital);
  await openAccount(world, bob, generalHospital, digestOf("bob"));
  return { ...world, university, ids: { ...world.ids, researcher } };
}

export type StudyWorld = Awaited<ReturnType<typeof withUniversity>>;

export async function offerOf(world: Pick<StudyWorld, "networkHelpers">) {
  const time = await now(world);
  return {
    termsDigest: digestOf("the salted terms of a study"),
    categories: CATEGORIES,
    price: PRICE,
    minimum: 1,
    maximum: 2,
    enrolUntil: time + ENROLMENT,
    closesAt: time + TERM,
  };
}

/** {@link withUniversity}, with an open study for one or two. */
export async function withStudy() {
  const world = await withUniversity();
  const offer = await offerOf(world);
  await (await world.studies.connect(world.university).open(offer)).wait();
  return { ...world, offer };
}

export type OpenStudy = Awaited<ReturnType<typeof withStudy>>;

/** The grant that the study asks for. */
export const grantOf = ({ ids, offer }: OpenStudy): Grant => ({
  viewer: ids.researcher,
  purpose: HRESCH,
  steward: ids.hospital,
  categories: CATEGORIES,
  sensitiveFromAnySteward: false,
  until: BigInt(offer.closesAt + 60),
});

/** Joins with the patient's signature under the grant. */
export async function join(world: OpenStudy, by: Signer = world.alice) {
  const given = grantOf(world);
  const consent = await signGrant(world, by, given, { deadline: (await now(world)) + DAY });
  return world.studies.connect(by).join(STUDY, given.steward, given.until, consent);
}

/** Joins on the strength of what is granted. */
export const joinGranted = ({ studies, ids, alice }: OpenStudy, by: Signer = alice) =>
  studies.connect(by).join(STUDY, ids.hospital, 0, NO_SIGNATURE);

export const enrol = ({ networkHelpers, offer }: OpenStudy) => networkHelpers.time.increaseTo(offer.enrolUntil);

/** Counts alice, who is enough. */
export const release = ({ studies, ids }: OpenStudy) => studies.release(STUDY, [ids.alice]);

export async function signReceipt(world: OpenStudy, patient: bigint, by: Signer = world.generalHospital, data = DATA) {
  const steward = await world.registrar.participantOf(await by.getAddress());
  const message = { steward, study: STUDY, patient, dataDigest: data, deadline: (await now(world)) + DAY };
  return authorize(world.studies, "DeliveryReceipt", message, by);
}

export async function deliver(world: OpenStudy, patient = world.ids.alice, by: Signer = world.generalHospital) {
  return world.studies.deliver(STUDY, patient, DATA, await signReceipt(world, patient, by));
}

/** Alice's data is delivered. */
export async function withDelivery() {
  const world = await withStudy();
  await (await join(world)).wait();
  await enrol(world);
  await (await release(world)).wait();
  await (await deliver(world)).wait();
  return world;
}

export const endOf = ({ networkHelpers, offer }: OpenStudy) =>
  networkHelpers.time.increaseTo(offer.closesAt + DISPUTE_TERM);

/** {@link withDelivery}, and settled. */
export async function withSettlement() {
  const world = await withDelivery();
  await endOf(world);
  await (await world.studies.settle(STUDY)).wait();
  return world;
}
