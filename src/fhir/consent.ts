import type { Consent, Organization, Patient, Practitioner, Reference, RelatedPerson } from "@medplum/fhirtypes";
import type { Category } from "./category.js";
import {
  categoryCoding,
  categoryOfCoding,
  concept,
  LOINC,
  type Purpose,
  purposeCoding,
  purposeOfCoding,
} from "./code-systems.js";

/** What a patient agrees to. Times are FHIR dateTimes with time zone (ISO 8601), e.g. `2026-11-21T10:00:00Z`. */
export interface ConsentTerms {
  patient: Reference<Patient>;
  /** Who may see: the provider of a relationship or the viewer of a grant. */
  recipient: Reference<Organization | Practitioner | Patient | RelatedPerson>;
  /** Who keeps the records that this is about. */
  custodian: Reference<Organization>;
  purposes: readonly Purpose[];
  categories: readonly Category[];
  /** From when, and until when; without `end` it has no end. */
  period: { start: string; end?: string };
  /** When the terms were set down. */
  dateTime: string;
  /** The version of the privacy policy that was presented. */
  policyUri: string;
  status?: "proposed" | "active" | "rejected" | "inactive";
  /** Who agrees, if not the patient, e.g. a parent. */
  performer?: Reference<Patient | RelatedPerson>;
}

/**
 * The terms of a relationship (PPR), or a grant, as a FHIR R4 Consent in the pattern of IHE Privacy Consent on FHIR
 * (PCF): scope patient-privacy, a permit for an information recipient (IRCP), purposes of use, a period.
 *
 * Categories stand in `provision.class`, which PCF leaves out: consent by content is what ChartChain adds. Nothing
 * outside the named categories and purposes is permitted.
 * Sources: https://hl7.org/fhir/R4/consent.html, https://profiles.ihe.net/ITI/PCF
 *
 * @example
 * const terms = buildConsent({ patient, recipient, custodian, purposes: ["TREAT"], categories: ["SUMMARY"], … })
 */
export function buildConsent(terms: ConsentTerms): Consent {
  const { patient, recipient, custodian, purposes, categories, period, dateTime, policyUri } = terms;
  return {
    resourceType: "Consent",
    status: terms.status ?? "proposed",
    scope: concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", "Privacy Consent"),
    category: [concept(LOINC, "59284-0", "Consent Document")],
    patient,
    dateTime,
    performer: [terms.performer ?? patient],
    organization: [custodian],
    policy: [{ uri: policyUri }],
    provision: {
      type: "permit",
      period: { ...period },
      actor: [
        {
          role: concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"),
          reference: recipient,
        },
      ],
      purpose: purposes.map(purposeCoding),
      class: categories.map(categoryCoding),
    },
  };
}

/** What {@link readConsent} found. */
export interface ConsentScope {
  purposes: Purpose[];
  categories: Category[];
  start?: string;
  end?: string;
  recipients: Reference[];
}

/**
 * Reads back what a Consent permits, so that it can be shown before it is signed and compared with what is on chain.
 * Codes that are not ours are left out: they permit nothing here. A Consent that denies permits nothing.
 *
 * @example
 * readConsent(buildConsent(terms)).categories // ["SUMMARY"]
 */
export function readConsent(consent: Consent): ConsentScope {
  const provision = consent.provision?.type === "permit" ? consent.provision : {};
  const { start, end } = provision.period ?? {};
  return {
    purposes: (provision.purpose ?? []).flatMap((coding) => purposeOfCoding(coding) ?? []),
    categories: (provision.class ?? []).flatMap((coding) => categoryOfCoding(coding) ?? []),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    recipients: (provision.actor ?? []).map(({ reference }) => reference),
  };
}
