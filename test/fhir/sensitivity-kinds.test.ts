import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import fc from "fast-check";
import { parseFhirText, sensitivityReasonsOf, splitIntoRecords } from "../../src/fhir/index.js";
import { bundleOf } from "./real-inputs.js";

/** `PSY` where something certain was found, `PSY?` where there is a doubt alone. */
function marks(resource: object): string[] {
  const reasons = sensitivityReasonsOf(resource as Resource);
  const certain = new Set(reasons.filter((one) => one.certain).map(({ sensitivity }) => sensitivity));
  return [
    ...certain,
    ...new Set(reasons.flatMap(({ sensitivity }) => (certain.has(sensitivity) ? [] : [`${sensitivity}?`]))),
  ];
}
const classes = (resource: object): string[] => marks(resource).map((mark) => mark.replace("?", ""));
const named = (text: string): object => ({ resourceType: "Condition", code: { text } });
const coded = (system: string | undefined, code: string, display?: string): object => ({
  coding: [{ ...(system === undefined ? {} : { system }), code, ...(display === undefined ? {} : { display }) }],
});
const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

describe("sensitivity: words that look alike and mean something ordinary", () => {
  const ORDINARY: Record<string, string> = {
    "organs that are irritable, overactive, stressed, depressed or aggressive": `
      Irritable bowel syndrome with diarrhea
      Syndrome de l'intestin irritable
      Overactive bladder
      Suspicious skin lesion
      Severe stress incontinence
      Stress ulcer prophylaxis
      Acute stress hyperglycaemia
      Exercise stress test abnormal
      Depressed fontanelle
      Depressed left ventricular function
      Depression of left ventricular systolic function
      Depressed deep tendon reflexes
      Aggressive NK-cell leukemia
      Localized aggressive periodontitis
      Agitated saline contrast study
      Hyperkinetic heart syndrome
      Dissociated vertical deviation
      Oxygen dissociation curve
      Tic douloureux
      Transient global amnesia
      Neglect syndrome, visual
      Neglected fracture`,
    "dependence, withdrawal and intoxication without a substance of abuse": `
      Ventilator dependence
      Dependence on supplemental oxygen
      Dependence on renal dialysis
      Abhängigkeit vom Respirator
      Dépendance à l'oxygène
      Dependencia de oxígeno
      Withdrawal of life support
      Withdrawal bleeding
      Steroid withdrawal
      Carbon monoxide intoxication
      Intoxication alimentaire
      Pulmonary rehabilitation programme
      Drug treatment of hypertension
      Drug-related rash
      Drug used in procedure`,
    "tobacco in any language": `
      Tobacco use disorder
      Nicotine withdrawal
      Smoking cessation counselling
      Tabakabusus
      Dépendance au tabac
      Sevrage tabagique
      Dependencia de nicotina
      Dipendenza da nicotina`,
    "germs, glues, alcohols and aids of other kinds": `
      Mycoplasma pneumoniae pneumonia
      Pneumonia due to Mycoplasma
      Retroverted uterus
      Inhalant allergen panel
      Glue ear
      Tissue glue closure of wound
      Schizont of Plasmodium falciparum
      Isopropyl alcohol 70 % topical
      Alcohol-free mouthwash
      ethyl alcohol 0.7 ML/ML Topical Gel
      Condom catheter
      Sterilization of instruments
      Fertilizer exposure
      Human papillomavirus 9-valent vaccine
      WALKING AIDS
      Rabies pre-exposure prophylaxis`,
    "advice and treatment that anybody gets": `
      Dietary counseling
      Genetic counselling
      Counseling for physical activity
      Physical therapy progress note
      Respiratory therapy note
      Hospitals (Except Psychiatric Hospitals)
      Mini-mental state examination
      Mental status: alert and oriented
      Mental status exam: orientation intact
      Oriented to person, place and time
      Self-administered insulin injection
      Fear of falling
      Panic value called to physician
      Family history of kidney problem
      The abusive weather made the rash worse
      Heroic measures declined`,
    "medicines that share an ingredient": `
      Tilidin/Naloxon 50/4 mg
      Oxycodone hydrochloride 10 MG / naloxone 5 MG extended release oral tablet
      nirmatrelvir 150 MG / ritonavir 100 MG Oral Tablet
      Midazolam 5 MG/ML injection
      Ribavirin 200 MG
      2019-Novel Coronavirus PCR
      Infection à coronavirus
      Prochlorperazine 5 MG`,
  };
  for (const [kind, texts] of Object.entries(ORDINARY)) {
    it(`leaves alone ${kind}`, () => {
      for (const text of lines(texts)) expect(marks(named(text)), text).to.deep.equal([]);
    });
  }

  it("still finds what is sensitive beside them", () => {
    const alike = fc.constantFrom(...Object.values(ORDINARY).flatMap(lines));
    const telling = fc.constantFrom(
      ...([
        ["HIV disease", "HIV"],
        ["Major depression", "PSY"],
        ["Cocaine abuse", "ETH"],
        ["Syphilis", "SEX"],
        ["Rape", "SDV"],
      ] as const),
    );
    fc.assert(
      fc.property(alike, telling, fc.boolean(), (before, [text, sensitivity], first) => {
        // A depression in a "therapy note" makes it one of psychotherapy, which is the narrower class.
        const accepted: readonly string[] = sensitivity === "PSY" ? ["PSY", "PSYTHPN"] : [sensitivity];
        const found = classes(named(first ? `${text}; ${before}` : `${before}; ${text}`));
        expect(found.filter((each) => accepted.includes(each))).to.not.deep.equal([]);
      }),
    );
  });
});

