import { expect } from "chai";

import {
  BOND,
  CHART,
  VESTING,
  batchOf,
  fund,
  openAccount,
  state,
  strike,
  toSeason,
} from "../../helpers/contracts/bank.js";
import { fixture } from "../../../devnet/index.js";
import { digestOf, now, populate } from "../../helpers/contracts/world.js";

const EARNED = 100n * CHART;

/** Alice, bob and somebody without an account are in the hospital's batch of season 0. */
const load = fixture(async () => {
  const world = await populate();
  const { dataBank, alice, bob, generalHospital, ids } = world;
  await openAccount(world, alice, generalHospital);
  await openAccount(world, bob, generalHospital, digestOf("bob"));
  await fund(world, ids.hospital, 200);
  await toSeason(world, 1);
  const batch = batchOf([ids.alice, ids.bob, ids.hospital, 77n], ids.hospital, 0);
  await dataBank.connect(generalHospital).confirmSeason(0, batch.root, 2);
  return { ...world, batch };
});

type Loaded = Awaited<ReturnType<typeof load>>;

const claim = ({ dataBank, ids, batch, alice }: Loaded, by = alice, of = ids.alice) =>
  dataBank.connect(by).claim(ids.hospital, 0, batch.proofOf(of));

/** Interest vests by the hour: what comes next, and what comes within an hour after it, is in the same one. */
const atTheFullHour = async (world: Loaded) =>
  world.networkHelpers.time.setNextBlockTimestamp((Math.floor((await now(world)) / 3600) + 1) * 3600);

