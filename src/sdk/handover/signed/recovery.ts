import { messageType } from "../../chain/typed-data.js";
import { isGuardians, type Guardians } from "../guardians.js";
import { attachment, signedAction, signedSubject } from "./action.js";

const GUARDIANS = attachment<Guardians>(isGuardians);

export const GUARDIAN_CHANGE = messageType("Registrar", "GuardianChange", {
  fields: "uint40 participant, bytes32 guardiansDigest, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "signatures are cancelled, by itself as well",
  says: () => "These are my guardians, from thirty days on.",
  about: "At once where there were none. A wallet can't show who they are: the digest is salted. Zero is: none.",
});

export const RECOVERY_APPROVAL = messageType("Registrar", "RecoveryApproval", {
  fields: "uint40 guardian, uint40 participant, uint40 starter, uint16 number, address newAccount, uint48 deadline",
  signedBy: "a guardian",
  diesWhen: "the guardian approved, or that recovery is over",
  says: (m) => `Participant ${m.participant} shall go on with this account.`,
  about:
    "Signed by a guardian, who starts the recovery or approves the one that `starter` started, whose number `number` is.",
});

export const RECOVERY_VETO = messageType("Registrar", "RecoveryVeto", {
  fields: "uint40 participant, uint40 starter, uint16 number, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "that recovery isn't pending any more",
  says: () => "I still have my key: this recovery is not what I want.",
});

export const RECOVERY_ACCEPTANCE = messageType("Registrar", "RecoveryAcceptance", {
  fields: "uint40 participant, address account, bytes32 keyDocument, uint40 starter, uint16 number, uint48 deadline",
  signedBy: "the new account",
  diesWhen: "that recovery is over",
  says: (m) => `This account takes participant ${m.participant}'s place over, with this key document.`,
  about: "Signed by the new account; zero keeps the key.",
});

/** What is signed: recovery. */
export const RECOVERY = signedSubject("Recovery", {
  about:
    "The guardians stand on chain as a salted digest only, so their wallets show the number of the person and the new account: whoever approves asks the person, on another way than the one the request came, whether that account is right.",
  actions: {
    changeGuardians: signedAction({
      type: GUARDIAN_CHANGE,
      call: (m, by) => ["changeGuardiansWithSig", m.guardiansDigest, by],
    }),
    startRecovery: signedAction({
      type: RECOVERY_APPROVAL,
      attached: { guardians: GUARDIANS },
      call: (m, by, { guardians }) => ["startRecoveryWithSig", m.participant, m.newAccount, guardians, by],
    }),
    approveRecovery: signedAction({
      type: RECOVERY_APPROVAL,
      attached: { guardians: GUARDIANS },
      call: (m, by, { guardians }) => ["approveRecoveryWithSig", m.participant, m.starter, m.number, guardians, by],
    }),
    vetoRecovery: signedAction({
      type: RECOVERY_VETO,
      attached: { guardians: GUARDIANS },
      call: (m, by, { guardians }) => ["vetoRecoveryWithSig", m.starter, m.number, guardians, by],
    }),
    executeRecovery: signedAction({
      type: RECOVERY_ACCEPTANCE,
      attached: { guardians: GUARDIANS },
      call: (m, by, { guardians }) => ["executeRecovery", m.participant, m.starter, m.keyDocument, guardians, by],
    }),
  },
});
