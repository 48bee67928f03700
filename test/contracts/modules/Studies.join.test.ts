import { expect } from "chai";
import { ZeroHash } from "ethers";

import { NO_SIGNATURE, attest } from "../../helpers/contracts/bank.js";
import { fixture } from "../../../devnet/index.js";
import {
  CATEGORIES,
  HRESCH,
  PRICE,
  STUDY,
  Stage,
  StudyStatus,
  enrol,
  grantOf,
  join,
  joinGranted,
  offerOf,
  withStudy,
  withUniversity,
} from "../../helpers/contracts/studies.js";
import { OPERATOR } from "../../helpers/contracts/participants.js";
import { signJoining } from "../../helpers/contracts/signatures.js";
import { DAY, authorize, signGrant } from "../../helpers/contracts/typed-data.js";
import { digestOf, now } from "../../helpers/contracts/world.js";

const load = fixture(withUniversity);
const loadOpen = fixture(withStudy);
const YEARS = 365 * DAY;

describe("Studies: opening one", () => {
  it("takes the escrow", async () => {
    const world = await load();
    const { studies, chartToken, university, ids, ethers } = world;
    const offer = await offerOf(world);

    const opening = studies.connect(university).open(offer);
    await expect(opening).to.emit(studies, "StudyOpened").withArgs(STUDY, ids.researcher, Object.values(offer));
    await expect(opening).to.changeTokenBalances(ethers, chartToken, [university, studies], [-2n * PRICE, 2n * PRICE]);

    const study = await studies.studyOf(STUDY);
    expect(study.status).to.equal(StudyStatus.Open);
    expect(study.researcher).to.equal(ids.researcher);
    expect(study.payer).to.equal(university.address);
    expect(study.termsDigest).to.equal(offer.termsDigest);
    expect(await studies.studyCount()).to.equal(1);
    expect((await studies.studyOf(2)).status).to.equal(StudyStatus.None);
  });

  it("needs a token that brings what it says: EscrowMismatch", async () => {
    const world = await load();
    const { studies, chartToken, university, provider } = world;
    const offer = await offerOf(world);
    // Answers 1 to everything: each transfer has worked, and nobody's balance changes.
    await provider.send("hardhat_setCode", [await chartToken.getAddress(), "0x60015f5260205ff3"]);

    await expect(studies.connect(university).open(offer))
      .to.be.revertedWithCustomError(studies, "EscrowMismatch")
      .withArgs(0, 2n * PRICE);
  });

  it("takes an owner, so that an operator's stolen key cancels no study into its own account: NotAnOwner", async () => {
    const world = await load();
    const { studies, chartToken, registrar, university, relayer, ids } = world;
    const joining = await signJoining(world, relayer, ids.researcher);
    await registrar.connect(university).addAccount(OPERATOR, joining);
    await chartToken.connect(university).transfer(relayer, 2n * PRICE);
    await chartToken.connect(relayer).approve(studies, 2n * PRICE);

    await expect(studies.connect(relayer).open(await offerOf(world)))
      .to.be.revertedWithCustomError(registrar, "NotAnOwner")
      .withArgs(relayer.address);
  });

  it("is for researchers: NotAResearcher", async () => {
    const world = await load();
    const { studies, generalHospital, ids } = world;

    await expect(studies.connect(generalHospital).open(await offerOf(world)))
      .to.be.revertedWithCustomError(studies, "NotAResearcher")
      .withArgs(ids.hospital);
  });

  it("is for those who are registered: NotRegistered", async () => {
    const world = await load();
    const { studies, registrar, stranger } = world;

    await expect(studies.connect(stranger).open(await offerOf(world))).to.be.revertedWithCustomError(
      registrar,
      "NotRegistered",
    );
  });

  it("needs the escrow: ERC20InsufficientAllowance", async () => {
    const world = await load();
    const { studies, chartToken, university } = world;
    await chartToken.connect(university).approve(studies, 2n * PRICE - 1n);

    await expect(studies.connect(university).open(await offerOf(world))).to.be.revertedWithCustomError(
      chartToken,
      "ERC20InsufficientAllowance",
    );
  });

  const invalid: [string, (time: number) => object][] = [
    ["no terms", () => ({ termsDigest: ZeroHash })],
    ["no categories", () => ({ categories: 0 })],
    ["no price", () => ({ price: 0 })],
    ["no minimum", () => ({ minimum: 0 })],
    ["a minimum beyond its maximum", () => ({ minimum: 3 })],
    ["an enrolment that is over", (time) => ({ enrolUntil: time })],
    ["an end before its enrolment is over", (time) => ({ enrolUntil: time + DAY, closesAt: time + DAY })],
    ["an end in more than five years", (time) => ({ closesAt: time + 5 * YEARS + 2 * DAY })],
  ];
  for (const [what, change] of invalid) {
    it(`has sense, so it can't have ${what}: InvalidOffer`, async () => {
      const world = await load();
      const { studies, university } = world;
      const offer = { ...(await offerOf(world)), ...change(await now(world)) };

      await expect(studies.connect(university).open(offer)).to.be.revertedWithCustomError(studies, "InvalidOffer");
    });
  }
});

