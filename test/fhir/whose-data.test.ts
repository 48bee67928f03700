import { expect } from "chai";
import type { ChartChainError } from "../../src/errors/index.js";
import { parseFhirText } from "../../src/fhir/index.js";

const NHS = "https://fhir.nhs.uk/Id/nhs-number";
const OWN = { reference: "Patient/1" };
const OTHER = { reference: "Patient/2" };

const patient = {
  resourceType: "Patient",
  id: "1",
  identifier: [
    { system: NHS, value: "9000000009" },
    { system: "urn:example:mrn", value: "A1" },
  ],
  name: [{ family: "Alpha", given: ["Adam"] }],
  gender: "male",
  birthDate: "1970-01-01",
};
const stranger = { resourceType: "Patient", id: "2", name: [{ family: "Beta" }], birthDate: "1985-05-05" };

const resource = (resourceType: string, content: object = {}): object => ({ resourceType, id: "r", ...content });
const observation = (content: object = {}): object =>
  resource("Observation", { status: "final", code: { text: "Body weight" }, subject: OWN, ...content });
const withoutSubject = (content: object): object => observation({ subject: undefined, ...content });
const parameters = (...parameter: object[]): object => resource("Parameters", { parameter });

/** Each entry a resource, or an entry with its own fullUrl, request or response. */
const bundle = (type: string, ...entries: object[]): object => ({
  resourceType: "Bundle",
  type,
  entry: entries.map((entry) => ("resourceType" in entry ? { resource: entry } : entry)),
});
const beside = (...entries: object[]): object => bundle("collection", patient, ...entries);
const at = (fullUrl: string, inner: object): object => ({ fullUrl, resource: inner });
const conditional = (reference: string): object =>
  bundle(
    "transaction",
    { resource: patient, request: { method: "PUT", url: "Patient/1" } },
    { resource: observation({ subject: { reference } }), request: { method: "POST", url: "Observation" } },
  );
const document = (composition: object, ...entries: object[]): object =>
  bundle("document", resource("Composition", { status: "final", ...composition }), patient, ...entries);

async function outcomeOf(input: object): Promise<string> {
  return parseFhirText(JSON.stringify(input), "input", { validate: false }).then(
    () => "taken",
    ({ code }: ChartChainError) => code,
  );
}

function itIs(outcome: string, inputs: Readonly<Record<string, object>>): void {
  for (const [what, input] of Object.entries(inputs)) {
    it(`${outcome === "taken" ? "takes" : "refuses"} ${what}`, async () => {
      expect(await outcomeOf(input)).to.equal(outcome);
    });
  }
}

