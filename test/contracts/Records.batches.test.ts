import { expect } from "chai";
import { ZeroHash, toBeHex } from "ethers";

import { fixture } from "../../devnet/index.js";
import { followBatch, followRecord } from "../helpers/contracts/running-head.js";
import { setRecordCount } from "../helpers/contracts/storage.js";
import { activate, digestOf, withRelationship, type World } from "../helpers/contracts/world.js";

const load = fixture(async () => {
  const world = await withRelationship();
  await activate(world, world.bob, world.generalHospital);
  return world;
});

const COUNT = 2n ** 40n;
const MAX = 32_768n;

const batchOf = (patient: bigint, text = "a batch", count = 8n) => ({ patient, count, digest: digestOf(text) });

const selector = ({ records }: World, name: Parameters<World["records"]["interface"]["getError"]>[0]) =>
  records.interface.getError(name)!.selector;

describe("Records: anchorBatch", () => {
  it("advances the head once, by as many records as it says", async () => {
    const { records, ids, alice, generalHospital } = await load();
    let head = 0n;

    for (const [author, id, count] of [
      [generalHospital, ids.hospital, 1n],
      [alice, ids.alice, 8n],
      [generalHospital, ids.hospital, MAX],
    ] as const) {
      const batch = batchOf(ids.alice, `${count} records`, count);
      const index = (head % COUNT) + 1n;
      head = followBatch(head, id, batch.digest, count);
      await expect(records.connect(author).anchorBatch(batch))
        .to.emit(records, "BatchAnchored")
        .withArgs(ids.alice, id, index, count, batch.digest);
      expect(await records.headOf(ids.alice)).to.equal(head);
    }
    expect(head % COUNT).to.equal(9n + MAX);
    expect(await records.headOf(ids.bob)).to.equal(0);
  });

  it("goes on where a record ended, and a record where a batch ended", async () => {
    const { records, ids, generalHospital } = await load();
    const hospital = records.connect(generalHospital);
    const batch = batchOf(ids.alice);
    await hospital.anchor(ids.alice, digestOf("first"));
    await hospital.anchorBatch(batch);

    await expect(hospital.anchor(ids.alice, digestOf("last")))
      .to.emit(records, "RecordAnchored")
      .withArgs(ids.alice, ids.hospital, 10, digestOf("last"));
    const afterBatch = followBatch(followRecord(0n, ids.hospital, digestOf("first")), ids.hospital, batch.digest, 8n);
    expect(await records.headOf(ids.alice)).to.equal(followRecord(afterBatch, ids.hospital, digestOf("last")));
  });

  it("counts again what is anchored again, by the same author or by another", async () => {
    const { records, ids, alice, generalHospital } = await load();
    const batch = batchOf(ids.alice);
    for (const author of [generalHospital, generalHospital, alice]) await records.connect(author).anchorBatch(batch);

    const events = await records.queryFilter(records.filters.BatchAnchored(ids.alice));
    expect(events.map(({ args }) => [args.author, args.index])).to.deep.equal([
      [ids.hospital, 1n],
      [ids.hospital, 9n],
      [ids.alice, 17n],
    ]);
  });

  it("needs a digest: MissingDigest", async () => {
    const { records, ids, alice } = await load();

    await expect(
      records.connect(alice).anchorBatch({ ...batchOf(ids.alice), digest: ZeroHash }),
    ).to.be.revertedWithCustomError(records, "MissingDigest");
  });

  it("has 1 to 32,768 records: InvalidBatchCount", async () => {
    const { records, ids, alice } = await load();

    for (const count of [0n, MAX + 1n, 65_535n]) {
      await expect(records.connect(alice).anchorBatch(batchOf(ids.alice, "a batch", count)))
        .to.be.revertedWithCustomError(records, "InvalidBatchCount")
        .withArgs(count);
    }
  });

  it("needs an author who is registered: NotRegistered", async () => {
    const { registrar, records, ids, stranger } = await load();

    await expect(records.connect(stranger).anchorBatch(batchOf(ids.alice)))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });

  it("needs an active relationship: NotAnActiveSteward", async () => {
    const { relationships, records, ids, alice, bob, generalHospital } = await load();
    const refused = async (who: typeof bob, id: bigint) =>
      expect(records.connect(who).anchorBatch(batchOf(ids.alice)))
        .to.be.revertedWithCustomError(records, "NotAnActiveSteward")
        .withArgs(ids.alice, id);

    await refused(bob, ids.bob);
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await refused(generalHospital, ids.hospital);
  });

  it("needs a live licence: StewardNotLicensed", async () => {
    const { registrar, records, ids, generalHospital, authority } = await load();
    await registrar.connect(authority).suspend(ids.hospital);

    await expect(records.connect(generalHospital).anchorBatch(batchOf(ids.alice)))
      .to.be.revertedWithCustomError(records, "StewardNotLicensed")
      .withArgs(ids.hospital);
  });

  it("needs a patient: NotAPatient", async () => {
    const { records, ids, generalHospital } = await load();

    await expect(records.connect(generalHospital).anchorBatch(batchOf(ids.hospital)))
      .to.be.revertedWithCustomError(records, "NotAPatient")
      .withArgs(ids.hospital);
  });

  it("ends with the count: HistoryFull", async () => {
    const world = await load();
    const { records, ids, alice } = world;
    await setRecordCount(world, ids.alice, COUNT - 9n);

    await expect(records.connect(alice).anchorBatch(batchOf(ids.alice, "too many", 9n)))
      .to.be.revertedWithCustomError(records, "HistoryFull")
      .withArgs(ids.alice);
    await records.connect(alice).anchorBatch(batchOf(ids.alice, "as many as there are", 8n));
    expect((await records.headOf(ids.alice)) % COUNT).to.equal(COUNT - 1n);
  });
});

