import { expect } from "chai";
import { getBytes, type Log } from "ethers";

import { type Actor, backupOf, createDevnet, fixture, handOn, relate } from "../../../devnet/index.js";
import { readReceipt } from "../../../src/sdk/records/batches-receipt.js";
import { identitySalt, type AddedRecord } from "../../../src/sdk/index.js";
import { bytes, expectCode, text } from "../helpers.js";
import { expectNothingLeft, pinsOf } from "../left-behind.js";
import { mortal } from "../mortal.js";

const HOUR = 3_600;

const load = fixture(async () => {
  const world = await createDevnet();
  const clinic = await world.institution("General Hospital");
  const [alice, bob] = [await world.patient("alice"), await world.patient("bob")];
  const insurer = await world.institution("Insurer", ["PROVIDER", "PAYER"]);
  for (const patient of [alice, bob]) await relate(clinic, patient);
  const seal = (patient: Actor, contents: readonly string[], spread?: number, client = clinic.client) =>
    client.addRecords({
      patient: patient.id,
      records: contents.map((content, i) => {
        const category = (["CARE", "SUMMARY"] as const)[i % 2]!;
        return { category, content: bytes(content), mediaType: "text/plain" };
      }),
      ...(spread === undefined ? {} : { spread }),
    });
  const countOf = async (patient: Actor) => (await clinic.client.overviewOf({ patient: patient.id })).recordCount;
  return Object.assign(world, { clinic, alice, bob, insurer, seal, countOf, pins: await pinsOf(clinic) });
});
type World = Awaited<ReturnType<typeof load>>;

const read = async ({ client }: Actor, { digest }: Pick<AddedRecord, "digest">) =>
  text((await client.openRecord({ digest, purpose: "TREAT" })).content);

const stepsSince = ({ reports }: World, before: number) => reports.slice(before).map(({ step }) => step);

