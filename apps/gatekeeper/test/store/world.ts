import fc from "fast-check";
import { CATEGORIES } from "chartchain/fhir";
import { coded, deletionOf, LOINC, RXNORM, SNOMED } from "./inputs.js";

/** One import of one patient. */
export interface Import {
  patient: number;
  resources: object[];
}

/** Participant ids. */
export const PATIENTS = [1, 2, 3];

const CODES = {
  // Body weight, systolic blood pressure; PHQ-9, HIV test.
  Observation: [coded(LOINC, "29463-7"), coded(LOINC, "8480-6"), coded(LOINC, "44249-1"), coded(LOINC, "7917-8")],
  // Asthma, hypertension; depression, opioid abuse.
  Condition: [
    coded(SNOMED, "195967001"),
    coded(SNOMED, "38341003"),
    coded(SNOMED, "35489007"),
    coded(SNOMED, "5602001"),
  ],
  // Paracetamol, methadone.
  Medication: [coded(RXNORM, "161"), coded(RXNORM, "6813")],
};

const DATES = ["2019-03-01", "2020", "2021-06-15T08:30:00Z", "2023-01"];
const SHARED = [0, 1];
const OWN = [0, 1, 2];

const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const reference = (type: string, ids: readonly string[]): fc.Arbitrary<object> =>
  oneOf(ids).map((id) => ({ reference: `${type}/${id}` }));

/** Care that the patient, a minor, consented to alone. */
const ADOL = { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "ADOL" }] };
const labelled = fc.option(fc.constant(ADOL), { freq: 8, nil: undefined });

/** Any resource of one patient: its own, or one that several patients' data holds, in this patient's words. */
function resourceOf(patient: number): fc.Arbitrary<object> {
  const own = (kind: string): string[] => OWN.map((n) => `${kind}${patient}-${n}`);
  const shared = (kind: string): string[] => SHARED.map((n) => `${kind}-${n}`);
  const subject = fc.constant({ reference: `Patient/p${patient}` });
  const encounter = maybe(reference("Encounter", own("e")));
  const practitioner = maybe(reference("Practitioner", shared("d")));
  const organization = maybe(reference("Organization", shared("o")));
  const of = (
    type: string,
    ids: readonly string[],
    members: Record<string, fc.Arbitrary<unknown>>,
  ): fc.Arbitrary<object> =>
    fc
      .record({ resourceType: fc.constant(type), id: oneOf(ids), ...members })
      .map((resource) => JSON.parse(JSON.stringify(resource)) as object);
  return fc.oneof(
    of("Patient", [`p${patient}`], {
      name: fc.constant([{ family: `Rossi${patient}` }]),
      gender: oneOf(["female", "male"]),
      birthDate: oneOf(["1970-01-01", "1980-05"]),
      generalPractitioner: maybe(
        fc
          .tuple(oneOf(shared("o")), oneOf(["Psychiatric clinic", "Clinic"]))
          .map(([id, display]) => [{ reference: `Organization/${id}`, display }]),
      ),
      managingOrganization: organization,
    }),
    of("Encounter", own("e"), {
      status: oneOf(["finished", "in-progress"]),
      class: fc.constant({ code: "AMB" }),
      subject,
      period: oneOf(DATES).map((start) => ({ start })),
      serviceProvider: organization,
      reasonCode: maybe(oneOf(CODES.Condition).map((code) => [code])),
      meta: labelled,
    }),
    {
      weight: 3,
      arbitrary: of("Observation", own("w"), {
        status: oneOf(["final", "final", "amended", "entered-in-error"]),
        code: oneOf(CODES.Observation),
        subject,
        encounter,
        effectiveDateTime: maybe(oneOf(DATES)),
        valueQuantity: maybe(fc.integer({ min: 1, max: 4 }).map((value) => ({ value, code: "kg", system: "urn:u" }))),
        performer: practitioner.map((one) => (one === undefined ? undefined : [one])),
        hasMember: maybe(reference("Observation", own("w")).map((one) => [one])),
        meta: labelled,
      }),
    },
    of("Condition", own("c"), {
      code: oneOf(CODES.Condition),
      subject,
      encounter,
      recordedDate: maybe(oneOf(DATES)),
      meta: labelled,
    }),
    of("MedicationRequest", own("m"), {
      status: fc.constant("active"),
      intent: fc.constant("order"),
      subject,
      encounter,
      medicationReference: reference("Medication", shared("med")),
      reasonReference: maybe(reference("Condition", own("c")).map((one) => [one])),
      requester: practitioner,
    }),
    of("AllergyIntolerance", own("a"), { patient: subject, code: oneOf(CODES.Medication), encounter }),
    of("DocumentReference", own("doc"), {
      status: fc.constant("current"),
      subject,
      type: oneOf(CODES.Condition),
      content: reference("Binary", own("bin")).map((one) => [
        { attachment: { url: (one as { reference: string }).reference } },
      ]),
    }),
    of("Binary", own("bin"), { contentType: fc.constant("text/plain"), data: oneOf(["YQ==", "Yg=="]) }),
    of("Claim", own("f"), {
      patient: subject,
      provider: organization,
      use: fc.constant("claim"),
      diagnosis: maybe(reference("Condition", own("c")).map((one) => [{ sequence: 1, diagnosisReference: one }])),
    }),
    of("Practitioner", shared("d"), {
      name: oneOf(["Weber", "Novak"]).map((family) => [{ family }]),
      active: maybe(fc.boolean()),
    }),
    of("Organization", shared("o"), {
      name: oneOf(["General Hospital", "Laboratory"]),
      partOf: maybe(reference("Organization", shared("o"))),
    }),
    of("Medication", shared("med"), { code: oneOf(CODES.Medication), manufacturer: organization }),
    fc
      .oneof(
        reference("Observation", own("w")),
        reference("Condition", own("c")),
        reference("Practitioner", shared("d")),
      )
      .map((one) => deletionOf((one as { reference: string }).reference)),
  );
}

