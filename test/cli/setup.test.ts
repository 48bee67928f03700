import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect } from "chai";

import { ROOT } from "./local-node.js";

/** Runs a slow step of the setup, which says that it goes on twenty times a second. */
async function setup(program: string): Promise<{ stderr: string; failure: string }> {
  const script = `
    import { runQuietly } from "./tools/setup/project.mjs";
    await runQuietly("Compiling", process.execPath, ["-e", ${JSON.stringify(program)}], "Mend it.", { each: 50 })
      .catch((error) => console.log(error.message));`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    cwd: ROOT,
  });
  return { stderr, failure: stdout };
}

describe("a slow step of the setup", () => {
  it("says again and again that it goes on, and at last how long it took", async () => {
    const { stderr, failure } = await setup("setTimeout(() => {}, 1000)");
    expect(stderr).to.match(/^Compiling … (\nCompiling: \d+ s so far … )+done in \d+ s\n$/);
    expect(failure).to.equal("");
  });

  it("shows what was said, and what to do, where it fails", async () => {
    const { stderr, failure } = await setup("console.log('out'); console.error('wrong'); process.exitCode = 3");
    expect(stderr).to.match(/failed\n\n$/);
    expect(failure).to.include("out\nwrong").and.include("exit code 3").and.include("Mend it.");
  });
});