describe("sensitivity: words that tell", () => {
  const TELLING: Record<string, string> = {
    HIV: `
      HIV negative
      No history of HIV infection
      H.I.V. positive
      Séropositif
      Aids-Erkrankung
      PrEP started
      Pre-exposure prophylaxis initiated
      Pneumocystosis`,
    ETH: `
      No history of substance abuse
      Denies alcohol use
      EtOH use
      IVDU
      Crystal meth use
      Narcotics addiction
      Suchterkrankung
      C2-Abusus
      Sevrage alcoolique
      Uso abusivo de drogas
      Middelengebruik
      Poisoning by unspecified drug
      Drug treatment program`,
    PSY: `
      OCD
      Low mood
      Nervous breakdown
      CAMHS referral
      Detained under section 2
      SSRI
      Poisoning, undetermined intent
      Hypersomnia
      Death of family member
      Magersucht
      Glücksspielsucht
      Jeu pathologique
      Hospitalisation sous contrainte
      Paniekstoornis`,
    SEX: `
      Egg donation
      Surrogacy
      Sterility
      Pille danach
      Pilule du lendemain
      Píldora del día después
      Kupferspirale
      Genitalherpes
      Erektile Dysfunktion
      Erectiestoornis
      Identifies as male gender
      Pseudohermaphroditism
      Same-sex partner`,
    SDV: `
      Physically abused
      Abusive relationship
      Child protection plan
      Safeguarding concern
      Coercive control
      FGM type 2
      Forced marriage
      Kindeswohlgefährdung
      Sexueller Missbrauch
      Abuso sexual infantil
      Abuso sessuale
      Enfant en danger
      Aanranding`,
  };
  for (const [sensitivity, texts] of Object.entries(TELLING)) {
    it(`finds ${sensitivity} in names, negations, abbreviations and other languages`, () => {
      for (const text of lines(texts)) expect(classes(named(text)), text).to.include(sensitivity);
    });
  }

  it("reads what classifications call a chapter's diseases in other languages", () => {
    const titles: Record<string, string[]> = {
      PSY: [
        ...["Trastornos somatomorfos", "Trastornos de los hábitos y de los impulsos", "Otros trastornos neuróticos"],
        ...[
          "Trastornos generalizados del desarrollo",
          "Reacción al estrés agudo",
          "Pesadillas",
          "Trastornos del sueño",
        ],
        ...["Transtornos do humor [afetivos]", "Distúrbios de conduta", "Auto-intoxicação intencional por gases"],
        ...[
          "Lesão autoprovocada intencionalmente",
          "Épisode maniaque",
          "Troubles de l'humeur",
          "Trouble hypocondriaque",
        ],
        ...["Disturbi della condotta", "Disturbo del linguaggio", "Disturbo della personalità", "Nevrosi"],
        ...["Rechenstörung", "Aufmerksamkeitsstörung", "Reaktive Bindungsstörung", "Trance- und Besessenheitszustände"],
      ],
      SEX: [
        ...["Chancro blando", "Cancro mole", "Neurosífilis", "Embarazo tubárico", "Mola hidatiforme", "Blasenmole"],
        ...["Infección anogenital debida a virus del herpes", "Produits anormaux de la conception", "Spontanabort"],
      ],
      ETH: ["Schädlicher Gebrauch von Substanzen"],
      SDV: ["Negligencia o abandono", "Négligence et abandon", "Tätlicher Angriff", "Sévices physiques"],
    };
    for (const [sensitivity, texts] of Object.entries(titles))
      for (const text of texts) expect(classes(named(text)), text).to.include(sensitivity);
    for (const text of [
      ...["Dermatitis debida a drogas", "Lupus inducido por drogas", "Paniculitis", "Transtornos do humor vítreo"],
      ...["Trastornos del desarrollo y de la erupción de los dientes", "Trastorno de la conducción cardíaca"],
      ...["Troubles de la conduction intraventriculaire", "Quemadura no intencional", "Autoinflammatory disease"],
      ...["Neoplasm of uncertain or unknown behaviour of meninges", "Foodborne staphylococcal intoxication"],
    ])
      expect(marks(named(text)), text).to.deep.equal([]);
  });

  it("isn't deceived by signs that nobody sees, entities, and letters that Unicode doesn't take apart", () => {
    for (const text of [
      "De\u00ADpression",
      "D\u00E9\u200Bpression",
      "D&eacute;pression",
      "D&#233;pression",
      "D&#xE9;pression",
    ])
      expect(classes(named(text)), text).to.deep.equal(["PSY"]);
    expect(classes(named("Œdème; sœur VIH"))).to.deep.equal(["HIV"]);
    expect(classes(named("&#99999999; HIV"))).to.deep.equal(["HIV"]);
  });
});

