import { expect } from "chai";
import type { Signer } from "ethers";

import { asAuthority, fixture } from "../../../devnet/index.js";
import { CHART } from "../../helpers/contracts/bank.js";
import {
  ANSWER_TERM,
  DATA,
  DECISION_TERM,
  PRICE,
  STUDY,
  Stage,
  StudyStatus,
  endOf,
  withDelivery,
  type OpenStudy,
} from "../../helpers/contracts/studies.js";
import { DAY, authorize } from "../../helpers/contracts/typed-data.js";
import { digestOf, now } from "../../helpers/contracts/world.js";

/** Alice says that nothing was delivered. */
async function withDispute() {
  const world = await withDelivery();
  await (await world.studies.connect(world.alice).dispute(STUDY)).wait();
  return world;
}

const load = fixture(withDispute);
const loadDelivered = fixture(withDelivery);

const answer = (world: OpenStudy, by: Signer = world.generalHospital) =>
  world.studies.connect(by).answerDispute(STUDY, world.ids.alice);

async function acknowledge(world: OpenStudy, by: Signer = world.university, dataDigest = DATA) {
  const { studies, registrar, ids } = world;
  const recipient = await registrar.participantOf(await by.getAddress());
  const message = { recipient, study: STUDY, patient: ids.alice, dataDigest, deadline: (await now(world)) + DAY };
  const signed = await authorize(studies, "DeliveryAcknowledgement", message, by);
  return studies.acknowledge(STUDY, ids.alice, dataDigest, signed);
}

function decide(world: OpenStudy, delivered: boolean) {
  const { studies, ids } = world;
  const data = studies.interface.encodeFunctionData("decideDispute", [STUDY, ids.alice, delivered]);
  return asAuthority(world, studies, data);
}

const close = ({ studies, ids }: OpenStudy) => studies.closeDispute(STUDY, ids.alice);
const stageOf = async ({ studies, ids }: OpenStudy) => Number((await studies.participationOf(STUDY, ids.alice)).stage);

describe("Studies: an answer to a dispute", () => {
  it("is the steward's word, about which the authority decides", async () => {
    const world = await load();
    const { studies, ids, networkHelpers } = world;
    const time = (await now(world)) + 9;
    await networkHelpers.time.setNextBlockTimestamp(time);

    await expect(answer(world))
      .to.emit(studies, "DisputeAnswered")
      .withArgs(STUDY, ids.alice, ids.hospital, time + DECISION_TERM);
    expect(await stageOf(world)).to.equal(Stage.Answered);
  });

  it("is the steward's whom the patient named: NotTheSteward", async () => {
    const world = await load();

    await expect(answer(world, world.laboratory))
      .to.be.revertedWithCustomError(world.studies, "NotTheSteward")
      .withArgs(world.ids.laboratory, world.ids.hospital);
  });

  it("comes within two weeks: TooLate", async () => {
    const world = await load();
    const { deadline } = await world.studies.participationOf(STUDY, world.ids.alice);
    await world.networkHelpers.time.increaseTo(deadline);

    for (const late of [answer(world), acknowledge(world)]) {
      await expect(late).to.be.revertedWithCustomError(world.studies, "TooLate").withArgs(deadline);
    }
  });

  it("needs a dispute, and comes once: WrongStage", async () => {
    const undisputed = await loadDelivered();
    for (const early of [answer(undisputed), acknowledge(undisputed)]) {
      await expect(early).to.be.revertedWithCustomError(undisputed.studies, "WrongStage");
    }
    const world = await load();
    await answer(world);

    await expect(answer(world))
      .to.be.revertedWithCustomError(world.studies, "WrongStage")
      .withArgs(STUDY, world.ids.alice, Stage.Answered);
  });

  it("is better with the researcher's signature, or the patient's, whoever sends it, also later", async () => {
    const world = await load();
    const { studies, alice, ids } = world;
    await answer(world);

    await expect(acknowledge(world, alice)).to.emit(studies, "DisputeAnswered");
    expect(await stageOf(world)).to.equal(Stage.Acknowledged);

    const another = await load();
    await expect(acknowledge(another))
      .to.emit(another.studies, "DisputeAnswered")
      .withArgs(STUDY, ids.alice, ids.researcher, (deadline: bigint) => deadline > 0n);
  });

  it("is nobody else's signature: NotARecipient", async () => {
    const world = await load();

    await expect(acknowledge(world, world.bob))
      .to.be.revertedWithCustomError(world.studies, "NotARecipient")
      .withArgs(world.ids.bob);
  });

  it("is about what the receipt named: OtherData", async () => {
    const world = await load();

    await expect(acknowledge(world, world.university, digestOf("other data")))
      .to.be.revertedWithCustomError(world.studies, "OtherData")
      .withArgs(STUDY, world.ids.alice);
  });
});

