import { expect } from "chai";
import { ZeroHash } from "ethers";

import {
  BOND,
  RECORD,
  fund,
  openAccount,
  setBudget,
  signStatement,
  state,
  strike,
  toSeason,
} from "../../helpers/contracts/bank.js";
import { fixture } from "../../../devnet/index.js";
import { DAY, authorize } from "../../helpers/contracts/typed-data.js";
import { digestOf, now, populate, type World } from "../../helpers/contracts/world.js";

const ROOT = digestOf("a root");

/** Alice has an account; the hospital may confirm three deposits; season 1 has begun. */
const load = fixture(async () => {
  const world = await populate();
  await openAccount(world, world.alice, world.generalHospital);
  await fund(world, world.ids.hospital, 3);
  await toSeason(world, 1);
  return world;
});
const loadEarly = fixture(async () => {
  const world = await populate();
  await openAccount(world, world.alice, world.generalHospital);
  await fund(world, world.ids.hospital, 3);
  return world;
});

const asHospital = ({ dataBank, generalHospital }: World) => dataBank.connect(generalHospital);
const batch = (world: World, count = 2, root = ROOT, season = 0) =>
  asHospital(world).confirmSeason(season, root, count);

describe("DataBank: a batch", () => {
  it("is confirmed in the season after", async () => {
    const world = await load();
    const { dataBank, ids } = world;

    await expect(batch(world)).to.emit(dataBank, "SeasonConfirmed").withArgs(ids.hospital, 0, ROOT, 2);

    expect([...(await dataBank.confirmationOf(ids.hospital, 0))]).to.deep.equal([ROOT, 2n, 0n]);
    expect(await dataBank.depositsOf(0)).to.equal(2);
  });

  it("is confirmed once: BatchAlreadyConfirmed", async () => {
    const world = await load();
    await batch(world, 1);

    await expect(batch(world, 1))
      .to.be.revertedWithCustomError(world.dataBank, "BatchAlreadyConfirmed")
      .withArgs(world.ids.hospital, 0);
  });

  it("has a root: EmptyBatch", async () => {
    const world = await load();

    await expect(batch(world, 1, ZeroHash)).to.be.revertedWithCustomError(world.dataBank, "EmptyBatch");
  });

  it("has deposits: EmptyBatch", async () => {
    const world = await load();

    await expect(batch(world, 0)).to.be.revertedWithCustomError(world.dataBank, "EmptyBatch");
  });

  it("waits for a season to be over: NoSeasonToConfirm", async () => {
    const world = await loadEarly();

    await expect(batch(world)).to.be.revertedWithCustomError(world.dataBank, "NoSeasonToConfirm");
  });

  it("is of the season before, and of no other: SeasonNotConfirmable", async () => {
    const world = await load();
    const { dataBank } = world;
    const refused = (season: number, confirmable: number) =>
      expect(batch(world, 1, ROOT, season))
        .to.be.revertedWithCustomError(dataBank, "SeasonNotConfirmable")
        .withArgs(season, confirmable);

    await refused(1, 0);
    await toSeason(world, 2);
    await refused(0, 1);
    await refused(2, 1);
  });

  it("is a licensed provider's: NotALicensedProvider", async () => {
    const { dataBank, registrar, insurer } = await load();

    await expect(dataBank.connect(insurer).confirmSeason(0, ROOT, 1)).to.be.revertedWithCustomError(
      registrar,
      "NotALicensedProvider",
    );
  });

  it("stays within the budget: BudgetExceeded", async () => {
    const world = await load();
    await world.dataBank.postBond(world.ids.hospital, { value: 100n * BOND });

    await expect(batch(world, 4))
      .to.be.revertedWithCustomError(world.dataBank, "BudgetExceeded")
      .withArgs(world.ids.hospital, 4, 3);
  });

  it("stays within the bond: BudgetExceeded", async () => {
    const world = await load();
    await setBudget(world, world.ids.hospital, 100);

    await expect(batch(world, 4))
      .to.be.revertedWithCustomError(world.dataBank, "BudgetExceeded")
      .withArgs(world.ids.hospital, 4, 3);
  });

  it("needs a bond that stays: BudgetExceeded", async () => {
    const world = await load();
    await asHospital(world).releaseBond();

    await expect(batch(world, 1))
      .to.be.revertedWithCustomError(world.dataBank, "BudgetExceeded")
      .withArgs(world.ids.hospital, 1, 0);
  });

  it("shares the budget with statements, whatever is set in between: BudgetExceeded", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await batch(world, 3);
    await setBudget(world, ids.hospital, 1);
    const statement = await signStatement(world, world.generalHospital, ids.alice, 0);

    await expect(dataBank.confirmDeposit(ids.alice, RECORD, statement))
      .to.be.revertedWithCustomError(dataBank, "BudgetExceeded")
      .withArgs(ids.hospital, 4, 1);
    expect((await dataBank.confirmationOf(ids.hospital, 0)).count).to.equal(3);
  });
});

