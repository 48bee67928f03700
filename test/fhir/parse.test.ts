import { constants } from "node:buffer";
import { existsSync, readFileSync } from "node:fs";
import { open, mkdir, chmod } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { parseFhirText } from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import {
  bundleOf,
  errorOf,
  observation,
  packagedIps,
  PATIENT,
  realInputs,
  withFile,
  withFolder,
} from "./real-inputs.js";

/** Nothing that an error says may hold a piece of the patient. */
function expectNoPatientData(error: Error): void {
  let text = "";
  for (let at: unknown = error; at instanceof Error; at = at.cause) text += `${at.message} ${JSON.stringify(at)}`;
  expect(text).not.to.match(/Quibbleworth|Zenobia|MRN-77001|1974-05-12/);
}

async function codeOf(content: unknown): Promise<string> {
  const error = await withFile(content, (path) => errorOf(() => parseFhirFile(path)));
  expectNoPatientData(error);
  return error.code;
}

describe("parseFhirFile on real inputs", () => {
  it("reads every Synthea transaction and keeps each resource's text", async function () {
    for (const path of realInputs(this, "synthea")) {
      const parsed = await parseFhirFile(path);
      expect(parsed.bundle?.type).to.equal("transaction");
      expect(parsed.entries).to.have.length(parsed.bundle?.entry?.length ?? -1);
      expect(parsed.patient.reference).to.match(/^urn:uuid:/);
      for (const { json, resource } of parsed.entries) expect(JSON.parse(json)).to.deep.equal(resource);
    }
  });

  it("reads every IPS document and every IPS resource about a patient", async () => {
    const codes = new Map<string, string>();
    for (const path of packagedIps()) {
      const name = basename(path);
      if (name.startsWith("Bundle")) expect((await parseFhirFile(path)).bundle?.type).to.equal("document");
      else await parseFhirFile(path).catch((error: { code: string }) => codes.set(name, error.code));
    }
    expect([...new Set(codes.values())]).to.deep.equal(["NO_PATIENT"]);
    expect(
      [...codes.keys()].every((name) => /^(Device|Medication|Organization|Practitioner|PractitionerRole)-/.test(name)),
    ).to.equal(true);
  });

  it("reads every single HL7 example, or says which of two things it lacks", async function () {
    const codes: Record<string, number> = {};
    for (const path of realInputs(this, "hl7")) {
      const code = await parseFhirFile(path).then(
        () => "good",
        (error: { code: string }) => error.code,
      );
      codes[code] = (codes[code] ?? 0) + 1;
    }
    expect(codes).to.deep.equal({ good: 103, NO_PATIENT: 33, MULTIPLE_PATIENTS: 1 });
  });

  it("reads a transaction-response, whose entries mostly hold no resource", async function () {
    const [path = ""] = realInputs(this, "hl7", /bundle-response/);
    const parsed = await parseFhirFile(path);
    expect(parsed.bundle?.entry).to.have.length(10);
    expect(parsed.entries.map(({ resource }) => resource.resourceType)).to.deep.equal([
      "Patient",
      "Parameters",
      "Bundle",
    ]);
  });
});

