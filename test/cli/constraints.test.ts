import { writeFile } from "node:fs/promises";

import { expect } from "chai";

import { parseFhirText } from "../../src/fhir/index.js";
import { createStage, type Outcome, type Stage } from "./run-step.js";

const weight = (day: string) => ({
  ...{ resourceType: "Observation", status: "final", subject: { reference: "Patient/1" }, effectiveDateTime: day },
  ...{ code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] }, encounter: { reference: "Encounter/9" } },
});

const DAYS = ["2023-12-31", "2024-01-01", "2024-06-30", "2025-01-01"];
const [HOSPITAL, PAYER, ALICE, BOB] = [1, 2, 3, 4];

/** A grant that is narrowed, from what the patient says to what a payer reads. */
describe("steps that narrow a grant", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  const digests: Record<string, string[]> = {};

  const take = (name: string, ...files: string[]) =>
    stage.step("record take", [...files.map((file) => stage.at(file)), ...home(name)]);
  const read = (digest: string) =>
    stage.step("record open", ["--digest", digest, "--purpose", "HPAYMT", ...home("payer")]);
  const grantTo = (viewer: number, ...args: string[]) => [
    ...["--viewer", String(viewer), "--categories", "OBSERVATION", "--purpose", "HPAYMT", "--days", "30", ...args],
  ];
  const delivery = (patient: number, file: string) => [
    ...["--deliver-only", "--patient", String(patient), "--viewer", String(PAYER), "--purpose", "HPAYMT"],
    ...["--deliver", stage.at(file), ...home("hospital")],
  ];
  const worked = (outcome: Outcome): string => {
    expect(outcome.code, `${outcome.stdout}${outcome.stderr}`).to.equal(0);
    return outcome.stdout;
  };
  /** No line but a command to copy is wider than a terminal. */
  const fitting = (text: string): string => {
    for (const line of text.split("\n").filter((each) => /[│┌└]/.test(each)))
      expect(line.length, line).to.be.at.most(80);
    return text;
  };

  before(async () => {
    // The definitions take their time to load. The node, in this process, would have let go of its connections meanwhile.
    await parseFhirText(JSON.stringify(weight("2024-01-01")), "an input");
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("account register-provider", ["--name", "Claims Office", "--fund", ...home("payer")]);
    await stage.json("authority license", ["--institution", String(HOSPITAL), "--roles", "PROVIDER"]);
    await stage.json("authority license", ["--institution", String(PAYER), "--roles", "PAYER"]);
    await stage.json("account register-patient", ["--fund", ...home("alice")]);
    await stage.json("account register-patient", ["--sign", stage.at("bob-registers.json"), ...home("bob")]);
    await stage.json("relay", ["--file", stage.at("bob-registers.json"), ...home("hospital")]);

    const proposed = ["--patient", String(ALICE), "--days", "30", "--terms", stage.at("terms.json")];
    await stage.json("relationship propose", [...proposed, ...home("hospital")]);
    const approved = ["--provider", String(HOSPITAL), "--yes", "--terms", stage.at("terms.json")];
    await stage.json("relationship approve", [...approved, ...home("alice")]);
    const offer = ["--patient", String(BOB), "--offer", stage.at("offer.json")];
    await stage.json("relationship propose", [...offer, ...home("hospital")]);
    const accepted = ["--offer", stage.at("offer.json"), "--sign", stage.at("accepts.json"), "--yes"];
    await stage.json("relationship approve", [...accepted, ...home("bob")]);
    await stage.json("relay", ["--file", stage.at("accepts.json"), ...home("hospital")]);

    for (const [name, patient] of [
      ["alice", ALICE],
      ["bob", BOB],
    ] as const) {
      for (const day of DAYS) {
        await writeFile(stage.at(`${day}.json`), JSON.stringify(weight(day)));
        const input = ["--patient", String(patient), "--input", stage.at(`${day}.json`), "--override", "a test"];
        await stage.json("record add", [...input, ...home("hospital")]);
      }
      const own = [
        "--patient",
        String(patient),
        "--viewer",
        String(patient),
        "--deliver",
        stage.at(`for-${name}.json`),
      ];
      await stage.json("consent grant", ["--deliver-only", ...own, ...home("hospital")]);
      await stage.json("record take", [stage.at(`for-${name}.json`), ...home(name)]);
      const { records } = await stage.json<{ records: { digest: string }[] }>("record list", home(name));
      digests[name] = records.map(({ digest }) => digest);
      expect(records).to.have.length(DAYS.length);
    }
  });
  after(() => stage.close());

  it("what can't be meant is refused, and nothing is granted", async () => {
    const bobs = digests["bob"]![0]!;
    const table: [code: string, says: string, args: string[]][] = [
      ["BAD_USAGE", "--classes needs one of PSY, ", ["--classes", "PSY,COLD"]],
      ["BAD_USAGE", "NONE stands alone", ["--classes", "PSY,NONE"]],
      ["BAD_USAGE", "--from is after --to", ["--from", "2024-02-02", "--to", "2024-02-01"]],
      ["BAD_USAGE", "--encounter needs an encounter", ["--encounter", "9"]],
      ["BAD_USAGE", "--not-before: that can be two days", ["--not-before", "03/04/2030"]],
      ["BAD_USAGE", "leave --to out", ["--lift-constraint", "--to", "2024-02-01"]],
      ["BAD_USAGE", "say by what", ["--constraint", stage.at("x.json"), "--steward", "1"]],
      ["BAD_USAGE", "--constraint-for is missing", ["--to", "2024-02-01", "--constraint", stage.at("x.json")]],
      ["BAD_USAGE", "--constraint-for goes with", ["--to", "2024-02-01", "--constraint-for", "1"]],
      ["RECORD_UNKNOWN", "no record 0x00000000", ["--records", "0x00000000"]],
      ["RECORD_UNKNOWN", "of patient 3", ["--records", `0x${"00".repeat(32)}`]],
      ["RECORD_UNKNOWN", "of patient 3", ["--records", bobs]],
      ["RECORD_UNKNOWN", "that provider 2 keeps", ["--records", digests["alice"]![0]!, "--steward", "2"]],
    ];
    for (const [code, says, args] of table) {
      const { stderr, code: exit } = await stage.step("consent grant", [...grantTo(PAYER, ...args), ...home("alice")]);
      expect(stderr.replace(/\s+/g, " "), args.join(" ")).to.include(code).and.include(says);
      expect(exit).to.equal(code === "BAD_USAGE" ? 2 : 1);
    }
    const ofCare = ["--viewer", String(PAYER), "--categories", "CARE", "--purpose", "HPAYMT", "--days", "30"];
    const records = ["--records", digests["alice"]!.join(","), "--steward", "1", ...home("alice")];
    const { code, stderr: none } = await stage.step("consent grant", [...ofCare, ...records]);
    expect(code).to.equal(1);
    expect(none.replace(/\s+/g, " ")).to.include("RECORDS_NOT_GRANTED").and.include("of OBSERVATION");
    const twice = ["--deliver-only", "--viewer", "2", "--purpose", "HPAYMT", "--deliver", stage.at("x.json")];
    const { stderr } = await stage.step("consent grant", [...twice, "--to", "2024-02-01", ...home("alice")]);
    expect(stderr).to.include("BAD_USAGE").and.include("leave --to out");
    expect((await stage.step("consent grant", delivery(ALICE, "x.json"))).stderr).to.include("NOT_GRANTED");
  });

  it("a payer reads exactly the three records that were named", async () => {
    const [first, second, third, fourth] = digests["alice"] as [string, string, string, string];
    const named = [first, second, third].map((digest) => digest.slice(0, 18)).join(",");
    const args = ["--records", named, "--steward", String(HOSPITAL), "--constraint", stage.at("for-hospital.json")];
    const granting = [...grantTo(PAYER, ...args), ...home("alice")];
    const said = fitting(worked(await stage.step("consent grant", granting, { COLUMNS: "80" })));
    expect(said)
      .to.match(/narrowed to +│ 3 records: 0x/)
      .and.include(first.slice(0, 14));
    const commands = said.replace(/ \\\n +/g, " ");
    expect(commands).to.include("chartchain record take --home THEIRS");
    expect(commands).to.match(/chartchain consent grant --home \S+ \d+ --deliver-only/);
    expect(said).to.include("for-hospital.json").and.not.include(fourth.slice(0, 14));

    const before = await stage.step("consent grant", delivery(ALICE, "for-payer.json"));
    expect(before.stderr).to.include("CONSENT_DENIED").and.include("narrowed");
    expect((await take("payer", "for-hospital.json")).stderr).to.include("GRANT_FOR_SOMEBODY_ELSE");
    expect(worked(await take("hospital", "for-hospital.json"))).to.include("what narrows patient 3's grant to 2");
    expect(worked(await stage.step("consent grant", delivery(ALICE, "for-payer.json")))).to.include("3 records");
    expect(worked(await take("payer", "for-payer.json"))).to.include("3 new records");
    for (const digest of [first, second, third]) worked(await read(digest));
    const refused = await read(fourth);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include("RECORD_UNKNOWN");
    const whole = await stage.json<{ records: { digest: string }[] }>("record list", home("payer"));
    expect(whole.records.map(({ digest }) => digest)).to.have.members([first, second, third]);
  });

  it("a grant that says nothing leaves it, and one that lifts it opens the rest", async () => {
    const fourth = digests["alice"]![3]!;
    worked(await stage.step("consent grant", [...grantTo(PAYER, "--steward", "1"), ...home("alice")]));
    expect((await stage.step("consent grant", delivery(ALICE, "more.json"))).stderr).to.include("NOTHING_TO_DELIVER");
    const lifting = [...grantTo(PAYER, "--steward", "1", "--lift-constraint"), ...home("alice")];
    expect(worked(await stage.step("consent grant", lifting))).to.include("what there was is lifted");
    worked(await stage.step("consent grant", delivery(ALICE, "more.json")));
    worked(await take("payer", "more.json"));
    worked(await read(fourth));
  });

  it("narrowed again, the payer is refused what it holds, and Alice can deliver herself", async () => {
    const [first, , , fourth] = digests["alice"] as [string, string, string, string];
    const narrowing = grantTo(
      PAYER,
      "--records",
      first,
      "--steward",
      "1",
      "--deliver",
      stage.at("again-for-payer.json"),
    );
    worked(await stage.step("consent grant", [...narrowing, ...home("alice")]));
    for (const digest of [first, fourth]) expect((await read(digest)).stderr).to.include("CONSENT_DENIED");
    worked(await take("payer", "again-for-payer.json"));
    worked(await read(first));
    const refused = await read(fourth);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include("CONSENT_DENIED").and.include("CONSTRAINED");
    expect(refused.stderr, "not: ask for a grant").to.include("A grant is there, and narrowed");
    const { records } = await stage.json<{ records: { digest: string; readableFor: string[] }[] }>(
      "record list",
      home("payer"),
    );
    for (const { digest, readableFor } of records) {
      expect(readableFor, "the list says what opening does").to.deep.equal(digest === first ? ["HPAYMT"] : []);
    }
  });

  it("what would lose its narrowing is refused before it is sent, and shown where it is said to be meant", async () => {
    const first = digests["alice"]![0]!;
    const of = (category: string, ...args: string[]) => [
      ...["--viewer", String(PAYER), "--categories", category, "--purpose", "HOPERAT", "--days", "30", ...args],
      ...home("alice"),
    ];
    const refused = async (says: RegExp, args: string[]) => {
      const { code, stderr } = await stage.step("consent grant", args);
      expect(code).to.equal(1);
      expect(stderr.replace(/\s+/g, " ")).to.include("NARROWING_LOST").and.include("--lose-narrowing").and.match(says);
    };
    const at = ["--steward", String(HOSPITAL)];
    const psy = of("SENSITIVE", "--classes", "PSY", ...at);
    expect(fitting(worked(await stage.step("consent grant", psy, { COLUMNS: "80" })))).to.match(
      /all of it +│ SENSITIVE /,
    );
    const later = of("MEDICATION", "--from", "2019-01-01", ...at);
    await refused(/SENSITIVE of provider 1, which .* no longer be narrowed to classes PSY/, later);
    await refused(/SENSITIVE/, of("MEDICATION", "--lift-constraint", ...at));
    const { code, stderr } = await stage.step("consent grant", of("OBSERVATION", "--classes", "PSY"));
    expect([code, stderr]).to.satisfy(
      ([exit, text]: [number, string]) => exit === 1 && /CLASSES_OF_ORDINARY/.test(text),
    );
    const same = worked(await stage.step("consent grant", of("MEDICATION", "--classes", "PSY", ...at)));
    expect(same).to.match(/all of it +│ MEDICATION, SENSITIVE/);
    const plain = worked(await stage.step("consent grant", of("CARE", ...at)));
    expect(plain, "what stays")
      .to.include("PSY: mental health")
      .and.match(/all of it +│ MEDICATION, CARE, SENSITIVE/);
    const meant = worked(await stage.step("consent grant", [...later, "--lose-narrowing"]));
    expect(meant.replace(/\s+/g, " ")).to.include("As you said: CARE, SENSITIVE of provider 1, which");

    worked(await stage.step("consent grant", of("OBSERVATION")));
    const vain = of("OBSERVATION", "--records", first, ...at, "--lose-narrowing");
    await refused(
      /1 record narrows nothing beside the wider grant of every provider/,
      vain.filter((each) => each !== "--lose-narrowing"),
    );
    const said = worked(await stage.step("consent grant", vain)).replace(/\s+/g, " ");
    expect(said).to.include("As you said:").and.include("narrows nothing beside the wider grant of every provider");
    await refused(/every provider/, of("OBSERVATION"));
    await refused(/every provider/, of("OBSERVATION", "--sign", stage.at("vain.json")));
  });

  it("a patient without ether signs, and the provider is told once that is relayed", async () => {
    const signing = [
      ...grantTo(PAYER, "--from", "2024-01-01", "--to", "2024-06-30", "--encounter", "Encounter/9"),
      ...["--classes", "none", "--sign", stage.at("signed.json"), ...home("bob")],
    ];
    const said = fitting(worked(await stage.step("consent grant", signing, { COLUMNS: "80" })));
    expect(said)
      .to.include("what is about 2024-01-01 00:00 UTC or later")
      .and.include("what is about 2024-06-30 23:59 UTC or earlier")
      .and.include("what belongs to Encounter/9")
      .and.include("nothing that is sensitive");
    const telling = ["--deliver-only", "--viewer", String(PAYER), "--purpose", "HPAYMT", "--constraint-for", "1"];
    const tell = [...telling, "--constraint", stage.at("bobs.json"), ...home("bob")];
    expect((await stage.step("consent grant", tell)).stderr).to.include("CONSTRAINT_MISSING");
    worked(await stage.step("relay", ["--file", stage.at("signed.json"), ...home("hospital")]));
    expect(worked(await stage.step("consent grant", tell))).to.include("Wrote for provider 1");
    worked(await take("hospital", "bobs.json"));
    expect(worked(await stage.step("consent grant", delivery(BOB, "bobs-for-payer.json")))).to.include("2 records");
    worked(await take("payer", "bobs-for-payer.json"));
    const [early, first, last, late] = digests["bob"] as [string, string, string, string];
    for (const digest of [first, last]) worked(await read(digest));
    for (const digest of [early, late]) expect((await read(digest)).stderr).to.include("RECORD_UNKNOWN");
  });

  it("a constraint that was replaced is refused", async () => {
    const again = [...grantTo(PAYER, "--not-before", "2024-01-01", "--sign", stage.at("again.json")), ...home("bob")];
    expect(worked(await stage.step("consent grant", again))).to.include("nothing before 2024-01-01 00:00 UTC");
    worked(await stage.step("relay", ["--file", stage.at("again.json"), ...home("hospital")]));
    expect((await take("hospital", "bobs.json")).stderr).to.include("CONSTRAINT_STALE");
  });
});
