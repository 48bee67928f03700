import type { HumanName, Identifier, Patient } from "@medplum/fhirtypes";
import { expect } from "chai";
import fc from "fast-check";
import { personPairs } from "../../bench/people/pairs.js";
import { comparePeople } from "../../src/fhir/index.js";

const NHS = "https://fhir.nhs.uk/Id/nhs-number";
const number: Identifier = { system: NHS, value: "9000000009" };
const record: Identifier = { system: "https://general.example.org/mrn", value: "4711" };

/** A name, and what its bearers are called. */
const USUAL_FORMS = [
  ...["William Bill Billy Will Willy Liam", "Robert Bob Bobby Rob Robbie", "Richard Dick Rick Rich"],
  ...["Margaret Peggy Meg Maggie Greta", "Elizabeth Liz Lizzie Beth Betty Eliza Elisabeth", "John Jack Johnny"],
  ...["Katherine Catherine Kate Katie Kathy Cathy Katharina", "James Jim Jimmy Jamie", "José Pepe"],
  ...["Alexander Alex Alec Sandy Sasha Xander Aleksander", "Francisco Paco Pancho Francis Frank"],
  ...["Christopher Chris Kit", "Theodora Dora Thea", "Edward Ed Eddie Ted Ned", "Charles Charlie Chuck"],
  ...["Henry Harry Hank", "Michael Mike Mick", "Anthony Tony", "Susan Sue Susie", "Patricia Pat Patty Tricia"],
  ...["Ignacio Nacho", "Johannes Hans Jan", "Mohammed Mohd Md"],
];

const person = (changes: Partial<Patient> = {}): Patient => ({
  resourceType: "Patient",
  identifier: [number],
  name: [{ family: "Fraser", given: ["Eleanor"] }],
  gender: "female",
  birthDate: "1971-08-23",
  ...changes,
});
const named = (family: string, ...given: string[]): Partial<Patient> => ({ name: [{ family, given }] });
const verdict = (a: Patient, b: Patient): string => comparePeople(a, b).verdict;

