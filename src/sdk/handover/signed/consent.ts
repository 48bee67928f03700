import { messageType, categoriesMaskOf, type MessageOf } from "../../chain/typed-data.js";
import { OUTCOMES, purposeIndex } from "../../vocabulary.js";
import { at, mine, purposeInWords, who } from "./in-words.js";
import { signedAction, signedSubject } from "./action.js";

/** What names a grant for the one who signs: verified names, and a word for every category. */
const SCOPE =
  "uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName";

type Scope = MessageOf<typeof SCOPE>;

export const GRANT = messageType("Consents", "Grant", {
  fields:
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the grant is written, the viewer is revoked, or the patient's signatures are cancelled",
  says: (m) => grantInWords(m),
  about:
    "A delegate signs the same, under the patient's number and both signature epochs. Over every steward, `steward` is 0 and `stewardName` is `every steward`; `genomic` and `sensitive` are then refused unless `sensitiveFromAnySteward` is true.",
});

/** A grant together with the constraint of the whole grant. */
export const CONSTRAINED_GRANT = messageType("Consents", "ConstrainedGrant", {
  fields:
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, bytes32 constraintDigest, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the grant is written, the viewer is revoked, or the patient's signatures are cancelled",
  says: (m) => `${grantInWords(m)} But only as far as the sealed narrowing with this digest admits.`,
  about:
    "The digest is salted: a wallet that holds the narrowing shows its words and checks that they have this digest; one that doesn't, signs blindly. It becomes the constraint of the whole grant, whichever categories are named; zeros lift it. Never for research (`HRESCH`).",
});

export const GRANT_REVOCATION = messageType("Consents", "GrantRevocation", {
  fields:
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "it was carried out, the grant moves on further, the viewer is revoked, or signatures are cancelled",
  says: (m) => revocationInWords(m),
  about: "A delegate signs the same, under the patient's number and both signature epochs.",
});

export const VIEWER_REVOCATION = messageType("Consents", "ViewerRevocation", {
  fields: "uint40 patient, uint40 viewer, string viewerName, uint32 generation, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the viewer is revoked",
  says: (m) => `${who(m.viewer, m.viewerName)} may no longer see anything of mine.`,
  about: "A delegate who may grant every category signs the same.",
});

/** Several revocations and grants under one signature. */
export const CONSENT_CHANGES = messageType("Consents", "ConsentChanges", {
  fields: "uint40 patient, RevocationEntry[] revocations, GrantEntry[] grants, uint32 signatureEpoch, uint48 deadline",
  structs: {
    RevocationEntry: `${SCOPE}, uint32 generation, uint32 version`,
    GrantEntry: `${SCOPE}, bool sensitiveFromAnySteward, uint40 until, uint32 generation, uint32 version`,
  },
  signedBy: "the patient",
  diesWhen: "one of the grants is written, one of the viewers is revoked, or signatures are cancelled",
  says: (m) => [...m.revocations.map(revocationInWords), ...m.grants.map(grantInWords)].join(" "),
  about:
    "Several revocations and grants at once, the revocations first. Each entry reads like [`GrantRevocation`](#grantrevocation) or [`Grant`](#grant); its counters are those before any of the changes.",
});

export const EMERGENCY_REVIEW = messageType("Consents", "EmergencyReview", {
  fields: "uint40 patient, uint40 responder, string responderName, uint32 number, bool justified, uint48 deadline",
  signedBy: "the patient, or a delegate",
  diesWhen: "the patient's side said the same, or found it unjustified",
  says: (m) =>
    `When ${m.responderName} broke the glass of my records, number ${m.number}, there was ${m.justified ? "an" : "no"} emergency.`,
  about:
    "Signed by the patient, or by a delegate who approves relationships; `justified` may only turn from true to false later.",
});

/** What is signed: consent. */
export const CONSENT = signedSubject("Consent", {
  actions: {
    grantAccess: signedAction({
      type: GRANT,
      call: (m, by) => ["grantWithSig", m.patient, grantOf(m), by],
    }),
    grantConstrained: signedAction({
      type: CONSTRAINED_GRANT,
      call: (m, by) => ["grantConstrainedWithSig", m.patient, grantOf(m), m.constraintDigest, by],
    }),
    revokeGrant: signedAction({
      type: GRANT_REVOCATION,
      call: (m, by) => {
        const { viewer, purpose, steward, categories } = scopeOf(m);
        return ["revokeGrantWithSig", m.patient, viewer, purpose, steward, categories, m.version, by];
      },
    }),
    revokeViewer: signedAction({
      type: VIEWER_REVOCATION,
      call: (m, by) => ["revokeViewerWithSig", m.patient, m.viewer, by],
    }),
    changeConsents: signedAction({
      type: CONSENT_CHANGES,
      call: (m, by) => ["changeConsentsWithSig", m.revocations.map(scopeOf), m.grants.map(grantOf), by],
    }),
    reviewEmergency: signedAction({
      type: EMERGENCY_REVIEW,
      call: (m, by) => {
        const outcome = OUTCOMES.indexOf(m.justified ? "Justified" : "Unjustified");
        return ["reviewWithSig", m.patient, m.responder, m.number, outcome, by];
      },
    }),
  },
});

const scopeOf = (m: Scope) => ({
  viewer: m.viewer,
  purpose: purposeIndex(m.purpose),
  steward: m.steward,
  categories: categoriesMaskOf(m.categories),
});

const grantOf = (m: Scope & { sensitiveFromAnySteward: boolean; until: number }) => ({
  ...scopeOf(m),
  sensitiveFromAnySteward: m.sensitiveFromAnySteward,
  until: m.until,
});

function scopeInWords(m: Scope): string {
  const kept = m.steward === 0 ? "whoever keeps it" : `of what ${who(m.steward, m.stewardName)} keeps`;
  return `${mine(m.categories)}, ${kept}, for ${purposeInWords(m.purpose)}`;
}

function grantInWords(m: Scope & { until: number }): string {
  return `${who(m.viewer, m.viewerName)} may see ${scopeInWords(m)}, until ${at(m.until)}.`;
}

function revocationInWords(m: Scope): string {
  return `${who(m.viewer, m.viewerName)} may no longer see ${scopeInWords(m)}.`;
}
