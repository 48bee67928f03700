import type { Signer } from "ethers";

import { fixture } from "../../../devnet/index.js";
import { withGuardians, type RecoveryWorld } from "./recovery.js";
import { OPERATOR, OWNER } from "./participants.js";
import { signAtRegistrar, signJoining } from "./signatures.js";
import { DAY, type Authorization } from "./typed-data.js";

export const RETIREMENT_DELAY = 30 * DAY;
export const OWNER_DELAY = 2 * DAY;

/** The two ways to do each: as oneself, and by a signature that somebody else sends. */
export const WAYS = ["direct", "signed"] as const;
export type Way = (typeof WAYS)[number];

/** `by` adds the account that signed `joining`. */
export async function add(world: RecoveryWorld, way: Way, by: Signer, joining: Authorization, scope = OWNER) {
  const { registrar, relayer } = world;
  if (way === "direct") return registrar.connect(by).addAccount(scope, joining);
  const invitation = { account: joining.account, scope: scope === OWNER ? "owner" : "operator" };
  const inviting = await signAtRegistrar(world, "AccountInvitation", by, invitation);
  return registrar.connect(relayer).addAccountWithSig(scope, joining, inviting);
}

export async function retire(world: RecoveryWorld, way: Way, by: Signer, account: string) {
  const { registrar, relayer } = world;
  if (way === "direct") return registrar.connect(by).retireAccount(account);
  const signed = await signAtRegistrar(world, "AccountRetirement", by, { account });
  return registrar.connect(relayer).retireAccountWithSig(account, signed);
}

export async function keep(world: RecoveryWorld, way: Way, by: Signer, account: string) {
  const { registrar, relayer } = world;
  if (way === "direct") return registrar.connect(by).keepAccount(account);
  const signed = await signAtRegistrar(world, "AccountKeeping", by, { account });
  return registrar.connect(relayer).keepAccountWithSig(account, signed);
}

/** Alice's participant, with her tablet as a second account. */
export const loadTwo = fixture(async () => {
  const world = await withGuardians();
  await add(world, "direct", world.alice, await signJoining(world, world.tablet, world.ids.alice));
  return world;
});

export const signatureEpoch = async ({ registrar }: RecoveryWorld, id: bigint) => (await registrar.epochsOf(id))[1];

/** {@link withGuardians}, with the tablet as an operator of the general hospital beside its owner. */
export const loadOperator = fixture(async () => {
  const world = await withGuardians();
  const joining = await signJoining(world, world.tablet, world.ids.hospital);
  await add(world, "direct", world.generalHospital, joining, OPERATOR);
  return { ...world, operator: world.tablet, owner: world.generalHospital };
});

export type OperatorWorld = Awaited<ReturnType<typeof loadOperator>>;
