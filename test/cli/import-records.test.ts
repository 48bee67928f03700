import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";

import { startFhirServer, type SmallFhirServer } from "../helpers/fhir-server.js";
import { createStage, type Outcome, type Stage } from "./run-step.js";

const MRN = "http://general-hospital.example/mrn";
const person = (id: string, number: string) => ({
  ...{ resourceType: "Patient", id, identifier: [{ system: MRN, value: number }], birthDate: "1961-04-17" },
});
const weight = (id: string, of: string) => ({
  ...{ resourceType: "Observation", id, status: "final", subject: { reference: `Patient/${of}` } },
  code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
});

describe("the step that imports records of many patients", () => {
  let stage: Stage;
  let server: SmallFhirServer;
  const home = (name: string) => ["--home", stage.at(name)];
  const NARROW = { COLUMNS: "80" };
  const take = (args: readonly string[], more = {}) =>
    stage.step("record import", [...args, ...home("hospital")], { ...NARROW, ...more });
  /** No line is wider than a terminal. */
  const fitting = ({ stdout, stderr }: Outcome): string => {
    for (const line of `${stdout}${stderr}`.split("\n")) expect(line.length, line).to.be.at.most(80);
    return stdout;
  };

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await stage.json("authority license", ["--institution", "1", "--roles", "PROVIDER"]);
    await stage.json("account register-patient", ["--fund", ...home("alice")]);
    const { code } = await stage.json<{ code: string }>("identity code", home("alice"));
    await stage.json("identity attest", [
      ...["--patient", "2", "--code", code, "--identifier", `${MRN}|1001`, "--out", stage.at("identity.json")],
      ...home("hospital"),
    ]);
    const terms = ["--terms", stage.at("terms.json")];
    await stage.json("relationship propose", ["--patient", "2", "--days", "30", ...terms, ...home("hospital")]);
    await stage.json("relationship approve", ["--provider", "1", "--yes", ...terms, ...home("alice")]);
    const resources = [person("a", "1001"), weight("w1", "a"), person("stranger", "1002"), weight("w2", "stranger")];
    await writeFile(stage.at("export.ndjson"), resources.map((each) => `${JSON.stringify(each)}\n`).join(""));
    server = await startFhirServer("t0ken");
    server.put(person("a", "1001"), weight("w1", "a"), weight("w3", "a"));
  });
  after(async () => {
    await server?.close();
    await stage.close();
  });

  it("says in a dry run what would be done, does it, and does nothing twice", async () => {
    const input = ["--input", stage.at("export.ndjson")];
    const dry = await take([...input, "--dry-run"]);
    expect(dry.code, dry.stderr).to.equal(0);
    expect(fitting(dry)).to.include("Would add 2 records of 1 patient; nothing was written").and.include("NO_CHART 1");
    expect((await stage.json<{ waiting: unknown[] }>("worklist", home("hospital"))).waiting).to.deep.equal([]);
    const done = await take(input);
    expect(fitting(done)).to.include("Added 2 records of 1 patient").and.include("chartchain worklist");
    const { added, alreadyThere, patients } = await stage.json<{
      added: number;
      alreadyThere: number;
      patients: { patient: number }[];
    }>("record import", [...input, ...home("hospital")]);
    expect({ added, alreadyThere }).to.deep.equal({ added: 0, alreadyThere: 2 });
    expect(patients.map(({ patient }) => patient)).to.deep.equal([2]);
  });

  it("fetches from a server with a token from a file or the environment, which is said nowhere", async () => {
    await writeFile(stage.at("token"), "t0ken\n");
    const first = await take(["--server", server.url, "--token-file", stage.at("token")]);
    expect(first.code, first.stderr).to.equal(0);
    expect(fitting(first)).to.include("Bulk Data export");
    expect(await readdir(stage.at("hospital", "imports"))).to.deep.equal([]);
    const second = await take(["--server", server.url], { CHARTCHAIN_FHIR_TOKEN: "t0ken" });
    expect(fitting(second)).to.include("Added 0 records").and.include("what changed since");
    const refused = await take(["--server", server.url], { CHARTCHAIN_FHIR_TOKEN: "an0ther" });
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include("FHIR_SERVER_REFUSED");
    for (const { stdout, stderr } of [first, second, refused]) expect(stdout + stderr).not.to.match(/t0ken|an0ther/);
  });

  it("ends with 1 where something is left, with its whole report, and lists ten of what waits", async () => {
    const folder = stage.at("left");
    await mkdir(folder);
    const strangers = Array.from({ length: 12 }, (_, at) => person(`s${at}`, String(5000 + at)));
    const all = [person("a", "1001"), ...strangers].map((each) => `${JSON.stringify(each)}\n`).join("");
    await writeFile(join(folder, "Patient.ndjson"), all);
    await writeFile(join(folder, "read-me.txt"), "none of ours");
    const input = ["--input", folder];
    const fine = await take([...input, "--dry-run"]);
    expect(fine.code, "a read-me and what waits are no fault").to.equal(0);
    expect(fitting(fine)).to.include("would wait").and.include("and 2 more: --json");
    expect(fine.stdout.split("NO_CHART")).to.have.length(12);
    for (let at = 0; at < 22; at++) await writeFile(join(folder, `${at}.json`), "{");
    for (const dry of [["--dry-run"], []]) {
      const left = await take([...input, ...dry]);
      expect(left.code).to.equal(1);
      expect(fitting(left))
        .to.include("NOT_JSON")
        .and.match(/^and 2 more: --json$/m)
        .and.include("patient");
    }
    const whole = await take([...input, "--json"]);
    expect(whole.code).to.equal(1);
    const report = JSON.parse(whole.stdout) as { left: unknown[]; waitingFiles: { item: number }[] };
    expect(report.left).to.have.length(22);
    expect(report.waitingFiles.filter(({ item }) => item > 0)).to.have.length(12);
    for (let at = 0; at < 22; at++) await rm(join(folder, `${at}.json`));
    await symlink(stage.at("export.ndjson"), join(folder, "linked.ndjson"));
    const linked = await take(input);
    expect(linked.code).to.equal(1);
    expect(linked.stderr).to.include("linked.ndjson (a link out of the folder)");
    await rm(join(folder, "linked.ndjson"));
    await rm(join(folder, "Patient.ndjson"));
    await writeFile(join(folder, "bad.json"), "{");
    const none = await take(input);
    expect(none.code).to.equal(1);
    expect(none.stderr).not.to.include("skipBad");
  });

  it("refuses flags that don't go together, and a server that is asked without encryption", async () => {
    for (const args of [[], ["--input", stage.at("export.ndjson"), "--again"]]) {
      expect(await take(args)).to.include({ code: 2 });
    }
    const plain = await take(["--server", "http://fhir.example/r4"]);
    expect(plain.stderr).to.include("FHIR_SERVER_URL_INVALID");
  });
});
