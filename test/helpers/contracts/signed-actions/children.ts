import type { ContractTransactionResponse } from "ethers";

import { keyDocumentOf } from "../../../../devnet/index.js";
import type { Message } from "../typed-data.js";
import { COMMITMENT, KEY_DOCUMENT } from "../world.js";
import type { Cast, SignedAction } from "./action.js";
import { settingsMessage, settingsOf } from "./registrar.js";
import { signAs } from "./sign-as.js";

const contract = ({ chain }: Cast) => chain.registrar;

/** The year in which the deadline of a cast falls: a child may come of age in it, and come of age now. */
const yearOf = ({ deadline }: Cast) => BigInt(new Date(Number(deadline) * 1000).getUTCFullYear());

const birth = (cast: Cast) => ({
  keyDocument: KEY_DOCUMENT,
  commitment: COMMITMENT,
  comesOfAgeIn: yearOf(cast) + 10n,
  deadline: cast.deadline,
});

const clinicMessage = (cast: Cast): Message => ({
  issuer: cast.provider.id,
  representative: cast.friend.id,
  ...birth(cast),
});

const representativeMessage = (cast: Cast): Message => ({ ...clinicMessage(cast), signatureEpoch: 0n });

const argumentsOf = ({ keyDocument, commitment, comesOfAgeIn }: Message) =>
  [keyDocument as string, commitment as string, comesOfAgeIn as bigint] as const;

/** The friend's child, who comes of age in this year. */
async function registerChild(cast: Cast) {
  const { registrar } = cast.chain;
  const message = { ...clinicMessage(cast), comesOfAgeIn: yearOf(cast) };
  const clinic = await signAs(cast.provider, registrar, "ChildRegistration", message);
  const data = registrar.interface.encodeFunctionData("registerChild", [...argumentsOf(message), clinic]);
  await cast.friend.send(registrar, data);
  // A year that began has to have begun on chain, too, where the deadline lies beyond the end of this one.
  const begins = Date.UTC(Number(yearOf(cast)), 0, 1) / 1000;
  const { time } = cast.chain.networkHelpers;
  if ((await time.latest()) < begins) await time.increaseTo(begins);
}

const comingMessage = (cast: Cast): Message => ({
  issuer: cast.provider.id,
  child: cast.next,
  account: cast.newcomer.address,
  keyDocument: keyDocumentOf("a grown child"),
  deadline: cast.deadline,
});

const joiningMessage = (cast: Cast): Message => ({
  child: cast.next,
  account: cast.newcomer.address,
  keyDocument: keyDocumentOf("a grown child"),
  deadline: cast.deadline,
});

/** A child has no account that could cancel: what its representative does to everything does it. */
const revokeAllOfChild = ({ chain, friend, next }: Cast) =>
  friend.send(chain.registrar, chain.registrar.interface.encodeFunctionData("revokeAll", [next]));

