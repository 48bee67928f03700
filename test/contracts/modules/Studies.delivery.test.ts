import { expect } from "chai";
import { ZeroHash } from "ethers";

import { NO_SIGNATURE } from "../../helpers/contracts/bank.js";
import { fixture } from "../../../devnet/index.js";
import {
  ANSWER_TERM,
  DATA,
  DISPUTE_TERM,
  HRESCH,
  STUDY,
  Stage,
  deliver,
  endOf,
  enrol,
  join,
  release,
  signReceipt,
  withDelivery,
  withStudy,
  type OpenStudy,
} from "../../helpers/contracts/studies.js";
import { authorize } from "../../helpers/contracts/typed-data.js";
import { now } from "../../helpers/contracts/world.js";

/** Alice takes part, and enrolment is over. */
async function withParticipant() {
  const world = await withStudy();
  await join(world);
  await enrol(world);
  await release(world);
  return world;
}

const loadEarly = fixture(withStudy);
const load = fixture(withParticipant);
const loadDelivered = fixture(withDelivery);

const stageOf = async ({ studies, ids }: OpenStudy) => Number((await studies.participationOf(STUDY, ids.alice)).stage);

describe("Studies: a delivery", () => {
  it("is noted by the steward's receipt", async () => {
    const world = await load();
    const { studies, ids } = world;
    expect(await studies.isReleased(STUDY)).to.be.true;

    await expect(deliver(world)).to.emit(studies, "Delivered").withArgs(STUDY, ids.alice, ids.hospital, DATA);

    const time = BigInt(await now(world));
    const tag = DATA.slice(0, 32);
    const part = [...(await studies.participationOf(STUDY, ids.alice))];
    expect(part).to.deep.equal([3n, false, ids.hospital, time, 0n, tag]);
    expect((await studies.studyOf(STUDY)).delivered).to.equal(1);
    expect([...(await studies.creditOf(STUDY, ids.hospital))]).to.deep.equal([1n, 0n]);
  });

  it("waits for enrolment to be over: NotReleased", async () => {
    const world = await loadEarly();
    await join(world);
    expect(await world.studies.isReleased(STUDY)).to.be.false;

    await expect(deliver(world)).to.be.revertedWithCustomError(world.studies, "NotReleased").withArgs(STUDY);
  });

  it("needs a cohort: NotReleased", async () => {
    const world = await loadEarly();
    const { studies, university, offer, ids, alice, bob } = world;
    await studies.connect(university).open({ ...offer, minimum: 2 });
    const { consents } = world;
    const grant = { viewer: ids.researcher, purpose: HRESCH, steward: ids.hospital, categories: offer.categories };
    for (const [patient, id] of [
      [alice, ids.alice],
      [bob, ids.bob],
    ] as const) {
      await consents
        .connect(patient)
        .grant(id, { ...grant, sensitiveFromAnySteward: false, until: offer.closesAt + 60 });
      await studies.connect(patient).join(2, ids.hospital, 0, NO_SIGNATURE);
    }
    await studies.connect(bob).withdraw(2);
    await enrol(world);
    await studies.release(2, [ids.alice, ids.bob]);
    const message = { steward: ids.hospital, study: 2, patient: ids.alice, dataDigest: DATA };
    const deadline = offer.closesAt;
    const receipt = await authorize(studies, "DeliveryReceipt", { ...message, deadline }, world.generalHospital);

    await expect(studies.deliver(2, ids.alice, DATA, receipt))
      .to.be.revertedWithCustomError(studies, "NotReleased")
      .withArgs(2);
  });

  it("comes before the study closes: TooLate", async () => {
    const world = await load();
    const { studies, networkHelpers, offer } = world;
    await networkHelpers.time.increaseTo(offer.closesAt);
    expect(await studies.isReleased(STUDY)).to.be.false;

    await expect(deliver(world)).to.be.revertedWithCustomError(studies, "TooLate").withArgs(offer.closesAt);
  });

  it("is of somebody who takes part: WrongStage", async () => {
    const world = await load();

    await expect(deliver(world, world.ids.bob))
      .to.be.revertedWithCustomError(world.studies, "WrongStage")
      .withArgs(STUDY, world.ids.bob, Stage.None);
  });

  it("comes once: WrongStage", async () => {
    const world = await loadDelivered();

    await expect(deliver(world))
      .to.be.revertedWithCustomError(world.studies, "WrongStage")
      .withArgs(STUDY, world.ids.alice, Stage.Delivered);
  });

  it("is the steward's whom the patient named: NotTheSteward", async () => {
    const world = await load();
    const { studies, ids, laboratory } = world;

    await expect(deliver(world, ids.alice, laboratory))
      .to.be.revertedWithCustomError(studies, "NotTheSteward")
      .withArgs(ids.laboratory, ids.hospital);
  });

  it("is a licensed provider's: NotALicensedProvider", async () => {
    const world = await load();
    const { registrar, authority, ids } = world;
    await registrar.connect(authority).suspend(ids.hospital);

    await expect(deliver(world)).to.be.revertedWithCustomError(registrar, "NotALicensedProvider");
  });

  it("goes to a licensed researcher: NotAResearcher", async () => {
    const world = await load();
    const { studies, registrar, authority, ids } = world;
    await registrar.connect(authority).suspend(ids.researcher);

    await expect(deliver(world)).to.be.revertedWithCustomError(studies, "NotAResearcher").withArgs(ids.researcher);
  });

  it("names what was delivered: MissingData", async () => {
    const world = await load();
    const { studies, ids, generalHospital } = world;
    const receipt = await signReceipt(world, ids.alice, generalHospital, ZeroHash);

    await expect(studies.deliver(STUDY, ids.alice, ZeroHash, receipt)).to.be.revertedWithCustomError(
      studies,
      "MissingData",
    );
  });

  it("ends with the consent: ConsentRevoked", async () => {
    const world = await load();
    const { studies, consents, alice, ids } = world;
    await consents.connect(alice).revokeViewer(ids.alice, ids.researcher);

    await expect(deliver(world)).to.be.revertedWithCustomError(studies, "ConsentRevoked").withArgs(STUDY, ids.alice);
  });

  it("ends with the study: StudyNotOpen", async () => {
    const world = await load();
    await endOf(world);
    await world.studies.settle(STUDY);

    await expect(deliver(world)).to.be.revertedWithCustomError(world.studies, "StudyNotOpen").withArgs(STUDY);
  });
});

