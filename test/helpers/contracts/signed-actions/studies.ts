import { CHART, NO_SIGNATURE, endow } from "../bank.js";
import { DAY, type Message } from "../typed-data.js";
import { PROVIDER_NAME, type Cast, type SignedAction } from "./action.js";
import { DATA, STUDY_TERMS, openAccount } from "./data-bank.js";
import { signAs } from "./sign-as.js";

const contract = ({ chain }: Cast) => chain.studies;
const patient = (cast: Cast) => cast.patient;

const STUDY = 1n;
const HOUR = 60 * 60;
const HRESCH = 4;
const CATEGORIES = 0b00000101;

/** The provider's own study: it is the researcher as well. The patient has granted what it asks for. */
async function openStudy(cast: Cast) {
  await openAccount(cast);
  const { chartToken, studies, consents, networkHelpers } = cast.chain;
  const now = await networkHelpers.time.latest();
  await endow(cast.chain, cast.provider.address, 100n * CHART);
  const approval = chartToken.interface.encodeFunctionData("approve", [await studies.getAddress(), 100n * CHART]);
  await cast.provider.send(chartToken, approval);
  const offer = {
    termsDigest: STUDY_TERMS,
    categories: CATEGORIES,
    price: CHART,
    minimum: 1,
    maximum: 2,
    enrolUntil: now + HOUR,
    closesAt: now + 30 * DAY,
  };
  await cast.provider.send(studies, studies.interface.encodeFunctionData("open", [offer]));
  const given = { viewer: cast.provider.id, purpose: HRESCH, steward: cast.provider.id, categories: CATEGORIES };
  const grant = { ...given, sensitiveFromAnySteward: false, until: now + 60 * DAY };
  await cast.patient.send(consents, consents.interface.encodeFunctionData("grant", [cast.patient.id, grant]));
}

async function join(cast: Cast) {
  await openStudy(cast);
  const data = cast.chain.studies.interface.encodeFunctionData("join", [STUDY, cast.provider.id, 0, NO_SIGNATURE]);
  await cast.patient.send(cast.chain.studies, data);
}

async function enrol(cast: Cast) {
  await join(cast);
  await cast.chain.networkHelpers.time.increase(HOUR);
  const { studies, relayer } = cast.chain;
  await (await studies.connect(relayer).release(STUDY, [cast.patient.id])).wait();
}

const receiptMessage = (cast: Cast): Message => ({
  steward: cast.provider.id,
  study: STUDY,
  patient: cast.patient.id,
  dataDigest: DATA,
  deadline: cast.deadline,
});

async function deliver(cast: Cast) {
  await enrol(cast);
  const { studies, relayer } = cast.chain;
  const receipt = await signAs(cast.provider, studies, "DeliveryReceipt", receiptMessage(cast));
  await (await studies.connect(relayer).deliver(STUDY, cast.patient.id, DATA, receipt)).wait();
}

const participation = (cast: Cast): Message => ({ patient: cast.patient.id, study: STUDY, deadline: cast.deadline });

/** Joining, withdrawing, deliveries, disputes and payouts. */
export const STUDY_ACTIONS: SignedAction[] = [
  {
    title: "joinWithSig",
    type: "StudyJoin",
    contract,
    signer: patient,
    prepare: openStudy,
    message: (cast) => ({
      patient: cast.patient.id,
      study: STUDY,
      researcher: cast.provider.id,
      researcherName: PROVIDER_NAME,
      steward: cast.provider.id,
      stewardName: PROVIDER_NAME,
      termsDigest: STUDY_TERMS,
      price: CHART,
      minimum: 1n,
      signatureEpoch: 0n,
      deadline: cast.deadline - BigInt(DAY - HOUR / 2),
    }),
    encode: ({ chain }, message, authorization) =>
      chain.studies.interface.encodeFunctionData("joinWithSig", [
        message.study as bigint,
        message.steward as bigint,
        0,
        NO_SIGNATURE,
        authorization,
      ]),
    replay: "AlreadyTookPart",
  },
  {
    title: "withdrawWithSig, from a study",
    type: "StudyWithdrawal",
    contract,
    signer: patient,
    prepare: join,
    message: participation,
    encode: ({ chain }, message, authorization) =>
      chain.studies.interface.encodeFunctionData("withdrawWithSig", [message.study as bigint, authorization]),
    replay: "WrongStage",
  },
  {
    title: "deliver",
    type: "DeliveryReceipt",
    contract,
    signer: ({ provider }) => provider,
    prepare: enrol,
    message: receiptMessage,
    encode: ({ chain }, message, authorization) =>
      chain.studies.interface.encodeFunctionData("deliver", [
        message.study as bigint,
        message.patient as bigint,
        message.dataDigest as string,
        authorization,
      ]),
    replay: "WrongStage",
  },
  {
    title: "disputeWithSig",
    type: "DeliveryDispute",
    contract,
    signer: patient,
    prepare: deliver,
    message: participation,
    encode: ({ chain }, message, authorization) =>
      chain.studies.interface.encodeFunctionData("disputeWithSig", [message.study as bigint, authorization]),
    replay: "WrongStage",
  },
  {
    title: "acknowledge",
    type: "DeliveryAcknowledgement",
    contract,
    signer: patient,
    prepare: async (cast) => {
      await deliver(cast);
      await cast.patient.send(cast.chain.studies, cast.chain.studies.interface.encodeFunctionData("dispute", [STUDY]));
    },
    message: (cast) => ({
      recipient: cast.patient.id,
      study: STUDY,
      patient: cast.patient.id,
      dataDigest: DATA,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.studies.interface.encodeFunctionData("acknowledge", [
        message.study as bigint,
        message.patient as bigint,
        message.dataDigest as string,
        authorization,
      ]),
    replay: "WrongStage",
  },
  {
    title: "payoutWithSig",
    type: "StudyPayout",
    contract,
    signer: patient,
    prepare: async (cast) => {
      await deliver(cast);
      await cast.chain.networkHelpers.time.increase(7 * DAY);
    },
    message: (cast) => ({
      patient: cast.patient.id,
      study: STUDY,
      to: cast.newcomer.address,
      signatureEpoch: 0n,
      deadline: cast.deadline + BigInt(8 * DAY),
    }),
    encode: ({ chain }, message, authorization) =>
      chain.studies.interface.encodeFunctionData("payoutWithSig", [
        message.study as bigint,
        message.to as string,
        authorization,
      ]),
    replay: "NothingToPay",
    events: 2,
  },
];
