import { expect } from "chai";
import { id } from "ethers";

import { BOND, fund, openAccount, setBudget, toSeason } from "../../helpers/contracts/bank.js";
import { PROVIDER, asAuthority, fixture } from "../../../devnet/index.js";
import { DAY } from "../../helpers/contracts/typed-data.js";
import { digestOf, now, populate, type World } from "../../helpers/contracts/world.js";

const ROOT = digestOf("a root");
const BOND_DELAY = 420 * DAY;

/** Alice has an account; the hospital may confirm three deposits; season 1 has begun. */
const load = fixture(async () => {
  const world = await populate();
  await openAccount(world, world.alice, world.generalHospital);
  await fund(world, world.ids.hospital, 3);
  await toSeason(world, 1);
  return world;
});
const asHospital = ({ dataBank, generalHospital }: World) => dataBank.connect(generalHospital);
const batch = (world: World, count = 2, root = ROOT) => asHospital(world).confirmSeason(0, root, count);

describe("DataBank: budgets and bonds", () => {
  it("are set by the authority, within a bound: BudgetTooLarge", async () => {
    const world = await load();
    const { dataBank, ids } = world;

    await expect(setBudget(world, ids.hospital, 1_000_000))
      .to.emit(dataBank, "BudgetSet")
      .withArgs(ids.hospital, 1_000_000);
    await expect(setBudget(world, ids.hospital, 1_000_001))
      .to.be.revertedWithCustomError(dataBank, "BudgetTooLarge")
      .withArgs(1_000_001, 1_000_000);
  });

  it("stand for all deposits that may still be struck, not for each season's alone: BudgetExceeded", async () => {
    const world = await load();
    const { dataBank, registrar, ids } = world;
    const licence = [ids.hospital, id("General Hospital"), PROVIDER, (await now(world)) + 2000 * DAY] as const;
    await asAuthority(world, registrar, registrar.interface.encodeFunctionData("license", [...licence]));
    await batch(world, 2);
    expect((await dataBank.stewardOf(ids.hospital)).exposed).to.equal(2);
    await toSeason(world, 2);

    await expect(asHospital(world).confirmSeason(1, ROOT, 2))
      .to.be.revertedWithCustomError(dataBank, "BudgetExceeded")
      .withArgs(ids.hospital, 2, 1);
    await asHospital(world).confirmSeason(1, ROOT, 1);
    await toSeason(world, 14);
    await expect(asHospital(world).confirmSeason(13, ROOT, 1))
      .to.be.revertedWithCustomError(dataBank, "BudgetExceeded")
      .withArgs(ids.hospital, 1, 0);

    // Season 0 can't be struck any more, and season 1 can.
    await toSeason(world, 15);
    expect((await dataBank.stewardOf(ids.hospital)).exposed).to.equal(1);
    await asHospital(world).confirmSeason(14, ROOT, 2);
    expect((await dataBank.stewardOf(ids.hospital)).exposed).to.equal(3);
    await toSeason(world, 40);
    expect((await dataBank.stewardOf(ids.hospital)).exposed).to.equal(0);
    await asHospital(world).confirmSeason(39, ROOT, 3);
  });

  it("are posted by anybody", async () => {
    const { dataBank, stranger, ids } = await load();

    await expect(dataBank.connect(stranger).postBond(ids.hospital, { value: 5 }))
      .to.emit(dataBank, "BondPosted")
      .withArgs(ids.hospital, 3n * BOND + 5n);
    expect((await dataBank.stewardOf(ids.hospital)).bond).to.equal(3n * BOND + 5n);
  });

  it("are kept after all, and confirm again", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await asHospital(world).releaseBond();

    await expect(asHospital(world).keepBond()).to.emit(dataBank, "BondKept").withArgs(ids.hospital);

    await expect(batch(world)).to.emit(dataBank, "SeasonConfirmed");
  });

  it("are kept only where they were asked for: BondNotReleasing", async () => {
    const world = await load();

    await expect(asHospital(world).keepBond())
      .to.be.revertedWithCustomError(world.dataBank, "BondNotReleasing")
      .withArgs(world.ids.hospital);
  });

  it("are asked for by participants: NotRegistered", async () => {
    const { dataBank, registrar, stranger } = await load();

    for (const call of [
      () => dataBank.connect(stranger).releaseBond(),
      () => dataBank.connect(stranger).keepBond(),
      () => dataBank.connect(stranger).withdrawBond(stranger),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(registrar, "NotRegistered");
    }
  });

  it("are not taken out unasked: BondNotFree", async () => {
    const world = await load();

    await expect(asHospital(world).withdrawBond(world.generalHospital))
      .to.be.revertedWithCustomError(world.dataBank, "BondNotFree")
      .withArgs(0);
  });

  it("are not taken out early: BondNotFree", async () => {
    const world = await load();
    const { dataBank, generalHospital, ids, networkHelpers } = world;
    await asHospital(world).releaseBond();
    const freeAt = (await now(world)) + BOND_DELAY;
    await networkHelpers.time.setNextBlockTimestamp(freeAt - 1);

    await expect(asHospital(world).withdrawBond(generalHospital))
      .to.be.revertedWithCustomError(dataBank, "BondNotFree")
      .withArgs(freeAt);
    expect((await dataBank.stewardOf(ids.hospital)).bondFreeAt).to.equal(freeAt);
  });

  it("are taken out in the end", async () => {
    const world = await load();
    const { dataBank, stranger, ids, networkHelpers, ethers } = world;
    const time = (await now(world)) + 10;
    await networkHelpers.time.setNextBlockTimestamp(time);
    await expect(asHospital(world).releaseBond())
      .to.emit(dataBank, "BondReleasing")
      .withArgs(ids.hospital, time + BOND_DELAY);
    await networkHelpers.time.increase(BOND_DELAY);

    const taking = asHospital(world).withdrawBond(stranger);
    await expect(taking).to.changeEtherBalances(ethers, [dataBank, stranger], [-3n * BOND, 3n * BOND]);
    await expect(taking)
      .to.emit(dataBank, "BondReleased")
      .withArgs(ids.hospital, stranger.address, 3n * BOND);
    await expect(asHospital(world).withdrawBond(stranger)).to.be.revertedWithCustomError(dataBank, "BondNotFree");
  });

  it("stay where they can't be sent: BondNotPaid", async () => {
    const world = await load();
    const { dataBank, registrar, ids, networkHelpers } = world;
    await asHospital(world).releaseBond();
    await networkHelpers.time.increase(BOND_DELAY);

    await expect(asHospital(world).withdrawBond(registrar))
      .to.be.revertedWithCustomError(dataBank, "BondNotPaid")
      .withArgs(await registrar.getAddress());
    expect((await dataBank.stewardOf(ids.hospital)).bond).to.equal(3n * BOND);
  });
});
