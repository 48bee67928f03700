import { expect } from "chai";
import type { SearchRequest } from "../../src/search/request.js";
import type { Refused } from "../../src/store/refused.js";
import { coded, importOf, LOINC, SNOMED } from "./inputs.js";
import { onEachDatabase, type Opened } from "./places.js";

const subject = { reference: "Patient/p1" };
const observation = (id: string, date: string, value: number, more: object = {}): object => ({
  ...{ resourceType: "Observation", id, status: "final", subject, effectiveDateTime: date },
  code: coded(LOINC, "29463-7"),
  valueQuantity: { value, unit: "kilo", system: "http://unitsofmeasure.org", code: "kg" },
  ...more,
});

const WORLD = [
  {
    ...{ resourceType: "Patient", id: "p1", birthDate: "1970-03-02", gender: "female", active: true },
    name: [{ family: "Müller-Lüdenscheidt", given: ["Anna", "Eva"] }],
    identifier: [{ system: "urn:oid:1.2", value: "A,1" }, { value: "77" }],
    telecom: [{ system: "email", value: "anna@example.org" }],
    generalPractitioner: [{ reference: "Practitioner/d1" }],
    managingOrganization: { reference: "Organization/o1" },
  },
  { resourceType: "Practitioner", id: "d1", name: [{ family: "Weber" }], active: true },
  { resourceType: "Organization", id: "o1", name: "General Hospital", partOf: { reference: "Organization/o2" } },
  { resourceType: "Organization", id: "o2", name: "Holding" },
  {
    ...{ resourceType: "Encounter", id: "e1", status: "finished", class: { code: "AMB" }, subject },
    period: { start: "2020-01-10T10:00:00Z", end: "2020-01-12T09:00:00Z" },
    serviceProvider: { reference: "Organization/o1" },
  },
  {
    resourceType: "Encounter",
    id: "e2",
    status: "in-progress",
    class: { code: "IMP" },
    subject,
    period: { start: "2023-05" },
  },
  observation("w1", "2020-01-10", 70, {
    encounter: { reference: "Encounter/e1" },
    performer: [{ reference: "Practitioner/d1" }],
  }),
  observation("w2", "2021-06-15T08:30:00+02:00", 71.5, { status: "amended" }),
  observation("w3", "2022", 72, { valueQuantity: { value: 72, unit: "kilo" } }),
  observation("w4", "2023-01-01", 73, { code: { text: "weight" }, effectiveDateTime: undefined }),
  {
    resourceType: "Condition",
    id: "c1",
    subject,
    code: coded(SNOMED, "195967001"),
    encounter: { reference: "Encounter/e1" },
  },
  {
    ...{ resourceType: "RiskAssessment", id: "r1", status: "final", subject },
    prediction: [{ probabilityDecimal: 0.52 }],
  },
  {
    ...{ resourceType: "QuestionnaireResponse", id: "q1", status: "completed", subject },
    questionnaire: "http://example.org/Questionnaire/q|2",
  },
];

