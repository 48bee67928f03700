import { expect } from "chai";
import { toUtf8Bytes } from "ethers";

import { factsOf } from "../../../src/sdk/consent/record-facts.js";

/** In the order in which they count: when something was, then when it was written down. */
const CLINICAL = [
  ...["effectiveDateTime", "effectiveInstant", "effectivePeriod", "performedDateTime", "performedPeriod"],
  ...["occurrenceDateTime", "occurrencePeriod", "onsetDateTime", "onsetPeriod", "started", "period", "billablePeriod"],
  ...["collectedDateTime", "whenHandedOver", "sent"],
];
const PAPER = ["authoredOn", "authored", "recordedDate", "recorded", "date", "created", "issued"];

const valueOf = (name: string, day: string) => (/period$/i.test(name) ? { start: day, end: day } : day);
const timeOf = (fields: object) => factsOf(toUtf8Bytes(JSON.stringify({ resourceType: "Basic", ...fields })))?.time;
const dayOf = (day: string) => ({ first: Date.parse(day) / 1000, last: Date.parse(day) / 1000 + 86_399 });

describe("What a record says of its time", () => {
  for (const name of [...CLINICAL, ...PAPER]) {
    it(`stands in ${name}`, () => {
      expect(timeOf({ [name]: valueOf(name, "2025-03-04") })).to.deep.equal(dayOf("2025-03-04"));
    });
  }

  it("is when it was, not when it was written down", () => {
    for (const name of CLINICAL) {
      for (const paper of PAPER) {
        const both = { [paper]: "2026-01-01", [name]: valueOf(name, "2025-03-04") };
        expect(timeOf(both), `${name} and ${paper}`).to.deep.equal(dayOf("2025-03-04"));
      }
    }
  });
});
