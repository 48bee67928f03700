import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import fc from "fast-check";
import { type FolderPatient, parseFhirText, splitIntoRecords } from "../../src/fhir/index.js";
import { parseFhirFile, parseFhirFolder } from "../../src/fhir/node/index.js";
import { bundleOf, errorOf, observation, PATIENT, realInputs, withFile, withFolder } from "./real-inputs.js";
import { toNdjson } from "./to-ndjson.js";

const CASE = fileURLToPath(new URL("../../../shared/cases/refused-ndjson.json", import.meta.url));
const WORKER = fileURLToPath(new URL("./ndjson-worker.ts", import.meta.url));

const BOB = { resourceType: "Patient", id: "bob", birthDate: "1990-01-01" };
const of = (patient: string, more: object = {}): object =>
  observation({ subject: { reference: `Patient/${patient}` }, ...more });
const lines = (...values: unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

async function folderOf(files: Record<string, string>, use: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
    await use(dir);
  });
}

/** What of each patient is in which category, whatever the order and the names of references. */
function recordsOf(patients: readonly FolderPatient[]): string[] {
  return patients
    .flatMap(({ patient, inputs }) =>
      inputs
        .flatMap((parsed) => splitIntoRecords(parsed))
        .map(({ category, resources }) => {
          const ids = resources.map(({ resourceType, id }) => `${resourceType}/${id ?? ""}`).sort();
          return `${patient.resource?.id ?? ""} ${category} ${ids.join(" ")}`;
        }),
    )
    .sort();
}

const typesOf = ({ inputs }: FolderPatient): string[] =>
  inputs.flatMap(({ entries }) => entries.map(({ resource }) => resource.resourceType));

