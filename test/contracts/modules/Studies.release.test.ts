import { expect } from "chai";
import { id as keccakOfText } from "ethers";

import { PAYER, asAuthority, fixture } from "../../../devnet/index.js";
import { NO_SIGNATURE } from "../../helpers/contracts/bank.js";
import {
  HRESCH,
  STUDY,
  enrol,
  grantOf,
  joinGranted,
  withStudy,
  type OpenStudy,
} from "../../helpers/contracts/studies.js";
import { DAY } from "../../helpers/contracts/typed-data.js";
import { now } from "../../helpers/contracts/world.js";

/** A study with a minimum of two that alice and bob joined; enrolment is over. */
async function withTwo() {
  const world = await withStudy();
  const { studies, consents, university, offer, ids, alice, bob } = world;
  await studies.connect(university).open({ ...offer, minimum: 2 });
  for (const [patient, id] of [[alice, ids.alice] as const, [bob, ids.bob] as const]) {
    await consents.connect(patient).grant(id, grantOf(world));
    await studies.connect(patient).join(TWO, ids.hospital, 0, NO_SIGNATURE);
  }
  await joinGranted(world);
  await enrol(world);
  return world;
}

const TWO = 2n;
const load = fixture(withTwo);
const loadEarly = fixture(withStudy);

const both = ({ ids }: OpenStudy) => [ids.alice, ids.bob].sort((a, b) => Number(a - b));

describe("Studies: a release", () => {
  it("counts who consents now, and is for good", async () => {
    const world = await load();
    const { studies, alice, bob } = world;

    await expect(studies.release(TWO, both(world)))
      .to.emit(studies, "StudyReleased")
      .withArgs(TWO, 2);

    for (const patient of [alice, bob]) await studies.connect(patient).withdraw(TWO);
    expect(await studies.isReleased(TWO)).to.be.true;
    expect((await studies.studyOf(TWO)).released).to.be.true;
  });

  it("doesn't count who revoked, withdrew or never joined, and passes over them", async () => {
    const world = await load();
    const { studies, consents, bob, ids } = world;
    await consents.connect(bob).revokeGrant(ids.bob, ids.researcher, HRESCH, ids.hospital, 1);
    const [first] = await world.ethers.getSigners();
    const list = [...both(world), ids.researcher].sort((a, b) => Number(a - b));

    await expect(studies.release(TWO, list)).to.emit(studies, "ReleaseCounted").withArgs(TWO, first!.address, 1);
    expect(await studies.isReleased(TWO)).to.be.false;
    await studies.connect(bob).withdraw(TWO);
    await studies.release(TWO, both(world));
    expect(await studies.isReleased(TWO)).to.be.false;
  });

  it("doesn't count where the steward isn't a licensed provider", async () => {
    const world = await load();
    const { studies, registrar, ids } = world;
    const licence = [ids.hospital, keccakOfText("General Hospital"), PAYER, (await now(world)) + 300 * DAY] as const;
    await asAuthority(world, registrar, registrar.interface.encodeFunctionData("license", [...licence]));

    await studies.release(TWO, both(world));

    expect(await studies.isReleased(TWO)).to.be.false;
  });

  it("adds up the pages of one account within an hour", async () => {
    const world = await load();
    const { studies, stranger, networkHelpers } = world;
    const [first, second] = both(world);
    await studies.release(TWO, [first!]);
    await studies.connect(stranger).release(TWO, [second!]);
    expect(await studies.isReleased(TWO), "another account's").to.be.false;

    await networkHelpers.time.increase(60 * 60);
    await studies.release(TWO, [second!]);
    expect(await studies.isReleased(TWO), "an hour later").to.be.false;

    await studies.release(TWO, [first!]);
    await studies.release(TWO, []);
    await studies.release(TWO, [second!]);
    expect(await studies.isReleased(TWO), "an empty page begins anew").to.be.false;
    await studies.release(TWO, [first!]);
    await studies.release(TWO, [second!]);
    expect(await studies.isReleased(TWO)).to.be.true;
  });

  it("counts nobody twice: NotAscending", async () => {
    const world = await load();
    const { studies } = world;
    const [first, second] = both(world);

    await expect(studies.release(TWO, [first!, first!]))
      .to.be.revertedWithCustomError(studies, "NotAscending")
      .withArgs(first);
    await expect(studies.release(TWO, [second!, first!]))
      .to.be.revertedWithCustomError(studies, "NotAscending")
      .withArgs(first);
  });

  it("comes once: AlreadyReleased", async () => {
    const world = await load();
    await world.studies.release(TWO, both(world));

    await expect(world.studies.release(TWO, both(world)))
      .to.be.revertedWithCustomError(world.studies, "AlreadyReleased")
      .withArgs(TWO);
  });

  it("waits until nobody can join any more: TooEarly", async () => {
    const { studies, offer, ids } = await loadEarly();

    await expect(studies.release(STUDY, [ids.alice]))
      .to.be.revertedWithCustomError(studies, "TooEarly")
      .withArgs(offer.enrolUntil);
  });

  it("comes before the study closes: TooLate", async () => {
    const world = await load();
    const { studies, networkHelpers, offer } = world;
    await networkHelpers.time.increaseTo(offer.closesAt);

    await expect(studies.release(TWO, both(world)))
      .to.be.revertedWithCustomError(studies, "TooLate")
      .withArgs(offer.closesAt);
  });

  it("is to a licensed researcher: NotAResearcher", async () => {
    const world = await load();
    const { studies, registrar, authority, ids } = world;
    await registrar.connect(authority).suspend(ids.researcher);

    await expect(studies.release(TWO, both(world)))
      .to.be.revertedWithCustomError(studies, "NotAResearcher")
      .withArgs(ids.researcher);
  });

  it("is of an open study: StudyNotOpen", async () => {
    const world = await load();
    const { studies, university } = world;
    await studies.connect(university).cancel(TWO);

    await expect(studies.release(TWO, both(world))).to.be.revertedWithCustomError(studies, "StudyNotOpen");
  });
});