describe("Studies: a decision about a dispute", () => {
  it("for the steward pays everybody; the patient has left the study", async () => {
    const world = await load();
    const { studies, chartToken, alice, generalHospital, ids, ethers } = world;
    await answer(world);
    await decide(world, true);

    expect(await stageOf(world)).to.equal(Stage.Left);
    const study = await studies.studyOf(STUDY);
    expect([study.joined, study.delivered, study.disputed]).to.deep.equal([0n, 1n, 0n]);
    await endOf(world);
    await expect(studies.settle(STUDY)).to.emit(studies, "StudyEnded").withArgs(STUDY, StudyStatus.Settled, 1, PRICE);
    const paying = studies.connect(alice).payout(STUDY, alice);
    await expect(paying).to.changeTokenBalances(ethers, chartToken, [alice], [80n * CHART]);
    const stewards = studies.connect(generalHospital).payoutSteward(STUDY, generalHospital);
    await expect(stewards)
      .to.emit(studies, "PaidOut")
      .withArgs(STUDY, ids.hospital, generalHospital.address, 15n * CHART);
  });

  it("is final: WrongStage", async () => {
    const world = await load();
    await answer(world);
    await decide(world, true);

    await expect(world.studies.connect(world.alice).dispute(STUDY))
      .to.be.revertedWithCustomError(world.studies, "WrongStage")
      .withArgs(STUDY, world.ids.alice, Stage.Left);
  });

  it("for the patient pays nobody, an acknowledgement or not", async () => {
    const world = await load();
    const { studies, generalHospital, ids } = world;
    await acknowledge(world);
    await decide(world, false);

    expect(await stageOf(world)).to.equal(Stage.Undelivered);
    await endOf(world);
    await studies.settle(STUDY);
    await expect(studies.refund(STUDY))
      .to.emit(studies, "Refunded")
      .withArgs(STUDY, world.university.address, 2n * PRICE);
    await expect(studies.connect(generalHospital).payoutSteward(STUDY, generalHospital))
      .to.be.revertedWithCustomError(studies, "NothingToPay")
      .withArgs(STUDY, ids.hospital);
  });

  it("is the authority's: AccessManagedUnauthorized", async () => {
    const world = await load();
    await answer(world);

    await expect(
      world.studies.connect(world.university).decideDispute(STUDY, world.ids.alice, false),
    ).to.be.revertedWithCustomError(world.studies, "AccessManagedUnauthorized");
  });

  it("needs an answer: WrongStage", async () => {
    const world = await load();

    await expect(decide(world, true)).to.be.revertedWithCustomError(world.studies, "WrongStage");
  });

  it("comes within a month: TooLate", async () => {
    const world = await load();
    await answer(world);
    await world.networkHelpers.time.increase(DECISION_TERM);

    await expect(decide(world, true)).to.be.revertedWithCustomError(world.studies, "TooLate");
  });
});

describe("Studies: a dispute that nobody decides", () => {
  it("is the patient's without an answer", async () => {
    const world = await load();
    const { studies, ids, networkHelpers } = world;
    await networkHelpers.time.increase(ANSWER_TERM);

    await expect(close(world)).to.emit(studies, "DisputeDecided").withArgs(STUDY, ids.alice, false);
    expect(await stageOf(world)).to.equal(Stage.Undelivered);
  });

  it("is the patient's where the steward has its word alone", async () => {
    const world = await load();
    await answer(world);
    await world.networkHelpers.time.increase(DECISION_TERM);

    await expect(close(world)).to.emit(world.studies, "DisputeDecided").withArgs(STUDY, world.ids.alice, false);
  });

  it("is the steward's with an acknowledgement, so the researcher can't dispute everything away", async () => {
    const world = await load();
    await acknowledge(world);
    await world.networkHelpers.time.increase(DECISION_TERM);

    await expect(close(world)).to.emit(world.studies, "DisputeDecided").withArgs(STUDY, world.ids.alice, true);
    expect(await stageOf(world)).to.equal(Stage.Left);
  });

  it("stays open until its term has run out: TooEarly", async () => {
    const world = await load();
    await answer(world);
    const { deadline } = await world.studies.participationOf(STUDY, world.ids.alice);
    await world.networkHelpers.time.setNextBlockTimestamp(deadline - 1n);

    await expect(close(world)).to.be.revertedWithCustomError(world.studies, "TooEarly").withArgs(deadline);
  });

  it("is a dispute, and ends once: WrongStage", async () => {
    const undisputed = await loadDelivered();
    await expect(close(undisputed)).to.be.revertedWithCustomError(undisputed.studies, "WrongStage");
    const world = await load();
    await world.networkHelpers.time.increase(ANSWER_TERM);
    await close(world);

    await expect(close(world)).to.be.revertedWithCustomError(world.studies, "WrongStage");
  });

  it("keeps its price in escrow while everybody else is paid, and is pulled later", async () => {
    const world = await load();
    const { studies, chartToken, university, generalHospital, ethers } = world;
    await acknowledge(world);
    await world.networkHelpers.time.increaseTo(world.offer.closesAt + 7 * DAY);
    expect(await stageOf(world)).to.equal(Stage.Acknowledged);
    await expect(studies.settle(STUDY)).to.emit(studies, "StudyEnded").withArgs(STUDY, StudyStatus.Settled, 0, PRICE);
    await expect(studies.refund(STUDY)).to.changeTokenBalances(ethers, chartToken, [university], [PRICE]);
    await expect(studies.refund(STUDY)).to.be.revertedWithCustomError(studies, "NothingToRefund");
    await expect(studies.payoutBank(STUDY)).to.be.revertedWithCustomError(studies, "NothingToPay");

    await close(world);
    await studies.connect(generalHospital).payoutSteward(STUDY, generalHospital);
    await studies.payoutBank(STUDY);
    await studies.connect(world.alice).payout(STUDY, world.alice);
    expect(await chartToken.balanceOf(studies)).to.equal(0);
  });
});
