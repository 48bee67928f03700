import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { type ParsedFhir, parseFhirText, splitIntoRecords } from "../../src/fhir/index.js";
import { type ParsedFolder, parseFhirFolder } from "../../src/fhir/node/index.js";
import { errorOf, withFolder } from "./real-inputs.js";

const CASES = fileURLToPath(new URL("../../../shared/cases/", import.meta.url));

/** An input that is kept outside the project; the test is skipped, visibly, where it is absent. */
function readCase(test: Mocha.Context, name: string): unknown {
  const path = join(CASES, `${name}.json`);
  if (!existsSync(path)) {
    console.log(`      no case ${name}: skipped`);
    test.skip();
  }
  return JSON.parse(readFileSync(path, "utf8"));
}

const parse = (input: unknown): Promise<ParsedFhir> => parseFhirText(JSON.stringify(input), "input");

function parseFolder(input: unknown): Promise<ParsedFolder & { dir: string }> {
  return withFolder(async (dir) => {
    for (const [name, content] of Object.entries((input as { folder: Record<string, unknown> }).folder)) {
      await writeFile(join(dir, name), JSON.stringify(content));
    }
    return { ...(await parseFhirFolder(dir)), dir };
  });
}

/** Input, and the codes it may be refused with. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "mix-two-servers-same-id": ["MULTIPLE_PATIENTS"],
  "mix-relative-reference-other-root": ["FOREIGN_PATIENT"],
  "mix-family-card-number": ["MULTIPLE_PATIENTS"],
  "mix-licence-collision-same-day": ["MULTIPLE_PATIENTS"],
  "mix-identifier-only-subject": ["FOREIGN_PATIENT"],
  "mix-id-with-underscore": ["FOREIGN_PATIENT", "INVALID_RESOURCE"],
  "mix-leading-slash": ["FOREIGN_PATIENT", "INVALID_RESOURCE"],
  "mix-id-with-colons": ["FOREIGN_PATIENT", "INVALID_RESOURCE"],
  "mix-conditional-by-id": ["FOREIGN_PATIENT"],
  "mix-inside-parameters": ["MULTIPLE_PATIENTS", "FOREIGN_PATIENT"],
  "mix-inside-contained": ["FOREIGN_PATIENT"],
};

/** Input, and a name of the patient that it is about. */
const TAKEN: Readonly<Record<string, string>> = {
  "refused-identifier-only-subject": "identifier:https://fhir.nhs.uk/Id/nhs-number|9000000009",
  "refused-claim-patient-identifier": "identifier:https://fhir.nhs.uk/Id/nhs-number|9000000009",
  "refused-conditional-value-only": "Patient/1",
  "refused-own-record": "Patient/1",
};

describe("inputs whose patient was got wrong once", () => {
  for (const [name, codes] of Object.entries(REFUSED)) {
    it(`refuses ${name}`, async function () {
      const input = readCase(this, name);
      expect(codes).to.include((await errorOf(() => parse(input))).code);
    });
  }

  for (const [name, patient] of Object.entries(TAKEN)) {
    it(`takes ${name}`, async function () {
      const input = readCase(this, name);
      expect((await parse(input)).patient.names).to.include(patient);
    });
  }

  it("keeps the people of mix-folder-missing-birthdate apart", async function () {
    const { patients } = await parseFolder(readCase(this, "mix-folder-missing-birthdate"));
    expect(patients.map(({ files }) => files.length)).to.deep.equal([1, 1]);
  });

  it("takes refused-synthea-output-folder, and the practitioner with the observation", async function () {
    const { patients, unassigned, unused, bad } = await parseFolder(readCase(this, "refused-synthea-output-folder"));
    expect([unassigned, unused, bad]).to.deep.equal([[], [], []]);
    expect(patients).to.have.length(1);
    const records = patients.flatMap(({ inputs }) => inputs.flatMap((parsed) => splitIntoRecords(parsed)));
    const types = records.map(({ resources }) => resources.map(({ resourceType }) => resourceType));
    expect(types).to.deep.include(["Observation", "Practitioner"]);
  });
});
