import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { COMMANDS } from "../../src/cli/commands/index.js";
import { isNoun } from "../../src/cli/line/tree.js";
import { connect } from "../../src/sdk/index.js";
import { createStage, type Stage } from "./run-step.js";

const DAY = 86_400;

/** What the page step by step doesn't do: everything by files, by who has no ether; a veto; who acts for somebody else. */
describe("steps of a patient without ether, whose actions the hospital relays", () => {
  let stage: Stage;
  const home = (name: string) => ["--home", stage.at(name)];
  const file = (name: string) => stage.at(name);
  const jsonOf = async <T>(name: string): Promise<T> => JSON.parse(await readFile(file(name), "utf8")) as T;

  /** Signs a step as Bob, lets the hospital relay it, and returns what the relaying came to. */
  let signed = 0;
  async function byFile(actor: string, step: string, args: readonly string[]): Promise<{ action: string }> {
    const path = file(`signed-${++signed}.json`);
    await stage.json(step, [...args, "--sign", path, ...home(actor)]);
    return stage.json("relay", ["--file", path, ...home("hospital")]);
  }

  before(async () => {
    stage = await createStage();
    await stage.json("network deploy", ["--delay", "1"]);
    await stage.json("account register-provider", ["--name", "General Hospital", "--fund", ...home("hospital")]);
    await byFile("bob", "account register-patient", []);
    for (const name of ["carol", "dave", "erin"])
      await stage.json("account register-patient", ["--fund", ...home(name)]);
    await stage.json("authority license", ["--institution", "1", "--roles", "PROVIDER,EMERGENCY"]);
  });

  after(() => stage.close());

  it("every step says what it does and takes, without a chain", async () => {
    const names = Object.entries(COMMANDS).flatMap(([name, entry]) =>
      isNoun(entry) ? Object.keys(entry.verbs).map((verb) => `${name} ${verb}`) : [name],
    );
    expect(names).to.include("consent grant").and.include("relay");
    for (const name of names) {
      const { code, stdout } = await stage.step(name, ["--help"], { CHARTCHAIN_RPC: "http://127.0.0.1:9" });
      expect(code, name).to.equal(0);
      expect(stdout)
        .to.include(`Usage: chartchain ${name}`)
        .and.match(new RegExp(`Examples?:\n {2}chartchain ${name}`));
    }
  });

  it("settings", async () => {
    const changes = ["--unknown-providers", "refuse", "--longest-grant", "30", "--emergency", "SUMMARY,CARE"];
    expect(await byFile("bob", "consent settings", [...changes, "--yes"])).to.include({ action: "changeSettings" });
    const { settings } = await stage.json<{ settings: object }>("consent settings", home("bob"));
    expect(settings).to.deep.equal({
      refuseUnknownProviders: true,
      longestGrant: 30,
      emergencyCategories: ["SUMMARY", "CARE"],
    });
  });

  it("settings are lifted again", async () => {
    await byFile("bob", "consent settings", ["--unknown-providers", "admit", "--longest-grant", "none", "--yes"]);
    const { settings } = await stage.json<{ settings: object }>("consent settings", home("bob"));
    expect(settings).to.include({ refuseUnknownProviders: false, longestGrant: 0 });
  });

  it("a wish for emergencies, which the hospital takes", async () => {
    const wish = file("wish.json");
    const signed = { showSensitive: "medicines", sayThatMoreExists: false };
    await stage.json("emergency wish", ["--sensitive", "medicines", "--more", "hide", "--out", wish, ...home("carol")]);
    expect(await stage.json("emergency wish", home("carol"))).to.deep.include({ wish: signed });
    expect(await stage.json("emergency wish", ["--take", wish, ...home("hospital")])).to.deep.include({ wish: signed });
    expect(await stage.json("emergency wish", home("dave"))).to.deep.include({ wish: null });
    const asking = ["--sensitive", "all", "--more", "hide", ...home("carol")];
    const { stdout } = await stage.step("emergency wish", asking);
    expect(stdout).to.match(/of what is sensitive +│ all of it/);
  });

  it("a delegate's appointment and dismissal", async () => {
    const appoint = ["--delegate", "3", "--approve", "--grant", "CARE", "--view", "CARE,SUMMARY", "--days", "30"];
    expect(await byFile("bob", "delegate appoint", [...appoint, "--yes"])).to.include({ action: "appointDelegate" });
    const listed = await stage.json<{ delegates: object[] }>("delegate list", home("bob"));
    expect(listed.delegates).to.have.length(1);
    expect(listed.delegates[0]).to.deep.include({ delegate: 3, approve: true, grant: ["CARE"] });
    await byFile("bob", "delegate dismiss", ["3"]);
    const after = await stage.json<{ delegates: object[] }>("delegate list", home("bob"));
    expect(after.delegates).to.be.empty;
  });

  it("a delegate's own grant, revocation and resignation", async () => {
    const appoint = ["--delegate", "3", "--grant", "CARE", "--days", "30", "--yes"];
    await byFile("bob", "delegate appoint", appoint);
    const grant = ["--patient", "2", "--viewer", "1", "--categories", "CARE", "--purpose", "TREAT", "--days", "1"];
    expect(await byFile("carol", "consent grant", grant)).to.include({ action: "grantAccess" });
    const scope = ["--patient", "2", "--viewer", "1", "--purpose", "TREAT", "--steward", "every"];
    expect(await stage.json("consent revoke", [...scope, "--categories", "CARE", ...home("carol")])).to.include({
      patient: 2,
    });
    const resigned = await stage.json("delegate resign", ["2", ...home("carol")]);
    expect(resigned).to.include({ patient: 2, delegate: 3, dismissed: true });
  });

  it("a delegate's answer to a proposal whose terms were sealed to it", async () => {
    await byFile("bob", "delegate appoint", ["--delegate", "3", "--approve", "--days", "30", "--yes"]);
    const terms = ["--terms", file("terms.json")];
    await stage.json("relationship propose", ["--patient", "2", "--reader", "3", ...terms, ...home("hospital")]);
    const { pending } = await stage.json<{ pending: object[] }>("relationship pending", [
      "--patient",
      "2",
      ...terms,
      ...home("carol"),
    ]);
    expect(pending).to.have.length(1);
    expect(pending[0]).to.deep.include({ provider: 1, providerName: "General Hospital" });
    const answer = ["--provider", "1", "--patient", "2", "--yes"];
    expect(await byFile("carol", "relationship approve", answer)).to.include({ action: "approveRelationship" });
    await byFile("bob", "delegate dismiss", ["3"]);
  });

  it("an emergency, and its review", async () => {
    const glass = ["--patient", "2", "--reason", "fell off a ladder", "--out", file("reason.json"), "--yes"];
    const broken = await stage.json("emergency break-glass", [...glass, "--minutes", "30", ...home("hospital")]);
    expect(broken).to.deep.include({ patient: 2, responder: 1, number: 1, categories: ["SUMMARY", "CARE"] });
    const once = ["--patient", "2", "--again", "1", "--out", file("reason-again.json"), ...home("hospital")];
    await stage.json("emergency break-glass", once);
    expect(await jsonOf("reason-again.json")).to.deep.equal(await jsonOf("reason.json"));
    const review = ["--reason", file("reason.json"), "--justified", "--yes"];
    expect(await byFile("bob", "emergency review", review)).to.include({ action: "reviewEmergency" });
    const { emergencies } = await stage.json<{ emergencies: object[] }>("emergency list", home("bob"));
    expect(emergencies[0]).to.include({ outcome: "Justified", responderName: "General Hospital" });
  });

  it("the authority reviews what the patient says nothing about, and a delegate has the last word", async () => {
    await stage.node.increaseTime(3_600);
    const glass = ["--patient", "2", "--reason", "again", "--out", file("again.json"), "--yes"];
    await stage.json("emergency break-glass", [...glass, ...home("hospital")]);
    const which = ["--patient", "2", "--responder", "1", "--yes"];
    const byAuthority = await stage.json("emergency review", [...which, "--justified", "--authority"]);
    expect(byAuthority).to.include({ number: 2, outcome: "Justified" });
    const appoint = ["--delegate", "3", "--approve", "--days", "30", "--yes"];
    await byFile("bob", "delegate appoint", appoint);
    const last = await stage.json("emergency review", [...which, "--unjustified", ...home("carol")]);
    expect(last).to.include({ number: 2, outcome: "Unjustified" });
  });

  it("a key", async () => {
    expect(await byFile("bob", "key change", [])).to.include({ action: "changeKey" });
    expect(await byFile("bob", "key change", ["--cancel"])).to.include({ action: "cancelKeyChange" });
    const again = await stage.step("key change", ["--json", ...home("erin")]);
    expect(again.code, again.stdout).to.equal(0);
    expect(await stage.json("key change", ["--cancel", ...home("erin")])).to.include({ cancelled: true });
  });

  it("accounts: one more, its retirement, and that called off", async () => {
    await stage.json("vault backup", ["--out", file("bob.backup"), ...home("bob")], {
      CHARTCHAIN_BACKUP_PASSPHRASE: "quiet harbour of nine owls",
    });
    const made = await stage.json<{ account: string; restored: boolean }>(
      "account new",
      ["--backup", file("bob.backup"), ...home("phone")],
      { CHARTCHAIN_BACKUP_PASSPHRASE: "quiet harbour of nine owls" },
    );
    expect(made.restored).to.be.true;
    await stage.json("account add", ["--join", "--participant", "2", "--out", file("join.json"), ...home("phone")]);
    expect(await byFile("bob", "account add", ["--file", file("join.json"), "--yes"])).to.include({
      action: "addAccount",
    });
    const account = ["--account", made.account, "--yes"];
    expect(await byFile("phone", "account retire", account)).to.include({ action: "retireAccount" });
    expect(await byFile("bob", "account retire", [...account, "--keep"])).to.include({ action: "keepAccount" });
    const { settings } = await stage.json<{ settings: object }>("consent settings", home("phone"));
    expect(settings).to.include({ longestGrant: 0 });
  });

  const accountsOf = async (as: string[]) => {
    const { accounts } = await stage.json<{ accounts: { account: string; scope: string; acts: boolean }[] }>(
      "account list",
      ["--participant", "1", ...as],
    );
    return accounts;
  };

  it("an institution's operator: added, at work, removed", async () => {
    const made = await stage.json<{ account: string }>("account new", home("ward"));
    const { account } = made;
    await stage.json("account add", ["--join", "--participant", "1", "--out", file("ward.json"), ...home("ward")]);
    const added = await stage.json("account add", [
      ...["--file", file("ward.json"), "--scope", "operator", "--yes"],
      ...home("hospital"),
    ]);
    expect(added).to.include({ participant: 1, account, scope: "operator" });
    const { stdout } = await stage.step("key change", ["--json", ...home("ward")]);
    expect(stdout).to.include("NOT_AN_OWNER");
    const listed = await stage.step("account list", home("ward"), { COLUMNS: "80" });
    expect(listed.code, listed.stderr).to.equal(0);
    expect(listed.stdout).to.include("General Hospital (participant 1, name verified): 2 act");
    for (const row of listed.stdout.match(/^[┌│├└].*/gm) ?? []) expect(row.length, row).to.be.at.most(80);
    // Anybody may look.
    expect((await accountsOf(home("bob"))).slice(-1)[0]).to.include({ account, scope: "operator", acts: true });
    const removed = await stage.json<{ until: number }>("account retire", [
      ...["--account", account, "--yes"],
      ...home("hospital"),
    ]);
    expect(removed.until).to.be.greaterThan(0);
    expect((await accountsOf(home("hospital"))).find((each) => each.account === account)?.acts).to.equal(false);
    const again = await stage.step("account retire", ["--account", account, "--yes", "--json", ...home("hospital")]);
    expect(again.stdout, "it is gone").to.include("ACCOUNT_RETIRED");
  });

  it("the cancellation of what was signed and not used", async () => {
    const kept = file("kept-back.json");
    const grant = ["--viewer", "1", "--categories", "CARE", "--purpose", "TREAT", "--days", "1", "--sign", kept];
    await stage.json("consent grant", [...grant, ...home("bob")]);
    expect(await byFile("bob", "account cancel-signatures", [])).to.include({ action: "cancelSignatures" });
    const { stdout } = await stage.step("relay", ["--file", kept, "--json", ...home("hospital")]);
    expect(stdout).to.include("INVALID_SIGNATURE");
  });

  describe("a recovery", () => {
    let account: string;
    const guardians = () => ["--guardians", file("guardians.json")];

    it("guardians are chosen, and a backup keeps them", async () => {
      const choice = ["--guardian", "3,4,5", "--threshold", "2", "--delay", "1", "--out", file("guardians.json")];
      expect(await byFile("bob", "recovery guardians", [...choice, "--yes"])).to.include({ action: "changeGuardians" });
      const chosen = await jsonOf<{ participant: number; guardians: object }>("guardians.json");
      expect(chosen.participant).to.equal(2);
      expect(chosen.guardians).to.deep.include({ members: [3, 4, 5], threshold: 2, delay: DAY });
      await stage.json("vault backup", ["--out", file("bob.backup"), "--force", ...home("bob")]);
    });

    it("is started and approved by guardians, and vetoed once by who has the key", async () => {
      const made = await stage.json<{ account: string }>("account new", [
        ...["--backup", file("bob.backup")],
        ...home("bob-again"),
      ]);
      ({ account } = made);
      const which = [...guardians(), "--account", account, "--yes"];
      expect(await byFile("carol", "recovery start", which)).to.include({ action: "startRecovery" });
      const pending = await stage.json("recovery approve", [...which, ...home("dave")]);
      expect(pending).to.include({ step: "approve", stage: "Pending", approvals: 2, newAccount: account });
      // The vault knows the guardians: the file isn't needed.
      expect(await byFile("bob", "recovery veto", ["--yes"])).to.include({ action: "vetoRecovery" });
    });

    it("goes on with one guardian more and twice the delay", async () => {
      const which = [...guardians(), "--account", account, "--yes"];
      const approved = await byFile("erin", "recovery approve", which);
      expect(approved).to.include({ action: "approveRecovery" });
      const listed = await stage.json<{ recoveries: { executableFrom: number; since: number }[] }>("recovery status", [
        ...guardians(),
        ...home("carol"),
      ]);
      expect(listed.recoveries).to.have.length(1);
      expect(listed.recoveries[0]).to.include({ starter: 3, stage: "Unstoppable", approvals: 3 });
      expect(listed.recoveries[0]!.executableFrom).to.equal(listed.recoveries[0]!.since + 2 * DAY);
    });

    it("is executed by the new account, which then acts alone", async () => {
      await stage.node.increaseTime(2 * DAY + 60);
      const execute = [...guardians(), "--yes", ...home("bob-again")];
      const signed = await stage.step("recovery execute", [...execute, "--sign", file("takes-over.json")]);
      expect(signed.stderr).to.match(/seen in an emergency +│ SUMMARY, CARE/);
      expect((await stage.step("recovery execute", execute)).stderr, "without ether").to.include("NO_FUNDS");
      const provider = await connect(stage.node.url);
      await provider.send("hardhat_setBalance", [account, "0xde0b6b3a7640000"]);
      provider.destroy();
      const { code, stdout, stderr } = await stage.step("recovery execute", execute);
      expect(code, stderr).to.equal(0);
      expect(stdout)
        .to.match(/seen in an emergency +│ SUMMARY +│/)
        .and.match(/no longer +│ CARE/)
        .and.match(/consent settings --home \S+ (\\\n +)?--emergency SUMMARY,CARE/);
      const { settings } = await stage.json<{ settings: object }>("consent settings", home("bob-again"));
      expect(settings).to.deep.include({ emergencyCategories: ["SUMMARY"] });
      const former = await stage.step("consent settings", ["--json", ...home("bob")]);
      expect(former.stdout).to.include("ACCOUNT_RETIRED");
      const listed = await stage.json<{ recoveries: object[] }>("recovery status", [...guardians(), ...home("carol")]);
      expect(listed.recoveries).to.be.empty;
    });
  });
});