describe("Studies: joining one", () => {
  it("grants what it asks for", async () => {
    const world = await loadOpen();
    const { studies, consents, ids } = world;
    const { until } = grantOf(world);

    const joining = join(world);
    await expect(joining).to.emit(studies, "Joined").withArgs(STUDY, ids.alice, ids.hospital);
    await expect(joining)
      .to.emit(consents, "Granted")
      .withArgs(ids.alice, ids.researcher, ids.hospital, HRESCH, CATEGORIES, (until / 60n) * 60n, [0, 0, 1]);

    const participation = await studies.participationOf(STUDY, ids.alice);
    expect([Number(participation.stage), participation.steward]).to.deep.equal([Stage.Joined, ids.hospital]);
    expect((await studies.studyOf(STUDY)).joined).to.equal(1);
    expect(await consents.canView(ids.alice, ids.hospital, ids.researcher, 0, HRESCH)).to.be.true;
  });

  it("is enough where the grant is there", async () => {
    const world = await loadOpen();
    const { consents, studies, alice, ids } = world;
    await consents.connect(alice).grant(ids.alice, grantOf(world));

    await expect(joinGranted(world)).to.emit(studies, "Joined").and.not.to.emit(consents, "Granted");
  });

  it("works by two signatures", async () => {
    const world = await loadOpen();
    const { studies, consents, alice, relayer, ids, offer } = world;
    const given = grantOf(world);
    const deadline = (await now(world)) + DAY;
    const consent = await signGrant(world, alice, given, { deadline });
    const message = {
      patient: ids.alice,
      study: STUDY,
      researcher: ids.researcher,
      researcherName: "University",
      steward: ids.hospital,
      stewardName: "General Hospital",
      termsDigest: offer.termsDigest,
      price: offer.price,
      minimum: offer.minimum,
      signatureEpoch: 0,
      deadline,
    };
    const joining = await authorize(studies, "StudyJoin", message, alice);

    await expect(studies.connect(relayer).joinWithSig(STUDY, ids.hospital, given.until, consent, joining))
      .to.emit(studies, "Joined")
      .and.to.emit(consents, "Granted");
  });

  it("is for studies that exist: StudyNotOpen", async () => {
    const { studies, alice, ids } = await loadOpen();

    await expect(studies.connect(alice).join(2, ids.hospital, 0, NO_SIGNATURE))
      .to.be.revertedWithCustomError(studies, "StudyNotOpen")
      .withArgs(2);
  });

  it("is for studies that are open: StudyNotOpen", async () => {
    const world = await loadOpen();
    const { studies, university } = world;
    await studies.connect(university).cancel(STUDY);

    await expect(join(world)).to.be.revertedWithCustomError(studies, "StudyNotOpen").withArgs(STUDY);
  });

  it("ends in time: EnrolmentClosed", async () => {
    const world = await loadOpen();
    await enrol(world);

    await expect(join(world)).to.be.revertedWithCustomError(world.studies, "EnrolmentClosed").withArgs(STUDY);
  });

  it("ends when everybody is there: EnrolmentClosed", async () => {
    const world = await loadOpen();
    const { studies, registrar, generalHospital, stranger } = world;
    await join(world);
    await join(world, world.bob);
    await registrar.connect(stranger).registerPatient(digestOf("a key document"));
    await attest(world, generalHospital, stranger.address, digestOf("carol"));

    await expect(join(world, stranger)).to.be.revertedWithCustomError(studies, "EnrolmentClosed");
  });

  it("comes once: AlreadyTookPart", async () => {
    const world = await loadOpen();
    const { studies, alice, ids } = world;
    await join(world);
    await expect(joinGranted(world))
      .to.be.revertedWithCustomError(studies, "AlreadyTookPart")
      .withArgs(STUDY, ids.alice);

    await studies.connect(alice).withdraw(STUDY);
    await expect(joinGranted(world)).to.be.revertedWithCustomError(studies, "AlreadyTookPart");
  });

  it("is for patients who are attested: PatientNotAttested", async () => {
    const world = await loadOpen();
    const { studies, registrar, stranger } = world;
    await registrar.connect(stranger).registerPatient(digestOf("a key document"));

    await expect(join(world, stranger))
      .to.be.revertedWithCustomError(studies, "PatientNotAttested")
      .withArgs(await registrar.participantOf(stranger));
  });

  it("is for persons: NotAPerson", async () => {
    const world = await loadOpen();

    await expect(joinGranted(world, world.generalHospital)).to.be.revertedWithCustomError(
      world.registrar,
      "NotAPerson",
    );
  });

  it("names a steward: GrantDoesNotFit", async () => {
    const world = await loadOpen();
    const { studies, consents, alice, ids } = world;
    await consents.connect(alice).grant(ids.alice, { ...grantOf(world), steward: 0 });

    await expect(studies.connect(alice).join(STUDY, 0, 0, NO_SIGNATURE))
      .to.be.revertedWithCustomError(studies, "GrantDoesNotFit")
      .withArgs(STUDY);
  });

  it("needs a grant: GrantDoesNotFit", async () => {
    const world = await loadOpen();

    await expect(joinGranted(world)).to.be.revertedWithCustomError(world.studies, "GrantDoesNotFit");
  });

  it("needs a grant until the study closes: GrantDoesNotFit", async () => {
    const world = await loadOpen();
    const { studies, alice, offer } = world;
    const given = { ...grantOf(world), until: BigInt(offer.closesAt) - 1n };
    const consent = await signGrant(world, alice, given, { deadline: (await now(world)) + DAY });

    await expect(studies.connect(alice).join(STUDY, given.steward, given.until, consent)).to.be.revertedWithCustomError(
      studies,
      "GrantDoesNotFit",
    );
  });

  it("needs one's own grant: NotTheSamePatient", async () => {
    const world = await loadOpen();
    const { studies, alice, bob, ids } = world;
    const given = grantOf(world);
    const bobs = await signGrant(world, bob, given, { deadline: (await now(world)) + DAY });

    await expect(studies.connect(alice).join(STUDY, given.steward, given.until, bobs))
      .to.be.revertedWithCustomError(studies, "NotTheSamePatient")
      .withArgs(ids.alice, ids.bob);
  });

  it("says what is wrong with the grant: InvalidSignature", async () => {
    const world = await loadOpen();
    const { studies, consents, alice, ids } = world;
    const given = grantOf(world);
    const other = await signGrant(
      world,
      alice,
      { ...given, steward: ids.laboratory },
      {
        deadline: (await now(world)) + DAY,
      },
    );

    await expect(studies.connect(alice).join(STUDY, given.steward, given.until, other))
      .to.be.revertedWithCustomError(consents, "InvalidSignature")
      .withArgs(alice.address);
  });

  it("says what is wrong with the researcher: ViewerNotInGoodStanding", async () => {
    const world = await loadOpen();
    const { registrar, consents, authority, ids } = world;
    await registrar.connect(authority).suspend(ids.researcher);

    await expect(join(world))
      .to.be.revertedWithCustomError(consents, "ViewerNotInGoodStanding")
      .withArgs(ids.researcher);
  });
});
