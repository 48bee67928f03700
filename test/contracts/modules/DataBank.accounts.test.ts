import { expect } from "chai";

import { attest, batchOf, fund, openAccount, state, toSeason } from "../../helpers/contracts/bank.js";
import { fixture } from "../../../devnet/index.js";
import { pending, withGuardians } from "../../helpers/contracts/recovery.js";
import { DAY, authorize } from "../../helpers/contracts/typed-data.js";
import { COMMITMENT, now, populate, type World } from "../../helpers/contracts/world.js";

const load = fixture(populate);
const open = ({ dataBank, ids }: World, by: World["alice"]) =>
  dataBank.connect(by).openAccount(ids.hospital, COMMITMENT);

describe("DataBank: accounts", () => {
  it("are opened with an attested identity", async () => {
    const world = await load();
    const { dataBank, alice, generalHospital, ids } = world;
    await attest(world, generalHospital, alice.address);

    await expect(open(world, alice)).to.emit(dataBank, "AccountOpened").withArgs(ids.alice, ids.hospital);

    expect(await dataBank.hasAccount(ids.alice)).to.be.true;
    expect(await dataBank.hasAccount(ids.bob)).to.be.false;
  });

  it("need an identity: IdentityNotAttested", async () => {
    const world = await load();
    const { dataBank, alice, ids } = world;

    await expect(open(world, alice)).to.be.revertedWithCustomError(dataBank, "IdentityNotAttested").withArgs(ids.alice);
  });

  it("need one's own identity: IdentityNotAttested", async () => {
    const world = await load();
    const { dataBank, alice, bob, generalHospital, ids } = world;
    await attest(world, generalHospital, alice.address);

    await expect(open(world, bob)).to.be.revertedWithCustomError(dataBank, "IdentityNotAttested").withArgs(ids.bob);
  });

  it("need an issuer that is licensed: IssuerNotLicensed", async () => {
    const world = await load();
    const { dataBank, registrar, authority, alice, generalHospital, ids } = world;
    await attest(world, generalHospital, alice.address);
    await registrar.connect(authority).suspend(ids.hospital);

    await expect(open(world, alice))
      .to.be.revertedWithCustomError(dataBank, "IssuerNotLicensed")
      .withArgs(ids.hospital);
  });

  it("are one for each patient: AccountAlreadyOpen", async () => {
    const world = await load();
    const { dataBank, alice, generalHospital, ids } = world;
    await openAccount(world, alice, generalHospital);

    await expect(open(world, alice)).to.be.revertedWithCustomError(dataBank, "AccountAlreadyOpen").withArgs(ids.alice);
  });

  it("are for persons: NotAPerson", async () => {
    const world = await load();

    await expect(open(world, world.generalHospital)).to.be.revertedWithCustomError(world.registrar, "NotAPerson");
  });

  it("are for those who are registered: NotRegistered", async () => {
    const world = await load();

    await expect(open(world, world.stranger)).to.be.revertedWithCustomError(world.registrar, "NotRegistered");
  });
});

describe("DataBank: while a recovery is pending", () => {
  const loadFrozen = fixture(async () => {
    const world = await withGuardians();
    await fund(world, world.ids.hospital, 10);
    await attest(world, world.laboratory, world.alice.address);
    await openAccount(world, world.alice, world.generalHospital, COMMITMENT.replace(/..$/, "01"));
    await toSeason(world, 1);
    await state(world, world.generalHospital, world.ids.alice);
    await toSeason(world, 3);
    await pending(world);
    return world;
  });

  it("nothing is claimed: RecoveryPending", async () => {
    const { dataBank, registrar, alice, ids } = await loadFrozen();

    await expect(dataBank.connect(alice).claim(ids.hospital, 0, []))
      .to.be.revertedWithCustomError(registrar, "RecoveryPending")
      .withArgs(ids.alice);
  });

  it("nothing is claimed with a signature: RecoveryPending", async () => {
    const world = await loadFrozen();
    const { dataBank, registrar, relayer, alice, ids } = world;
    const claim = { patient: ids.alice, steward: ids.hospital, season: 0, signatureEpoch: 1n };
    const message = { ...claim, deadline: (await now(world)) + DAY };
    const authorization = await authorize(dataBank, "InterestClaim", message, alice);

    await expect(
      dataBank.connect(relayer).claimWithSig(ids.hospital, 0, [], authorization),
    ).to.be.revertedWithCustomError(registrar, "RecoveryPending");
  });

  it("nothing is taken out: RecoveryPending", async () => {
    const { dataBank, registrar, alice } = await loadFrozen();

    await expect(dataBank.connect(alice).withdraw(alice, 0)).to.be.revertedWithCustomError(
      registrar,
      "RecoveryPending",
    );
  });

  it("no account is opened: RecoveryPending", async () => {
    const { dataBank, registrar, alice, ids } = await loadFrozen();

    await expect(dataBank.connect(alice).openAccount(ids.laboratory, COMMITMENT)).to.be.revertedWithCustomError(
      registrar,
      "RecoveryPending",
    );
  });
});

describe("A steward's batch", () => {
  it("is hashed as the contract does", async () => {
    const { dataBank, ids } = await load();

    expect(batchOf([ids.alice], ids.hospital, 7).root).to.equal(await dataBank.depositLeaf(ids.alice, ids.hospital, 7));
  });
});
