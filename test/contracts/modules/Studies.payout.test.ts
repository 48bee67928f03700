import { expect } from "chai";

import { CHART, NO_SIGNATURE } from "../../helpers/contracts/bank.js";
import { fixture } from "../../../devnet/index.js";
import {
  DATA,
  DISPUTE_TERM,
  PRICE,
  STUDY,
  Stage,
  endOf,
  join,
  withDelivery,
  withSettlement,
  withStudy,
  type OpenStudy,
} from "../../helpers/contracts/studies.js";
import { DAY, authorize } from "../../helpers/contracts/typed-data.js";
import { digestOf, now } from "../../helpers/contracts/world.js";
import { guardiansDigest } from "../../helpers/contracts/recovery.js";

const load = fixture(withDelivery);
const loadSettled = fixture(withSettlement);
const loadOpen = fixture(withStudy);

/** Bob alone is enough to start the delay of a recovery of alice's. */
async function startRecovery({ registrar, alice, bob, stranger, ids }: OpenStudy) {
  const members = [ids.bob, ids.insurer].sort((a, b) => Number(a - b));
  const guardians = { members, threshold: 1, delay: DAY, salt: digestOf("a salt") };
  await registrar.connect(alice).changeGuardians(guardiansDigest(ids.alice, guardians));
  await registrar.connect(bob).startRecovery(ids.alice, stranger, guardians);
}

describe("Studies: a patient's payout", () => {
  it("is due a week after the delivery", async () => {
    const world = await load();
    const { studies, chartToken, alice, stranger, ids, networkHelpers, ethers } = world;
    await networkHelpers.time.increase(DISPUTE_TERM);

    const paying = studies.connect(alice).payout(STUDY, stranger);
    await expect(paying)
      .to.emit(studies, "PaidOut")
      .withArgs(STUDY, ids.alice, stranger.address, 80n * CHART);
    await expect(paying).to.changeTokenBalances(ethers, chartToken, [stranger, studies], [80n * CHART, -80n * CHART]);
    const { stage, paid } = await studies.participationOf(STUDY, ids.alice);
    expect([Number(stage), paid]).to.deep.equal([Stage.Delivered, true]);
  });

  it("waits for disputes: TooEarly", async () => {
    const world = await load();
    const { studies, alice, ids, networkHelpers } = world;
    const from = (await studies.participationOf(STUDY, ids.alice)).deliveredAt + BigInt(DISPUTE_TERM);
    await networkHelpers.time.setNextBlockTimestamp(from - 1n);

    await expect(studies.connect(alice).payout(STUDY, alice))
      .to.be.revertedWithCustomError(studies, "TooEarly")
      .withArgs(from);
  });

  it("comes once: NothingToPay", async () => {
    const { studies, alice, ids } = await loadSettled();
    await studies.connect(alice).payout(STUDY, alice);

    await expect(studies.connect(alice).payout(STUDY, alice))
      .to.be.revertedWithCustomError(studies, "NothingToPay")
      .withArgs(STUDY, ids.alice);
  });

  it("is for what was delivered: NothingToPay", async () => {
    const { studies, bob, ids } = await loadSettled();

    await expect(studies.connect(bob).payout(STUDY, bob))
      .to.be.revertedWithCustomError(studies, "NothingToPay")
      .withArgs(STUDY, ids.bob);
  });

  it("is not for what was disputed: NothingToPay", async () => {
    const world = await load();
    const { studies, alice } = world;
    await studies.connect(alice).dispute(STUDY);
    await endOf(world);

    await expect(studies.connect(alice).payout(STUDY, alice)).to.be.revertedWithCustomError(studies, "NothingToPay");
  });

  it("leaves it to the patient to leave, and comes once all the same: NothingToPay", async () => {
    const world = await load();
    const { studies, alice, ids, networkHelpers } = world;
    await networkHelpers.time.increase(DISPUTE_TERM);
    await studies.connect(alice).payout(STUDY, alice);

    await expect(studies.connect(alice).dispute(STUDY)).to.be.revertedWithCustomError(studies, "TooLate");
    await studies.connect(alice).withdraw(STUDY);
    const { stage, paid } = await studies.participationOf(STUDY, ids.alice);
    expect([Number(stage), paid]).to.deep.equal([Stage.Left, true]);
    await expect(studies.connect(alice).payout(STUDY, alice)).to.be.revertedWithCustomError(studies, "NothingToPay");
  });

  it("waits while a recovery is pending: RecoveryPending", async () => {
    const world = await loadSettled();
    const { studies, registrar, alice, ids } = world;
    await startRecovery(world);

    await expect(studies.connect(alice).payout(STUDY, alice))
      .to.be.revertedWithCustomError(registrar, "RecoveryPending")
      .withArgs(ids.alice);
  });

  it("is a person's: NotAPerson", async () => {
    const { studies, registrar, generalHospital } = await loadSettled();

    await expect(studies.connect(generalHospital).payout(STUDY, generalHospital)).to.be.revertedWithCustomError(
      registrar,
      "NotAPerson",
    );
  });
});

describe("Studies: joining while a recovery is pending", () => {
  it("is refused: RecoveryPending", async () => {
    const world = await loadOpen();
    const { registrar, ids } = world;
    await startRecovery(world);

    await expect(join(world)).to.be.revertedWithCustomError(registrar, "RecoveryPending").withArgs(ids.alice);
  });
});

