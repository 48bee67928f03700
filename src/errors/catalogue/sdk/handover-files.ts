import type { Explanations } from "../explanation.js";

export const HANDOVER_FILES = {
  GRANTER_NOT_ENTITLED: {
    why: "The grant was signed by somebody who is neither the patient nor the steward of every key in it, or whose account acts for another participant.",
    fix: "Don't use it. Keys come from the patient or from the steward of the records.",
  },
  GRANT_FOR_SOMEBODY_ELSE: {
    why: "The grant names another recipient.",
    fix: "Only the recipient it names can use it.",
  },
  GRANT_REPLAYED: {
    why: "These keys were taken into this vault before, and newer ones of the same granter since.",
    fix: "Nothing needs to be done: its keys are here. For newer keys ask for a new grant. The newest file may be taken again at any time, after an interruption for example.",
  },
  HANDOVER_ALTERED: {
    why: "The signature doesn't fit the content, or a field is there that nobody signed. Or it may be a contract account's, which only a node can tell, and this client acts on the file itself: it takes that from several nodes that agree, never from one.",
    fix: "Don't use the file. Ask for it again. For a contract account's, name other nodes (`otherNodes`, `--other-node`).",
  },
  HANDOVER_EXPIRED: {
    why: "The deadline of the signature in it has passed.",
    fix: "Ask the signer to sign again.",
  },
  HANDOVER_MALFORMED: {
    why: "The file has a field too many, too few or of a wrong shape; or it was cut off.",
    fix: "Ask for the file again and copy it as a whole.",
  },
  HANDOVER_NEWER: {
    why: "The file carries a higher number of its format (`details.version`) than this version knows: a newer version of chartchain made it.",
    fix: "Update chartchain, and take the same file.",
  },
  HANDOVER_WRONG_CHAIN: {
    why: "The file was made for another chain id or another genesis block.",
    fix: "Ask for a file made for this chain. After a restart of a local chain every file has to be made again.",
  },
  HANDOVER_WRONG_KIND: {
    why: "The file is a ChartChain file of another kind.",
    fix: "Give it to the verb or script that takes this kind.",
  },
  NO_REVOCATION: {
    why: "What was handed over to count at once is a signed action, but not one that only takes access away.",
    fix: "Have it relayed: it counts once the chain has it.",
  },
  REVOCATION_STALE: {
    why: "The signature is right, and the counter that it names has moved on: the revocation was carried out, or what it is about was changed or revoked otherwise.",
    fix: "See what stands now (`chartchain consent list`), and sign anew if that is more than was meant.",
  },
} satisfies Explanations;
