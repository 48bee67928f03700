import { expect } from "chai";
import { type Signer } from "ethers";
import { fixture } from "../../devnet/index.js";
import { DAY, authorize } from "../helpers/contracts/typed-data.js";
import { COMMITMENT, digestOf, now, populate, type World } from "../helpers/contracts/world.js";
import { suspend } from "../helpers/contracts/decrees.js";

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
});