describe("DataBank: a statement", () => {
  it("confirms one deposit, and names the record", async () => {
    const world = await load();
    const { dataBank, ids } = world;

    await expect(state(world, world.generalHospital, ids.alice))
      .to.emit(dataBank, "DepositConfirmed")
      .withArgs(ids.alice, ids.hospital, 0, RECORD);
    expect((await dataBank.depositOf(ids.alice, ids.hospital, 0)).status).to.equal(1);
  });

  it("makes a deposit of what the patient wrote", async () => {
    const world = await load();
    const { dataBank, records, relationships, alice, ids } = world;
    await records.connect(alice).anchor(ids.alice, RECORD);

    await state(world, world.generalHospital, ids.alice);

    expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.false;
    expect(await dataBank.depositsOf(0)).to.equal(1);
  });

  it("counts once: DepositAlreadyConfirmed", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await state(world, world.generalHospital, ids.alice);

    await expect(state(world, world.generalHospital, ids.alice))
      .to.be.revertedWithCustomError(dataBank, "DepositAlreadyConfirmed")
      .withArgs(ids.alice, ids.hospital, 0);
  });

  it("names a record: MissingRecord", async () => {
    const world = await load();
    const { dataBank, generalHospital, ids } = world;
    const message = { steward: ids.hospital, patient: ids.alice, season: 0, recordDigest: ZeroHash };
    const deadline = (await now(world)) + DAY;
    const nothing = await authorize(dataBank, "DepositStatement", { ...message, deadline }, generalHospital);

    await expect(dataBank.confirmDeposit(ids.alice, ZeroHash, nothing)).to.be.revertedWithCustomError(
      dataBank,
      "MissingRecord",
    );
  });

  it("is about somebody with an account: NoAccount", async () => {
    const world = await load();

    await expect(state(world, world.generalHospital, world.ids.bob))
      .to.be.revertedWithCustomError(world.dataBank, "NoAccount")
      .withArgs(world.ids.bob);
  });

  it("is about the season before: InvalidSignature", async () => {
    const world = await load();
    const { dataBank, generalHospital, ids } = world;
    const early = await signStatement(world, generalHospital, ids.alice, 1);

    await expect(dataBank.confirmDeposit(ids.alice, RECORD, early)).to.be.revertedWithCustomError(
      dataBank,
      "InvalidSignature",
    );
  });

  it("waits for a season to be over: NoSeasonToConfirm", async () => {
    const world = await loadEarly();
    const { dataBank, generalHospital, ids } = world;
    const early = await signStatement(world, generalHospital, ids.alice, 0);

    await expect(dataBank.confirmDeposit(ids.alice, RECORD, early)).to.be.revertedWithCustomError(
      dataBank,
      "NoSeasonToConfirm",
    );
  });

  it("is a licensed provider's: NotALicensedProvider", async () => {
    const world = await load();

    await expect(state(world, world.insurer, world.ids.alice)).to.be.revertedWithCustomError(
      world.registrar,
      "NotALicensedProvider",
    );
  });

  it("doesn't bring back a deposit that was struck: DepositIsStruck", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await batch(world, 1, await dataBank.depositLeaf(ids.alice, ids.hospital, 0));
    await strike(world, ids.alice, ids.hospital, 0);

    await expect(state(world, world.generalHospital, ids.alice))
      .to.be.revertedWithCustomError(dataBank, "DepositIsStruck")
      .withArgs(ids.alice, ids.hospital, 0);
  });

  it("needs a bond that covers it: BudgetExceeded", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await batch(world, 1, await dataBank.depositLeaf(ids.bob, ids.hospital, 0));
    await strike(world, ids.bob, ids.hospital, 0);

    await expect(state(world, world.generalHospital, ids.alice))
      .to.be.revertedWithCustomError(dataBank, "BudgetExceeded")
      .withArgs(ids.hospital, 2, 1);
  });
});
