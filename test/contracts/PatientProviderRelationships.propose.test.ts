import { expect } from "chai";
import { ZeroHash } from "ethers";
import { fixture } from "../../devnet/index.js";
import { setNonce } from "../helpers/contracts/storage.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { Status, TERMS, minuteOf, now, populate } from "../helpers/contracts/world.js";
import {
  MAX_NONCE,
  propose,
  relationshipOf,
  expectRelationship,
  withProposal,
} from "../helpers/contracts/relationships.js";

const load = fixture(populate);
const loadProposed = fixture(withProposal);

describe("PatientProviderRelationships: propose", () => {
  it("stores a proposal and leaves the patient's list alone", async () => {
    const world = await load();
    const { relationships, ids } = world;
    const time = (await now(world)) + 60;
    const until = BigInt(time + 30 * DAY);
    await world.networkHelpers.time.setNextBlockTimestamp(time);

    await expect(propose(world, TERMS, until))
      .to.emit(relationships, "RelationshipProposed")
      .withArgs(ids.alice, ids.hospital, 1, TERMS, until);

    await expectRelationship(world, { status: Status.Proposed, nonce: 1n });
    const r = await relationshipOf(world);
    expect(r).to.deep.equal([1n, false, 0n, 1n, minuteOf(time), minuteOf(until), TERMS.slice(0, 42)]);
    expect(await relationships.providerCount(ids.alice)).to.equal(0);
  });

  it("lapses by itself after thirty days", async () => {
    const world = await loadProposed();
    const { since } = await relationshipOf(world);
    const lapse = since * 60n + (await world.relationships.PROPOSAL_LIFETIME());

    await world.networkHelpers.time.increaseTo(lapse - 1n);
    await expectRelationship(world, { status: Status.Proposed, nonce: 1n });
    await world.networkHelpers.time.increaseTo(lapse);
    await expectRelationship(world, { status: Status.Lapsed, nonce: 1n });
  });

  it("reopens what lapsed, was declined, was withdrawn or ended, under a higher nonce", async () => {
    const world = await loadProposed();
    const { relationships, ids, alice, generalHospital, networkHelpers } = world;
    const closings = [
      () => networkHelpers.time.increase(31 * DAY),
      async () => relationships.connect(alice).decline(ids.alice, ids.hospital, (await relationshipOf(world)).nonce),
      () => relationships.connect(generalHospital).withdraw(ids.alice),
      async () => {
        await relationships
          .connect(alice)
          .approve(ids.alice, ids.hospital, (await relationshipOf(world)).nonce, TERMS, 0);
        await relationships.connect(alice).end(ids.alice, ids.hospital);
      },
    ];

    for (const close of closings) {
      const { nonce } = await relationshipOf(world);
      await close();
      await propose(world);
      const r = await relationshipOf(world);
      expect(r.status).to.equal(Status.Proposed);
      expect(r.nonce > nonce).to.be.true;
    }
  });

  it("is for those who are registered: NotRegistered", async () => {
    const { registrar, relationships, ids, stranger } = await load();

    await expect(relationships.connect(stranger).propose(ids.alice, TERMS, 0))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });

  it("is for licensed providers: NotALicensedProvider", async () => {
    const { registrar, relationships, ids, authority, insurer, bob, generalHospital } = await load();
    await registrar.connect(authority).suspend(ids.hospital);

    for (const [who, id] of [
      [insurer, ids.insurer],
      [bob, ids.bob],
      [generalHospital, ids.hospital],
    ] as const) {
      await expect(relationships.connect(who).propose(ids.alice, TERMS, 0))
        .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
        .withArgs(id);
    }
  });

  it("needs a patient: NotAPatient", async () => {
    const { relationships, ids, generalHospital } = await load();

    for (const id of [ids.laboratory, ids.hospital, 0n, 999n]) {
      await expect(relationships.connect(generalHospital).propose(id, TERMS, 0))
        .to.be.revertedWithCustomError(relationships, "NotAPatient")
        .withArgs(id);
    }
  });

  it("needs terms: MissingTerms", async () => {
    const world = await load();

    await expect(propose(world, ZeroHash)).to.be.revertedWithCustomError(world.relationships, "MissingTerms");
  });

  it("needs an end ahead that fits, or none: InvalidEnd", async () => {
    const world = await load();
    const time = BigInt(await now(world));

    for (const until of [1n, 59n, time, (time / 60n) * 60n, 2n ** 28n * 60n, 2n ** 40n - 1n]) {
      await expect(propose(world, TERMS, until))
        .to.be.revertedWithCustomError(world.relationships, "InvalidEnd")
        .withArgs(until);
    }
    await propose(world, TERMS, (2n ** 28n - 1n) * 60n);
  });

  it("isn't made twice, or over an open relationship: AlreadyOpen", async () => {
    const world = await loadProposed();
    const { relationships, ids, alice } = world;
    const again = async () =>
      expect(propose(world))
        .to.be.revertedWithCustomError(relationships, "AlreadyOpen")
        .withArgs(ids.alice, ids.hospital);

    await again();
    await relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, 0);
    await again();
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await again();
  });

  it("is refused by a patient who blocks the provider: Blocked", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);

    await expect(propose(world))
      .to.be.revertedWithCustomError(relationships, "Blocked")
      .withArgs(ids.alice, ids.hospital);
  });

  it("ends with the nonces rather than begin again: NoncesExhausted", async () => {
    const world = await load();
    await setNonce(world, world.ids.alice, world.ids.hospital, MAX_NONCE);
    expect((await relationshipOf(world)).nonce).to.equal(MAX_NONCE);

    await expect(propose(world))
      .to.be.revertedWithCustomError(world.relationships, "NoncesExhausted")
      .withArgs(world.ids.alice, world.ids.hospital);
  });
});

describe("PatientProviderRelationships: withdraw", () => {
  it("takes a proposal back", async () => {
    const world = await loadProposed();
    const { relationships, ids, generalHospital } = world;

    await expect(relationships.connect(generalHospital).withdraw(ids.alice))
      .to.emit(relationships, "RelationshipWithdrawn")
      .withArgs(ids.alice, ids.hospital, 1);

    await expectRelationship(world, { status: Status.Withdrawn, nonce: 2n });
  });

  it("is open to a provider whose licence isn't live", async () => {
    const world = await loadProposed();
    const { registrar, relationships, ids, authority, generalHospital } = world;
    await registrar.connect(authority).suspend(ids.hospital);
    await relationships.connect(generalHospital).withdraw(ids.alice);

    await expectRelationship(world, { status: Status.Withdrawn, nonce: 2n });
  });

  it("needs a proposal of the caller's: NotProposed", async () => {
    const { relationships, ids, generalHospital, laboratory } = await loadProposed();

    await expect(relationships.connect(laboratory).withdraw(ids.alice))
      .to.be.revertedWithCustomError(relationships, "NotProposed")
      .withArgs(ids.alice, ids.laboratory);
    await relationships.connect(generalHospital).withdraw(ids.alice);
    await expect(relationships.connect(generalHospital).withdraw(ids.alice))
      .to.be.revertedWithCustomError(relationships, "NotProposed")
      .withArgs(ids.alice, ids.hospital);
  });

  it("is for those who are registered: NotRegistered", async () => {
    const { registrar, relationships, ids, stranger } = await loadProposed();

    await expect(relationships.connect(stranger).withdraw(ids.alice)).to.be.revertedWithCustomError(
      registrar,
      "NotRegistered",
    );
  });
});
