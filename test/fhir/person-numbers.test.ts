import { expect } from "chai";
import { canonicalSystem } from "../../src/fhir/number-systems.js";
import { isStandIn, namesSomebody, personNumbers, strengthOf } from "../../src/fhir/person-numbers.js";

/** Specimens that the issuers, or the guides to their numbers, publish: nobody's. */
const SPECIMENS: readonly (readonly [system: string, value: string])[] = [
  ["https://fhir.nhs.uk/Id/nhs-number", "943 476 5919"],
  ["http://ns.electronichealth.net.au/id/hi/ihi/1.0", "8003608833357361"],
  ["http://hl7.org/fhir/sid/us-ssn", "219-09-9999"],
  ["http://fhir.de/sid/gkv/kvid-10", "A123456780"],
  ["http://fhir.nl/fhir/NamingSystem/bsn", "111222333"],
  ["urn:oid:1.2.752.129.2.1.3.1", "19811228-9874"],
  ["urn:oid:2.16.578.1.12.4.1.4.1", "15076500565"],
  ["urn:oid:1.2.246.21", "131052-308T"],
  ["urn:oid:1.2.250.1.213.1.4.8", "255081416802538"],
  ["https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin", "85.07.30-033.28"],
  ["urn:oid:2.16.756.5.32", "756.9217.0769.85"],
  ["urn:oid:2.16.840.1.113883.13.237", "111.444.777-35"],
  ["urn:oid:1.2.40.0.10.1.4.3.1", "1237 010180"],
  ["https://standards.digital.health.nz/ns/nhi-id", "ZZZ0016"],
  ["https://standards.digital.health.nz/ns/nhi-id", "ZZZ00AC"],
  ["http://hl7.it/sid/codiceFiscale", "RSSMRA80A01H501U"],
  ["urn:oid:1.3.6.1.4.1.19126.3", "12345678Z"],
  ["urn:oid:1.3.6.1.4.1.19126.3", "X-1234567-L"],
  ["urn:oid:2.16.840.1.113883.3.4424.1.1.616", "44051401359"],
  ["https://fhir.ee/sid/pid/est/ni", "37605030299"],
  ["urn:oid:1.2.752.129.2.1.3.3", "19701063-2391"],
];

describe("strengthOf", () => {
  it("knows each system's own numbers, and a slip in one", () => {
    for (const [system, value] of SPECIMENS) {
      expect(strengthOf({ system, value }), system).to.equal("person");
      if (system.endsWith("us-ssn")) continue;
      // The last figure changed: every check digit notices that.
      const last = value.slice(-1);
      const next = /\d/.test(last)
        ? (Number(last) + 1) % 10
        : String.fromCharCode(last.charCodeAt(0) + (last === "Z" ? -1 : 1));
      const wrong = `${value.slice(0, -1)}${next}`;
      expect(strengthOf({ system, value: wrong }), system).to.equal("slip");
      expect(namesSomebody({ system, value: wrong })).to.equal(true);
    }
    // Of these two, with a birthday of 1860, the first sum gives no digit; of the other one the second gives none either.
    for (const value of ["16001010079", "16001011350"]) {
      expect(strengthOf({ system: "https://fhir.ee/sid/pid/est/ni", value }), value).to.equal("person");
    }
    for (const value of ["000-12-3456", "078-05-1120", "123-45-6789"]) {
      expect(strengthOf({ system: "http://hl7.org/fhir/sid/us-ssn", value })).to.equal("slip");
    }
    // A foreigner in Norway has 4 added to the day of birth: a number of a citizen is none of these.
    const foreigner = (value: string): string => strengthOf({ system: "urn:oid:2.16.578.1.12.4.1.4.2", value });
    expect(["55016050023", "15076500565"].map(foreigner)).to.deep.equal(["person", "slip"]);
    // The last digit fits the one before it, which fits nothing.
    expect(strengthOf({ system: "urn:oid:2.16.578.1.12.4.1.4.1", value: "15076500573" })).to.equal("slip");
    // One sign too many, the last of which fits.
    expect(strengthOf({ system: "http://hl7.it/sid/codiceFiscale", value: "RSSMRA80A01H501UU" })).to.equal("slip");
    // A Danish number has no check digit any more, but begins with a day.
    const dane = (value: string): string => strengthOf({ system: "urn:oid:1.2.208.176.1.2", value });
    expect(["0707614285", "6707614285", "9999991234", "0713614285"].map(dane)).to.deep.equal([
      ...["person", "person"],
      ...["slip", "slip"],
    ]);
  });

  it("goes by the type where the system is unknown", () => {
    const typed = (code: string): string =>
      strengthOf({ system: "urn:x", value: "4711", type: { coding: [{ code }] } });
    expect(["NI", "SS", "NNITA", "JHN"].map(typed)).to.deep.equal(Array(4).fill("person"));
    expect(["MR", "PPN", "DL", "PI"].map(typed)).to.deep.equal(Array(4).fill("record"));
    expect(["SN", "MB", "AN", "VN", "PNT"].map(typed)).to.deep.equal(Array(5).fill("none"));
    expect(strengthOf({ system: "urn:x", value: "4711" })).to.equal("record");
  });

  it("counts nothing that is shared, given again or no number", () => {
    for (const value of ["", "-", "???", "0000", "9999999999", "unknown", "N/A", "none", "not known"]) {
      expect(isStandIn(value), value).to.equal(true);
      expect(namesSomebody({ system: "urn:x", value })).to.equal(false);
    }
    for (const digit of ["0", "f"])
      expect(isStandIn("8-4-4-4-12".replace(/\d+/g, (n) => digit.repeat(+n)))).to.equal(true);
    const uuids = ["11111111-1111-1111-1111-111111111111", "urn:uuid:aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"];
    const numbers = [...uuids, "1", "MRN-77001", "A", "0001", "AX-XX1", "X-1234567-L"];
    expect(numbers.map(isStandIn)).to.deep.equal(numbers.map(() => false));
    const shared = (system: string): boolean => strengthOf({ system, value: "4711" }) === "none";
    expect(["https://h.example/family_card", "urn:example:policy:number", "mailto:"].every(shared)).to.equal(true);
    // What a server or a folder is called says nothing of its numbers.
    expect(["https://family-care.example/mrn", "https://h.example/accounts/7/mrn"].some(shared)).to.equal(false);
    expect(namesSomebody({ system: "urn:x", value: "1", use: "temp" })).to.equal(false);
    expect(namesSomebody({ value: "4711" })).to.equal(false);
    const card = { system: "http://ns.electronichealth.net.au/id/medicare-number", value: "2954541041" };
    expect([strengthOf(card), strengthOf({ ...card, value: "29545410412" })]).to.deep.equal(["none", "record"]);
  });

  it("has one name for each system, and one form for each number", () => {
    expect(canonicalSystem("urn:oid:2.16.840.1.113883.4.1")).to.equal("http://hl7.org/fhir/sid/us-ssn");
    expect(canonicalSystem(" HTTPS://hl7.org/fhir/sid/us-ssn/ ")).to.equal("http://hl7.org/fhir/sid/us-ssn");
    const [number] = personNumbers({
      identifier: [{ system: "http://fhir.nhs.net/Id/nhs-number", value: "943-476-5919" }],
    });
    expect(number).to.deep.equal({
      system: "https://fhir.nhs.uk/Id/nhs-number",
      value: "9434765919",
      strength: "person",
      current: true,
    });
  });
});
