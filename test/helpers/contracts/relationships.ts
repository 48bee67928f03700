import { expect } from "chai";
import { type Signer } from "ethers";
import { DAY, authorize, type Offer } from "./typed-data.js";
import { Status, TERMS, minuteOf, now, populate, type World } from "./world.js";

export const MAX_NONCE = 2n ** 24n - 1n;

/** The general hospital proposes a relationship to alice. */
export const propose = (world: World, terms = TERMS, until = 0n) =>
  world.relationships.connect(world.generalHospital).propose(world.ids.alice, terms, until);

export const relationshipOf = (world: World) => world.relationships.relationship(world.ids.alice, world.ids.hospital);

export const tomorrow = async (world: World) => (await now(world)) + DAY;

/** What is stored, besides the flags that are told apart by name. */
export async function expectRelationship(world: World, expected: { status: bigint; nonce: bigint; blocked?: boolean }) {
  const { ids, relationships } = world;
  const r = await relationshipOf(world);
  expect(r.status, "status").to.equal(expected.status);
  expect(r.nonce, "nonce").to.equal(expected.nonce);
  expect(r.blocks % 2n === 1n, "blocked").to.equal(expected.blocked ?? false);
  expect(await relationships.isActive(ids.alice, ids.hospital)).to.equal(expected.status === Status.Active);
}

/** Expects that a call makes the relationship active on these terms: event, state and the patient's list. */
export async function expectActivation(world: World, call: () => Promise<unknown>, offer: Offer) {
  const { relationships, ids } = world;
  const time = (await now(world)) + 60;
  await world.networkHelpers.time.setNextBlockTimestamp(time);

  await expect(call())
    .to.emit(relationships, "RelationshipApproved")
    .withArgs(ids.alice, ids.hospital, offer.nonce, offer.termsDigest, offer.until);

  await expectRelationship(world, { status: Status.Active, nonce: offer.nonce });
  const r = await relationshipOf(world);
  expect(r.listed).to.be.true;
  expect(r.since).to.equal(minuteOf(time));
  expect(r.until).to.equal(minuteOf(offer.until));
  expect(r.termsDigest).to.equal(offer.termsDigest.slice(0, 42));
  expect(await relationships.providersOf(ids.alice, 0, 10)).to.deep.equal([ids.hospital]);
}

/** Alice's signature under an answer that ends something. */
export async function signReduction(
  world: World,
  type: "RelationshipDecline" | "RelationshipEnd" | "RelationshipSuspension",
  by: Signer,
  nonce = 1n,
) {
  return authorize(world.relationships, type, { ...(await about(world)), nonce }, by);
}

const about = async (world: World) => ({
  patient: world.ids.alice,
  provider: world.ids.hospital,
  providerName: "General Hospital",
  deadline: await tomorrow(world),
});

/** A signature under a block of the general hospital, for alice. */
export const signBlock = async (world: World, by: Signer, blocks: bigint) =>
  authorize(world.relationships, "ProviderBlock", { ...(await about(world)), blocks }, by);

/** A signature that lifts it. */
export async function signUnblock(world: World, by: Signer, blocks: bigint) {
  const [, signatureEpoch] = await world.registrar.epochsOf(world.ids.alice);
  return authorize(world.relationships, "ProviderUnblock", { ...(await about(world)), blocks, signatureEpoch }, by);
}

/** A signature that resumes what alice suspended. */
export async function signResumption(world: World, by: Signer, nonce: bigint) {
  const [, signatureEpoch] = await world.registrar.epochsOf(world.ids.alice);
  return authorize(
    world.relationships,
    "RelationshipResumption",
    { ...(await about(world)), nonce, signatureEpoch },
    by,
  );
}

/** {@link populate}, with the general hospital's proposal to alice. */
export async function withProposal() {
  const world = await populate();
  await propose(world);
  return world;
}
