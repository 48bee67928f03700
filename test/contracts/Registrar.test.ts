import { expect } from "chai";
import { ZeroAddress, ZeroHash, id as keccakOfText } from "ethers";
import { fixture, PROVIDER } from "../../devnet/index.js";
import { suspend } from "../helpers/contracts/decrees.js";
import { Kind, newPerson, participantWith } from "../helpers/contracts/participants.js";
import { pending, withGuardians } from "../helpers/contracts/recovery.js";
import { setParticipantCount } from "../helpers/contracts/storage.js";
import { DAY, authorize } from "../helpers/contracts/typed-data.js";
import { KEY_DOCUMENT, now, populate } from "../helpers/contracts/world.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(populate);
const FOR_EVER = 2n ** 40n - 1n;

describe("Registrar: registration", () => {
  it("registers the caller as a person", async () => {
    const world = await load();
    const { registrar, stranger } = world;
    const next = (await registrar.participantCount()) + 1n;

    expect(await registrar.connect(stranger).registerPatient.staticCall(KEY_DOCUMENT)).to.equal(next);
    await expect(registrar.connect(stranger).registerPatient(KEY_DOCUMENT))
      .to.emit(registrar, "PatientRegistered")
      .withArgs(next, stranger.address, KEY_DOCUMENT);

    expect(await registrar.participantOf(stranger.address)).to.equal(next);
    expect(await registrar.participantCount()).to.equal(next);
    expect(await registrar.keyDocumentOf(next)).to.equal(KEY_DOCUMENT);
    expect(await registrar.nameDigestOf(next)).to.equal(keccakOfText(""));
    expect(await registrar.participant(next)).to.deep.equal(newPerson());
    expect(await registrar.isPerson(next)).to.be.true;
    expect(await registrar.isInGoodStanding(next)).to.be.true;
    expect(await registrar.licenceLasts(next, PROVIDER)).to.be.false;
  });

  it("registers the account that signed, not the one that sends", async () => {
    const world = await load();
    const { registrar, stranger, relayer } = world;
    const next = (await registrar.participantCount()) + 1n;
    const message = { account: stranger.address, keyDocument: KEY_DOCUMENT, deadline: (await now(world)) + DAY };
    const authorization = await authorize(registrar, "PatientRegistration", message, stranger);

    expect(await registrar.connect(relayer).registerPatientWithSig.staticCall(KEY_DOCUMENT, authorization)).to.equal(
      next,
    );
    await expect(registrar.connect(relayer).registerPatientWithSig(KEY_DOCUMENT, authorization))
      .to.emit(registrar, "PatientRegistered")
      .withArgs(next, stranger.address, KEY_DOCUMENT);

    expect(await registrar.participantOf(stranger.address)).to.equal(next);
    expect(await registrar.participantOf(relayer.address)).to.equal(0);
    expect(await registrar.isPerson(next)).to.be.true;
  });

  it("registers nobody for the address 0, which is what broken signatures recover to: InvalidSignature", async () => {
    const world = await load();
    const { registrar, relayer } = world;
    const deadline = (await now(world)) + DAY;
    const broken = [
      "0x",
      `0x${"00".repeat(65)}`,
      `0x${"00".repeat(64)}1b`,
      `0x${"ff".repeat(65)}`,
      `0x${"11".repeat(64)}`,
    ];

    for (const signature of broken) {
      const authorization = { account: ZeroAddress, deadline, signature };
      await expect(registrar.connect(relayer).registerPatientWithSig(KEY_DOCUMENT, authorization), signature)
        .to.be.revertedWithCustomError(registrar, "InvalidSignature")
        .withArgs(ZeroAddress);
    }
    expect(await registrar.participantOf(ZeroAddress)).to.equal(0);
  });

  it("registers the caller as an institution that may do nothing yet", async () => {
    const { registrar, stranger } = await load();
    const next = (await registrar.participantCount()) + 1n;

    expect(await registrar.connect(stranger).registerInstitution.staticCall(KEY_DOCUMENT, "Clinic")).to.equal(next);
    await expect(registrar.connect(stranger).registerInstitution(KEY_DOCUMENT, "Clinic"))
      .to.emit(registrar, "InstitutionRegistered")
      .withArgs(next, stranger.address, KEY_DOCUMENT, "Clinic");

    expect(await registrar.nameDigestOf(next)).to.equal(keccakOfText("Clinic"));
    expect(await registrar.nameDigestsOf(next, 0)).to.deep.equal([keccakOfText("Clinic"), keccakOfText("")]);
    expect(await registrar.participant(next)).to.deep.equal(
      participantWith({ kind: Kind.INSTITUTION, keyVersion: 1n }),
    );
    expect(await registrar.isPerson(next)).to.be.false;
    expect(await registrar.isInGoodStanding(next)).to.be.false;
  });

  it("counts nobody and those who don't exist as nobody", async () => {
    const { registrar, stranger } = await load();

    for (const id of [0n, 999n]) {
      expect(await registrar.isPerson(id)).to.be.false;
      expect(await registrar.isInGoodStanding(id)).to.be.false;
      expect(await registrar.keyDocumentOf(id)).to.equal(ZeroHash);
      expect(await registrar.participant(id)).to.deep.equal(participantWith());
    }
    expect(await registrar.participantOf(stranger.address)).to.equal(0);
  });

  it("refuses an account that is registered: AlreadyRegistered", async () => {
    const { registrar, alice } = await load();

    await expect(registrar.connect(alice).registerPatient(KEY_DOCUMENT))
      .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
      .withArgs(alice.address);
    await expect(registrar.connect(alice).registerInstitution(KEY_DOCUMENT, "Clinic"))
      .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
      .withArgs(alice.address);
  });

  it("refuses a person without a key document: MissingKeyDocument", async () => {
    const { registrar, stranger } = await load();

    await expect(registrar.connect(stranger).registerPatient(ZeroHash)).to.be.revertedWithCustomError(
      registrar,
      "MissingKeyDocument",
    );
  });

  it("refuses an institution without a key document: MissingKeyDocument", async () => {
    const { registrar, stranger } = await load();

    await expect(registrar.connect(stranger).registerInstitution(ZeroHash, "Clinic")).to.be.revertedWithCustomError(
      registrar,
      "MissingKeyDocument",
    );
  });

  it("refuses an institution without a name: MissingName", async () => {
    const { registrar, stranger } = await load();

    await expect(registrar.connect(stranger).registerInstitution(KEY_DOCUMENT, "")).to.be.revertedWithCustomError(
      registrar,
      "MissingName",
    );
  });

  it("refuses an institution whose name has more than 200 bytes: NameTooLong", async () => {
    const { registrar, stranger } = await load();
    const name = "ä".repeat(100);

    await expect(
      registrar.connect(stranger).registerInstitution(KEY_DOCUMENT, `${name}.`),
    ).to.be.revertedWithCustomError(registrar, "NameTooLong");
    await expect(registrar.connect(stranger).registerInstitution(KEY_DOCUMENT, name))
      .to.emit(registrar, "InstitutionRegistered")
      .withArgs(await registrar.participantCount().then((count) => count + 1n), stranger, KEY_DOCUMENT, name);
  });

  it("never gives two participants one number: the count panics at its end", async () => {
    const world = await load();
    const { registrar, stranger } = world;
    await setParticipantCount(world, FOR_EVER);
    expect(await registrar.participantCount()).to.equal(FOR_EVER);

    await expect(registrar.connect(stranger).registerPatient(KEY_DOCUMENT)).to.be.revertedWithPanic(0x11);
  });
});

