import type { Explanations } from "./explanation.js";

export const BATCHES_AND_EMERGENCIES = {
  ALREADY_REVIEWED: {
    why: "The contract refuses when a break-glass was reviewed already: the patient's side may come to another outcome later, the authority only says what nobody has said.",
    fix: "Somebody said so already.",
  },
  EMERGENCY_CARD_UNREADABLE: {
    why: "The text isn't that of an emergency card.",
    fix: "Scan the card again; its text begins with `chartchain:emergency`.",
  },
  GLASS_ALREADY_BROKEN: {
    why: "The contract refuses when the responder's last break-glass at this patient is still live.",
    fix: "The glass is broken already: use it until it ends.",
  },
  MISSING_CHANGES: {
    why: "The contract refuses when several changes at once are none.",
    fix: "Name at least one grant or one revocation.",
  },
  MISSING_OUTCOME: {
    why: "The contract refuses when a review says nothing.",
    fix: "Say whether there was an emergency.",
  },
  MISSING_REASON: {
    why: "The contract refuses when a break-glass gives no reason.",
    fix: "Give a reason.",
  },
  NOT_CERTIFIED_FOR_EMERGENCIES: {
    why: "The contract refuses when a responder isn't licensed for emergency care.",
    fix: "Only an institution that is licensed for emergency care breaks the glass.",
  },
  NO_SUCH_EMERGENCY: {
    why: "The contract refuses when there was no break-glass with this number.",
    fix: "There was no such break-glass.",
  },
  OPTED_OUT: {
    why: "The contract refuses when the patient admits nobody in an emergency, or isn't a person.",
    fix: "The patient admits nobody in an emergency.",
  },
  REASON_ALTERED: {
    why: "The reason isn't the one whose salted digest was given when the glass was broken.",
    fix: "Don't rely on it, and take it into account in the review.",
  },
  REASON_NOT_KEPT: {
    why: "This vault doesn't have the reason of that break-glass.",
    fix: "Open the vault with which the glass was broken.",
  },
  UNKNOWN_EMERGENCY: {
    why: "The chain has no break-glass of this responder with this number.",
    fix: "Check the file with who gave it.",
  },
} satisfies Explanations;
