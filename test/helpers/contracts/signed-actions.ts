// Longer than most: one declarative table of every signed action.
import { ZeroHash, id as keccakOfText, type BaseContract } from "ethers";

import { PROVIDER, asAuthority, keyDocumentOf, type Deployed } from "../deploy.js";
import type { Party } from "./party.js";
import {
  DAY,
  PURPOSES,
  authorize,
  categoriesOf,
  revocationOf,
  type Authorization,
  type Message,
  type TypeName,
} from "./typed-data.js";
import { COMMITMENT, KEY_DOCUMENT, TERMS } from "./world.js";

/** Who plays in a signed action: a patient and a provider with their ids, and an account that isn't registered. */
export interface Cast {
  chain: Deployed;
  patient: Party & { id: bigint };
  provider: Party & { id: bigint };
  newcomer: Party;
  deadline: bigint;
}

export const PROVIDER_NAME = "General Hospital";

/** One way to act by a signature. */
export interface SignedAction {
  title: string;
  type: TypeName;
  contract(cast: Cast): BaseContract;
  signer(cast: Cast): Party;
  /** Who sends it, where that isn't anybody. */
  sender?(cast: Cast): Party;
  /** Another call that must have been made before. */
  prepare?(cast: Cast): Promise<unknown>;
  /** The action as the contract expects it to be signed. */
  message(cast: Cast): Message;
  /** The call that carries the signature. */
  encode(cast: Cast, message: Message, authorization: Authorization): string | Promise<string>;
  /** What a second submission runs into. */
  replay: string;
}

const until = (cast: Cast) => cast.deadline + BigInt(30 * DAY);

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
  until: until(cast),
  deadline: cast.deadline,
});

const approvalMessage = (cast: Cast): Message => ({ ...offerMessage(cast), providerName: PROVIDER_NAME });

const reductionMessage = (cast: Cast): Message => ({
  patient: cast.patient.id,
  provider: cast.provider.id,
  providerName: PROVIDER_NAME,
  nonce: 1n,
  deadline: cast.deadline,
});

const grantMessage = (cast: Cast): Message => ({
  patient: cast.patient.id,
  viewer: cast.provider.id,
  viewerName: PROVIDER_NAME,
  purpose: "HRESCH",
  categories: categoriesOf(0b00000110),
  steward: cast.provider.id,
  stewardName: PROVIDER_NAME,
  sensitiveFromAnySteward: false,
  until: until(cast),
  accessEpoch: 0n,
  generation: 0n,
  version: 0n,
  deadline: cast.deadline,
});

const maskOf = (message: Message) =>
  Object.values(message.categories as Record<string, boolean>).reduce((mask, set, bit) => mask | (+set << bit), 0);

/** A purpose that isn't one is no call at all: it stands for the last one. */
const purposeOf = (message: Message) => {
  const purpose = (PURPOSES as readonly string[]).indexOf(message.purpose as string);
  return purpose < 0 ? PURPOSES.length - 1 : purpose;
};

const propose = (cast: Cast) => {
  const { termsDigest, until } = offerOf(offerMessage(cast));
  const data = cast.chain.relationships.interface.encodeFunctionData("propose", [cast.patient.id, termsDigest, until]);
  return cast.provider.send(cast.chain.relationships, data);
};

const establish = async (cast: Cast) => {
  const offer = offerMessage(cast);
  const signed = await authorize(cast.chain.relationships, "RelationshipOffer", offer, cast.provider.signer, {
    account: cast.provider.address,
  });
  const data = cast.chain.relationships.interface.encodeFunctionData("accept", [offerOf(offer), signed]);
  return cast.patient.send(cast.chain.relationships, data);
};

