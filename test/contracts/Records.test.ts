import { expect } from "chai";
import { AbiCoder, ZeroHash, keccak256 } from "ethers";

import { fixture } from "../../devnet/index.js";
import { setRecordCount } from "../helpers/contracts/storage.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, withRelationship, type World } from "../helpers/contracts/world.js";

const load = fixture(withRelationship);

const COUNT = 2n ** 40n;
const coder = AbiCoder.defaultAbiCoder();

/** The head that follows, recomputed as a reader of the log would: 216 bits of the hash, and the count. */
function follow(head: bigint, count: bigint, types: string[], values: unknown[]) {
  const chain = `0x${(head / COUNT).toString(16).padStart(54, "0")}`;
  const hash = BigInt(keccak256(coder.encode(["bytes27", ...types], [chain, ...values])));
  return (hash / COUNT) * COUNT + count;
}

const followRecord = (head: bigint, author: bigint, digest: string) => {
  const count = (head % COUNT) + 1n;
  return follow(head, count, ["uint40", "uint40", "bytes32"], [count, author, digest]);
};

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

  it("panics at the end of the count rather than begin again", async () => {
    const world = await load();
    const { records, ids, alice } = world;
    await setRecordCount(world, ids.alice, COUNT - 1n);
    expect(await records.headOf(ids.alice)).to.equal(COUNT - 1n);

    await expect(records.connect(alice).anchor(ids.alice, digestOf("a record"))).to.be.revertedWithPanic(0x11);
  });
});

describe("Records: publishHead", () => {
  const publish = (world: World, log: number, size: bigint, root = digestOf(`root ${size}`)) =>
    world.records.connect(world.generalHospital).publishHead(log, size, root);

  it("publishes the heads of each log apart", async () => {
    const world = await load();
    const { records, ids } = world;
    const heads = new Map<number, bigint>();

    for (const [log, size] of [
      [0, 10n],
      [1, 3n],
      [0, 12n],
      [0, 12n],
      [1, COUNT - 1n],
    ] as const) {
      const root = digestOf(`root ${size}`);
      const head = follow(heads.get(log) ?? 0n, size, ["uint40", "bytes32"], [size, root]);
      heads.set(log, head);
      await expect(publish(world, log, size))
        .to.emit(records, "HeadPublished")
        .withArgs(ids.hospital, log, size, root);
      expect(await records.logHeadOf(ids.hospital, log)).to.equal(head);
    }
    expect(await records.logHeadOf(ids.laboratory, 0)).to.equal(0);
  });

  it("is open to every licensed institution", async () => {
    const { records, ids, insurer } = await load();
    await records.connect(insurer).publishHead(0, 1, digestOf("root"));

    expect((await records.logHeadOf(ids.insurer, 0)) % COUNT).to.equal(1);
  });

  it("needs a root: MissingDigest", async () => {
    const world = await load();

    await expect(publish(world, 0, 1n, ZeroHash)).to.be.revertedWithCustomError(world.records, "MissingDigest");
  });

  it("never shrinks a log: LogShrinks", async () => {
    const world = await load();
    await publish(world, 0, 10n);

    await expect(publish(world, 0, 9n))
      .to.be.revertedWithCustomError(world.records, "LogShrinks")
      .withArgs(9, 10);
  });

  it("is for institutions with a live licence: NotALicensedInstitution", async () => {
    const world = await load();
    const { registrar, records, ids, alice, authority } = world;

    await expect(records.connect(alice).publishHead(0, 1, digestOf("root")))
      .to.be.revertedWithCustomError(records, "NotALicensedInstitution")
      .withArgs(ids.alice);
    await registrar.connect(authority).suspend(ids.hospital);
    await expect(publish(world, 0, 1n))
      .to.be.revertedWithCustomError(records, "NotALicensedInstitution")
      .withArgs(ids.hospital);
  });

  it("is for those who are registered: NotRegistered", async () => {
    const { registrar, records, stranger } = await load();

    await expect(records.connect(stranger).publishHead(0, 1, digestOf("root")))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });
});
