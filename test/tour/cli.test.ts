// Long, because every way to call the command wrongly is called here.
import { spawn, spawnSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import { CHECKS } from "../../tour/checks.js";
import type { TourReport } from "../../tour/run.js";
import program from "../../scripts/tour.js";
import { runHere, type Outcome } from "../helpers/run-here.js";

const MINIMAL = join("node_modules", "hl7.fhir.uv.ips", "example", "Bundle-bundle-minimal.json");

/** How the count of a step looks that each of these took once. */
const onceBy = (step: string, ...actors: string[]): Record<string, number> =>
  Object.fromEntries(actors.map((actor) => [`${step} by ${actor}`, 1]));

describe("npm start", () => {
  let folder: string;
  let temporary: string;
  let minimal: string;
  const former = process.env["TMPDIR"];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-cli-"));
    temporary = join(folder, "tmp");
    await mkdir(temporary);
    process.env["TMPDIR"] = temporary;
    minimal = await readFile(MINIMAL, "utf8");
  });
  after(async () => {
    if (former === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = former;
    await rm(folder, { recursive: true });
  });

  // tsx keeps its cache there; everything else would be the tour's.
  afterEach("leaves nothing behind in the temporary folder", async () => {
    expect((await readdir(temporary)).filter((name) => !name.startsWith("tsx-"))).to.deep.equal([]);
  });

  /** Runs the tour in this process. */
  const tour = (args: readonly string[]): Promise<Outcome> => runHere(program, args, {});

  /** Runs the tour as a process of its own; `interruptAt`: sends SIGINT when it prints this. */
  async function tourAsProcess(
    args: string[],
    { interruptAt, uid }: { interruptAt?: string; uid?: number } = {},
  ): Promise<Outcome> {
    const child = spawn(process.execPath, ["--import", "tsx", "scripts/tour.ts", ...args], {
      ...(uid === undefined ? {} : { uid }),
      env: { ...process.env, FORCE_COLOR: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended: Outcome = { code: -1, stdout: "", stderr: "" };
    child.stderr.on("data", (chunk) => (ended.stderr += String(chunk)));
    child.stdout.on("data", (chunk) => {
      ended.stdout += String(chunk);
      if (interruptAt !== undefined && ended.stdout.includes(interruptAt)) child.kill("SIGINT");
    });
    ended.code = await new Promise((resolve) => child.on("close", resolve));
    return ended;
  }

  const write = async (name: string, content: unknown): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  const exists = async (path: string): Promise<boolean> =>
    readFile(path).then(
      () => true,
      () => false,
    );

  it("fits its help and its errors into 80 columns, and into those that there are", async () => {
    const entry = ["1", "2"].map((id) => ({ resource: { resourceType: "Patient", id, birthDate: `198${id}-01-01` } }));
    const path = await write("two people.json", { resourceType: "Bundle", type: "collection", entry });
    for (const [args, columns] of [
      [["--help"], 80],
      [["--help"], 60],
      [["--input", path], 80],
      [["--input", path], 100],
    ] as const) {
      const { stdout, stderr } = await runHere(program, args, { COLUMNS: String(columns) });
      const lines = `${stdout}${stderr}`.split("\n");
      // A path is a word, and none is broken.
      expect(lines.filter((line) => line.length > columns && !line.includes(folder))).to.deep.equal([]);
    }
  });

  describe("with an input that can be used", () => {
    let report: string;
    let first: Outcome;
    let written: TourReport;

    before(async () => {
      report = join(folder, "report.json");
      first = await tourAsProcess(["--input", MINIMAL, "--json", report]);
      written = JSON.parse(await readFile(report, "utf8")) as TourReport;
    });

    it("ends with 0 and says that every check holds", () => {
      expect(first.stderr).to.equal("");
      expect(first.code).to.equal(0);
      for (const check of CHECKS) expect(first.stdout).to.contain(`✔ ${check} `);
      expect(first.stdout).to.contain(`All ${CHECKS.length} checks hold.`);
    });

    it("prints no colour, no bar and no path of this machine into a pipe", () => {
      expect(first.stdout).not.to.match(/[\u001b\r]/);
      expect(first.stdout).not.to.contain(process.cwd());
    });

    it("writes a report of exactly this shape", () => {
      expect(Object.keys(written)).to.deep.equal([
        ...["chainId", "contracts", "patients", "resources", "records", "bytes", "steps"],
        ...["study", "earnings", "checks"],
      ]);
      expect(Object.keys(written.contracts)).to.have.members([
        ...["Authority", "Registrar", "Delegates", "PatientProviderRelationships", "Consents", "Records"],
        ...["Summary", "ChartToken", "DataBank", "Studies", "TransparencyLog"],
      ]);
      for (const address of Object.values(written.contracts)) expect(address).to.match(/^0x[0-9a-fA-F]{40}$/);
      expect(written.checks).to.deep.equal(Object.fromEntries(CHECKS.map((check) => [check, true])));
      for (const step of written.steps) {
        expect(Object.keys(step)).to.deep.equal(["step", "actor", "gas", "ms"]);
        expect(step.step).to.match(/^[a-zA-Z]+$/);
        expect(step.actor).not.to.match(/^0x/);
        expect(step.gas).to.be.greaterThan(21_000);
        expect(step.ms).to.be.greaterThan(0);
      }
    });

    it("counts patients, every entry of the Bundle, records, and their bytes", () => {
      const { entry } = JSON.parse(minimal) as { entry: unknown[] };
      expect(written).to.include({ chainId: 31337, patients: 1, resources: entry.length });
      // The document, where it comes from, one later record after the expiry, the revocation, the proxy's dismissal, the
      // emergency and the recovery each, and three for the emergency. One more was retracted.
      expect(written.records).to.equal(10);
      expect(written.bytes).to.be.greaterThan(Buffer.byteLength(minimal.trim()) - 1);
    });

    it("has one entry for each transaction of the SDK, by who sent it", () => {
      const counts = new Map<string, number>();
      for (const { step, actor } of written.steps) {
        const name = `${step} by ${actor}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      expect(Object.fromEntries(counts)).to.deep.equal({
        ...onceBy("registerInstitution", "General Hospital", "City Clinic", "Health Insurer", "Research Institute"),
        ...onceBy(
          "registerInstitution",
          "Ambulance Service",
          "Clinical Trials Unit",
          "Claims Office",
          "Teaching Hospital",
        ),
        // Announced, and after the delay done, for each of the eight.
        "licenseInstitution by authority": 16,
        ...onceBy("registerPatient", "General Hospital", "proxy", "guardian 1", "guardian 2", "guardian 3"),
        // Its operator's.
        ...onceBy("addAccount", "General Hospital"),
        ...onceBy("linkIdentity", "General Hospital"),
        ...onceBy("proposeRelationship", "General Hospital"),
        ...onceBy("approveRelationship", "General Hospital"),
        // To the hospital with the gatekeeper.
        ...onceBy("acceptOffer", "General Hospital"),
        // The document, and where it comes from.
        ...onceBy("anchorBatch", "General Hospital"),
        "addRecord by General Hospital": 9,
        // To clinic and insurer, shortened; to the clinic at the gatekeeper, for the record that is retracted, and again, and by the thief.
        "grantAccess by General Hospital": 7,
        ...onceBy("grantAccess", "proxy"),
        // From the clinic, and once more from the clinic at the gatekeeper.
        "revokeAccess by General Hospital": 2,
        ...onceBy("grantConstrained", "General Hospital"),
        ...onceBy("appointDelegate", "General Hospital"),
        ...onceBy("dismissDelegate", "General Hospital"),
        ...onceBy("breakGlass", "Ambulance Service"),
        ...onceBy("reviewEmergency", "General Hospital"),
        // For the emergency, and after it.
        "changeSettings by General Hospital": 2,
        ...onceBy("retractRecord", "General Hospital"),
        ...onceBy("publishReleaseLog", "General Hospital"),
        ...onceBy("postBond", "General Hospital"),
        ...onceBy("openBankAccount", "General Hospital"),
        ...onceBy("confirmSeason", "General Hospital"),
        ...onceBy("confirmDeposit", "City Clinic"),
        ...onceBy("claimInterest", "General Hospital"),
        ...onceBy("withdrawInterest", "General Hospital"),
        // Announced, and after the delay done.
        "setDepositBudget by authority": 2,
        // One with too few participants, one that is left, one that pays.
        "approveEscrow by Clinical Trials Unit": 3,
        "openStudy by Clinical Trials Unit": 3,
        "joinStudy by General Hospital": 3,
        "settleStudy by Clinical Trials Unit": 3,
        "refundStudy by Clinical Trials Unit": 2,
        ...onceBy("withdrawFromStudy", "General Hospital"),
        ...onceBy("releaseStudy", "Clinical Trials Unit"),
        ...onceBy("deliverToStudy", "General Hospital"),
        // The patient, and the hospital.
        "payoutStudy by General Hospital": 2,
        ...onceBy("payoutBank", "Clinical Trials Unit"),
        ...onceBy("changeGuardians", "General Hospital"),
        ...onceBy("startRecovery", "guardian 1"),
        ...onceBy("approveRecovery", "guardian 2", "guardian 3"),
        ...onceBy("vetoRecovery", "General Hospital"),
        ...onceBy("executeRecovery", "General Hospital"),
        ...onceBy("changeConsents", "General Hospital"),
      });
    });

    it("runs again, over the report of the run before, on the good files of a folder with --skip-bad", async () => {
      const mixed = join(folder, "mixed");
      await mkdir(mixed);
      await writeFile(join(mixed, "good.json"), minimal);
      await writeFile(join(mixed, "bad.json"), "{");
      const { code, stdout, stderr } = await tour(["--input", mixed, "--skip-bad", "--json", report]);
      expect(stderr).to.equal("");
      expect(stdout).to.contain("left out bad.json (NOT_JSON)");
      expect(code).to.equal(0);
      expect(JSON.parse(await readFile(report, "utf8"))).to.deep.include({ patients: 1, resources: 8, records: 10 });
    });

    it("removes everything when it is interrupted", async () => {
      const { code, stdout } = await tourAsProcess(["--input", MINIMAL], { interruptAt: "registering patients" });
      expect(code).to.equal(130);
      expect(stdout).not.to.contain("checks hold");
    });
  });

  describe("with an input that can't be used ends with 1, tells what is wrong and where, and writes no report:", () => {
    const patient = (id: string, more = {}) => ({
      resourceType: "Patient",
      id,
      name: [{ family: "Carmona" }],
      ...more,
    });
    const bundle = (...resources: object[]) => ({
      resourceType: "Bundle",
      type: "collection",
      ...(resources.length > 0 && { entry: resources.map((resource) => ({ resource })) }),
    });
    const observation = { resourceType: "Observation", status: "final", code: { text: "pulse" } };
    const files: Record<string, { content: unknown; says: (string | RegExp)[] }> = {
      "a file that is not JSON": { content: '{ "resourceType": ', says: ["NOT_JSON", /line 1, column \d+/] },
      "JSON that is not FHIR": { content: { hello: "Carmona" }, says: ["NOT_FHIR", "resourceType"] },
      "a resource of an unknown type": {
        content: { resourceType: "Pizza" },
        says: ["UNKNOWN_RESOURCE_TYPE", "is a Pizza"],
      },
      "a field that R4 does not know": {
        content: patient("a", { favouriteColour: "Carmona" }),
        says: ["INVALID_RESOURCE", "Patient.favouriteColour"],
      },
      "an empty Bundle": { content: bundle(), says: ["EMPTY_BUNDLE"] },
      "nobody's resource": {
        content: { resourceType: "Organization", name: "Carmona" },
        says: ["NO_PATIENT", "names no patient"],
      },
      "a Bundle about two patients": {
        content: bundle(patient("a"), patient("b")),
        says: ["MULTIPLE_PATIENTS", "Bundle.entry[1].resource"],
      },
      "a Bundle with a resource about somebody else": {
        content: bundle(patient("a"), { ...observation, subject: { reference: "Patient/b" } }),
        says: ["FOREIGN_PATIENT", "Bundle.entry[1].resource"],
      },
    };

    async function refused(input: string, ...says: (string | RegExp)[]): Promise<string> {
      return refusedTo(undefined, input, ...says);
    }

    async function refusedTo(uid: number | undefined, input: string, ...says: (string | RegExp)[]): Promise<string> {
      // Where this user may write.
      const report = join(uid === undefined ? folder : temporary, "never.json");
      const args = ["--input", input, "--json", report];
      const { code, stdout, stderr } = await (uid === undefined ? tour(args) : tourAsProcess(args, { uid }));
      expect(code, stderr).to.equal(1);
      for (const text of says) {
        // Lines are broken between words.
        if (typeof text === "string") expect(stderr.replace(/\s+/g, " ")).to.contain(text.replace(/\s+/g, " "));
        else expect(stderr).to.match(text);
      }
      expect(stderr).to.contain(input);
      expect(stderr, "a stack").not.to.match(/^\s+at /m);
      expect(stderr, "the patient's name").not.to.contain("Carmona");
      expect(stdout).to.equal("");
      expect(await exists(report)).to.equal(false);
      return stderr;
    }

    for (const [what, { content, says }] of Object.entries(files)) {
      it(what, async () => {
        await refused(await write(`${what.replaceAll(" ", "-")}.json`, content), ...says);
      });
    }

    it("a Bundle of 200 MB", async () => {
      const path = join(folder, "large.json");
      const file = await open(path, "w");
      await file.truncate(200 * 1024 * 1024);
      await file.close();
      await refused(path, "FHIR_FILE_TOO_LARGE", "209715200 bytes");
    });

    it("a path where nothing is", async () => {
      await refused(join(folder, "nowhere.json"), "INPUT_UNREADABLE", "nothing to read");
    });

    it("something that is no regular file", async () => {
      await refused("/dev/zero", "FHIR_FILE_UNREADABLE", "not a regular file");
    });

    it("a file that may not be read", async function () {
      const path = await write("locked.json", minimal);
      await chmod(path, 0);
      if (process.getuid?.() !== 0) {
        await refused(path, "FHIR_FILE_UNREADABLE", "EACCES");
        return;
      }
      // Root may read everything, so another user tries.
      const nobody = 65_534;
      await chmod(folder, 0o711);
      await chown(temporary, nobody, nobody);
      const script = ["--import", "tsx", "scripts/tour.ts", "--help"];
      if (spawnSync(process.execPath, script, { uid: nobody }).status !== 0) {
        console.log("        skipped: another user cannot run this checkout");
        return this.skip();
      }
      await refusedTo(nobody, path, "FHIR_FILE_UNREADABLE", "EACCES");
    });

    it("a folder without FHIR", async () => {
      const path = join(folder, "empty");
      await mkdir(path);
      await refused(path, "FHIR_FOLDER_EMPTY");
    });

    it("a folder with bad files, of which it lists every one, and names --skip-bad", async () => {
      const path = join(folder, "bad");
      await mkdir(path);
      await writeFile(join(path, "good.json"), minimal);
      await writeFile(join(path, "broken.json"), "{");
      await writeFile(join(path, "pizza.json"), '{"resourceType":"Pizza"}');
      const said = await refused(
        path,
        "FHIR_FOLDER_HAS_BAD_FILES",
        "2 of 3 files",
        "NOT_JSON",
        "UNKNOWN_RESOURCE_TYPE",
      );
      expect(said).to.contain(join(path, "broken.json")).and.to.contain(join(path, "pizza.json"));
      expect(said).to.contain("--skip-bad").and.not.to.contain("skipBad");
    });
  });

  describe("with a report that can't be written ends with 1 before it does anything:", () => {
    for (const [what, path] of [
      ["a folder that isn't there", join("nowhere", "report.json")],
      ["a folder in its place", "a-folder"],
      ["a file in the folder's place", join("a-file", "report.json")],
    ] as const) {
      it(what, async () => {
        await mkdir(join(folder, "a-folder"), { recursive: true });
        await write("a-file", "");
        const { code, stdout, stderr } = await tour(["--input", MINIMAL, "--json", join(folder, path)]);
        expect(code).to.equal(1);
        expect(stderr).to.contain("FILE_UNWRITABLE").and.to.contain(join(folder, path));
        expect(stdout).to.equal("");
      });
    }
  });

  describe("with flags that are wrong ends with 2 and says which:", () => {
    for (const [args, says] of [
      [["--inptu", MINIMAL], "--inptu"],
      [["--json"], "--json"],
      [["--json", ""], "--json"],
      [["--input", "a", "--input", "b"], "--input"],
      [["--skip-bad=yes"], "--skip-bad"],
      [[MINIMAL], "no flag"],
    ] as const) {
      it(args.join(" "), async () => {
        const { code, stdout, stderr } = await tour(args);
        expect(code, stderr).to.equal(2);
        expect(stderr).to.contain("BAD_USAGE").and.to.contain(says).and.to.contain("--help");
        expect(stderr, "a stack").not.to.match(/^\s+at /m);
        expect(stdout).to.equal("");
      });
    }

    it("but --help tells every flag and ends with 0", async () => {
      const { code, stdout } = await tour(["--help"]);
      expect(code).to.equal(0);
      for (const flag of ["--input", "--skip-bad", "--json"]) expect(stdout).to.contain(flag);
    });
  });
});