/** Every signed action there is. */
export const SIGNED_ACTIONS: SignedAction[] = [
  {
    title: "registerPatientWithSig",
    type: "PatientRegistration",
    contract: ({ chain }) => chain.registrar,
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
    contract: ({ chain }) => chain.registrar,
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
    title: "approveWithSig",
    type: "RelationshipApproval",
    contract: ({ chain }) => chain.relationships,
    signer: ({ patient }) => patient,
    prepare: propose,
    message: approvalMessage,
    encode: ({ chain }, message, authorization) =>
      chain.relationships.interface.encodeFunctionData("approveWithSig", [offerOf(message), authorization]),
    replay: "NotProposed",
  },
  {
    title: "accept",
    type: "RelationshipOffer",
    contract: ({ chain }) => chain.relationships,
    signer: ({ provider }) => provider,
    sender: ({ patient }) => patient,
    message: offerMessage,
    encode: ({ chain }, message, authorization) =>
      chain.relationships.interface.encodeFunctionData("accept", [offerOf(message), authorization]),
    replay: "AlreadyOpen",
  },
  {
    title: "establish, the provider's signature",
    type: "RelationshipOffer",
    contract: ({ chain }) => chain.relationships,
    signer: ({ provider }) => provider,
    message: offerMessage,
    encode: async (cast, message, authorization) => {
      const approval: Message = { ...message, providerName: PROVIDER_NAME };
      const { signer, address } = cast.patient;
      const approved = await authorize(cast.chain.relationships, "RelationshipApproval", approval, signer, {
        account: address,
      });
      return cast.chain.relationships.interface.encodeFunctionData("establish", [
        offerOf(message),
        authorization,
        approved,
      ]);
    },
    replay: "AlreadyOpen",
  },
  {
    title: "establish, the patient's signature",
    type: "RelationshipApproval",
    contract: ({ chain }) => chain.relationships,
    signer: ({ patient }) => patient,
    message: approvalMessage,
    encode: async (cast, message, authorization) => {
      const offer: Message = { ...offerOf(message), deadline: message.deadline ?? 0n };
      const { signer, address } = cast.provider;
      const offered = await authorize(cast.chain.relationships, "RelationshipOffer", offer, signer, {
        account: address,
      });
      return cast.chain.relationships.interface.encodeFunctionData("establish", [
        offerOf(message),
        offered,
        authorization,
      ]);
    },
    replay: "AlreadyOpen",
  },
  {
    title: "declineWithSig",
    type: "RelationshipDecline",
    contract: ({ chain }) => chain.relationships,
    signer: ({ patient }) => patient,
    prepare: propose,
    message: reductionMessage,
    encode: ({ chain }, message, authorization) =>
      chain.relationships.interface.encodeFunctionData("declineWithSig", [
        message.patient as bigint,
        message.provider as bigint,
        message.nonce as bigint,
        authorization,
      ]),
    replay: "NotProposed",
  },
  {
    title: "endWithSig",
    type: "RelationshipEnd",
    contract: ({ chain }) => chain.relationships,
    signer: ({ patient }) => patient,
    prepare: establish,
    message: reductionMessage,
    encode: ({ chain }, message, authorization) =>
      chain.relationships.interface.encodeFunctionData("endWithSig", [
        message.patient as bigint,
        message.provider as bigint,
        message.nonce as bigint,
        authorization,
      ]),
    replay: "WrongNonce",
  },
  {
    title: "grantWithSig",
    type: "Grant",
    contract: ({ chain }) => chain.consents,
    signer: ({ patient }) => patient,
    message: grantMessage,
    encode: ({ chain }, message, authorization) =>
      chain.consents.interface.encodeFunctionData("grantWithSig", [
        {
          viewer: message.viewer as bigint,
          purpose: purposeOf(message),
          steward: message.steward as bigint,
          categories: maskOf(message),
          sensitiveFromAnySteward: message.sensitiveFromAnySteward as boolean,
          until: message.until as bigint,
        },
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  {
    title: "revokeGrantWithSig",
    type: "GrantRevocation",
    contract: ({ chain }) => chain.consents,
    signer: ({ patient }) => patient,
    message: (cast) => revocationOf(grantMessage(cast)),
    encode: ({ chain }, message, authorization) =>
      chain.consents.interface.encodeFunctionData("revokeGrantWithSig", [
        message.viewer as bigint,
        purposeOf(message),
        message.steward as bigint,
        maskOf(message),
        message.version as bigint,
        authorization,
      ]),
    replay: "StaleSignature",
  },
  {
    title: "revokeViewerWithSig",
    type: "ViewerRevocation",
    contract: ({ chain }) => chain.consents,
    signer: ({ patient }) => patient,
    message: (cast) => ({
      patient: cast.patient.id,
      viewer: cast.provider.id,
      viewerName: PROVIDER_NAME,
      generation: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.consents.interface.encodeFunctionData("revokeViewerWithSig", [message.viewer as bigint, authorization]),
    replay: "InvalidSignature",
  },
  {
    title: "revokeAllWithSig",
    type: "FullRevocation",
    contract: ({ chain }) => chain.consents,
    signer: ({ patient }) => patient,
    message: (cast) => ({ patient: cast.patient.id, accessEpoch: 0n, deadline: cast.deadline }),
    encode: ({ chain }, _message, authorization) =>
      chain.consents.interface.encodeFunctionData("revokeAllWithSig", [authorization]),
    replay: "InvalidSignature",
  },
];

/** Registers the patient and the provider of a cast, and licenses the provider. */
export async function castOf(chain: Deployed, patient: Party, provider: Party, newcomer: Party): Promise<Cast> {
  const { registrar } = chain;
  const call = registrar.interface;
  await patient.send(registrar, call.encodeFunctionData("registerPatient", [keyDocumentOf("a patient")]));
  await provider.send(
    registrar,
    call.encodeFunctionData("registerInstitution", [keyDocumentOf("a provider"), PROVIDER_NAME]),
  );
  const ids = [
    await registrar.participantOf(patient.address),
    await registrar.participantOf(provider.address),
  ] as const;
  await licenseAsProvider(chain, ids[1]);
  const deadline = BigInt(await chain.networkHelpers.time.latest()) + BigInt(DAY);
  return { chain, patient: { ...patient, id: ids[0] }, provider: { ...provider, id: ids[1] }, newcomer, deadline };
}

/** Licenses an institution of the provider's name for a year. */
export async function licenseAsProvider(chain: Deployed, institution: bigint) {
  const until = (await chain.networkHelpers.time.latest()) + 365 * DAY;
  const name = keccakOfText(PROVIDER_NAME);
  const data = chain.registrar.interface.encodeFunctionData("license", [institution, name, PROVIDER, until]);
  await asAuthority(chain, chain.registrar, data);
}

/** The messages that differ from `message` in exactly one field, by the field's name. */
export function mutations(message: Message): [string, Message][] {
  return Object.entries(message).flatMap(([name, value]): [string, Message][] => {
    if (typeof value !== "object") return [[name, { ...message, [name]: mutated(value) }]];
    return Object.entries(value).map(([inner, set]) => [
      `${name}.${inner}`,
      { ...message, [name]: { ...value, [inner]: !set } },
    ]);
  });
}

function mutated(value: string | bigint | number | boolean): string | bigint | boolean {
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return BigInt(value) + 1n;
  if (value.length === 42) return "0x000000000000000000000000000000000000dEaD";
  if (value.length === 66) return ZeroHash.replace(/0$/, "1");
  return value === "HRESCH" ? "TREAT" : `${value} `;
}
