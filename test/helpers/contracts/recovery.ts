import { expect } from "chai";
import { AbiCoder, ZeroHash, keccak256, type Signer } from "ethers";

import { registerPatient } from "../../../devnet/index.js";
import { DAY, authorize, type Twist } from "./typed-data.js";
import { digestOf, now, populate } from "./world.js";

export const HOUR = 60 * 60;
export const SALT = digestOf("a guardians' salt");
export const NEW_KEY = digestOf("the key document of the new phone");

/** How far a recovery has come, numbered as the contract numbers it. */
export const Stage = { None: 0n, Collecting: 1n, Pending: 2n, Escalated: 3n, Unstoppable: 4n } as const;

export const COLLECTING_TERM = 3 * DAY;
export const EXECUTION_TERM = 7 * DAY;
export const GUARDIAN_CHANGE_DELAY = 30 * DAY;

export interface GuardianSet {
  members: bigint[];
  threshold: number;
  /** In seconds. */
  delay: number;
  salt: string;
}

/** What the contract keeps of a person's guardians. */
export const guardiansDigest = (id: bigint, { members, threshold, delay, salt }: GuardianSet): string =>
  keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["uint40", "tuple(uint40[], uint8, uint32, bytes32)"],
      [id, [members, threshold, delay, salt]],
    ),
  );

/**
 * {@link populate}, with four more persons: alice's guardians. Two of them start a recovery's two days, three overcome a
 * veto. `newPhone` belongs to nobody yet: it is where alice wants to go on.
 */
export async function withGuardians() {
  const chain = await populate();
  const [carol, dave, erin, frank, newPhone, tablet, mallory] = (await chain.ethers.getSigners()).slice(8);
  const people = { carol: carol!, dave: dave!, erin: erin!, frank: frank! };
  const ids = {
    ...chain.ids,
    carol: await registerPatient(chain, people.carol, "Carol"),
    dave: await registerPatient(chain, people.dave, "Dave"),
    erin: await registerPatient(chain, people.erin, "Erin"),
    frank: await registerPatient(chain, people.frank, "Frank"),
  };
  const guardians: GuardianSet = {
    members: [ids.carol, ids.dave, ids.erin, ids.frank],
    threshold: 2,
    delay: 2 * DAY,
    salt: SALT,
  };
  const digest = guardiansDigest(ids.alice, guardians);
  await (await chain.registrar.connect(chain.alice).changeGuardians(digest)).wait();
  const names = new Map(chain.names);
  for (const id of guardians.members) names.set(id, "");
  return {
    ...chain,
    ...people,
    newPhone: newPhone!,
    tablet: tablet!,
    mallory: mallory!,
    ids,
    names,
    guardians,
    digest,
  };
}

export type RecoveryWorld = Awaited<ReturnType<typeof withGuardians>>;

/** Which recovery: by default the first one that carol started. */
export interface Which {
  starter?: bigint;
  number?: bigint;
  guardians?: GuardianSet;
}

const given = (world: RecoveryWorld, { starter, number, guardians }: Which) => ({
  starter: starter ?? world.ids.carol,
  number: number ?? 1n,
  guardians: guardians ?? world.guardians,
});

export const recoveryOf = (world: RecoveryWorld, starter = world.ids.carol) =>
  world.registrar.recoveryOf(world.ids.alice, starter);

export const stageOf = async (world: RecoveryWorld, starter = world.ids.carol) =>
  (await recoveryOf(world, starter)).stage;

/** Whether something that increases what others may is refused now. */
export const isFrozen = async (world: RecoveryWorld) =>
  world.registrar.standingOf(world.ids.alice).then(
    () => false,
    () => true,
  );

/** A deadline beyond every recovery: what refuses a signature must be something else than its age. */
export const inTwoMonths = async (world: Pick<RecoveryWorld, "networkHelpers">) =>
  BigInt((await now(world)) + 60 * DAY);

// What the guardians, the person and the new account do

export const start = (
  world: RecoveryWorld,
  by: Signer = world.carol,
  { newAccount = world.newPhone.address, guardians = world.guardians } = {},
) => world.registrar.connect(by).startRecovery(world.ids.alice, newAccount, guardians);

export const approve = (world: RecoveryWorld, by: Signer = world.dave, which: Which = {}) => {
  const { starter, number, guardians } = given(world, which);
  return world.registrar.connect(by).approveRecovery(world.ids.alice, starter, number, guardians);
};

export const veto = (world: RecoveryWorld, by: Signer = world.alice, which: Which = {}) => {
  const { starter, number, guardians } = given(world, which);
  return world.registrar.connect(by).vetoRecovery(starter, number, guardians);
};