describe("Studies: a steward's payout", () => {
  it("is for all of its patients", async () => {
    const { studies, chartToken, generalHospital, ids, ethers } = await loadSettled();

    const paying = studies.connect(generalHospital).payoutSteward(STUDY, generalHospital);
    await expect(paying)
      .to.emit(studies, "PaidOut")
      .withArgs(STUDY, ids.hospital, generalHospital.address, 15n * CHART);
    await expect(paying).to.changeTokenBalances(ethers, chartToken, [generalHospital], [15n * CHART]);
  });

  it("comes once: NothingToPay", async () => {
    const { studies, generalHospital, ids } = await loadSettled();
    await studies.connect(generalHospital).payoutSteward(STUDY, generalHospital);

    await expect(studies.connect(generalHospital).payoutSteward(STUDY, generalHospital))
      .to.be.revertedWithCustomError(studies, "NothingToPay")
      .withArgs(STUDY, ids.hospital);
  });

  it("waits for the end: NothingToPay", async () => {
    const { studies, generalHospital } = await load();

    await expect(studies.connect(generalHospital).payoutSteward(STUDY, generalHospital)).to.be.revertedWithCustomError(
      studies,
      "NothingToPay",
    );
  });

  it("is for who delivered: NothingToPay", async () => {
    const { studies, laboratory, ids } = await loadSettled();

    await expect(studies.connect(laboratory).payoutSteward(STUDY, laboratory))
      .to.be.revertedWithCustomError(studies, "NothingToPay")
      .withArgs(STUDY, ids.laboratory);
  });
});

describe("Studies: the bank's share and the rest", () => {
  it("go to the bank, which burns it, and back to the researcher", async () => {
    const { studies, chartToken, dataBank, university, ethers } = await loadSettled();
    const supply = await chartToken.totalSupply();

    const paying = studies.payoutBank(STUDY);
    await expect(paying)
      .to.emit(studies, "BankPaid")
      .withArgs(STUDY, 5n * CHART);
    await expect(paying).to.changeTokenBalances(ethers, chartToken, [dataBank], [5n * CHART]);
    await dataBank.burnFees();
    expect(await chartToken.totalSupply()).to.equal(supply - 5n * CHART);

    const refunding = studies.refund(STUDY);
    await expect(refunding).to.emit(studies, "Refunded").withArgs(STUDY, university.address, PRICE);
    await expect(refunding).to.changeTokenBalances(ethers, chartToken, [university], [PRICE]);
    const study = await studies.studyOf(STUDY);
    expect([study.bankPaid, study.refunded]).to.deep.equal([1n, 1n]);
  });

  it("come once: NothingToPay, NothingToRefund", async () => {
    const { studies } = await loadSettled();
    await studies.payoutBank(STUDY);
    await studies.refund(STUDY);

    await expect(studies.payoutBank(STUDY)).to.be.revertedWithCustomError(studies, "NothingToPay").withArgs(STUDY, 0);
    await expect(studies.refund(STUDY)).to.be.revertedWithCustomError(studies, "NothingToRefund").withArgs(STUDY);
  });

  it("wait for the end: NothingToPay, NothingToRefund", async () => {
    const { studies } = await load();

    await expect(studies.payoutBank(STUDY)).to.be.revertedWithCustomError(studies, "NothingToPay");
    await expect(studies.refund(STUDY)).to.be.revertedWithCustomError(studies, "NothingToRefund");
  });

  it("are nothing of a study that doesn't exist: NothingToPay, NothingToRefund", async () => {
    const { studies } = await load();

    await expect(studies.payoutBank(2)).to.be.revertedWithCustomError(studies, "NothingToPay");
    await expect(studies.refund(2)).to.be.revertedWithCustomError(studies, "NothingToRefund");
  });

  it("leave nothing to give back where everything was delivered: NothingToRefund", async () => {
    const world = await load();
    const { studies, university, ids, offer, alice, networkHelpers } = world;
    const time = await now(world);
    await studies
      .connect(university)
      .open({ ...offer, maximum: 1, enrolUntil: time + DAY, closesAt: offer.closesAt - DAY });
    await studies.connect(alice).join(2, ids.hospital, 0, NO_SIGNATURE);
    await networkHelpers.time.increase(DAY);
    await studies.release(2, [ids.alice]);
    const message = { steward: ids.hospital, study: 2, patient: ids.alice, dataDigest: DATA };
    const deadline = offer.closesAt;
    await studies.deliver(
      2,
      ids.alice,
      DATA,
      await authorize(studies, "DeliveryReceipt", { ...message, deadline }, world.generalHospital),
    );
    await endOf(world);
    await studies.settle(2);

    await expect(studies.refund(2)).to.be.revertedWithCustomError(studies, "NothingToRefund").withArgs(2);
  });

  it("of a study that was cancelled are the whole escrow", async () => {
    const { studies, chartToken, university, ethers } = await loadOpen();
    await studies.connect(university).cancel(STUDY);

    await expect(studies.refund(STUDY)).to.changeTokenBalances(
      ethers,
      chartToken,
      [university, studies],
      [2n * PRICE, -2n * PRICE],
    );
    await expect(studies.payoutBank(STUDY)).to.be.revertedWithCustomError(studies, "NothingToPay");
  });
});
