import { DAY, categoriesOf, revocationOf, type Message } from "../typed-data.js";
import { digestOf } from "../world.js";
import { PROVIDER_NAME, type Cast, type SignedAction } from "./action.js";
import { grantOf, scopeOf } from "./consent-parts.js";
import { appointFriend } from "./delegates.js";

const contract = ({ chain }: Cast) => chain.consents;
const patient = (cast: Cast) => cast.patient;
const friend = (cast: Cast) => cast.friend;

/** What an entry of a batch says, too. */
const entryMessage = (cast: Cast): Message => ({
  viewer: cast.provider.id,
  viewerName: PROVIDER_NAME,
  purpose: "HRESCH",
  categories: categoriesOf(0b00000110),
  steward: cast.provider.id,
  stewardName: PROVIDER_NAME,
  sensitiveFromAnySteward: false,
  until: cast.deadline + BigInt(30 * DAY),
  generation: 0n,
  version: 0n,
});

const grantMessage = (cast: Cast): Message => ({
  patient: cast.patient.id,
  ...entryMessage(cast),
  signatureEpoch: 0n,
  deadline: cast.deadline,
});

/** The provider breaks the glass. */
async function breakGlass(cast: Cast) {
  const { consents, networkHelpers } = cast.chain;
  const args = [cast.patient.id, (await networkHelpers.time.latest()) + 3600, digestOf("a reason")] as const;
  await cast.provider.send(consents, consents.interface.encodeFunctionData("breakGlass", [...args]));
}

const review: SignedAction = {
  title: "reviewWithSig",
  type: "EmergencyReview",
  contract,
  signer: patient,
  prepare: breakGlass,
  message: (cast) => ({
    patient: cast.patient.id,
    responder: cast.provider.id,
    responderName: PROVIDER_NAME,
    number: 1n,
    justified: false,
    deadline: cast.deadline,
  }),
  encode: ({ chain }, message, authorization) =>
    chain.consents.interface.encodeFunctionData("reviewWithSig", [
      message.patient as bigint,
      message.responder as bigint,
      message.number as bigint,
      message.justified === true ? 1 : 2,
      authorization,
    ]),
  replay: "AlreadyReviewed",
};

/** A constraint isn't for research. */
const constrain: SignedAction = {
  title: "grantConstrainedWithSig",
  type: "ConstrainedGrant",
  contract,
  signer: patient,
  message: (cast) => ({ ...grantMessage(cast), purpose: "TREAT", constraintDigest: digestOf("a constraint") }),
  encode: ({ chain }, message, authorization) =>
    chain.consents.interface.encodeFunctionData("grantConstrainedWithSig", [
      message.patient as bigint,
      grantOf(message),
      message.constraintDigest as string,
      authorization,
    ]),
  replay: "InvalidSignature",
};

const revokeGrant: SignedAction = {
  title: "revokeGrantWithSig",
  type: "GrantRevocation",
  contract,
  signer: patient,
  message: (cast) => revocationOf(grantMessage(cast)),
  encode: ({ chain }, message, authorization) => {
    const { viewer, purpose, steward, categories } = scopeOf(message);
    return chain.consents.interface.encodeFunctionData("revokeGrantWithSig", [
      message.patient as bigint,
      viewer,
      purpose,
      steward,
      categories,
      message.version as bigint,
      authorization,
    ]);
  },
  replay: "StaleSignature",
};

const revokeViewer: SignedAction = {
  title: "revokeViewerWithSig",
  type: "ViewerRevocation",
  contract,
  signer: patient,
  message: (cast) => ({
    patient: cast.patient.id,
    viewer: cast.provider.id,
    viewerName: PROVIDER_NAME,
    generation: 0n,
    deadline: cast.deadline,
  }),
  encode: ({ chain }, message, authorization) =>
    chain.consents.interface.encodeFunctionData("revokeViewerWithSig", [
      message.patient as bigint,
      message.viewer as bigint,
      authorization,
    ]),
  replay: "InvalidSignature",
};

/** Grants, revocations, both at once, and reviews. */
export const CONSENT_ACTIONS: SignedAction[] = [
  {
    title: "grantWithSig",
    type: "Grant",
    contract,
    signer: patient,
    message: grantMessage,
    encode: ({ chain }, message, authorization) =>
      chain.consents.interface.encodeFunctionData("grantWithSig", [
        message.patient as bigint,
        grantOf(message),
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  {
    title: "grantWithSig, by a delegate",
    type: "Grant",
    contract,
    signer: friend,
    prepare: appointFriend,
    // A delegate grants nothing for research.
    message: (cast) => ({ ...grantMessage(cast), purpose: "TREAT" }),
    encode: ({ chain }, message, authorization) =>
      chain.consents.interface.encodeFunctionData("grantWithSig", [
        message.patient as bigint,
        grantOf(message),
        authorization,
      ]),
    replay: "InvalidSignature",
  },
  constrain,
  { ...constrain, title: "grantConstrainedWithSig, by a delegate", signer: friend, prepare: appointFriend },
  revokeGrant,
  { ...revokeGrant, title: "revokeGrantWithSig, by a delegate", signer: friend, prepare: appointFriend },
  revokeViewer,
  { ...revokeViewer, title: "revokeViewerWithSig, by a delegate", signer: friend, prepare: appointFriend },
  {
    title: "changeConsentsWithSig",
    type: "ConsentChanges",
    contract,
    signer: patient,
    message: (cast) => ({
      patient: cast.patient.id,
      revocations: [revocationOf({ ...entryMessage(cast), purpose: "PUBHLTH" })],
      grants: [
        entryMessage(cast),
        { ...entryMessage(cast), viewer: cast.friend.id, viewerName: "", steward: 0n, stewardName: "every steward" },
      ],
      signatureEpoch: 0n,
      deadline: cast.deadline,
    }),
    encode: ({ chain }, message, authorization) =>
      chain.consents.interface.encodeFunctionData("changeConsentsWithSig", [
        (message.revocations as Message[]).map(scopeOf),
        (message.grants as Message[]).map(grantOf),
        authorization,
      ]),
    replay: "InvalidSignature",
    events: 3,
  },
  review,
  {
    ...review,
    title: "reviewWithSig, by a delegate",
    signer: friend,
    prepare: async (cast) => {
      await breakGlass(cast);
      await appointFriend(cast);
    },
  },
];