describe("comparePeople", () => {
  it("takes one number with one birth date for one person, and warns of a name or gender that alone differs", () => {
    expect(comparePeople(person(), person())).to.deep.equal({
      verdict: "same",
      agrees: ["identifier", "birthDate", "gender", "name.family", "name.given"],
      differs: [],
      warnings: [],
    });
    for (const [changes, element] of [
      [named("Baker", "Eleanor"), "name.family"],
      [{ gender: "male" }, "gender"],
      [named("Baker", "Ingrid"), "name.given"],
    ] as const) {
      const found = comparePeople(person(), person(changes));
      expect([found.verdict, found.differs.includes(element)]).to.deep.equal(["same", true]);
      expect(found.warnings).to.have.length.above(0);
    }
  });

  it("never takes contradictions for one person, whatever number they share", () => {
    for (const changes of [
      { birthDate: "1971-08-24" },
      { identifier: [record, { system: NHS, value: "9000000017" }] },
      { gender: "male", ...named("Fraser", "Hugo") },
      { gender: "male", ...named("Baker", "Eleanor") },
      { gender: "male", birthDate: undefined, ...named("Baker", "Hugo") },
    ] as Partial<Patient>[]) {
      const identifier = [...(changes.identifier ?? [number]), record];
      const one = person({ identifier: [number, record] });
      expect(verdict(one, person({ ...changes, identifier })), JSON.stringify(changes)).to.equal("different");
    }
    const child = (at: number): Patient => person({ ...named("Fraser", "Baby"), multipleBirthInteger: at });
    expect(verdict(child(1), child(2))).to.equal("different");
  });

  it("never merges by name, gender and birth date alone", () => {
    const without = person({ identifier: [] });
    expect(verdict(without, without)).to.equal("doubtful");
    expect(verdict(without, person())).to.equal("doubtful");
    expect(verdict(without, person({ ...named("Baker", "Hugo"), identifier: [] }))).to.equal("different");
  });

  it("believes no number that is shared, temporary or a stand-in", () => {
    for (const identifier of [
      { system: "http://ns.electronichealth.net.au/id/medicare-number", value: "3278851195" },
      { system: NHS, value: "9999999999" },
      { ...record, use: "temp" },
      { ...record, value: "UNKNOWN" },
      { ...record, value: "-" },
      { ...record, value: "not provided" },
      { ...record, value: "000-000" },
      { system: "http://hl7.org/fhir/sid/us-ssn", value: "111-11-1111" },
      { system: "http://hl7.org/fhir/sid/us-ssn", value: "***-**-1234" },
      { system: "http://hl7.org/fhir/sid/us-ssn", value: "xxx-xx-1234" },
      { ...record, type: { coding: [{ code: "SN" }] } },
      { ...record, type: { text: "Temporary number" } },
      { ...record, type: { text: "Carte familiale" } },
      { ...record, type: { coding: [{ code: "MED", display: "Family card" }] } },
      { ...record, system: "https://general.example.org/ids/familyCard/" },
      { ...record, system: "https://general.example.org/subscriber/id" },
      { system: "tel:", value: "+44 20 7946 0000" },
      { value: "4711" },
      { system: record.system },
    ] as Identifier[]) {
      expect(verdict(person({ identifier: [identifier] }), person({ identifier: [identifier] }))).to.equal("doubtful");
    }
  });

  it("believes a number with a wrong check digit only where everything else agrees", () => {
    for (const identifier of [
      { system: NHS, value: "9000000008" },
      { system: "http://hl7.org/fhir/sid/us-ssn", value: "999-12-3456" },
      { system: "http://ns.electronichealth.net.au/id/medicare-number", value: "32788511851" },
    ]) {
      const one = person({ identifier: [identifier] });
      expect(verdict(one, one)).to.equal("same");
      expect(verdict(one, { resourceType: "Patient", identifier: [identifier] })).to.equal("doubtful");
      expect(verdict(one, { ...one, ...named("Baker", "Eleanor") })).to.equal("doubtful");
      expect(verdict(one, { ...one, gender: "unknown" })).to.equal("doubtful");
    }
  });

  it("takes names of one system, and ways of writing a number, for one", () => {
    const other = { system: "urn:oid:2.16.840.1.113883.2.1.4.1", value: "900 000 0009" };
    expect(verdict(person(), person({ identifier: [other] }))).to.equal("same");
  });

  it("asks a person where a missing birth date hides who it is", () => {
    const undated = person({ identifier: [record], ...named("Fraser", "Hugo") });
    delete undated.birthDate;
    expect(verdict(person({ identifier: [record] }), undated)).to.equal("doubtful");
    expect(verdict(person({ identifier: [record] }), { ...undated, ...named("Fraser", "Eleanor") })).to.equal("same");
    expect(verdict(person(), { resourceType: "Patient", identifier: [number] })).to.equal("same");
    expect(verdict(person({ identifier: [record] }), { ...undated, name: [{ family: "Fraser" }] })).to.equal(
      "doubtful",
    );
    // A day that stands for none says nothing, beside a day either.
    for (const nobodys of ["1900-01-01", "0001-01-01", "9999-12-31"]) {
      expect(verdict(person(), person({ birthDate: nobodys })), nobodys).to.equal("same");
      expect(verdict(person({ identifier: [record] }), { ...undated, birthDate: nobodys }), nobodys).to.equal(
        "doubtful",
      );
    }
    const first = { birthDate: "1900-01-01" };
    expect(verdict(person({ ...first, identifier: [record] }), { ...undated, ...first })).to.equal("doubtful");
  });

  it("asks a person where twins may have one number", () => {
    for (const identifier of [[number], [record]]) {
      const twin = person({ identifier, ...named("Fraser", "Emma") });
      expect(verdict(person({ identifier }), twin)).to.equal("doubtful");
    }
    const lettered = (letter: string): Patient => person(named("Fraser", `Baby Girl ${letter}`));
    expect(verdict(lettered("A"), lettered("B"))).to.equal("doubtful");
    const unnamed = person({ identifier: [record], ...named("Fraser", "Baby Girl") });
    expect(verdict(unnamed, unnamed)).to.equal("doubtful");
    // Names that are alike are no slip of the pen where the number doesn't show that it is one person.
    const likely = (given: string): Patient => person({ identifier: [record], ...named("Fraser", given) });
    expect(verdict(likely("Mia"), likely("Mila"))).to.equal("doubtful");
    expect(verdict(likely("Eliza"), likely("Beth"))).to.equal("doubtful");
    expect(verdict(likely("Daniel"), { ...likely("Daniela"), gender: "male" })).to.equal("different");
  });

  it("tells children without a name apart by sex and mark, and not by whose they are", () => {
    const differing = (one: string, other: string): string[] =>
      comparePeople(person(named("Fraser", one)), person(named("Fraser", other))).differs;
    expect(differing("Baby A", "Baby B")).to.deep.equal(["name.given"]);
    expect(differing("Baby Boy", "Baby Girl")).to.deep.equal(["name.given"]);
    expect(differing("Baby of Anna", "Baby of Berta")).to.deep.equal([]);
    const twin: Partial<Patient> = { multipleBirthInteger: 2 };
    expect(comparePeople(person(twin), person(twin)).agrees).to.include("multipleBirth[x]");
  });

  it("takes the last word of a name that is one text for the family's", () => {
    const text = (name: string): Patient => person({ name: [{ text: name }] });
    expect(comparePeople(text("Eleanor Fraser"), text("Eleanor Baker")).differs).to.deep.equal(["name.family"]);
    expect(comparePeople(text("Eleanor Fraser"), text("Ingrid Fraser")).differs).to.deep.equal(["name.given"]);
  });

  it("warns of names that no script has in common", () => {
    const found = comparePeople(person(named("王", "丽")), person());
    expect([found.verdict, found.warnings]).to.deep.equal(["same", ["the names cannot be compared"]]);
  });

  it("warns of a name that is spelt in another way, and asks a person where twins are known of", () => {
    const alike = person(named("Fraser", "Elanor"));
    expect(comparePeople(person(), alike)).to.deep.include({
      verdict: "same",
      warnings: ["the name is spelt in another way"],
    });
    expect(verdict(person({ multipleBirthBoolean: true }), alike)).to.equal("doubtful");
  });

  it("takes no longer for names that are made to take long", () => {
    const words = Array.from({ length: 20_000 }, (_, at) => `w${at}`);
    const name = Array<HumanName>(500).fill({ family: words.join(" "), given: words });
    const long = person({ name });
    const other = person({ name: [{ text: "a".repeat(100_000) }, { given: [...words].reverse() }] });
    expect(verdict(long, long)).to.equal("same");
    expect(comparePeople(long, other).agrees).to.include("identifier");
  });

  it("reads what nobody has validated", () => {
    const odd = {
      resourceType: "Patient",
      identifier: [null, 7, { system: 1, value: [] }],
      name: [null, "x", { given: 3 }],
    };
    const others = [odd, { ...odd, identifier: {}, name: {} }, { resourceType: "Patient", birthDate: 7, gender: null }];
    for (const other of others as unknown as Patient[]) {
      expect(verdict(person(), other)).to.equal("doubtful");
      expect(verdict(other, other)).to.equal("doubtful");
    }
  });

  it("takes a child for the one that it was before it had a name", () => {
    for (const before of ["Baby", "Baby Boy", "Newborn", "Baby of Maria", "BG"]) {
      const unnamed = person({ identifier: [record], ...named("Fraser", before) });
      expect(verdict(unnamed, person({ identifier: [record] })), before).to.equal("same");
    }
  });

  it("takes spellings, transliterations and other scripts of a name for that name", () => {
    for (const [one, other] of [
      [named("Müller", "Jörg"), named("MUELLER", "Joerg")],
      [named("O’Connor", "Siobhán"), named("OConnor", "Siobhan")],
      [named("Łukaszewicz", "Paweł"), { name: [{ text: "LUKASZEWICZ, Pawel" }] }],
      [named("García López", "Ana María"), named("Garcia", "Ana")],
      [named("王", "丽"), named("Wang", "Li")],
      [named("Al-Hassan", "Muhammad"), named("Alhasan", "Mohamed")],
    ] as [Partial<Patient>, Partial<Patient>][]) {
      const found = comparePeople(person({ identifier: [record], ...one }), person({ identifier: [record], ...other }));
      expect([found.verdict, found.differs], JSON.stringify(other)).to.deep.equal(["same", []]);
    }
  });

  it("takes a usual short form of a name for that name", () => {
    const likely = (given: string): Patient => person({ identifier: [record], ...named("Fraser", given) });
    for (const [name, ...forms] of USUAL_FORMS.map((line) => line.split(" ")) as [string, ...string[]][]) {
      for (const form of forms) expect(verdict(likely(name), likely(form)), `${name}, ${form}`).to.equal("same");
    }
  });

  it("takes day and month the other way round for one day only where the number is certain", () => {
    const [one, other] = [{ birthDate: "1971-08-03" }, { birthDate: "1971-03-08" }];
    expect(comparePeople(person(one), person(other))).to.deep.include({ verdict: "same", differs: ["birthDate"] });
    expect(verdict(person({ ...one, identifier: [record] }), person({ ...other, identifier: [record] }))).to.equal(
      "doubtful",
    );
    expect(verdict(person(one), person({ ...other, ...named("Fraser", "Emma") }))).to.equal("different");
  });

  it("asks a person about two record numbers of one hospital, unless everything else agrees", () => {
    const second = { ...record, value: "4712" };
    expect(verdict(person({ identifier: [number, record] }), person({ identifier: [number, second] }))).to.equal(
      "same",
    );
    const passport = { system: "http://hl7.org/fhir/sid/passport-ITA", value: "YA1" };
    expect(verdict(person({ identifier: [passport, record] }), person({ identifier: [passport, second] }))).to.equal(
      "doubtful",
    );
  });

  it("asks a person about a second number of a system that gives each person one, unless everything else agrees", () => {
    const two = person({ identifier: [number, { system: NHS, value: "9000000017" }] });
    expect(verdict(two, person())).to.equal("same");
    expect(verdict(two, person(named("Baker", "Eleanor")))).to.equal("doubtful");
    for (const replaced of [{ use: "old" }, { period: { end: "2015-01-01" } }] as Partial<Identifier>[]) {
      const before = { ...number, ...replaced };
      const now = person({ identifier: [before, { system: NHS, value: "9000000017" }], ...named("Baker", "Eleanor") });
      expect(comparePeople(now, person({ identifier: [before] })).differs).to.deep.equal(["name.family"]);
      expect(verdict(now, person())).to.equal("same");
    }
    const ending = { ...number, period: { end: "2999-12-31" } };
    const other = { system: NHS, value: "9000000017" };
    expect(verdict(person({ identifier: [ending, record] }), person({ identifier: [other, record] }))).to.equal(
      "different",
    );
  });

  it("knows a system however it is written", () => {
    for (const system of [`${NHS}/`, NHS.toUpperCase(), NHS.replace("https", "http"), "2.16.840.1.113883.2.1.4.1"]) {
      expect(verdict(person(), person({ identifier: [{ system, value: "900 000–0009" }] })), system).to.equal("same");
      const wrong = person({ identifier: [{ system, value: "9000000008" }] });
      expect(verdict(wrong, { ...wrong, ...named("Baker", "Eleanor") }), system).to.equal("doubtful");
      const [one, other] = ["9000000009", "9000000017"].map((value) =>
        person({ identifier: [{ system, value }, record] }),
      );
      expect(verdict(one as Patient, other as Patient), system).to.equal("different");
    }
    const swede = (value: string): Patient =>
      person({ identifier: [{ system: "urn:oid:1.2.752.129.2.1.3.1", value }], ...named("Fraser", "Eleanor") });
    expect(verdict(swede("19811228-9874"), swede("811228-9874"))).to.equal("same");
  });

  it("asks a person where two died on two days, and never takes a dead person for one who was born later", () => {
    const died = (deceasedDateTime: string): Patient => person({ deceasedDateTime });
    for (const [one, other, expected] of [
      ["2010-01-01", "2015-05-05", "doubtful"],
      ["2015", "2015-05-05", "same"],
      ["2015-05-05T23:30:00Z", "2015-05-06", "same"],
    ] as const) {
      expect(verdict(died(one), died(other)), `${one} ${other}`).to.equal(expected);
    }
    expect(comparePeople(died("2010"), died("2015")).differs).to.deep.equal(["deceased[x]"]);
    expect(verdict(died("2010"), { ...died("2015"), gender: "male" })).to.equal("different");
    expect(verdict(died("2010"), person({ deceasedBoolean: true }))).to.equal("same");
    const undated = died("1950-01-01");
    delete undated.birthDate;
    expect(comparePeople(undated, person())).to.deep.include({ verdict: "different", differs: ["deceased[x]"] });
  });

  it("compares no name that hides a person", () => {
    const hidden = person({ name: [{ use: "anonymous", family: "Doe", given: ["Jane"] }] });
    expect(comparePeople(hidden, person()).differs).to.deep.equal([]);
  });

  it("does not compare ids, unless they are known to name one resource", () => {
    const one = person({ id: "1", identifier: [] });
    expect(verdict(one, one)).to.equal("doubtful");
    expect(comparePeople(one, one, { sameResource: true }).verdict).to.equal("same");
    const other = { ...one, gender: "male", ...named("Baker", "Hugo") } as Patient;
    expect(comparePeople(one, other, { sameResource: true }).verdict).to.equal("different");
  });

  it("says the same whichever comes first, and nothing from the resources", () => {
    const texts = fc.constantFrom("Fraser", "Baker", "Eleanor", "Hugo", "Baby A", "Müller", "王", "");
    const arbitrary = fc.record(
      {
        identifier: fc.array(
          fc.record({
            system: fc.constantFrom(NHS, "urn:x"),
            value: fc.constantFrom("9000000009", "9000000017", "1"),
            use: fc.constantFrom("usual", "old", "temp"),
          }),
          { maxLength: 3 },
        ),
        name: fc.array(fc.record({ family: texts, given: fc.array(texts, { maxLength: 2 }) }), { maxLength: 2 }),
        gender: fc.constantFrom("male", "female", "unknown"),
        birthDate: fc.constantFrom("1971", "1971-08-03", "1971-03-08", "1980-01-01"),
        multipleBirthInteger: fc.constantFrom(1, 2),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(arbitrary, arbitrary, (a, b) => {
        const [one, other] = [a, b].map((part) => ({ resourceType: "Patient", ...part })) as [Patient, Patient];
        const [there, back] = [comparePeople(one, other), comparePeople(other, one)];
        expect(there).to.deep.equal(back);
        expect(JSON.stringify(there)).not.to.match(/Fraser|Eleanor|9000000|1971/);
        const dates = [one.birthDate, other.birthDate];
        if (dates.includes("1980-01-01") && dates.some((date) => date?.startsWith("1971"))) {
          expect(there.verdict).to.equal("different");
        }
      }),
    );
  });

  it("merges nobody wrongly in the measured set, and refuses one in fifty at most", () => {
    const pairs = personPairs().map((pair) => ({ ...pair, same: verdict(pair.a, pair.b) === "same" }));
    const [ofOne, ofTwo] = [pairs.filter(({ onePerson }) => onePerson), pairs.filter(({ onePerson }) => !onePerson)];
    expect(ofOne.length).to.be.at.least(200);
    expect(ofTwo.length).to.be.at.least(200);
    expect(ofTwo.filter(({ same }) => same).map(({ kind }) => kind)).to.deep.equal([]);
    expect(ofOne.filter(({ same }) => !same).length / ofOne.length).to.be.at.most(0.02);
  });
});
