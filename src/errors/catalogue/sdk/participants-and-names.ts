import type { Explanations } from "../explanation.js";

export const PARTICIPANTS_AND_NAMES = {
  ACCOUNT_UNPROVEN: {
    why: "The node says that an account acts for a participant. This vault knows other accounts of that participant, and the new one came by no event that proves itself: an institution's account is added by a transaction, or by a relayed invitation, that a known owner's account signed. Or a key document came with the signature of an account that isn't its participant's.",
    fix: "Name other nodes (`otherNodes`, `--other-node`), or ask for a file that is signed by the account known so far.",
  },
  AUTHOR_UNPROVEN: {
    why: "The chain has an anchor, as the node tells it, and its author's signature for that isn't there, isn't the account's, or was made with an account that didn't act for the author any more. A node can make an anchor up; it can't sign for its author. A contract account's signature counts only where several nodes agree on it.",
    fix: "Don't rely on the record. Ask its author for the envelopes again (`deliver` with `again`); for a contract account, name other nodes (`otherNodes`, `--other-node`).",
  },
  KEY_CHANGED: {
    why: "The node names another key document of a participant than the one that this vault accepted, and there is no event that announced it, or its two days aren't over; or that key counted before, and another one followed it. Or, at a first meeting, no event tells of the key at all.",
    fix: "Give nothing to that key. Ask another node, which keeps old logs. If the first meeting was the lie, `forgetParticipant` and meet again.",
  },
  KEY_DOCUMENT_DIFFERS: {
    why: "A file, or the service that gives key documents, has another document than the one that the chain names for this participant: an older one, or somebody else's.",
    fix: "Give nothing to that key. Ask its owner for the file of its current key.",
  },
  KEY_DOCUMENT_MISSING: {
    why: "Something is to be sealed to a participant whose key document isn't in this vault, and no service gives it. After a change of keys it is the new one that is missing. `details` has the participant, the version and the digest on chain. Nothing was sealed or released; others get theirs.",
    fix: "Ask the participant for its key document (`ownKeyDocument`; `key-document --out`), or whoever has it, and take the file in (`takeKeyDocument`; `key-document --take`).",
  },
  ATTESTATION_CODE_DIFFERS: {
    why: "The code that staff give isn't the one of this account and its key, or, for a child that is registered, of this representative and the child's key: another account, request or key came to the provider than the person has, or somebody misread it. Nothing was signed.",
    fix: "Have the person show it again (`chartchain identity code`; with `--new-child` or `--grown-child`). If it still differs, attest nothing, and find out where the account came from.",
  },
  IDENTITY_WITHDRAWN: {
    why: "This institution withdrew that it knows who the participant is. It seals nothing for it and releases nothing to it, nor anything of its chart to others.",
    fix: "Find out who the person is. Then `chartchain identity withdraw --restore`, or let the person register and be attested anew.",
  },
  NAME_CHANGED: {
    why: "The node names an institution otherwise than when this vault met it. No institution changes its name on this chain: the node lies now, or did then. `details` has both names.",
    fix: "Grant and approve nothing. Ask another node who it is. If the first meeting was the lie, `forgetParticipant`.",
  },
  NAME_UNFIT: {
    why: "An institution would be called by a name that could pass for another one, or shows as something else than it is: letters of several scripts, other forms of letters and spaces (not NFKC), signs that names don't have, over 200 bytes, or the same as a licensed institution's but for case, accents, spaces, punctuation and letters that look alike. The message says which.",
    fix: "Choose another name, with the town for example. Who registered past this software registers again: no name changes.",
  },
  NAME_UNVERIFIED: {
    why: "The event with the institution's name is missing on this node, or the name doesn't hash to the digest in the Registrar's state.",
    fix: "Use a node that keeps old logs. Sign nothing for a name that isn't verified.",
  },
  UNKNOWN_NAME: {
    why: "A category, purpose of use or role was named that doesn't exist.",
    fix: "Use one of the names that the hint lists.",
  },
  UNKNOWN_PARTICIPANT: {
    why: "No participant has this number.",
    fix: "Check the number; participants are counted from 1.",
  },
} satisfies Explanations;
