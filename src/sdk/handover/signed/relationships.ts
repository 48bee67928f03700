import { messageType, type MessageOf } from "../../chain/typed-data.js";
import { authorizationOf, signature, signedAction, signedSubject } from "./action.js";

/** A provider's offer. */
export const RELATIONSHIP_OFFER = messageType("PatientProviderRelationships", "RelationshipOffer", {
  fields: "uint40 patient, uint40 provider, bytes32 termsDigest, uint24 nonce, uint40 until, uint48 deadline",
  signedBy: "a licensed provider",
  diesWhen: "the relationship's nonce moves on",
  says: () => "We offer to keep this patient's records, on these terms.",
});

/** A patient's approval of a proposal or an offer. */
export const RELATIONSHIP_APPROVAL = messageType("PatientProviderRelationships", "RelationshipApproval", {
  fields:
    "uint40 patient, uint40 provider, string providerName, bytes32 termsDigest, uint24 nonce, uint40 until, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the relationship's nonce or status moves on, or the patient's signatures are cancelled",
  says: (m) => `I agree that ${m.providerName} keeps my records, on the terms that I was shown.`,
  about:
    "Approves a proposal on chain, or, together with the provider's offer, establishes the relationship in one transaction.",
});

export const RELATIONSHIP_DECLINE = messageType("PatientProviderRelationships", "RelationshipDecline", {
  fields: "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the proposal is answered or withdrawn",
  says: (m) => `I decline what ${m.providerName} proposes.`,
});

export const RELATIONSHIP_END = messageType("PatientProviderRelationships", "RelationshipEnd", {
  fields: "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the relationship's nonce moves on, but for one block",
  says: (m) => `${m.providerName} adds no more records of mine.`,
  about: "Grants, and records that are there, stay.",
});

export const RELATIONSHIP_SUSPENSION = messageType("PatientProviderRelationships", "RelationshipSuspension", {
  fields: "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the relationship's nonce moves on",
  says: (m) => `${m.providerName} adds no records of mine until I say so.`,
});

export const RELATIONSHIP_RESUMPTION = messageType("PatientProviderRelationships", "RelationshipResumption", {
  fields: "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "it was carried out, the relationship's nonce moves on, or the patient's signatures are cancelled",
  says: (m) => `${m.providerName} goes on as before I suspended it.`,
});

export const PROVIDER_BLOCK = messageType("PatientProviderRelationships", "ProviderBlock", {
  fields: "uint40 patient, uint40 provider, string providerName, uint16 blocks, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the provider is blocked",
  says: (m) => `I want no proposals or offers of ${m.providerName}.`,
  about: "`blocks` counts blocks and their lifting: even here.",
});

export const PROVIDER_UNBLOCK = messageType("PatientProviderRelationships", "ProviderUnblock", {
  fields: "uint40 patient, uint40 provider, string providerName, uint16 blocks, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the block is lifted, or the patient's signatures are cancelled",
  says: (m) => `${m.providerName} may propose and offer again.`,
  about: "`blocks` is odd here.",
});

/** What is signed: relationships. */
export const RELATIONSHIPS = signedSubject("Relationships", {
  about:
    "A delegate who may approve relationships signs the same answers, under the patient's number and both signature epochs.",
  actions: {
    approveRelationship: signedAction({
      type: RELATIONSHIP_APPROVAL,
      call: (m, by) => ["approveWithSig", offerOf(m), by],
    }),
    acceptOffer: signedAction({
      type: RELATIONSHIP_APPROVAL,
      attached: { offer: signature(RELATIONSHIP_OFFER) },
      call: (m, by, { offer }) => ["establish", offerOf(m), authorizationOf(offer), by],
    }),
    declineRelationship: signedAction({
      type: RELATIONSHIP_DECLINE,
      call: (m, by) => ["declineWithSig", m.patient, m.provider, m.nonce, by],
    }),
    endRelationship: signedAction({
      type: RELATIONSHIP_END,
      call: (m, by) => ["endWithSig", m.patient, m.provider, m.nonce, by],
    }),
    suspendRelationship: signedAction({
      type: RELATIONSHIP_SUSPENSION,
      call: (m, by) => ["suspendWithSig", m.patient, m.provider, m.nonce, by],
    }),
    resumeRelationship: signedAction({
      type: RELATIONSHIP_RESUMPTION,
      call: (m, by) => ["resumeWithSig", m.patient, m.provider, m.nonce, by],
    }),
    blockProvider: signedAction({
      type: PROVIDER_BLOCK,
      call: (m, by) => ["blockProviderWithSig", m.patient, m.provider, m.blocks, by],
    }),
    unblockProvider: signedAction({
      type: PROVIDER_UNBLOCK,
      call: (m, by) => ["unblockProviderWithSig", m.patient, m.provider, m.blocks, by],
    }),
  },
});

const offerOf = (m: MessageOf<"uint40 patient, uint40 provider, bytes32 termsDigest, uint24 nonce, uint40 until">) => ({
  patient: m.patient,
  provider: m.provider,
  termsDigest: m.termsDigest,
  nonce: m.nonce,
  until: m.until,
});
