import type { Consent } from "@medplum/fhirtypes";

import { readConsent, type Category, type Purpose, type SensitivityClass } from "../../fhir/index.js";
import { time } from "../terminal/tables.js";

/** HL7's purposes of use, as a patient would say them. */
export const PURPOSE_WORDS: Readonly<Record<Purpose, string>> = {
  TREAT: "treatment",
  ETREAT: "emergency treatment",
  HPAYMT: "payment",
  HOPERAT: "running the institution",
  HRESCH: "research",
  PUBHLTH: "public health",
  PATRQT: "at the patient's own request",
};

/** The eight categories, as a patient would say them. */
export const CATEGORY_WORDS: Readonly<Record<Category, string>> = {
  SUMMARY: "summary (demographics, problems, allergies)",
  MEDICATION: "medications and immunizations",
  OBSERVATION: "observations (vital signs, laboratory)",
  DIAGNOSTIC: "diagnostics (imaging, reports)",
  CARE: "care (encounters, procedures, plans, notes)",
  FINANCIAL: "financial (coverage, claims)",
  GENOMIC: "genomics",
  SENSITIVE: "sensitive (mental and sexual health, substance use, HIV, violence)",
};

/** The classes of what is sensitive, as a patient would say them. */
export const CLASS_WORDS: Readonly<Record<SensitivityClass, string>> = {
  PSY: "mental health",
  PSYTHPN: "psychotherapy or counselling notes",
  ETH: "substance use",
  SEX: "sexual and reproductive health",
  HIV: "HIV",
  SDV: "violence and abuse",
  OTHER: "anything else that is sensitive",
};

/** Names with their words, for tables: `TREAT: treatment`. */
export const inWords = <T extends string>(names: readonly T[], words: Readonly<Record<T, string>>): string[] =>
  names.map((name) => `${name}: ${words[name]}`);

/** Terms as the patient reads them before saying yes: all that they say. Throws CONSENT_NOT_PLAIN. */
export function termsInWords(consent: Consent): Record<string, string | string[]> {
  const { categories, purposes, period, policyUri } = readConsent(consent);
  const { start, end } = period;
  return {
    "will keep": inWords(categories, CATEGORY_WORDS),
    for: inWords(purposes, PURPOSE_WORDS),
    from: time(Date.parse(start) / 1000),
    until: end === undefined ? "no end: until one side ends it" : time(Date.parse(end) / 1000),
    policy: policyUri,
  };
}
