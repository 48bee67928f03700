import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { instrument, mutated } from "../../tools/mutation/typescript/mutants.mjs";
import { wilson } from "../../tools/mutation/typescript/report.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const RUNNER = join(ROOT, "tools/mutation/typescript/runner.mjs");

describe("mutants of TypeScript", () => {
  const FILE = "src/crypto/example.ts";
  const changesOf = async (text: string) => {
    const { mutants } = await instrument({ [FILE]: text });
    return mutants.map((mutant) => mutated(mutant, text));
  };

  it("change one place, and nothing else", async () => {
    const text = "export const sum = (a: number) =>\n  a + 1;\n";

    expect(await changesOf(text)).to.have.members([
      "export const sum = () => undefined;\n",
      "export const sum = (a: number) =>\n  a - 1;\n",
    ]);
  });

  it("leave alone what an error says, and nothing else of it", async () => {
    const text = 'throw new ChartChainError("GONE", "it is gone", { hint: "Look again.", details: { at: "home" } });\n';
    const changed = await changesOf(text);

    expect(changed.filter((one) => !one.includes("it is gone") || !one.includes("Look again."))).to.deep.equal([
      'throw new ChartChainError("GONE", "it is gone", {});\n',
    ]);
    expect(changed).to.include(text.replace("GONE", ""));
    expect(changed).to.include(text.replace("home", ""));
  });

  it("leave alone a text that is given away, or kept, to become what an error says, and no other", async () => {
    const helpers = [
      "const refused = (reason: string) => new ChartChainError(CODE, `it is ${reason}`, { details: { reason } });",
      "function need(have: number, name: string) { if (have < 1) throw refused(`no ${name}`); }",
      "const coded = (place: string) => new ChartChainError(CODE, MESSAGE, { details: { place } });",
      "const known = (name: string) => { if (!KNOWN.has(name)) throw refused(name); };",
      "",
    ].join("\n");
    const mutantsOf = async (line: string) =>
      (await changesOf(helpers + line))
        .filter((text) => text.startsWith(helpers))
        .map((text) => text.slice(helpers.length));

    expect(await mutantsOf('refused("empty");')).to.deep.equal([]);
    expect(await mutantsOf('refused(few ? "one" : `only ${n - 1}`);')).to.deep.equal([]);
    expect(await mutantsOf('need(n, "door");')).to.deep.equal([]);
    expect(await mutantsOf("const many = `${n + 1} doors`;\nrefused(`not ${many}`);")).to.deep.equal([]);

    expect(await mutantsOf('coded("home");'), "is only a detail").to.deep.equal(['coded("");']);
    expect(await mutantsOf('known("door");'), "also decides").to.deep.equal(['known("");']);
    expect(await mutantsOf('const many = "doors";\nrefused(many);\nkeep(many);'), "is also kept").to.include(
      'const many = "";\nrefused(many);\nkeep(many);',
    );
    expect(await mutantsOf('need(n - 1, "door");'), "is no text").to.deep.equal(['need(n + 1, "door");']);
  });

  it("leave a declaration where everybody sees it", async () => {
    const text = 'const name = "a";\nconst { [name ?? "b"]: found } = { a: 1 };\nexport const again = found;\n';
    const { files } = await instrument({ [FILE]: text });

    expect(files[FILE]).to.match(/^const \{\s*\[name \?\? "b"\]: found\s*\} =/m);
  });
});

describe("a process that asks the tests of one file about many mutants", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "mutants-"))));
  after(() => rm(folder, { recursive: true }));

  /** What it says of the mutants 1 to 5, of which the code of the tests reads the number. */
  async function answersAbout(tests: string): Promise<string[]> {
    const file = join(folder, "some.test.mjs");
    await writeFile(file, `const mutant = () => process.env.__STRYKER_ACTIVE_MUTANT__;\n${tests}`);
    const runner = fork(RUNNER, { stdio: "ignore" });
    const answers: string[] = [];
    runner.on("message", (message: string | { mutant: number; fate: string; by?: string }) => {
      if (typeof message === "object") answers.push([message.mutant, message.fate, message.by ?? ""].join(" ").trim());
    });
    await once(runner, "message");
    const mutants = [1, 2, 3, 4, 5].map((number) => ({ number }));
    runner.send({ file: relative(ROOT, file), whole: false, mutants });
    await once(runner, "exit");
    return answers;
  }

  it("says by which test each is noticed, and sets the world up anew for each", async () => {
    const tests = `
      const world = { mutant: mutant() };
      it("one", () => { if (world.mutant === "2") throw new Error(); });
      it("two", () => { if (mutant() === "4") throw new Error(); });`;

    expect(await answersAbout(tests)).to.deep.equal([
      "1 survived",
      "2 killed one",
      "3 survived",
      "4 killed two",
      "5 survived",
    ]);
  });

  it("says nothing of a mutant where the tests fail without it, too", async () => {
    const tests = `
      it("one", () => {
        globalThis.left ??= mutant() === "2";
        globalThis.left ||= mutant() === "2";
        if (globalThis.left && mutant() !== "2") throw new Error();
      });`;

    expect(await answersAbout(tests)).to.deep.equal(["1 survived", "2 survived"]);
  });
});

describe("the share of mutants that are noticed", () => {
  it("is at least what Wilson's interval says", () => {
    expect(Math.abs(wilson(8, 10) - 0.4902) < 0.0001).to.equal(true);
    expect(Math.abs(wilson(81, 263) - 0.2553) < 0.0001).to.equal(true);
    expect(wilson(0, 0)).to.equal(0);
  });
});
