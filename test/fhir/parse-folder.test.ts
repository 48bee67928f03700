import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { type BadFile, parseFhirFolder, splitIntoRecords } from "../../src/fhir/index.js";
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
    const { patients, bad } = await parseFhirFolder(dirname(first), { skipBad: true });
    expect([...new Set(bad.map(({ code }) => code))]).to.deep.equal(["NO_PATIENT"]);
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

  it("calls a companion bad when nothing refers to it", async () => {
    const stray = { resourceType: "Organization", id: "o", name: "General Hospital" };
    await folderOf({ "a.json": PATIENT, "b.json": stray }, async (dir) => {
      const { bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(bad.map(({ code }) => code)).to.deep.equal(["NO_PATIENT"]);
    });
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

  it("joins groups that a later file shows to be one", async () => {
    const one = { resourceType: "Patient", id: "one", identifier: [{ system: "s", value: "1" }] };
    const two = { resourceType: "Patient", id: "two", identifier: [{ system: "s", value: "2" }] };
    const both = { resourceType: "Patient", id: "one", identifier: [{ system: "s", value: "2" }] };
    await folderOf({ "a.json": one, "b.json": two, "c.json": both }, async (dir) => {
      expect((await parseFhirFolder(dir)).patients).to.have.length(1);
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