/** Parameter, value, and the ids that it finds. */
const FOUND: Readonly<Record<string, readonly (readonly [query: string, ids: string])[]>> = {
  Patient: [
    ["_id=p1", "p1"],
    ["_id=p2,p1", "p1"],
    ["_id=p2", ""],
    ["name=mull", "p1"],
    ["name=MÜLLER", "p1"],
    ["name=eva", "p1"],
    ["name=ller", ""],
    ["name:contains=lüden", "p1"],
    ["family:exact=Müller-Lüdenscheidt", "p1"],
    ["family:exact=müller-lüdenscheidt", ""],
    ["name=50%25", ""],
    ["birthdate=1970", "p1"],
    ["birthdate=lt1970-03-02", ""],
    ["birthdate=le1970-03-02", "p1"],
    ["gender=female", "p1"],
    ["gender=http://hl7.org/fhir/administrative-gender|female", "p1"],
    ["gender:not=female", ""],
    ["active=true", "p1"],
    ["deceased=false", "p1"],
    ["identifier=urn:oid:1.2|A\\,1", "p1"],
    ["identifier=A\\,1", "p1"],
    ["identifier=A,1", ""],
    ["identifier=|77", "p1"],
    ["identifier=|A\\,1", ""],
    ["identifier=urn:oid:1.2|", "p1"],
    ["email=anna@example.org", "p1"],
    ["organization=o1", "p1"],
    ["general-practitioner:Practitioner=d1", "p1"],
    ["general-practitioner:missing=false", "p1"],
    ["link:missing=true", "p1"],
    ["organization.name=general", "p1"],
    ["organization.partof.name=hold", "p1"],
    ["general-practitioner.name=weber", "p1"],
    ["general-practitioner:Organization.name=weber", ""],
    ["_has:Observation:patient:status=amended", "p1"],
    ["_has:Observation:patient:status=cancelled", ""],
    ["_has:Observation:patient:performer.name=weber", "p1"],
    ["_has:Encounter:patient:_has:Condition:encounter:code=195967001", "p1"],
    ["_lastUpdated=ge2000", "p1"],
    ["_lastUpdated=lt2000", ""],
  ],
  Observation: [
    ["status=final", "w1 w3 w4"],
    ["status=final,amended", "w1 w2 w3 w4"],
    ["status=final&date=2022", "w3"],
    ["code=http://loinc.org|29463-7", "w1 w2 w3"],
    ["code:not=29463-7", "w4"],
    ["code:missing=true", "w4"],
    ["date:missing=true", "w4"],
    ["date=2021-06-15", "w2"],
    ["date=2021-06-15T06:30Z", "w2"],
    ["date=2021-06-15T08:30:00%2B02:00", "w2"],
    ["date=2022-03", ""],
    ["date=ne2022", "w1 w2"],
    ["date=gt2021", "w3"],
    ["date=ge2021", "w2 w3"],
    ["date=lt2021-06-15", "w1"],
    ["date=le2021", "w1 w2"],
    ["date=sa2021-12-31", "w3"],
    ["date=eb2022", "w1 w2"],
    ["date=ge2020-01-01&date=le2020-12-31", "w1"],
    ["value-quantity=72", "w2 w3"],
    ["value-quantity=72.0", "w3"],
    ["value-quantity=gt71.5", "w3 w4"],
    ["value-quantity=ge71.5|http://unitsofmeasure.org|kg", "w2 w4"],
    ["value-quantity=lt72||kilo", "w1 w2"],
    ["patient=p1", "w1 w2 w3 w4"],
    ["subject=Patient/p1", "w1 w2 w3 w4"],
    ["subject:Patient=p1", "w1 w2 w3 w4"],
    ["subject:Group=p1", ""],
    ["subject=Patient/p2", ""],
    ["patient.identifier=77", "w1 w2 w3 w4"],
    ["encounter.service-provider.name=general", "w1"],
    ["subject.name=anna", "w1 w2 w3 w4"],
  ],
  Encounter: [
    ["date=2020-01", "e1"],
    ["date=gt2024", "e2"],
    ["date=lt2020-01-11", "e1"],
    ["class=AMB", "e1"],
    ["_has:Observation:encounter:code=29463-7", "e1"],
  ],
  RiskAssessment: [
    ["probability=0.52", "r1"],
    ["probability=0.5", "r1"],
    ["probability=gt0.6", ""],
  ],
  QuestionnaireResponse: [
    ["questionnaire=http://example.org/Questionnaire/q", "q1"],
    ["questionnaire=http://example.org/Questionnaire/q|2", "q1"],
    ["questionnaire=http://example.org/Questionnaire/q|3", ""],
  ],
};