/** The new account's signature. */
export async function accept(
  world: RecoveryWorld,
  by: Signer = world.newPhone,
  { keyDocument = ZeroHash, twist = {}, deadline, ...which }: Which & Acceptance = {},
) {
  const { starter, number } = given(world, which);
  const account = twist.account ?? (await by.getAddress());
  const message = { participant: world.ids.alice, account, keyDocument, starter, number };
  return authorize(
    world.registrar,
    "RecoveryAcceptance",
    { ...message, deadline: deadline ?? (await inTwoMonths(world)) },
    by,
    twist,
  );
}

export interface Acceptance {
  keyDocument?: string;
  twist?: Twist;
  deadline?: bigint;
}

/** The new account accepts and somebody sends it. */
export async function execute(
  world: RecoveryWorld,
  { by = world.newPhone, ...options }: Which & Acceptance & { by?: Signer } = {},
) {
  const { starter, guardians } = given(world, options);
  const accepted = await accept(world, by, options);
  return world.registrar
    .connect(world.relayer)
    .executeRecovery(world.ids.alice, starter, options.keyDocument ?? ZeroHash, guardians, accepted);
}

// How far it has come

/** Carol has started. */
export const collecting = async (world: RecoveryWorld) => start(world);

/** Carol and dave want it: the delay runs. */
export async function pending(world: RecoveryWorld) {
  await collecting(world);
  await approve(world);
}

/** Who has alice's key has vetoed. */
export async function escalated(world: RecoveryWorld) {
  await pending(world);
  await veto(world);
}

/** Erin wants it, too: twice the delay runs. */
export async function unstoppable(world: RecoveryWorld) {
  await escalated(world);
  await approve(world, world.erin);
}

/** When the recovery may be executed (seconds). */
export async function dueAt(world: RecoveryWorld, which: Which = {}) {
  const { starter, guardians } = given(world, which);
  const { stage, since } = await recoveryOf(world, starter);
  const delay = stage === Stage.Unstoppable ? 2 * guardians.delay : guardians.delay;
  return Number(since) * 60 + delay;
}

/** Waits until the recovery may be executed. */
export const waitUntilDue = async (world: RecoveryWorld, which: Which = {}) =>
  world.networkHelpers.time.increaseTo(await dueAt(world, which));

/** Everything of a recovery that goes well, up to and with its execution. */
export async function recover(world: RecoveryWorld, options: Parameters<typeof execute>[1] = {}) {
  await pending(world);
  await waitUntilDue(world);
  return execute(world, options);
}

/** What is stored, by the names of the fields. */
export async function expectRecovery(
  world: RecoveryWorld,
  expected: { stage: bigint; number?: bigint; approvals?: bigint; newAccount?: string },
  starter = world.ids.carol,
) {
  const recovery = await recoveryOf(world, starter);
  expect(recovery.stage, "stage").to.equal(expected.stage);
  if (expected.number !== undefined) expect(recovery.number, "number").to.equal(expected.number);
  if (expected.approvals !== undefined) expect(recovery.approvals, "approvals").to.equal(expected.approvals);
  if (expected.newAccount !== undefined) expect(recovery.newAccount, "new account").to.equal(expected.newAccount);
}

/** Signatures under what guardians and the person do. */
export async function signApproval(
  world: RecoveryWorld,
  by: Signer,
  {
    newAccount = world.newPhone.address,
    deadline,
    ...which
  }: Which & { newAccount?: string; deadline?: bigint | undefined } = {},
) {
  const guardian = await world.registrar.participantOf(await by.getAddress());
  const { starter, number } = given(world, which);
  const message = { guardian, participant: world.ids.alice, starter, number, newAccount };
  const limit = { deadline: deadline ?? (await inTwoMonths(world)) };
  return authorize(world.registrar, "RecoveryApproval", { ...message, ...limit }, by);
}

export async function signVeto(world: RecoveryWorld, by: Signer = world.alice, which: Which = {}) {
  const participant = await world.registrar.participantOf(await by.getAddress());
  const { starter, number } = given(world, which);
  return authorize(
    world.registrar,
    "RecoveryVeto",
    { participant, starter, number, deadline: await inTwoMonths(world) },
    by,
  );
}

export async function signGuardianChange(world: RecoveryWorld, digest: string, by: Signer = world.alice) {
  const participant = await world.registrar.participantOf(await by.getAddress());
  const [, signatureEpoch] = await world.registrar.epochsOf(participant);
  const message = { participant, guardiansDigest: digest, signatureEpoch, deadline: await inTwoMonths(world) };
  return authorize(world.registrar, "GuardianChange", message, by);
}
