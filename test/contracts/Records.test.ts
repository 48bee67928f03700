import { expect } from "chai";
import { ZeroHash } from "ethers";

import { fixture } from "../../devnet/index.js";
import { followHead, followRecord } from "../helpers/contracts/running-head.js";
import { setLogNumber, setRecordCount } from "../helpers/contracts/storage.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, withRelationship, type World } from "../helpers/contracts/world.js";

const load = fixture(withRelationship);

const COUNT = 2n ** 40n;

describe("Records: anchor", () => {
  it("anchors a steward's record and the patient's own", async () => {
    const { records, ids, alice, generalHospital } = await load();
    let head = 0n;

    for (const [author, id, text] of [
      [generalHospital, ids.hospital, "first"],
      [alice, ids.alice, "second, self-reported"],
      [generalHospital, ids.hospital, "third"],
      [generalHospital, ids.hospital, "third"],
    ] as const) {
      head = followRecord(head, id, digestOf(text));
      await expect(records.connect(author).anchor(ids.alice, digestOf(text)))
        .to.emit(records, "RecordAnchored")
        .withArgs(ids.alice, id, head % COUNT, digestOf(text));
      expect(await records.headOf(ids.alice)).to.equal(head);
    }
    expect(await records.headOf(ids.bob)).to.equal(0);
  });

  it("needs a digest: MissingDigest", async () => {
    const { records, ids, alice } = await load();

    await expect(records.connect(alice).anchor(ids.alice, ZeroHash)).to.be.revertedWithCustomError(
      records,
      "MissingDigest",
    );
  });

  it("needs an author who is registered: NotRegistered", async () => {
    const { registrar, records, ids, stranger } = await load();

    await expect(records.connect(stranger).anchor(ids.alice, digestOf("a record")))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });

  it("needs an active relationship: NotAnActiveSteward", async () => {
    const { relationships, records, ids, alice, bob, laboratory, generalHospital } = await load();
    const refused = async (who: typeof bob, id: bigint) =>
      expect(records.connect(who).anchor(ids.alice, digestOf("a record")))
        .to.be.revertedWithCustomError(records, "NotAnActiveSteward")
        .withArgs(ids.alice, id);

    await refused(laboratory, ids.laboratory);
    await refused(bob, ids.bob);
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await refused(generalHospital, ids.hospital);
    await relationships.connect(alice).end(ids.alice, ids.hospital);
    await refused(generalHospital, ids.hospital);
  });

  it("needs a live licence: StewardNotLicensed", async () => {
    const { registrar, records, ids, generalHospital, authority, networkHelpers } = await load();
    const refused = async () =>
      expect(records.connect(generalHospital).anchor(ids.alice, digestOf("a record")))
        .to.be.revertedWithCustomError(records, "StewardNotLicensed")
        .withArgs(ids.hospital);

    await registrar.connect(authority).suspend(ids.hospital);
    await refused();
    await networkHelpers.time.increase(400 * DAY);
    await refused();
  });

  it("needs a patient: NotAPatient", async () => {
    const { records, ids, generalHospital } = await load();

    await expect(records.connect(generalHospital).anchor(ids.hospital, digestOf("a record")))
      .to.be.revertedWithCustomError(records, "NotAPatient")
      .withArgs(ids.hospital);
  });

  it("ends with the count rather than begin again: HistoryFull", async () => {
    const world = await load();
    const { records, ids, alice } = world;
    await setRecordCount(world, ids.alice, COUNT - 1n);
    expect(await records.headOf(ids.alice)).to.equal(COUNT - 1n);

    await expect(records.connect(alice).anchor(ids.alice, digestOf("a record")))
      .to.be.revertedWithCustomError(records, "HistoryFull")
      .withArgs(ids.alice);
  });
});

