import type { Organization, Patient, Practitioner, Provenance, Reference } from "@medplum/fhirtypes";
import { concept } from "./code-systems.js";

/** How a sealed record came to be. */
export interface SealedRecord {
  /** The resources, or the Bundle, that the record holds. */
  targets: readonly Reference[];
  /** FHIR instant at which it was sealed. */
  recorded: string;
  /** Who assembled and sealed it. */
  author: Reference<Organization | Practitioner | Patient>;
  /** Who keeps it, if someone else. */
  custodian?: Reference<Organization>;
  /** The record that this one amends, as an identifier. */
  amends?: { system: string; value: string };
}

const PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";

/**
 * The Provenance that travels inside a sealed record.
 * Source: https://hl7.org/fhir/R4/provenance.html
 *
 * @example
 * const provenance = buildProvenance({ targets: [{ reference: "Bundle/1" }], recorded, author: hospital })
 */
export function buildProvenance({ targets, recorded, author, custodian, amends }: SealedRecord): Provenance {
  return {
    resourceType: "Provenance",
    target: [...targets],
    recorded,
    activity: concept(
      "http://terminology.hl7.org/CodeSystem/v3-DataOperation",
      amends === undefined ? "CREATE" : "UPDATE",
      amends === undefined ? "create" : "revise",
    ),
    agent: [
      { type: concept(PARTICIPANT, "author", "Author"), who: author },
      ...(custodian === undefined ? [] : [{ type: concept(PARTICIPANT, "custodian", "Custodian"), who: custodian }]),
    ],
    ...(amends === undefined ? {} : { entity: [{ role: "revision" as const, what: { identifier: amends } }] }),
  };
}