describe("whose data an input is, by what it looks at", () => {
  itIs("FOREIGN_PATIENT", {
    "what looks at another patient": beside(observation({ focus: [OTHER] })),
    "what has no subject and looks at another patient": beside(withoutSubject({ focus: [OTHER] })),
    "what has no subject and was performed by another patient": beside(withoutSubject({ performer: [OTHER] })),
    "a questionnaire without a subject that another patient answered": beside(
      resource("QuestionnaireResponse", { status: "completed", source: OTHER }),
    ),
    "a questionnaire about another patient that this one answered": beside(
      resource("QuestionnaireResponse", { status: "completed", subject: OTHER, source: OWN, author: OWN }),
    ),
    "a task on another patient": beside(resource("Task", { focus: OTHER })),
    "a task for another patient": beside(resource("Task", { for: OTHER })),
    "a message about another patient": beside(resource("Communication", { subject: OWN, about: [OTHER] })),
    "supplies for another patient": beside(resource("SupplyRequest", { deliverTo: OTHER })),
    "a section about another patient": document({ subject: OWN, section: [{ section: [{ focus: OTHER }] }] }),
    "a document about another patient": document({ subject: OTHER }),
    "a message whose focus is another patient": bundle(
      "message",
      resource("MessageHeader", { focus: [OTHER] }),
      patient,
    ),
    "an account of two": beside(resource("Account", { subject: [OWN, OTHER] })),
    "an appointment of two": beside(resource("Appointment", { participant: [{ actor: OWN }, { actor: OTHER }] })),
    "another patient's cover, paid by this one": beside(resource("Coverage", { beneficiary: OTHER, subscriber: OWN })),
    "another patient's family history": beside(resource("FamilyMemberHistory", { patient: OTHER })),
    "another patient's relative": beside(resource("RelatedPerson", { patient: OTHER })),
    "a Person who is two patients": beside(resource("Person", { link: [{ target: OWN }, { target: OTHER }] })),
    "a Person who isn't said to be the patient": beside(resource("Person", { name: [{ family: "Beta" }] })),
    "another patient's part in a study": beside(resource("ResearchSubject", { individual: OTHER })),
    "a log of what was done with another patient": beside(resource("AuditEvent", { entity: [{ what: OTHER }] })),
    "the provenance of another patient's version": beside(
      resource("Provenance", { target: [{ reference: "Patient/2/_history/1" }] }),
    ),
    "another patient's consent": beside(resource("Consent", { patient: OTHER })),
    "another patient's device": beside(resource("Device", { patient: OTHER })),
    "another patient's use of a device": beside(resource("DeviceUseStatement", { subject: OTHER })),
    "another patient's vaccination": beside(resource("Immunization", { patient: OTHER })),
    "another patient's Basic": beside(resource("Basic", { subject: OTHER })),
    "another patient's measures": beside(resource("MeasureReport", { type: "individual", subject: OTHER })),
    "what was verified of another patient": beside(resource("VerificationResult", { target: [OTHER] })),
    "a linkage of two": beside(resource("Linkage", { item: [{ resource: OWN }, { resource: OTHER }] })),
    "a contained group of others": beside(
      observation({
        contained: [{ resourceType: "Group", id: "g", type: "person", member: [{ entity: OTHER }] }],
        subject: { reference: "#g" },
      }),
    ),
    "another patient who is contained in what is contained": beside(
      observation({
        contained: [
          { ...observation({ contained: [{ ...stranger, id: "p" }], subject: { reference: "#p" } }), id: "c" },
        ],
        hasMember: [{ reference: "#c" }],
      }),
    ),
    "a newborn's data in the mother's input": beside(observation({ subject: { reference: "Patient/baby" } })),
  });

  itIs("taken", {
    "what another patient pays for": beside(
      resource("Coverage", { beneficiary: OWN, subscriber: OTHER, policyHolder: OTHER, payor: [OTHER] }),
    ),
    "what others did, answered or donated": beside(
      observation({ performer: [OTHER], focus: [{ reference: "RelatedPerson/mother" }] }),
      resource("QuestionnaireResponse", { subject: OWN, source: { reference: "RelatedPerson/mother" }, author: OTHER }),
      resource("Provenance", { target: [OWN], agent: [{ who: OTHER }] }),
      resource("BiologicallyDerivedProduct", { collection: { source: OTHER } }),
    ),
    "an extension that names another patient": beside(
      observation({ extension: [{ url: "urn:example:mother", valueReference: OTHER }] }),
    ),
    "a Person and a relative of the patient": beside(
      resource("Person", { link: [{ target: OWN }] }),
      resource("RelatedPerson", { patient: OWN, name: [{ text: "Mother" }] }),
    ),
    "what has no subject, and names nobody else": beside(withoutSubject({ performer: [OWN, { display: "Ward" }] })),
    "a history in which another patient was deleted": bundle(
      "history",
      { resource: patient, request: { method: "PUT", url: "Patient/1" } },
      { request: { method: "DELETE", url: "Patient/2" } },
    ),
  });

  itIs("NO_PATIENT", {
    "what has no subject and looks at a patient": withoutSubject({ focus: [OTHER] }),
    "what has no subject and was performed by a patient": withoutSubject({ performer: [OTHER] }),
  });
});

describe("whose data an input is, in Parameters", () => {
  const other = { system: NHS, value: "9000000017" };
  itIs("FOREIGN_PATIENT", {
    "another patient's identifier": beside(parameters({ name: "patient", valueIdentifier: other })),
    "another patient's identifier for a merge": beside(
      parameters({ name: "source-patient-identifier", valueIdentifier: other }),
    ),
    "another patient's id": beside(parameters({ name: "patientId", valueId: "2" })),
    "a reference to another patient, as text": beside(parameters({ name: "subject", valueString: "Patient/2" })),
    "a reference to another patient, as an address": beside(
      parameters({ name: "patient", valueUri: "urn:uuid:6d6d6d6d-0000-4000-8000-000000000000" }),
    ),
    "another patient under any name": beside(parameters({ name: "who", valueReference: OTHER })),
    "another patient in a part": beside(parameters({ name: "x", part: [{ name: "patient", valueIdentifier: other }] })),
  });
  itIs("MULTIPLE_PATIENTS", {
    "two patients who are to be merged": parameters(
      { name: "source-patient", valueReference: OWN },
      { name: "target-patient", valueReference: OTHER },
    ),
    "a search result of another patient": beside(
      parameters({ name: "return", resource: bundle("searchset", stranger) }),
    ),
  });
  itIs("taken", {
    "the patient in each of these forms": beside(
      parameters(
        { name: "patient", valueIdentifier: { system: NHS, value: "900 000 0009" } },
        { name: "patientId", valueId: "1" },
        { name: "subject", valueString: "Patient/1" },
        { name: "subject", valueString: "A title of no patient" },
        { name: "patient", valueBoolean: true },
      ),
    ),
  });
});

