import { expect } from "chai";

import { freeze } from "../helpers/contracts/delegates.js";
import {
  HOUR,
  Outcome,
  REVIEWS,
  breakGlass,
  reviewAsAuthority,
  signReview,
  viewed,
  withResponders,
  type EmergencyWorld,
} from "../helpers/contracts/emergencies.js";
import { fixture } from "../../devnet/index.js";
import { DEFAULT_EMERGENCY } from "../helpers/contracts/participants.js";

const load = fixture(async () => {
  const world = await withResponders();
  await breakGlass(world);
  return world;
});

const reviewOf = ({ consents, ids }: EmergencyWorld, number = 1n) =>
  consents.reviewOf(ids.alice, ids.ambulance, number);

const { Unreviewed, Justified, Unjustified } = Outcome;

for (const [name, review] of Object.entries(REVIEWS)) {
  describe(`Consents: ${name}`, () => {
    for (const who of ["alice", "bob"] as const) {
      const whose = who === "alice" ? "the patient's" : "a delegate's";
      for (const [outcome, text] of [
        [Justified, "justified, which changes nothing"],
        [Unjustified, "unjustified, which ends it"],
      ] as const) {
        it(`writes down ${whose} finding: ${text}`, async () => {
          const world = await load();
          const { consents, ids } = world;

          await expect(review(world, world[who], outcome))
            .to.emit(consents, "EmergencyReviewed")
            .withArgs(ids.alice, ids.ambulance, 1, outcome, ids[who]);

          expect(await reviewOf(world)).to.deep.equal([BigInt(outcome), true]);
          expect(await viewed(world)).to.equal(outcome === Justified ? DEFAULT_EMERGENCY : 0);
        });
      }
    }

    it("works afterwards, for each break-glass, and ends no later one", async () => {
      const world = await load();
      await world.networkHelpers.time.increase(3 * HOUR);
      await breakGlass(world);
      await review(world, world.alice, Unjustified, 1n);
      expect(await viewed(world), "the second one goes on").to.equal(DEFAULT_EMERGENCY);
      expect(await reviewOf(world, 2n)).to.deep.equal([0n, false]);

      await review(world, world.alice, Unjustified, 2n);
      expect(await viewed(world)).to.equal(0);
    });

    it("may find out later that it was unjustified, and then not again: AlreadyReviewed", async () => {
      const world = await load();
      const { consents, alice, bob, ids } = world;
      await review(world, bob, Justified);
      await review(world, alice, Unjustified);
      expect(await reviewOf(world)).to.deep.equal([BigInt(Unjustified), true]);
      expect(await viewed(world)).to.equal(0);

      for (const outcome of [Justified, Unjustified]) {
        await expect(review(world, alice, outcome))
          .to.be.revertedWithCustomError(consents, "AlreadyReviewed")
          .withArgs(ids.alice, ids.ambulance, 1);
      }
    });

    it("doesn't find twice that it was justified: AlreadyReviewed", async () => {
      const world = await load();
      await review(world, world.alice, Justified);

      await expect(review(world, world.bob, Justified))
        .to.be.revertedWithCustomError(world.consents, "AlreadyReviewed")
        .withArgs(world.ids.alice, world.ids.ambulance, 1);
    });

    it("takes the place of the authority's, which gives nothing back", async () => {
      const world = await load();
      await reviewAsAuthority(world, Unjustified);
      await review(world, world.alice, Justified);

      expect(await reviewOf(world)).to.deep.equal([BigInt(Justified), true]);
      expect(await viewed(world), "what ended stays ended").to.equal(0);
    });

    it("needs an outcome: MissingOutcome", async () => {
      const world = await load();

      await expect(review(world, world.alice, Unreviewed)).to.be.revertedWithCustomError(
        world.consents,
        "MissingOutcome",
      );
    });

    it("needs a break-glass with that number: NoSuchEmergency", async () => {
      const world = await load();

      for (const number of [0n, 2n]) {
        await expect(review(world, world.alice, Unjustified, number))
          .to.be.revertedWithCustomError(world.consents, "NoSuchEmergency")
          .withArgs(world.ids.alice, world.ids.ambulance, number);
      }
    });

    it("is for the patient and for who approves in her place: NotEmpowered", async () => {
      const world = await load();
      const { consents, delegates, alice, bob, erin, ids, until } = world;
      await expect(review(world, erin, Unjustified))
        .to.be.revertedWithCustomError(consents, "NotEmpowered")
        .withArgs(ids.alice, ids.erin);

      await delegates.connect(alice).appoint(ids.bob, { approving: false, granting: 255, viewing: 255 }, until);
      await expect(review(world, bob, Unjustified))
        .to.be.revertedWithCustomError(consents, "NotEmpowered")
        .withArgs(ids.alice, ids.bob);
    });

    it("isn't for the responder, or any institution: NotAPerson", async () => {
      const world = await load();

      await expect(review(world, world.ambulance, Justified))
        .to.be.revertedWithCustomError(world.registrar, "NotAPerson")
        .withArgs(world.ids.ambulance);
    });

    it("works while a recovery is pending", async () => {
      const world = await load();
      await freeze(world, world.alice);
      await review(world, world.alice, Unjustified);

      expect(await viewed(world)).to.equal(0);
    });
  });
}

