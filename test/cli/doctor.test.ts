import { once } from "node:events";
import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import { startNode } from "./local-node.js";
import { createStage, PASSPHRASE, type Stage } from "./run-step.js";

interface Report {
  findings: { what: string; state: "good" | "doubtful" | "bad"; says: string; mend?: string }[];
  bad: number;
  doubtful: number;
}

describe("doctor", () => {
  let stage: Stage;
  const at = (name: string) => ["--home", stage.at(name)];
  /** What it says of one thing, and the exit code. */
  const finding = async (what: string, args: readonly string[], more = {}) => {
    const { code, stdout, stderr } = await stage.step("doctor", [...args, "--json"], more);
    expect(stderr).to.equal("");
    const { findings, bad } = JSON.parse(stdout) as Report;
    expect(code).to.equal(bad > 0 ? 1 : 0);
    const found = findings.find((each) => each.what === what);
    if (found !== undefined && found.state !== "good") expect(found.mend, what).to.be.a("string");
    return { code, ...found };
  };
  const served = async (listener: RequestListener) => {
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = () => (server.closeAllConnections(), server.close());
    return { url, [Symbol.dispose]: () => void close() };
  };

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", []);
    await stage.json("account register-patient", ["--fund", ...at("alice")]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...at("hospital")]);
  });
  after(() => stage.close());

  it("finds nothing wrong where all is well, without a passphrase", async () => {
    const { code, stdout } = await stage.step("doctor", at("alice"), { CHARTCHAIN_PASSPHRASE: "" });
    expect(code, stdout).to.equal(0);
    for (const what of [
      "Versions",
      "Home",
      "Permissions",
      "Disk",
      "Node",
      "Contracts",
      "Clock",
      "Account",
      "Funds",
      "Vault",
      "Store",
    ])
      expect(stdout).to.include(`✔ ${what}: `);
    expect(stdout).to.include("✔ All is well");
  });

  it("opens the vault when told to, and says when it can't", async () => {
    expect(await finding("Keys", ["--vault", ...at("alice")])).to.include({ code: 0, state: "good" });
    const wrong = await finding("Keys", ["--vault", ...at("alice")], { CHARTCHAIN_PASSPHRASE: "wrong" });
    expect(wrong).to.include({ code: 1, state: "bad" });
  });

  it("finds a vault that is behind the chain's key", async () => {
    await cp(stage.at("alice"), stage.at("behind"), { recursive: true });
    await stage.json("key change", at("alice"));
    await stage.json("network advance", ["--days", "3"]);
    expect(await finding("Keys", ["--vault", ...at("alice")])).to.include({ state: "good" });
    expect(await finding("Keys", ["--vault", ...at("behind")])).to.include({ state: "bad" });
  });

  it("says of a chain whose clock runs ahead by how much", async () => {
    expect(await finding("Clock", at("alice"))).to.include({ code: 0, state: "doubtful" });
    expect((await finding("Clock", at("alice"))).says).to.match(/3 days ahead/);
  });

  it("names an institution without a licence, and one that can't pay", async () => {
    const account = await finding("Account", at("hospital"));
    expect(account).to.include({ code: 0, state: "doubtful" });
    expect(account.mend).to.include("chartchain authority license --institution 2");
    await stage.json("authority license", ["--institution", "2", "--roles", "PROVIDER", "--until", "2040-01-01"]);
    expect((await finding("Account", at("hospital"))).says).to.include("licensed until 2040-01-01");
    const broke = { CHARTCHAIN_KEY: `0x${"17".repeat(32)}` };
    expect(await finding("Account", at("hospital"), broke)).to.include({ state: "doubtful" });
  });

  it("needs no ether of a patient", async () => {
    await stage.json("account register-patient", ["--sign", stage.at("bob.json"), ...at("bob")]);
    await stage.json("relay", ["--file", stage.at("bob.json"), ...at("hospital")]);
    const funds = await finding("Funds", at("bob"));
    expect(funds).to.include({ code: 0, state: "good" });
    expect(funds.says).to.include("0 ether").and.include("--sign");
  });

  it("finds what others can read", async () => {
    for (const [path, mode, is] of [
      [stage.at("alice", "wallet.json"), 0o644, 0o600],
      [stage.at("alice", "31337", "vault.sqlite"), 0o640, 0o600],
      [stage.at("alice"), 0o755, 0o700],
    ] as const) {
      await chmod(path, mode);
      const found = await finding("Permissions", at("alice"));
      expect(found).to.include({ code: 1, state: "bad" });
      expect(found.mend).to.equal(`chmod ${is.toString(8)} '${path}'`);
      await chmod(path, is);
    }
    expect(await finding("Permissions", at("alice"))).to.include({ state: "good" });
  });

  it("finds a node that is gone, one that says nothing, and one of another chain, within seconds", async () => {
    using silent = await served(() => {});
    const other = await startNode();
    for (const [rpc, what, says] of [
      ["http://127.0.0.1:9", "Node", /no chain answers at 127\.0\.0\.1:9/],
      [silent.url, "Node", /no (answer in 5 seconds|chain answers)/],
      [other.url, "Contracts", /another first block/],
    ] as const) {
      const before = Date.now();
      const found = await finding(what, ["--rpc", rpc, ...at("alice")]);
      expect(found).to.include({ code: 1, state: "bad" });
      expect(found.says).to.match(says);
      expect(Date.now() - before).to.be.lessThan(15_000);
    }
    await other.stop();
  });

  it("asks further nodes, and counts who can be asked", async () => {
    const other = await startNode();
    const nodes = ["--other-node", stage.node.url, "--other-node", other.url];
    const host = new URL(other.url).host;
    expect(await finding(`Node ${host}`, [...nodes, ...at("alice")])).to.include({ code: 1, state: "bad" });
    expect(await finding(`Node ${new URL(stage.node.url).host}`, [...nodes, ...at("alice")])).to.include({
      state: "good",
    });
    expect(await finding("Agreement", [...nodes, ...at("alice")])).to.include({ state: "bad" });
    expect(await finding("Agreement", [...nodes, "--agreement", "2", ...at("alice")])).to.include({ state: "good" });
    await other.stop();
  });

  it("tries whether the store can be written, or is a Kubo node", async () => {
    const file = stage.at("a-file");
    await writeFile(file, "");
    expect(await finding("Store", ["--store", `${file}/store`, ...at("alice")])).to.include({ code: 1, state: "bad" });
    expect(await finding("Store", ["--store", stage.at("new", "store"), ...at("alice")])).to.include({ state: "good" });
    using kubo = await served((_, response) => response.end('{"Version":"0.42.0"}'));
    expect((await finding("Store", ["--ipfs", kubo.url, ...at("alice")])).says).to.match(/^Kubo 0\.42\.0 at /);
    using web = await served((_, response) => response.end("{}"));
    expect(await finding("Store", ["--ipfs", web.url, ...at("alice")])).to.include({ code: 1, state: "bad" });
    expect(await finding("Store", ["--ipfs", "http://127.0.0.1:9", ...at("alice")])).to.include({ state: "bad" });
  });

  it("finds a vault of another chain, one that is damaged, and one that is open elsewhere", async () => {
    const path = stage.at("alice", "31337", "vault.sqlite");
    const whole = await readFile(path);
    await writeFile(path, "something else entirely, longer than a header of SQLite is");
    expect(await finding("Vault", at("alice"))).to.include({ code: 1, state: "bad" });
    await writeFile(path, whole);
    expect(await finding("Vault", at("alice"))).to.include({ code: 0, state: "good" });

    const other = await createStage();
    await other.json("network deploy", []);
    const args = ["--rpc", other.node.url, "--deployment", other.environment["CHARTCHAIN_DEPLOYMENT"]!, ...at("alice")];
    const found = await finding("Vault", args);
    expect(found).to.include({ code: 1, state: "bad" });
    expect(found.mend).to.include("mv '");
    await other.close();
  });

  it("says of an index whether it is whole", async () => {
    const file = stage.at("alice", "31337", "index.sqlite");
    expect(await finding("Index", at("alice"))).to.include({ state: "good" });
    await writeFile(
      file,
      "no database, but longer than the header of one would be: 100 bytes are what SQLite reads at first.",
    );
    const found = await finding("Index", at("alice"));
    expect(found).to.include({ code: 1, state: "bad" });
    await writeFile(file, "");
    expect(await finding("Index", at("alice"))).to.include({ state: "good" });
  });

  it("makes nothing of its own where nothing is", async () => {
    const { code, stdout } = await stage.step("doctor", at("nobody"));
    expect(code).to.equal(0);
    expect(stdout).to.include("! Home: ").and.include("chartchain init");
    await mkdir(stage.at("nobody"));
  });

  it("never shows the passphrase", async () => {
    const { stdout } = await stage.step("doctor", ["--vault", ...at("alice")]);
    expect(stdout).not.to.include(PASSPHRASE);
  });
});