describe("whose data an input is, by servers, versions and links", () => {
  const [a, b] = ["https://a.example/fhir", "https://b.example/fhir"];
  const linked = (type: string): object => ({ ...patient, link: [{ other: { reference: "Patient/9" }, type }] });
  const duplicate = { ...patient, id: "9", identifier: [{ system: "urn:example:other", value: "7" }] };
  itIs("taken", {
    "another version of the patient": bundle(
      "collection",
      at(`${a}/Patient/1/_history/2`, patient),
      observation({ subject: { reference: `${a}/Patient/1/_history/4` } }),
    ),
    "a UUID and an OID in capitals or not": bundle(
      "collection",
      at("urn:uuid:AAAAAAAA-0000-4000-8000-000000000001", patient),
      observation({ subject: { reference: "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001" } }),
    ),
    "a search by value that is written in another way": conditional("Patient?identifier=900-000-0009"),
    "a duplicate that the patient was merged with": bundle(
      "collection",
      linked("replaced-by"),
      duplicate,
      observation(),
    ),
    "what names the record that was merged into the patient's": bundle(
      "collection",
      linked("replaces"),
      observation({ subject: { reference: "Patient/9" } }),
    ),
    "two that are linked the other way": bundle("collection", patient, {
      ...duplicate,
      link: [{ other: OWN, type: "seealso" }],
    }),
    "a link to a relative": bundle("collection", {
      ...patient,
      link: [{ other: { reference: "RelatedPerson/r" }, type: "seealso" }, { type: "refer" }, null],
    }),
  });
  itIs("FOREIGN_PATIENT", {
    "another base on the same host": bundle(
      "collection",
      at("https://a.example/one/Patient/1", patient),
      at("https://a.example/two/Observation/1", observation()),
    ),
    "another server's patient where the patient's own is not told, and the data came from elsewhere": bundle(
      "collection",
      patient,
      at(`${a}/Observation/1`, observation({ subject: { reference: `${b}/Patient/1` } })),
    ),
    "a scheme in capitals": bundle(
      "collection",
      at(`${a}/Patient/1`, patient),
      observation({ subject: { reference: "HTTPS://a.example/fhir/Patient/1" } }),
    ),
    "another server inside a Bundle": bundle(
      "collection",
      at(`${a}/Patient/1`, patient),
      at("urn:uuid:b", bundle("collection", at(`${b}/Observation/1`, observation()))),
    ),
    "what names a record that is only like the patient's": bundle(
      "collection",
      linked("seealso"),
      observation({ subject: { reference: "Patient/9" } }),
    ),
    "a search by name": conditional("Patient?family=Alpha&birthdate=1970-01-01"),
    "a search by id and another's identifier": conditional(`Patient?_id=1&identifier=${NHS}|9000000017`),
    "a search by several ids": conditional("Patient?_id=1,2"),
    "a search in lower case": conditional(`patient?identifier=${NHS}|9000000017`),
    "the patient's id with another's identifier": beside(
      observation({ subject: { ...OWN, identifier: { system: NHS, value: "9000000017" } } }),
    ),
    "a record that another server's link names": bundle(
      "collection",
      at(`${a}/Patient/1`, linked("replaces")),
      at(`${b}/Observation/1`, observation({ subject: { reference: "Patient/9" } })),
    ),
  });
  itIs("MULTIPLE_PATIENTS", {
    "two who are linked by mistake": bundle("collection", linked("replaced-by"), {
      ...duplicate,
      birthDate: "1971-02-02",
    }),
    "two under one fullUrl": bundle("collection", at("urn:uuid:x", patient), at("urn:uuid:x", stranger)),
    "two of one id, one without a server": bundle("collection", at(`${a}/Patient/1`, patient), {
      ...stranger,
      id: "1",
    }),
    "a search result of two": bundle("searchset", patient, stranger),
    "an answer that holds two": bundle(
      "transaction-response",
      { resource: patient, response: { status: "201" } },
      { resource: stranger, response: { status: "201" } },
    ),
    "two servers' patients without their resources": bundle(
      "collection",
      at(`${a}/Observation/1`, observation()),
      at(`${b}/Observation/2`, observation()),
    ),
  });
});