describe("parseFhirFile on bad files", () => {
  it("says when a file is absent, is a folder, or may not be read", async () => {
    await withFolder(async (dir) => {
      const absent = await errorOf(() => parseFhirFile(join(dir, "none.json")));
      expect([absent.code, absent.details["reason"]]).to.deep.equal(["FHIR_FILE_UNREADABLE", "ENOENT"]);
      expect(absent.cause).to.include({ code: "ENOENT" });
      await mkdir(join(dir, "folder.json"));
      expect((await errorOf(() => parseFhirFile(join(dir, "folder.json")))).code).to.equal("FHIR_FILE_UNREADABLE");
    });
    expect((await errorOf(() => parseFhirFile("/dev/null"))).message).to.contain("not a regular file");
    if (process.getuid?.() === 0) return;
    await withFile("{}", async (path) => {
      await chmod(path, 0);
      expect((await errorOf(() => parseFhirFile(path))).code).to.equal("FHIR_FILE_UNREADABLE");
    });
  });

  it("refuses a Bundle of 200 MB by its size, before it is read", async () => {
    let path = "";
    await withFolder(async (dir) => {
      path = join(dir, "large.json");
      const file = await open(path, "w");
      await file.write('{"resourceType":"Bundle","type":"collection","entry":[');
      await file.truncate(200_000_000);
      await file.close();
      const before = process.memoryUsage.rss();
      const error = await errorOf(() => parseFhirFile(path));
      expect(error.code).to.equal("FHIR_FILE_TOO_LARGE");
      expect(error.details).to.deep.include({ bytes: 200_000_000, maxBytes: 128 * 1024 * 1024 });
      expect(process.memoryUsage.rss() - before).to.be.below(50_000_000);
    });
    expect(existsSync(path)).to.equal(false);
  });

  it("names the limit that can't be raised, and the way around it", async () => {
    await withFolder(async (dir) => {
      const path = join(dir, "large.json");
      const file = await open(path, "w");
      await file.write('{"resourceType":"Bundle"');
      await file.truncate(600_000_000);
      await file.close();
      const error = await errorOf(() => parseFhirFile(path, { maxBytes: 1_000_000_000 }));
      expect([error.code, error.details["maxBytes"]]).to.deep.equal([
        "FHIR_FILE_TOO_LARGE",
        constants.MAX_STRING_LENGTH,
      ]);
      expect(error.hint).to.contain("NDJSON").and.not.to.contain("maxBytes");
    });
  });

  it("takes another size limit", async () => {
    await withFile(PATIENT, async (path) => {
      expect((await errorOf(() => parseFhirFile(path, { maxBytes: 10 }))).code).to.equal("FHIR_FILE_TOO_LARGE");
    });
  });

  it("names line and column of what is not JSON", async () => {
    for (const [text, at] of [
      ['{"resourceType":"Patient",\n "name":[{"family":"Quibbleworth"}', "line 2, column 35"],
      ["", "line 1, column 1"],
      ["nothing", "line 1, column 1"],
      ['{"a":01}', "line 1, column 7"],
    ] as const) {
      const error = await withFile(text, (path) => errorOf(() => parseFhirFile(path)));
      expect(error.code).to.equal("NOT_JSON");
      expect(error.message).to.contain(at);
      expectNoPatientData(error);
    }
  });

  it("tells a file that ends in the middle, wherever it ends", async () => {
    const text = JSON.stringify({ ...PATIENT, active: true, deceasedBoolean: false, x: [null, -1.5e3, "\u00e9\n"] });
    for (let end = 1; end < text.length; end++) {
      const error = await errorOf(() => parseFhirText(text.slice(0, end), "input"));
      expect(error.code, text.slice(0, end)).to.equal("NOT_JSON");
      expect(error.message, text.slice(0, end)).to.contain("it ends in the middle");
    }
    for (const wrong of ["trouble", "nil", "falsely"]) {
      const error = await errorOf(() => parseFhirText(`{"resourceType":"Patient","active":${wrong}}`, "input"));
      expect(error.message, wrong).to.contain("no JSON at that position");
    }
  });

  it("refuses what is not UTF-8, and takes a byte order mark", async () => {
    expect(await codeOf(Uint8Array.from([0x22, 0xff, 0xfe, 0x22]))).to.equal("NOT_UTF8");
    expect(await codeOf(Buffer.from(JSON.stringify(PATIENT), "utf16le"))).to.equal("NOT_UTF8");
    await withFile(`\uFEFF${JSON.stringify(PATIENT)}`, async (path) => {
      expect((await parseFhirFile(path)).entries[0]?.json).to.equal(JSON.stringify(PATIENT));
    });
  });

  it("refuses JSON without a resourceType, in the root and in an entry", async () => {
    for (const value of [{}, [], [PATIENT], 7, null, "Patient", { resourceType: 3 }]) {
      expect(await codeOf(JSON.stringify(value))).to.equal("NOT_FHIR");
    }
    const error = await withFile(bundleOf({ status: "final" }), (path) => errorOf(() => parseFhirFile(path)));
    expect([error.code, error.details["place"]]).to.deep.equal(["NOT_FHIR", "Bundle.entry[1].resource"]);
  });

  it("refuses a resource type that R4 lacks", async () => {
    expect(await codeOf({ resourceType: "MedicationUsage" })).to.equal("UNKNOWN_RESOURCE_TYPE");
    expect(await codeOf({ resourceType: "toString" })).to.equal("UNKNOWN_RESOURCE_TYPE");
    expect(await codeOf(bundleOf({ resourceType: "Alice Quibbleworth" }))).to.equal("UNKNOWN_RESOURCE_TYPE");
    expect(await codeOf({ ...PATIENT, contained: [{ resourceType: "Nothing" }] })).to.equal("INVALID_RESOURCE");
  });

  it("lists the places of fields and values that R4 lacks", async () => {
    const bad = observation({ valueQuantity: { value: 1, unti: "kg" }, Quibbleworth: 1, status: "Quibbleworth" });
    const error = await withFile(bundleOf(observation(), bad), (path) => errorOf(() => parseFhirFile(path)));
    expect(error.code).to.equal("INVALID_RESOURCE");
    expect(error.details["places"]).to.have.members([
      "Bundle.entry[2].resource (Observation).valueQuantity.unti",
      "Bundle.entry[2].resource (Observation).Quibbleworth",
      "Bundle.entry[2].resource (Observation).status",
    ]);
  });

  it("refuses a Bundle whose frame is wrong", async () => {
    expect(await codeOf({ resourceType: "Bundle", type: "heap", entry: [{ resource: PATIENT }] })).to.equal(
      "INVALID_RESOURCE",
    );
    expect(await codeOf({ resourceType: "Bundle", type: "collection", entry: { resource: PATIENT } })).to.equal(
      "INVALID_RESOURCE",
    );
    expect(await codeOf({ resourceType: "Bundle", type: "collection", entry: [null] })).to.equal("INVALID_RESOURCE");
    expect(await codeOf({ resourceType: "Bundle", type: "collection", entry: [{ resource: PATIENT, x: 1 }] })).to.equal(
      "INVALID_RESOURCE",
    );
    expect(await codeOf({ resourceType: "Bundle", type: "document", entry: [{ resource: PATIENT }] })).to.equal(
      "INVALID_RESOURCE",
    );
  });

  it("refuses an empty Bundle", async () => {
    expect(await codeOf({ resourceType: "Bundle", type: "collection" })).to.equal("EMPTY_BUNDLE");
    expect(await codeOf({ resourceType: "Bundle", type: "collection", entry: [] })).to.equal("EMPTY_BUNDLE");
    const deletes = [{ request: { method: "DELETE", url: "Patient/1" } }];
    expect(await codeOf({ resourceType: "Bundle", type: "transaction", entry: deletes })).to.equal("EMPTY_BUNDLE");
  });

  it("refuses nesting bombs, names given twice and __proto__, and pollutes nothing", async () => {
    expect(await codeOf(`{"resourceType":"Patient","extension":${"[".repeat(200_000)}`)).to.equal("JSON_TOO_DEEP");
    expect(await codeOf('{"resourceType":"Patient","gender":"male","gender":"female"}')).to.equal(
      "DUPLICATE_JSON_NAME",
    );
    expect(await codeOf('{"resourceType":"Patient","__proto__":{"polluted":true}}')).to.equal("INVALID_RESOURCE");
    expect(await codeOf('{"resourceType":"Patient","constructor":{"prototype":{"polluted":true}}}')).to.equal(
      "INVALID_RESOURCE",
    );
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
  });
});

