import type { Signer } from "ethers";

import { DAY, authorize, type Authorization, type Message, type Twist, type TypeName } from "./typed-data.js";
import { now, type World } from "./world.js";

/** A day from now, as a deadline. */
export const inADay = async (world: Pick<World, "networkHelpers">) => BigInt((await now(world)) + DAY);

/**
 * An account's signature at the Registrar, a day long. Says by itself who signs and under which signature epoch; anything
 * may be told otherwise.
 */
export async function signAtRegistrar(
  world: Pick<World, "registrar" | "networkHelpers">,
  type: TypeName,
  signer: Signer,
  fields: Message = {},
  twist: Twist = {},
): Promise<Authorization> {
  const { registrar } = world;
  const self = await registrar.participantOf(await signer.getAddress());
  const participant = (fields.participant as bigint | undefined) ?? self;
  const [accessEpoch, subjectsEpoch] = await registrar.epochsOf(participant);
  // A representative's signature names its own epoch as well.
  const inPlaceOf = type === "KeyChange" && participant !== self;
  const signatureEpoch = subjectsEpoch + (inPlaceOf ? (await registrar.epochsOf(self))[1] : 0n);
  const own = {
    participant,
    patient: self,
    representative: self,
    guardian: self,
    issuer: self,
    accessEpoch,
    signatureEpoch,
  };
  return authorize(registrar, type, { ...own, deadline: await inADay(world), ...fields }, signer, twist);
}

/** A new account's signature: it wants to belong to `participant`. */
export const signJoining = (
  world: Pick<World, "registrar" | "networkHelpers">,
  signer: Signer,
  participant: bigint,
  fields: Message = {},
) =>
  signer
    .getAddress()
    .then((account) => signAtRegistrar(world, "AccountAddition", signer, { participant, account, ...fields }));
