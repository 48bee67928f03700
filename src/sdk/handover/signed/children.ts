import { messageType } from "../../chain/typed-data.js";
import { authorizationOf, signature, signedAction, signedSubject } from "./action.js";

/** A clinic's statement that a child is in this person's care. */
export const CHILD_REGISTRATION = messageType("Registrar", "ChildRegistration", {
  fields:
    "uint40 issuer, uint40 representative, bytes32 keyDocument, bytes32 commitment, uint16 comesOfAgeIn, uint48 deadline",
  signedBy: "a licensed provider",
  diesWhen: "the identity is linked",
  says: (m) => `This is a child, known to us by this commitment, and participant ${m.representative} acts for it.`,
  about: "Signed by a licensed provider.",
});

export const CHILD_REPRESENTATION = messageType("Registrar", "ChildRepresentation", {
  fields:
    "uint40 representative, uint40 issuer, bytes32 keyDocument, bytes32 commitment, uint16 comesOfAgeIn, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the representative",
  diesWhen: "the identity is linked, or the representative's signatures are cancelled",
  says: (m) => `I act for this child, which provider ${m.issuer} attests, until the end of ${m.comesOfAgeIn}.`,
});

/** A clinic's statement that a child came of age and has this account. */
export const COMING_OF_AGE = messageType("Registrar", "ComingOfAge", {
  fields: "uint40 issuer, uint40 child, address account, bytes32 keyDocument, uint48 deadline",
  signedBy: "an owner of a licensed provider",
  diesWhen: "the child has come of age",
  says: (m) => `The person behind participant ${m.child} has come of age, and this is that person's account and key.`,
  about: "Signed by a licensed provider; the account signs [`ComingOfAgeAccount`](#comingofageaccount).",
});

/** The new account's word that it wants to be that of a child that came of age. */
export const COMING_OF_AGE_ACCOUNT = messageType("Registrar", "ComingOfAgeAccount", {
  fields: "uint40 child, address account, bytes32 keyDocument, uint48 deadline",
  signedBy: "the new account",
  diesWhen: "the account is registered, or the child has come of age",
  says: (m) => `I have come of age: I am participant ${m.child}, and this is my key.`,
  about:
    "Signed by the new account. It names no counter: somebody comes of age once, and no representative can kill the signature.",
});

/** What is signed: children. */
export const CHILDREN = signedSubject("Children", {
  about:
    "Representative and clinic sign for the same child: key document, commitment and year have to agree. `comesOfAgeIn` is a calendar year (UTC), which doesn't tell a birthday.",
  actions: {
    registerChild: signedAction({
      type: CHILD_REPRESENTATION,
      attached: { attestation: signature(CHILD_REGISTRATION) },
      call: (m, by, { attestation }) => {
        const attested = authorizationOf(attestation);
        return ["registerChildWithSig", m.keyDocument, m.commitment, m.comesOfAgeIn, attested, by];
      },
    }),
    comeOfAge: signedAction({
      type: COMING_OF_AGE,
      attached: { joining: signature(COMING_OF_AGE_ACCOUNT) },
      call: (m, by, { joining }) => ["comeOfAge", m.child, m.keyDocument, authorizationOf(joining), by],
    }),
  },
});