describe("Records: anchorBatches", () => {
  it("anchors a batch for each patient, several of one in order", async () => {
    const { records, ids, generalHospital } = await load();
    const batches = [batchOf(ids.alice, "a"), batchOf(ids.bob, "b", 64n), batchOf(ids.alice, "c", 1n)];

    await records.connect(generalHospital).anchorBatches(batches);

    const first = followBatch(0n, ids.hospital, digestOf("a"), 8n);
    expect(await records.headOf(ids.alice)).to.equal(followBatch(first, ids.hospital, digestOf("c"), 1n));
    expect(await records.headOf(ids.bob)).to.equal(followBatch(0n, ids.hospital, digestOf("b"), 64n));
  });

  it("passes over what is refused, says why, and loses nothing else", async () => {
    const world = await load();
    const { records, relationships, ids, alice, bob, generalHospital } = world;
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await setRecordCount(world, ids.bob, COUNT - 9n);
    const refused = [
      [{ ...batchOf(ids.bob), digest: ZeroHash }, "MissingDigest"],
      [batchOf(ids.bob, "none", 0n), "InvalidBatchCount"],
      [batchOf(ids.bob, "too large", MAX + 1n), "InvalidBatchCount"],
      [batchOf(ids.alice, "suspended"), "NotAnActiveSteward"],
      [batchOf(999n, "nobody's"), "NotAnActiveSteward"],
      [batchOf(ids.hospital, "its own"), "NotAPatient"],
      [batchOf(ids.bob, "too many", 9n), "HistoryFull"],
    ] as const;

    const sent = records.connect(generalHospital).anchorBatches([...refused.map(([batch]) => batch), batchOf(ids.bob)]);

    for (const [{ patient, digest }, name] of refused) {
      await expect(sent)
        .to.emit(records, "BatchSkipped")
        .withArgs(patient, ids.hospital, digest, selector(world, name));
    }
    await expect(sent)
      .to.emit(records, "BatchAnchored")
      .withArgs(ids.bob, ids.hospital, COUNT - 8n, 8, digestOf("a batch"));
    const events = (await (await sent).wait())!.logs;
    expect(events).to.have.length(refused.length + 1);
    expect(await records.headOf(ids.alice)).to.equal(0);
    expect((await records.headOf(ids.bob)) % COUNT).to.equal(COUNT - 1n);
    // A full history is not its patient's to use against others: what comes later is passed over, too.
    await expect(records.connect(bob).anchorBatches([batchOf(ids.bob)]))
      .to.emit(records, "BatchSkipped")
      .withArgs(ids.bob, ids.bob, digestOf("a batch"), selector(world, "HistoryFull"));
  });

  it("refuses all that a caller without a licence names, but its own: StewardNotLicensed", async () => {
    const { registrar, records, ids, alice, generalHospital, authority } = await load();
    const refused = async (who: typeof alice, id: bigint, ...batches: ReturnType<typeof batchOf>[]) =>
      expect(records.connect(who).anchorBatches(batches))
        .to.be.revertedWithCustomError(records, "StewardNotLicensed")
        .withArgs(id);

    await refused(alice, ids.alice, batchOf(ids.bob));
    await refused(alice, ids.alice, batchOf(ids.alice), batchOf(ids.bob));
    await records.connect(alice).anchorBatches([batchOf(ids.alice)]);
    await registrar.connect(authority).suspend(ids.hospital);
    await refused(generalHospital, ids.hospital, batchOf(ids.alice));
    expect(await records.headOf(ids.bob)).to.equal(0);
  });

  it("tells a skipped batch to its author alone", async () => {
    const { records, ids, laboratory } = await load();
    await records.connect(laboratory).anchorBatches([batchOf(ids.alice)]);
    const skipped = records.interface.getEvent("BatchSkipped").topicHash;

    const [found] = await records.queryFilter(records.filters.BatchSkipped(undefined, ids.laboratory));
    expect(found!.topics).to.deep.equal([skipped, toBeHex(ids.laboratory, 32)]);
  });

  it("needs a batch: MissingBatches", async () => {
    const { records, generalHospital } = await load();

    await expect(records.connect(generalHospital).anchorBatches([])).to.be.revertedWithCustomError(
      records,
      "MissingBatches",
    );
  });

  it("needs an author who is registered: NotRegistered", async () => {
    const { registrar, records, ids, stranger } = await load();

    await expect(records.connect(stranger).anchorBatches([batchOf(ids.alice)]))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });
});
