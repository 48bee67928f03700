import { keyDocumentOf } from "../../../../devnet/index.js";
import { DAY, type Message } from "../typed-data.js";
import { digestOf } from "../world.js";
import type { Cast, Member, SignedAction } from "./action.js";
import { guardiansDigest } from "../recovery.js";

const contract = ({ chain }: Cast) => chain.registrar;
const patient = (cast: Cast) => cast.patient;
const friend = (cast: Cast) => cast.friend;

/** Two of three, and a day. */
const guardiansOf = ({ friend, aunt, uncle }: Cast) => ({
  members: [friend.id, aunt.id, uncle.id],
  threshold: 2,
  delay: DAY,
  salt: digestOf("a salt"),
});

const send = (cast: Cast, by: Member, data: string) => by.send(cast.chain.registrar, data);

async function nameGuardians(cast: Cast) {
  const { registrar } = cast.chain;
  const digest = guardiansDigest(cast.patient.id, guardiansOf(cast));
  await send(cast, cast.patient, registrar.interface.encodeFunctionData("changeGuardians", [digest]));
}

/** The aunt starts a recovery. */
async function start(cast: Cast) {
  await nameGuardians(cast);
  const { interface: call } = cast.chain.registrar;
  const args = [cast.patient.id, cast.newcomer.address, guardiansOf(cast)] as const;
  await send(cast, cast.aunt, call.encodeFunctionData("startRecovery", [...args]));
}

/** The uncle's approval is enough. */
async function startDelay(cast: Cast) {
  await start(cast);
  const { interface: call } = cast.chain.registrar;
  const args = [cast.patient.id, cast.aunt.id, 1, guardiansOf(cast)] as const;
  await send(cast, cast.uncle, call.encodeFunctionData("approveRecovery", [...args]));
}

async function waitForDelay(cast: Cast) {
  await startDelay(cast);
  await cast.chain.networkHelpers.time.increase(DAY + 60);
}

const approvalMessage = (cast: Cast, starter: Member): Message => ({
  guardian: cast.friend.id,
  participant: cast.patient.id,
  starter: starter.id,
  number: 1n,
  newAccount: cast.newcomer.address,
  deadline: cast.deadline,
});

/** Guardians, and what they and the person do in a recovery. */
export const RECOVERY_ACTIONS: SignedAction[] = [
  {
    title: "changeGuardiansWithSig",
    type: "GuardianChange",
    contract,
    signer: patient,
    message: (cast) => ({
      participant: cast.patient.id,
      guardiansDigest: digestOf("some guardians"),
      signatureEpoch: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("changeGuardiansWithSig", [
        message.guardiansDigest as string,
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  {
    title: "startRecoveryWithSig",
    type: "RecoveryApproval",
    contract,
    signer: friend,
    prepare: nameGuardians,
    message: (cast) => approvalMessage(cast, cast.friend),
    encode: (cast, message, authorization) =>
      cast.chain.registrar.interface.encodeFunctionData("startRecoveryWithSig", [
        message.participant as bigint,
        message.newAccount as string,
        guardiansOf(cast),
        authorization,
      ]),
    replay: "InvalidSignature",
    events: 2,
  },
  {
    title: "approveRecoveryWithSig",
    type: "RecoveryApproval",
    contract,
    signer: friend,
    prepare: start,
    message: (cast) => approvalMessage(cast, cast.aunt),
    encode: (cast, message, authorization) =>
      cast.chain.registrar.interface.encodeFunctionData("approveRecoveryWithSig", [
        message.participant as bigint,
        message.starter as bigint,
        message.number as bigint,
        guardiansOf(cast),
        authorization,
      ]),
    replay: "AlreadyApproved",
  },
  {
    title: "vetoRecoveryWithSig",
    type: "RecoveryVeto",
    contract,
    signer: patient,
    prepare: startDelay,
    message: (cast) => ({
      participant: cast.patient.id,
      starter: cast.aunt.id,
      number: 1n,
      deadline: cast.deadline,
    }),
    encode: (cast, message, authorization) =>
      cast.chain.registrar.interface.encodeFunctionData("vetoRecoveryWithSig", [
        message.starter as bigint,
        message.number as bigint,
        guardiansOf(cast),
        authorization,
      ]),
    replay: "NotVetoable",
  },
  {
    title: "executeRecovery",
    type: "RecoveryAcceptance",
    contract,
    signer: ({ newcomer }) => newcomer,
    prepare: waitForDelay,
    message: (cast) => ({
      participant: cast.patient.id,
      account: cast.newcomer.address,
      keyDocument: keyDocumentOf("a recovered person"),
      starter: cast.aunt.id,
      number: 1n,
      // The delay is over by then, and the time to execute isn't.
      deadline: cast.deadline + BigInt(2 * DAY),
    }),
    encode: (cast, message, authorization) =>
      cast.chain.registrar.interface.encodeFunctionData("executeRecovery", [
        message.participant as bigint,
        message.starter as bigint,
        message.keyDocument as string,
        guardiansOf(cast),
        { ...authorization, account: message.account as string },
      ]),
    replay: "NoRecoveryPending",
    events: 3,
  },
];
