import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { backupOf, createDevnet, handOn, propose, relate, throughJson, type Devnet } from "../../devnet/index.js";
import { identitySalt } from "../../src/sdk/index.js";
import { expectCode } from "../sdk/helpers.js";

describe("devnet/README.md", () => {
  it("shows an application's test, which runs here line by line", async () => {
    const page = await readFile("devnet/README.md", "utf8");
    const [shown] = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!);
    const here = await readFile("test/devnet/devnet.test.ts", "utf8");
    const lines = shown!.split("\n").filter((line) => line !== "" && !line.startsWith("import"));
    expect(lines.length).to.be.greaterThan(5);
    for (const line of lines) expect(here).to.include(line.replace(/ +\/\/.*/, ""));
  });

  it("and ends as it says", async () => {
    await using devnet = await createDevnet();
    const hospital = await devnet.institution("General Hospital");
    const alice = await devnet.patient("Alice");
    await relate(hospital, alice);
    const content = new TextEncoder().encode('{"resourceType":"AllergyIntolerance"}');
    const { digest } = await hospital.client.addRecord({ patient: alice.id, category: "SUMMARY", content });
    await handOn(hospital, alice, alice.id);
    await alice.client.openRecord({ digest });
    await devnet.increaseTime(86_400);
  });
});

describe("a devnet", () => {
  let devnet: Devnet;
  before(async () => {
    devnet = await createDevnet();
  });
  after(() => devnet.close());

  it("registers people, and institutions with the licences that they need", async () => {
    const alice = await devnet.patient("Alice");
    const clinic = await devnet.institution("City Clinic");
    const insurer = await devnet.institution("Mutual Insurance", ["PAYER"]);
    expect([alice.id, clinic.id, insurer.id]).to.deep.equal([1, 2, 3]);
    expect(await alice.client.describeParticipant({ id: clinic.id })).to.deep.include({ name: "City Clinic" });
    await relate(clinic, alice);
    await expectCode("NOT_A_LICENSED_PROVIDER", insurer.client.proposeRelationship({ patient: alice.id }));
  });

  it("has a hospital work with an operator's account end to end, its owner's put away", async () => {
    const hospital = await devnet.institution("Operated Hospital");
    const lab = await devnet.institution("Laboratory");
    const dora = await devnet.patient("Dora");
    await devnet.operate(hospital);
    const owner = hospital.owner!.address;
    const accounts = await hospital.client.listAccounts();
    expect(accounts.map(({ account, scope, acts }) => [account, scope, acts])).to.deep.equal([
      [owner, "owner", true],
      [hospital.wallet.address, "operator", true],
    ]);
    const before = await devnet.provider.getTransactionCount(owner);

    const about = { account: dora.wallet.address, code: await dora.client.ownAttestationCode() };
    const attested = await hospital.client.attestIdentity({ ...about, identifier: "mrn|7", salt: identitySalt() });
    await hospital.client.linkIdentity({ file: throughJson(attested) });
    await propose(hospital, dora.id, [dora]);
    await dora.client.approveRelationship((await dora.client.listPending())[0]!);
    const content = new TextEncoder().encode('{"resourceType":"AllergyIntolerance"}');
    const records = [1, 2].map(() => ({ category: "SUMMARY" as const, content, again: true }));
    const [added] = await hospital.client.addRecords({ patient: dora.id, records });
    const { digest } = added!;
    await handOn(hospital, dora, dora.id);
    await dora.client.openRecord({ digest });
    const until = (await devnet.now()) + 3_600;
    await dora.client.grantAccess({ viewer: lab.id, categories: ["SUMMARY"], purpose: "TREAT", until });
    await handOn(hospital, lab, dora.id);
    await lab.client.openRecord({ digest, purpose: "TREAT" });
    await hospital.client.publishReleaseLog();
    await hospital.client.retractRecord({ digest, reason: "entered in error" });
    await expectCode("RECORD_RETRACTED", lab.client.openRecord({ digest, purpose: "TREAT" }));
    await devnet.reopen(hospital);
    await hospital.client.endRelationship({ patient: dora.id, provider: hospital.id });
    expect(await devnet.provider.getTransactionCount(owner), "the owner sent nothing").to.equal(before);

    await expectCode("NOT_AN_OWNER", hospital.client.retireAccount({ account: owner }));
    await (await devnet.ownerOf(hospital)).retireAccount({ account: hospital.wallet.address });
    await expectCode("ACCOUNT_RETIRED", hospital.client.publishReleaseLog());
  });

  it("gives ether to whom it is asked to", async () => {
    const rich = await devnet.actor("rich");
    const poor = await devnet.actor("poor", { ether: false });
    expect(await devnet.provider.getBalance(rich.wallet.address)).to.equal(10n ** 19n);
    expect(await devnet.provider.getBalance(poor.wallet.address)).to.equal(0n);
  });

  it("moves its clock, and tells the time", async () => {
    const before = await devnet.now();
    await devnet.increaseTime(1_000);
    expect(await devnet.now()).to.be.within(before + 1_000, before + 1_060);
  });

  it("reports every transaction, by who sent it", async () => {
    const carol = await devnet.patient("Carol");
    expect(devnet.reports.at(-1)).to.include({
      step: "registerPatient",
      actor: "Carol",
      account: carol.wallet.address,
    });
  });

  it("starts an actor again, and lets one come back with another account", async () => {
    const dave = await devnet.patient("Dave");
    const key = await dave.vault.identity.keyPair();
    const { vault } = dave;
    await devnet.reopen(dave);
    expect(dave.vault).not.to.equal(vault);
    expect(await dave.client.ownId()).to.equal(dave.id);
    const again = await devnet.actor("Dave again", { backup: await backupOf(dave) });
    expect(again.wallet.address).not.to.equal(dave.wallet.address);
    expect((await again.vault.identity.keyPair()).publicKey).to.deep.equal(key.publicKey);
  });

  it("knows a thief, who has a key and no vault", async () => {
    const erin = await devnet.patient("Erin");
    const thief = await devnet.thiefOf(erin);
    expect(await thief.ownId()).to.equal(erin.id);
    await expectCode("VAULT_MISSING", thief.changeKey());
  });

  it("stands beside another one, and shares nothing with it", async () => {
    const frank = await devnet.patient("Frank");
    const other = await createDevnet();
    try {
      expect(other.url).not.to.equal(devnet.url);
      expect(other.folder).not.to.equal(devnet.folder);
      expect(await frank.client.ownId()).to.be.greaterThan(1);
      expect((await other.patient("Frank")).id).to.equal(1);
    } finally {
      await other.close();
    }
  });

  it("leaves nothing when it is closed", async () => {
    const short = await createDevnet();
    await short.patient("Grace");
    expect(existsSync(short.folder)).to.be.true;
    await short.close();
    expect(existsSync(short.folder)).to.be.false;
    await expectCode(
      "CHAIN_UNREACHABLE",
      import("../../src/sdk/index.js").then(({ connect }) => connect(short.url)),
    );
  });
});

