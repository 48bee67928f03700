import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import { ACTOR_FLAGS } from "../../src/cli/line/common-flags.js";
import { readFlags } from "../../src/cli/line/flags.js";
import { openSession } from "../../src/cli/actor/session.js";
import { startFaultyNode } from "../support/faulty-node.js";
import { createStage, type Environment, type Stage } from "./run-step.js";

describe("finality, fees and the node's address of a step", () => {
  let stage: Stage;
  const home = () => ["--home", stage.at("hospital")];
  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", []);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home()]);
  });
  after(() => stage.close());

  const settingsOf = async (args: readonly string[], more: Environment = {}) => {
    const environment = { ...stage.environment, ...more };
    const talk = { environment, interactive: false, json: false, note: () => {} };
    const streams = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
    const flags = readFlags(ACTOR_FLAGS, [...args, ...home()], environment);
    await using session = await openSession(flags, { ...talk, streams }, { account: "address", vault: "none" });
    const { finality, maxFeePerGas, maxPriorityFeePerGas } = session.client;
    return [finality, maxFeePerGas, maxPriorityFeePerGas];
  };

  it("are the node's tag and no ceilings, unless a flag or a variable says otherwise; the flag goes first", async () => {
    expect(await settingsOf([])).to.deep.equal(["tag", undefined, undefined]);
    expect(await settingsOf(["--finality", "12", "--max-fee", "30", "--max-tip", "1.5"])).to.deep.equal([
      12,
      30_000_000_000n,
      1_500_000_000n,
    ]);
    const variables = { CHARTCHAIN_FINALITY: "3", CHARTCHAIN_MAX_FEE: "40", CHARTCHAIN_MAX_TIP: "0.1" };
    expect(await settingsOf([], variables)).to.deep.equal([3, 40_000_000_000n, 100_000_000n]);
    expect(await settingsOf(["--finality", "tag"], variables)).to.deep.equal(["tag", 40_000_000_000n, 100_000_000n]);
  });

  it("hold for what a step sends", async () => {
    for (const [args, more] of [
      [["--max-tip", "0.000001"], {}],
      [["--max-fee", "0.000001"], {}],
      [[], { CHARTCHAIN_MAX_TIP: "0" }],
      [[], { CHARTCHAIN_MAX_FEE: "0" }],
    ] as const) {
      const outcome = await stage.step("account cancel-signatures", [...args, ...home(), "--json"], more);
      expect(outcome.code, outcome.stdout).to.equal(1);
      expect(outcome.stdout).to.contain("FEE_TOO_HIGH").and.contain("--max-tip");
    }
    const license = ["--institution", "1", "--roles", "PROVIDER", "--max-tip", "0"];
    expect((await stage.step("authority license", [...license, "--json"])).stdout).to.contain("FEE_TOO_HIGH");
    expect((await stage.step("account cancel-signatures", [...home(), "--json"])).code).to.equal(0);
  });

  it("are refused by name where a variable holds something else", async () => {
    for (const [name, value] of [
      ["CHARTCHAIN_FINALITY", "soon"],
      ["CHARTCHAIN_MAX_FEE", "-1"],
      ["CHARTCHAIN_MAX_TIP", "cheap"],
    ] as const) {
      const outcome = await stage.step("account cancel-signatures", [...home(), "--json"], { [name]: value });
      expect(outcome.code).to.equal(2);
      expect(outcome.stdout).to.contain(name).and.contain("BAD_USAGE");
    }
  });

  it("may hold a name and a password also for an IPFS node", async () => {
    const asked: (string | undefined)[] = [];
    const kubo = createServer((incoming, outgoing) => {
      asked.push(incoming.headers.authorization);
      outgoing.writeHead(500, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ Message: "not today", Code: 0, Type: "error" }));
    });
    kubo.listen(0, "127.0.0.1");
    await once(kubo, "listening");
    const url = `http://hospital:correct-horse@127.0.0.1:${(kubo.address() as AddressInfo).port}`;
    const own = ["--home", stage.at("patient")];
    const { participant } = await stage.json<{ participant: number }>("account register-patient", ["--fund", ...own]);
    const note = ["--patient", String(participant), "--file", "README.md", "--category", "CARE"];
    const args = [...note, "--media-type", "text/markdown", "--ipfs", url, ...own];
    const { stdout, stderr } = await stage.step("record add", args, { CHARTCHAIN_DEBUG: "1" });
    expect(stdout + stderr).to.contain("STORE_FAILED");
    expect(stdout + stderr).not.to.contain("correct-horse");
    const header = `Basic ${Buffer.from("hospital:correct-horse").toString("base64")}`;
    expect(new Set(asked)).to.deep.equal(new Set([header]));
    kubo.closeAllConnections();
    kubo.close();
  });

  it("may hold a name and a password, which no error shows", async () => {
    await using faulty = await startFaultyNode(stage.node.url);
    const rpc = faulty.url.replace("//", "//hospital:correct-horse@") + "/v3/an-access-key";
    const { code } = await stage.step("account cancel-signatures", [...home(), "--json"], { CHARTCHAIN_RPC: rpc });
    expect(code).to.equal(0);
    expect(faulty.asked[0]?.headers.authorization).to.equal(
      `Basic ${Buffer.from("hospital:correct-horse").toString("base64")}`,
    );
    for (const fault of [
      { status: 401, body: "no" },
      { status: 500, body: "no" },
      { error: { code: -32000, message: "no" } },
    ]) {
      faulty.faultOf = () => fault;
      for (const flags of [["--json"], []]) {
        const more = { CHARTCHAIN_RPC: rpc, CHARTCHAIN_DEBUG: "1" };
        const { stdout, stderr } = await stage.step("account cancel-signatures", [...home(), ...flags], more);
        expect(stdout + stderr).to.contain("CHAIN_UNREACHABLE");
        expect(stdout + stderr).not.to.match(/correct-horse|an-access-key/);
      }
    }
  });
});
