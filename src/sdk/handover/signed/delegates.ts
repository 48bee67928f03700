import { messageType, categoriesMaskOf } from "../../chain/typed-data.js";
import { at, mine } from "./in-words.js";
import { signedAction, signedSubject } from "./action.js";

export const DELEGATE_APPOINTMENT = messageType("Delegates", "DelegateAppointment", {
  fields:
    "uint40 patient, uint40 delegate, bool approvesRelationships, Categories grants, Categories views, uint40 until, uint32 signatureEpoch, uint32 version, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "the appointment is written, or signatures are cancelled",
  says: (m) =>
    `Participant ${m.delegate} may${m.approvesRelationships ? " approve relationships for me," : ""} grant others ${mine(m.grants)}, and see ${mine(m.views)}, until ${at(m.until)}.`,
  about:
    "Replaces what the delegate had before. A delegate is a person, and persons have no registered name: a wallet shows the number.",
});

export const DELEGATE_DISMISSAL = messageType("Delegates", "DelegateDismissal", {
  fields: "uint40 patient, uint40 delegate, uint32 version, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "it was carried out, or the appointment moves on further",
  says: (m) => `Participant ${m.delegate} acts in my place no longer.`,
});

/** A representative's word, to the clinic that registered a child, that the child is to have another one as well. */
export const REPRESENTATIVE_ADDITION = messageType("Delegates", "RepresentativeAddition", {
  fields: "uint40 issuer, uint40 child, uint40 representative, uint32 version, uint32 signatureEpoch, uint48 deadline",
  signedBy: "a child's representative",
  diesWhen: "the appointment is written, or the child's signatures are cancelled",
  says: (m) => `Participant ${m.representative} is to act for the child ${m.child} as well.`,
  about:
    "Said to the clinic that registered the child, by a representative that acts for it already. The clinic sends it; `signatureEpoch` is the child's and the signer's together.",
});

/** An institution's word to the authority that a child gets a representative. */
export const REPRESENTATIVE_APPOINTMENT = messageType("Delegates", "RepresentativeAppointment", {
  fields: "uint40 institution, uint40 child, uint40 representative, uint32 version, uint48 deadline",
  signedBy: "an owner of the child's issuer or of a court",
  diesWhen: "the appointment is written",
  says: (m) => `Participant ${m.representative} is to act for the child ${m.child}.`,
  about: "Signed by the clinic that registered the child, or by a court; the authority carries it out after its delay.",
});

/** An institution's word to the authority that a representative acts no more. */
export const REPRESENTATIVE_END = messageType("Delegates", "RepresentativeEnd", {
  fields: "uint40 institution, uint40 patient, uint40 representative, uint32 version, uint48 deadline",
  signedBy: "an owner of the institution that appointed, or of a court",
  diesWhen: "it was carried out",
  says: (m) => `Participant ${m.representative} acts for participant ${m.patient} no longer.`,
  about: "Signed by the institution that appointed, or by a court; the authority carries it out at once.",
});

/** What is signed: delegates. */
export const DELEGATES = signedSubject("Delegates", {
  actions: {
    appointDelegate: signedAction({
      type: DELEGATE_APPOINTMENT,
      call: (m, by) => {
        const [granting, viewing] = [categoriesMaskOf(m.grants), categoriesMaskOf(m.views)];
        return ["appointWithSig", m.delegate, { approving: m.approvesRelationships, granting, viewing }, m.until, by];
      },
    }),
    dismissDelegate: signedAction({
      type: DELEGATE_DISMISSAL,
      call: (m, by) => ["dismissWithSig", m.delegate, m.version, by],
    }),
    // For the clinic that registered the child.
    addRepresentative: signedAction({
      type: REPRESENTATIVE_ADDITION,
      call: (m, by) => ["addRepresentative", m.child, m.representative, by],
    }),
    // For the authority.
    appointRepresentative: signedAction({
      type: REPRESENTATIVE_APPOINTMENT,
      call: (m, by) => ["appointAsAuthority", m.child, m.representative, by],
    }),
    // For the authority.
    endRepresentative: signedAction({
      type: REPRESENTATIVE_END,
      call: (m, by) => ["endAsAuthority", m.patient, m.representative, by],
    }),
  },
});
