import type { Explanations } from "./explanation.js";

export const CRYPTO = {
  CONSTRAINT_MALFORMED: {
    why: "It isn't the one encoding of a constraint, or its list isn't the one of its root.",
    fix: "Give it exactly as it was created; ask for the file again.",
  },
  BATCH_MALFORMED: {
    why: "A batch has a field too many or too few, a cut digest, or isn't canonically encoded.",
    fix: "Give the batch as it was created.",
  },
  BOX_REFUSED: {
    why: "A sealed secret doesn't open: wrong key, wrong place, or damaged.",
    fix: "Use the key and associated data that it was sealed with; else restore it.",
  },
  CIPHERTEXT_REFUSED: {
    why: "A segment of a payload isn't authentic, is missing, repeated, out of order or cut off. No byte of it was handed out.",
    fix: "Fetch the ciphertext from another source. If it stays refused, key and record don't belong together.",
  },
  COMPARTMENT_KEY_MALFORMED: {
    why: "The bytes aren't the one encoding of a compartment key.",
    fix: "Ask whoever gave it for it again.",
  },
  COMPARTMENT_MISMATCH: {
    why: "The envelope or its manifest is of another compartment than the key.",
    fix: "Use the key whose id the envelope names, of the record's patient, steward and category, in the envelope's round.",
  },
  CRYPTO_INPUT_INVALID: {
    why: "A program gave a value of a wrong type, length or range.",
    fix: "Pass what the hint says.",
  },
  ENVELOPE_MALFORMED: {
    why: "The bytes aren't the one encoding of an envelope.",
    fix: "Fetch the envelope again.",
  },
  ENVELOPE_REFUSED: {
    why: "The envelope doesn't open under this compartment key: damaged, or sealed under another one.",
    fix: "Fetch it again; if it stays refused, ask the patient or the steward for it.",
  },
  KEY_COMMITMENT_MISMATCH: {
    why: "The record's key isn't the one that the anchored manifest commits to.",
    fix: "Use the key from the record's own envelope. If it came from there, its author sealed a wrong key: report it.",
  },
  KEY_DOCUMENT_MALFORMED: {
    why: "A key document isn't the one encoding of its version and suite.",
    fix: "The participant has to publish a valid one; seal nothing to it.",
  },
  KEY_WRAP_MALFORMED: {
    why: "The bytes aren't the one encoding of a key wrap.",
    fix: "Ask for the grant again.",
  },
  KEY_WRAP_MISMATCH: {
    why: "The key in the wrap is of another compartment than the wrap says.",
    fix: "Ask the granter to wrap it again.",
  },
  KEY_WRAP_REFUSED: {
    why: "The wrap is for another participant or key version, or was changed.",
    fix: "Use the key pair of the version that it names; else ask for a new wrap.",
  },
  LOCKED_SECRET_MALFORMED: {
    why: "The bytes are no locked secret, or ask for more scrypt work than is allowed.",
    fix: "Give the bytes as they were returned; a newer format needs a newer version.",
  },
  LOG_INDEX_OUT_OF_RANGE: {
    why: "A proof was asked for beyond the log's size.",
    fix: "Ask within its size, or append first.",
  },
  MANIFEST_MALFORMED: {
    why: "A manifest has a field too many, too few or out of range, or isn't canonically encoded.",
    fix: "Give the manifest as it was created.",
  },
  MANIFEST_MISMATCH: {
    why: "The manifest in the envelope isn't the one of the digest.",
    fix: "The steward sealed another manifest than it claims. Report it and ask for the right envelope.",
  },
  PADDING_INVALID: {
    why: "A byte after the content isn't zero: the manifest's size is wrong.",
    fix: "Ask the author to seal the record again.",
  },
  PASSPHRASE_EMPTY: {
    why: "A secret can't be locked under an empty passphrase.",
    fix: "Choose a passphrase of several words.",
  },
  PUBLIC_KEY_INVALID: {
    why: "The key isn't a usable MLKEM768-X25519 key.",
    fix: "Take it from the participant's key document and check that document's digest.",
  },
  RANGE_OUT_OF_BOUNDS: {
    why: "Bytes beyond the record were asked for.",
    fix: "Ask within the record's size.",
  },
  SEALED_REFUSED: {
    why: "A message doesn't open: it was sealed to another key or for another purpose, or was changed.",
    fix: "Ask the sender for it again, sealed to the current key.",
  },
  SIZE_MISMATCH: {
    why: "A stream has more or fewer bytes than declared.",
    fix: "Give the exact size, and don't change the file while it is read.",
  },
  WRONG_PASSPHRASE: {
    why: "Vault, wallet or backup doesn't open with this passphrase. Damage looks the same.",
    fix: "Check the passphrase; if it is right, restore from a backup.",
  },
} satisfies Explanations;
