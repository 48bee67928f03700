import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, stat } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";

import { expect } from "chai";

import { startNode } from "./local-node.js";
import { createStage, PASSPHRASE, run, type Stage } from "./run-step.js";
import { hasTerminal, onTerminal } from "./terminal.js";

interface Ready {
  profile: string;
  participant: number;
  account: string;
  created: Record<string, string>;
  usual: boolean;
  home: string;
}

describe("init", () => {
  let stage: Stage;
  // Nothing but the configuration says where the chain is.
  const none = { CHARTCHAIN_RPC: "", CHARTCHAIN_DEPLOYMENT: "" };
  const step = (name: string, ...args: string[]) => stage.step(name, args, none);
  const init = (...args: string[]) => stage.json<Ready>("init", args, none);
  const home = (name: string) => stage.at(".local", "share", "chartchain", "profiles", name);

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", []);
  });
  after(() => stage.close());

  it("says how to come by a network where there is none", async () => {
    const { code, stderr } = await step("init", "alice", "--role", "patient");
    expect(code).to.equal(1);
    expect(stderr).to.include("NETWORK_NOT_FOUND").and.include("chartchain network start");
    expect(existsSync(home("alice"))).to.equal(false);
    const where = ["--rpc", stage.node.url, "--deployment", stage.environment["CHARTCHAIN_DEPLOYMENT"]!];
    expect((await step("network add", "trial", ...where)).code).to.equal(0);
  });

  it("makes a provider's profile: home, wallet, vault, registration; the first one is the usual one", async () => {
    const { code, stdout, stderr } = await step(
      ...(["init", "hospital", "--role", "provider", "--public-name", "General Hospital"] as const),
    );
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.include("✔ Profile hospital is ready")
      .and.include("chartchain authority license --institution 1")
      .and.include("--profile hospital");
    expect((await stat(home("hospital"))).mode & 0o777).to.equal(0o700);
    expect((await stat(`${home("hospital")}/wallet.json`)).mode & 0o777).to.equal(0o600);
    const { accounts } = await stage.json<{ accounts: unknown[] }>("account list", [], none);
    expect(accounts).to.have.length(1);
  });

  it("makes a patient's, beside it; every further command names it", async () => {
    const { stdout } = await step("init", "alice", "--role", "patient");
    const commands = stdout.split("\n").filter((line) => line.includes("chartchain ") && !line.includes("propose"));
    for (const line of commands) expect(line).to.match(/--profile alice$|profile use alice$/);
    expect(stdout).to.include("chartchain relationship propose --patient 2 --profile hospital");
    const proposed = await stage.step(
      "relationship propose",
      ["--patient", "2", "--terms", stage.at("t.json"), "--profile", "hospital"],
      none,
    );
    expect(proposed.stderr).to.include("NOT_A_LICENSED_PROVIDER");
  });

  it("has nothing left to do where all is there", async () => {
    const again = await init("alice");
    expect(again).to.deep.include({ participant: 2, created: {}, usual: false });
    expect((await step("init", "alice")).stdout).to.include("nothing was left to do");
  });

  it("refuses to turn a profile into another one", async () => {
    for (const args of [
      ["--role", "provider", "--public-name", "X"],
      ["--home", stage.at("elsewhere")],
    ]) {
      expect((await step("init", "alice", ...args)).stderr).to.include("PROFILE_EXISTS");
    }
    expect(existsSync(stage.at("elsewhere"))).to.equal(false);
  });

  it("goes on where it was interrupted", async () => {
    // After the wallet, before the vault.
    const wallet = await readFile(`${home("alice")}/wallet.json`);
    await mkdir(home("carol"), { recursive: true, mode: 0o700 });
    const fresh = await stage.step("account new", ["--home", stage.at("spare")]);
    expect(fresh.code, fresh.stderr).to.equal(0);
    await copyFile(stage.at("spare", "wallet.json"), `${home("carol")}/wallet.json`);
    const carol = await init("carol", "--role", "patient");
    expect(Object.keys(carol.created)).to.deep.equal(["vault"]);
    expect(carol.participant).to.equal(3);
    expect(await readFile(`${home("alice")}/wallet.json`)).to.deep.equal(wallet);
  });

  it("lets somebody else pay, and is run again then", async () => {
    const file = stage.at("bob-registers.json");
    const signed = await step("init", "bob", "--role", "patient", "--sign", file);
    expect(signed.code, signed.stderr).to.equal(0);
    expect(signed.stdout).to.include("nothing was sent").and.include("chartchain init bob");
    expect((await stage.step("relay", ["--file", file, "--profile", "hospital"], none)).code).to.equal(0);
    expect((await init("bob")).participant).to.equal(4);
  });

  it("refuses a new passphrase that is guessed at once, and makes nothing", async () => {
    for (const passphrase of [
      "x",
      "elevenchars",
      "aaaaaaaaaaaa",
      "password1234",
      "P4ssw0rd-2026!",
      "abcdefghijklm",
      "ababababababab",
      "passwordpassword",
    ]) {
      const environment = { ...none, CHARTCHAIN_PASSPHRASE: passphrase };
      const { code, stderr } = await stage.step("init", ["dora", "--role", "patient"], environment);
      expect(stderr, passphrase).to.include("PASSPHRASE_WEAK");
      expect(code).to.equal(1);
    }
    const own = { ...none, CHARTCHAIN_PASSPHRASE: "dora-the-explorer-1999" };
    const { stderr } = await stage.step("init", ["dora-the-explorer", "--role", "patient"], own);
    expect(stderr).to.include("PASSPHRASE_WEAK");
    expect(existsSync(`${home("dora")}/wallet.json`)).to.equal(false);
    expect((await step("profile list")).stdout).not.to.include("dora");
  });

  it("needs its answers by flags where there is no terminal", async () => {
    for (const [args, flag] of [
      [[], "--name"],
      [["erin"], "--role"],
      [["erin", "--role", "provider"], "--public-name"],
    ] as const) {
      const { code, stderr } = await step("init", ...args);
      expect(code).to.equal(2);
      expect(stderr).to.include(`${flag} is missing`);
    }
  });

  it("asks one thing after the other on a terminal", async function () {
    if (!hasTerminal()) {
      console.log("      skipped: there is no script(1) of util-linux, which makes terminals");
      this.skip();
    }
    const passphrase = "nine purple owls at noon";
    const { code, screen } = await onTerminal(
      { ...stage, environment: { ...stage.environment, ...none } },
      "init",
      [],
      [
        ["call this profile?", "no good name"],
        ["It needs a name", "frank"],
        ["Patient or provider?", ""],
        ["New passphrase", passphrase],
        ["Once more", passphrase],
      ],
    );
    expect(code, screen).to.equal(0);
    expect(screen).to.include("Profile frank is ready").and.not.include(passphrase);
  });

  it("ends a question by Ctrl-C with 130, on a line of its own, and asks again for a passphrase that was mistyped", async function () {
    if (!hasTerminal()) {
      console.log("      skipped: there is no script(1) of util-linux, which makes terminals");
      this.skip();
    }
    const there = { ...stage, environment: { ...stage.environment, ...none } };
    const left = await onTerminal(there, "init", [], [["call this profile?", "\x03"]]);
    expect(left.code, left.screen).to.equal(130);
    const lines = stripVTControlCharacters(left.screen).split(/[\r\n]+/);
    expect(lines, left.screen).to.include("✘ interrupted at the question: nothing was done");
    const listed = await onTerminal(
      there,
      "record list",
      ["--profile", "alice"],
      [
        ["Passphrase", "nine purple owls at dawn"],
        ["That isn't the passphrase", PASSPHRASE],
      ],
    );
    expect(listed.code, listed.screen).to.equal(0);
    const wrong = { ...none, CHARTCHAIN_PASSPHRASE: "nine purple owls at dawn" };
    const refused = await stage.step("record list", ["--profile", "alice"], wrong);
    expect(refused.stderr).to.include("the vault does not open with this passphrase").and.not.include("BOX_REFUSED");
  });

  it("is chosen by --profile, by CHARTCHAIN_PROFILE, or as the usual one", async () => {
    const { profiles } = await stage.json<{ profiles: { name: string; usual: boolean }[] }>("profile list", [], none);
    expect(profiles.filter(({ usual }) => usual).map(({ name }) => name)).to.deep.equal(["hospital"]);
    const own = async (args: string[], more = {}) =>
      (await stage.json<{ participant: number }>("account list", args, { ...none, ...more })).participant;
    expect(await own([])).to.equal(1);
    expect(await own(["--profile", "alice"])).to.equal(2);
    expect(await own([], { CHARTCHAIN_PROFILE: "alice" })).to.equal(2);
    expect((await step("profile use", "carol")).code).to.equal(0);
    expect(await own([])).to.equal(3);
    expect((await step("profile use", "nobody")).stderr).to.include("PROFILE_NOT_FOUND");
  });

  it("tells who acts as the wrong one whom it needs, and whom it acts as", async () => {
    for (const [name, ...args] of [
      ["consent grant", "2", "--categories", "SUMMARY", "--purpose", "TREAT", "--days", "30", "--profile", "hospital"],
      ["relationship approve", "1", "--profile", "hospital"],
      ["emergency card", "--profile", "hospital"],
    ] as const) {
      const { code, stderr } = await step(name, ...args);
      expect(code, name).to.equal(1);
      expect(stderr, name).to.include("you act as General Hospital (profile hospital), and this is for a patient");
      expect(stderr, name).to.include("--profile alice").and.include("WRONG_PROFILE");
    }
    const { stderr } = await step("relationship propose", "2", "--terms", stage.at("t2.json"), "--profile", "alice");
    expect(stderr).to.include("you act as participant 2, a person (profile alice), and this is for a provider");
    expect(stderr).to.include("Say who acts: --profile hospital\n");
    const licensed = await step("authority license", "1", "--profile", "hospital");
    expect(licensed.code, licensed.stderr).to.equal(0);
    expect(licensed.stderr).to.include("its first account: the home or profile isn't used");
  });

  it("is forgotten without its home folder", async () => {
    expect((await step("network remove", "trial")).stderr).to.include("NETWORK_IN_USE");
    expect((await step("profile remove", "carol")).stdout).to.include(home("carol"));
    expect(existsSync(`${home("carol")}/wallet.json`)).to.equal(true);
    expect((await init("carol", "--role", "patient")).participant).to.equal(3);
  });

  it("is told on a local chain that began anew what to do, and that does it", async () => {
    const { port } = stage.node;
    await stage.node.stop();
    Object.assign(stage.node, await startNode({ port }));
    await stage.json("network deploy", []);
    const me = await step("whoami", "--profile", "alice");
    expect(me.stdout).to.include("starts empty each time").and.include("Next: chartchain init alice\n");
    const looked = await step("doctor", "--profile", "hospital");
    expect(looked.stdout).to.include("chartchain init hospital\n").and.not.include("a patient needs none");

    // What lay in the way before stays, too.
    await mkdir(`${home("alice")}/31337.old`);
    const { stderr } = await stage.step("record list", ["--profile", "alice"], { ...none, COLUMNS: "60" });
    expect(stderr)
      .to.include("VAULT_OTHER_CHAIN")
      .and.not.match(/[0-9a-f]{64}/);
    const script = /^ +(mv [^]*?)\n +(chartchain init alice)\n/m.exec(stderr)!;
    const moved = await run("bash", ["-c", script[1]!], { PATH: process.env["PATH"] });
    expect(moved.code, moved.stderr).to.equal(0);
    expect((await init("alice")).participant).to.equal(1);
  });
});
