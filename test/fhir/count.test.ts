import { expect } from "chai";
import { countResources, parseFhirText } from "../../src/fhir/index.js";
import { bundleOf, observation, PATIENT } from "./real-inputs.js";

describe("countResources", () => {
  it("counts entries and resources by type over all inputs, a deletion as the Provenance that it becomes", async () => {
    const bundle = bundleOf(observation(), observation()) as { entry: object[] };
    const deleted = { request: { method: "DELETE", url: "Observation/9" } };
    const put = { method: "PUT", url: "Patient/alice" };
    const entry = [...bundle.entry.map((one) => ({ ...one, request: put })), deleted];
    const transaction = await parseFhirText(JSON.stringify({ ...bundle, type: "transaction", entry }), "bundle");
    const single = await parseFhirText(JSON.stringify(PATIENT), "single");
    expect(countResources(transaction, single)).to.deep.equal({
      entries: 5,
      resources: 5,
      byType: { Observation: 2, Patient: 2, Provenance: 1 },
    });
  });
});