/** Children: registered by a representative and a clinic, come of age by a clinic and their own account. */
export const CHILDREN_ACTIONS: SignedAction[] = [
  {
    title: "registerChild",
    type: "ChildRegistration",
    contract,
    signer: ({ provider }) => provider,
    sender: ({ friend }) => friend,
    message: clinicMessage,
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("registerChild", [...argumentsOf(message), authorization]),
    replay: "IdentityAlreadyLinked",
    events: 3,
  },
  {
    title: "registerChildWithSig, the clinic's signature",
    type: "ChildRegistration",
    contract,
    signer: ({ provider }) => provider,
    message: clinicMessage,
    encode: async (cast, message, authorization) => {
      const own = { ...representativeMessage(cast), ...pick(message, ["keyDocument", "commitment", "comesOfAgeIn"]) };
      const representative = await signAs(cast.friend, cast.chain.registrar, "ChildRepresentation", own);
      return cast.chain.registrar.interface.encodeFunctionData("registerChildWithSig", [
        ...argumentsOf(message),
        authorization,
        representative,
      ]);
    },
    replay: "IdentityAlreadyLinked",
    events: 3,
  },
  {
    title: "registerChildWithSig, the representative's signature",
    type: "ChildRepresentation",
    contract,
    signer: ({ friend }) => friend,
    cancel: ({ chain, friend }) =>
      friend.send(chain.registrar, chain.registrar.interface.encodeFunctionData("cancelSignatures")),
    message: representativeMessage,
    encode: async (cast, message, authorization) => {
      const own = { ...clinicMessage(cast), ...pick(message, ["keyDocument", "commitment", "comesOfAgeIn"]) };
      const clinic = await signAs(cast.provider, cast.chain.registrar, "ChildRegistration", own);
      return cast.chain.registrar.interface.encodeFunctionData("registerChildWithSig", [
        ...argumentsOf(message),
        clinic,
        authorization,
      ]);
    },
    replay: "IdentityAlreadyLinked",
    events: 3,
  },
  {
    title: "changeSettingsWithSig, by a representative",
    type: "PatientSettings",
    contract,
    signer: ({ friend }) => friend,
    cancel: revokeAllOfChild,
    prepare: registerChild,
    message: (cast) => settingsMessage(cast, cast.next),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("changeSettingsWithSig", [
        message.patient as bigint,
        settingsOf(message),
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  {
    title: "revokeAllWithSig, by a representative",
    type: "FullRevocation",
    contract,
    signer: ({ friend }) => friend,
    prepare: registerChild,
    message: (cast) => ({ patient: cast.next, accessEpoch: 0n, deadline: cast.deadline }),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("revokeAllWithSig", [message.patient as bigint, authorization]),
    replay: "InvalidSignature",
  },
  {
    title: "changeKeyOfChildWithSig",
    type: "KeyChange",
    contract,
    signer: ({ friend }) => friend,
    prepare: registerChild,
    cancel: revokeAllOfChild,
    message: (cast) => ({
      participant: cast.next,
      keyDocument: keyDocumentOf("another key"),
      keyVersion: 2n,
      signatureEpoch: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.registrar.interface.encodeFunctionData("changeKeyOfChildWithSig", [
        message.participant as bigint,
        message.keyDocument as string,
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  {
    title: "addRepresentative",
    type: "RepresentativeAddition",
    contract: ({ chain }) => chain.delegates,
    signer: ({ friend }) => friend,
    sender: ({ provider }) => provider,
    prepare: registerChild,
    cancel: revokeAllOfChild,
    message: (cast) => ({
      issuer: cast.provider.id,
      child: cast.next,
      representative: cast.aunt.id,
      version: 0n,
      signatureEpoch: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.delegates.interface.encodeFunctionData("addRepresentative", [
        message.child as bigint,
        message.representative as bigint,
        authorization,
      ]),
    replay: "AlreadyAppointed",
  },
  {
    title: "endAsAuthority",
    type: "RepresentativeEnd",
    contract: ({ chain }) => chain.delegates,
    signer: ({ provider }) => provider,
    sender: ({ chain: { authority } }) => ({
      address: authority.address,
      signer: authority,
      send: async (to, data) => (await authority.sendTransaction({ to, data })) as ContractTransactionResponse,
    }),
    prepare: registerChild,
    message: (cast) => ({
      institution: cast.provider.id,
      patient: cast.next,
      representative: cast.friend.id,
      version: 1n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.delegates.interface.encodeFunctionData("endAsAuthority", [
        message.patient as bigint,
        message.representative as bigint,
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  {
    title: "comeOfAge, the clinic's signature",
    type: "ComingOfAge",
    contract,
    signer: ({ provider }) => provider,
    prepare: registerChild,
    message: comingMessage,
    encode: async (cast, message, authorization) => {
      const own = { ...joiningMessage(cast), ...pick(message, ["keyDocument"]) };
      const joining = await signAs(cast.newcomer, cast.chain.registrar, "ComingOfAgeAccount", own);
      return cast.chain.registrar.interface.encodeFunctionData("comeOfAge", [
        message.child as bigint,
        message.keyDocument as string,
        { ...joining, account: message.account as string },
        authorization,
      ]);
    },
    replay: "NotAChild",
    events: 3,
  },
  {
    title: "comeOfAge, the child's signature",
    type: "ComingOfAgeAccount",
    contract,
    signer: ({ newcomer }) => newcomer,
    prepare: registerChild,
    message: joiningMessage,
    encode: async (cast, message, authorization) => {
      const own: Message = { ...comingMessage(cast), ...pick(message, ["account", "keyDocument"]) };
      const clinic = await signAs(cast.provider, cast.chain.registrar, "ComingOfAge", own);
      return cast.chain.registrar.interface.encodeFunctionData("comeOfAge", [
        message.child as bigint,
        own.keyDocument as string,
        { ...authorization, account: message.account as string },
        clinic,
      ]);
    },
    replay: "NotAChild",
    events: 3,
  },
];

const pick = (message: Message, names: string[]): Message =>
  Object.fromEntries(names.map((name) => [name, message[name]!]));
