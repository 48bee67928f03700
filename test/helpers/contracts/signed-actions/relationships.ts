import { DAY, type Message } from "../typed-data.js";
import { TERMS } from "../world.js";
import { PROVIDER_NAME, type Cast, type SignedAction } from "./action.js";
import { appointFriend } from "./delegates.js";
import { signAs } from "./sign-as.js";

const contract = ({ chain }: Cast) => chain.relationships;
const patient = (cast: Cast) => cast.patient;
const provider = (cast: Cast) => cast.provider;

const offerOf = (message: Message) => ({
  patient: message.patient as bigint,
  provider: message.provider as bigint,
  termsDigest: message.termsDigest as string,
  nonce: message.nonce as bigint,
  until: message.until as bigint,
});

const offerMessage = (cast: Cast): Message => ({
  patient: cast.patient.id,
  provider: cast.provider.id,
  termsDigest: TERMS,
  nonce: 1n,
  until: cast.deadline + BigInt(30 * DAY),
  deadline: cast.deadline,
});

const approvalMessage = (cast: Cast): Message => ({
  ...offerMessage(cast),
  providerName: PROVIDER_NAME,
  signatureEpoch: 0n,
});

const reductionMessage = (cast: Cast): Message => ({
  patient: cast.patient.id,
  provider: cast.provider.id,
  providerName: PROVIDER_NAME,
  nonce: 1n,
  deadline: cast.deadline,
});

const propose = (cast: Cast) => {
  const { termsDigest, until } = offerOf(offerMessage(cast));
  const data = cast.chain.relationships.interface.encodeFunctionData("propose", [cast.patient.id, termsDigest, until]);
  return cast.provider.send(cast.chain.relationships, data);
};

const establish = async (cast: Cast) => {
  const offer = offerMessage(cast);
  const signed = await signAs(cast.provider, cast.chain.relationships, "RelationshipOffer", offer);
  const data = cast.chain.relationships.interface.encodeFunctionData("accept", [offerOf(offer), signed]);
  return cast.patient.send(cast.chain.relationships, data);
};

const approve: SignedAction = {
  title: "approveWithSig",
  type: "RelationshipApproval",
  contract,
  signer: patient,
  prepare: propose,
  message: approvalMessage,
  encode: ({ chain }, message, authorization) =>
    chain.relationships.interface.encodeFunctionData("approveWithSig", [offerOf(message), authorization]),
  replay: "NotProposed",
};

const establishApproved: SignedAction = {
  title: "establish, the patient's signature",
  type: "RelationshipApproval",
  contract,
  signer: patient,
  message: approvalMessage,
  encode: async (cast, message, authorization) => {
    const offer: Message = { ...offerOf(message), deadline: message.deadline! };
    const offered = await signAs(cast.provider, cast.chain.relationships, "RelationshipOffer", offer);
    const args = [offerOf(message), offered, authorization] as const;
    return cast.chain.relationships.interface.encodeFunctionData("establish", [...args]);
  },
  replay: "AlreadyOpen",
};

const suspend = async (cast: Cast) => {
  await establish(cast);
  const { relationships } = cast.chain;
  const args = [cast.patient.id, cast.provider.id] as const;
  await cast.patient.send(relationships, relationships.interface.encodeFunctionData("suspend", [...args]));
};

const block = ({ chain, patient, provider }: Cast) =>
  patient.send(
    chain.relationships,
    chain.relationships.interface.encodeFunctionData("blockProvider", [patient.id, provider.id]),
  );

/** What changes a relationship that there is: patient, provider and a counter. */
const change = (
  title: "declineWithSig" | "endWithSig" | "suspendWithSig" | "resumeWithSig",
  rest: Pick<SignedAction, "type" | "prepare" | "message" | "replay">,
): SignedAction => ({
  title,
  contract,
  signer: patient,
  ...rest,
  encode: ({ chain }, message, authorization) =>
    chain.relationships.interface.encodeFunctionData(title as "endWithSig", [
      message.patient as bigint,
      message.provider as bigint,
      message.nonce as bigint,
      authorization,
    ]),
});

const blocking = (
  title: "blockProviderWithSig" | "unblockProviderWithSig",
  rest: Pick<SignedAction, "type" | "prepare" | "message" | "replay">,
): SignedAction => ({
  title,
  contract,
  signer: patient,
  ...rest,
  encode: ({ chain }, message, authorization) =>
    chain.relationships.interface.encodeFunctionData(title as "blockProviderWithSig", [
      message.patient as bigint,
      message.provider as bigint,
      message.blocks as bigint,
      authorization,
    ]),
});

const blockMessage = (cast: Cast, blocks: bigint): Message => ({
  patient: cast.patient.id,
  provider: cast.provider.id,
  providerName: PROVIDER_NAME,
  blocks,
  deadline: cast.deadline,
});

const CHANGES: SignedAction[] = [
  change("declineWithSig", {
    type: "RelationshipDecline",
    prepare: propose,
    message: reductionMessage,
    replay: "NotProposed",
  }),
  change("endWithSig", {
    type: "RelationshipEnd",
    prepare: establish,
    message: reductionMessage,
    replay: "WrongNonce",
  }),
  change("suspendWithSig", {
    type: "RelationshipSuspension",
    prepare: establish,
    message: reductionMessage,
    replay: "WrongNonce",
  }),
  change("resumeWithSig", {
    type: "RelationshipResumption",
    prepare: suspend,
    message: (cast) => ({ ...reductionMessage(cast), nonce: 2n, signatureEpoch: 0n }),
    replay: "NotSuspendedBy",
  }),
  blocking("blockProviderWithSig", {
    type: "ProviderBlock",
    message: (cast) => blockMessage(cast, 0n),
    replay: "WrongNonce",
  }),
  blocking("unblockProviderWithSig", {
    type: "ProviderUnblock",
    prepare: block,
    message: (cast) => ({ ...blockMessage(cast, 1n), signatureEpoch: 0n }),
    replay: "WrongNonce",
  }),
];

/** The same, signed by the patient's delegate. */
const byDelegate = (action: SignedAction): SignedAction => ({
  ...action,
  title: `${action.title}, by a delegate`,
  signer: ({ friend }) => friend,
  prepare: async (cast) => {
    await action.prepare?.(cast);
    await appointFriend(cast);
  },
});

/** Offers, and what patients and their delegates answer. */
export const RELATIONSHIP_ACTIONS: SignedAction[] = [
  {
    title: "accept",
    type: "RelationshipOffer",
    contract,
    signer: provider,
    sender: patient,
    message: offerMessage,
    encode: ({ chain }, message, authorization) =>
      chain.relationships.interface.encodeFunctionData("accept", [offerOf(message), authorization]),
    replay: "AlreadyOpen",
  },
  {
    title: "establish, the provider's signature",
    type: "RelationshipOffer",
    contract,
    signer: provider,
    message: offerMessage,
    encode: async (cast, message, authorization) => {
      const approval: Message = { ...message, providerName: PROVIDER_NAME, signatureEpoch: 0n };
      const approved = await signAs(cast.patient, cast.chain.relationships, "RelationshipApproval", approval);
      const args = [offerOf(message), authorization, approved] as const;
      return cast.chain.relationships.interface.encodeFunctionData("establish", [...args]);
    },
    replay: "AlreadyOpen",
  },
  ...[approve, establishApproved, ...CHANGES].flatMap((action) => [action, byDelegate(action)]),
];
