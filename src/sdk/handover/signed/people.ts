import { messageType } from "../../chain/typed-data.js";
import { signedAction, signedSubject } from "./action.js";

/** Registration of a person. */
export const PATIENT_REGISTRATION = messageType("Registrar", "PatientRegistration", {
  fields: "address account, bytes32 keyDocument, uint48 deadline",
  signedBy: "the new patient",
  diesWhen: "the account is registered",
  says: () => "I am a new patient, and this is my key document.",
});

/** A provider's statement who is behind an account. */
export const IDENTITY_ATTESTATION = messageType("Registrar", "IdentityAttestation", {
  fields: "uint40 issuer, address account, bytes32 commitment, uint48 deadline",
  signedBy: "a licensed provider",
  diesWhen: "the identity is linked",
  says: () => "This account belongs to the person behind this commitment.",
  about:
    'The commitment is `keccak256("ChartChain identity v1", issuer, salt, identifier)` with a random 256-bit salt.',
});

/** What is signed: who is who. */
export const PEOPLE = signedSubject("Who is who", {
  actions: {
    registerPatient: signedAction({
      type: PATIENT_REGISTRATION,
      call: (m, by) => ["registerPatientWithSig", m.keyDocument, by],
    }),
    linkIdentity: signedAction({
      type: IDENTITY_ATTESTATION,
      call: (m, by) => ["linkIdentity", m.account, m.commitment, by],
    }),
  },
});
