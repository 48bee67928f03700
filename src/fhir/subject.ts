import type { Reference, Resource } from "@medplum/fhirtypes";

/** Elements that say whom a resource is about, where a type does not list its own. */
const USUAL = ["subject", "patient", "beneficiary", "individual", "for", "candidate", "securityContext"];

/** Types whose subject stands deeper. Source: https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const DEEPER: Readonly<Record<string, readonly string[]>> = {
  Appointment: ["participant.actor"],
  AppointmentResponse: ["actor"],
  AuditEvent: ["entity.what"],
  Group: ["member.entity"],
  Person: ["link.target"],
  Provenance: ["target"],
  Schedule: ["actor"],
};

/** A reference to a subject and where it stands in its resource. */
export interface SubjectReference {
  path: string;
  reference: Reference;
}

/**
 * The references that say whom a resource is about. Other people may appear in other roles (performer, requester,
 * grantee): those do not make a resource theirs.
 *
 * @example
 * subjectsOf(observation) // [{ path: "subject", reference: { reference: "Patient/1" } }]
 */
export function subjectsOf(resource: Resource): SubjectReference[] {
  const paths = [...USUAL, ...(DEEPER[resource.resourceType] ?? [])];
  return paths.flatMap((path) => collect(resource, path.split("."), ""));
}

function collect(node: unknown, steps: readonly string[], path: string): SubjectReference[] {
  if (Array.isArray(node)) return node.flatMap((item, at) => collect(item, steps, `${path}[${at}]`));
  if (typeof node !== "object" || node === null) return [];
  const [step, ...rest] = steps;
  if (step === undefined) return [{ path, reference: node }];
  return collect((node as Record<string, unknown>)[step], rest, path === "" ? step : `${path}.${step}`);
}
