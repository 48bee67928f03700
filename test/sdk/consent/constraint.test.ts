import { expect } from "chai";
import fc from "fast-check";
import { hexlify, keccak256, toUtf8Bytes } from "ethers";

import { constraintDigest, rootOf } from "../../../src/crypto/index.js";
import {
  admits,
  decodeHeld,
  encodeHeld,
  isOf,
  makeConstraint,
  type ConstrainedWord,
  type Narrowing,
} from "../../../src/sdk/consent/constraint.js";
import { lossInWords } from "../../../src/sdk/index.js";
import { factsOf } from "../../../src/sdk/consent/record-facts.js";
import { expectCode } from "../helpers.js";

const WORD: ConstrainedWord = { patient: 7, viewer: 9, purpose: "HPAYMT", steward: 4 };
const digestOf = (text: string) => keccak256(toUtf8Bytes(text));
const seconds = (text: string) => Date.parse(text) / 1000;

const observation = (changes: object = {}) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "8867-4", display: "Heart rate" }] },
  effectiveDateTime: "2025-03-04T10:00:00Z",
  encounter: { reference: "Encounter/9" },
  ...changes,
});
const DEPRESSION = {
  resourceType: "Condition",
  code: { coding: [{ system: "http://snomed.info/sct", code: "370143000", display: "Major depressive disorder" }] },
  recordedDate: "2025",
};

const admitted = (narrowing: Narrowing, content?: object | string, now = seconds("2026-01-01")) => {
  const bytes = toUtf8Bytes(typeof content === "string" ? content : JSON.stringify(content ?? null));
  const record = {
    digest: digestOf("a record"),
    ...(content === undefined ? {} : { facts: () => Promise.resolve(factsOf(bytes)) }),
  };
  return admits(makeConstraint(WORD, narrowing).held, record, now);
};

describe("A narrowing", () => {
  it("of nothing admits every record, and doesn't open it", async () => {
    expect(await admitted({})).to.equal(true);
  });

  it("by records admits the listed ones, and doesn't open them", async () => {
    expect(await admitted({ records: [digestOf("a record"), digestOf("another")] })).to.equal(true);
    expect(await admitted({ records: [digestOf("another")] })).to.equal(false);
  });

  it("by a time from which on it counts admits nothing before", async () => {
    const notBefore = seconds("2026-01-01");
    expect(await admitted({ notBefore }, undefined, notBefore - 1)).to.equal(false);
    expect(await admitted({ notBefore }, undefined, notBefore)).to.equal(true);
  });

  it("by sensitivity admits records of these classes and ordinary ones", async () => {
    for (const [classes, ordinary, sensitive] of [
      [[], true, false],
      [["PSY"], true, true],
      [["ETH", "HIV"], true, false],
    ] as const) {
      expect(await admitted({ classes }, observation())).to.equal(ordinary);
      expect(await admitted({ classes }, DEPRESSION)).to.equal(sensitive);
      const both = { resourceType: "Bundle", entry: [{ resource: observation() }, { resource: DEPRESSION }] };
      expect(await admitted({ classes }, both), "all of a bundle").to.equal(sensitive);
    }
  });

  it("by time admits what lies within it as a whole: a year isn't within its March", async () => {
    const march = { from: seconds("2025-03-01"), to: seconds("2025-04-01") - 1 };
    for (const [date, is] of [
      ["2025-03-04T10:00:00Z", true],
      ["2025-03-31", true],
      ["2025-03", true],
      ["2025", false],
      ["2025-04-01", false],
      ["2025-02-28T23:59:59Z", false],
      ["yesterday", false],
    ] as const) {
      expect(await admitted(march, observation({ effectiveDateTime: date })), date).to.equal(is);
    }
    const lasting = (effectivePeriod: object) => observation({ effectiveDateTime: undefined, effectivePeriod });
    expect(await admitted(march, lasting({ start: "2025-03-01", end: "2025-03-31" }))).to.equal(true);
    expect(await admitted(march, lasting({ start: "2025-03-01", end: "2025-04-02" }))).to.equal(false);
    expect(await admitted(march, lasting({ start: "2025-03-01" })), "no end").to.equal(false);
    expect(await admitted(march, observation({ effectiveDateTime: undefined })), "no date").to.equal(false);
    expect(await admitted({ from: march.from }, observation())).to.equal(true);
    expect(await admitted({ to: march.from }, observation())).to.equal(false);
  });

  it("by encounter admits what belongs to it, and it", async () => {
    const encounter = "Encounter/9";
    expect(await admitted({ encounter }, observation())).to.equal(true);
    expect(await admitted({ encounter }, { resourceType: "Encounter", id: "9" })).to.equal(true);
    expect(await admitted({ encounter }, { resourceType: "Encounter", id: "8" })).to.equal(false);
    expect(await admitted({ encounter }, observation({ encounter: undefined }))).to.equal(false);
    const two = {
      resourceType: "Bundle",
      entry: [{ resource: observation() }, { resource: { resourceType: "Encounter", id: "8" } }],
    };
    expect(await admitted({ encounter }, two), "two encounters").to.equal(false);
  });

  it("by sensitivity reads the label of a Bundle, too, and what was noted beside the record", async () => {
    const labelled = {
      resourceType: "Bundle",
      meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "HIV" }] },
      entry: [{ resource: observation() }],
    };
    expect(await admitted({ classes: [] }, labelled)).to.equal(false);
    expect(await admitted({ classes: ["HIV"] }, labelled)).to.equal(true);
    const about = (record: object) =>
      admits(
        makeConstraint(WORD, { classes: ["HIV"] }).held,
        {
          digest: digestOf("a record"),
          facts: () => Promise.resolve(factsOf(toUtf8Bytes(JSON.stringify(observation())))),
          ...record,
        },
        0,
      );
    expect(await about({ noted: [] })).to.equal(true);
    expect(await about({ noted: ["HIV"] })).to.equal(true);
    expect(await about({ noted: ["PSY"] })).to.equal(false);
    expect(await about({ category: "SENSITIVE" }), "for something that it doesn't tell").to.equal(false);
  });

  it("by time or encounter admits no Bundle of which a part doesn't say, but for who and what with", async () => {
    const of = (...resources: object[]) => ({
      resourceType: "Bundle",
      entry: resources.map((resource) => ({ resource })),
    });
    const [from, encounter] = [seconds("2025-01-01"), "Encounter/9"];
    const beside = [
      { resourceType: "Patient", id: "1" },
      { resourceType: "Practitioner" },
      { resourceType: "Medication" },
    ];
    expect(await admitted({ from, encounter }, of(observation(), ...beside))).to.equal(true);
    for (const other of [
      { resourceType: "Condition", code: { text: "flu" } },
      observation({ effectiveDateTime: undefined, encounter: undefined }),
      observation({ effectiveDateTime: undefined, effectivePeriod: { start: "2010" }, encounter: undefined }),
    ]) {
      expect(await admitted({ from }, of(observation(), other))).to.equal(false);
      expect(await admitted({ encounter }, of(observation(), other))).to.equal(false);
    }
    expect(await admitted({ from }, of(...beside)), "about nothing").to.equal(false);
    expect(await admitted({ encounter }, of(...beside)), "about nothing").to.equal(false);
  });

  it("about content doesn't admit what has none, or is no FHIR", async () => {
    for (const narrowing of [
      { classes: ["PSY"] },
      { from: 0 },
      { to: 9_999_999_999 },
      { encounter: "E" },
    ] as Narrowing[]) {
      for (const content of [undefined, "", "%PDF-1.7", "[]", "null", '{"resourceType":"Bundle"}', '{"a":1}']) {
        expect(await admitted(narrowing, content), String(content)).to.equal(false);
      }
    }
  });

  it("with several parts admits only what fits all of them", async () => {
    const parts: Narrowing[] = [
      { records: [digestOf("a record")] },
      { classes: [] },
      { from: seconds("2025-03-01") },
      { encounter: "Encounter/9" },
    ];
    const wrong: Narrowing[] = [
      { records: [digestOf("another")] },
      { to: seconds("2025-03-01") },
      { encounter: "Encounter/8" },
      { notBefore: seconds("2027-01-01") },
    ];
    expect(await admitted(Object.assign({}, ...parts) as Narrowing, observation())).to.equal(true);
    for (const each of wrong) {
      expect(await admitted(Object.assign({}, ...parts, each) as Narrowing, observation())).to.equal(false);
    }
  });
});

