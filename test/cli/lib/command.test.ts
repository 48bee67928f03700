import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { command } from "../../../src/cli/line/command.js";
import { CHAIN_FLAGS } from "../../../src/cli/line/common-flags.js";
import { file } from "../../../src/cli/line/flag-kinds.js";
import { orVariable } from "../../../src/cli/line/flags.js";
import { asProgram } from "../../helpers/as-program.js";
import { runHere } from "../../helpers/run-here.js";

const program = asProgram(
  "sample",
  command({
    purpose: "Says where it looks.",
    flags: { ...CHAIN_FLAGS, place: orVariable("PLACE", file, "where to look, or PLACE") },
    examples: [""],
    async run({ place, rpc }, { environment }) {
      await sleep(1);
      if (place === undefined) throw new Error(`nowhere to look, ${rpc} with ${environment["CHARTCHAIN_KEY"]}`);
      return { data: { place }, text: place };
    },
  }),
);

describe("a step", () => {
  it("is taken as often as one likes in a process, also several times at once, each by its own arguments", async () => {
    const places = ["a", "b", "c", "d"];
    const outcomes = await Promise.all([
      ...places.map((place) => runHere(program, ["--place", place], { PLACE: "elsewhere" })),
      ...places.map((PLACE) => runHere(program, [], { PLACE })),
    ]);
    expect(outcomes.map(({ stdout }) => stdout.trim())).to.deep.equal([...places, ...places]);
  });

  it("leaves this process's own exit code and listeners as they are", async () => {
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const before = [process.exitCode, listeners(), process.stdout.listenerCount("error")];
    expect((await runHere(program, [], {})).code).to.equal(1);
    expect((await runHere(program, ["--plaec"], {})).code).to.equal(2);
    expect((await runHere(program, ["--help"], {})).code).to.equal(0);
    expect([process.exitCode, listeners(), process.stdout.listenerCount("error")]).to.deep.equal(before);
  });

  it("starts, where its file is the one that was started, once all of that file is there", () => {
    const file = fileURLToPath(new URL("./late-words.ts", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import=tsx", file], { encoding: "utf8" });
    expect(stderr).to.equal("");
    expect([status, stdout]).to.deep.equal([0, "said from below\n"]);
  });

  it("takes a variable that is empty for one that isn't set", async () => {
    const { code, stderr } = await runHere(program, [], { PLACE: "", CHARTCHAIN_RPC: "" });
    expect(code).to.equal(1);
    expect(stderr).to.include("nowhere to look, http://127.0.0.1:8545 with undefined");
  });

  it("hides the key of an account and that in a node's URL, wherever they were given", async () => {
    const secrets = { CHARTCHAIN_KEY: "0123456789abcdef", CHARTCHAIN_RPC: "https://node.example/access-key" };
    for (const args of [[], ["--json"], ["--rpc", "https://other.example/access-key"]]) {
      const { stdout, stderr } = await runHere(program, args, { ...secrets, CHARTCHAIN_DEBUG: "1" });
      expect(stdout + stderr)
        .to.match(/nowhere to look, (node|other)\.example with \(hidden\)/)
        .and.not.include("access-key")
        .and.not.include(secrets.CHARTCHAIN_KEY);
    }
  });
});