describe("Studies: a withdrawal", () => {
  it("before anything was delivered ends everything", async () => {
    const world = await load();
    const { studies, alice, ids } = world;

    await expect(studies.connect(alice).withdraw(STUDY))
      .to.emit(studies, "ParticipationWithdrawn")
      .withArgs(STUDY, ids.alice, Stage.Withdrawn);

    expect((await studies.studyOf(STUDY)).joined).to.equal(0);
    expect(await studies.isReleased(STUDY), "for the others").to.be.true;
  });

  it("after a delivery leaves what is due", async () => {
    const world = await loadDelivered();
    const { studies, alice, ids } = world;

    await expect(studies.connect(alice).withdraw(STUDY))
      .to.emit(studies, "ParticipationWithdrawn")
      .withArgs(STUDY, ids.alice, Stage.Left);

    const study = await studies.studyOf(STUDY);
    expect(study.joined).to.equal(0);
    expect(study.delivered).to.equal(1);
  });

  it("comes once: WrongStage", async () => {
    const world = await load();
    const { studies, alice, ids } = world;
    await studies.connect(alice).withdraw(STUDY);

    await expect(studies.connect(alice).withdraw(STUDY))
      .to.be.revertedWithCustomError(studies, "WrongStage")
      .withArgs(STUDY, ids.alice, Stage.Withdrawn);
  });

  it("is from an open study: StudyNotOpen", async () => {
    const world = await loadDelivered();
    await endOf(world);
    await world.studies.settle(STUDY);

    await expect(world.studies.connect(world.alice).withdraw(STUDY)).to.be.revertedWithCustomError(
      world.studies,
      "StudyNotOpen",
    );
  });

  it("is a patient's: NotAPerson", async () => {
    const { studies, registrar, generalHospital } = await load();

    await expect(studies.connect(generalHospital).withdraw(STUDY)).to.be.revertedWithCustomError(
      registrar,
      "NotAPerson",
    );
  });
});

describe("Studies: a dispute", () => {
  it("takes the delivery back", async () => {
    const world = await loadDelivered();
    const { studies, alice, ids } = world;

    await world.networkHelpers.time.setNextBlockTimestamp((await now(world)) + 5);
    const answerUntil = (await now(world)) + 5 + ANSWER_TERM;
    await expect(studies.connect(alice).dispute(STUDY))
      .to.emit(studies, "DeliveryDisputed")
      .withArgs(STUDY, ids.alice, answerUntil);

    const study = await studies.studyOf(STUDY);
    expect([study.joined, study.delivered, study.disputed]).to.deep.equal([0n, 0n, 1n]);
    expect((await studies.creditOf(STUDY, ids.hospital)).delivered).to.equal(0);
    expect(await stageOf(world)).to.equal(Stage.Disputed);
  });

  it("is possible after a withdrawal, too: a relayer may keep one back until a false receipt is in", async () => {
    const world = await loadDelivered();
    const { studies, alice } = world;
    await studies.connect(alice).withdraw(STUDY);

    await expect(studies.connect(alice).dispute(STUDY)).to.emit(studies, "DeliveryDisputed");

    const study = await studies.studyOf(STUDY);
    expect([study.joined, study.delivered, study.disputed]).to.deep.equal([0n, 0n, 1n]);
    expect(await stageOf(world)).to.equal(Stage.Disputed);
  });

  it("comes within a week: TooLate", async () => {
    const world = await loadDelivered();
    const { studies, alice, ids, networkHelpers } = world;
    const { deliveredAt } = await studies.participationOf(STUDY, ids.alice);
    await networkHelpers.time.increase(DISPUTE_TERM);

    await expect(studies.connect(alice).dispute(STUDY))
      .to.be.revertedWithCustomError(studies, "TooLate")
      .withArgs(deliveredAt + BigInt(DISPUTE_TERM));
  });

  it("needs a delivery: WrongStage", async () => {
    const { studies, alice, ids } = await load();

    await expect(studies.connect(alice).dispute(STUDY))
      .to.be.revertedWithCustomError(studies, "WrongStage")
      .withArgs(STUDY, ids.alice, Stage.Joined);
  });

  it("is about an open study: StudyNotOpen", async () => {
    const { studies, alice } = await load();

    await expect(studies.connect(alice).dispute(2)).to.be.revertedWithCustomError(studies, "StudyNotOpen");
  });
});
