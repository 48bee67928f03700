import { expect } from "chai";
import { type Signer } from "ethers";
import { fixture } from "../../devnet/index.js";
import { DAY, authorize } from "../helpers/contracts/typed-data.js";
import { COMMITMENT, digestOf, now, populate, type World } from "../helpers/contracts/world.js";
import { suspend } from "../helpers/contracts/decrees.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(populate);

/** The hospital's signature that `account` is who the commitment says. */
async function attest(world: World, account: string, commitment = COMMITMENT, by: Signer = world.generalHospital) {
  const issuer = await world.registrar.participantOf(await by.getAddress());
  const deadline = (await now(world)) + DAY;
  return authorize(world.registrar, "IdentityAttestation", { issuer, account, commitment, deadline }, by);
}

describe("Registrar: identities", () => {
  it("links a person to an attested identity", async () => {
    const world = await load();
    const { registrar, ids, alice, relayer } = world;

    await expect(registrar.connect(relayer).linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address)))
      .to.emit(registrar, "IdentityLinked")
      .withArgs(ids.hospital, ids.alice, COMMITMENT);

    expect(await registrar.resolve(ids.hospital, COMMITMENT)).to.equal(ids.alice);
    expect(await registrar.resolve(ids.laboratory, COMMITMENT), "another issuer's").to.equal(0);
    expect(await registrar.resolve(ids.hospital, digestOf("another")), "another commitment").to.equal(0);
  });

  it("keeps issuers apart", async () => {
    const world = await load();
    const { registrar, ids, alice, bob, laboratory } = world;
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));
    await registrar.linkIdentity(bob.address, COMMITMENT, await attest(world, bob.address, COMMITMENT, laboratory));

    expect(await registrar.resolve(ids.hospital, COMMITMENT)).to.equal(ids.alice);
    expect(await registrar.resolve(ids.laboratory, COMMITMENT)).to.equal(ids.bob);
  });

  it("links an identity once: IdentityAlreadyLinked", async () => {
    const world = await load();
    const { registrar, ids, alice, bob } = world;
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));

    await expect(registrar.linkIdentity(bob.address, COMMITMENT, await attest(world, bob.address)))
      .to.be.revertedWithCustomError(registrar, "IdentityAlreadyLinked")
      .withArgs(ids.alice);
  });

  it("takes no attestation of somebody unknown: NotRegistered", async () => {
    const world = await load();
    const { registrar, alice, stranger } = world;

    await expect(
      registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address, COMMITMENT, stranger)),
    )
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });

  it("links nobody who isn't registered: NotRegistered", async () => {
    const world = await load();
    const { registrar, stranger } = world;

    await expect(registrar.linkIdentity(stranger.address, COMMITMENT, await attest(world, stranger.address)))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });

  it("links no institution: NotAPerson", async () => {
    const world = await load();
    const { registrar, ids, laboratory } = world;

    await expect(registrar.linkIdentity(laboratory.address, COMMITMENT, await attest(world, laboratory.address)))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.laboratory);
  });

  it("links the person behind an account that acts no more: whose it was doesn't change", async () => {
    const world = await load();
    const { registrar, ids, alice, networkHelpers } = world;
    await registrar.connect(alice).retireAccount(alice.address);
    await networkHelpers.time.increase(30 * DAY);
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));

    expect(await registrar.resolve(ids.hospital, COMMITMENT)).to.equal(ids.alice);
  });

  it("takes attestations of licensed providers only: NotALicensedProvider", async () => {
    const world = await load();
    const { registrar, ids, alice, bob, insurer, generalHospital } = world;

    for (const [by, id] of [
      [insurer, ids.insurer],
      [bob, ids.bob],
    ] as const) {
      await expect(
        registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address, COMMITMENT, by)),
      )
        .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
        .withArgs(id);
    }
    const attested = await attest(world, alice.address, COMMITMENT, generalHospital);
    await suspend(world, ids.hospital);
    await expect(registrar.linkIdentity(alice.address, COMMITMENT, attested))
      .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
      .withArgs(ids.hospital);
  });

  it("is withdrawn by its issuer, for every attestation about the person, and restored", async () => {
    const world = await load();
    const { registrar, ids, alice, generalHospital: hospital } = world;
    const other = digestOf("another salt");
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));
    await registrar.linkIdentity(alice.address, other, await attest(world, alice.address, other));

    await expect(registrar.connect(hospital).withdrawIdentity(COMMITMENT, true))
      .to.emit(registrar, "IdentityWithdrawn")
      .withArgs(ids.hospital, ids.alice, true);
    expect(await registrar.isWithdrawn(ids.hospital, ids.alice)).to.be.true;
    expect(await registrar.isWithdrawn(ids.laboratory, ids.alice), "another issuer's").to.be.false;
    for (const commitment of [COMMITMENT, other]) expect(await registrar.resolve(ids.hospital, commitment)).to.equal(0);

    await expect(registrar.connect(hospital).withdrawIdentity(other, false))
      .to.emit(registrar, "IdentityWithdrawn")
      .withArgs(ids.hospital, ids.alice, false);
    for (const commitment of [COMMITMENT, other]) {
      expect(await registrar.resolve(ids.hospital, commitment)).to.equal(ids.alice);
    }
  });

  it("stays withdrawn whatever attestation was kept back", async () => {
    const world = await load();
    const { registrar, ids, alice, relayer, generalHospital: hospital } = world;
    const other = digestOf("another salt");
    const keptBack = await attest(world, alice.address, other);
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));
    await registrar.connect(hospital).withdrawIdentity(COMMITMENT, true);

    await registrar.connect(relayer).linkIdentity(alice.address, other, keptBack);
    for (const commitment of [COMMITMENT, other]) expect(await registrar.resolve(ids.hospital, commitment)).to.equal(0);
    expect(await registrar.isWithdrawn(ids.hospital, ids.alice)).to.be.true;
  });

  it("is withdrawn by nobody but its issuer: NoSuchIdentity", async () => {
    const world = await load();
    const { registrar, ids, alice, laboratory } = world;
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));

    await expect(registrar.connect(laboratory).withdrawIdentity(COMMITMENT, true))
      .to.be.revertedWithCustomError(registrar, "NoSuchIdentity")
      .withArgs(ids.laboratory, COMMITMENT);
  });

  it("is withdrawn without a licence, and restored only with one: NotALicensedProvider", async () => {
    const world = await load();
    const { registrar, ids, alice, generalHospital: hospital } = world;
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));
    await suspend(world, ids.hospital);

    await registrar.connect(hospital).withdrawIdentity(COMMITMENT, true);
    await expect(registrar.connect(hospital).withdrawIdentity(COMMITMENT, false))
      .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
      .withArgs(ids.hospital);
  });

  it("takes nothing from the person whose identity is withdrawn", async () => {
    const world = await load();
    const { registrar, ids, alice, generalHospital: hospital } = world;
    await registrar.linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));
    await registrar.connect(hospital).withdrawIdentity(COMMITMENT, true);

    expect(await registrar.authenticatePatient(alice)).to.equal(ids.alice);
    await expect(revokeAllAs(registrar, alice)).to.emit(registrar, "AllRevoked");
  });
});