describe("sensitivity: code systems", () => {
  const found = (system: string | undefined, code: string): string[] =>
    marks({ resourceType: "Condition", code: coded(system, code) });

  it("knows more spellings of the same classification", () => {
    const systems: Record<string, [code: string, mark: string, uris: string[]]> = {
      icd10: [
        "F32.1",
        "PSY",
        [
          ...["http://id.who.int/icd/release/10/2019", "https://icd.who.int/browse10/2019/en", "I10", "I10C"],
          ...["urn:oid:1.2.246.537.6.1.1999", "http://www.nlm.nih.gov/research/umls/icd10cm", "ICD-10-GM|2024"],
          ...["http://hl7.org/fhir/sid/icd-10-nl", "https://terminologia.saude.gov.br/fhir/CodeSystem/BRCID10"],
        ],
      ],
      icd11: ["6A70.1", "PSY", ["https://icd.who.int/browse11/l-m/en", "http://id.who.int/icd/release/11/mms"]],
      icd9: ["296.30", "PSY", ["I9", "I9C", "http://hl7.it/sid/icd-9-cm", "urn:oid:2.16.840.1.113883.6.103"]],
      atc: ["J05AR10", "HIV", ["urn:oid:1.2.752.129.2.2.3.1.1", "http://www.whocc.no/atc|2024", "WHO-ATC"]],
      icpc: ["P76", "PSY", ["urn:oid:1.2.246.537.6.31", "http://hl7.org/fhir/sid/icpc-2-plus", "BRCIAP2"]],
      snomed: ["86406008", "HIV", ["SCT", "urn:oid:2.16.840.1.113883.2.1.3.2.4.15", "http://snomed.info/xsct"]],
      cpt: ["90834", "PSY", ["CPT", "http://www.nlm.nih.gov/research/umls/cpt", "urn:oid:2.16.840.1.113883.6.12"]],
      loinc: ["75622-1", "HIV", ["LN", "http://www.nlm.nih.gov/research/umls/lnc", "urn:oid:2.16.840.1.113883.6.1"]],
    };
    for (const [code, mark, uris] of Object.values(systems))
      for (const uri of uris) expect(found(uri, code), `${uri} ${code}`).to.deep.equal([mark]);
  });

  it("reads a letter and two digits without a system as ICD-10 or ICPC-2 where a diagnosis stands, in doubt", () => {
    for (const [code, mark] of Object.entries({ F32: "PSY?", B20: "HIV?", A53: "SEX?", "F10.-": "ETH?", P76: "PSY?" }))
      for (const system of [undefined, "https://vendor.example/dx"])
        expect(found(system, code), code).to.deep.equal([mark]);
    for (const code of ["I10", "J45", "E11", "K58"]) expect(found(undefined, code), code).to.deep.equal([]);
    const bed = { resourceType: "Location", physicalType: coded(undefined, "F32") };
    expect(marks(bed)).to.deep.equal([]);
  });

  it("tells every class that a code belongs to", () => {
    expect(found("http://hl7.org/fhir/sid/icd-10-cm", "T40.1X2A").sort()).to.deep.equal(["ETH", "PSY"]);
    expect(found("http://hl7.org/fhir/sid/icd-10-cm", "T42.4X4A")).to.deep.equal(["PSY?"]);
    expect(found("http://hl7.org/fhir/sid/icd-10", "Y20")).to.deep.equal(["PSY?"]);
    expect(found("http://hl7.org/fhir/sid/icd-9-cm", "E980.4")).to.deep.equal(["PSY?"]);
    expect(found("http://hl7.org/fhir/sid/icd-10", "Q56.4")).to.deep.equal(["SEX?"]);
  });

  it("draws the lines of the ATC where the words draw them", () => {
    const atc = (code: string): string[] => found("http://www.whocc.no/atc", code);
    for (const code of [
      "J05AE30",
      "J05AF10",
      "J05AE14",
      "N05BB01",
      "N05AB04",
      "N05CD08",
      "N06BX03",
      "N06BC01",
      "N07BA03",
    ])
      expect(atc(code), code).to.deep.equal([]);
    for (const [code, mark] of Object.entries({
      J05AE10: "HIV",
      J05AX12: "HIV",
      J05AF13: "HIV?",
      N05CF02: "PSY?",
      N06BA04: "PSY",
    }))
      expect(atc(code), code).to.deep.equal([mark]);
  });

  it("reads HL7's small code systems by code alone, whatever their base and version", () => {
    const of = (system: string, code: string): string[] =>
      found(`http://terminology.hl7.org/CodeSystem/${system}`, code);
    expect(of("discharge-disposition", "psy")).to.deep.equal(["PSY"]);
    expect(found("http://hl7.org/fhir/discharge-disposition|4.0.1", "psy")).to.deep.equal(["PSY"]);
    expect(of("discharge-disposition", "home")).to.deep.equal([]);
    expect(of("admit-source", "psych")).to.deep.equal(["PSY"]);
    expect(of("service-type", "386")).to.deep.equal(["ETH"]);
    expect(found("http://hl7.org/fhir/gender-identity", "non-binary")).to.deep.equal(["SEX"]);
  });

  it("reads what a claim bills: coverage, revenue centre, place of service, DRG", () => {
    const ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    for (const [code, mark] of Object.entries({ MENTPRG: "PSY", SUBPOL: "ETH", HIVAIDS: "HIV" }))
      expect(marks({ resourceType: "Coverage", type: coded(ACT, code) })).to.deep.equal([mark]);
    const billed = (item: object): string[] => marks({ resourceType: "ExplanationOfBenefit", item: [item] });
    const revenue = (code: string): string[] =>
      billed({ revenue: coded("https://www.nubc.org/CodeSystem/RevenueCodes", code) });
    expect([revenue("0914"), revenue("0126"), revenue("0450"), revenue("0100")]).to.deep.equal([
      ["PSY"],
      ["ETH"],
      [],
      [],
    ]);
    const PLACE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes";
    const place = (code: string): string[] => billed({ locationCodeableConcept: coded(PLACE, code) });
    expect([place("51"), place("58"), place("11")]).to.deep.equal([["PSY"], ["ETH"], []]);
    const drg = (code: string): string[] =>
      marks({ resourceType: "Claim", diagnosis: [{ packageCode: coded("https://example.org/MS-DRG", code) }] });
    expect([drg("885"), drg("897"), drg("975"), drg("470")]).to.deep.equal([["PSY"], ["ETH"], ["HIV"], []]);
    expect(
      billed({ productOrService: coded("http://hl7.org/fhir/sid/ndc", "0000-0000", "Biktarvy oral tablet") }),
    ).to.deep.equal(["HIV"]);
  });

  it("takes R and V for labels where confidentiality is meant alone, and knows other systems of labels", () => {
    const security = (system: string, code: string): string[] =>
      marks({ resourceType: "Basic", meta: { security: [{ system, code }] } });
    expect(security("http://terminology.hl7.org/CodeSystem/v2-0177", "ETH")).to.deep.equal(["ETH"]);
    expect(security("http://snomed.info/sct", "1141000195107")).to.deep.equal(["OTHER"]);
    expect(security("http://terminology.hl7.org/CodeSystem/v3-ActCode", "NORDSCLCD")).to.deep.equal(["OTHER"]);
    expect(security("http://terminology.hl7.org/CodeSystem/v3-ActCode|9.0.0", "42CFRPart2")).to.deep.equal(["ETH"]);
    expect(marks({ resourceType: "Basic", meta: { security: [{ display: "42 CFR Part2" }] } })).to.deep.equal(["ETH"]);
    const code = (system: string): string[] => marks({ resourceType: "Specimen", type: coded(system, "R") });
    expect(code("http://terminology.hl7.org/CodeSystem/v3-RoleCode")).to.deep.equal([]);
    expect(code("http://terminology.hl7.org/CodeSystem/v3-Confidentiality")).to.deep.equal(["OTHER"]);
  });
});