/** Three to six imports. */
export const imports: fc.Arbitrary<Import[]> = fc.array(
  oneOf(PATIENTS).chain((patient) =>
    fc.record({
      patient: fc.constant(patient),
      resources: fc.array(resourceOf(patient), { minLength: 8, maxLength: 20, size: "max" }),
    }),
  ),
  { minLength: 3, maxLength: 6, size: "max" },
);

/** Kinds of records that may be seen; of some only every other one. */
export interface Seen {
  patient: number;
  category: (typeof CATEGORIES)[number];
  confidential: boolean;
  only: number | undefined;
}

const KINDS = PATIENTS.flatMap((patient) =>
  CATEGORIES.flatMap((category) => [true, false].map((confidential) => ({ patient, category, confidential }))),
);

/** About half of all kinds. */
export const seen: fc.Arbitrary<Seen[]> = fc
  .tuple(...KINDS.map(() => oneOf<"none" | "all" | 0 | 1>(["none", "none", "none", "all", "all", "all", "all", 0, 1])))
  .map((choices) =>
    KINDS.flatMap((kind, at) => {
      const choice = choices[at]!;
      return choice === "none" ? [] : [{ ...kind, only: choice === "all" ? undefined : choice }];
    }),
  );

/** A search, with the parameters of its type. */
export interface Asked {
  type: string;
  parameters: [string, string][];
}

const INCLUDES: Readonly<Record<string, readonly [string, string][]>> = {
  Patient: [
    ["_include", "Patient:organization"],
    ["_include", "Patient:general-practitioner"],
    ["_revinclude", "Observation:patient"],
    ["_revinclude", "Encounter:patient"],
    ["_revinclude:iterate", "Condition:encounter"],
  ],
  Encounter: [
    ["_include", "Encounter:patient"],
    ["_include", "Encounter:service-provider"],
    ["_revinclude", "Observation:encounter"],
    ["_revinclude", "MedicationRequest:encounter"],
    ["_include:iterate", "Organization:partof"],
  ],
  Observation: [
    ["_include", "Observation:encounter"],
    ["_include", "Observation:performer"],
    ["_include:iterate", "Observation:has-member"],
    ["_include", "Observation:subject:Patient"],
    ["_revinclude", "Observation:has-member"],
  ],
  Condition: [
    ["_include", "Condition:encounter"],
    ["_revinclude:iterate", "Claim:encounter"],
    ["_include:iterate", "Encounter:service-provider"],
  ],
  MedicationRequest: [
    ["_include", "MedicationRequest:medication"],
    ["_include:iterate", "Medication:manufacturer"],
    ["_include", "MedicationRequest:requester"],
  ],
  Practitioner: [
    ["_revinclude", "Observation:performer"],
    ["_revinclude", "MedicationRequest:requester"],
  ],
  Organization: [
    ["_include", "Organization:partof"],
    ["_revinclude", "Patient:organization"],
    ["_revinclude", "Encounter:service-provider"],
  ],
};

