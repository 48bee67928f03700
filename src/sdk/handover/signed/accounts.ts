import { messageType } from "../../chain/typed-data.js";
import { scopeIndex } from "../../vocabulary.js";
import { authorizationOf, signature, signedAction, signedSubject } from "./action.js";

/** A new account's word that it wants to act for a participant. */
export const ACCOUNT_ADDITION = messageType("Registrar", "AccountAddition", {
  fields: "uint40 participant, address account, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the new account",
  diesWhen: "the account is registered, or the participant's signatures are cancelled",
  says: (m) => `This account wants to belong to participant ${m.participant}.`,
  about: "Signed by the new account.",
});

/** The participant's word that it may. */
export const ACCOUNT_INVITATION = messageType("Registrar", "AccountInvitation", {
  fields: "uint40 participant, address account, string scope, uint32 signatureEpoch, uint48 deadline",
  signedBy: "an owner of the participant",
  diesWhen: "the account is registered, or signatures are cancelled",
  says: (m) => `This account may act for me, as an ${m.scope}.`,
  about:
    "Signed by an owner of the participant. An `owner` may then do everything that the participant may; an `operator` does the daily work of an institution.",
});

export const ACCOUNT_RETIREMENT = messageType("Registrar", "AccountRetirement", {
  fields: "uint40 participant, address account, uint32 signatureEpoch, uint48 deadline",
  signedBy: "an owner of the participant",
  diesWhen: "signatures are cancelled, by itself as well",
  says: () => "This account acts for me no more, from thirty days on.",
  about: "An institution's operator, and an owner that doesn't act yet, go at once.",
});

export const ACCOUNT_KEEPING = messageType("Registrar", "AccountKeeping", {
  fields: "uint40 participant, address account, uint32 signatureEpoch, uint48 deadline",
  signedBy: "an owner of the participant",
  diesWhen: "signatures are cancelled, by itself as well",
  says: () => "This account stays after all.",
});

export const KEY_CHANGE = messageType("Registrar", "KeyChange", {
  fields: "uint40 participant, bytes32 keyDocument, uint16 keyVersion, uint32 signatureEpoch, uint48 deadline",
  signedBy: "an owner of the participant, or a child's representative",
  diesWhen: "the key changes, or signatures are cancelled",
  says: () => "In two days, seal what is meant for me for this key.",
  about: "`keyVersion` is the number of the new key.",
});

export const KEY_CHANGE_CANCELLATION = messageType("Registrar", "KeyChangeCancellation", {
  fields: "uint40 participant, bytes32 keyDocument, uint16 keyVersion, uint32 signatureEpoch, uint48 deadline",
  signedBy: "an owner of the participant",
  diesWhen: "the key changes, or signatures are cancelled, by itself as well",
  says: () => "That change of my key, which doesn't count yet, is called off.",
  about: "Its fields are those of the announced change.",
});

export const SIGNATURE_CANCELLATION = messageType("Registrar", "SignatureCancellation", {
  fields: "uint40 participant, uint32 signatureEpoch, uint48 deadline",
  signedBy: "an owner of the participant",
  diesWhen: "signatures are cancelled, by itself as well",
  says: () => "What I signed and nobody used counts no longer.",
  about: "What was granted stays; so does a signature that names no signature epoch.",
});

export const FULL_REVOCATION = messageType("Registrar", "FullRevocation", {
  fields: "uint40 patient, uint32 accessEpoch, uint48 deadline",
  signedBy: "the patient, or a representative",
  diesWhen: "everything is revoked",
  says: () => "Nobody whom I granted anything may see anything of mine any longer, and nobody acts in my place.",
});

/** What is signed: accounts and keys. */
export const ACCOUNTS = signedSubject("Accounts and keys", {
  about:
    "A new account is bound by two signatures: its own, and that of an owner that is there already. Neither binds anything alone. Every account of a person is an owner; an institution has operators besides, who sign nothing of this chapter.",
  actions: {
    addAccount: signedAction({
      type: ACCOUNT_INVITATION,
      attached: { joining: signature(ACCOUNT_ADDITION) },
      call: (m, by, { joining }) => ["addAccountWithSig", scopeIndex(m.scope), authorizationOf(joining), by],
    }),
    retireAccount: signedAction({
      type: ACCOUNT_RETIREMENT,
      call: (m, by) => ["retireAccountWithSig", m.account, by],
    }),
    keepAccount: signedAction({
      type: ACCOUNT_KEEPING,
      call: (m, by) => ["keepAccountWithSig", m.account, by],
    }),
    changeKey: signedAction({
      type: KEY_CHANGE,
      call: (m, by) => ["changeKeyWithSig", m.keyDocument, by],
    }),
    changeKeyOfChild: signedAction({
      type: KEY_CHANGE,
      call: (m, by) => ["changeKeyOfChildWithSig", m.participant, m.keyDocument, by],
    }),
    cancelKeyChange: signedAction({
      type: KEY_CHANGE_CANCELLATION,
      call: (_, by) => ["cancelKeyChangeWithSig", by],
    }),
    cancelSignatures: signedAction({
      type: SIGNATURE_CANCELLATION,
      call: (_, by) => ["cancelSignaturesWithSig", by],
    }),
    revokeAll: signedAction({
      type: FULL_REVOCATION,
      call: (m, by) => ["revokeAllWithSig", m.patient, by],
    }),
  },
});