describe("DataBank: claims", () => {
  it("come to nothing in a season without deposits", async () => {
    const { dataBank } = await load();

    expect([await dataBank.interestOf(0), await dataBank.interestOf(1)]).to.deep.equal([EARNED, 0n]);
  });

  it("have a bonus where the season before was claimed", async () => {
    const world = await load();
    const { dataBank, alice, generalHospital, ids } = world;
    await toSeason(world, 2);
    const later = batchOf([ids.alice, ids.bob, ids.hospital, 77n], ids.hospital, 1);
    await dataBank.connect(generalHospital).confirmSeason(1, later.root, 2);
    await toSeason(world, 4);
    await claim(world);
    const bonus = (EARNED * (await dataBank.BONUS_PERCENT())) / 100n;

    await expect(dataBank.connect(alice).claim(ids.hospital, 1, later.proofOf(ids.alice)))
      .to.emit(dataBank, "InterestCredited")
      .withArgs(ids.alice, ids.hospital, 1, EARNED + bonus, 1);
  });

  it("have no bonus where the season before wasn't claimed", async () => {
    const world = await load();
    const { dataBank, alice, generalHospital, ids } = world;
    await toSeason(world, 2);
    const later = batchOf([ids.alice, ids.bob, ids.hospital, 77n], ids.hospital, 1);
    await dataBank.connect(generalHospital).confirmSeason(1, later.root, 2);
    await toSeason(world, 4);

    await expect(dataBank.connect(alice).claim(ids.hospital, 1, later.proofOf(ids.alice)))
      .to.emit(dataBank, "InterestCredited")
      .withArgs(ids.alice, ids.hospital, 1, EARNED, 0);
  });

  it("credit the patient, from the third season after on", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await toSeason(world, 3);

    await expect(claim(world)).to.emit(dataBank, "InterestCredited").withArgs(ids.alice, ids.hospital, 0, EARNED, 0);

    const account = await dataBank.accountOf(ids.alice);
    expect(account.locked).to.equal(EARNED);
    expect(account.available).to.equal(0);
    expect([...(await dataBank.depositOf(ids.alice, ids.hospital, 0))]).to.deep.equal([2n, 0n, EARNED]);
    expect((await dataBank.confirmationOf(ids.hospital, 0)).claimed).to.equal(1);
  });

  it("wait: TooEarlyToClaim", async () => {
    const world = await load();
    await toSeason(world, 2);

    await expect(claim(world)).to.be.revertedWithCustomError(world.dataBank, "TooEarlyToClaim").withArgs(0, 2);
  });

  it("don't wait for ever: TooLateToClaim", async () => {
    const world = await load();
    await toSeason(world, 9);

    await expect(claim(world)).to.be.revertedWithCustomError(world.dataBank, "TooLateToClaim").withArgs(0, 9);
  });

  it("need an account: NoAccount", async () => {
    const world = await load();
    const { dataBank, registrar, stranger } = world;
    await registrar.connect(stranger).registerPatient(digestOf("a stranger's key document"));
    await toSeason(world, 3);

    await expect(claim(world, stranger))
      .to.be.revertedWithCustomError(dataBank, "NoAccount")
      .withArgs(await registrar.participantOf(stranger));
  });

  it("count once: AlreadyClaimed", async () => {
    const world = await load();
    await toSeason(world, 3);
    await claim(world);

    await expect(claim(world))
      .to.be.revertedWithCustomError(world.dataBank, "AlreadyClaimed")
      .withArgs(world.ids.alice, world.ids.hospital, 0);
  });

  it("need what a steward confirmed: NotConfirmed", async () => {
    const world = await load();
    const { dataBank, bob, ids } = world;
    await toSeason(world, 3);

    await expect(claim(world, bob, ids.alice))
      .to.be.revertedWithCustomError(dataBank, "NotConfirmed")
      .withArgs(ids.bob, ids.hospital, 0);
    await expect(dataBank.connect(bob).claim(ids.laboratory, 0, [])).to.be.revertedWithCustomError(
      dataBank,
      "NotConfirmed",
    );
  });

  it("are no more than the steward counted: BatchUsedUp", async () => {
    const world = await load();
    const { dataBank, alice, bob, relayer, generalHospital, registrar, ids } = world;
    // It said two, and put in three who have an account by now.
    await registrar.connect(relayer).registerPatient(digestOf("a key document"));
    const carol = await registrar.participantOf(relayer);
    await openAccount(world, relayer, generalHospital, digestOf("carol"));
    await toSeason(world, 2);
    const batch = batchOf([ids.alice, ids.bob, carol], ids.hospital, 1);
    await dataBank.connect(generalHospital).confirmSeason(1, batch.root, 2);
    await toSeason(world, 4);
    await dataBank.connect(alice).claim(ids.hospital, 1, batch.proofOf(ids.alice));
    await dataBank.connect(bob).claim(ids.hospital, 1, batch.proofOf(ids.bob));

    await expect(dataBank.connect(relayer).claim(ids.hospital, 1, batch.proofOf(carol)))
      .to.be.revertedWithCustomError(dataBank, "BatchUsedUp")
      .withArgs(ids.hospital, 1);
  });

  it("end with a strike: DepositIsStruck", async () => {
    const world = await load();
    const { dataBank, ids, batch } = world;
    await strike(world, ids.alice, ids.hospital, 0, batch.proofOf(ids.alice));
    await toSeason(world, 3);

    await expect(claim(world))
      .to.be.revertedWithCustomError(dataBank, "DepositIsStruck")
      .withArgs(ids.alice, ids.hospital, 0);
  });
});

