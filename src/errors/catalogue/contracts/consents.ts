import type { Explanations } from "../explanation.js";

export const CONSENTS = {
  EXPIRY_IN_THE_PAST: {
    why: "The grant would have expired already, counted down to the whole minute.",
    fix: "Give an expiry at least one minute ahead.",
  },
  EXPIRY_TOO_FAR: {
    why: "The grant would last longer than `MAX_GRANT_TERM` (ten years), or beyond the year 2480.",
    fix: "Give an earlier expiry.",
  },
  MISSING_CATEGORIES: {
    why: "No category is named.",
    fix: "Name at least one.",
  },
  SENSITIVE_NEEDS_EXPLICIT_CONSENT: {
    why: "A grant over every steward names GENOMIC or SENSITIVE without saying so explicitly.",
    fix: "Name one steward, or set `sensitiveFromAnySteward`.",
  },
  RESEARCH_UNCONSTRAINED: {
    why: "A grant for research takes no constraint: a study counts on whole categories.",
    fix: "Grant without a constraint, or for another purpose.",
  },
  STALE_SIGNATURE: {
    why: "A signed revocation names a version of the grant that is neither the current one nor the one before.",
    fix: "Sign the revocation again.",
  },
  VIEWER_IS_DELEGATE: {
    why: "A delegate doesn't grant to himself or herself: a grant would outlast the powers.",
    fix: "Ask the patient for the power to view, or for a grant.",
  },
  VIEWER_IS_PATIENT: {
    why: "Patients need no grant for their own records.",
    fix: "Name another viewer.",
  },
  VIEWER_NOT_IN_GOOD_STANDING: {
    why: "The viewer doesn't exist, or is an institution without a live licence.",
    fix: "Check the number, or wait until the licence is live.",
  },
} satisfies Explanations;
