import { expect } from "chai";
import { ZeroAddress, id as keccakOfText } from "ethers";

import {
  EMERGENCY,
  PAYER,
  PROVIDER,
  asAuthority,
  createChain,
  keyDocumentOf,
  registerPatient,
} from "../../devnet/index.js";
import { licenseCrowd, registerCrowd, type CrowdProvider } from "../helpers/contracts/crowd.js";
import { DAY, signOffer } from "../helpers/contracts/typed-data.js";
import { TERMS, digestOf, offerToAlice } from "../helpers/contracts/world.js";
import { openStudy, type GasStudy } from "./study.js";

/** 1 January 2050: a fixed time, so that calls have the same bytes every time. */
export const START = 2_524_608_000;
/** The calendar year that {@link START} begins. */
export const START_YEAR = 2050;

export const DEADLINE = { deadline: START + 300 * DAY };
/** Until when what is measured is given. */
export const UNTIL = BigInt(START + 365 * DAY);

/** Gas by the name of what was measured. */
export type Measured = Record<string, number>;

/** A transaction under way. */
export interface Sent {
  wait(): Promise<{ gasUsed: bigint; hash: string } | null>;
}

/** Prepares a write, sends it, notes its gas, and undoes everything. */
export type Measure = (name: string, send: () => Promise<Sent>, ...before: (() => Promise<unknown>)[]) => Promise<void>;

/** A small network, or the same after a lot has happened in it. */
export async function setUp(size: "small" | "large"): Promise<World> {
  const world = await populate(size);
  // A full word of the list, so that what is measured is a later one, as it is for ever after the sixth provider.
  for (const clinic of await licenseCrowd(world, size === "small" ? 6 : 12, 200_001)) await approveOf(world, clinic);
  if (size === "large") await grow(world);
  const study = await openStudy(world, size === "small" ? 0 : 40);
  await world.networkHelpers.time.increaseTo(START + 30 * DAY);
  return { ...world, study };
}

async function populate(size: "small" | "large") {
  // The Data Bank counts its seasons from its deployment.
  const chain = await createChain(START - DAY);
  await chain.networkHelpers.time.increaseTo(START);
  const names = new Map<bigint, string>([[0n, "every steward"]]);
  if (size === "large") await registerCrowd(chain, 300);
  const alice = await registerPatient(chain, chain.alice, "Alice");
  const bob = await registerPatient(chain, chain.bob, "Bob");
  const license = async (signer: typeof chain.insurer, name: string, roles: number) => {
    await (await chain.registrar.connect(signer).registerInstitution(keyDocumentOf(name), name)).wait();
    const id = await chain.registrar.participantOf(signer.address);
    const args = [id, keccakOfText(name), roles, START + 3650 * DAY] as const;
    await asAuthority(chain, chain.registrar, chain.registrar.interface.encodeFunctionData("license", [...args]));
    names.set(id, name);
    return id;
  };
  const ids = {
    alice,
    bob,
    hospital: await license(chain.generalHospital, "General Hospital", PROVIDER | EMERGENCY),
    laboratory: await license(chain.laboratory, "Laboratory", PROVIDER),
    insurer: await license(chain.insurer, "Insurer", PAYER),
  };
  names.set(alice, "").set(bob, "");
  const clinics = await licenseCrowd(chain, 12);
  for (const { id } of clinics) names.set(id, "Clinic");
  return { ...chain, ids, names, nobody: 0n, zeroAddress: ZeroAddress, clinics };
}

type Population = Awaited<ReturnType<typeof populate>>;
export type World = Population & { study: GasStudy };

/** Three hundred grants and two thousand records of alice's. */
async function grow({ consents, records, ids, alice, provider }: Population) {
  const until = START + 365 * DAY;
  for (let i = 1; i <= 300; ++i) {
    const given = { viewer: BigInt(i), purpose: 0, steward: 7n, categories: 1, sensitiveFromAnySteward: false, until };
    await consents.connect(alice).grant(ids.alice, given);
  }
  const to = await records.getAddress();
  for (let i = 1; i <= 2000; ++i) {
    const data = records.interface.encodeFunctionData("anchor", [ids.alice, digestOf(`record ${i}`)]);
    await provider.send("eth_sendTransaction", [{ from: alice.address, to, data, gas: "0x30d40" }]);
  }
  expect((await records.headOf(ids.alice)) % 2n ** 40n).to.equal(2000);
}

/** A relationship of alice's with a clinic. */
export async function approveOf({ relationships, ids, alice, provider }: Population, clinic: CrowdProvider) {
  await relationships.connect(await provider.getSigner(clinic.account)).propose(ids.alice, TERMS, 0);
  return relationships.connect(alice).approve(ids.alice, clinic.id, 1, TERMS, 0);
}

/** The general hospital's signed offer to alice, and how she accepts it. */
export async function hospitalsOffer(world: World) {
  const offer = await offerToAlice(world, { until: UNTIL });
  const offered = await signOffer(world, world.generalHospital, offer, DEADLINE);
  return { offer, offered, accept: () => world.relationships.connect(world.alice).accept(offer, offered) };
}
