import { RECORD, SEASON, VESTING, fund, toSeason } from "../bank.js";
import { DAY, type Message } from "../typed-data.js";
import { COMMITMENT, digestOf } from "../world.js";
import type { Cast, SignedAction } from "./action.js";
import { signAs } from "./sign-as.js";

const contract = ({ chain }: Cast) => chain.dataBank;
const patient = (cast: Cast) => cast.patient;

/** A deadline in the season in which the time stands after what was prepared. */
const laterBy = ({ deadline }: Cast, days: number) => deadline + BigInt(days * DAY);

/** The provider attests the patient's identity. */
export async function attestPatient(cast: Cast) {
  const { registrar } = cast.chain;
  const account = cast.patient.address;
  const message = { issuer: cast.provider.id, account, commitment: COMMITMENT, deadline: cast.deadline };
  const authorization = await signAs(cast.provider, registrar, "IdentityAttestation", message);
  const data = registrar.interface.encodeFunctionData("linkIdentity", [account, COMMITMENT, authorization]);
  await cast.chain.relayer.sendTransaction({ to: registrar, data });
}

/** The patient opens an account. */
export async function openAccount(cast: Cast) {
  await attestPatient(cast);
  const { dataBank } = cast.chain;
  const data = dataBank.interface.encodeFunctionData("openAccount", [cast.provider.id, COMMITMENT]);
  await cast.patient.send(dataBank, data);
}

const statementMessage = (cast: Cast): Message => ({
  steward: cast.provider.id,
  patient: cast.patient.id,
  season: 0n,
  recordDigest: RECORD,
  deadline: laterBy(cast, 31),
});

/** The season has come in which the provider may confirm a deposit of the patient's. */
async function expectStatement(cast: Cast) {
  await openAccount(cast);
  await fund(cast.chain, cast.provider.id, 2);
  await toSeason(cast.chain, 1);
}

/** The deposit is confirmed, and the season has come in which it is claimed. */
async function expectClaim(cast: Cast) {
  await expectStatement(cast);
  const { dataBank, relayer } = cast.chain;
  const authorization = await signAs(cast.provider, dataBank, "DepositStatement", statementMessage(cast));
  await (await dataBank.connect(relayer).confirmDeposit(cast.patient.id, RECORD, authorization)).wait();
  await toSeason(cast.chain, 3);
}

/** It is claimed, and all of it has vested. */
async function expectWithdrawal(cast: Cast) {
  await expectClaim(cast);
  const { dataBank, networkHelpers } = cast.chain;
  await cast.patient.send(dataBank, dataBank.interface.encodeFunctionData("claim", [cast.provider.id, 0, []]));
  await networkHelpers.time.increase(VESTING);
}

/** Accounts, deposits, claims and withdrawals. */
export const BANK_ACTIONS: SignedAction[] = [
  {
    title: "openAccountWithSig",
    type: "AccountOpening",
    contract,
    signer: patient,
    prepare: attestPatient,
    message: (cast) => ({
      patient: cast.patient.id,
      issuer: cast.provider.id,
      commitment: COMMITMENT,
      signatureEpoch: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.dataBank.interface.encodeFunctionData("openAccountWithSig", [
        message.issuer as bigint,
        message.commitment as string,
        authorization,
      ]),
    replay: "AccountAlreadyOpen",
  },
  {
    title: "confirmDeposit",
    type: "DepositStatement",
    contract,
    signer: ({ provider }) => provider,
    prepare: expectStatement,
    message: statementMessage,
    encode: ({ chain }, message, authorization) =>
      chain.dataBank.interface.encodeFunctionData("confirmDeposit", [
        message.patient as bigint,
        message.recordDigest as string,
        authorization,
      ]),
    replay: "DepositAlreadyConfirmed",
  },
  {
    title: "claimWithSig",
    type: "InterestClaim",
    contract,
    signer: patient,
    prepare: expectClaim,
    message: (cast) => ({
      patient: cast.patient.id,
      steward: cast.provider.id,
      season: 0n,
      signatureEpoch: 0n,
      deadline: laterBy(cast, (3 * SEASON) / DAY + 1),
    }),
    encode: ({ chain }, message, authorization) =>
      chain.dataBank.interface.encodeFunctionData("claimWithSig", [
        message.steward as bigint,
        message.season as bigint,
        [],
        authorization,
      ]),
    replay: "AlreadyClaimed",
  },
  {
    title: "withdrawWithSig, from the bank",
    type: "InterestWithdrawal",
    contract,
    signer: patient,
    prepare: expectWithdrawal,
    message: (cast) => ({
      patient: cast.patient.id,
      to: cast.newcomer.address,
      amount: 5n,
      withdrawal: 0n,
      signatureEpoch: 0n,
      deadline: laterBy(cast, (3 * SEASON + VESTING) / DAY + 1),
    }),
    encode: ({ chain }, message, authorization) =>
      chain.dataBank.interface.encodeFunctionData("withdrawWithSig", [
        message.to as string,
        message.amount as bigint,
        authorization,
      ]),
    replay: "InvalidSignature",
    events: 2,
  },
];

/** What a study is about, and what was delivered. */
export const STUDY_TERMS = digestOf("the salted terms of a study");
export const DATA = digestOf("the salted data");
