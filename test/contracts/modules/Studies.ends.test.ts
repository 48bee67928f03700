import { expect } from "chai";

import { fixture } from "../../../devnet/index.js";
import {
  DISPUTE_TERM,
  PRICE,
  STUDY,
  StudyStatus,
  endOf,
  enrol,
  join,
  release,
  withDelivery,
  withStudy,
} from "../../helpers/contracts/studies.js";

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

describe("Studies: ends", () => {
  it("are settled after the last dispute", async () => {
    const world = await loadDelivered();
    const { studies } = world;
    await endOf(world);

    await expect(studies.settle(STUDY)).to.emit(studies, "StudyEnded").withArgs(STUDY, StudyStatus.Settled, 1, PRICE);
    expect((await studies.studyOf(STUDY)).status).to.equal(StudyStatus.Settled);
  });

  it("where nothing was delivered give everything back", async () => {
    const world = await load();
    const { studies } = world;
    await endOf(world);

    await expect(studies.settle(STUDY))
      .to.emit(studies, "StudyEnded")
      .withArgs(STUDY, StudyStatus.Cancelled, 0, 2n * PRICE);
  });

  it("wait: TooEarly", async () => {
    const world = await loadDelivered();
    const { studies, networkHelpers, offer } = world;
    const from = offer.closesAt + DISPUTE_TERM;
    await networkHelpers.time.setNextBlockTimestamp(from - 1);

    await expect(studies.settle(STUDY)).to.be.revertedWithCustomError(studies, "TooEarly").withArgs(from);
  });

  it("come once: StudyNotOpen", async () => {
    const world = await loadDelivered();
    await endOf(world);
    await world.studies.settle(STUDY);

    await expect(world.studies.settle(STUDY)).to.be.revertedWithCustomError(world.studies, "StudyNotOpen");
  });

  it("may come early while nothing is released", async () => {
    const world = await loadEarly();
    const { studies, university } = world;
    await join(world);

    await expect(studies.connect(university).cancel(STUDY))
      .to.emit(studies, "StudyEnded")
      .withArgs(STUDY, StudyStatus.Cancelled, 0, 2n * PRICE);
  });

  it("may come early where the cohort isn't large enough", async () => {
    const world = await loadEarly();
    const { studies, university } = world;
    await join(world);
    await enrol(world);

    await expect(studies.connect(university).cancel(STUDY)).to.emit(studies, "StudyEnded");
  });

  it("don't come early where it was released, whoever withdraws then: NotCancellable", async () => {
    const { studies, university, alice } = await load();
    await studies.connect(alice).withdraw(STUDY);

    await expect(studies.connect(university).cancel(STUDY))
      .to.be.revertedWithCustomError(studies, "NotCancellable")
      .withArgs(STUDY);
  });

  it("don't come early where data was delivered: NotCancellable", async () => {
    const { studies, university, alice } = await loadDelivered();
    await studies.connect(alice).withdraw(STUDY);

    await expect(studies.connect(university).cancel(STUDY)).to.be.revertedWithCustomError(studies, "NotCancellable");
  });

  it("don't come early by anybody else: NotCancellable", async () => {
    const { studies, generalHospital } = await loadEarly();

    await expect(studies.connect(generalHospital).cancel(STUDY)).to.be.revertedWithCustomError(
      studies,
      "NotCancellable",
    );
  });

  it("don't come early where they came: StudyNotOpen", async () => {
    const { studies, university } = await loadEarly();
    await studies.connect(university).cancel(STUDY);

    await expect(studies.connect(university).cancel(STUDY)).to.be.revertedWithCustomError(studies, "StudyNotOpen");
  });
});
