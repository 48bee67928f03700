import type { CapabilityStatement, CapabilityStatementRestResource } from "@medplum/fhirtypes";

import { parametersOf, searchableTypes } from "../search/parameters.js";

/** Read, and nothing else. Source: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html */
const INTERACTIONS = ["read", "vread", "history-instance", "search-type"] as const;

const OF_A_PATIENT = [
  { name: "everything", definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything" },
  { name: "summary", definition: "http://hl7.org/fhir/uv/ips/OperationDefinition/summary" },
];

/** What this service can do. Source: https://hl7.org/fhir/R4/capabilitystatement.html */
export function capabilityStatement({
  base,
  version,
  date,
}: {
  base: string;
  version: string;
  /** When this service began to be able to. */
  date: Date;
}): CapabilityStatement {
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: date.toISOString(),
    kind: "instance",
    software: { name: "ChartChain gatekeeper", version },
    implementation: {
      description: "Reads of a hospital's FHIR data, as far as patients' consent on chain goes",
      url: base,
    },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json"],
    rest: [
      {
        mode: "server",
        documentation:
          "Every answer is that of a server which never held what the asker may not see. Writes, _filter, _query, _content and _text are refused by name.",
        security: {
          cors: false,
          description: "A bearer token by POST /sign-in/challenge and POST /sign-in (EIP-4361).",
        },
        interaction: [{ code: "batch" }],
        resource: searchableTypes().map(resourceOf),
      },
    ],
  };
}

const resourceOf = (type: string): CapabilityStatementRestResource => ({
  type: type as CapabilityStatementRestResource["type"],
  interaction: INTERACTIONS.map((code) => ({ code })),
  versioning: "versioned",
  readHistory: true,
  conditionalRead: "full-support",
  searchParam: [...parametersOf(type).values()].map(({ name, kind }) => ({ name, type: kind })),
  ...(type === "Patient" ? { operation: OF_A_PATIENT.map((operation) => ({ ...operation })) } : {}),
});