const LARGE = fileURLToPath(new URL("../../../shared/cases/refused-attachment-over-1MB.json", import.meta.url));

describe("parseFhirText", () => {
  it("has the right value for the shared case of a large attachment", async function () {
    if (!existsSync(LARGE)) {
      console.log(`      no shared case at ${LARGE}: skipped`);
      this.skip();
    }
    const { bundle } = JSON.parse(readFileSync(LARGE, "utf8")) as { bundle: object };
    const text = JSON.stringify(bundle).replace("@BIG", "QUJD".repeat(400_000));
    const parsed = await parseFhirText(text, "input");
    expect(parsed.entries.map(({ resource }) => resource.resourceType)).to.deep.equal(["Patient", "DocumentReference"]);
    const altered = await errorOf(() => parseFhirText(text.replace("QUJDQUJD", "QUJD*UJD"), "input"));
    expect(altered.code).to.equal("INVALID_RESOURCE");
  });

  it("reads bytes, and leaves the definitions alone when asked not to validate", async () => {
    const odd = JSON.stringify({ ...PATIENT, favouriteColour: "green" });
    const parsed = await parseFhirText(new TextEncoder().encode(odd), "memory", { validate: false });
    expect(parsed).to.deep.include({ file: "memory", text: odd });
    expect((await errorOf(() => parseFhirText(odd, "memory"))).code).to.equal("INVALID_RESOURCE");
  });
});
