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

const clinicMessage = (cast: Cast): Message => ({ issuer: cast.provider.id, guardian: cast.friend.id, ...birth(cast) });

const guardianMessage = (cast: Cast): Message => ({ ...clinicMessage(cast), signatureEpoch: 0n });

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

/** Children: registered by a guardian and a clinic, come of age by a clinic and their own account. */
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
    events: 2,
  },
  {
    title: "registerChildWithSig, the clinic's signature",
    type: "ChildRegistration",
    contract,
    signer: ({ provider }) => provider,
    message: clinicMessage,
    encode: async (cast, message, authorization) => {
      const own = { ...guardianMessage(cast), ...pick(message, ["keyDocument", "commitment", "comesOfAgeIn"]) };
      const guardian = await signAs(cast.friend, cast.chain.registrar, "Guardianship", own);
      return cast.chain.registrar.interface.encodeFunctionData("registerChildWithSig", [
        ...argumentsOf(message),
        authorization,
        guardian,
      ]);
    },
    replay: "IdentityAlreadyLinked",
    events: 2,
  },
  {
    title: "registerChildWithSig, the guardian's signature",
    type: "Guardianship",
    contract,
    signer: ({ friend }) => friend,
    cancel: ({ chain, friend }) =>
      friend.send(chain.registrar, chain.registrar.interface.encodeFunctionData("cancelSignatures")),
    message: guardianMessage,
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
    events: 2,
  },
  {
    title: "changeSettingsWithSig, by a guardian",
    type: "PatientSettings",
    contract,
    signer: ({ friend }) => friend,
    // A child has no account that could: what its guardian does to everything does it.
    cancel: ({ chain, friend, next }) =>
      friend.send(chain.registrar, chain.registrar.interface.encodeFunctionData("revokeAll", [next])),
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
    title: "revokeAllWithSig, by a guardian",
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
