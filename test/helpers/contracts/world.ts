import { ZeroAddress, sha256, toUtf8Bytes, type Signer } from "ethers";

import { PAYER, PROVIDER, deployedChain, fixture, licenseInstitution, registerPatient } from "../../../devnet/index.js";
import { DAY, signOffer, type Offer } from "./typed-data.js";

/** A sha2-256 digest, as terms, manifests and key documents have it. */
export const digestOf = (text: string) => sha256(toUtf8Bytes(text));

export const TERMS = digestOf("the terms");
export const KEY_DOCUMENT = digestOf("a key document");
export const COMMITMENT = digestOf("a salted identity");

/** A relationship's status, numbered as the contract numbers it. */
export const Status = {
  None: 0n,
  Proposed: 1n,
  Active: 2n,
  SuspendedByPatient: 3n,
  SuspendedByProvider: 4n,
  Ended: 5n,
  Declined: 6n,
  Withdrawn: 7n,
  Lapsed: 8n,
} as const;

/** Two patients, two providers and an insurer, all registered and licensed; the stranger and the relayer are nobody. */
export const populate = fixture(async () => {
  const chain = await deployedChain();
  const ids = {
    alice: await registerPatient(chain, chain.alice, "Alice"),
    bob: await registerPatient(chain, chain.bob, "Bob"),
    hospital: await licenseInstitution(chain, chain.generalHospital, "General Hospital", PROVIDER),
    laboratory: await licenseInstitution(chain, chain.laboratory, "Laboratory", PROVIDER),
    insurer: await licenseInstitution(chain, chain.insurer, "Insurer", PAYER),
  };
  const names = new Map<bigint, string>([
    [0n, "every steward"],
    [ids.alice, ""],
    [ids.bob, ""],
    [ids.hospital, "General Hospital"],
    [ids.laboratory, "Laboratory"],
    [ids.insurer, "Insurer"],
  ]);
  return { ...chain, ids, names, nobody: 0n, zeroAddress: ZeroAddress };
});

export type World = Awaited<ReturnType<typeof populate>>;

/** The chain's time, in seconds. */
export const now = (world: Pick<World, "networkHelpers">) => world.networkHelpers.time.latest();

/** The minute that a time in seconds falls into. */
export const minuteOf = (seconds: number | bigint) => BigInt(seconds) / 60n;

/** The general hospital's offer to alice, under the nonce that counts now. */
export async function offerToAlice(world: World, change: Partial<Offer> = {}): Promise<Offer> {
  const { nonce } = await world.relationships.relationship(world.ids.alice, world.ids.hospital);
  const offer = { patient: world.ids.alice, provider: world.ids.hospital, termsDigest: TERMS };
  return { ...offer, nonce: nonce + 1n, until: 0n, ...change };
}

/** Makes a relationship active by an accepted offer. */
export async function activate(
  world: Pick<World, "registrar" | "relationships" | "networkHelpers">,
  patient: Signer,
  provider: Signer,
  until = 0n,
) {
  const patientId = await world.registrar.participantOf(await patient.getAddress());
  const providerId = await world.registrar.participantOf(await provider.getAddress());
  const { nonce } = await world.relationships.relationship(patientId, providerId);
  const offer = { patient: patientId, provider: providerId, termsDigest: TERMS, nonce: nonce + 1n, until };
  const authorization = await signOffer(world, provider, offer, { deadline: (await now(world)) + DAY });
  await (await world.relationships.connect(patient).accept(offer, authorization)).wait();
}

/** {@link populate}, with alice's relationship with the general hospital active. */
export async function withRelationship() {
  const world = await populate();
  await activate(world, world.alice, world.generalHospital);
  return world;
}
