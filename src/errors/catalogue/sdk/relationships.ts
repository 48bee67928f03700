import type { Explanations } from "../explanation.js";

export const RELATIONSHIPS = {
  OFFER_FOR_SOMEBODY_ELSE: {
    why: "The offer names another patient than this client's participant.",
    fix: "Only the patient it names can accept it. Ask the provider for an offer of your own.",
  },
  TERMS_INVALID: {
    why: "The terms don't open with this patient's key, are no FHIR Consent, or name another patient, provider or end than the proposal; or they say something that a patient isn't shown: a second recipient, a nested provision, a denial, a purpose that is unknown or named twice, a narrative, an extension. The message names the first such element. A provider gets it for terms that nobody could be shown, before they are proposed.",
    fix: "Don't approve. Ask the provider to propose again, with purposes, categories, period and the URI of a policy alone.",
  },
  TERMS_UNAVAILABLE: {
    why: "The vault doesn't have the terms of this proposal: their file wasn't taken in, or is another one's, or was altered.",
    fix: "Don't approve. Ask the provider for the terms file of its proposal, and take it in (`takeTerms`).",
  },
} satisfies Explanations;