describe("Consents: a signed review", () => {
  it("says whether there was an emergency, and isn't one of the contrary or of another: InvalidSignature", async () => {
    const world = await load();
    const { consents, alice, clinic, ids } = world;
    await breakGlass(world, clinic);
    const signed = await signReview(world, alice, true);

    await expect(consents.reviewWithSig(ids.alice, ids.ambulance, 1, Unjustified, signed))
      .to.be.revertedWithCustomError(consents, "InvalidSignature")
      .withArgs(alice.address);
    await expect(consents.reviewWithSig(ids.alice, ids.clinic, 1, Justified, signed)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });

  it("counts once, also after the contrary: AlreadyReviewed", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const good = await signReview(world, alice, true);
    const bad = await signReview(world, alice, false);
    await consents.reviewWithSig(ids.alice, ids.ambulance, 1, Justified, good);
    await consents.reviewWithSig(ids.alice, ids.ambulance, 1, Unjustified, bad);

    for (const [outcome, signed] of [
      [Justified, good],
      [Unjustified, bad],
    ] as const) {
      await expect(consents.reviewWithSig(ids.alice, ids.ambulance, 1, outcome, signed)).to.be.revertedWithCustomError(
        consents,
        "AlreadyReviewed",
      );
    }
  });
});

describe("Consents: reviewAsAuthority", () => {
  it("writes down the authority's finding, under nobody's name", async () => {
    for (const outcome of [Justified, Unjustified]) {
      const world = await load();
      const { consents, ids } = world;

      await expect(reviewAsAuthority(world, outcome))
        .to.emit(consents, "EmergencyReviewed")
        .withArgs(ids.alice, ids.ambulance, 1, outcome, 0);

      expect(await reviewOf(world)).to.deep.equal([BigInt(outcome), false]);
      expect(await viewed(world)).to.equal(outcome === Justified ? DEFAULT_EMERGENCY : 0);
    }
  });

  it("gives way to the patient's, and says nothing a second time: AlreadyReviewed", async () => {
    for (const first of [
      (world: EmergencyWorld) => REVIEWS.review(world, world.alice, Justified),
      (world: EmergencyWorld) => REVIEWS.review(world, world.bob, Unjustified),
      (world: EmergencyWorld) => reviewAsAuthority(world, Justified),
    ]) {
      const world = await load();
      await first(world);
      const found = await reviewOf(world);

      await expect(reviewAsAuthority(world, Unjustified))
        .to.be.revertedWithCustomError(world.consents, "AlreadyReviewed")
        .withArgs(world.ids.alice, world.ids.ambulance, 1);
      expect(await reviewOf(world)).to.deep.equal(found);
    }
  });

  it("is for the authority: AccessManagedUnauthorized", async () => {
    const world = await load();

    for (const who of [world.alice, world.ambulance, world.stranger]) {
      await expect(reviewAsAuthority(world, Unjustified, 1n, who))
        .to.be.revertedWithCustomError(world.consents, "AccessManagedUnauthorized")
        .withArgs(who.address);
    }
  });

  it("needs an outcome and a break-glass with that number: MissingOutcome, NoSuchEmergency", async () => {
    const world = await load();

    await expect(reviewAsAuthority(world, Unreviewed)).to.be.revertedWithCustomError(world.consents, "MissingOutcome");
    await expect(reviewAsAuthority(world, Justified, 2n))
      .to.be.revertedWithCustomError(world.consents, "NoSuchEmergency")
      .withArgs(world.ids.alice, world.ids.ambulance, 2);
  });
});