describe("A held constraint", () => {
  const lists = fc.uniqueArray(
    fc.nat().map((i) => digestOf(String(i))),
    { minLength: 1, maxLength: 40 },
  );

  it("is read as it was written, with a list in one order and a root over it", () => {
    fc.assert(
      fc.property(lists, (records) => {
        const { held, digest } = makeConstraint(WORD, { records });
        expect(decodeHeld(encodeHeld(held))).to.deep.equal(held);
        expect(held.records).to.deep.equal([...records].sort());
        expect(held.constraint.root).to.deep.equal(
          rootOf(held.records.map((each) => Buffer.from(each.slice(2), "hex"))),
        );
        expect(digest).to.equal(hexlify(constraintDigest(held.constraint)));
      }),
      { numRuns: 25 },
    );
  });

  it("isn't read with another list than its root's: CONSTRAINT_MALFORMED", async () => {
    const [one, two] = [makeConstraint(WORD, { records: [digestOf("1")] }), makeConstraint(WORD, {})].map(
      ({ held }) => held,
    );
    const other = makeConstraint(WORD, { records: [digestOf("1"), digestOf("2")] }).held;
    for (const held of [
      { ...one!, records: other.records },
      { ...one!, records: [] },
      { ...two!, records: one!.records },
    ]) {
      await expectCode("CONSTRAINT_MALFORMED", (async () => decodeHeld(encodeHeld(held)))());
    }
    await expectCode("CONSTRAINT_MALFORMED", (async () => decodeHeld(`${encodeHeld(one!)}AAAA`))());
    await expectCode("CONSTRAINT_MALFORMED", (async () => decodeHeld("nothing"))());
  });

  it("is of one grant alone", () => {
    const { constraint } = makeConstraint(WORD, {}).held;
    expect(isOf(constraint, WORD)).to.equal(true);
    for (const change of [{ patient: 8 }, { viewer: 8 }, { purpose: "TREAT" }, { steward: 0 }] as const) {
      expect(isOf(constraint, { ...WORD, ...change })).to.equal(false);
    }
  });

  it("isn't made with a list that is none: CONSTRAINT_MALFORMED", async () => {
    for (const records of [[], ["0x12"], Array.from({ length: 1_001 }, (_, i) => digestOf(String(i)))]) {
      await expectCode("CONSTRAINT_MALFORMED", (async () => makeConstraint(WORD, { records }))());
    }
  });
});

describe("lossInWords", () => {
  it("counts the records that a grant was narrowed to", () => {
    const lost = (...records: string[]) => lossInWords({ categories: ["CARE"], steward: 4, narrowing: { records } });
    expect(lost(digestOf("a"))).to.match(/ narrowed to 1 record$/);
    expect(lost(digestOf("a"), digestOf("b"))).to.match(/ narrowed to 2 records$/);
  });
});
