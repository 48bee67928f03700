import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { parseFhirText } from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { bundleOf, errorOf, observation, PATIENT, withFile } from "./real-inputs.js";

const FHIR_XML = `<Patient xmlns="http://hl7.org/fhir"><id value="alice"/></Patient>`;
const CDA = `<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Zoë Quibbleworth</title></ClinicalDocument>`;
const MESSAGE = "MSH|^~\\&|LAB|HOSPITAL|||20260101||ORU^R01|1|P|2.5\rPID|1||MRN-77001||Quibbleworth^Alice\r";
const declared = (xml: string, encoding = "UTF-8"): string => `<?xml version="1.0" encoding="${encoding}"?>\n${xml}`;

const zip = Buffer.concat([Buffer.from("PK\x03\x04"), deflateRawSync(JSON.stringify(PATIENT))]);
const tar = Buffer.concat([Buffer.from("Patient.ndjson".padEnd(257, "\0")), Buffer.from("ustar\0")]);
const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")]);

/** What it is, and what is said of it. */
const OTHERS: readonly [content: string | Uint8Array, name: string][] = [
  [FHIR_XML, "FHIR XML"],
  [declared(FHIR_XML), "FHIR XML"],
  [`\uFEFF${declared(`<!-- ${"made by hand ".repeat(100)}-->\n${FHIR_XML}`)}`, "FHIR XML"],
  [`<f:Bundle xmlns:f='http://hl7.org/fhir'></f:Bundle>`, "FHIR XML"],
  [Buffer.from(declared(FHIR_XML, "UTF-16"), "utf16le"), "FHIR XML in UTF-16"],
  [CDA, "a CDA document (HL7 V3 XML)"],
  [declared(`<?xml-stylesheet type="text/xsl" href="CDA.xsl"?>\n${CDA}`), "a CDA document (HL7 V3 XML)"],
  [Buffer.from(declared(CDA, "ISO-8859-1"), "latin1"), "a CDA document (HL7 V3 XML)"],
  [`<PRPA_IN201305UV02 xmlns="urn:hl7-org:v3"/>`, "HL7 V3 XML"],
  [`<ORU_R01 xmlns="urn:hl7-org:v2xml"/>`, "an HL7 v2 message in XML"],
  [declared("<report/>"), "XML"],
  ["<!DOCTYPE html>\n<html><body>Please log in</body></html>", "an HTML page"],
  ["\n<html lang=en>\n<title>502 Bad Gateway</title>", "an HTML page"],
  [MESSAGE, "an HL7 v2 message"],
  [`\x0b${MESSAGE}\x1c\r`, "an HL7 v2 message"],
  [`FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r${MESSAGE}`, "an HL7 v2 message"],
  [Buffer.from(MESSAGE.replace("Quibbleworth", "Müller"), "latin1"), "an HL7 v2 message"],
  ["ISA*00*          *00*", "an X12 message"],
  ["UNA:+.? 'UNB+UNOC:3", "an EDIFACT message"],
  ["@prefix fhir: <http://hl7.org/fhir/> .", "RDF (Turtle)"],
  ["resourceType: Patient\nid: alice\n", "YAML"],
  ["eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "a signed token (JWS), such as a SMART Health Card"],
  [`\x1e${JSON.stringify(PATIENT)}\n`, "a JSON text sequence (RFC 7464)"],
  ["Id,BIRTHDATE,FIRST,LAST\n1,1974-05-12,Alice,Quibbleworth\n", "a table (CSV)"],
  ["id;name\n1;Quibbleworth\n", "a table (CSV)"],
  ["Patient.id,birth_date\r\nMRN-77001,1974-05-12", "a table (CSV)"],
  ["H|\\^&|||LAB\rP|1||MRN-77001\r", "an ASTM or HPRIM message"],
  [deflateSync(JSON.stringify(PATIENT)), "zlib-compressed"],
  [brotliCompressSync(JSON.stringify(PATIENT)), "binary data"],
  [Buffer.from("Obj\x01\x04\x14avro.codec"), "an Avro table"],
  [Buffer.from("SQLite format 3\0"), "an SQLite database"],
  [Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "an image (PNG)"],
  [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), "an image (JPEG)"],
  [Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1), "an Office document"],
  [gzipSync(JSON.stringify(PATIENT)), "gzip-compressed"],
  [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x00, 0x01), "zstd-compressed"],
  [zip, "a ZIP archive"],
  [tar, "a tar archive"],
  [Buffer.from("%PDF-1.7\n%âãÏÓ", "latin1"), "a PDF document"],
  [dicom, "a DICOM object"],
];

/** Nothing of the patient, and something to do. */
function expectHelpful(error: { message: string; hint?: string | undefined }): void {
  expect(`${error.message} ${error.hint ?? ""}`).not.to.match(/Quibbleworth|MRN-77001|1974-05-12/);
  expect(error.hint).not.to.equal(undefined);
}

