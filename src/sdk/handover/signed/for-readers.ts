import { messageType } from "../../chain/typed-data.js";
import { signedSubject } from "./action.js";

const SHOWN: Readonly<Record<string, string>> = {
  nothing: "nothing",
  medicines: "the medicines and allergies that matter then",
  all: "all",
};

/** What a patient wishes for emergencies. For stewards' software; no contract knows it. */
export const EMERGENCY_WISH = messageType("Consents", "EmergencyWish", {
  fields: "uint40 patient, string showSensitive, bool sayThatMoreExists, uint48 signedAt",
  signedBy: "the patient",
  diesWhen: "a later one was taken (per vault)",
  says: (m) =>
    `In an emergency, responders see ${SHOWN[m.showSensitive]} of what is sensitive${m.sayThatMoreExists ? ", and they are told that there is more that they don't see" : ""}.`,
  about:
    "`showSensitive` is `nothing`, `medicines` or `all`; anything else is refused. Kept by the stewards' software; no contract knows it.",
});

/**
 * An author says that it anchored this for a patient. `count` is 0 for a single digest, else that of a batch. Checked off
 * chain only.
 */
export const ANCHOR_STATEMENT = messageType("Records", "AnchorStatement", {
  fields: "uint40 patient, uint40 author, bytes32 digest, uint16 count",
  signedBy: "whoever anchored it: the author; of a key document, its owner",
  diesWhen: "never",
  says: (m) => `I anchored this for patient ${m.patient}: ${m.count === 0 ? "one record" : `a batch of ${m.count}`}.`,
  about:
    "Signed by the author with what it anchors, checked by whoever takes the records in. `digest` is the record's or the batch's, as the chain has it; `count` is 0 for a single digest. A participant signs the same for its [key document](../architecture.md#key-document): it is `patient` and `author`, and `digest` is the document's.",
});

/** A record's author says that it was entered in error. Checked off chain only. */
export const RECORD_RETRACTION = messageType("Records", "RecordRetraction", {
  fields:
    "uint40 patient, uint40 author, bytes32 record, bytes32 retraction, string category, string reason, uint32 keyHolders, uint40 retractedAt",
  signedBy: "a record's author",
  diesWhen: "never: a retraction stays",
  says: () => "I wrote this record, and it was entered in error.",
  about:
    "Signed by the record's author, checked by whoever takes the statement. `record` and `retraction` are the digests in the patient's history; both are zero where it is said to the patient whose data stood in somebody else's chart. `keyHolders` counts who may have had the key from the author.",
});

/** Who changed keys proves to hold the new one. Checked off chain only. */
export const KEY_CONFIRMATION = messageType("Registrar", "KeyConfirmation", {
  fields: "uint40 participant, uint40 holder, uint16 keyVersion, bytes32 nonce",
  signedBy: "who changed keys",
  diesWhen: "it was accepted (per vault), or the key changes again",
  says: () => "I hold the key that I changed to.",
  about: "Signed by who changed keys, for `holder`, who asked; `nonce` is the number that only the new key opens.",
});

/** Whoever hands out compartment keys signs them: HPKE's base mode names no sender. Checked off chain only. */
export const KEY_RELEASE = messageType("Consents", "KeyRelease", {
  fields:
    "uint40 patient, uint40 granter, uint40 recipient, uint32 recipientKeyVersion, string purpose, bytes32[] wraps, uint48 issuedAt",
  signedBy: "whoever hands out keys",
  diesWhen: "it was taken, and a newer one of the same granter since (per vault)",
  says: () => "These wrapped keys come from me.",
  about:
    "Signed by the patient or by the steward of the records, checked by the recipient. `wraps` are the digests of the HPKE wraps in the grant file, in their order.",
});

/** What is signed: for readers alone. */
export const FOR_READERS = signedSubject("For readers alone", {
  about: "Checked by whoever takes them in. No contract knows them, and none has a deadline.",
  others: [EMERGENCY_WISH, ANCHOR_STATEMENT, RECORD_RETRACTION, KEY_CONFIRMATION, KEY_RELEASE],
  actions: {},
});