describe("DataBank: a strike", () => {
  it("takes back what was credited, and slashes the bond", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await toSeason(world, 3);
    await atTheFullHour(world);
    await claim(world);

    await expect(strike(world, ids.alice, ids.hospital, 0))
      .to.emit(dataBank, "DepositStruck")
      .withArgs(ids.alice, ids.hospital, 0, EARNED, 100n * BOND);

    expect((await dataBank.accountOf(ids.alice)).locked).to.equal(0);
    expect((await dataBank.stewardOf(ids.hospital)).bond).to.equal(100n * BOND);
  });

  it("slashes no more than there is", async () => {
    const world = await load();
    const { dataBank, ids, batch } = world;
    for (const patient of [ids.alice, ids.bob]) await strike(world, patient, ids.hospital, 0, batch.proofOf(patient));

    await expect(strike(world, 77n, ids.hospital, 0, batch.proofOf(77n)))
      .to.emit(dataBank, "DepositStruck")
      .withArgs(77, ids.hospital, 0, 0, 0);
  });

  it("comes once: DepositIsStruck", async () => {
    const world = await load();
    const { dataBank, ids, batch } = world;
    await strike(world, ids.alice, ids.hospital, 0, batch.proofOf(ids.alice));

    await expect(strike(world, ids.alice, ids.hospital, 0, batch.proofOf(ids.alice))).to.be.revertedWithCustomError(
      dataBank,
      "DepositIsStruck",
    );
  });

  it("is of a deposit that was confirmed: NotConfirmed", async () => {
    const world = await load();
    const { dataBank, ids, batch } = world;

    await expect(strike(world, ids.laboratory, ids.hospital, 0, batch.proofOf(ids.alice)))
      .to.be.revertedWithCustomError(dataBank, "NotConfirmed")
      .withArgs(ids.laboratory, ids.hospital, 0);
  });

  it("is of a stated deposit without a proof", async () => {
    const world = await load();
    const { dataBank, ids } = world;
    await toSeason(world, 2);
    await state(world, world.generalHospital, ids.alice);

    await expect(strike(world, ids.alice, ids.hospital, 1)).to.emit(dataBank, "DepositStruck");
  });

  it("comes before everything has vested: TooLateToStrike", async () => {
    const world = await load();
    const { dataBank, ids, batch } = world;
    await toSeason(world, 15);

    await expect(strike(world, ids.alice, ids.hospital, 0, batch.proofOf(ids.alice)))
      .to.be.revertedWithCustomError(dataBank, "TooLateToStrike")
      .withArgs(0, 15);
  });
});

describe("DataBank: withdrawals", () => {
  const loadVested = fixture(async () => {
    const world = await load();
    await toSeason(world, 3);
    await claim(world);
    await world.networkHelpers.time.increase(VESTING);
    return world;
  });

  it("mint what has vested", async () => {
    const { dataBank, chartToken, alice, stranger, ids } = await loadVested();

    await expect(dataBank.connect(alice).withdraw(stranger, EARNED))
      .to.emit(dataBank, "Withdrawn")
      .withArgs(ids.alice, stranger.address, EARNED);

    expect(await chartToken.balanceOf(stranger)).to.equal(EARNED);
    expect(await chartToken.totalSupply()).to.equal(EARNED);
  });

  it("are no more than has vested: NotVested", async () => {
    const { dataBank, alice } = await loadVested();

    await expect(dataBank.connect(alice).withdraw(alice, EARNED + 1n))
      .to.be.revertedWithCustomError(dataBank, "NotVested")
      .withArgs(EARNED + 1n, EARNED);
  });

  it("need an account: NoAccount", async () => {
    const world = await loadVested();
    const { dataBank, registrar, stranger } = world;
    await registrar.connect(stranger).registerPatient(digestOf("a key document"));

    await expect(dataBank.connect(stranger).withdraw(stranger, 0)).to.be.revertedWithCustomError(dataBank, "NoAccount");
  });

  it("go to somebody: ERC20InvalidReceiver", async () => {
    const { dataBank, chartToken, alice, zeroAddress } = await loadVested();

    await expect(dataBank.connect(alice).withdraw(zeroAddress, 1)).to.be.revertedWithCustomError(
      chartToken,
      "ERC20InvalidReceiver",
    );
  });

  it("are the patient's alone: NotAPerson", async () => {
    const { dataBank, registrar, generalHospital } = await loadVested();

    await expect(dataBank.connect(generalHospital).withdraw(generalHospital, 0)).to.be.revertedWithCustomError(
      registrar,
      "NotAPerson",
    );
  });
});