describe("input in another format", () => {
  it("is named, from memory and from a file, with what to do", async () => {
    for (const [content, name] of OTHERS) {
      for (const read of [
        parseFhirText,
        (_: unknown, file: string) => withFile(content, (path) => parseFhirFile(path, { validate: file === "" })),
      ]) {
        const error = await errorOf(() => read(content, "input"));
        expect([error.code, error.details["format"]], name).to.deep.equal(["FHIR_FORMAT_UNSUPPORTED", name]);
        expectHelpful(error);
      }
    }
  });

  it("is named before its size is, since no other limit would help", async () => {
    const error = await withFile(gzipSync(Buffer.alloc(100_000)), (path) =>
      errorOf(() => parseFhirFile(path, { maxBytes: 10 })),
    );
    expect(error.code).to.equal("FHIR_FORMAT_UNSUPPORTED");
  });

  it("is named as JSON of its kind where it is JSON", async () => {
    for (const [value, kind] of [
      [[PATIENT, observation()], "an array of resources"],
      [[1, 2], "an array"],
      [{ transactionTime: "2026-01-01T00:00:00Z", request: "x", output: [] }, "the manifest of a Bulk Data export"],
      [{ kind: "chartchain/envelopes", version: 1 }, "a ChartChain file that somebody handed over"],
      [{ verifiableCredential: ["eyJ"] }, "a SMART Health Card"],
      [{ _type: "COMPOSITION", archetype_node_id: "x" }, "openEHR JSON"],
      [{ error: "invalid_token", error_description: "x" }, "the error message of a server"],
      [{ errors: [{ code: "x" }] }, "the error message of a server"],
      [{ message: "Not found" }, "the error message of a server"],
      [{ patients: [PATIENT] }, "JSON of something else"],
      ["Patient", "no object"],
    ] as const) {
      const error = await errorOf(() => parseFhirText(JSON.stringify(value), "input"));
      expect([error.code, error.details["kind"]]).to.deep.equal(["NOT_FHIR", kind]);
      expectHelpful(error);
    }
  });

  it("says which encoding it is in", async () => {
    const text = JSON.stringify(PATIENT);
    const swapped = Buffer.from(text, "utf16le").swap16();
    const wide = Buffer.alloc(text.length * 4);
    [...text].forEach((char, at) => wide.writeUInt32LE(char.codePointAt(0) ?? 0, at * 4));
    for (const [bytes, word] of [
      [Buffer.from(`\uFEFF${text}`, "utf16le"), "UTF-16"],
      [Buffer.from(text, "utf16le"), "UTF-16"],
      [swapped, "UTF-16"],
      [Buffer.concat([Buffer.from([0xfe, 0xff]), swapped]), "UTF-16"],
      [Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), wide]), "UTF-32"],
      [Buffer.from(text.replace("Zenobia", "Zoë"), "latin1"), "not UTF-8"],
    ] as const) {
      const error = await errorOf(() => parseFhirText(bytes, "input"));
      expect([error.code, error.message.includes(word)], word).to.deep.equal(["NOT_UTF8", true]);
      expectHelpful(error);
    }
  });
});

describe("JSON that has a fault", () => {
  const hintOf = async (text: string | Uint8Array): Promise<string> =>
    (await errorOf(() => parseFhirText(text, "input"))).hint ?? "";
  const unfinished = /unfinished|not finished/;

  it("is called an unfinished download wherever it is cut off, and nowhere else", async () => {
    const text = Buffer.from(
      JSON.stringify(bundleOf(observation({ valueQuantity: { value: -1.5e3 }, note: [{ text: "é\n😀" }] }))),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: text.length - 1 }), async (end) => {
        expect(await hintOf(text.subarray(0, end)), String(end)).to.match(unfinished);
      }),
      { numRuns: 300 },
    );
  });

  it("is told to be corrected where the fault lies within", async () => {
    for (const text of [
      '{"resourceType":"Patient" "id":"1"}',
      '{"resourceType":"Patient",}',
      "{'resourceType':'Patient'}",
      '{"resourceType":"Patient","active":True}',
      '{"resourceType":"Patient","active":tru}',
      '{"resourceType":"Patient","multipleBirthInteger":01}',
      '{"resourceType":"Patient"}]',
    ]) {
      expect(await hintOf(text), text).not.to.match(unfinished);
    }
  });

  it("is told what stands there where JSON has no such character", async () => {
    const text = JSON.stringify(PATIENT);
    for (const [bad, said] of [
      [Buffer.concat([Buffer.from(text.slice(0, 40)), Buffer.alloc(60)]), "zero bytes"],
      [`${text}${"\0".repeat(9)}`, "zero bytes"],
      [text.replace("Zenobia", "Zeno\x02bia"), "a control character"],
      [text.replace("Zenobia", "Zeno\nbia"), "no JSON at that position"],
      [`[${text}]\n[${text}]`, "another value follows"],
      [`Dear all, here it is.\n`, "no JSON at that position"],
    ] as const) {
      const error = await errorOf(() => parseFhirText(bad, "input"));
      expect([error.code, error.message.includes(said)], error.message).to.deep.equal(["NOT_JSON", true]);
      expectHelpful(error);
    }
  });

  it("has its place named also where it stands in the root", async () => {
    for (const [text, place] of [
      ['{"resourceType":"Patient",\n"__proto__":{}}', ": (field)"],
      ['{"resourceType":"Patient",\n"id":"a","id":"b"}', "twice: id,"],
    ] as const) {
      const { message } = await errorOf(() => parseFhirText(text, "input"));
      expect(message)
        .to.include(place)
        .and.match(/line 2, column \d+$/);
    }
  });

  it("is called empty where nothing is in it, and several values where they follow each other", async () => {
    for (const text of ["", " \n"]) expect(await hintOf(text)).to.match(/nothing was written/);
    const pretty = JSON.stringify(PATIENT, null, 2);
    expect(await hintOf(`${pretty}\n${pretty}`)).to.match(/NDJSON/);
    expect(await hintOf(JSON.stringify(PATIENT).repeat(2))).to.match(/NDJSON/);
  });
});
