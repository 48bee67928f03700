import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters, promisify } from "node:util";
import { expect } from "chai";

import { CHECKS } from "../../tour/checks.js";
import { runHere } from "../helpers/run-here.js";
import { printSample } from "./print-sample.js";

const SAMPLE = [process.execPath, "--import", "tsx", join("test", "tour", "print-sample.ts")];
const run = promisify(execFile);
const environment = (more: NodeJS.ProcessEnv) => ({
  ...process.env,
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
  ...more,
});

describe("what a tour prints", () => {
  describe("into a pipe", () => {
    const piped = async (...args: string[]): Promise<string> => (await runHere(printSample, args, {})).stdout;

    let text: string;

    before(async () => {
      text = await piped();
    });

    it("has no colour and no bar, and one line for each finished part", () => {
      expect(text).not.to.match(/[\u001b\r]/);
      expect(text)
        .to.contain("\n  registering patients: 1,234\n")
        .and.to.contain("\n  starting a local chain and deploying to it\n");
      expect(text).not.to.contain("617");
    });

    it("gives each step one row: who, how often, from least to most gas, the median time", () => {
      const rows = text.split("\n").filter((line) => line.startsWith("│"));
      expect(
        rows.map((row) =>
          row
            .split("│")
            .map((cell) => cell.trim())
            .slice(1, -1),
        ),
      ).to.deep.equal([
        ["step", "by", "times", "gas", "ms"],
        ["deploy", "authority", "1", "13,629,532", ""],
        ["registerInstitution", "2 institutions", "2", "62,413", "20"],
        ["proposeRelationship", "Research Institute", "2", "130,111–160,754", "20"],
        ["grantAccess", "2 patients", "2", "62,413", "41"],
        ["grantAccess", "General Hospital", "1", "62,413", "20"],
        ["registerPatient", "2 persons", "2", "62,413", "20"],
        ["approveRecovery", "2 guardians", "2", "62,413", "20"],
        ["changeConsents", "patient 1", "2", "62,413", "20"],
        ["dismissDelegate", "proxy", "1", "62,413", "20"],
        ["patient", "records", "interest", "studies"],
        ["patient 1", "12", "100.0", "24.0"],
        ["patient 2", "3", "100.0", "48.0"],
      ]);
    });

    it("counts one patient as one, and several as several", async () => {
      expect(await piped("1"))
        .to.contain("1 patient, 1 FHIR resource\n")
        .and.to.contain("1 record (332,541 bytes) of 1 patient in");
      expect(text).to.contain("2 patients, 2 FHIR resources\n");
    });

    it("names the check that failed, and every other one as holding", async () => {
      const failed = await piped("2", "historyComplete");
      expect(failed).to.contain("✘ historyComplete").and.to.contain("1 check failed: historyComplete.");
      expect(failed.match(/^✔ /gm)).to.have.length(CHECKS.length - 1);
    });

    it("shows of a bad file its name and no folder, and passes no control character on", () => {
      expect(text).to.contain("left out bad�.json (NOT_JSON)").and.not.to.contain("somebody");
      expect(text).to.contain("from a�[31mfolder");
      expect(text).to.contain("left out read�me.png (neither FHIR nor another format of health data)");
      expect(text).to.contain("left out 3 resources to which nobody's data refer");
    });
  });

  describe("on a terminal", () => {
    before(function () {
      if (spawnSync("script", ["--version"]).status === 0) return;
      console.log("      skipped: util-linux's script, which makes a terminal, is not installed");
      this.skip();
    });

    /** The lines that a terminal of so many columns is left with, without colours. */
    async function shown(columns: number, more: NodeJS.ProcessEnv = {}): Promise<{ raw: string; lines: string[] }> {
      const command = `stty cols ${columns} rows 50; '${SAMPLE.join("' '")}'`;
      const env = environment({ TERM: "xterm-256color", ...more });
      const { stdout: raw } = await run("script", ["-qec", command, "/dev/null"], { env });
      // A bar moves to the first column and writes over what stands there.
      const lines = raw.split("\n").map((line) =>
        stripVTControlCharacters(line.split(/\u001b\[1G/).at(-1)!)
          .replaceAll("\r", "")
          .trimEnd(),
      );
      return { raw, lines };
    }

    let wide: Awaited<ReturnType<typeof shown>>;

    before(async () => {
      wide = await shown(80);
    });

    it("fits into 80 columns, the table drawn", () => {
      const { lines } = wide;
      expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
      expect(lines.some((line) => line.startsWith("┌"))).to.equal(true);
    });

    it("fits its bars and steps into 60 columns, one line for each step", async () => {
      const { lines } = await shown(60);
      expect(lines.some((line) => line.startsWith("│ step"))).to.equal(false);
      expect(lines).to.include("proposeRelationship, Research Institute: 2 × 130,111–160,754 gas, 20 ms");
      expect(lines.find((line) => line.includes("sealing"))!.length).to.be.lessThanOrEqual(60);
    });

    it("leaves every bar full", () => {
      const bars = wide.lines.filter((line) => /\d+\/\d+ /.test(line));
      expect(bars).to.have.length(4);
      for (const bar of bars) expect(bar).to.match(/^ {2}=+ (1234\/1234|1\/1) /);
    });

    it("is in colour, and without any where NO_COLOR is set", async () => {
      const colour = /\u001b\[(3[0-9]|9[0-7]|1|2)m/;
      expect(wide.raw).to.match(colour);
      expect((await shown(80, { NO_COLOR: "1" })).raw).not.to.match(colour);
    });
  });
});
