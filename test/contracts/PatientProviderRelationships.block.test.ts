import { expect } from "chai";
import { fixture, keyDocumentOf } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { Status, TERMS, activate, now, populate, withRelationship } from "../helpers/contracts/world.js";
import { setBlocks } from "../helpers/contracts/storage.js";
import {
  propose,
  expectRelationship,
  relationshipOf,
  signBlock,
  signReduction,
  signUnblock,
  withProposal,
} from "../helpers/contracts/relationships.js";

const MAX_BLOCKS = 2n ** 11n - 1n;
const load = fixture(populate);
const loadActive = fixture(withRelationship);
const loadProposed = fixture(withProposal);

describe("PatientProviderRelationships: block and unblock", () => {
  it("refuses a provider, and admits it again", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;

    await expect(relationships.connect(alice).blockProvider(ids.alice, ids.hospital))
      .to.emit(relationships, "ProviderBlocked")
      .withArgs(ids.alice, ids.hospital);
    await expectRelationship(world, { status: Status.None, nonce: 1n, blocked: true });

    await expect(relationships.connect(alice).unblockProvider(ids.alice, ids.hospital))
      .to.emit(relationships, "ProviderUnblocked")
      .withArgs(ids.alice, ids.hospital);
    await expectRelationship(world, { status: Status.None, nonce: 1n });
    await propose(world);
  });

  it("declines what is proposed", async () => {
    const world = await loadProposed();
    await world.relationships.connect(world.alice).blockProvider(world.ids.alice, world.ids.hospital);

    await expectRelationship(world, { status: Status.Declined, nonce: 2n, blocked: true });
  });

  it("leaves an active relationship active until it is ended", async () => {
    const world = await loadActive();
    const { relationships, ids, alice } = world;
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);

    await expectRelationship(world, { status: Status.Active, nonce: 2n, blocked: true });
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await relationships.connect(alice).resume(ids.alice, ids.hospital);
    await relationships.connect(alice).end(ids.alice, ids.hospital);
    await expectRelationship(world, { status: Status.Ended, nonce: 4n, blocked: true });
  });

  it("doesn't save a relationship from an end that was signed with it, and sent after it", async () => {
    const world = await loadActive();
    const { relationships, ids, alice } = world;
    const ended = await signReduction(world, "RelationshipEnd", alice, 1n);
    await relationships.blockProviderWithSig(ids.alice, ids.hospital, 0, await signBlock(world, alice, 0n));

    await relationships.endWithSig(ids.alice, ids.hospital, 1, ended);
    await expectRelationship(world, { status: Status.Ended, nonce: 3n, blocked: true });

    await relationships.connect(alice).unblockProvider(ids.alice, ids.hospital);
    await activate(world, alice, world.generalHospital);
    for (const blocked of [false, true]) {
      if (blocked) await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
      await expect(relationships.endWithSig(ids.alice, ids.hospital, 1, ended), "it counts once")
        .to.be.revertedWithCustomError(relationships, "WrongNonce")
        .withArgs(1, blocked ? 5 : 4);
    }
  });

  it("concerns the caller and the named provider only", async () => {
    const { relationships, ids, alice, bob, generalHospital, laboratory } = await load();
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    await relationships.connect(laboratory).propose(ids.alice, TERMS, 0);
    await relationships.connect(generalHospital).propose(ids.bob, TERMS, 0);
    await relationships.connect(bob).approve(ids.bob, ids.hospital, 1, TERMS, 0);

    expect(await relationships.isActive(ids.bob, ids.hospital)).to.be.true;
  });

  it("isn't done twice: BlockUnchanged", async () => {
    const { relationships, ids, alice } = await load();
    const refused = async (call: Promise<unknown>) =>
      expect(call).to.be.revertedWithCustomError(relationships, "BlockUnchanged").withArgs(ids.hospital);

    await refused(relationships.connect(alice).unblockProvider(ids.alice, ids.hospital));
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    await refused(relationships.connect(alice).blockProvider(ids.alice, ids.hospital));
  });

  it("is the patient's, or a delegate's: NotEmpowered, NotAPerson", async () => {
    const { registrar, relationships, ids, alice, bob, generalHospital } = await load();
    await relationships.connect(alice).blockProvider(ids.alice, ids.laboratory);

    for (const [name, provider] of [
      ["blockProvider", ids.hospital],
      ["unblockProvider", ids.laboratory],
    ] as const) {
      await expect(relationships.connect(bob)[name](ids.alice, provider))
        .to.be.revertedWithCustomError(relationships, "NotEmpowered")
        .withArgs(ids.alice, ids.bob);
      await expect(relationships.connect(generalHospital)[name](ids.alice, provider))
        .to.be.revertedWithCustomError(registrar, "NotAPerson")
        .withArgs(ids.hospital);
    }
  });

  it("counts where it is signed once, also after it was taken back: WrongNonce", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    const block = await signBlock(world, alice, 0n);
    const unblock = await signUnblock(world, alice, 1n);
    await relationships.blockProviderWithSig(ids.alice, ids.hospital, 0, block);
    await expectRelationship(world, { status: Status.None, nonce: 1n, blocked: true });
    await relationships.unblockProviderWithSig(ids.alice, ids.hospital, 1, unblock);
    await expectRelationship(world, { status: Status.None, nonce: 1n });

    await expect(relationships.blockProviderWithSig(ids.alice, ids.hospital, 0, block))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(0, 2);
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    await expect(relationships.unblockProviderWithSig(ids.alice, ids.hospital, 1, unblock))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(1, 3);
  });

  it("isn't signed where nothing changes: BlockUnchanged", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    await expect(relationships.unblockProviderWithSig(ids.alice, ids.hospital, 0, await signUnblock(world, alice, 0n)))
      .to.be.revertedWithCustomError(relationships, "BlockUnchanged")
      .withArgs(ids.hospital);
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);

    await expect(relationships.blockProviderWithSig(ids.alice, ids.hospital, 1, await signBlock(world, alice, 1n)))
      .to.be.revertedWithCustomError(relationships, "BlockUnchanged")
      .withArgs(ids.hospital);
  });

  it("lifts a block until signatures are cancelled: InvalidSignature", async () => {
    const world = await load();
    const { registrar, relationships, ids, alice } = world;
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    const unblock = await signUnblock(world, alice, 1n);
    await registrar.connect(alice).cancelSignatures();

    await expect(relationships.unblockProviderWithSig(ids.alice, ids.hospital, 1, unblock))
      .to.be.revertedWithCustomError(relationships, "InvalidSignature")
      .withArgs(alice.address);
  });

  it("swings at the end of its counter, where no signature counts any more: NoncesExhausted", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    await setBlocks(world, ids.alice, ids.hospital, MAX_BLOCKS - 1n);
    const refuses = (sending: Promise<unknown>) =>
      expect(sending).to.be.revertedWithCustomError(relationships, "NoncesExhausted").withArgs(ids.alice, ids.hospital);
    const block = await signBlock(world, alice, MAX_BLOCKS - 1n);
    const unblock = await signUnblock(world, alice, MAX_BLOCKS);
    for (const again of [1, 2]) {
      await refuses(relationships.blockProviderWithSig(ids.alice, ids.hospital, MAX_BLOCKS - 1n, block));
      await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
      expect((await relationshipOf(world)).blocks, `round ${again}`).to.equal(MAX_BLOCKS);

      await refuses(relationships.unblockProviderWithSig(ids.alice, ids.hospital, MAX_BLOCKS, unblock));
      await relationships.connect(alice).unblockProvider(ids.alice, ids.hospital);
      expect((await relationshipOf(world)).blocks, `round ${again}`).to.equal(MAX_BLOCKS - 1n);
    }
  });

  for (const name of ["blockProvider", "unblockProvider", "decline"] as const) {
    it(`is for those who are registered: ${name} reverts with NotRegistered`, async () => {
      const { registrar, relationships, ids, stranger } = await load();
      const as = relationships.connect(stranger);

      await expect(name === "decline" ? as.decline(ids.alice, ids.hospital, 1) : as[name](ids.alice, ids.hospital))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  }
});

