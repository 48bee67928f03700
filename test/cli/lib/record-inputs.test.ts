import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { MAX_MIB } from "../../../src/cli/line/common-flags.js";
import { fhirInputs, fhirRecords } from "../../../src/cli/records/record-inputs.js";
import { renderError } from "../../../src/cli/terminal/report-error.js";
import { errorOf, withFolder } from "../../fhir/real-inputs.js";

const patient = (id: string): object => ({ resourceType: "Patient", id, birthDate: "1970-01-01" });
const weight = (id: string): object => ({
  ...{ resourceType: "Observation", status: "final", code: { text: "Body weight" } },
  subject: { reference: `Patient/${id}` },
});
const lines = (...values: object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

describe("fhirRecords", () => {
  it("takes a file of JSON or NDJSON, and a folder, about one patient", async () => {
    await withFolder(async (dir) => {
      await writeFile(join(dir, "Patient.ndjson"), lines(patient("1")));
      await writeFile(join(dir, "Observation.ndjson"), lines(weight("1"), weight("1")));
      const records = fhirRecords((await fhirInputs(dir)).inputs);
      expect(records.map(({ category, resources }) => [category, resources])).to.deep.equal([
        ["OBSERVATION", 2],
        ["SUMMARY", 1],
      ]);
      expect(
        fhirRecords((await fhirInputs(join(dir, "Patient.ndjson"))).inputs).map(({ category }) => category),
      ).to.deep.equal(["SUMMARY"]);
    });
  });

  it("takes of several patients the one that is named, and none unless one is", async () => {
    await withFolder(async (dir) => {
      const path = join(dir, "export.ndjson");
      await writeFile(path, lines(patient("1"), weight("1"), patient("2"), weight("2"), weight("2")));
      const chosen = fhirRecords((await fhirInputs(path, { about: "Patient/2" })).inputs);
      expect(chosen.map(({ category, resources }) => [category, resources])).to.deep.equal([
        ["SUMMARY", 1],
        ["OBSERVATION", 2],
      ]);
      const several = await errorOf(() => fhirInputs(path));
      expect([several.code, several.details["patients"]]).to.deep.equal(["MULTIPLE_PATIENTS", 2]);
      expect(several.hint).to.contain("--about");
      expect((await errorOf(() => fhirInputs(path, { about: "Patient/3" }))).code).to.equal("NO_PATIENT");
    });
  });

  it("takes of a folder with doubtful files who is named, and gives the doubtful ones apart", async () => {
    await withFolder(async (dir) => {
      const entry = [patient("1"), weight("2")].map((resource) => ({ resource }));
      await writeFile(join(dir, "a.json"), JSON.stringify(patient("3")));
      await writeFile(join(dir, "b.json"), JSON.stringify({ resourceType: "Bundle", type: "collection", entry }));
      await writeFile(join(dir, "c.json"), JSON.stringify({ ...weight("3"), subject: { display: "somebody" } }));
      const unnamed = await errorOf(() => fhirInputs(dir));
      expect([unnamed.code, unnamed.hint?.includes("--about")]).to.deep.equal(["FHIR_FOLDER_HAS_BAD_FILES", true]);
      const { inputs, bad, unassigned } = await fhirInputs(dir, { about: "Patient/3" });
      expect(inputs.map(({ patient: { reference } }) => reference)).to.deep.equal(["Patient/3"]);
      expect([...bad, ...unassigned].map(({ code }) => code)).to.deep.equal(["FOREIGN_PATIENT", "NO_PATIENT"]);
      await writeFile(join(dir, "d.json"), "{");
      const broken = await errorOf(() => fhirInputs(dir, { about: "Patient/3" }));
      expect([broken.code, broken.hint?.includes("--about")]).to.deep.equal(["FHIR_FOLDER_HAS_BAD_FILES", false]);
      expect(broken.hint).to.include("--skip-bad").and.not.include("skipBad");
      expect(renderError(broken, "here", { json: false, debug: false }).match(/d\.json/g), "once").to.have.length(1);
    });
  });

  it("says that the input is one page of several, and of deletions that it has no resource for", async () => {
    await withFolder(async (dir) => {
      const page = { resourceType: "Bundle", type: "searchset", total: 2, entry: [{ resource: patient("1") }] };
      const link = [{ relation: "next", url: "https://a.example/fhir?page=2" }];
      await writeFile(join(dir, "page.json"), JSON.stringify({ ...page, link }));
      expect((await fhirInputs(join(dir, "page.json"))).notes.join()).to.include("one page of several");
      await writeFile(join(dir, "page.json"), JSON.stringify(page));
      expect((await fhirInputs(dir)).notes).to.deep.equal([]);
      const entry = ["Condition/a", "Condition/b"].map((url) => ({ request: { method: "DELETE", url } }));
      await writeFile(join(dir, "deleted.ndjson"), lines({ resourceType: "Bundle", type: "transaction", entry }));
      expect((await fhirInputs(dir)).notes.join()).to.include("2 deletions of the input are of resources");
    });
  });

  it("says what is wrong with a file as reading it does, and that one isn't there", async () => {
    await withFolder(async (dir) => {
      const path = join(dir, "bad.json");
      await writeFile(path, "{");
      expect((await errorOf(() => fhirInputs(path))).code).to.equal("NOT_JSON");
      expect((await errorOf(() => fhirInputs(join(dir, "none.json")))).code).to.equal("FHIR_FILE_UNREADABLE");
      expect((await errorOf(() => fhirInputs(path, { maxBytes: 0 }))).code).to.equal("FHIR_FILE_TOO_LARGE");
    });
  });

  it("reads its size limit in mebibytes", () => {
    expect(MAX_MIB.read("max-mib", ["2"], {})).to.equal(2 * 1024 * 1024);
    expect(MAX_MIB.read("max-mib", [], {})).to.equal(undefined);
    expect(() => MAX_MIB.read("max-mib", ["0"], {})).to.throw();
  });
});
