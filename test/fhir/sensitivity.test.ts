import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import fc from "fast-check";
import { sensitivitiesOf, type SensitivityReason, sensitivityReasonsOf } from "../../src/fhir/index.js";
import { SENSITIVE_CODES } from "../../src/fhir/sensitive-codes.js";
import { SENSITIVE_MEDICINES } from "../../src/fhir/sensitive-medicines.js";
import { SENSITIVE_PREFIXES } from "../../src/fhir/sensitive-prefixes.js";
import { SENSITIVE_WORDS } from "../../src/fhir/sensitive-words.js";

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
    // A year's ICD-10-GM or ATC: the OID doesn't say which, and no diagnosis stands where a code may be of any shape.
    for (const [code, reasons] of Object.entries({ F32: ["PSY"], N06AB: ["PSY"], J45: [] })) {
      const valueCodeableConcept = { coding: [{ system: "urn:oid:1.2.276.0.76.5.409", code }] };
      const observation = { resourceType: "Observation", valueCodeableConcept } as unknown as Resource;
      expect(sensitivitiesOf(observation), code).to.deep.equal(reasons);
    }
  });

  it("knows what the Synthea bundles hold", () => {
    expect(found(SNOMED, "5602001")).to.deep.equal(["ETH"]);
    expect(found(SNOMED, "171207006")).to.deep.equal(["PSY"]);
    expect(found(SNOMED, "31676001")).to.deep.equal(["HIV"]);
    expect(found(SNOMED, "714812005")).to.deep.equal(["SEX"]);
    expect(found(RXNORM, "807283")).to.deep.equal(["SEX"]);
    expect(found(SNOMED, "20078004")).to.deep.equal(["ETH"]);
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
      expect(labelled("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code)).to.deep.equal(["OTHER"]);
    for (const code of ["N", "L", "toString"])
      expect(labelled("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code)).to.deep.equal([]);
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

const condition = (code: object): Resource => ({ resourceType: "Condition", code }) as Resource;
const reasons = (resource: object): SensitivityReason[] => sensitivityReasonsOf(resource as Resource);
/** `PSY` where something certain was found, `PSY?` where there is a doubt. */
const marks = (resource: object): string[] => [
  ...new Set(reasons(resource).map(({ sensitivity, certain }) => `${sensitivity}${certain ? "" : "?"}`)),
];
const named = (text: string): string[] => marks(condition({ text }));

describe("sensitivitiesOf, by words", () => {
  /** What a telling concept looks like where its code tells nothing. */
  const FORMS: readonly [what: string, of: (display: string) => object][] = [
    [
      "a vendor's code",
      (display) => ({ coding: [{ system: "https://vendor.example/codes", code: "2820519", display }] }),
    ],
    ["a code without system", (display) => ({ coding: [{ code: "138405AAAA", display }] })],
    ["a display alone", (display) => ({ coding: [{ display }] })],
    ["a text alone", (display) => ({ text: display })],
    ["NDC", (display) => ({ coding: [{ system: "http://hl7.org/fhir/sid/ndc", code: "0049-4900-66", display }] })],
    ["an unlisted LOINC", (display) => ({ coding: [{ system: "http://loinc.org", code: "10351-5", display }] })],
    ["an unlisted SNOMED CT", (display) => ({ coding: [{ system: SNOMED, code: "195967001", display }] })],
    [
      "a null flavour beside",
      (text) => ({ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", code: "UNK" }], text }),
    ],
  ];
  const TELLING: readonly [display: string, sensitivity: string][] = [
    ["HIV disease", "HIV"],
    ["Alcohol dependence", "ETH"],
    ["Sertraline 50 MG Oral Tablet", "PSY"],
    ["HIV 1 RNA [Units/volume] (viral load) in Serum or Plasma by Probe", "HIV"],
    ["Psychiatry Note", "PSYTHPN"],
    ["Emergency contraception", "SEX"],
    ["Victim of intimate partner abuse", "SDV"],
    ["Thoughts that you would be better off dead, or of hurting yourself", "PSY"],
  ];

  for (const [what, of] of FORMS) {
    it(`finds them behind ${what}`, () => {
      for (const [display, sensitivity] of TELLING)
        expect(sensitivitiesOf(condition(of(display))), display).to.include(sensitivity);
    });
  }

  it("finds whatever it finds under a known system under any unknown one, too", () => {
    const displays = fc.constantFrom(...TELLING.map(([display]) => display));
    const system = fc.option(fc.webUrl(), { nil: undefined });
    fc.assert(
      fc.property(displays, system, fc.string(), (display, uri, code) => {
        const known = sensitivitiesOf(condition({ coding: [{ system: SNOMED, code: "195967001", display }] }));
        const unknown = sensitivitiesOf(condition({ coding: [{ ...(uri && { system: uri }), code, display }] }));
        expect(unknown).to.include.members(known);
      }),
    );
  });

  it("isn't deceived by case, accents, punctuation or what stands around", () => {
    const around = fc.constantFrom("", "History of ", "[X] ", "Personal history: ", "(finding) ", "status post ");
    fc.assert(
      fc.property(fc.constantFrom(...TELLING), around, fc.boolean(), ([display, sensitivity], before, loud) => {
        const text = `${before}${loud ? display.toUpperCase() : display}`.replaceAll(" ", "  ").normalize("NFD");
        expect(sensitivitiesOf(condition({ text }))).to.include(sensitivity);
      }),
    );
  });

  it("reads seven languages", () => {
    const words: Record<string, string[]> = {
      PSY: [
        ...[
          "Mittelgradige depressive Episode",
          "Schizophrenie",
          "Angststörung",
          "Suizidversuch",
          "Persönlichkeitsstörung",
        ],
        ...["Épisode dépressif", "Trouble bipolaire", "Tentative de suicide", "Troubles anxieux", "Psychose"],
        ...["Trastorno depresivo mayor", "Esquizofrenia", "Trastorno de ansiedad", "Intento de suicidio"],
        ...["Episódio depressivo", "Transtorno de ansiedade", "Transtorno bipolar", "Disturbo d'ansia", "Depressione"],
        ...[
          "Depressieve stoornis",
          "Angststoornis",
          "Schizofrenie",
          "Zelfmoordpoging",
          "Sertralin 50 mg",
          "fluoxétine",
        ],
      ],
      ETH: [
        ...[
          "Alkoholabhängigkeit",
          "Drogenabhängigkeit",
          "Éthylisme, alcoolisme",
          "Toxicomanie",
          "Dependencia de cocaína",
        ],
        ...[
          "Alcoholismo",
          "Dependência de opioides",
          "Alcolismo",
          "Tossicodipendenza",
          "Alcoholverslaving",
          "Methadon",
        ],
      ],
      SEX: [
        ...[
          "Schwangerschaftsabbruch",
          "Fehlgeburt",
          "Verhütung",
          "Geschlechtskrankheit",
          "Interruption volontaire de grossesse",
        ],
        ...["Avortement spontané", "Stérilet", "Aborto espontáneo", "Anticoncepción", "Sífilis", "Aborto espontâneo"],
        ...[
          "Anticoncepcional",
          "Interruzione volontaria di gravidanza",
          "Contraccezione",
          "Gonorrea",
          "Miskraam",
          "Anticonceptie",
        ],
      ],
      HIV: [
        "HIV-Infektion",
        "Infection par le VIH",
        "Infección por VIH",
        "SIDA",
        "Infecção pelo vírus da imunodeficiência humana",
      ],
      SDV: [
        ...[
          "Häusliche Gewalt",
          "Vergewaltigung",
          "Violence conjugale",
          "Viol",
          "Maltrato infantil",
          "Violencia doméstica",
        ],
        ...[
          "Violência doméstica",
          "Estupro",
          "Violenza domestica",
          "Maltrattamento",
          "Kindermishandeling",
          "Verkrachting",
        ],
      ],
    };
    for (const [sensitivity, texts] of Object.entries(words))
      for (const text of texts) expect(sensitivitiesOf(condition({ text })), text).to.include(sensitivity);
  });

  it("leaves alone what only sounds alike", () => {
    const ordinary = [
      ...[
        "ST segment depression",
        "Depression of ST segment",
        "Respiratory depression",
        "Bone marrow depression",
        "Depressed skull fracture",
      ],
      ...[
        "Lithium battery",
        "Lithium heparin tube",
        "Non-alcoholic fatty liver disease",
        "Nichtalkoholische Fettleber",
        "Esteatohepatitis no alcohólica",
      ],
      ...[
        "Alcohol swab",
        "Benzyl alcohol 9 MG/ML",
        "Hearing aids fitted",
        "HEARING AIDS",
        "Bipolar hemiarthroplasty",
        "Photophobia",
      ],
      ...[
        "Smoker",
        "Tobacco dependence",
        "Nicotine dependence, cigarettes",
        "Normal pregnancy",
        "Rapeseed allergy",
        "Grape",
        "Therapist seen",
      ],
      ...[
        "Hives",
        "Drug-eluting stent",
        "Multidrug-resistant tuberculosis",
        "Asthma",
        "Essential hypertension",
        "Chlamydia pneumoniae pneumonia",
      ],
      ...[
        "Not sexually active",
        "Stress fracture of foot",
        "Cardiac stress test",
        "Disorder of nervous system",
        "Altered mental status",
      ],
      ...[
        "Psychomotor seizure",
        "Hysterectomy",
        "Hypertensive crisis",
        "Rapid strep test",
        "Domestic partner",
        "Experimental drug",
        "Abdominal aorta",
      ],
    ];
    for (const text of ordinary) expect(named(text), text).to.deep.equal([]);
  });

  it("counts the name of an opioid as a drug test in laboratory data, and as a painkiller elsewhere", () => {
    const code = {
      coding: [{ system: "http://loinc.org", code: "3831-5", display: "Morphine [Mass/volume] in Urine" }],
    };
    expect(marks({ resourceType: "Observation", code })).to.deep.equal(["ETH"]);
    for (const resourceType of ["Observation", "DiagnosticReport", "ServiceRequest"]) {
      expect(marks({ resourceType, code: { text: "Morphine in urine" } }), resourceType).to.deep.equal(["ETH"]);
    }
    expect(marks({ resourceType: "Specimen", type: { text: "Morphine in urine" } })).to.deep.equal(["ETH"]);
    const medicine = { coding: [{ system: RXNORM, code: "999999999", display: "Morphine Sulfate 15 MG Oral Tablet" }] };
    expect(marks({ resourceType: "MedicationRequest", medicationCodeableConcept: medicine })).to.deep.equal([]);
    expect(marks({ resourceType: "AllergyIntolerance", code: { text: "Codeine" } })).to.deep.equal([]);
  });
});

describe("sensitivitiesOf, by national code systems", () => {
  const SYSTEMS: Record<string, { code: string; uris: string[] }> = {
    "ICD-10": {
      code: "F32.1",
      uris: [
        ...[
          "http://hl7.org/fhir/sid/icd-10",
          "http://hl7.org/fhir/sid/icd-10-cm|2024",
          "http://hl7.org/fhir/sid/icd-10-am",
        ],
        ...["http://fhir.de/CodeSystem/bfarm/icd-10-gm", "http://fhir.de/CodeSystem/dimdi/icd-10-gm|2020"],
        ...["https://fhir.infoway-inforoute.ca/CodeSystem/icd-10-ca", "http://hl7.org/fhir/sid/icd-10-se"],
        ...["https://smt.esante.gouv.fr/terminologie-cim-10", "http://www.saude.gov.br/fhir/r4/CodeSystem/BRCID10"],
        ...["https://example.es/CodeSystem/cie-10-es", "urn:oid:2.16.840.1.113883.6.3", "2.16.840.1.113883.6.135"],
        ...["urn:oid:2.16.578.1.12.4.1.1.7110", "urn:oid:1.2.752.116.1.1.1.1.3", "urn:oid:1.2.246.537.6.1", "ICD10"],
      ],
    },
    ATC: {
      code: "N06AB06",
      uris: [
        ...[
          "http://www.whocc.no/atc",
          "http://fhir.de/CodeSystem/bfarm/atc|2024",
          "http://fhir.de/CodeSystem/dimdi/atc",
        ],
        ...["urn:oid:2.16.840.1.113883.6.73", "https://smt.esante.gouv.fr/terminologie-atc"],
      ],
    },
    "ICPC-2": {
      code: "P76",
      uris: [
        ...["http://hl7.org/fhir/sid/icpc-2", "http://hl7.org/fhir/sid/icpc-1-nl", "urn:oid:2.16.840.1.113883.6.139"],
        ...["urn:oid:2.16.578.1.12.4.1.1.7170", "http://example.pt/CodeSystem/ciap-2"],
      ],
    },
    "SNOMED CT": {
      code: "35489007",
      uris: [
        ...["http://snomed.info/sct", "http://snomed.info/sct|http://snomed.info/sct/32506021000036107"],
        ...["http://snomed.info/sct/83821000000107/version/20240101", "urn:oid:2.16.840.1.113883.6.96", "SNOMED-CT"],
      ],
    },
    "READ v2": { code: "E112.", uris: ["http://read.info/readv2", "urn:oid:2.16.840.1.113883.2.1.6.2"] },
    DSM: { code: "300.02", uris: ["urn:oid:2.16.840.1.113883.6.344", "http://example.org/dsm-5"] },
  };
  for (const [classification, { code, uris }] of Object.entries(SYSTEMS)) {
    it(`knows the editions of ${classification}`, () => {
      for (const uri of uris) expect(marks(condition({ coding: [{ system: uri, code }] })), uri).to.deep.equal(["PSY"]);
    });
  }

  it("reads the codes of ICD-10 as countries write them", () => {
    for (const code of ["F32.1", "F321", "f32.1", "F32.1 G", "F00-F99", "F32.1*", "DF321"])
      expect(found("urn:oid:1.2.208.176.2.4", code), code).to.deep.equal(code === "F00-F99" ? [] : ["PSY"]);
  });

  it("knows the chapters of ICPC-2, tobacco and dementia left out", () => {
    const icpc = (code: string): string[] => found("http://hl7.org/fhir/sid/icpc-2", code);
    const expected = {
      PSY: ["P02", "P72", "P99"],
      ETH: ["P15", "P19"],
      SEX: ["W11", "W83", "X71", "X90", "X91", "X92", "Y07"],
      HIV: ["B90"],
      SDV: ["Z25"],
    };
    for (const [sensitivity, codes] of Object.entries(expected))
      for (const code of codes) expect(icpc(code), code).to.deep.equal([sensitivity]);
    for (const code of ["P17", "P70", "A01", "K86", "W78", "X89", "X99", "R74"])
      expect(icpc(code), code).to.deep.equal([]);
  });

  it("takes a code of a telling shape for what it looks like where the system is missing or unknown, in doubt", () => {
    for (const code of ["F32.1", "N06AB06", "44249-1", "86406008"]) {
      for (const system of [undefined, "urn:uuid:local", "https://vendor.example/x"]) {
        expect(marks(condition({ coding: [{ system, code }] }))).to.satisfy(
          (all: string[]) => all.every((one) => one.endsWith("?")) && all.length === 1,
          code,
        );
      }
    }
    for (const code of ["I10.1", "C09AA05", "8867-4", "195967001", "I10", "active"])
      expect(marks(condition({ coding: [{ code }] })), code).to.deep.equal([]);
  });

  it("reads a coding also where it has a type, as a reference may", () => {
    const coding = { type: "Condition", system: ICD10, code: "F32.9" };
    expect(marks(condition({ coding: [coding] })).join()).to.contain("PSY");
  });

  it("knows classifications of procedures, services and specialties by code alone", () => {
    const expected: [system: string, sensitivity: string, codes: string[]][] = [
      ["http://hl7.org/fhir/sid/icd-10-pcs", "PSY", ["GZ50ZZZ"]],
      ["http://www.cms.gov/Medicare/Coding/ICD10", "ETH", ["HZ2ZZZZ"]],
      ["http://fhir.de/CodeSystem/bfarm/ops", "PSY", ["9-607"]],
      ["http://www.ama-assn.org/go/cpt", "PSY", ["90834", "96127"]],
      ["http://www.ama-assn.org/go/cpt", "ETH", ["99408"]],
      ["http://www.ama-assn.org/go/cpt", "HIV", ["87389"]],
      ["https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "ETH", ["G0396", "G2067"]],
      ["http://nucc.org/provider-taxonomy", "PSY", ["2084P0800X", "103T00000X", "363LP0808X", "283Q00000X"]],
      ["http://nucc.org/provider-taxonomy", "ETH", ["2084P0802X", "101YA0400X", "261QM2800X", "324500000X"]],
      ["http://nucc.org/provider-taxonomy", "SEX", ["261QF0050X"]],
      ["http://terminology.hl7.org/CodeSystem/service-type", "PSY", ["141", "490"]],
      ["http://terminology.hl7.org/CodeSystem/service-category", "ETH", ["12"]],
      ["http://id.who.int/icd/release/11/mms", "PSY", ["MB26.A", "PC91"]],
      ["http://id.who.int/icd/release/11/mms", "SDV", ["PD50", "PJ20"]],
    ];
    for (const [system, sensitivity, codes] of expected)
      for (const code of codes) expect(found(system, code), `${system} ${code}`).to.deep.equal([sensitivity]);
    const ordinary: [system: string, codes: string[]][] = [
      ["http://hl7.org/fhir/sid/icd-10-pcs", ["0DTJ4ZZ", "10E0XZZ"]],
      ["http://fhir.de/CodeSystem/bfarm/ops", ["5-470", "8-900"]],
      ["http://www.ama-assn.org/go/cpt", ["99213", "36415", "59400"]],
      ["http://nucc.org/provider-taxonomy", ["207Q00000X", "208D00000X", "2084N0400X", "261QP2300X"]],
      ["http://terminology.hl7.org/CodeSystem/service-type", ["124", "57", "75"]],
      ["http://id.who.int/icd/release/11/mms", ["PA00", "BA00", "MB40"]],
    ];
    for (const [system, codes] of ordinary)
      for (const code of codes) expect(found(system, code), `${system} ${code}`).to.deep.equal([]);
  });

  it("looks into post-coordinated expressions", () => {
    expect(found(SNOMED, "243796009 : 246090004 = 86406008")).to.deep.equal(["HIV"]);
  });
});

describe("sensitivitiesOf, by labels, questionnaires and prose", () => {
  const labelled = (security: object): string[] =>
    marks({ resourceType: "Condition", code: { text: "x" }, meta: { security: [security] } });
  const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

  it("heeds labels of privacy law and of the seven classes, whatever their version and the spelling of their system", () => {
    const expected: Record<string, string> = {
      ...{ "42CFRPart2": "ETH", ETHUD: "ETH", OPIOIDUD: "ETH", SUD: "ETH", Title38Section7332: "ETH" },
      ...{ PSY: "PSY", MH: "PSY", BH: "PSY", PSYTHPN: "PSYTHPN", HIPAAPsyNotes: "PSYTHPN", SEX: "SEX", STD: "SEX" },
      ...{ HIV: "HIV", SDV: "SDV", VIO: "SDV", SPI: "OTHER", SCA: "OTHER", TBOO: "OTHER" },
    };
    const systems = [
      ACT_CODE,
      `${ACT_CODE}|9.0.0`,
      "http://hl7.org/fhir/v3/ActCode",
      "urn:oid:2.16.840.1.113883.5.4",
      "https://other.example",
      undefined,
    ];
    for (const [code, sensitivity] of Object.entries(expected))
      for (const system of systems)
        expect(labelled({ system, code }), `${system} ${code}`).to.deep.equal([sensitivity]);
    expect(labelled({ system: ACT_CODE, code: "TREAT" })).to.deep.equal([]);
    expect(labelled({ display: "42 CFR Part 2" }), "in words").to.deep.equal(["ETH"]);
    expect(labelled({ system: ACT_CODE, code: "X", display: "psychiatry disorder information" })).to.deep.equal([
      "PSY",
    ]);
  });

  it("heeds inline labels, a document's confidentiality and those of what is contained", () => {
    const inline = {
      url: "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label",
      valueCoding: { system: ACT_CODE, code: "HIV" },
    };
    expect(marks({ resourceType: "Condition", code: { text: "x", extension: [inline] } })).to.deep.equal(["HIV"]);
    expect(marks({ resourceType: "Composition", confidentiality: "R" })).to.deep.equal(["OTHER"]);
    expect(marks({ resourceType: "Composition", confidentiality: "N" })).to.deep.equal([]);
    const contained = [{ resourceType: "Observation", meta: { security: [{ code: "ETH" }] } }];
    expect(marks({ resourceType: "DiagnosticReport", contained })).to.deep.equal(["ETH"]);
  });

  it("knows a questionnaire by its canonical, and a question by its link", () => {
    const answered = (questionnaire: string, item: object[] = []): string[] =>
      marks({ resourceType: "QuestionnaireResponse", questionnaire, item });
    for (const url of [
      "http://loinc.org/q/44249-1",
      "http://loinc.org/q/44249-1|2.77",
      "https://example.org/Questionnaire/44249-1",
    ])
      expect(answered(url), url).to.deep.equal(["PSY"]);
    for (const url of ["https://example.org/Questionnaire/phq-9|1.0", "Questionnaire/PatientHealthQuestionnaire"])
      expect(answered(url), url).to.deep.equal(["PSY"]);
    expect(answered("https://example.org/Questionnaire/audit-c")).to.deep.equal(["ETH"]);
    expect(answered("http://example.org/Questionnaire/1", [{ linkId: "/44260-8" }])).to.deep.equal(["PSY"]);
    expect(
      answered("http://example.org/Questionnaire/1", [{ linkId: "1", text: "Do you feel depressed?" }]),
    ).to.deep.equal(["PSY"]);
    expect(answered("http://loinc.org/q/72166-2")).to.deep.equal([]);
  });

  it("leaves a doubt for words in passing, and says nothing of people's names", () => {
    const observation = { resourceType: "Observation", code: { text: "Body weight" } };
    expect(marks({ ...observation, note: [{ text: "seen at the psychiatric ward" }] })).to.deep.equal(["PSY?"]);
    const extension = [{ url: "http://example.org/note", valueAnnotation: { text: "unreliable in alcoholism" } }];
    expect(marks({ ...observation, extension })).to.deep.equal(["ETH?"]);
    expect(marks({ ...observation, text: { status: "additional", div: "<div>known HIV</div>" } })).to.deep.equal([
      "HIV?",
    ]);
    expect(marks({ ...observation, text: { status: "generated", div: "<div>known HIV</div>" } })).to.deep.equal([]);
    expect(marks({ resourceType: "Organization", name: "County Psychiatric Hospital" })).to.deep.equal(["PSY?"]);
    expect(
      marks({
        resourceType: "Claim",
        diagnosis: [{ diagnosisReference: { reference: "Condition/1", display: "Heroin abuse" } }],
      }),
    ).to.deep.equal(["ETH?"]);
    expect(marks({ ...observation, subject: { reference: "Patient/1", display: "Heroina Gay" } })).to.deep.equal([]);
    expect(
      marks({
        resourceType: "Patient",
        name: [{ text: "Gay Angst", family: "Angst" }],
        address: [{ text: "Heroin Street" }],
      }),
    ).to.deep.equal([]);
    const additionalInstruction = [{ text: "Avoid alcoholic drink" }];
    expect(marks({ resourceType: "MedicationRequest", dosageInstruction: [{ additionalInstruction }] })).to.deep.equal(
      [],
    );
  });

  it("leaves a doubt for medicines with ordinary uses, too", () => {
    const medicine = (text: string): string[] =>
      marks({ resourceType: "MedicationRequest", medicationCodeableConcept: { text } });
    for (const name of ["amitriptyline 10 MG", "bupropion 150 MG", "Diazepam 5 mg"])
      expect(medicine(name), name).to.deep.equal(["PSY?"]);
    for (const name of ["Lithium carbonate 300 MG", "phenelzine", "Olanzapin"])
      expect(medicine(name), name).to.deep.equal(["PSY"]);
    for (const name of ["ibuprofen", "Metformin 500 MG", "lamotrigine 25 MG", "Oxycodone 5 MG"])
      expect(medicine(name), name).to.deep.equal([]);
  });

  it("says why and where, without the patient's data", () => {
    expect(
      reasons(condition({ coding: [{ system: ICD10, code: "F10.20", display: "Alcohol dependence" }] })),
    ).to.deep.equal([
      { sensitivity: "ETH", certain: true, basis: "code", path: "code.coding[0]" },
      { sensitivity: "ETH", certain: true, basis: "words", path: "code.coding[0]" },
    ]);
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

  it("name only words that a text in the folded spelling can hold", () => {
    const stems = [...SENSITIVE_WORDS, ...SENSITIVE_MEDICINES].flatMap(({ words }) => words.split("\n"));
    expect(stems.filter((stem) => /[^\x20-\x7e]|[A-Z](?![a-z]*\])/.test(stem))).to.deep.equal([]);
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
