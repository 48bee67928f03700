import type {
  AuditEvent,
  AuditEventAgent,
  AuditEventEntity,
  Device,
  Organization,
  Patient,
  Practitioner,
  Reference,
  RelatedPerson,
} from "@medplum/fhirtypes";
import { categoryCoding, concept, DICOM, purposeCoding } from "./code-systems.js";
import type { Category, Purpose } from "./vocabulary.js";

type Party = Reference<Organization | Practitioner | Patient | RelatedPerson | Device>;

/** One release of keys, or a refusal. */
export interface Disclosure {
  /** FHIR instant, e.g. `2026-11-21T10:00:00Z`. */
  recorded: string;
  /** Who released (the key holder), and its network address. */
  source: { who: Party; address: string };
  /** Who received, and its network address. */
  recipient: { who: Party; address: string };
  /** Whose consent allowed it: the patient or a representative. */
  authorizer?: Party;
  patient: Reference<Patient>;
  purpose: Purpose;
  categories: readonly Category[];
  /** The records or compartments that the keys open, as identifiers. */
  objects: readonly { system: string; value: string }[];
  /** False for a refusal, with the reason's code in `outcomeDesc`. */
  granted?: boolean;
  outcomeDesc?: string;
}

/** Canonical of the profile that the event claims. */
export const PRIVACY_DISCLOSURE_SOURCE =
  "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source";

/**
 * The AuditEvent of a disclosure, as seen by the one who releases, in the profile "Audit Event for Privacy Disclosure
 * at Source" of IHE Basic Audit Log Patterns (BALP).
 * Source: https://profiles.ihe.net/ITI/BALP/StructureDefinition-IHE.BasicAudit.PrivacyDisclosure.Source.html
 *
 * @example
 * const event = buildDisclosureEvent({ recorded, source, recipient, patient, purpose: "TREAT", categories, objects })
 */
export function buildDisclosureEvent(disclosure: Disclosure): AuditEvent {
  const { source, recipient, authorizer, patient, objects, granted = true } = disclosure;
  return {
    resourceType: "AuditEvent",
    meta: { profile: [PRIVACY_DISCLOSURE_SOURCE] },
    type: { system: DICOM, code: "110106", display: "Export" },
    subtype: [
      {
        system: "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
        code: "disclose",
        display: "Disclose Record Lifecycle Event",
      },
    ],
    action: "R",
    recorded: disclosure.recorded,
    // AuditEvent.outcome is a bare code in R4: 0 success, 4 minor failure (the request was refused).
    outcome: granted ? "0" : "4",
    ...(disclosure.outcomeDesc === undefined ? {} : { outcomeDesc: disclosure.outcomeDesc }),
    purposeOfEvent: [{ coding: [purposeCoding(disclosure.purpose)] }],
    agent: [
      agent("110153", "Source Role ID", source),
      agent("110152", "Destination Role ID", recipient),
      ...(authorizer === undefined ? [] : [authorizing(authorizer)]),
    ],
    source: { observer: source.who },
    entity: [patientEntity(patient), ...objects.map((object) => objectEntity(object, disclosure.categories))],
  };
}

function agent(code: string, display: string, { who, address }: { who: Party; address: string }): AuditEventAgent {
  // Network type 5 is a URI. The recipient is who asked.
  return { type: concept(DICOM, code, display), who, requestor: code === "110152", network: { address, type: "5" } };
}

function authorizing(who: Party): AuditEventAgent {
  return { type: concept("http://snomed.info/sct", "429577009", "Patient Advocate"), who, requestor: false };
}

function patientEntity(what: Reference<Patient>): AuditEventEntity {
  return {
    what,
    type: { system: "http://terminology.hl7.org/CodeSystem/audit-entity-type", code: "1", display: "Person" },
    role: { system: "http://terminology.hl7.org/CodeSystem/object-role", code: "1", display: "Patient" },
  };
}

function objectEntity(
  identifier: { system: string; value: string },
  categories: readonly Category[],
): AuditEventEntity {
  return {
    what: { identifier },
    type: { system: "http://terminology.hl7.org/CodeSystem/audit-entity-type", code: "2", display: "System Object" },
    role: { system: "http://terminology.hl7.org/CodeSystem/object-role", code: "3", display: "Report" },
    ...(categories.length === 0 ? {} : { securityLabel: categories.map(categoryCoding) }),
  };
}
