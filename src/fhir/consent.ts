import type {
  Coding,
  Consent,
  Organization,
  Patient,
  Practitioner,
  Reference,
  RelatedPerson,
} from "@medplum/fhirtypes";

import { ChartChainError } from "../errors/index.js";
import { categoryCoding, categoryOfCoding, concept, LOINC, purposeCoding, purposeOfCoding } from "./code-systems.js";
import type { Category, Purpose } from "./vocabulary.js";

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

/**
 * Reads the terms back out of a Consent, so that they can be shown before they are signed. Nothing that isn't shown may be
 * signed along: a Consent that {@link buildConsent} would not make of these very terms is refused, whatever it says more,
 * or otherwise: a second recipient, a nested provision, a denial, an unknown purpose, a narrative, an extension.
 *
 * @param consent anything that was parsed from JSON
 * @throws CONSENT_NOT_PLAIN, naming the first element that differs (`provision.actor[1]`)
 *
 * @example
 * readConsent(buildConsent(terms)).categories // ["SUMMARY"]
 */
export function readConsent(consent: unknown): ConsentTerms {
  const terms = termsOf(consent);
  const problem = emptyOrTwice(terms) ?? differenceOf(buildConsent(terms), consent, "");
  if (problem === undefined) return terms;
  throw new ChartChainError("CONSENT_NOT_PLAIN", `the Consent can't be shown as it is: ${problem}`, {
    hint: "Don't sign it. Ask who wrote it for terms that name recipient, purposes, categories and period, and no more.",
  });
}

/** What a Consent seems to say. Whether it says that, and no more, the comparison with the rebuilt one tells. */
function termsOf(consent: unknown): ConsentTerms {
  const provision = member(consent, "provision");
  const period = member(provision, "period");
  const [patient, performer] = [member(consent, "patient"), member(consent, "performer", 0)].map(referenceOf);
  const end = member(period, "end");
  return {
    patient: patient!,
    recipient: referenceOf(member(provision, "actor", 0, "reference")),
    custodian: referenceOf(member(consent, "organization", 0)),
    purposes: known(member(provision, "purpose"), purposeOfCoding),
    categories: known(member(provision, "class"), categoryOfCoding),
    period: { start: dateTimeOf(member(period, "start")), ...(end === undefined ? {} : { end: dateTimeOf(end) }) },
    dateTime: dateTimeOf(member(consent, "dateTime")),
    policyUri: uriOf(member(consent, "policy", 0, "uri")),
    status: STATUSES.find((status) => status === member(consent, "status")) ?? "proposed",
    ...(JSON.stringify(performer) === JSON.stringify(patient) ? {} : { performer: performer! }),
  };
}

const STATUSES = ["proposed", "active", "rejected", "inactive"] as const;

/** A member of a member of …, as far as there is one. */
function member(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/** Terms that are longer than this are no terms that anybody reads. */
const MAX_LENGTH = 2_048;

const textOf = (value: unknown): string =>
  typeof value === "string" && value.length <= MAX_LENGTH && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value) ? value : "";

// RFC 3986 knows printable ASCII alone: no other letter looks like one of these.
const uriOf = (value: unknown): string => (/^[\x21-\x7e]+$/.test(textOf(value)) ? textOf(value) : "");

/** A FHIR dateTime that names a day that exists; with a time also its zone. Source: https://hl7.org/fhir/R4/datatypes.html#dateTime */
function dateTimeOf(value: unknown): string {
  const text = textOf(value);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))?$/.test(text)) return "";
  const day = text.slice(0, 10);
  // The engine turns February 30 into March.
  const exists = !Number.isNaN(Date.parse(text)) && new Date(day).toISOString().startsWith(day);
  return exists ? text : "";
}

/** What is shown of a reference: where it leads, or an identifier, and a name. */
function referenceOf(value: unknown): Reference<never> {
  const [reference, display, identifier] = ["reference", "display", "identifier"].map((name) => member(value, name));
  return {
    ...(reference === undefined ? {} : { reference: textOf(reference) }),
    ...(identifier === undefined
      ? {}
      : { identifier: { system: textOf(member(identifier, "system")), value: textOf(member(identifier, "value")) } }),
    ...(display === undefined ? {} : { display: textOf(display) }),
  };
}

const known = <T>(codings: unknown, read: (coding: Coding) => T | undefined): T[] =>
  Array.isArray(codings)
    ? codings.flatMap((coding: unknown) => {
        const { system, code } = (coding ?? {}) as Coding;
        return read({ system, code } as Coding) ?? [];
      })
    : [];

/** Terms that show empty lines, or one line twice. */
function emptyOrTwice({ purposes, categories, period, dateTime, policyUri, ...parties }: ConsentTerms) {
  const lists = { "provision.purpose": purposes, "provision.class": categories };
  for (const [place, names] of Object.entries(lists)) {
    if (names.length === 0) return `${place} names nothing that is known here`;
    if (new Set<string>(names).size < names.length) return `${place} names something twice`;
  }
  const { patient, recipient, custodian, performer = patient } = parties;
  const required = {
    "provision.period.start": period.start,
    "provision.period.end": period.end ?? "none",
    dateTime,
    "policy[0].uri": policyUri,
  };
  for (const [place, text] of Object.entries(required)) if (text === "") return `${place} can't be read`;
  const references = {
    patient,
    "provision.actor[0].reference": recipient,
    "organization[0]": custodian,
    "performer[0]": performer,
  };
  for (const [place, { reference, identifier }] of Object.entries(references)) {
    if (!reference && !identifier?.value) return `${place} names nobody`;
  }
  return undefined;
}

/** Where two JSON values differ first; undefined when they are the same. As deep as `expected`, however deep the other one. */
function differenceOf(expected: unknown, found: unknown, place: string): string | undefined {
  const at = place === "" ? "it" : place;
  if (typeof expected !== "object" || expected === null || typeof found !== "object" || found === null) {
    if (expected === found) return undefined;
    return found === undefined ? `${at} is missing` : `${at} is another than these terms have`;
  }
  if (Array.isArray(expected) !== Array.isArray(found)) return `${at} is another than these terms have`;
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  for (const name of names) {
    const inner = Array.isArray(expected) ? `${place}[${name}]` : place === "" ? name : `${place}.${name}`;
    if (!Object.hasOwn(expected, name)) return `${textOf(inner).slice(0, 80) || at} is more than can be shown`;
    const difference = differenceOf(member(expected, name), member(found, name), inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
