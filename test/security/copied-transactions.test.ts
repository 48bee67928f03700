import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { DAY, authorize } from "../helpers/contracts/typed-data.js";
import { COMMITMENT, KEY_DOCUMENT, now, populate, type World } from "../helpers/contracts/world.js";

const load = fixture(populate);

const deadlineOf = async (world: World) => (await now(world)) + DAY;

describe("A copied registration", () => {
  it("registers the account that signed, whoever copies it", async () => {
    const world = await load();
    const { registrar, stranger, bob } = world;
    const message = { account: stranger.address, keyDocument: KEY_DOCUMENT, deadline: await deadlineOf(world) };
    const authorization = await authorize(registrar, "PatientRegistration", message, stranger);
    await registrar.connect(bob).registerPatientWithSig(KEY_DOCUMENT, authorization);

    const id = await registrar.participantOf(stranger.address);
    expect(id).to.equal(await registrar.participantCount());
    expect(await registrar.keyDocumentOf(id)).to.equal(KEY_DOCUMENT);
    expect(await registrar.participantOf(bob.address)).to.equal(world.ids.bob);
  });

  it("doesn't register the thief in the place of the account", async () => {
    const world = await load();
    const { registrar, stranger, relayer } = world;
    const message = { account: stranger.address, keyDocument: KEY_DOCUMENT, deadline: await deadlineOf(world) };
    const authorization = await authorize(registrar, "PatientRegistration", message, stranger);

    await expect(
      registrar.connect(relayer).registerPatientWithSig(KEY_DOCUMENT, { ...authorization, account: relayer.address }),
    )
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(relayer.address);
  });

  it("doesn't put the thief's key document in the place of the signed one", async () => {
    const world = await load();
    const { registrar, stranger, relayer } = world;
    const message = { account: stranger.address, keyDocument: KEY_DOCUMENT, deadline: await deadlineOf(world) };
    const authorization = await authorize(registrar, "PatientRegistration", message, stranger);

    await expect(
      registrar.connect(relayer).registerPatientWithSig(`0x${"66".repeat(32)}`, authorization),
    ).to.be.revertedWithCustomError(registrar, "InvalidSignature");
  });
});

describe("A copied identity attestation", () => {
  const attest = async (world: World, account: string) =>
    authorize(
      world.registrar,
      "IdentityAttestation",
      { issuer: world.ids.hospital, account, commitment: COMMITMENT, deadline: await deadlineOf(world) },
      world.generalHospital,
    );

  it("links the account that it names, whoever copies it", async () => {
    const world = await load();
    const { registrar, alice, bob, ids } = world;
    await registrar.connect(bob).linkIdentity(alice.address, COMMITMENT, await attest(world, alice.address));

    expect(await registrar.resolve(ids.hospital, COMMITMENT)).to.equal(ids.alice);
  });

  it("doesn't link the thief", async () => {
    const world = await load();
    const { registrar, alice, bob, ids, generalHospital } = world;
    const attested = await attest(world, alice.address);

    await expect(registrar.connect(bob).linkIdentity(bob.address, COMMITMENT, attested))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(generalHospital.address);
    expect(await registrar.resolve(ids.hospital, COMMITMENT)).to.equal(0);
  });

  it("doesn't count as another issuer's", async () => {
    const world = await load();
    const { registrar, alice, laboratory, ids } = world;
    const attested = { ...(await attest(world, alice.address)), account: laboratory.address };

    await expect(registrar.linkIdentity(alice.address, COMMITMENT, attested))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(laboratory.address);
    expect(await registrar.resolve(ids.laboratory, COMMITMENT)).to.equal(0);
  });
});
