import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Reference } from "@medplum/fhirtypes";
import { expect } from "chai";
import { type BadFile, splitIntoRecords } from "../../src/fhir/index.js";
import { parseFhirFolder } from "../../src/fhir/node/index.js";
import { bundleOf, errorOf, observation, packagedIps, PATIENT, realInputs, withFolder } from "./real-inputs.js";

async function folderOf(files: Record<string, unknown>, use: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
    }
    await use(dir);
  });
}

const about = (reference: string, more: object = {}): object => observation({ subject: { reference }, ...more });

describe("parseFhirFolder", () => {
  it("takes each Synthea bundle as a patient of its own", async function () {
    const [first = ""] = realInputs(this, "synthea");
    const { patients, bad } = await parseFhirFolder(dirname(first));
    expect(bad).to.deep.equal([]);
    expect(patients).to.have.length(realInputs(this, "synthea").length);
  });

  it("joins the IPS examples of one patient, and keeps documents whole", async () => {
    const [first = ""] = packagedIps();
    const { patients, unassigned, unused, bad } = await parseFhirFolder(dirname(first));
    expect([unassigned, bad]).to.deep.equal([[], []]);
    expect(unused.every((file) => /\/(Device|Organization|PractitionerRole)-/.test(file))).to.equal(true);
    const joined = patients.find(({ patient }) => patient.reference === "Patient/eumfh-39-07");
    expect(joined?.inputs).to.have.length(1);
    const types = joined?.inputs[0]?.entries.map(({ resource }) => resource.resourceType);
    expect(types).to.include.members(["Patient", "Condition", "MedicationStatement", "Medication", "Organization"]);
    const documents = patients.flatMap(({ inputs }) => inputs).filter(({ bundle }) => bundle?.type === "document");
    expect(documents).to.have.length(5);
  });

  it("lists every bad file in one error, and with skipBad returns the others", async () => {
    const files = { "a.json": PATIENT, "b.json": "{", "c.json": { resourceType: "Nope" }, "d.txt": "no matter" };
    await folderOf(files, async (dir) => {
      const error = await errorOf(() => parseFhirFolder(dir));
      expect(error.code).to.equal("FHIR_FOLDER_HAS_BAD_FILES");
      const bad = error.details["bad"] as BadFile[];
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([
        [join(dir, "b.json"), "NOT_JSON"],
        [join(dir, "c.json"), "UNKNOWN_RESOURCE_TYPE"],
      ]);
      const parsed = await parseFhirFolder(dir, { skipBad: true });
      expect(parsed.patients.map(({ files }) => files)).to.deep.equal([[join(dir, "a.json")]]);
      expect(parsed.bad).to.deep.equal(bad);
    });
  });

  it("tells what of a folder it left out, and why", async () => {
    const files = { "a.json": PATIENT, "x.txt": "no matter", ".hidden.json": PATIENT };
    await folderOf(files, async (dir) => {
      const { patients, leftOut } = await parseFhirFolder(dir);
      expect(patients.map(({ files }) => files)).to.deep.equal([[join(dir, "a.json")]]);
      expect(leftOut).to.deep.equal([
        { file: join(dir, ".hidden.json"), reason: "hidden" },
        { file: join(dir, "x.txt"), reason: "neither FHIR nor another format of health data" },
      ]);
    });
  });

  it("refuses a folder without one good file, even with skipBad", async () => {
    await folderOf({ "a.json": "{" }, async (dir) => {
      expect((await errorOf(() => parseFhirFolder(dir, { skipBad: true }))).code).to.equal("FHIR_FOLDER_HAS_BAD_FILES");
    });
  });

  it("refuses a folder that is absent or holds no JSON", async () => {
    await folderOf({ "a.txt": "" }, async (dir) => {
      expect((await errorOf(() => parseFhirFolder(dir))).code).to.equal("FHIR_FOLDER_EMPTY");
      expect((await errorOf(() => parseFhirFolder(join(dir, "none")))).code).to.equal("FHIR_FOLDER_UNREADABLE");
    });
  });

  it("joins files by reference and by identifier, with the companions they refer to", async () => {
    const files = {
      "1-observation.json": about("Patient/alice", { performer: [{ reference: "PractitionerRole/r" }] }),
      "2-patient.json": PATIENT,
      "3-bundle.json": bundleOf(observation()),
      "4-role.json": { resourceType: "PractitionerRole", id: "r", organization: { reference: "Organization/o" } },
      "5-organization.json": { resourceType: "Organization", id: "o", name: "General Hospital" },
      "6-other.json": { resourceType: "Patient", id: "bob", birthDate: "1990-01-01" },
    };
    await folderOf(files, async (dir) => {
      const { patients } = await parseFhirFolder(dir);
      expect(patients.map(({ files }) => files.length)).to.deep.equal([5, 1]);
      const [input] = patients[0]?.inputs ?? [];
      const records = input ? splitIntoRecords(input) : [];
      const observations = records.find(({ category }) => category === "OBSERVATION");
      expect(observations?.resources.map(({ resourceType }) => resourceType)).to.deep.equal([
        "Observation",
        "Observation",
        "PractitionerRole",
        "Organization",
      ]);
    });
  });

  it("takes the Bundles of hospitals and practitioners that Synthea writes beside the patients", async () => {
    const npi = { system: "http://hl7.org/fhir/sid/us-npi", value: "9999999999" };
    const batch = (...resources: object[]): object => ({
      resourceType: "Bundle",
      type: "batch",
      entry: resources.map((resource, at) => ({
        fullUrl: `urn:uuid:3111111${at}-1111-4111-8111-111111111111`,
        resource,
        request: { method: "POST", url: "Practitioner" },
      })),
    });
    const performer = [{ reference: `Practitioner?identifier=${npi.system}|${npi.value}` }];
    const files = {
      "alice.json": bundleOf(observation({ performer })),
      "hospitalInformation1.json": batch({ resourceType: "Organization", name: "General Hospital" }),
      "practitionerInformation1.json": batch(
        { resourceType: "Practitioner", identifier: [npi] },
        { resourceType: "Practitioner", identifier: [{ ...npi, value: "9999999998" }] },
      ),
    };
    await folderOf(files, async (dir) => {
      const { patients, ...rest } = await parseFhirFolder(dir);
      const unused = [join(dir, "hospitalInformation1.json")];
      const none = { unassigned: [], bad: [], leftOut: [], unreferenced: 0, deletedElsewhere: 0 };
      expect(rest).to.deep.equal({ ...none, unused });
      expect(patients).to.have.length(1);
      const records = patients[0]!.inputs.flatMap((parsed) => splitIntoRecords(parsed));
      expect(records.map(({ resources }) => resources.map(({ resourceType }) => resourceType))).to.deep.include([
        "Observation",
        "Practitioner",
      ]);
      expect(records.flatMap(({ resources }) => resources)).to.have.length(3);
    });
  });

  it("names what is about somebody but says nobody, and who it is that nothing refers to", async () => {
    const absent = {
      extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "masked" }],
    };
    const files = {
      "a.json": { ...PATIENT, contained: [], generalPractitioner: [{ reference: "Practitioner/p" }] },
      "b.json": { resourceType: "Organization", id: "o", name: "General Hospital" },
      "c.json": observation({ id: "masked", subject: absent }),
      "d.json": { resourceType: "Practitioner", id: "p" },
      // Whoever refers to what is masked doesn't get it by that.
      "e.json": about("Patient/alice", { derivedFrom: [{ reference: "Observation/masked" }] }),
    };
    await folderOf(files, async (dir) => {
      const { patients, unassigned, unused, bad } = await parseFhirFolder(dir, { validate: false });
      expect(patients.map(({ files }) => files)).to.deep.equal([
        ["a.json", "d.json", "e.json"].map((n) => join(dir, n)),
      ]);
      expect(unassigned.map(({ file, code }) => [file, code])).to.deep.equal([[join(dir, "c.json"), "NO_PATIENT"]]);
      expect([unused, bad]).to.deep.equal([[join(dir, "b.json")], []]);
    });
  });

  it("gives what has no subject to the one patient whose file refers to it, and to nobody when two do", async () => {
    const files = {
      "1.json": PATIENT,
      "2.json": { resourceType: "Patient", id: "bob", birthDate: "1990-01-01" },
      "3.json": observation({ id: "o", subject: undefined }),
      "4.json": about("Patient/alice", { hasMember: [{ reference: "Observation/o" }] }),
    };
    await folderOf(files, async (dir) => {
      expect((await parseFhirFolder(dir)).patients.map(({ files }) => files.length)).to.deep.equal([3, 1]);
      await writeFile(
        join(dir, "5.json"),
        JSON.stringify(about("Patient/bob", { hasMember: [{ reference: "Observation/o" }] })),
      );
      const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(patients.map(({ files }) => files.length)).to.deep.equal([2, 2]);
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([[join(dir, "3.json"), "MULTIPLE_PATIENTS"]]);
    });
  });

  it("takes a practitioner of the server that refers to it, and no namesake of another server", async () => {
    const entry = (base: string, resource: { resourceType: string; id?: string }): object => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id ?? ""}`,
      resource,
    });
    const bundle = (...entries: object[]): object => ({ resourceType: "Bundle", type: "collection", entry: entries });
    const [a, b] = ["https://a.example/fhir", "https://b.example/fhir"];
    const practitioner = (family: string) => ({ resourceType: "Practitioner", id: "1", name: [{ family }] });
    const seen = observation({
      id: "1",
      subject: { reference: "Patient/alice" },
      performer: [{ reference: "Practitioner/1" }],
    });
    const files = {
      "1.json": bundle(entry(a, PATIENT), entry(a, seen as { resourceType: string; id: string })),
      "2.json": bundle(entry(b, practitioner("Other"))),
      "3.json": bundle(entry(a, practitioner("Right"))),
    };
    await folderOf(files, async (dir) => {
      const { patients, unused } = await parseFhirFolder(dir);
      expect(patients[0]?.files).to.deep.equal([join(dir, "1.json"), join(dir, "3.json")]);
      expect(unused).to.deep.equal([join(dir, "2.json")]);
    });
  });

  it("makes 84 charts of the Australian examples, and nobody's data is another's", async function () {
    const [first = ""] = realInputs(this, "au-core");
    const { patients, unassigned, unused, bad } = await parseFhirFolder(dirname(first));
    expect(patients).to.have.length(84);
    expect(bad).to.deep.equal([]);
    const people = patients.filter(({ patient }) => patient.resource);
    expect(people).to.have.length(83);
    const files = people.flatMap(({ files }) => files.filter((file) => /\/Patient-/.test(file)));
    expect([files.length, new Set(files).size]).to.deep.equal([89, 89]);
    expect(patients.filter(({ patient }) => !patient.resource).map(({ patient }) => patient.reference)).to.deep.equal([
      "Patient/roberts-fred",
    ]);
    // Seven of the nine files of one person have the passport; two have no number.
    const passport = people.map(({ files }) => files.filter((file) => /Patient-italia/.test(file)).length);
    expect(passport.filter((count) => count > 0).sort()).to.deep.equal([1, 1, 7]);
    expect(unassigned.map(({ code }) => code)).to.deep.equal(Array(8).fill("NO_PATIENT"));
    expect(unassigned.every(({ file }) => /-(suppressed|missing)-subject\.json$/.test(file))).to.equal(true);
    for (const { patient, inputs } of patients) {
      for (const { resource } of inputs.flatMap(({ entries }) => entries)) {
        const { subject, patient: of } = resource as { subject?: Reference; patient?: Reference };
        const named = (subject ?? of)?.reference;
        if (named !== undefined) expect(patient.names).to.include(named);
      }
    }
    const companies = new Set(
      patients.flatMap(({ files }) => files.filter((file) => /\/(Practitioner|Organization)/.test(file))),
    );
    expect(companies.size).to.be.above(50);
    expect(unused.some((file) => companies.has(file))).to.equal(false);
  });

  it("never joins people whose birth dates differ, and refuses what could be about either", async () => {
    const namesake = { ...PATIENT, birthDate: "2001-01-01" };
    const files = { "a.json": PATIENT, "b.json": namesake, "c.json": about("Patient/alice") };
    await folderOf(files, async (dir) => {
      const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(patients.map(({ files }) => files)).to.deep.equal([[join(dir, "a.json")], [join(dir, "b.json")]]);
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([[join(dir, "c.json"), "MULTIPLE_PATIENTS"]]);
    });
  });

  it("joins nothing to a name that may be somebody else's, though that one's own file is refused", async () => {
    const undated = { resourceType: "Patient", id: "alice", name: [{ family: "Quibbleworth", given: ["Bob"] }] };
    await folderOf({ "a.json": PATIENT, "b.json": undated, "c.json": about("Patient/alice") }, async (dir) => {
      const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(patients.map(({ files }) => files)).to.deep.equal([[join(dir, "a.json")]]);
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([
        [join(dir, "b.json"), "MULTIPLE_PATIENTS"],
        [join(dir, "c.json"), "MULTIPLE_PATIENTS"],
      ]);
    });
  });

  it("joins people whom a later file shows to be one, and asks where it gives one the other's number", async () => {
    const numbers = ["1", "2"].map((value) => ({ system: "s", value }));
    const [one, two] = numbers.map((number, at) => ({ resourceType: "Patient", id: `p${at}`, identifier: [number] }));
    const both = { resourceType: "Patient", id: "p2", identifier: numbers };
    await folderOf({ "a.json": one, "b.json": two, "c.json": both }, async (dir) => {
      expect((await parseFhirFolder(dir)).patients).to.have.length(1);
    });
    const mixed = { ...one, identifier: [numbers[1]] };
    await folderOf({ "a.json": one, "b.json": two, "c.json": mixed }, async (dir) => {
      const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
      expect([patients.length, bad.map(({ code }) => code)]).to.deep.equal([2, ["MULTIPLE_PATIENTS"]]);
    });
  });

  it("keeps people apart who share a number and contradict each other, and refuses what names only that number", async () => {
    const card = { system: "https://cards.example.org/number", value: "4711" };
    const one = { ...PATIENT, identifier: [card], gender: "female" };
    const other = { ...one, id: "bob", gender: "male", name: [{ family: "Quibbleworth", given: ["Bob"] }] };
    const named = observation({ subject: { identifier: card } });
    await folderOf({ "a.json": one, "b.json": other, "c.json": named }, async (dir) => {
      const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(patients).to.have.length(2);
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([[join(dir, "c.json"), "MULTIPLE_PATIENTS"]]);
    });
  });

  it("gives what has no subject to nobody whose files refer to it, where it names another patient", async () => {
    const report = { resourceType: "DiagnosticReport", status: "final", code: { text: "Weight" }, id: "d" };
    const own = { ...report, subject: { reference: "Patient/alice" }, result: [{ reference: "Observation/r" }] };
    const result = (content: object): object => observation({ id: "r", subject: undefined, ...content });
    for (const [content, expected] of [
      [{ focus: [{ reference: "Patient/bob" }] }, ["MULTIPLE_PATIENTS"]],
      [{ performer: [{ reference: "Patient/bob" }] }, ["MULTIPLE_PATIENTS"]],
      [{ performer: [{ reference: "Patient/alice" }, { reference: "Practitioner/p" }] }, []],
    ] as const) {
      await folderOf({ "a.json": PATIENT, "b.json": own, "c.json": result(content) }, async (dir) => {
        const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
        expect(bad.map(({ code }) => code)).to.deep.equal(expected);
        expect(patients.map(({ files }) => files.length)).to.deep.equal([3 - expected.length]);
      });
    }
  });

  it("says in what the resources of one person differ", async () => {
    const married = {
      ...PATIENT,
      id: "married",
      name: [{ family: "Alpha", given: ["Alice", "Zenobia"] }],
      gender: "female",
    };
    const files = { "a.json": { ...PATIENT, gender: "female" }, "b.json": married };
    await folderOf(files, async (dir) => {
      const { patients } = await parseFhirFolder(dir);
      expect(patients.map(({ patient }) => patient.warnings)).to.deep.equal([["the family name differs"]]);
    });
  });

  it("joins what names the patient by the UUID of another file's fullUrl", async () => {
    const uuid = "63fdc317-27ae-4f30-97d9-0f58915fbb8c";
    const entry = [{ fullUrl: `urn:uuid:${uuid}`, resource: { resourceType: "Patient", birthDate: "1970-01-01" } }];
    const files = {
      "a.json": { resourceType: "Bundle", type: "collection", entry },
      "b.json": about(`urn:uuid:${uuid}`),
      "c.json": about(`Patient/${uuid}`),
    };
    await folderOf(files, async (dir) => {
      const { patients, bad } = await parseFhirFolder(dir);
      expect([patients.map(({ files }) => files.length), bad]).to.deep.equal([[3], []]);
    });
  });

  it("refuses an id without its server where two servers have it", async () => {
    const on = (base: string, birthDate: string): object => ({
      resourceType: "Bundle",
      type: "collection",
      entry: [{ fullUrl: `${base}/Patient/1`, resource: { resourceType: "Patient", id: "1", birthDate } }],
    });
    const files = {
      "a.json": on("https://a.example/fhir", "1970-01-01"),
      "b.json": on("https://b.example/fhir", "1985-05-05"),
      "c.json": about("Patient/1"),
      "d.json": about("https://b.example/fhir/Patient/1"),
    };
    await folderOf(files, async (dir) => {
      const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(patients.map(({ files }) => files.length)).to.deep.equal([1, 2]);
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([[join(dir, "c.json"), "MULTIPLE_PATIENTS"]]);
    });
  });

  it("keeps a Bundle apart that is labelled as a whole", async () => {
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
    const files = { "a.json": PATIENT, "b.json": { ...bundleOf(observation()), meta: { security } } };
    await folderOf(files, async (dir) => {
      const { patients } = await parseFhirFolder(dir);
      const categories = patients.flatMap(({ inputs }) =>
        inputs.map((input) => splitIntoRecords(input).map((r) => r.category)),
      );
      expect(categories).to.deep.equal([["SENSITIVE"], ["SUMMARY"]]);
    });
  });
});
