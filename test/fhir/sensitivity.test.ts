import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import { sensitivitiesOf } from "../../src/fhir/index.js";
import { SENSITIVE_CODES } from "../../src/fhir/sensitive-codes.js";
import { SENSITIVE_PREFIXES } from "../../src/fhir/sensitive-prefixes.js";

const ICD10 = "http://hl7.org/fhir/sid/icd-10-cm";
const SNOMED = "http://snomed.info/sct";
const LOINC = "http://loinc.org";
const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";

function found(system: string, code: string, display?: string): string[] {
  return sensitivitiesOf({ resourceType: "Condition", code: { coding: [{ system, code, display }] } } as Resource);
}

describe("sensitivitiesOf, by code", () => {
  it("knows the chapters and blocks of ICD-10", () => {
    const expected: Record<string, string[]> = {
      PSY: ["F20.0", "F32.9", "F43.10", "F84.0", "F99", "X60", "X78.9XXA", "R45.851", "T14.91XA", "Z91.51"],
      ETH: ["F10.20", "F11.20", "F19.9", "K70.3", "T40.1X1A", "Z71.41"],
      SEX: ["A51.0", "A54.9", "A60.00", "O03.9", "O04.80", "Z30.09", "Z33.2", "N52.9"],
      HIV: ["B20", "B24", "Z21", "R75", "Z20.6"],
      SDV: ["T74.11XA", "Y07.01", "Z69.11", "X85"],
    };
    for (const [reason, codes] of Object.entries(expected)) {
      for (const code of codes) expect(found(ICD10, code), code).to.deep.equal([reason]);
    }
  });

  it("leaves the neighbours of those blocks alone", () => {
    for (const code of [
      "F03.90",
      "F17.210",
      "A65",
      "A49.9",
      "B19.9",
      "B25.0",
      "K71.0",
      "O09.0",
      "O80",
      "Z20.5",
      "E10",
      "X30",
      "J45",
    ]) {
      expect(found(ICD10, code), code).to.deep.equal([]);
    }
    expect(found("http://hl7.org/fhir/sid/icd-10-pcs", "F20")).to.deep.equal([]);
  });

  it("knows code systems by URL, by OID and in national editions", () => {
    for (const system of [
      "http://hl7.org/fhir/sid/icd-10",
      "urn:oid:2.16.840.1.113883.6.90",
      "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    ]) {
      expect(found(system, "F32")).to.deep.equal(["PSY"]);
    }
    expect(found("urn:oid:2.16.840.1.113883.6.96", "86406008")).to.deep.equal(["HIV"]);
    expect(found("http://example.org/local", "86406008")).to.deep.equal([]);
  });

  it("knows what the Synthea bundles hold", () => {
    expect(found(SNOMED, "5602001")).to.deep.equal(["ETH"]);
    expect(found(SNOMED, "171207006")).to.deep.equal(["PSY"]);
    expect(found(SNOMED, "31676001")).to.deep.equal(["HIV"]);
    expect(found(SNOMED, "714812005")).to.deep.equal(["SEX"]);
    expect(found(RXNORM, "807283")).to.deep.equal(["SEX"]);
  });

  it("counts alcohol in and tobacco, an ordinary pregnancy and asthma out", () => {
    expect(found(LOINC, "74013-4")).to.deep.equal(["ETH"]);
    for (const [system, code] of [
      [LOINC, "72166-2"],
      [LOINC, "82810-3"],
      [SNOMED, "72892002"],
      [SNOMED, "195967001"],
    ] as const) {
      expect(found(system, code)).to.deep.equal([]);
    }
  });

  it("knows classifications of drugs and services", () => {
    expect(found("http://www.whocc.no/atc", "N06AB06")).to.deep.equal(["PSY"]);
    expect(found("http://www.whocc.no/atc", "N07BC02")).to.deep.equal(["ETH"]);
    expect(found("http://www.whocc.no/atc", "N07BA01")).to.deep.equal([]);
    expect(found("http://www.whocc.no/atc", "J05AR10")).to.deep.equal(["HIV"]);
    expect(found("http://hl7.org/fhir/sid/icd-9-cm", "296.3")).to.deep.equal(["PSY"]);
    const icd11 = Object.entries({
      "6C40.2": ["ETH"],
      "6C4A.2": [],
      "6B40": ["PSY"],
      "6A40": ["PSY"],
      "1C62": ["HIV"],
      "5A10": [],
    });
    for (const [code, reasons] of icd11) {
      expect(found("http://id.who.int/icd/release/11/mms", code), code).to.deep.equal(reasons);
    }
    expect(found("http://nucc.org/provider-taxonomy", "2084P0800X")).to.deep.equal(["PSY"]);
  });

  it("knows a drug by the ingredient in its display", () => {
    expect(found(RXNORM, "999999999", "Sertraline 50 MG Oral Tablet [Zoloft]")).to.deep.equal(["PSY"]);
    expect(found(RXNORM, "999999999", "dolutegravir 50 MG Oral Tablet")).to.deep.equal(["HIV"]);
    expect(found(RXNORM, "999999999", "Ibuprofen 200 MG Oral Tablet")).to.deep.equal([]);
  });
});

describe("sensitivitiesOf, otherwise", () => {
  it("heeds labels of HL7 v3, old and new", () => {
    const labelled = (system: string, code: string): string[] =>
      sensitivitiesOf({ resourceType: "Observation", meta: { security: [{ system, code }] } } as Resource);
    for (const code of ["PSY", "ETH", "SEX", "HIV", "SDV"]) {
      expect(labelled("http://terminology.hl7.org/CodeSystem/v3-ActCode", code)).to.deep.equal([code]);
      expect(labelled("http://hl7.org/fhir/v3/ActCode", code)).to.deep.equal([code]);
    }
    expect(labelled("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SUD")).to.deep.equal(["ETH"]);
    for (const code of ["R", "V"])
      expect(labelled("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code)).to.deep.equal(["RESTRICTED"]);
    for (const code of ["N", "L", "toString"])
      expect(labelled("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code)).to.deep.equal([]);
  });

  it("reads the words of a concept that has no code", () => {
    const words = (text: string, coding?: object[]): string[] =>
      sensitivitiesOf({ resourceType: "Condition", code: { text, ...(coding && { coding }) } } as Resource);
    expect(words("Recurrent depression")).to.deep.equal(["PSY"]);
    expect(words("HIV infection")).to.deep.equal(["HIV"]);
    expect(words("methadone 10 mg")).to.deep.equal(["ETH"]);
    expect(words("hearing aids fitted")).to.deep.equal([]);
    expect(words("Depression", [{ system: SNOMED, code: "195967001" }])).to.deep.equal([]);
  });

  it("looks into contained resources and reports each class once", () => {
    const medication = {
      resourceType: "Medication",
      code: { coding: [{ system: "http://www.whocc.no/atc", code: "N06AB06" }] },
    };
    const reasonCode = [{ coding: [{ system: ICD10, code: "F32" }] }, { coding: [{ system: ICD10, code: "B20" }] }];
    const request = { resourceType: "MedicationRequest", contained: [medication], reasonCode } as unknown as Resource;
    expect(sensitivitiesOf(request)).to.have.members(["PSY", "HIV"]);
  });
});

describe("the code tables", () => {
  const codes = (system: string): string[] =>
    SENSITIVE_CODES.filter((group) => group.system === system).flatMap((group) => group.codes.trim().split(/\s+/));

  it("hold no code twice", () => {
    const all = SENSITIVE_CODES.flatMap(({ system, codes: list }) =>
      list
        .trim()
        .split(/\s+/)
        .map((code) => `${system} ${code}`),
    );
    expect(new Set(all).size).to.equal(all.length);
  });

  it("hold only SNOMED CT identifiers and LOINC numbers whose check digit is right", () => {
    expect(codes("snomed").filter((code) => !hasVerhoeffDigit(code))).to.deep.equal([]);
    expect(codes("loinc").filter((code) => !hasLuhnDigit(code.replace("-", "")))).to.deep.equal([]);
    expect(hasVerhoeffDigit("5602010")).to.equal(false);
    expect(hasLuhnDigit("740134".replace("4", "5"))).to.equal(false);
  });

  it("name only patterns that are anchored at the start", () => {
    expect(SENSITIVE_PREFIXES.every(({ pattern }) => pattern.source.startsWith("^"))).to.equal(true);
  });
});

/** Verhoeff's check over the dihedral group D5, as SNOMED CT identifiers carry it. */
function hasVerhoeffDigit(code: string): boolean {
  // Rotations are 0 to 4, reflections 5 to 9.
  const times = (a: number, b: number): number => {
    const turn = a < 5 ? a + (b % 5) : a - b + 10;
    return (turn % 5) + (a < 5 === b < 5 ? 0 : 5);
  };
  const step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const permuted = (digit: number, rounds: number): number => {
    let value = digit;
    for (let round = 0; round < rounds % 8; round += 1) value = step[value] ?? 0;
    return value;
  };
  return [...code].reverse().reduce((check, digit, at) => times(check, permuted(Number(digit), at)), 0) === 0;
}

function hasLuhnDigit(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
