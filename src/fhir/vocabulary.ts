/** The eight categories of a record. The position is the lane in a consent word, so the order never changes. */
export const CATEGORIES = [
  "SUMMARY",
  "MEDICATION",
  "OBSERVATION",
  "DIAGNOSTIC",
  "CARE",
  "FINANCIAL",
  "GENOMIC",
  "SENSITIVE",
] as const;

/** One of {@link CATEGORIES}. */
export type Category = (typeof CATEGORIES)[number];

/**
 * The lane of a category in a consent word, 0 to 7.
 *
 * @example
 * laneOf("SENSITIVE") // 7
 */
export function laneOf(category: Category): number {
  return CATEGORIES.indexOf(category);
}

/** HL7 v3 PurposeOfUse codes that a grant can name. Source: https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html */
export const PURPOSES = ["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "HRESCH", "PUBHLTH", "PATRQT"] as const;

/** One of {@link PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/**
 * The classes of sensitive data, as HL7 v3 ActCode spells them (InformationSensitivityPolicy): mental health;
 * psychotherapy or counselling notes; substance use (42 CFR Part 2); sexual and reproductive health; HIV; violence and
 * abuse; and other, where a label says no more than that the data is sensitive.
 */
export const SENSITIVITY_CLASSES = ["PSY", "PSYTHPN", "ETH", "SEX", "HIV", "SDV", "OTHER"] as const;

/** One of {@link SENSITIVITY_CLASSES}. */
export type SensitivityClass = (typeof SENSITIVITY_CLASSES)[number];
