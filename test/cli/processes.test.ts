import { expect } from "chai";

import { spawnNode } from "./local-node.js";
import { asProcess, createStage, run, type Stage } from "./run-step.js";

describe("steps and a node, each a process of its own", () => {
  let stage: Stage;
  const alice = () => ["--home", stage.at("alice")];

  before(async () => {
    stage = await createStage({ start: spawnNode });
  });
  after(() => stage.close());

  it("a step that works ends with 0: its result on standard output, what it says on the way on standard error", async () => {
    const deployed = await stage.process("network deploy", []);
    expect(deployed.code, deployed.stderr).to.equal(0);
    expect(deployed.stdout).to.include("✔ Deployed to chain 31337");
    expect(deployed.stderr).to.match(/^Deploying 11 contracts to chain 31337 from 0x\w{40} …\n$/);
  });

  it("one that makes keys says nothing of Node's own about them", async () => {
    const { code, stdout, stderr } = await stage.process("account register-patient", ["--fund", ...alice()]);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include("✔ Registered as participant 1");
    expect(stderr).to.include("! New vault").and.not.include("Warning");
  });

  it("one that fails ends with 1, and one that is called wrongly with 2, with nothing on standard output", async () => {
    const failed = await stage.process("record verify", ["--patient", "77", ...alice()]);
    expect(failed).to.deep.include({ code: 1, stdout: "" });
    expect(failed.stderr).to.include("UNKNOWN_PARTICIPANT");
    const wrong = await stage.process("record verify", ["--pateint", "77", ...alice()]);
    expect(wrong).to.deep.include({ code: 2, stdout: "" });
    expect(wrong.stderr).to.include("BAD_USAGE");
  });

  it("one whose reader leaves early ends as if it hadn't", async () => {
    const [program, args] = asProcess("relay", ["--help"]);
    const outcome = await run("bash", ["-c", 'set -o pipefail; "$@" | true', "bash", program, ...args], {});
    expect(outcome).to.deep.equal({ code: 0, stdout: "", stderr: "" });
  });
});