describe("sensitivity: where it stands in a resource", () => {
  const text = (words: string, contentType = "text/plain"): object => ({
    contentType,
    data: Buffer.from(words).toString("base64"),
  });
  const FORMS: readonly [what: string, mark: string, resource: object][] = [
    ["a device's name", "SEX", { resourceType: "Device", deviceName: [{ name: "Intrauterine device" }] }],
    ["a plan's name", "PSY?", { resourceType: "Coverage", class: [{ name: "Psychiatric rider" }] }],
    [
      "a profile",
      "SEX",
      {
        resourceType: "Observation",
        meta: { profile: ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-sexual-orientation"] },
      },
    ],
    [
      "an extension's URL",
      "SEX",
      {
        resourceType: "RelatedPerson",
        extension: [{ url: "http://hl7.org/fhir/StructureDefinition/individual-genderIdentity" }],
      },
    ],
    ["a detail", "ETH?", { resourceType: "DetectedIssue", detail: "Interaction with heroin" }],
    [
      "an instruction",
      "SEX?",
      { resourceType: "ServiceRequest", patientInstruction: "Come fasting to the abortion clinic" },
    ],
    ["a reason in words", "PSY?", { resourceType: "Goal", statusReason: "After a suicide attempt" }],
    [
      "attached text",
      "HIV?",
      { resourceType: "DocumentReference", content: [{ attachment: text("Known HIV infection.") }] },
    ],
    [
      "attached text with a letter too many",
      "HIV?",
      {
        resourceType: "Binary",
        contentType: "text/plain",
        data: `${Buffer.from("Known HIV infections.").toString("base64")}Q`,
      },
    ],
    [
      "attached HTML",
      "SDV?",
      {
        resourceType: "DiagnosticReport",
        presentedForm: [text("<p>Domestic violence</p>", "text/html; charset=utf-8")],
      },
    ],
    [
      "a CDA document",
      "ETH?",
      { resourceType: "Binary", ...text("<title>Opioid dependence</title>", "application/hl7-cda+xml") },
    ],
    [
      "an institution's name alone",
      "PSY?",
      { resourceType: "Encounter", serviceProvider: { display: "Psychiatric hospital" } },
    ],
    [
      "the only narrative",
      "HIV?",
      {
        resourceType: "Condition",
        code: coded("urn:uuid:local", "4711"),
        text: { status: "generated", div: "<div>HIV disease</div>" },
      },
    ],
    [
      "an answer",
      "ETH?",
      {
        resourceType: "QuestionnaireResponse",
        item: [{ linkId: "7", text: "Anything else?", answer: [{ valueString: "cocaine" }] }],
      },
    ],
    [
      "a component",
      "ETH",
      { resourceType: "Observation", code: { text: "Panel" }, component: [{ code: { text: "Drinks per day" } }] },
    ],
    [
      "family history",
      "PSY",
      { resourceType: "FamilyMemberHistory", condition: [{ code: { text: "Schizophrenia" } }] },
    ],
    [
      "a contained medication",
      "ETH",
      {
        resourceType: "MedicationRequest",
        contained: [{ resourceType: "Medication", code: { text: "Buprenorphine 8 MG" } }],
        medicationReference: { reference: "#m" },
      },
    ],
    [
      "a plan's activity",
      "SDV",
      { resourceType: "CarePlan", activity: [{ detail: { code: { text: "Domestic violence shelter" } } }] },
    ],
  ];
  for (const [what, mark, resource] of FORMS)
    it(`finds it in ${what}`, () => {
      expect(marks(resource)).to.include(mark);
    });

  it("finds nothing in people's names, pictures and what every resource has", () => {
    for (const resource of [
      { resourceType: "Observation", performer: [{ display: "Dr. Joy Angst" }], subject: { display: "Gay, Viola" } },
      { resourceType: "CareTeam", participant: [{ member: { display: "Sister Heroina Gay" } }] },
      { resourceType: "DiagnosticReport", resultsInterpreter: [{ reference: "Practitioner/1", display: "Dr. Angst" }] },
      {
        resourceType: "DocumentReference",
        content: [{ attachment: { contentType: "image/png", data: Buffer.from("HIV").toString("base64") } }],
      },
      {
        resourceType: "Patient",
        extension: [{ url: "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", valueCode: "F" }],
      },
      { resourceType: "Condition", code: { text: "Asthma" }, text: { status: "generated", div: "<div>no HIV</div>" } },
      { resourceType: "Observation", code: { text: "Weight" }, referenceRange: [{ text: "normal" }] },
    ])
      expect(marks(resource), JSON.stringify(resource)).to.deep.equal([]);
  });
});

describe("sensitivity: what pulls what", () => {
  const observation = (id: string, more: object): object => ({
    resource: { resourceType: "Observation", id, status: "final", code: { text: "Body weight" }, ...more },
  });

  async function sensitiveIn(...entries: object[]): Promise<string[]> {
    const bundle = bundleOf();
    const input = { ...bundle, entry: [...(bundle as { entry: object[] }).entry, ...entries] };
    const parsed = await parseFhirText(JSON.stringify(input), "input", { validate: false });
    return splitIntoRecords(parsed)
      .filter(({ sensitive }) => sensitive)
      .flatMap(({ resources }) => resources.map(({ id }) => id ?? ""))
      .sort();
  }

  it("pulls the members of a panel in a section or list that tells, and no neighbour of theirs", async () => {
    const panel = observation("panel", { hasMember: [{ reference: "Observation/member" }] });
    const list = {
      resource: {
        resourceType: "List",
        id: "list",
        title: "Substance use",
        entry: [{ item: { reference: "Observation/panel" } }],
      },
    };
    const section = [{ title: "Substance use", entry: [{ reference: "Observation/panel" }] }];
    const letter = { resource: { resourceType: "Composition", id: "letter", section } };
    for (const head of [list, letter])
      expect(await sensitiveIn(head, panel, observation("member", {}), observation("other", {}))).to.have.members([
        head === list ? "list" : "letter",
        ...["member", "panel"],
      ]);
  });

  it("pulls no other entry of a list of which one tells", async () => {
    const problems = {
      resource: {
        resourceType: "List",
        id: "list",
        title: "Problems",
        entry: [{ item: { reference: "Observation/hiv" } }, { item: { reference: "Observation/weight" } }],
      },
    };
    expect(
      await sensitiveIn(problems, observation("hiv", { code: { text: "HIV test" } }), observation("weight", {})),
    ).to.deep.equal(["hiv", "list"]);
  });

  it("follows logical references", async () => {
    const identifier = { system: "urn:lab", value: "7" };
    const panel = observation("panel", { code: { text: "HIV panel" }, hasMember: [{ identifier }] });
    expect(await sensitiveIn(panel, observation("member", { identifier: [identifier] }))).to.deep.equal([
      "member",
      "panel",
    ]);
  });

  it("takes a relative reference for one to the server of its own entry", async () => {
    const at = (server: string, id: string, more: object): object => ({
      fullUrl: `https://${server}.example/fhir/Observation/${id}`,
      ...observation(id, {
        ...more,
        identifier: [{ value: `${server} ${id}` }],
        subject: { reference: "urn:uuid:alice" },
      }),
    });
    const panel = at("a", "panel", { code: { text: "HIV panel" }, hasMember: [{ reference: "Observation/1" }] });
    const bundle = bundleOf() as { entry: object[] };
    const input = { ...bundle, entry: [...bundle.entry, panel, at("a", "1", {}), at("b", "1", {})] };
    const records = splitIntoRecords(await parseFhirText(JSON.stringify(input), "input", { validate: false }));
    const servers = records
      .filter(({ sensitive }) => sensitive)
      .flatMap(({ resources }) =>
        resources.map((one) => (one as { identifier?: { value: string }[] }).identifier?.[0]?.value),
      );
    expect(servers.sort()).to.deep.equal(["a 1", "a panel"]);
  });
});
