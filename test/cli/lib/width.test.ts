import { spawnSync } from "node:child_process";

import { expect } from "chai";
import fc from "fast-check";

import { command } from "../../../src/cli/line/command.js";
import { anyText } from "../../../src/cli/line/flag-kinds.js";
import { optional } from "../../../src/cli/line/flags.js";
import { caution, facts, next, table } from "../../../src/cli/terminal/tables.js";
import { columnsOf, fitted, room, widthOf, within, wrap } from "../../../src/cli/terminal/width.js";
import { ChartChainError } from "../../../src/errors/index.js";
import { asProgram } from "../../helpers/as-program.js";
import { runHere } from "../../helpers/run-here.js";

const CID = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
const COMMAND = "chartchain consent grant --deliver-only --patient 3 --viewer 3 --purpose TREAT --deliver FILE";
const PROSE = "What is in doubt waits on the worklist until a person who knows the patient says whose data it is.";

const program = asProgram(
  "sample",
  command({
    purpose: `${PROSE} ${PROSE}`,
    flags: { fail: optional(anyText("A-RATHER-LONG-PLACEHOLDER-OF-A-FLAG"), PROSE) },
    examples: ["--fail x --fail y --fail z --fail a --fail b --fail c --fail d --fail e"],
    async run({ fail }, talk) {
      await Promise.resolve();
      talk.note(caution(PROSE));
      if (fail !== undefined) throw new ChartChainError("UNEXPECTED", PROSE, { hint: PROSE });
      const text = [
        table(["#", "digest", "CID"], [[1, `0x${"ab".repeat(32)}`, CID]]),
        facts({ reason: PROSE, records: [CID, PROSE] }),
        next(`give the patient the keys: ${COMMAND}`),
      ].join("\n");
      return { data: { cid: CID, text: PROSE }, text };
    },
  }),
);

const widest = (text: string): number => Math.max(...text.split("\n").map(columnsOf));
const joined = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, "");

describe("what a step prints", () => {
  for (const columns of [60, 80, 120]) {
    it(`fits ${columns} columns, and nothing of it is lost`, async () => {
      const environment = { COLUMNS: String(columns) };
      const { stdout, stderr } = await runHere(program, [], environment);
      const failed = await runHere(program, ["--fail", "x"], environment);
      const help = await runHere(program, ["--help"], environment);
      for (const text of [stdout, stderr, failed.stderr, help.stdout]) {
        expect(widest(text), text).to.be.at.most(columns);
      }
      for (const text of [stderr, failed.stderr, help.stdout]) expect(joined(text)).to.include(joined(PROSE));
    });
  }

  it("is as wide as the terminal, else as COLUMNS says, else 80, and never below 60", () => {
    const { stdout } = process;
    const output = (columns?: number) => Object.create(stdout, { columns: { value: columns } }) as typeof stdout;
    expect(widthOf(output(100), { COLUMNS: "90" })).to.equal(100);
    expect(widthOf(output(0), { COLUMNS: "90" })).to.equal(90);
    expect(widthOf(output(), { COLUMNS: "wide" })).to.equal(80);
    expect(widthOf(output(20), {})).to.equal(60);
  });

  it("knows its own room where several steps run at once", async () => {
    const later = async () => {
      await Promise.resolve();
      return room();
    };
    expect(await Promise.all([within(70, later), within(90, later)])).to.deep.equal([70, 90]);
  });

  it("keeps a space before each border, also of what misses the edge by a letter", () => {
    const digest = `0x${"ab".repeat(32)}`;
    const made = within(80, () => facts({ category: "SUMMARY", digest }));
    expect(made.replace(/[│\s]/g, "")).to.include("abab");
    for (const line of made.split("\n").slice(1, -1))
      expect(line)
        .to.match(/ │$/)
        .and.not.match(/[^\s─│├┤┼]│/);
    expect(widest(made)).to.be.at.most(80);
  });

  it("has no limit with --json", async () => {
    const { stdout } = await runHere(program, ["--json"], { COLUMNS: "60" });
    expect(JSON.parse(stdout)).to.deep.equal({ cid: CID, text: PROSE });
    expect(stdout).to.include(`"${PROSE}"`);
  });

  it("breaks a long command so that a shell takes it for one", () => {
    const [what, ...command] = fitted(next(`give the patient the keys: ${COMMAND}`), 80).split("\n");
    expect(what).to.match(/Next:.* give the patient the keys:$/);
    expect(command.length).to.be.greaterThan(1);
    const script = `chartchain() { printf '%s\\n' "$@"; }\n${command.join("\n")}`;
    const { stdout } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(stdout.trim().split("\n")).to.deep.equal(COMMAND.split(" ").slice(1));
    expect(fitted(next(COMMAND), 200)).to.equal(next(COMMAND));
  });

  it("keeps what is to be pasted apart from the words before it, also where there is room", () => {
    expect(fitted(next("to read it: chartchain record list"), 200)).to.match(/to read it:\n +chartchain record list$/);
  });

  it("keeps the words of a command within a sentence together", () => {
    const lines = fitted(`${"x".repeat(70)}: chartchain worklist, then go on`, 80).split("\n");
    expect(lines[1]).to.equal("chartchain worklist, then go on");
  });

  it("keeps every word, and every letter of a long one, at any width", () => {
    const word = fc.string({ minLength: 1, unit: fc.constantFrom("a", "é", "東", "-") });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 2, max: 90 }), (words, columns) => {
        const line = words.join(" ");
        const cut = wrap(line, columns, { within: true });
        expect(cut.join("").replaceAll(" ", "")).to.equal(words.join(""));
        for (const one of cut) expect(columnsOf(one)).to.be.at.most(columns);
        expect(wrap(line, columns).join(" ")).to.equal(line);
      }),
    );
  });
});
