import { cp, readdir, readFile, rename, rm } from "node:fs/promises";

import { expect } from "chai";

import { openVault } from "../../src/vault/node/index.js";
import type { Deployment } from "../../src/sdk/index.js";
import { asProcess, createStage, PASSPHRASE, run, type Stage } from "./run-step.js";
import { hasTerminal, onTerminal } from "./terminal.js";

const NEXT = "nine purple owls at noon";

describe("a home's passphrase and backup", () => {
  let stage: Stage;
  const at = (name: string) => ["--home", stage.at(name)];
  const under = (passphrase: string) => ({ CHARTCHAIN_PASSPHRASE: passphrase });
  /** Whether everything of a home opens with a passphrase: its wallet signs, its vault is read. */
  const opens = async (home: string, passphrase: string) => {
    const { stdout } = await stage.step("doctor", ["--vault", "--json", ...at(home)], under(passphrase));
    const { findings } = JSON.parse(stdout) as { findings: { what: string; state: string }[] };
    return findings.find(({ what }) => what === "Keys")?.state === "good";
  };
  const change = (home: string, from: string, to: string) =>
    stage.step("vault passphrase", at(home), { ...under(from), CHARTCHAIN_NEW_PASSPHRASE: to });

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", []);
    await stage.json("account register-patient", ["--fund", ...at("alice")]);
  });
  after(() => stage.close());

  it("is changed for wallet and vault, without a node", async () => {
    const nowhere = { CHARTCHAIN_RPC: "http://127.0.0.1:9", CHARTCHAIN_NEW_PASSPHRASE: NEXT };
    const { code, stdout, stderr } = await stage.step("vault passphrase", at("alice"), nowhere);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include("✔ Changed the passphrase").and.include("wallet.json").and.include("Backups");
    expect(await opens("alice", NEXT)).to.equal(true);
    expect(await opens("alice", PASSPHRASE)).to.equal(false);
    expect((await readdir(stage.at("alice"))).toSorted()).to.deep.equal(["31337", "wallet.json"]);
    expect((await change("alice", NEXT, PASSPHRASE)).code).to.equal(0);
  });

  it("stays where anything is wrong: a wrong or weak passphrase, the same one, a vault in use", async () => {
    const former = await readFile(stage.at("alice", "wallet.json"));
    const wrong = await change("alice", "not this one at all", NEXT);
    expect(wrong.stderr).to.include("WRONG_PASSPHRASE");
    expect((await change("alice", PASSPHRASE, "short")).stderr).to.include("PASSPHRASE_WEAK");
    expect((await change("alice", PASSPHRASE, PASSPHRASE)).code).to.equal(2);
    const missing = await stage.step("vault passphrase", at("alice"));
    expect(missing.stderr).to.include("PASSPHRASE_MISSING").and.include("CHARTCHAIN_NEW_PASSPHRASE");

    const { chainId, ...deployment } = JSON.parse(
      await readFile(stage.environment["CHARTCHAIN_DEPLOYMENT"]!, "utf8"),
    ) as Deployment;
    const chain = { chainId: BigInt(chainId), ...deployment };
    const vault = await openVault({ directory: stage.at("alice", "31337"), chain, passphrase: PASSPHRASE });
    const inUse = await change("alice", PASSPHRASE, NEXT);
    vault.close();
    expect(inUse.stderr).to.include("VAULT_IN_USE");
    expect(await readFile(stage.at("alice", "wallet.json"))).to.deep.equal(former);
    expect(await opens("alice", PASSPHRASE)).to.equal(true);
  });

  it("is the same for both again after an interruption between them", async () => {
    for (const part of ["wallet.json", "31337"]) {
      // As whoever lost power after the one and before the other.
      await cp(stage.at("alice"), stage.at("half"), { recursive: true });
      await cp(stage.at("alice"), stage.at("whole"), { recursive: true });
      expect((await change("whole", PASSPHRASE, NEXT)).code).to.equal(0);
      await rm(stage.at("half", part), { recursive: true });
      await rename(stage.at("whole", part), stage.at("half", part));
      expect(await opens("half", NEXT)).to.equal(false);

      const { code, stdout, stderr } = await change("half", PASSPHRASE, NEXT);
      expect(code, stderr).to.equal(0);
      expect(stdout)
        .to.include("✔ Changed the passphrase")
        .and.not.match(new RegExp(`half/${part}\\b`));
      expect(await opens("half", NEXT)).to.equal(true);
      expect((await change("half", PASSPHRASE, NEXT)).stdout).to.include("the new one already");
      for (const each of ["half", "whole"]) await rm(stage.at(each), { recursive: true });
    }
  });

  it("is asked for on a terminal, and not shown", async function () {
    if (!hasTerminal()) {
      console.log("      skipped: there is no script(1) of util-linux, which makes terminals");
      this.skip();
    }
    await cp(stage.at("alice"), stage.at("asked"), { recursive: true });
    const { code, screen } = await onTerminal(stage, "vault passphrase", at("asked"), [
      ["Passphrase:", PASSPHRASE],
      ["New passphrase", NEXT],
      ["Once more", NEXT],
    ]);
    expect(code, screen).to.equal(0);
    expect(screen).to.include("Changed the passphrase").and.not.include(PASSPHRASE).and.not.include(NEXT);
    expect(await opens("asked", NEXT)).to.equal(true);
  });

  it("opens a vault that was restored beside the wallet", async () => {
    const backup = stage.at("alice.backup");
    const own = { CHARTCHAIN_BACKUP_PASSPHRASE: "quiet harbour of nine owls" };
    expect((await stage.step("vault backup", ["--out", backup, ...at("alice")], own)).code).to.equal(0);

    const there = await stage.step("vault restore", [backup, ...at("alice")], own);
    expect(there.stderr).to.include("VAULT_EXISTS");

    await rename(stage.at("alice", "31337"), stage.at("alice", "lost"));
    expect((await stage.step("vault restore", [backup, ...at("alice")])).stderr).to.include("WRONG_PASSPHRASE");
    const { code, stdout, stderr } = await stage.step("vault restore", [backup, ...at("alice")], own);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include("✔ Restored the vault").and.not.include("isn't the vault");
    expect(await opens("alice", PASSPHRASE)).to.equal(true);
  });

  it("isn't enough for a backup of somebody else's, which is said", async () => {
    await stage.json("account register-patient", ["--fund", ...at("bob")]);
    await rename(stage.at("bob", "31337"), stage.at("bob", "lost"));
    const own = { CHARTCHAIN_BACKUP_PASSPHRASE: "quiet harbour of nine owls" };
    const { stdout } = await stage.step("vault restore", [stage.at("alice.backup"), ...at("bob")], own);
    expect(stdout).to.include("! It isn't the vault of this home's account");
    const none = await stage.step(
      "vault restore",
      [stage.at("alice.backup"), ...at("bob"), "--wallet", stage.at("x")],
      own,
    );
    expect(none.code).to.equal(1);
  });
});

describe("a home where none can be", () => {
  it("is refused at once: /proc takes no folders", async () => {
    const environment = { ...process.env, CHARTCHAIN_PASSPHRASE: PASSPHRASE, CHARTCHAIN_RPC: "http://127.0.0.1:9" };
    for (const [name, ...args] of [
      ["vault passphrase", "--home", "/proc/foo"],
      ["doctor", "--home", "/proc/foo"],
    ] as const) {
      const before = Date.now();
      const { code, stdout, stderr } = await run(...asProcess(name, args), environment);
      expect(code, stdout + stderr).to.equal(1);
      expect(Date.now() - before).to.be.lessThan(30_000);
    }
  });

  it("is refused by what would make it, too", async () => {
    const stage = await createStage();
    await stage.json("network deploy", []);
    const { code, stderr } = await stage.process("account register-patient", ["--home", "/proc/foo", "--fund"]);
    expect(code).to.equal(1);
    expect(stderr).to.include("HOME_UNUSABLE").and.include("/proc/foo");
    await stage.close();
  });
});