describe("records that wait to be anchored", () => {
  after(async () => (await load()).close());

  it("are sealed and pinned at once, and anchored later, those of several patients in one transaction", async () => {
    const world = await load();
    const { clinic, alice, bob, pins, seal, countOf } = world;
    const before = world.reports.length;
    const [one, two] = await seal(alice, ["one", "two"], 0);
    const [three] = await seal(bob, ["three"], 0);
    expect(stepsSince(world, before)).to.deep.equal([]);
    expect([one, two, three].map((record) => [record!.index, record!.receipt])).to.deep.equal(
      [1, 2, 3].map(() => [0, undefined]),
    );
    expect(await pinsOf(clinic)).to.include.members([one!.cid, three!.cid]);
    expect(await countOf(alice)).to.equal(0);

    const { anchored, refused, waiting, transactions } = await clinic.client.anchorWaiting();
    expect(stepsSince(world, before)).to.deep.equal(["anchorBatches"]);
    expect([transactions.length, refused, waiting]).to.deep.equal([1, [], 0]);
    const sorted = anchored.toSorted((a, b) => a.patient - b.patient);
    expect(sorted.map(({ patient, records, roundOpened }) => [patient, records.length, roundOpened])).to.deep.equal([
      [alice.id, 2, false],
      [bob.id, 1, false],
    ]);
    expect([await countOf(alice), await countOf(bob)]).to.deep.equal([8, 1]);
    for (const { patient, records } of anchored) {
      const listed = await clinic.client.listRecords({ patient });
      expect(new Map(listed.map(({ digest, index }) => [digest, index]))).to.deep.equal(
        new Map(records.map(({ digest, index }) => [digest, index])),
      );
    }
    expect(await read(clinic, two!)).to.equal("two");
    for (const patient of [alice, bob]) await handOn(clinic, patient, patient.id);
    expect([await read(alice, one!), await read(bob, three!)]).to.deep.equal(["one", "three"]);
    await expectNothingLeft(clinic, [alice.id, bob.id], pins);
    expect(await clinic.client.anchorWaiting()).to.deep.equal({
      ...{ anchored: [], refused: [], waiting: 0, transactions: [] },
    });
  });

  it("wait for a moment within the time that is given, or until somebody doesn't want to wait", async () => {
    const world = await load();
    const { clinic, alice, bob, pins, seal, countOf } = world;
    const until = (await world.now()) + 48 * HOUR;
    const moments = new Set<unknown>();
    for (let i = 0; i < 3; i++) {
      await seal(alice, [`record ${i}`], 48 * HOUR);
      moments.add(clinic.vault.settings.get(`anchored-from:${alice.id}`));
    }
    expect(moments.size, "chosen once for all that waits").to.equal(1);
    expect([...moments][0]).to.be.at.most(until + 60);
    await seal(bob, ["bob's"], 48 * HOUR);
    clinic.vault.settings.set(`anchored-from:${alice.id}`, (await world.now()) + HOUR);
    clinic.vault.settings.set(`anchored-from:${bob.id}`, (await world.now()) + 2 * HOUR);
    expect(await clinic.client.anchorWaiting()).to.deep.include({ anchored: [], waiting: 4 });
    await world.increaseTime(HOUR + 60);
    const { anchored, waiting } = await clinic.client.anchorWaiting();
    expect([anchored.map(({ patient }) => patient), waiting]).to.deep.equal([[alice.id], 1]);
    expect(clinic.vault.settings.get(`anchored-from:${alice.id}`)).to.equal(undefined);
    expect((await clinic.client.anchorWaiting({ early: true })).waiting).to.equal(0);
    expect(await countOf(bob)).to.equal(1);
    await expectNothingLeft(clinic, [alice.id, bob.id], pins);
    for (const spread of [-1, 0.5, NaN, 604_801]) await expectCode("SPREAD_INVALID", seal(bob, ["other"], spread));
    await expectNothingLeft(clinic, [alice.id, bob.id], pins);
  });

  it("wait on through a restart, and aren't sealed twice when the import is repeated", async () => {
    const world = await load();
    const { clinic, alice, pins, seal, countOf } = world;
    const [one] = await seal(alice, ["one"], 0);
    await world.reopen(clinic);
    const [again, two] = await seal(alice, ["one", "two"], 0);
    expect([again!.alreadyThere, again!.digest, again!.index]).to.deep.equal([true, one!.digest, 0]);
    expect([two!.alreadyThere, two!.index]).to.deep.equal([false, 0]);
    await clinic.client.anchorWaiting();
    const [anchored] = await seal(alice, ["one"], 0);
    expect([anchored!.alreadyThere, anchored!.index > 0]).to.deep.equal([true, true]);
    expect(await countOf(alice)).to.equal(8);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("aren't left behind where the node is lost before they could wait", async () => {
    const world = await load();
    const { clinic, alice, pins, seal } = world;
    const store = new Proxy(clinic.store, {
      get: (target, name) => {
        if (name === "pin") provider.destroyed = true;
        const held = Reflect.get(target, name) as unknown;
        return typeof held === "function" ? (held.bind(target) as unknown) : held;
      },
    });
    const provider = { destroyed: false };
    const client = await world.clientOf({ ...clinic, store });
    const getBlock = client.provider.getBlock.bind(client.provider);
    client.provider.getBlock = (...asked: Parameters<typeof getBlock>) =>
      provider.destroyed ? Promise.reject(new Error("the node is gone")) : getBlock(...asked);
    try {
      const failed = await seal(alice, ["one", "two"], 0, client).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
    } finally {
      client.provider.getBlock = getBlock;
    }
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("are anchored at once where the same is added without waiting", async () => {
    const world = await load();
    const { clinic, alice, pins, seal, countOf } = world;
    const [one] = await seal(alice, ["one"], 0);
    const [now] = await seal(alice, ["one"]);
    expect([now!.alreadyThere, now!.digest, now!.index]).to.deep.equal([true, one!.digest, 1]);
    expect((await clinic.client.anchorWaiting()).anchored).to.deep.equal([]);
    expect(await countOf(alice)).to.equal(1);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("take the places of dummies, where they are confidential, as if they hadn't waited", async () => {
    const world = await load();
    const { clinic, alice, pins, countOf } = world;
    const record = (content: string, confidential: boolean) => ({
      ...{ category: "CARE" as const, content: bytes(content), mediaType: "text/plain", confidential },
    });
    const records = [record("one", false), record("two", false), record("three", true)];
    await clinic.client.addRecords({ patient: alice.id, records, spread: 0 });
    const [first] = (await clinic.client.anchorWaiting()).anchored;
    expect(first!.records.map(({ confidential }) => confidential).sort()).to.deep.equal([false, false, true]);
    expect(await countOf(alice)).to.equal(8);
    await clinic.client.addRecords({ patient: alice.id, records: [record("four", true)], spread: 0 });
    await clinic.client.anchorWaiting();
    expect(await countOf(alice), "a batch that could be of dummies alone").to.equal(16);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("aren't anchored once they are shredded", async () => {
    const world = await load();
    const { clinic, alice, pins, seal } = world;
    const [one, two] = await seal(alice, ["one", "two"], 0);
    await clinic.client.shredRecord({ digest: one!.digest });
    const { anchored } = await clinic.client.anchorWaiting();
    expect(anchored.flatMap(({ records }) => records.map(({ digest }) => digest))).to.deep.equal([two!.digest]);
    await clinic.client.repackDue({ after: 0 });
    expect(await read(clinic, two!)).to.equal("two");
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("lie under a new round where somebody lost access while they waited", async () => {
    const world = await load();
    const { clinic, alice, insurer, seal } = world;
    const terms = { viewer: insurer.id, categories: ["CARE"] as const, purpose: "TREAT" as const };
    await alice.client.grantAccess({ ...terms, until: (await world.now()) + HOUR });
    const [one] = await seal(alice, ["one"], 0);
    await handOn(clinic, insurer, alice.id, "TREAT").catch((error: unknown) => error);
    await alice.client.revokeAccess({ viewer: insurer.id });
    const { anchored } = await clinic.client.anchorWaiting();
    expect(anchored[0]).to.deep.include({ patient: alice.id, roundOpened: true, members: [] });
    const { compartmentId } = clinic.vault.envelopes.get(getBytes(one!.digest))!;
    expect(clinic.vault.compartments.get(compartmentId)!.round).to.equal(1);
    expect(await read(clinic, one!)).to.equal("one");
  });

  it("wait on, with the reason, where the contract passes over them, and keep nobody else's", async () => {
    const world = await load();
    const { clinic, alice, bob, pins, seal, countOf } = world;
    await seal(alice, ["one"], 0);
    await seal(bob, ["two", "three"], 0);
    await bob.client.endRelationship({ patient: bob.id, provider: clinic.id });
    const { anchored, refused, waiting } = await clinic.client.anchorWaiting();
    expect(anchored.map(({ patient }) => patient)).to.deep.equal([alice.id]);
    expect(refused.map(({ patient, records, code }) => [patient, records, code])).to.deep.equal([
      [bob.id, 2, "NOT_AN_ACTIVE_STEWARD"],
    ]);
    expect([waiting, await countOf(bob)]).to.deep.equal([0, 0]);
    await world.reopen(clinic);
    await relate(clinic, bob);
    const later = await clinic.client.anchorWaiting();
    expect(later.anchored.map(({ patient, records }) => [patient, records.length])).to.deep.equal([[bob.id, 2]]);
    await expectNothingLeft(clinic, [alice.id, bob.id], pins);
  });

  it("stay with one who was withdrawn, and the others are anchored", async () => {
    const world = await load();
    const { clinic, alice, bob, seal } = world;
    for (const patient of [alice, bob]) await seal(patient, ["one"], 0);
    const [account, code] = [bob.wallet.address, await bob.client.ownAttestationCode()];
    const claim = { account, code, identifier: "mrn|2", salt: identitySalt() };
    await clinic.client.linkIdentity({ file: await clinic.client.attestIdentity(claim) });
    await clinic.client.withdrawIdentity({ participant: bob.id });
    const { anchored, refused } = await clinic.client.anchorWaiting();
    expect(anchored.map(({ patient }) => patient)).to.deep.equal([alice.id]);
    expect(refused.map(({ patient, code }) => [patient, code])).to.deep.equal([[bob.id, "IDENTITY_WITHDRAWN"]]);
  });

  it("are all there once, whenever the process is killed that seals or anchors them", async () => {
    for (let [moment, isOver] = [1, false]; !isOver; moment++) {
      const world = await load();
      const { clinic, alice, bob, pins, seal } = world;
      const mortals = mortal(clinic, world.provider, moment);
      const client = await world.clientOf(clinic, mortals.options);
      const run = async () => {
        await seal(alice, ["one", "two"], 0, client);
        await seal(bob, ["three"], 0, client);
        await client.anchorWaiting();
      };
      await run().catch((error: unknown) => error);
      isOver = mortals.died() === undefined;
      await world.reopen(clinic);
      await seal(alice, ["one", "two"], 0);
      await seal(bob, ["three"], 0);
      await clinic.client.anchorWaiting();
      await expectNothingLeft(clinic, [alice.id, bob.id], pins);
      const count = async ({ id }: Actor) => (await clinic.client.listRecords({ patient: id })).length;
      expect([await count(alice), await count(bob)], `killed before write ${moment}`).to.deep.equal([2, 1]);
    }
  });

  describe("in a vault that was restored from a backup", () => {
    /** The clinic's vault as it is now, in a folder of its own. */
    async function copyOf(world: World) {
      const { clinic } = world;
      const { vault } = await world.actor(`copy ${++copies}`, { backup: await backupOf(clinic) });
      const copy = { ...clinic, vault };
      return { ...copy, client: await world.clientOf(copy) };
    }
    let copies = 0;

    it("are noted as anchored where the vault that it was made of anchored them, and nothing is sent", async () => {
      const world = await load();
      const { clinic, alice, bob, pins, seal, countOf } = world;
      const confidential = { category: "CARE" as const, content: bytes("four"), confidential: true };
      const [one, two] = await seal(alice, ["one", "two"], 0);
      await clinic.client.addRecords({ patient: alice.id, records: [confidential], spread: 0 });
      const [three] = await seal(bob, ["three"], 0);
      const copy = await copyOf(world);
      const { anchored } = await clinic.client.anchorWaiting();
      await handOn(clinic, alice, alice.id);
      const before = world.reports.length;
      const found = await copy.client.anchorWaiting();
      expect(stepsSince(world, before)).to.deep.equal([]);
      expect([found.refused, found.waiting, found.transactions]).to.deep.equal([[], 0, []]);
      const placesOf = ({ anchored: of }: typeof found) =>
        of
          .flatMap(({ patient, records }) => records.map(({ digest, index }) => `${patient} ${digest} ${index}`))
          .sort();
      expect(placesOf(found)).to.deep.equal(placesOf({ ...found, anchored }));
      expect([await countOf(alice), await countOf(bob)]).to.deep.equal([8, 1]);
      await expectNothingLeft(copy, [alice.id, bob.id], pins);
      // It delivers them as the other one would have: signed anew.
      for (const patient of [alice, bob]) await handOn(copy, patient, patient.id);
      expect([await read(copy, one!), await read(copy, two!), await read(bob, three!)]).to.deep.equal([
        ...["one", "two", "three"],
      ]);
      expect((await copy.client.anchorWaiting()).anchored).to.deep.equal([]);
    });

    it("are so where one of them was anchored at once, and the others later", async () => {
      const world = await load();
      const { clinic, alice, pins, seal, countOf } = world;
      await seal(alice, ["one", "two", "three"], 0);
      const copy = await copyOf(world);
      await seal(alice, ["two"]);
      await clinic.client.anchorWaiting();
      expect(await countOf(alice)).to.equal(9);
      const { anchored, transactions } = await copy.client.anchorWaiting();
      expect(anchored.flatMap(({ records }) => records)).to.have.length(3);
      expect([transactions.length, await countOf(alice)]).to.deep.equal([0, 9]);
      await expectNothingLeft(copy, [alice.id], pins);
    });

    it("are anchored by it where the other one anchored none of them, and found by that one then", async () => {
      const world = await load();
      const { clinic, alice, insurer, pins, seal, countOf } = world;
      await seal(alice, ["one", "two"], 0);
      const copy = await copyOf(world);
      await relate(insurer, alice);
      // Somebody else's anchors of the same digests are none of the clinic's.
      for (const { digest } of copy.vault.envelopes.list({ status: "pending" }))
        await (await insurer.client.contracts.Records.anchor(alice.id, digest)).wait();
      expect((await copy.client.anchorWaiting()).transactions).to.have.length(1);
      expect(await countOf(alice)).to.equal(10);
      expect((await clinic.client.anchorWaiting()).transactions).to.deep.equal([]);
      expect(await countOf(alice)).to.equal(10);
      await expectNothingLeft(clinic, [alice.id], pins);
    });

    it("are found with the patient's own delivery where more were anchored with them than the backup knows", async () => {
      const world = await load();
      const { clinic, alice, seal, countOf } = world;
      const [one] = await seal(alice, ["one"], 0);
      const copy = await copyOf(world);
      await seal(alice, ["two"], 0);
      await clinic.client.anchorWaiting();
      await handOn(clinic, alice, alice.id);
      await handOn(alice, copy, alice.id);
      const { anchored, transactions } = await copy.client.anchorWaiting();
      expect([transactions.length, await countOf(alice)]).to.deep.equal([0, 8]);
      expect(anchored.flatMap(({ records }) => records.map(({ digest }) => digest))).to.deep.equal([one!.digest]);
    });
  });

  it("are counted by what is said of the author's own batch, not by others' events in the same transaction", async () => {
    const { clinic, alice, bob, insurer, deployment } = await load();
    const { Records } = clinic.client.contracts;
    const [digest, refused] = [`0x${"11".repeat(32)}`, `0x${"22".repeat(32)}`];
    const reason = Records.interface.getError("MissingDigest")!.selector;
    const log = (name: "BatchAnchored" | "BatchSkipped", args: unknown[], address = deployment.contracts.Records) =>
      ({ address, ...Records.interface.encodeEventLog(name, args) }) as unknown as Log;
    const anchored = (patient: number, author: number, index: number) =>
      log("BatchAnchored", [patient, author, index, 8, digest]);
    const logs = [
      anchored(alice.id, clinic.id, 7),
      anchored(bob.id, clinic.id, 70),
      anchored(alice.id, insurer.id, 700),
      log("BatchSkipped", [alice.id, insurer.id, digest, reason]),
      log("BatchSkipped", [alice.id, insurer.id, refused, reason]),
      log("BatchSkipped", [bob.id, clinic.id, refused, reason], insurer.wallet.address),
      log("BatchSkipped", [bob.id, clinic.id, refused, reason]),
    ];
    const { first, skipped } = readReceipt(clinic.client, { logs }, clinic.id);
    expect([...first]).to.deep.equal([
      [`${alice.id}/${digest}`, 7],
      [`${bob.id}/${digest}`, 70],
    ]);
    expect([...skipped]).to.deep.equal([[`${bob.id}/${refused}`, "MissingDigest"]]);
  });

  it("wait on where the account can't pay", async () => {
    const world = await load();
    const { clinic, alice, pins, seal } = world;
    await seal(alice, ["one"], 0);
    const balance = await world.provider.getBalance(clinic.wallet.address);
    const setBalance = (wei: bigint) =>
      world.provider.send("hardhat_setBalance", [clinic.wallet.address, `0x${wei.toString(16)}`]);
    await setBalance(1n);
    await expectCode("NO_FUNDS", clinic.client.anchorWaiting());
    await setBalance(balance);
    expect((await clinic.client.anchorWaiting()).anchored).to.have.length(1);
    await expectNothingLeft(clinic, [alice.id], pins);
  });
});