describe("Records: publishHead", () => {
  const publish = (world: World, log: number, number: number, size: bigint, root = digestOf(`root ${size}`)) =>
    world.records.connect(world.generalHospital).publishHead(log, number, size, root, digestOf(`map ${size}`));

  it("publishes the heads of each log apart", async () => {
    const world = await load();
    const { records, ids } = world;
    const heads = new Map<number, bigint>();

    for (const [log, number, size] of [
      [0, 1, 10n],
      [1, 1, 3n],
      [0, 2, 12n],
      [0, 3, 13n],
      [1, 2, COUNT - 1n],
    ] as const) {
      const [root, mapRoot] = [digestOf(`root ${size}`), digestOf(`map ${size}`)];
      const head = followHead(heads.get(log) ?? 0n, { number, size, root, mapRoot });
      heads.set(log, head);
      await expect(publish(world, log, number, size))
        .to.emit(records, "HeadPublished")
        .withArgs(ids.hospital, log, number, size, root, mapRoot);
      expect(await records.logHeadOf(ids.hospital, log)).to.equal(head);
    }
    expect(await records.logHeadOf(ids.laboratory, 0)).to.equal(0);
  });

  it("is open to every licensed institution, with a map or without", async () => {
    const { records, ids, insurer } = await load();
    await records.connect(insurer).publishHead(0, 1, 1, digestOf("root"), ZeroHash);

    expect((await records.logHeadOf(ids.insurer, 0)) % COUNT).to.equal(1);
  });

  it("needs a root: MissingDigest", async () => {
    const world = await load();

    await expect(publish(world, 0, 1, 1n, ZeroHash)).to.be.revertedWithCustomError(world.records, "MissingDigest");
  });

  it("takes one head after the other: NotTheNextHead", async () => {
    const world = await load();
    const refused = async (number: number, next: number) =>
      expect(publish(world, 0, number, 20n))
        .to.be.revertedWithCustomError(world.records, "NotTheNextHead")
        .withArgs(number, next);

    await refused(0, 1);
    await refused(2, 1);
    await publish(world, 0, 1, 10n);
    await refused(1, 2);
    await refused(3, 2);
  });

  it("has an end of its numbers rather than a new beginning: NotTheNextHead", async () => {
    const world = await load();
    await setLogNumber(world, world.ids.hospital, 0n, 2n ** 32n - 1n);

    for (const number of [0, 1, 2 ** 32 - 1]) {
      await expect(publish(world, 0, number, 20n))
        .to.be.revertedWithCustomError(world.records, "NotTheNextHead")
        .withArgs(number, 2n ** 32n);
    }
  });

  it("never shrinks a log, and has one root for one size: LogDoesNotGrow", async () => {
    const world = await load();
    await publish(world, 0, 1, 10n);

    for (const size of [0n, 9n, 10n]) {
      await expect(publish(world, 0, 2, size))
        .to.be.revertedWithCustomError(world.records, "LogDoesNotGrow")
        .withArgs(size, 10);
    }
  });

  it("ends a log with its largest size, and that log alone", async () => {
    const world = await load();
    const largest = 2n ** 40n - 1n;
    await publish(world, 0, 1, largest);

    await expect(publish(world, 0, 2, largest)).to.be.revertedWithCustomError(world.records, "LogDoesNotGrow");
    await publish(world, 1, 1, 10n);
    await publish(world, 1, 2, 11n);
    expect((await world.records.logHeadOf(world.ids.hospital, 1)) % 2n ** 40n).to.equal(11);
  });

  it("is for institutions with a live licence: NotALicensedInstitution", async () => {
    const world = await load();
    const { registrar, records, ids, alice, authority } = world;

    await expect(records.connect(alice).publishHead(0, 1, 1, digestOf("root"), ZeroHash))
      .to.be.revertedWithCustomError(records, "NotALicensedInstitution")
      .withArgs(ids.alice);
    await registrar.connect(authority).suspend(ids.hospital);
    await expect(publish(world, 0, 1, 1n))
      .to.be.revertedWithCustomError(records, "NotALicensedInstitution")
      .withArgs(ids.hospital);
  });

  it("is for those who are registered: NotRegistered", async () => {
    const { registrar, records, stranger } = await load();

    await expect(records.connect(stranger).publishHead(0, 1, 1, digestOf("root"), ZeroHash))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });
});
