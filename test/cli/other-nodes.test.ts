import { expect } from "chai";

import { startProxy, type Proxy } from "../sdk/proxy.js";
import { createStage, type Stage } from "./run-step.js";

describe("steps with another node beside the first", () => {
  let stage: Stage;
  let proxy: Proxy;
  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", [
      "--name",
      "General Hospital",
      "--fund",
      "--home",
      stage.at("hospital"),
    ]);
    await stage.json("authority license", ["--institution", "1", "--roles", "PROVIDER"]);
    await stage.json("account register-patient", ["--fund", "--home", stage.at("alice")]);
    proxy = await startProxy(stage.node.url);
  });
  after(async () => {
    await proxy.close();
    await stage.close();
  });
  beforeEach(() => {
    proxy.before = () => undefined;
  });

  const args = () => ["--patient", "2", "--home", stage.at("hospital"), "--offer", stage.at("offer.json"), "--force"];
  const other = () => ({ CHARTCHAIN_OTHER_NODES: `${proxy.url}/secret-path?key=secret` });
  const refusal = async (more: readonly string[] = [], environment = {}) => {
    const { code, stdout } = await stage.step("relationship propose", [...args(), ...more, "--json"], environment);
    expect(code, stdout).to.equal(1);
    expect(stdout).not.to.include("secret");
    return (JSON.parse(stdout) as { error: { code: string; message: string } }).error;
  };

  it("go on when both agree, named by a flag or by a variable", async () => {
    await stage.json("relationship propose", [...args(), "--other-node", proxy.url]);
    await stage.json("relationship propose", args(), other());
  });

  it("stop when they disagree, and name both by their hosts", async () => {
    // Whatever the Registrar is asked: no participant has a key.
    proxy.before = ({ method }) => (method === "eth_call" ? { result: `0x${"00".repeat(32)}` } : undefined);
    const { code, message } = await refusal([], other());
    expect(code).to.equal("NODES_DISAGREE");
    for (const url of [proxy.url, stage.node.url]) expect(message).to.include(new URL(url).host);
  });

  it("stop when it can't be reached, unless one is enough", async () => {
    proxy.before = () => "hang up";
    expect((await refusal([], other())).code).to.equal("NODES_MISSING");
    await stage.json("relationship propose", [...args(), "--agreement", "1"], other());
    await stage.json("relationship propose", args(), { ...other(), CHARTCHAIN_AGREEMENT: "1" });
  });

  it("refuse a number of nodes that there isn't, and what is no URL", async () => {
    expect((await refusal(["--agreement", "2"])).code).to.equal("AGREEMENT_INVALID");
    const { code, stdout } = await stage.step("relationship propose", args(), { CHARTCHAIN_OTHER_NODES: "secret" });
    expect(code, stdout).to.equal(2);
  });
});
