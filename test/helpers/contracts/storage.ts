import { AbiCoder, keccak256, toBeHex, type BigNumberish } from "ethers";

import type { World } from "./world.js";

/**
 * Writes counters near their ends, where no test could count to. Each writer names the slot; the tests read the value
 * back through the contract, so a slot that moved is noticed.
 *
 * Slots 0 and 1 of Registrar, PatientProviderRelationships and Consents are EIP712's fallback strings.
 */

const slotOf = (key: BigNumberish, slot: BigNumberish) =>
  keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [key, slot]));

type Chain = Pick<World, "networkHelpers">;
type Contract = { getAddress(): Promise<string> };

/** The lower `bits` bits at `shift` of a slot. */
async function writeBits(chain: Chain, contract: Contract, slot: string, shift: bigint, bits: bigint, value: bigint) {
  const address = await contract.getAddress();
  const word = BigInt(await chain.networkHelpers.getStorageAt(address, BigInt(slot)));
  const mask = ((1n << bits) - 1n) << shift;
  await chain.networkHelpers.setStorageAt(address, BigInt(slot), (word & ~mask) | (value << shift));
}

/** The Registrar's participants. */
const PARTICIPANTS = 4;

/** How many participants there are. */
export const setParticipantCount = (world: World, value: bigint) =>
  writeBits(world, world.registrar, toBeHex(2), 0n, 40n, value);

/** How often the participant cancelled outstanding signatures. */
export const setSignatureEpoch = (world: World, id: bigint, value: bigint) =>
  writeBits(world, world.registrar, slotOf(id, PARTICIPANTS), 168n, 32n, value);

/** The number of a participant's key. */
export const setKeyVersion = (world: Pick<World, "registrar" | "networkHelpers">, id: bigint, value: bigint) =>
  writeBits(world, world.registrar, slotOf(id, PARTICIPANTS), 8n, 16n, value);

/** How often a delegate's word was written. */
export const setDelegationVersion = (
  world: Pick<World, "delegates" | "networkHelpers">,
  patient: bigint,
  delegate: bigint,
  value: bigint,
) => writeBits(world, world.delegates, slotOf(delegate, slotOf(patient, 3)), 184n, 32n, value);

/** A relationship's nonce. */
export const setNonce = (world: World, patient: bigint, provider: bigint, value: bigint) =>
  writeBits(world, world.relationships, slotOf(provider, slotOf(patient, 2)), 16n, 24n, value);

/** How often a patient blocked and unblocked a provider. */
export const setBlocks = (world: World, patient: bigint, provider: bigint, value: bigint) =>
  writeBits(world, world.relationships, slotOf(provider, slotOf(patient, 2)), 5n, 11n, value);

/** How many providers a patient's list says it has. */
export const setListCount = (world: World, patient: bigint, value: bigint) =>
  writeBits(world, world.relationships, slotOf(0, slotOf(patient, 3)), 240n, 16n, value);

/** A patient's access epoch. */
export const setAccessEpoch = (world: World, patient: bigint, value: bigint) =>
  writeBits(world, world.registrar, slotOf(patient, PARTICIPANTS), 136n, 32n, value);

/** A viewer's generation. */
export const setGeneration = (world: World, patient: bigint, viewer: bigint, value: bigint) =>
  writeBits(world, world.consents, slotOf(viewer, slotOf(patient, 2)), 0n, 32n, value);

/** The version of the grant for treatment, in access epoch and generation 0. */
export const setVersion = (world: World, patient: bigint, viewer: bigint, steward: bigint, value: bigint) =>
  writeBits(world, world.consents, slotOf((patient << 152n) | (viewer << 80n) | steward, 3), 224n, 32n, value);

/** How many records a patient has. */
export const setRecordCount = (world: World, patient: bigint, value: bigint) =>
  writeBits(world, world.records, slotOf(patient, 0), 0n, 40n, value);

/** How often a log's head was published. */
export const setLogNumber = (world: World, institution: bigint, log: bigint, value: bigint) =>
  writeBits(world, world.records, slotOf(log, slotOf(institution, 1)), 40n, 32n, value);