describe("PatientProviderRelationships: the patient's list", () => {
  /** Fourteen clinics: the third word of the list is reached. */
  const loadMany = fixture(async () => {
    const world = await populate();
    const { ethers, registrar, accessManager, authority, networkHelpers } = world;
    const clinics: bigint[] = [];
    for (let i = 0; i < 14; ++i) {
      const clinic = ethers.Wallet.createRandom(world.provider);
      await networkHelpers.setBalance(clinic.address, 10n ** 18n);
      await registrar.connect(clinic).registerInstitution(keyDocumentOf("clinic"), "Clinic");
      const id = await registrar.participantOf(clinic.address);
      const until = (await now(world)) + 300 * DAY;
      const data = registrar.interface.encodeFunctionData("license", [id, ethers.id("Clinic"), 1, until]);
      await accessManager.connect(authority).schedule(registrar, data, 0);
      await networkHelpers.time.increase(60);
      await accessManager.connect(authority).execute(registrar, data);
      await activate(world, world.alice, clinic);
      clinics.push(id);
    }
    return { ...world, clinics };
  });

  it("holds every provider in the order of the first approval", async () => {
    const { relationships, ids, clinics } = await loadMany();

    expect(await relationships.providerCount(ids.alice)).to.equal(14);
    expect(await relationships.providersOf(ids.alice, 0, 100)).to.deep.equal(clinics);
  });

  it("is read in pages", async () => {
    const { relationships, ids, clinics } = await loadMany();

    for (const [offset, limit] of [
      [0, 0],
      [0, 6],
      [5, 2],
      [6, 6],
      [12, 6],
      [13, 1],
      [14, 1],
      [99, 99],
    ] as const) {
      const page = await relationships.providersOf(ids.alice, offset, limit);
      expect(page, `${offset}, ${limit}`).to.deep.equal(clinics.slice(offset, offset + limit));
    }
  });

  it("is empty before the first approval", async () => {
    const { relationships, ids } = await loadMany();

    expect(await relationships.providersOf(ids.bob, 0, 10)).to.deep.equal([]);
  });
});
