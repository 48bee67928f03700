import type { Cast, SignedAction } from "./action.js";
import { maskOf } from "./consent-parts.js";
import { OWNER } from "../participants.js";
import { categoriesOf, type Message } from "../typed-data.js";
import { signAs } from "./sign-as.js";
import { COMMITMENT, KEY_DOCUMENT } from "../world.js";

const contract = ({ chain }: Cast) => chain.registrar;
const patient = (cast: Cast) => cast.patient;

/** What the messages about an account have in common. */
const accountMessage = (cast: Cast, account: string, signatureEpoch = 0n): Message => ({
  participant: cast.patient.id,
  account,
  signatureEpoch,
  deadline: cast.deadline,
});

const additionMessage = (cast: Cast) => accountMessage(cast, cast.newcomer.address);

/** A person's settings, or those of the child in a person's care. */
export const settingsMessage = ({ deadline }: Cast, patient: bigint, signatureEpoch = 0n): Message => ({
  patient,
  refuseProposalsFromUnknownProviders: true,
  longestGrantInDays: 30n,
  emergencyCategories: categoriesOf(0b00000101),
  signatureEpoch,
  deadline,
});

export const settingsOf = (message: Message) => ({
  knownOnly: message.refuseProposalsFromUnknownProviders as boolean,
  longestGrant: message.longestGrantInDays as bigint,
  emergency: maskOf(message.emergencyCategories),
});

/** Registration, identities, accounts, epochs, keys and settings. */
export const REGISTRAR_ACTIONS: SignedAction[] = [
  {
    title: "registerPatientWithSig",
    type: "PatientRegistration",
    contract,
    signer: ({ newcomer }) => newcomer,
    message: ({ newcomer, deadline }) => ({ account: newcomer.address, keyDocument: KEY_DOCUMENT, deadline }),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("registerPatientWithSig", [
        message.keyDocument as string,
        { ...authorization, account: message.account as string },
      ]),
    replay: "AlreadyRegistered",
  },
  {
    title: "linkIdentity",
    type: "IdentityAttestation",
    contract,
    signer: ({ provider }) => provider,
    message: ({ provider, patient, deadline }) => ({
      issuer: provider.id,
      account: patient.address,
      commitment: COMMITMENT,
      deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("linkIdentity", [
        message.account as string,
        message.commitment as string,
        authorization,
      ]),
    replay: "IdentityAlreadyLinked",
  },
  {
    title: "addAccount",
    type: "AccountAddition",
    contract,
    signer: ({ newcomer }) => newcomer,
    sender: patient,
    message: additionMessage,
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("addAccount", [
        OWNER,
        { ...authorization, account: message.account as string },
      ]),
    replay: "AlreadyRegistered",
  },
  {
    title: "addAccountWithSig, the new account's signature",
    type: "AccountAddition",
    contract,
    signer: ({ newcomer }) => newcomer,
    message: additionMessage,
    encode: async (cast, message, authorization) => {
      const joining = { ...authorization, account: message.account as string };
      const inviting = await signAs(cast.patient, cast.chain.registrar, "AccountInvitation", {
        ...message,
        scope: "owner",
      });
      return cast.chain.registrar.interface.encodeFunctionData("addAccountWithSig", [OWNER, joining, inviting]);
    },
    replay: "AlreadyRegistered",
  },
  {
    title: "addAccountWithSig, the invitation",
    type: "AccountInvitation",
    contract,
    signer: patient,
    message: (cast) => ({ ...additionMessage(cast), scope: "owner" }),
    encode: async (cast, message, authorization) => {
      const joining = await signAs(cast.newcomer, cast.chain.registrar, "AccountAddition", message);
      return cast.chain.registrar.interface.encodeFunctionData("addAccountWithSig", [
        OWNER,
        { ...joining, account: message.account as string },
        authorization,
      ]);
    },
    replay: "AlreadyRegistered",
  },
  {
    title: "retireAccountWithSig",
    type: "AccountRetirement",
    contract,
    signer: patient,
    message: (cast) => accountMessage(cast, cast.patient.address),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("retireAccountWithSig", [message.account as string, authorization]),
    replay: "InvalidSignature",
  },
  {
    title: "keepAccountWithSig",
    type: "AccountKeeping",
    contract,
    signer: patient,
    prepare: ({ chain, patient }) =>
      patient.send(chain.registrar, chain.registrar.interface.encodeFunctionData("retireAccount", [patient.address])),
    message: (cast) => accountMessage(cast, cast.patient.address, 1n),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("keepAccountWithSig", [message.account as string, authorization]),
    replay: "InvalidSignature",
  },
  {
    title: "revokeAllWithSig",
    type: "FullRevocation",
    contract,
    signer: patient,
    message: (cast) => ({ patient: cast.patient.id, accessEpoch: 0n, deadline: cast.deadline }),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("revokeAllWithSig", [message.patient as bigint, authorization]),
    replay: "InvalidSignature",
  },
  {
    title: "cancelSignaturesWithSig",
    type: "SignatureCancellation",
    contract,
    signer: patient,
    message: (cast) => ({ participant: cast.patient.id, signatureEpoch: 0n, deadline: cast.deadline }),
    encode: ({ chain }, _message, authorization) =>
      chain.registrar.interface.encodeFunctionData("cancelSignaturesWithSig", [authorization]),
    replay: "InvalidSignature",
  },
  {
    title: "changeKeyWithSig",
    type: "KeyChange",
    contract,
    signer: patient,
    message: (cast) => ({
      participant: cast.patient.id,
      keyDocument: KEY_DOCUMENT,
      keyVersion: 2n,
      signatureEpoch: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("changeKeyWithSig", [message.keyDocument as string, authorization]),
    replay: "KeyChangeUnderWay",
  },
  {
    title: "cancelKeyChangeWithSig",
    type: "KeyChangeCancellation",
    contract,
    signer: patient,
    prepare: ({ chain, patient }) =>
      patient.send(chain.registrar, chain.registrar.interface.encodeFunctionData("changeKey", [KEY_DOCUMENT])),
    message: (cast) => ({
      participant: cast.patient.id,
      keyDocument: KEY_DOCUMENT,
      keyVersion: 2n,
      signatureEpoch: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, _message, authorization) =>
      chain.registrar.interface.encodeFunctionData("cancelKeyChangeWithSig", [authorization]),
    replay: "InvalidSignature",
  },
  {
    title: "changeSettingsWithSig",
    type: "PatientSettings",
    contract,
    signer: patient,
    message: (cast) => settingsMessage(cast, cast.patient.id),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("changeSettingsWithSig", [
        message.patient as bigint,
        settingsOf(message),
        authorization,
      ]),
    replay: "InvalidSignature",
  },
];
