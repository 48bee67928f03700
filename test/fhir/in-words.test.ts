import { expect } from "chai";
import { resourceInWords } from "../../src/fhir/index.js";

describe("resourceInWords", () => {
  it("gives what was found, of an observation of several parts each", () => {
    const quantity = (value: number): object => ({ valueQuantity: { value, unit: "mmHg" } });
    const found = { resourceType: "Observation", code: { text: "Blood pressure" }, effectiveDateTime: "2025-03-04" };
    expect(resourceInWords({ ...found, component: [quantity(120), quantity(80)] })).to.deep.equal({
      what: "Blood pressure",
      value: "120 mmHg, 80 mmHg",
      when: "2025-03-04",
    });
    expect(resourceInWords({ ...found, ...quantity(120) }).value).to.equal("120 mmHg");
  });
});