const PARAMETERS: Readonly<Record<string, readonly [string, string][]>> = {
  Patient: [
    ["gender", "female"],
    ["birthdate", "lt1975"],
    ["_has:Observation:patient:code", "44249-1"],
    ["_has:Condition:patient:code:not", "195967001"],
    ["general-practitioner:missing", "true"],
    ["organization.name", "general"],
    ["_tag", "SUBSETTED"],
    ["_tag:not", "SUBSETTED"],
    ["_has:Encounter:patient:_has:Observation:encounter:status", "final"],
  ],
  Encounter: [
    ["status", "finished"],
    ["date", "ge2020"],
    ["service-provider.partof.name", "lab"],
    ["reason-code:missing", "false"],
    ["_has:Condition:encounter:code", "35489007,195967001"],
    ["patient.gender", "male"],
    ["service-provider:missing", "true"],
  ],
  Observation: [
    ["status", "final"],
    ["code", "29463-7,44249-1"],
    ["code:not", "8480-6"],
    ["date", "ge2020"],
    ["date", "ne2020"],
    ["value-quantity", "ge2"],
    ["value-quantity", "2|urn:u|kg"],
    ["encounter.status", "finished"],
    ["encounter.service-provider.name", "gen"],
    ["performer:Practitioner.name", "web"],
    ["patient", "p1,p2"],
    ["has-member:missing", "true"],
    ["has-member.code", "44249-1"],
    ["_has:Observation:has-member:code", "44249-1"],
    ["subject:Patient.gender", "female"],
    ["_security", "ADOL"],
  ],
  Condition: [
    ["code", "35489007,38341003"],
    ["encounter:missing", "false"],
    ["encounter.class", "AMB"],
    ["recorded-date", "gt2020"],
  ],
  MedicationRequest: [
    ["medication.code", "6813"],
    ["medication.code:not", "6813"],
    ["requester:Practitioner.name", "novak"],
    ["encounter.date", "lt2022"],
    ["medication.manufacturer.name", "gen"],
  ],
  Practitioner: [
    ["name", "web"],
    ["active", "true"],
    ["_has:Observation:performer:code", "44249-1"],
    ["active:missing", "true"],
  ],
  Organization: [
    ["name:contains", "OSP"],
    ["partof.name", "lab"],
    ["_has:Encounter:service-provider:status", "finished"],
    ["_has:Patient:organization:gender", "female"],
  ],
  AllergyIntolerance: [
    ["code", "161"],
    ["patient.gender", "female"],
  ],
  Claim: [
    ["provider.name", "lab"],
    ["use", "claim"],
  ],
  Medication: [
    ["code", "161"],
    ["manufacturer:missing", "true"],
  ],
};

const SORTS: Readonly<Record<string, readonly string[]>> = {
  Observation: ["date", "-date,status", "-value-quantity", "code,-_id", "-_lastUpdated", "performer"],
  Patient: ["birthdate", "-gender", "_lastUpdated"],
  Encounter: ["-date", "status,_id"],
  Condition: ["-code", "recorded-date"],
};

export const search: fc.Arbitrary<Asked> = oneOf(Object.keys(PARAMETERS)).chain((type) => {
  const parameters = oneOf(PARAMETERS[type]!);
  const controls: fc.Arbitrary<[string, string][]>[] = [
    oneOf([
      [],
      [],
      [["_total", "accurate"]],
      [["_summary", "count"]],
      [["_summary", "true"]],
      [["_elements", "id,meta"]],
    ] as [string, string][][]),
    oneOf([[], [["_count", "1"]], [["_count", "2"]], [["_count", "3"]]] as [string, string][][]),
    SORTS[type] === undefined
      ? fc.constant([])
      : fc
          .option(oneOf(SORTS[type]), { nil: undefined })
          .map((sort) => (sort === undefined ? [] : [["_sort", sort] as [string, string]])),
    INCLUDES[type] === undefined ? fc.constant([]) : fc.array(oneOf(INCLUDES[type]), { maxLength: 3 }),
  ];
  return fc
    .tuple(fc.array(parameters, { maxLength: 2 }), ...controls)
    .map((lists) => ({ type, parameters: lists.flat() }));
});
