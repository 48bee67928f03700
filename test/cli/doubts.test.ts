import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { expect } from "chai";

import { parseFhirText } from "../../src/fhir/index.js";
import { createStage, type Outcome, type Stage } from "./run-step.js";

const NHS = "https://fhir.nhs.uk/Id/nhs-number";
const person = (id: string, number: string, family: string, birthDate: string) => ({
  ...{ resourceType: "Patient", id, identifier: [{ system: NHS, value: number }], name: [{ family, given: ["Kim"] }] },
  ...{ gender: "female", birthDate },
});
const weight = (subject: string) => ({
  ...{ resourceType: "Observation", status: "final", subject: { reference: subject } },
  code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
});
const bundle = (...resources: object[]) =>
  JSON.stringify({ resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) });

interface Waiting {
  item: number;
  code: string;
  patient: number;
}

/** The steps with which people resolve what the software won't decide, and take back what went wrong. */
describe("steps about whose data it is", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  const ALICE = person("1", "9434765919", "Novak", "1961-04-17");
  const BERTA = person("2", "9000000009", "Ilves", "1987-11-30");

  const NARROW = { COLUMNS: "80" };
  /** No line is wider than a terminal. */
  const fitting = ({ stdout, stderr }: Outcome): string => {
    for (const line of `${stdout}${stderr}`.split("\n").filter((text) => /[│┌└]/.test(text))) {
      expect(line.length, line).to.be.at.most(80);
    }
    return stdout;
  };
  const refused = async (code: string, step: string, args: string[]): Promise<Outcome> => {
    const outcome = await stage.step(step, [...args, ...home("hospital")]);
    expect(outcome.stderr).to.include(code);
    expect(outcome.code).to.equal(code === "BAD_USAGE" ? 2 : 1);
    return outcome;
  };
  const add = (patient: number, name: string) => ["--patient", String(patient), "--input", stage.at(name)];
  const waiting = async () => (await stage.json<{ waiting: Waiting[] }>("worklist", home("hospital"))).waiting;
  const resolve = (item: number, ...args: string[]) =>
    stage.step("worklist", ["--item", String(item), ...args, "--yes", ...home("hospital")]);

  before(async () => {
    // The definitions take their time to load. The node, in this process, would have let go of its connections meanwhile.
    await parseFhirText(bundle(ALICE), "an input");
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("authority license", ["--institution", "1", "--roles", "PROVIDER"]);
    for (const [name, id] of [
      ["alice", "2"],
      ["berta", "3"],
    ] as const) {
      await stage.json("account register-patient", ["--fund", ...home(name)]);
      const terms = ["--terms", stage.at(`terms-${name}.json`)];
      await stage.json("relationship propose", ["--patient", id, "--days", "30", ...terms, ...home("hospital")]);
      await stage.json("relationship approve", ["--provider", "1", "--yes", ...terms, ...home(name)]);
    }
    await writeFile(stage.at("alice.json"), bundle(ALICE, weight("Patient/1")));
    await writeFile(stage.at("berta.json"), bundle(BERTA, weight("Patient/2")));
    await writeFile(stage.at("both.json"), bundle(ALICE, BERTA, weight("Patient/2")));
    await writeFile(stage.at("foreign.json"), bundle(ALICE, weight("Patient/7")));
    await stage.json("record add", [...add(2, "alice.json"), ...home("hospital")]);
  });
  after(() => stage.close());

  it("another person's bundle stops before the chart, and waits", async () => {
    const { stderr } = await refused("CHART_CONTRADICTED", "record add", add(2, "berta.json"));
    expect(stderr).to.include("identifier, birthDate, name.family").and.include("item 1");
    expect(stderr).not.to.match(/Ilves|1987|9000000009/);
  });

  it("a record without a Patient in it is held against the chart by what it names", async () => {
    const number = (value: string) => ({ ...weight("Patient/1"), subject: { identifier: { system: NHS, value } } });
    await writeFile(stage.at("berta-alone.json"), JSON.stringify(number("9000000009")));
    const { stderr } = await refused("CHART_CONTRADICTED", "record add", add(2, "berta-alone.json"));
    expect(stderr).to.include("patient 2: identifier").and.not.include("9000000009");
    await writeFile(stage.at("bob.json"), JSON.stringify(weight("Patient/0000-bob")));
    const added = await stage.step("record add", [...add(2, "bob.json"), ...home("hospital")]);
    expect(added.code).to.equal(0);
    expect(added.stderr.replace(/\s+/g, " "))
      .to.include("Observation.subject refers to Patient/0000-bob, an id that this chart has never seen")
      .and.include("retract the record");
    const item = (await waiting()).at(-1)!.item;
    expect((await resolve(item, "--discard", "--reason", "sent to us by mistake")).code).to.equal(0);
  });

  it("is added all the same where somebody says why, which is logged", async () => {
    const foreign = bundle({ ...ALICE, birthDate: "1961-07-14" }, weight("Patient/1"));
    await writeFile(stage.at("corrected.json"), foreign);
    await refused("BAD_USAGE", "record add", [
      ...["--patient", "2", "--file", stage.at("alice.json"), "--category", "CARE", "--media-type", "text/plain"],
      ...["--override", "because"],
    ]);
    await refused("CHART_CONTRADICTED", "record add", add(2, "corrected.json"));
    await stage.json("record add", [...add(2, "corrected.json"), "--override", "passport seen", ...home("hospital")]);
    const log = fitting(await stage.step("worklist", ["--log", ...home("hospital")], NARROW));
    expect(log).to.include("override").and.include("passport seen").and.include("birthDate");
  });

  it("inputs in doubt are listed with why, and shown with whom they name", async () => {
    await refused("MULTIPLE_PATIENTS", "record add", add(2, "both.json"));
    await refused("FOREIGN_PATIENT", "record add", add(2, "foreign.json"));
    const list = fitting(await stage.step("worklist", home("hospital"), NARROW));
    expect(list).to.include("4 items waiting").and.include("MULTIPLE_PATIENTS").and.include("FOREIGN_PATIENT");
    const [{ item }] = (await waiting()).filter(({ code }) => code === "MULTIPLE_PATIENTS") as [Waiting];
    const shown = fitting(await stage.step("worklist", ["--item", String(item), ...home("hospital")], NARROW));
    expect(shown)
      .to.match(/2 │ Observation +│ Patient\/2/)
      .and.match(/0 │ Patient +│ Kim Novak, born 1961-04-17, id 1 /)
      .and.match(/in doubt +│ /);
    const wide = await stage.step("worklist", ["--item", String(item), ...home("hospital")]);
    expect(wide.stdout).to.include("both.json");
    // Each decision is a command, in which a shell finds nothing of its own.
    const decisions = wide.stdout.match(/^ *chartchain worklist .*/gm)!;
    expect(decisions.map((line) => /--(assign 2|split|discard)/.exec(line)?.[1])).to.deep.equal([
      ...["assign 2", "split", "discard"],
    ]);
    for (const line of decisions) expect(line).not.to.match(/[|()<>;&…]/);
  });

  it("each is assigned, split or discarded, with a reason", async () => {
    const itemOf = async (code: string) => (await waiting()).find((each) => each.code === code)!.item;
    const both = await itemOf("MULTIPLE_PATIENTS");
    const split = await stage.json<{ splitOff: number; rest: number }>("worklist", [
      ...["--item", String(both), "--split", "1,2", "--reason", "two people", "--yes", ...home("hospital")],
    ]);
    expect(fitting(await resolve(split.splitOff, "--assign", "3", "--reason", "hers"))).to.include("for patient 3");
    expect((await resolve(split.rest, "--discard", "--reason", "known already")).code).to.equal(0);
    const contradicting = await resolve(1, "--assign", "2", "--reason", "looked at it");
    expect(contradicting.stderr).to.include("CHART_CONTRADICTED");
    expect((await resolve(1, "--discard", "--reason", "somebody else's")).code).to.equal(0);
    for (const { item } of await waiting()) await resolve(item, "--discard", "--reason", "tidied up");
    expect(await waiting()).to.deep.equal([]);
    const { decisions } = await stage.json<{ decisions: { kind: string }[] }>("worklist", [
      "--log",
      ...home("hospital"),
    ]);
    expect(decisions.map(({ kind }) => kind)).to.include.members(["override", "split", "assign", "discard"]);
    const log = fitting(await stage.step("worklist", ["--log", ...home("hospital")], NARROW));
    expect(log).to.include("CHART_CONTRADICTED,").and.not.include("CHART_CONTRA…");
  });

  it("what is in doubt among the files of a folder waits, and who is meant gets the others", async () => {
    const folder = stage.at("doubtful");
    await mkdir(folder);
    await writeFile(join(folder, "berta.json"), bundle(BERTA, weight("Patient/2")));
    await writeFile(join(folder, "foreign.json"), bundle(ALICE, weight("Patient/7")));
    await writeFile(join(folder, "nobody.json"), JSON.stringify({ ...weight("x"), subject: { display: "Kim" } }));
    await writeFile(join(folder, "x.txt"), "no matter");
    const bad = await refused("FHIR_FOLDER_HAS_BAD_FILES", "record add", add(3, "doubtful"));
    expect(bad.stderr).to.include("--about").and.not.include("skipBad");
    const done = await stage.step("record add", [...add(3, "doubtful"), "--about", "Patient/2", ...home("hospital")]);
    expect(done.code, done.stderr).to.equal(0);
    expect(done.stderr).to.include("foreign.json").and.include("worklist");
    expect(done.stderr).to.include("Left out of the folder: x.txt (neither FHIR nor another format of health data).");
    expect((await waiting()).map(({ code }) => code).sort()).to.deep.equal(["FOREIGN_PATIENT", "NO_PATIENT"]);
    for (const { item } of await waiting()) await resolve(item, "--discard", "--reason", "tidied up");
  });

  it("a folder with bad files is refused whole, or its good ones are added and each other one is named or waits", async () => {
    const folder = stage.at("folder");
    await mkdir(folder);
    await writeFile(join(folder, "a.json"), bundle(ALICE, { ...weight("Patient/1"), issued: "2024-05-06T07:08:09Z" }));
    await writeFile(join(folder, "b.json"), bundle(ALICE, weight("Patient/7")));
    await writeFile(join(folder, "c.json"), "{");
    const { stderr } = await refused("FHIR_FOLDER_HAS_BAD_FILES", "record add", add(2, "folder"));
    expect(stderr).to.include("--skip-bad");
    expect(await waiting(), "nothing half-done").to.deep.equal([]);
    const skip = [...add(2, "folder"), "--skip-bad", ...home("hospital")];
    const first = await stage.step("record add", skip);
    expect(first.stderr).to.include("b.json").and.include("worklist").and.include("c.json").and.include("NOT_JSON");
    expect((await waiting()).map(({ code }) => code)).to.deep.equal(["FOREIGN_PATIENT"]);
    const again = await stage.json<{ records: []; left: { waiting: { file: string }[]; others: { file: string }[] } }>(
      "record add",
      skip,
    );
    expect(again.records, "nothing twice").to.deep.equal([]);
    const [kept, named] = [again.left.waiting, again.left.others].map((files) =>
      files.map(({ file }) => basename(file)),
    );
    expect([kept, named]).to.deep.equal([["b.json"], ["c.json"]]);
    expect(await waiting()).to.have.length(1);
    for (const { item } of await waiting()) await resolve(item, "--discard", "--reason", "tidied up");
  });

  it("half a decision is refused", async () => {
    const usages = [
      ["--assign", "2"],
      ["--item", "1", "--assign", "2"],
      ["--item", "1", "--reason", "x"],
      ["--item", "1", "--discard", "--assign", "2", "--reason", "x"],
      ["--item", "1", "--override", "--discard", "--reason", "x"],
      ["--item", "1", "--log"],
    ];
    for (const args of usages) await refused("BAD_USAGE", "worklist", args);
    await refused("WORKLIST_ITEM_UNKNOWN", "worklist", ["--item", "1"]);
  });

  it("a record in the wrong chart is retracted, and both patients are told", async () => {
    const list = () => stage.json<{ records: { digest: string; patient: number }[] }>("record list", home("hospital"));
    const { digest } = (await list()).records.find(({ patient }) => patient === 2)!;
    await stage.json("consent grant", [
      ...[
        "--deliver-only",
        "--patient",
        "2",
        "--viewer",
        "2",
        "--deliver",
        stage.at("first.json"),
        ...home("hospital"),
      ],
    ]);
    await stage.json("record take", [stage.at("first.json"), ...home("alice")]);
    const retract = ["--digest", digest.slice(0, 14), "--reason", "filed under another person", "--right-patient", "3"];
    await refused("CONFIRMATION_MISSING", "record retract", retract);
    const done = await stage.step("record retract", [
      ...[...retract, "--deliver", stage.at("told.json"), "--yes", ...home("hospital")],
    ]);
    expect(fitting(done), done.stderr).to.include("Retracted").and.include("1 retraction");

    const opened = await stage.step("record open", ["--digest", digest, ...home("alice")]);
    expect(opened.stderr).to.include("RECORD_RETRACTED");
    const told = await stage.step("record take", [stage.at("told.json"), ...home("alice")]);
    expect(told.stdout).to.include("entered in error").and.include("filed under another person");
    const toBerta = ["--deliver-only", "--patient", "3", "--viewer", "3", "--deliver", stage.at("to-berta.json")];
    await stage.json("consent grant", [...toBerta, ...home("hospital")]);
    const berta = await stage.step("record take", [stage.at("to-berta.json"), ...home("berta")]);
    expect(berta.stdout).to.include("stood in somebody else's chart");
    expect((await list()).records.map((record) => record.digest)).not.to.include(digest);
    expect((await stage.step("record retract", [...retract, ...home("hospital")])).code, "again").to.equal(0);
  });
});