describe("NDJSON of one patient", () => {
  it("is read from a file and from memory, each resource in its own text", async () => {
    const text = `\uFEFF${JSON.stringify(PATIENT)}\r\n\r\n  {"resourceType":"Observation", "status":"final","code":{"text":"é"},"subject":{"reference":"Patient/alice"},"valueQuantity":{"value":1.00}}\t\n\uFEFF${JSON.stringify(of("alice"))}`;
    for (const parsed of [
      await parseFhirText(text, "input"),
      await withFile(text, async (path) => copied(await parseFhirFile(path))),
    ]) {
      expect(parsed.bundle).to.equal(undefined);
      expect(parsed.patient.reference).to.equal("Patient/alice");
      expect(parsed.entries.map(({ place }) => place)).to.deep.equal([
        "line 1 (Patient)",
        "line 3 (Observation)",
        "line 4 (Observation)",
      ]);
      for (const { json, resource } of parsed.entries) expect(JSON.parse(json)).to.deep.equal(resource);
      expect(parsed.entries[1]?.json).to.contain('"resourceType":"Observation", ').and.to.contain("1.00");
    }
  });

  it("is taken where only references name the patient", async () => {
    const parsed = await parseFhirText(lines(of("alice"), of("alice")), "input");
    expect(parsed.patient.reference).to.equal("Patient/alice");
    expect(splitIntoRecords(parsed)).to.have.length(1);
  });

  it("has the right value for the shared case", async function () {
    if (!existsSync(CASE)) {
      console.log(`      no shared case at ${CASE}: skipped`);
      this.skip();
    }
    for (const parsed of [await parseFhirFile(CASE), await parseFhirText(readFileSync(CASE), "input")]) {
      expect([parsed.patient.reference, parsed.entries.length]).to.deep.equal(["Patient/1", 2]);
    }
  });

  it("is not taken for what only looks like it", async () => {
    const open = '{"resourceType":"Bundle","type":"collection","entry":[';
    for (const text of [
      `${open}\n${JSON.stringify({ resource: PATIENT })}\n]}\n`,
      `${open}\n${JSON.stringify({ resource: PATIENT })},\n${JSON.stringify({ resource: of("alice") })}]}`,
      `${JSON.stringify(bundleOf(), null, 1)}\n`,
      `${JSON.stringify(bundleOf())}\n\n`,
    ]) {
      expect((await withFile(text, (path) => parseFhirFile(path))).bundle?.type).to.equal("collection");
      expect((await parseFhirText(text, "input.ndjson")).bundle?.type).to.equal("collection");
    }
  });

  it("is refused with the line of its fault", async () => {
    const good = JSON.stringify(PATIENT);
    for (const [bad, code, said] of [
      ['{"resourceType":"Obs', "NOT_JSON", "line 3, column 21: it ends in the middle"],
      ["nothing", "NOT_JSON", "line 3, column 1"],
      ['{"resourceType":"Observation","status":"final"}', "INVALID_RESOURCE", "line 3 (Observation).code"],
      ['{"resourceType":"Nope"}', "UNKNOWN_RESOURCE_TYPE", "line 3 is a Nope"],
      ["[1]", "NOT_FHIR", "line 3 is not a FHIR resource, but an array"],
      ['{"resourceType":"Bundle","type":"heap"}', "INVALID_RESOURCE", "line 3: Bundle.type"],
      ['{"id":"x","id":"y"}', "DUPLICATE_JSON_NAME", "line 3"],
    ] as const) {
      for (const text of [`${good}\n\n${bad}`, `${good}\n\n${bad}\n${good}\n`]) {
        const error = await withFile(text, (path) => errorOf(() => parseFhirFile(path)));
        expect([error.code, error.message.includes(said)], error.message).to.deep.equal([code, true]);
        expect((await errorOf(() => parseFhirText(text, "input"))).code).to.equal(code);
      }
    }
  });

  it("holds each line to the size limit, and the file to none", async () => {
    const text = lines(of("alice"), PATIENT, of("alice"), of("alice"));
    await withFile(text, async (path) => {
      expect((await parseFhirFile(path, { maxBytes: 300 })).entries).to.have.length(4);
      const error = await errorOf(() => parseFhirFile(path, { maxBytes: JSON.stringify(PATIENT).length - 1 }));
      expect([error.code, error.details["line"]]).to.deep.equal(["FHIR_FILE_TOO_LARGE", 2]);
      expect(error.hint).to.contain("--max-mib");
    });
  });

  it("gives the same whatever stands between and around the values", async () => {
    const space = fc.array(fc.constantFrom(" ", "\t", "\r"), { maxLength: 3 }).map((parts) => parts.join(""));
    const gap = fc.array(space, { maxLength: 3 }).map((parts) => `\n${parts.map((part) => `${part}\n`).join("")}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string(), { minLength: 1, maxLength: 5 }),
        space,
        space,
        gap,
        async (texts, before, after, between) => {
          const all = [PATIENT, ...texts.map((text) => of("alice", { note: [{ text }] }))].map((value) =>
            JSON.stringify(value),
          );
          const text = all.map((json) => `${before}${json}${after}`).join(between);
          const read = await withFile(text, async (path) =>
            (await parseFhirFile(path, { validate: false })).entries.map(({ json }) => json),
          );
          expect(read).to.deep.equal(all);
          expect(
            (await parseFhirText(text, "input", { validate: false })).entries.map(({ json }) => json),
          ).to.deep.equal(all);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is read again when it is looked at, and refused once it has changed", async () => {
    const long = of("alice", { note: [{ text: "as measured ".repeat(80_000) }] });
    await withFile(lines(PATIENT, long, long, long, long, long, long), async (path) => {
      const { entries } = await parseFhirFile(path);
      for (const { resource } of entries) expect(resource.resourceType).to.match(/^(Patient|Observation)$/);
      await appendFile(path, lines(of("alice")));
      const error = await errorOf(() => entries[0]?.json);
      expect(error.code).to.equal("FHIR_FILE_CHANGED");
      expect((await parseFhirFile(path)).entries).to.have.length(8);
    });
  });
});

describe("NDJSON of many patients", () => {
  it("gives the same records as the Bundles that it was made from", async function () {
    const [first = ""] = realInputs(this, "synthea");
    await withFolder(async (dir) => {
      await toNdjson(dirname(first), dir);
      const bundles = await parseFhirFolder(dirname(first), { validate: false });
      const exported = await parseFhirFolder(dir);
      expect(exported.bad).to.deep.equal([]);
      expect(exported.unreferenced).to.equal(0);
      expect(recordsOf(exported.patients)).to.deep.equal(recordsOf(bundles.patients));
    });
  });

  it("gives each resource to its patient, with the companions that it refers to", async () => {
    const practitioner = (id: string): object => ({ resourceType: "Practitioner", id });
    const files = {
      "Observation.ndjson": lines(of("bob"), of("alice", { performer: [{ reference: "Practitioner/p" }] }), of("bob")),
      "Patient.ndjson": lines(PATIENT, BOB),
      "Practitioner.ndjson": lines(practitioner("p"), practitioner("q"), practitioner("r")),
    };
    await folderOf(files, async (dir) => {
      const { patients, bad, unreferenced } = await parseFhirFolder(dir);
      expect(bad).to.deep.equal([]);
      expect(unreferenced).to.equal(2);
      const types = Object.fromEntries(patients.map((one) => [one.patient.resource?.id ?? "", typesOf(one).sort()]));
      expect(types).to.deep.equal({
        alice: ["Observation", "Patient", "Practitioner"],
        bob: ["Observation", "Observation", "Patient"],
      });
    });
  });

  it("is read from one file by parseFhirFolder, and refused by parseFhirFile, which says so", async () => {
    const text = lines(PATIENT, of("alice"), BOB, of("bob"));
    await withFile(text, async (path) => {
      expect((await parseFhirFolder(path)).patients.map(typesOf)).to.deep.equal([
        ["Patient", "Observation"],
        ["Patient", "Observation"],
      ]);
      for (const read of [() => parseFhirFile(path), () => parseFhirText(text, "input")]) {
        const error = await errorOf(read);
        expect(error.code).to.equal("MULTIPLE_PATIENTS");
        expect(error.hint).to.contain("parseFhirFolder");
      }
    });
    const two = lines(of("alice"), of("bob"));
    expect((await errorOf(() => parseFhirText(two, "input"))).code).to.equal("MULTIPLE_PATIENTS");
    expect((await withFile(two, (path) => parseFhirFolder(path))).patients).to.have.length(2);
  });

  it("takes the names that servers give, and passes over what an export writes beside its data", async () => {
    const files = {
      "0.Patient.ndjson": lines(PATIENT, BOB),
      "1-observation.jsonl": lines(of("alice"), of("bob")),
      "2.ldjson": lines(of("alice"), of("bob")),
      Observation: lines(of("alice"), of("bob")),
      "export-7f3a.part": lines(of("alice")),
      "one.json": JSON.stringify(of("bob")),
      "Condition.ndjson": "",
      "Device.ndjson": "\n",
      "manifest.json": JSON.stringify({ transactionTime: "2026-01-01T00:00:00Z", request: "x", output: [], error: [] }),
      "log.ndjson": lines({ exportId: "1", eventId: "kickoff" }, { exportId: "1", eventId: "status_complete" }),
      "README.md": "Made for a test.",
      ".hidden.json": "{",
      "logo.png": "\x89PNG\r\n",
    };
    await folderOf(files, async (dir) => {
      await mkdir(join(dir, "error"));
      const { patients, bad } = await parseFhirFolder(dir);
      expect(bad).to.deep.equal([]);
      expect(patients.map((one) => typesOf(one).length)).to.deep.equal([5, 5]);
    });
  });

  it("names other formats in a folder, also where another name hides them", async () => {
    const files = {
      "Patient.json": JSON.stringify(PATIENT),
      "Patient.xml": '<Patient xmlns="http://hl7.org/fhir"/>',
      "ccd.xml": '<ClinicalDocument xmlns="urn:hl7-org:v3"/>',
      "lab.hl7": "MSH|^~\\&|LAB\r",
      "Observation.ndjson.gz": "\x1f\x8b\x08",
      "page.json": "<html></html>",
      "pom.xml": "<project/>",
    };
    await folderOf(files, async (dir) => {
      await writeFile(join(dir, "Observation.ndjson.gz"), Uint8Array.of(0x1f, 0x8b, 8, 0));
      const { bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(bad.map(({ file, code, message }) => [file, code, /is (.*), not/.exec(message)?.[1]])).to.deep.equal([
        [join(dir, "Observation.ndjson.gz"), "FHIR_FORMAT_UNSUPPORTED", "gzip-compressed"],
        [join(dir, "Patient.xml"), "FHIR_FORMAT_UNSUPPORTED", "FHIR XML"],
        [join(dir, "ccd.xml"), "FHIR_FORMAT_UNSUPPORTED", "a CDA document (HL7 V3 XML)"],
        [join(dir, "lab.hl7"), "FHIR_FORMAT_UNSUPPORTED", "an HL7 v2 message"],
        [join(dir, "page.json"), "FHIR_FORMAT_UNSUPPORTED", "an HTML page"],
      ]);
    });
  });

  it("lists each bad line, and takes the others with skipBad", async () => {
    const files = {
      "Observation.ndjson": `${lines(of("alice"))}{"resourceType":"Obs\n${lines(observation({ subject: undefined }), of("alice"))}`,
      "Patient.ndjson": lines(PATIENT),
      "broken.ndjson": `{"resourceType":\n${lines(of("alice"))}`,
    };
    await folderOf(files, async (dir) => {
      expect((await errorOf(() => parseFhirFolder(dir))).code).to.equal("FHIR_FOLDER_HAS_BAD_FILES");
      const { patients, bad, unassigned } = await parseFhirFolder(dir, { skipBad: true });
      expect(bad.map(({ code, line }) => [code, line])).to.deep.equal([
        ["NOT_JSON", 2],
        ["NOT_JSON", 1],
      ]);
      expect(unassigned.map(({ code, line }) => [code, line])).to.deep.equal([["NO_PATIENT", 3]]);
      expect(patients.map(typesOf)).to.deep.equal([["Observation", "Observation", "Patient", "Observation"]]);
    });
  });

  it("keeps documents and labelled Bundles apart", async () => {
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
    const text = lines(PATIENT, { ...bundleOf(observation()), meta: { security } }, of("alice"));
    await withFile(text, async (path) => {
      const { patients } = await parseFhirFolder(path);
      const categories = patients.map(({ inputs }) =>
        inputs.map((input) => splitIntoRecords(input).map((r) => r.category)),
      );
      expect(categories).to.deep.equal([[["SENSITIVE"], ["SUMMARY", "OBSERVATION"]]]);
      expect((await errorOf(() => parseFhirFile(path))).code).to.equal("NDJSON_HOLDS_BUNDLES");
    });
  });

  it("is refused where it holds nobody", async () => {
    const organization = (id: string): object => ({ resourceType: "Organization", id, name: "General Hospital" });
    await folderOf({ "Organization.ndjson": lines(organization("o"), organization("q")) }, async (dir) => {
      const error = await errorOf(() => parseFhirFolder(dir));
      expect([error.code, error.details["unreferenced"]]).to.deep.equal(["NO_PATIENT", 2]);
    });
  });

  it("takes memory for its index only, however large it is", async () => {
    const MIB = 1024 * 1024;
    const { stdout } = await promisify(execFile)(
      execPath,
      ["--import", "tsx", WORKER, "64"],
      // What coverage counts is held in the heap that is measured.
      { env: { ...process.env, NODE_V8_COVERAGE: undefined } },
    );
    const seen = JSON.parse(stdout) as Record<"bytes" | "patients" | "records" | "resources" | "held", number>;
    expect(seen.bytes).to.be.at.least(64 * MIB);
    expect([seen.patients, seen.records]).to.deep.equal([200, 5]);
    expect(seen.resources).to.be.above(7000);
    // Half of it: 4 MiB of text are kept, parsed as well as not; a patient's records; a chunk; the index.
    expect(seen.held).to.be.below(32 * MIB);
  });
});

/** The input with everything read, for after its file is gone. */
function copied<T extends { entries: readonly { json: string; resource: object; place: string }[] }>(parsed: T): T {
  return { ...parsed, entries: parsed.entries.map((entry) => ({ ...entry })) };
}
