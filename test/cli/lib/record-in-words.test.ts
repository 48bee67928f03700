import { expect } from "chai";

import { toJson } from "../../../src/cli/terminal/json.js";
import { printable } from "../../../src/cli/terminal/printable.js";
import { recordInWords } from "../../../src/cli/words/record-in-words.js";
import { within } from "../../../src/cli/terminal/width.js";

const encode = (text: string) => new TextEncoder().encode(text);
const bundleOf = (...resources: object[]) =>
  encode(
    JSON.stringify({ resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) }),
  );

describe("recordInWords", () => {
  it("shows what, how much and when of FHIR resources", () => {
    const shown = recordInWords(
      "application/fhir+json",
      bundleOf(
        {
          resourceType: "Observation",
          status: "final",
          code: { coding: [{ display: "Body Weight" }] },
          valueQuantity: { value: 78, unit: "kg" },
          effectiveDateTime: "2012-09-10T08:00:00Z",
        },
        {
          resourceType: "Observation",
          status: "final",
          code: { text: "Blood Pressure" },
          component: [{ valueQuantity: { value: 120, unit: "mmHg" } }, { valueQuantity: { value: 80, unit: "mmHg" } }],
        },
        { resourceType: "Procedure", code: { text: "Suture" }, performedPeriod: { start: "2015-03-04" } },
        { resourceType: "Patient", name: [{ family: "Doe", given: ["Jane", "Q"] }], birthDate: "1984-07-02" },
      ),
    );
    expect(shown).to.match(/Observation │ Body Weight +│ 78 kg +│ 2012-09-10/);
    expect(shown).to.match(/Blood Pressure +│ 120 mmHg, 80 mmHg/);
    expect(shown).to.match(/Procedure +│ Suture +│ +│ 2015-03-04/);
    expect(shown).to.match(/Patient +│ Jane Doe, born 1984-07-02 +│/);
  });

  it("fits a terminal of 80 columns, whatever is in it, and loses no word", () => {
    const name = "Influenza, seasonal, injectable, preservative free, quadrivalent";
    const unbroken = "Supercalifragilisticexpialidocious-and-more";
    const record = bundleOf(
      {
        resourceType: "MedicationAdministration",
        code: { text: name.slice(0, 60) },
        effectiveDateTime: "2012-09-10",
      },
      { resourceType: "SubstanceReferenceInformation", code: { text: unbroken }, valueString: `${name} ${unbroken}` },
    );
    const shown = within(80, () => recordInWords("application/fhir+json", record));
    for (const line of shown.split("\n")) expect(line.length, line).to.be.at.most(80);
    for (const word of ["Influenza", "seasonal", "injectable", "preservative"]) expect(shown).to.include(word);
  });

  it("stops after a page and says so", () => {
    const many = Array.from({ length: 30 }, () => ({ resourceType: "Basic", code: { text: "x" } }));
    expect(recordInWords("application/fhir+json", bundleOf(...many))).to.include("and 5 more resources");
    expect(recordInWords("text/plain", encode("line\n".repeat(30)))).to.include("more lines");
  });

  it("shows text, and of anything else only that it is there", () => {
    expect(recordInWords("text/plain", encode("first\nsecond"))).to.equal("first\nsecond");
    expect(recordInWords("application/pdf", encode("%PDF"))).to.include("--out FILE");
  });

  it("lets no record move the cursor or recolour the terminal", () => {
    const hostile = "\u001b[2J\u202Eevil\u0007";
    expect(recordInWords("text/plain", encode(hostile))).to.equal("�[2J�evil�");
    const shown = recordInWords("application/fhir+json", bundleOf({ resourceType: "Basic", code: { text: hostile } }));
    expect(shown).not.to.include("\u001b[2J").and.not.to.include("\u202E");
  });

  it("leaves letters of every script as they are", () => {
    for (const text of ["Łódź", "東京", "مستشفى", "Ωμέγα"]) expect(printable(text)).to.equal(text);
  });
});

describe("toJson", () => {
  it("keeps a bigint exact: a number where that is one, else a decimal string", () => {
    expect(JSON.parse(toJson({ small: 7n, large: 2n ** 64n }))).to.deep.equal({
      small: 7,
      large: "18446744073709551616",
    });
  });
});
