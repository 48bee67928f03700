import type { CodeableConcept, Coding } from "@medplum/fhirtypes";
import { CATEGORIES, type Category, PURPOSES, type Purpose } from "./vocabulary.js";

/**
 * The code system of the eight categories: an OID under the UUID arc (ITU-T X.667), which needs no registration. Its
 * codes are the names in {@link CATEGORIES}.
 */
export const CATEGORY_SYSTEM = "urn:oid:2.25.211455349159041501755065443599074488143";

export const ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
export const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
export const CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
export const LOINC = "http://loinc.org";
export const DICOM = "http://dicom.nema.org/resources/ontology/DCM";

const PURPOSE_DISPLAY: Readonly<Record<Purpose, string>> = {
  TREAT: "treatment",
  ETREAT: "Emergency Treatment",
  HPAYMT: "healthcare payment",
  HOPERAT: "healthcare operations",
  HRESCH: "healthcare research",
  PUBHLTH: "public health",
  PATRQT: "patient requested",
};

/** A purpose of use as a Coding. */
export function purposeCoding(purpose: Purpose): Coding {
  return { system: ACT_REASON, code: purpose, display: PURPOSE_DISPLAY[purpose] };
}

/** A category as a Coding. */
export function categoryCoding(category: Category): Coding {
  return { system: CATEGORY_SYSTEM, code: category, display: category };
}

/** The category that a Coding means, if it is one of ours. */
export function categoryOfCoding({ system, code }: Coding): Category | undefined {
  return system === CATEGORY_SYSTEM ? CATEGORIES.find((category) => category === code) : undefined;
}

/** The purpose of use that a Coding means, if it is one of {@link PURPOSES}. */
export function purposeOfCoding({ system, code }: Coding): Purpose | undefined {
  return system === ACT_REASON ? PURPOSES.find((purpose) => purpose === code) : undefined;
}

/** A CodeableConcept of one coding. */
export function concept(system: string, code: string, display?: string): CodeableConcept {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] };
}