/** Type, parameter and value, and what the refusal says. */
const REFUSED: readonly (readonly [type: string, name: string, value: string, says: RegExp])[] = [
  ["Patient", "_filter", "name eq x", /"_filter".*Supported: .*birthdate/],
  ["Patient", "_query", "x", /"_query"/],
  ["Patient", "_content", "x", /"_content"/],
  ["Patient", "_text", "x", /"_text"/],
  ["Patient", "_list", "x", /"_list"/],
  ["Patient", "phonetic", "x", /"phonetic"/],
  ["Patient", "nombre", "x", /"nombre"/],
  ["Location", "near", "1|2", /"near"/],
  ["Observation", "code-value-quantity", "1$2", /"code-value-quantity"/],
  ["Patient", "name:text", "x", /"text" isn't supported. Supported: exact, contains, missing/],
  ["Observation", "code:in", "x", /"in"/],
  ["Observation", "code:text", "x", /"text"/],
  ["Observation", "code:above", "x", /"above"/],
  ["Observation", "subject:identifier", "x", /"identifier".*Patient/],
  ["Observation", "date", "ap2020", /prefix ap.*eq, ne/],
  ["Observation", "date", "2020-13", /no date/],
  ["Observation", "date", "gt", /no date/],
  ["Observation", "date", "", /empty/],
  ["Observation", "value-quantity", "x", /no number/],
  ["Observation", "value-quantity", "1|2", /no quantity/],
  ["Observation", "code", "a|b|c", /no token/],
  ["Observation", "code", "|", /no token/],
  ["Observation", "patient", "Group/1", /leads to Patient/],
  ["Observation", "code:missing", "yes", /true or false/],
  ["Observation", "code.name", "x", /no reference/],
  ["Observation", "patient.organization.partof.name", "x", /2 links/],
  ["Observation", "patient.nombre", "x", /"nombre"/],
  ["Patient", "_has:Observation:patient", "x", /_has:Type/],
  ["Patient", "_has:Observation:device:code", "x", /doesn't refer to Patient/],
  ["Patient", "_id:missing", "true", /"missing"/],
  ["Patient", "_sort", "nombre", /"nombre"/],
  ["Patient", "_count", "-1", /no number/],
  ["Patient", "_total", "exact", /accurate/],
  ["Patient", "_summary", "yes", /count/],
  ["Patient", "_elements", "nombre", /no element/],
  ["Patient", "_include", "*", /hasn't the form/],
  ["Patient", "_include", "Patient:*", /\* isn't supported/],
  ["Patient", "_include", "Patient:name", /no reference/],
  ["Patient", "_include", "Observation:encounter", /nothing to do with Patient/],
  ["Patient", "_include:recurse", "Patient:link", /iterate/],
  ["Patient", "_revinclude", "Observation:patient:Group", /leads to Patient/],
  ["Patients", "_id", "1", /no resource type/],
];

onEachDatabase("What a search finds", (open) => {
  let opened: Opened;
  const ask = (type: string, query: string, page?: string) =>
    opened.store.search(requestOf(type, query), "everything", page);
  before(async () => {
    opened = await open();
    await opened.store.put(1, importOf(...WORLD));
  });

  for (const [type, cases] of Object.entries(FOUND)) {
    it(`is what the parameters of ${type} say`, async () => {
      for (const [query, ids] of cases) {
        const { entries } = await ask(type, query);
        expect(entries.map(({ id }) => id).join(" "), `${type}?${query}`).to.equal(ids);
      }
    });
  }

  it("is nothing for what it doesn't know: it says so by name", async () => {
    for (const [type, name, value, says] of REFUSED) {
      const request = { type, parameters: [[name, value]] as const };
      const error = await opened.store.search(request, "everything").catch((thrown: unknown) => thrown);
      expect(error, `${type}?${name}=${value}`).to.include({ name: "Refused" });
      expect((error as Refused).message, `${type}?${name}=${value}`).to.match(says);
    }
    const twice = await ask("Patient", "_count=1&_count=2").catch((thrown: unknown) => thrown);
    expect(twice).to.include({ name: "Refused", what: "_count" });
  });

  it("is sorted, what has no value last, and counted where that is asked", async () => {
    const order = async (sort: string): Promise<string> => {
      const { entries } = await ask("Observation", `_sort=${sort}`);
      return entries.map(({ id }) => id).join(" ");
    };
    expect(await order("date")).to.equal("w1 w2 w3 w4");
    expect(await order("-date")).to.equal("w3 w2 w1 w4");
    expect(await order("-value-quantity")).to.equal("w4 w3 w2 w1");
    expect(await order("-status,_id")).to.equal("w1 w3 w4 w2");
    expect(await order("status,-_id")).to.equal("w2 w4 w3 w1");
    expect(await order("-_lastUpdated")).to.equal("w1 w2 w3 w4");
    expect((await ask("Observation", "_count=1&_total=accurate")).total).to.equal(4);
    expect(await ask("Observation", "_count=1")).to.not.have.property("total");
    expect(await ask("Observation", "status=final&_summary=count")).to.deep.equal({ total: 3, entries: [] });
  });

  it("brings along what it is asked to", async () => {
    const brought = async (type: string, query: string): Promise<string> => {
      const { entries } = await ask(type, query);
      return entries.flatMap(({ mode, type: one, id }) => (mode === "include" ? [`${one}/${id}`] : [])).join(" ");
    };
    expect(
      await brought("Observation", "_id=w1&_include=Observation:encounter&_include=Observation:performer"),
    ).to.equal("Encounter/e1 Practitioner/d1");
    expect(await brought("Observation", "_id=w1&_include=Observation:subject:Group")).to.equal("");
    expect(
      await brought("Encounter", "_id=e1&_revinclude=Observation:encounter&_revinclude=Condition:encounter"),
    ).to.equal("Condition/c1 Observation/w1");
    expect(
      await brought("Observation", "_id=w1&_include=Observation:patient&_include:iterate=Patient:organization"),
    ).to.equal("Organization/o1 Patient/p1");
    expect(
      await brought(
        "Observation",
        "_id=w1&_include=Observation:encounter&_include:iterate=Encounter:service-provider&_include:iterate=Organization:partof",
      ),
    ).to.equal("Encounter/e1 Organization/o1 Organization/o2");
    // What matches is there as a match alone.
    expect(await brought("Organization", "_include=Organization:partof")).to.equal("");
  });

  it("is as much of each resource as is asked for, and says that it isn't all", async () => {
    const keys = async (query: string): Promise<string> => {
      const { entries } = await ask("Observation", `_id=w1&${query}`);
      const resource = JSON.parse(entries[0]!.json) as { meta: { tag: { code: string }[] } };
      expect(resource.meta.tag.map(({ code }) => code)).to.deep.equal(["SUBSETTED"]);
      return Object.keys(resource).sort().join(" ");
    };
    expect(await keys("_elements=value,subject")).to.equal("code id meta resourceType status subject valueQuantity");
    expect(await keys("_summary=text")).to.equal("code id meta resourceType status");
    expect(await keys("_summary=data")).to.contain("performer");
    expect(await keys("_summary=true")).to.contain("encounter");
  });

  it("comes in pages, each row once, also while others are written", async () => {
    for (const query of [
      "_count=2",
      "_count=1&_sort=-date",
      "_count=1&_sort=status,-value-quantity",
      "_count=3&_sort=date",
    ]) {
      const whole = await ask("Observation", query.replace(/_count=\d/, "_count=99"));
      const ids: string[] = [];
      let page: string | undefined;
      do {
        const answer = await ask("Observation", query, page);
        ids.push(...answer.entries.map(({ id }) => id));
        page = answer.next;
      } while (page !== undefined);
      expect(ids, query).to.deep.equal(whole.entries.map(({ id }) => id));
    }
    const first = await ask("Observation", "_count=2&_sort=date");
    await opened.store.put(1, importOf(observation("w0", "2019-01-01", 1), observation("w9", "2024-01-01", 1)));
    const second = await ask("Observation", "_count=9&_sort=date", undefined);
    const rest = await ask("Observation", "_count=2&_sort=date", first.next);
    expect(first.entries.map(({ id }) => id)).to.deep.equal(["w1", "w2"]);
    expect(rest.entries.map(({ id }) => id)).to.deep.equal(["w3", "w9"]);
    expect(second.entries).to.have.length(6);
  });

  it("has pages for this search and this asker alone", async () => {
    const { next } = await ask("Observation", "_count=1");
    const refused = async (asked: Promise<unknown>): Promise<void> => {
      expect(await asked.catch((thrown: unknown) => thrown)).to.include({ name: "Refused", what: "page" });
    };
    await refused(ask("Observation", "_count=2", next));
    await refused(ask("Encounter", "_count=1", next));
    await refused(opened.store.search(requestOf("Observation", "_count=1"), [], next));
    await refused(opened.store.everything("p1", { _count: 1 }, "everything", next));
    await refused(ask("Observation", "_count=1", `x${next}`));
    await refused(ask("Observation", "_count=1", "x"));
  });

  it("is everything of a patient, narrowed as asked", async () => {
    const names = async (request: object, page?: string): Promise<string> => {
      const answer = await opened.store.everything("p1", request, "everything", page);
      const rest = answer!.next === undefined ? "" : ` ${await names(request, answer!.next)}`;
      return `${answer!.entries.map(({ type, id }) => `${type}/${id}`).join(" ")}${rest}`;
    };
    const all = await names({});
    expect(all)
      .to.contain("Condition/c1 Encounter/e1 Encounter/e2")
      .and.to.contain("Organization/o2 Patient/p1 Practitioner/d1");
    expect(await names({ _count: 3 })).to.equal(all);
    expect(await names({ _type: ["Encounter", "Patient"] })).to.equal("Encounter/e1 Encounter/e2 Patient/p1");
    expect(await names({ start: "2022", end: "2022-12", _type: ["Observation"] })).to.equal(
      "Observation/w3 Observation/w4",
    );
    expect(await names({ _since: "2999" })).to.equal("");
    expect(await opened.store.everything("p2", {}, "everything")).to.equal(undefined);
    expect(await opened.store.everything("p1", {}, [])).to.equal(undefined);
  });
});

function requestOf(type: string, query: string): SearchRequest {
  const parameters = query.split("&").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
  });
  return { type, parameters };
}
