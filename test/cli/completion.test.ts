import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { expect } from "chai";

import { ROOT } from "./local-node.js";
import { asProcess, run } from "./run-step.js";
import { takeStep } from "./take-step.js";

describe("completion", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-completion-"));
    await mkdir(join(folder, ".config", "chartchain"), { recursive: true });
    const configuration = {
      version: 1,
      profiles: { alice: { network: "trial" }, hospital: { network: "trial" } },
      networks: { trial: {}, town: {} },
    };
    await writeFile(join(folder, ".config", "chartchain", "config.json"), JSON.stringify(configuration));
    await writeFile(join(folder, "delivery.json"), "{}");
    await mkdir(join(folder, "bin"));
    // Says what it was started with, instead of doing it.
    const program = [process.execPath, "--import", import.meta.resolve("tsx"), join(ROOT, "src", "cli", "main.ts")]
      .map((word) => `'${word}'`)
      .join(" ");
    const text = `#!/bin/sh\ncase "$1" in __complete|completion) exec ${program} "$@";; *) echo "RAN:$*:";; esac\n`;
    await writeFile(join(folder, "bin", "chartchain"), text);
    await chmod(join(folder, "bin", "chartchain"), 0o755);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** What is offered for the last of some words. */
  const offered = async (...words: string[]) => {
    const { code, stdout, stderr } = await takeStep(["__complete", ...words], { HOME: folder });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("\t")[0]);
  };

  it("offers nouns, verbs, flags, and what each does", async () => {
    expect(await offered("")).to.include.members(["init", "record", "consent", "doctor"]);
    expect(await offered("rec")).to.deep.equal(["record", "recovery"]);
    expect(await offered("network", "")).to.include.members(["start", "add", "list", "use", "remove"]);
    expect(await offered("consent", "grant", "--view")).to.deep.equal(["--viewer"]);
    const { stdout } = await takeStep(["__complete", "network", "st"], {});
    expect(stdout).to.equal("start\trun a local chain with the contracts, until Ctrl-C\n");
  });

  it("offers no flag twice, unless it may be given again", async () => {
    const left = await offered("consent", "grant", "--viewer", "2", "--categories", "SUMMARY", "--");
    expect(left).to.include("--purpose").and.include("--categories").and.not.include("--viewer");
  });

  it("offers values: categories, also behind a comma and in lower case, purposes, profiles, networks", async () => {
    expect(await offered("consent", "grant", "--categories", "sum")).to.deep.equal(["SUMMARY"]);
    expect(await offered("consent", "grant", "--categories", "SUMMARY,med")).to.deep.equal(["SUMMARY,MEDICATION"]);
    expect(await offered("consent", "grant", "--categories", "SUMMARY,")).not.to.include("SUMMARY,SUMMARY");
    expect(await offered("record", "open", "--purpose", "TR")).to.deep.equal(["TREAT"]);
    expect(await offered("record", "open", "--profile", "")).to.deep.equal(["alice", "hospital"]);
    expect(await offered("profile", "use", "h")).to.deep.equal(["hospital"]);
    expect(await offered("network", "use", "t")).to.deep.equal(["trial", "town"]);
    expect(await offered("init", "--role", "")).to.deep.equal(["patient", "provider"]);
    expect(await offered("completion", "")).to.deep.equal(["bash", "zsh", "fish"]);
  });

  it("offers values behind an equals sign: whole words, or as bash takes them apart", async () => {
    expect(await offered("consent", "grant", "--categories=sum")).to.deep.equal(["--categories=SUMMARY"]);
    expect(await offered("consent", "grant", "--categories=SUMMARY,me")).to.deep.equal([
      "--categories=SUMMARY,MEDICATION",
    ]);
    expect(await offered("consent", "grant", "--categories", "=", "sum")).to.deep.equal(["SUMMARY"]);
    expect(await offered("whoami", "--profile", "=")).to.deep.equal(await offered("whoami", "--profile", ""));
    expect(await offered("whoami", "--no-such=")).to.deep.equal([]);
  });

  it("leaves paths to the shell", async () => {
    expect(await offered("record", "add", "--input", "")).to.deep.equal([":file"]);
    expect(await offered("record", "open", "--home", "")).to.deep.equal([":folder"]);
    expect(await offered("vault", "restore", "")).to.deep.equal([":file"]);
  });

  it("says nothing where nothing is known, whatever is typed", async () => {
    for (const words of [
      ["nothing", "x"],
      ["record", "nothing", "x"],
      ["constructor", ""],
      ["record", "toString", ""],
      ["consent", "grant", "--viewer", ""],
    ]) {
      expect(await offered(...words)).to.deep.equal([]);
    }
    await writeFile(join(folder, "broken"), "");
    const { code, stdout } = await takeStep(["__complete", "profile", "use", ""], {
      XDG_CONFIG_HOME: join(folder, "broken"),
    });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "" });
  });

  /** Runs a program of a real shell, or skips the test where there is none. */
  const shell = (test: Mocha.Context, name: string, args: string[], program: string) => {
    if (spawnSync(name, ["--version"]).error !== undefined) {
      console.log(`      skipped: there is no ${name} on this machine`);
      test.skip();
    }
    const PATH = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
    const env = { PATH, HOME: folder, TERM: "xterm", LANG: "C.UTF-8" };
    const { stdout, stderr } = spawnSync(name, [...args, program], {
      cwd: folder,
      env,
      encoding: "utf8",
      timeout: 240_000,
    });
    return { stdout, stderr };
  };

  it("works in bash", function () {
    const program = `
      source <(chartchain completion bash)
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _chartchain; echo "$*: \${COMPREPLY[*]}"; }
      try chartchain rec
      try chartchain network re
      try chartchain consent grant --categories sum
      try chartchain consent grant --categories = sum
      try chartchain record add --input del
      complete -p chartchain`;
    const { stdout, stderr } = shell(this, "bash", ["--noprofile", "--norc", "-c"], program);
    expect(stdout.split("\n"), stderr).to.deep.equal([
      "chartchain rec: record recovery",
      "chartchain network re: remove",
      "chartchain consent grant --categories sum: SUMMARY",
      "chartchain consent grant --categories = sum: SUMMARY",
      "chartchain record add --input del: delivery.json",
      "complete -F _chartchain chartchain",
      "",
    ]);
  });

  it("works in zsh", function () {
    // A terminal of its own, in which somebody types and presses Tab.
    const program = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      type() { zpty -w -n shell "$1"; }
      zpty -w shell 'PS1="> "; autoload -Uz compinit && compinit -u -D; source <(chartchain completion zsh); echo READ''Y'
      zpty -r -m shell line '*READY*'
      for typed in 'chartchain network rem' 'chartchain profile use hosp' 'chartchain record add --input deli'; do
        type "$typed"$'\\t\\n'
        zpty -r -m shell line '*RAN:*:*'
        print -r -- "\${line##*RAN:}"
      done
      zpty -d shell`;
    const { stdout, stderr } = shell(this, "zsh", ["-f", "-c"], program);
    expect(stdout, stderr).to.match(
      /network remove *:[^]*profile use hospital *:[^]*record add --input delivery\.json *:/,
    );
  });

  it("works in fish", function () {
    const program = `
      chartchain completion fish | source
      for line in "chartchain network re" "chartchain profile use h" "chartchain consent grant --categories SUMMARY,med" "chartchain record add --input del"
        complete --do-complete "$line" | string split -f1 \\t
      end`;
    const { stdout, stderr } = shell(this, "fish", ["--no-config", "-c"], program);
    expect(stdout.trim().split("\n"), stderr).to.deep.equal([
      "remove",
      "hospital",
      "SUMMARY,MEDICATION",
      "delivery.json",
    ]);
  });

  it("prints each script as it is, however narrow the terminal", async () => {
    const [program, args] = asProcess("completion", ["bash"]);
    const { stdout } = await run(program, args, { COLUMNS: "60", HOME: folder });
    expect(spawnSync("bash", ["-n"], { input: stdout }).status).to.equal(0);
    expect(stdout).to.include('"${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null');
  });
});
