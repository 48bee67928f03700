import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import { ROOT } from "./local-node.js";
import { asProcess, createStage, type Stage } from "./run-step.js";

/** `network start` as a process, once it has said that the chain runs. */
async function started(stage: Stage, args: readonly string[] = []) {
  const [program, line] = asProcess("network start", ["--json", ...args]);
  const { HOME } = stage.environment;
  const env = { PATH: process.env["PATH"], HOME };
  const child: ChildProcess = spawn(program, line, { cwd: ROOT, env });
  let said = "";
  child.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    let printed = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      try {
        resolve(JSON.parse(printed) as Record<string, unknown>);
      } catch {
        // There is more to come.
      }
    });
    void ended.then(() => reject(new Error(`it ended: ${printed}${said}`)));
  });
  return {
    chain: await ready,
    async interrupt() {
      child.kill("SIGINT");
      return await ended;
    },
  };
}

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

describe("the networks of a machine", () => {
  let stage: Stage;
  // Nothing but the configuration says where the chain is.
  const none = { CHARTCHAIN_RPC: "", CHARTCHAIN_DEPLOYMENT: "" };
  const step = (name: string, ...args: string[]) => stage.step(name, args, none);
  const json = <T = Record<string, unknown>>(name: string, ...args: string[]) => stage.json<T>(name, args, none);
  const configuration = () => stage.at(".config", "chartchain", "config.json");
  const deployment = () => stage.environment["CHARTCHAIN_DEPLOYMENT"]!;
  const add = (name: string, ...more: string[]) =>
    step("network add", name, "--rpc", stage.node.url, "--deployment", deployment(), ...more);

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", []);
  });
  after(() => stage.close());

  it("are none at first, and what to do is said", async () => {
    const { code, stdout } = await step("network list");
    expect(code).to.equal(0);
    expect(stdout).to.include("✔ 0 networks").and.include("chartchain network start");
  });

  it("are added after a look at node, chain and contracts; the first one is the usual one", async () => {
    const { code, stdout, stderr } = await add("trial");
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include("✔ Added the network trial").and.include("chartchain init --network trial");
    const { networks } = await json<{ networks: unknown[] }>("network list");
    const node = new URL(stage.node.url).host;
    expect(networks).to.deep.equal([{ name: "trial", node, chainId: 31337, state: "ready", usual: true }]);
    // What it is for: a command that is told nothing else finds the chain.
    expect((await step("network advance", "--days", "1")).code).to.equal(0);
  });

  it("are kept where only their owner reads: a URL may hold a key", async () => {
    expect((await stat(configuration())).mode & 0o777).to.equal(0o600);
    expect((await stat(stage.at(".config", "chartchain"))).mode & 0o777).to.equal(0o700);
  });

  it("are shown by their host alone, also where something goes wrong", async () => {
    const secret = "s3cretkey0123456789";
    const url = `${stage.node.url}/v3/${secret}`;
    const added = await step("network add", "keyed", "--rpc", url, "--deployment", deployment());
    expect(added.code, added.stderr).to.equal(0);
    const gone = `http://127.0.0.1:${await freePort()}/v3/${secret}`;
    const failed = await step("network add", "gone", "--rpc", gone, "--deployment", deployment());
    expect(failed.code).to.equal(1);
    expect(failed.stderr).to.include("CHAIN_UNREACHABLE");
    await json("network use", "keyed");
    const listed = [await step("network list"), await step("network list", "--json")];
    const text = await readFile(configuration(), "utf8");
    await writeFile(configuration(), text.replace(url, gone));
    const lost = [await step("network advance", "--days", "1"), await step("network advance", "--days", "1", "--json")];
    await writeFile(configuration(), text);
    expect(lost.map(({ code }) => code)).to.deep.equal([1, 1]);
    for (const { stdout, stderr } of [added, failed, ...listed, ...lost]) {
      expect(stdout + stderr).not.to.include(secret);
    }
  });

  it("are refused, and nothing is written, where the contracts aren't there", async () => {
    const former = await readFile(configuration(), "utf8");
    const other = stage.at("other.json");
    const here = JSON.parse(await readFile(deployment(), "utf8")) as Record<string, unknown>;
    await writeFile(other, JSON.stringify({ ...here, genesisHash: `0x${"11".repeat(32)}` }));
    for (const [args, code] of [
      [["wrong", "--rpc", stage.node.url, "--deployment", other], "CHAIN_RESTARTED"],
      [["wrong", "--rpc", stage.node.url, "--deployment", stage.at("none.json")], "DEPLOYMENT_NOT_FOUND"],
      [["trial", "--rpc", stage.node.url, "--deployment", deployment()], "NETWORK_EXISTS"],
      [["../x", "--rpc", stage.node.url, "--deployment", deployment()], "BAD_USAGE"],
    ] as const) {
      const { stderr, code: exit } = await step("network add", ...args);
      expect(stderr).to.include(code);
      expect(exit).to.equal(code === "BAD_USAGE" ? 2 : 1);
    }
    expect(await readFile(configuration(), "utf8")).to.equal(former);
  });

  it("that don't answer are listed as such within seconds", async () => {
    // It takes the connection and says nothing.
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const text = await readFile(configuration(), "utf8");
    const changed = JSON.parse(text) as { networks: Record<string, { rpc: string }> };
    changed.networks["keyed"]!.rpc = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await writeFile(configuration(), JSON.stringify(changed));
    const before = Date.now();
    const { stdout } = await step("network list");
    expect(Date.now() - before).to.be.lessThan(15_000);
    expect(stdout)
      .to.match(/keyed \(usual\).*✘ no answer/)
      .and.match(/trial .*✔ ready/);
    silent.closeAllConnections();
    silent.close();
    await writeFile(configuration(), text);
  });

  it("are forgotten, unless there are profiles on them", async () => {
    await json("network use", "trial");
    expect((await step("network remove", "keyed")).code).to.equal(0);
    expect((await step("network remove", "keyed")).stderr).to.include("NETWORK_NOT_FOUND");
    expect((await step("network use", "keyed")).stderr)
      .to.include("NETWORK_NOT_FOUND")
      .and.include("trial");
  });

  describe("start", () => {
    it("runs a chain with the contracts until Ctrl-C, and names it", async () => {
      const port = await freePort();
      const local = await started(stage, ["--port", String(port)]);
      try {
        expect(local.chain).to.deep.include({ name: "local", rpc: `http://127.0.0.1:${port}`, chainId: 31337 });
        const { networks } = await json<{ networks: { name: string; state: string; usual: boolean }[] }>(
          "network list",
        );
        expect(networks.find(({ name }) => name === "local")).to.deep.include({ state: "ready", usual: false });

        const again = await step("network start", "--port", String(port));
        expect(again.code).to.equal(1);
        expect(again.stderr)
          .to.include(`port ${port} is taken: a node of chain 31337 answers there`)
          .and.include(`chartchain network start --port ${port + 1}`);
        const second = await step("network start", "--port", String(await freePort()));
        expect(second.stderr).to.include("NETWORK_IN_USE").and.include("--name");
      } finally {
        expect(await local.interrupt()).to.deep.equal([0, null]);
      }
      const { networks } = await json<{ networks: { name: string; state: string }[] }>("network list");
      expect(networks.find(({ name }) => name === "local")!.state).to.equal("no answer");
    }).timeout(180_000);

    it("says by which means a port is found out that another program has", async () => {
      const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const { code, stderr } = await step("network start", "--port", String(port));
      server.close();
      expect(code).to.equal(1);
      expect(stderr).to.include("PORT_TAKEN").and.include("another program").and.include(`sport = :${port}`);
    });

    it("takes no name of somebody else's network", async () => {
      const text = await readFile(configuration(), "utf8");
      const changed = JSON.parse(text) as { networks: Record<string, { rpc: string }> };
      changed.networks["hospitals"] = { rpc: "https://node.example" };
      await writeFile(configuration(), JSON.stringify(changed));
      const { stderr } = await step("network start", "--name", "hospitals", "--port", String(await freePort()));
      expect(stderr).to.include("NETWORK_EXISTS");
      await writeFile(configuration(), text);
    });
  });

  describe("in a file that nobody can make sense of", () => {
    it("are refused with its name", async () => {
      await writeFile(join(stage.folder, ".config", "chartchain", "config.json"), "{");
      expect((await step("network list")).stderr)
        .to.include("CONFIGURATION_INVALID")
        .and.include("config.json");
    });
  });
});