describe("a snapshot of a devnet", () => {
  it("brings back chain, clock, vaults, stores and what was handed over, as often as it is asked for", async () => {
    await using devnet = await createDevnet();
    const clinic = await devnet.institution("City Clinic");
    const alice = await devnet.patient("Alice");
    await relate(clinic, alice);
    const write = (text: string) =>
      clinic.client.addRecord({
        patient: alice.id,
        category: "CARE",
        content: new TextEncoder().encode(text),
        again: true,
      });
    const { digest } = await write("kept");
    await handOn(clinic, alice, alice.id);
    const back = await devnet.snapshot();
    const time = await devnet.now();
    const sent = devnet.reports.length;

    for (let i = 0; i < 2; i++) {
      await clinic.client.shredRecord({ digest });
      await alice.client.shredRecord({ digest });
      const later = await write("forgotten");
      await handOn(clinic, alice, alice.id);
      await devnet.increaseTime(1_000_000);
      await devnet.patient("Bob");
      expect(await back()).to.equal(true);

      expect(await devnet.now()).to.be.lessThan(time + 1_000);
      expect(devnet.reports).to.have.length(sent);
      expect(alice.received).to.have.length(1);
      expect((await alice.client.openRecord({ digest })).content.length).to.equal(4);
      await expectCode("RECORD_UNKNOWN", alice.client.openRecord({ digest: later.digest }));
      await expectCode("UNKNOWN_PARTICIPANT", alice.client.describeParticipant({ id: 3 }));
    }
  });

  it("is gone with one that is older", async () => {
    await using devnet = await createDevnet();
    const older = await devnet.snapshot();
    const newer = await devnet.snapshot();
    expect(await older()).to.equal(true);
    expect(await newer()).to.equal(false);
  });
});