describe("Registrar: authentication", () => {
  it("tells who an account acts for", async () => {
    const { registrar, ids, alice, generalHospital } = await load();

    expect(await registrar.authenticate(alice.address)).to.equal(ids.alice);
    expect(await registrar.authenticatePatient(alice.address)).to.equal(ids.alice);
    expect(await registrar.authenticate(generalHospital.address)).to.equal(ids.hospital);
    expect(await registrar.authenticateProvider(generalHospital.address)).to.equal(ids.hospital);
  });

  for (const name of ["authenticate", "authenticatePatient", "authenticateProvider"] as const) {
    it(`knows no strangers: ${name} reverts with NotRegistered`, async () => {
      const { registrar, stranger } = await load();

      await expect(registrar[name](stranger.address))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  }

  it("takes no institution for a patient: NotAPerson", async () => {
    const { registrar, ids, generalHospital } = await load();

    await expect(registrar.authenticatePatient(generalHospital.address))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.hospital);
  });

  it("takes no person and no insurer for a provider: NotALicensedProvider", async () => {
    const { registrar, ids, alice, insurer } = await load();

    for (const [account, id] of [
      [alice, ids.alice],
      [insurer, ids.insurer],
    ] as const) {
      await expect(registrar.authenticateProvider(account.address))
        .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
        .withArgs(id);
    }
  });
});

describe("Registrar: what the other contracts ask", () => {
  const loadGuarded = fixture(withGuardians);
  const STRICT = { knownOnly: true, longestGrant: 90, emergency: 0b101 };

  it("is what a person decided and how often everything was revoked or cancelled", async () => {
    const { registrar, alice, ids } = await load();
    await changeSettingsAs(registrar, alice, STRICT);
    await revokeAllAs(registrar, alice);
    const standing = [1n, 2n, 90n];

    expect(await registrar.standingOf(ids.alice)).to.deep.equal(standing);
    expect(await registrar.authorizeWidening(alice.address)).to.deep.equal([ids.alice, standing]);
    expect(await registrar.authorizeAgreement(alice.address)).to.deep.equal([ids.alice, 2n]);
    expect(await registrar.authorizeForReduction(alice.address)).to.deep.equal([ids.alice, 1n, 2n]);
    expect(await registrar.receivesProposals(ids.alice)).to.deep.equal([true, true]);
    expect(await registrar.accessEpochsOf([ids.alice, ids.bob, 0n, ids.alice])).to.deep.equal([1n, 0n, 0n, 1n]);
    expect(await registrar.emergencyOf(ids.alice)).to.deep.equal([0b101n, 1n]);
  });

  it("is nothing for institutions and for nobody", async () => {
    const { registrar, ids } = await load();

    for (const id of [ids.hospital, 0n, 999n]) {
      expect(await registrar.receivesProposals(id)).to.deep.equal([false, false]);
      expect(await registrar.emergencyOf(id)).to.deep.equal([0n, 0n]);
    }
  });

  it("is of persons: NotAPerson", async () => {
    const { registrar, generalHospital, ids } = await load();

    for (const id of [ids.hospital, 0n, 999n]) {
      await expect(registrar.standingOf(id)).to.be.revertedWithCustomError(registrar, "NotAPerson").withArgs(id);
    }
    for (const name of ["authorizeWidening", "authorizeAgreement"] as const) {
      await expect(registrar[name](generalHospital.address))
        .to.be.revertedWithCustomError(registrar, "NotAPerson")
        .withArgs(ids.hospital);
    }
  });

  it("is refused while a recovery is pending: RecoveryPending", async () => {
    const world = await loadGuarded();
    const { registrar, alice, ids } = world;
    await pending(world);

    for (const asking of [
      registrar.standingOf(ids.alice),
      registrar.authorizeWidening(alice.address),
      registrar.authorizeAgreement(alice.address),
    ]) {
      await expect(asking).to.be.revertedWithCustomError(registrar, "RecoveryPending").withArgs(ids.alice);
    }
    // A reduction only asks who it is.
    expect((await registrar.authorizeForReduction(alice.address)).id).to.equal(ids.alice);
  });

  it("is a viewer's standing and name, and the steward's name", async () => {
    const world = await load();
    const { registrar, ids } = world;
    const [hospital, laboratory, nameless] = ["General Hospital", "Laboratory", ""].map(keccakOfText);
    await suspend(world, ids.hospital);

    expect(await registrar.grantParties(ids.laboratory, ids.hospital)).to.deep.equal([true, laboratory, hospital]);
    expect(await registrar.grantParties(ids.hospital, 0)).to.deep.equal([false, hospital, ZeroHash]);
    expect(await registrar.grantParties(ids.alice, ids.bob)).to.deep.equal([true, nameless, nameless]);
    expect((await registrar.grantParties(0, 0)).inGoodStanding).to.be.false;
  });
});
