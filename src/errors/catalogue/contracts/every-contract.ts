import type { Explanations } from "../explanation.js";

export const EVERY_CONTRACT = {
  INVALID_SIGNATURE: {
    why: "The signature isn't that of the named account under exactly this action: a field was altered, it is for another chain or contract, or the counter that it names has moved on because something was revoked, granted or answered since.",
    fix: "Sign again.",
  },
  SIGNATURE_EXPIRED: {
    why: "The signature arrived after its deadline (seconds).",
    fix: "Sign again with a later deadline.",
  },
} satisfies Explanations;
