import { expect } from "chai";
import { ZeroHash, id as keccakOfText } from "ethers";

import { decree, suspend } from "../helpers/contracts/decrees.js";
import { freeze } from "../helpers/contracts/delegates.js";
import {
  ETREAT,
  HOUR,
  Outcome,
  REASON,
  REVIEWS,
  TREAT,
  breakGlass,
  inHours,
  reviewAsAuthority,
  viewed,
  withResponders,
  type EmergencyWorld,
} from "../helpers/contracts/emergencies.js";
import { EMERGENCY, fixture, PAYER, PROVIDER } from "../../devnet/index.js";
import { DEFAULT_EMERGENCY } from "../helpers/contracts/participants.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { now } from "../helpers/contracts/world.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withResponders);

const settle = (world: EmergencyWorld, emergency: number) =>
  changeSettingsAs(world.registrar, world.alice, { knownOnly: false, longestGrant: 0, emergency });

describe("Consents: breakGlass", () => {
  it("shows what the policy admits, whoever keeps it, for emergency treatment, with one event", async () => {
    const world = await load();
    const { consents, ids } = world;
    const until = await inHours(world);
    expect(await viewed(world)).to.equal(0);

    const broken = breakGlass(world, world.ambulance, { until });
    await expect(broken)
      .to.emit(consents, "GlassBroken")
      .withArgs(ids.alice, ids.ambulance, 1, DEFAULT_EMERGENCY, until, REASON);

    const { logs } = (await (await broken).wait())!;
    expect(logs.length, "no other event").to.equal(1);
    expect(await viewed(world)).to.equal(DEFAULT_EMERGENCY);
    expect(await viewed(world, ids.ambulance, { steward: ids.laboratory })).to.equal(DEFAULT_EMERGENCY);
    expect(await consents.emergencyOf(ids.alice, ids.ambulance)).to.deep.equal([
      1n,
      BigInt(until),
      BigInt(DEFAULT_EMERGENCY),
      0n,
      0n,
    ]);
    expect(await consents.reviewOf(ids.alice, ids.ambulance, 1)).to.deep.equal([0n, false]);
  });

  it("shows nothing for another purpose, of another patient or to another responder", async () => {
    const world = await load();
    const { ids } = world;
    await breakGlass(world);

    for (let purpose = 0; purpose < 7; ++purpose) {
      if (purpose !== ETREAT) expect(await viewed(world, ids.ambulance, { purpose })).to.equal(0);
    }
    expect(await viewed(world, ids.ambulance, { patient: ids.erin })).to.equal(0);
    expect(await viewed(world, ids.clinic)).to.equal(0);
  });

  it("shows what the patient widened or narrowed beforehand", async () => {
    for (const policy of [0b1, 0b11111111, 0b10000000]) {
      const world = await load();
      await settle(world, policy);

      await expect(breakGlass(world)).to.emit(world.consents, "GlassBroken");
      expect(await viewed(world)).to.equal(policy);
    }
  });

  it("needs the role of emergency care: NotCertifiedForEmergencies", async () => {
    const world = await load();
    const { consents, generalHospital, insurer, bob, alice, ids } = world;

    for (const [who, id] of [
      [generalHospital, ids.hospital],
      [insurer, ids.insurer],
      [bob, ids.bob],
      [alice, ids.alice],
    ] as const) {
      await expect(breakGlass(world, who))
        .to.be.revertedWithCustomError(consents, "NotCertifiedForEmergencies")
        .withArgs(id);
    }
  });

  it("needs a live licence: NotCertifiedForEmergencies", async () => {
    const gone: ((world: EmergencyWorld) => Promise<unknown>)[] = [
      (world) => suspend(world, world.ids.ambulance),
      (world) => world.networkHelpers.time.increase(366 * DAY),
      async (world) =>
        decree(world, "license", [world.ids.ambulance, keccakOfText("Ambulance"), PAYER, (await now(world)) + DAY]),
    ];
    for (const lose of gone) {
      const world = await load();
      await lose(world);

      await expect(breakGlass(world))
        .to.be.revertedWithCustomError(world.consents, "NotCertifiedForEmergencies")
        .withArgs(world.ids.ambulance);
    }
  });

  it("is for those who are registered: NotRegistered", async () => {
    const world = await load();

    await expect(breakGlass(world, world.stranger))
      .to.be.revertedWithCustomError(world.registrar, "NotRegistered")
      .withArgs(world.stranger.address);
  });

  it("needs a reason: MissingReason", async () => {
    const world = await load();

    await expect(breakGlass(world, world.ambulance, { reason: ZeroHash })).to.be.revertedWithCustomError(
      world.consents,
      "MissingReason",
    );
  });

  it("respects who opted out: OptedOut", async () => {
    const world = await load();
    await settle(world, 0);

    await expect(breakGlass(world)).to.be.revertedWithCustomError(world.consents, "OptedOut").withArgs(world.ids.alice);
  });

  it("is for persons' records: OptedOut", async () => {
    const world = await load();

    for (const patient of [world.ids.hospital, 0n, 99n]) {
      await expect(breakGlass(world, world.ambulance, { patient }))
        .to.be.revertedWithCustomError(world.consents, "OptedOut")
        .withArgs(patient);
    }
  });

  it("ends within four hours, and not before it begins: ExpiryTooFar, ExpiryInThePast", async () => {
    const world = await load();
    const { consents, networkHelpers } = world;
    const time = (await now(world)) + 60;
    await networkHelpers.time.setNextBlockTimestamp(time);
    await expect(breakGlass(world, world.ambulance, { until: time + 4 * HOUR + 1 }))
      .to.be.revertedWithCustomError(consents, "ExpiryTooFar")
      .withArgs(time + 4 * HOUR + 1, time + 4 * HOUR);
    await networkHelpers.time.setNextBlockTimestamp(time);
    await expect(breakGlass(world, world.ambulance, { until: time }))
      .to.be.revertedWithCustomError(consents, "ExpiryInThePast")
      .withArgs(time);

    await networkHelpers.time.setNextBlockTimestamp(time);
    await breakGlass(world, world.ambulance, { until: time + 4 * HOUR });
  });

  it("is once at a time for each responder: GlassAlreadyBroken", async () => {
    const world = await load();
    const { consents, ids, clinic } = world;
    await breakGlass(world);
    await expect(breakGlass(world))
      .to.be.revertedWithCustomError(consents, "GlassAlreadyBroken")
      .withArgs(ids.alice, ids.ambulance);

    await breakGlass(world, clinic);
    expect(await viewed(world, ids.clinic)).to.equal(DEFAULT_EMERGENCY);
  });

  it("counts from one for each responder, and anew once the last one is over", async () => {
    const world = await load();
    const { consents, ids, networkHelpers } = world;
    await breakGlass(world);
    await networkHelpers.time.increase(2 * HOUR + 1);

    const until = await inHours(world, 1);
    await expect(breakGlass(world, world.ambulance, { until }))
      .to.emit(consents, "GlassBroken")
      .withArgs(ids.alice, ids.ambulance, 2, DEFAULT_EMERGENCY, until, REASON);
    expect((await consents.emergencyOf(ids.alice, ids.ambulance)).number).to.equal(2);
    expect((await consents.emergencyOf(ids.alice, ids.clinic)).number).to.equal(0);
  });

  it("works while a recovery of the patient's is pending: an emergency doesn't wait", async () => {
    const world = await load();
    await freeze(world, world.alice);
    await breakGlass(world);

    expect(await viewed(world)).to.equal(DEFAULT_EMERGENCY);
  });
});

describe("Consents: a broken glass ends", () => {
  const ends: Record<string, (world: EmergencyWorld) => Promise<unknown>> = {
    "with its time": async (world) => {
      const { until } = await world.consents.emergencyOf(world.ids.alice, world.ids.ambulance);
      await world.networkHelpers.time.increaseTo(until - 1n);
      expect(await viewed(world), "until the last second").to.equal(DEFAULT_EMERGENCY);
      await world.networkHelpers.time.increaseTo(until);
    },
    "when the patient finds it unjustified": (world) => REVIEWS.review(world, world.alice, Outcome.Unjustified),
    "when a delegate finds it unjustified": (world) => REVIEWS.review(world, world.bob, Outcome.Unjustified),
    "when the authority finds it unjustified": (world) => reviewAsAuthority(world, Outcome.Unjustified),
    "when the patient revokes the responder": ({ consents, alice, ids }) =>
      consents.connect(alice).revokeViewer(ids.alice, ids.ambulance),
    "when the patient revokes everything": ({ registrar, alice }) => revokeAllAs(registrar, alice),
    "when the patient opts out": (world) => settle(world, 0),
    "with the responder's licence": (world) => suspend(world, world.ids.ambulance),
    "with the responder's role of emergency care": async (world) => {
      const { ids } = world;
      const later = (await now(world)) + DAY;
      await decree(world, "license", [ids.ambulance, keccakOfText("Ambulance"), PROVIDER | PAYER, later]);
    },
  };
  for (const [how, end] of Object.entries(ends)) {
    it(how, async () => {
      const world = await load();
      await breakGlass(world);
      expect(await viewed(world)).to.equal(DEFAULT_EMERGENCY);

      await end(world);

      expect(await viewed(world)).to.equal(0);
    });
  }

  it("in part, when the patient narrows the policy, and never shows more than at first", async () => {
    const world = await load();
    await breakGlass(world);
    await settle(world, 0b10);
    expect(await viewed(world)).to.equal(0b10);

    await settle(world, 0b11111111);
    expect(await viewed(world), "what was admitted when it was broken").to.equal(DEFAULT_EMERGENCY);
  });

  it("but not by a review that finds it justified, by a grant's revocation or with cancelled signatures", async () => {
    const world = await load();
    const { consents, registrar, alice, ids } = world;
    await breakGlass(world);
    await REVIEWS.review(world, alice, Outcome.Justified);
    await consents.connect(alice).revokeGrant(ids.alice, ids.ambulance, ETREAT, 0, 255);
    await registrar.connect(alice).cancelSignatures();

    expect(await viewed(world)).to.equal(DEFAULT_EMERGENCY);
  });

  it("for one responder, not for another one", async () => {
    const world = await load();
    await breakGlass(world);
    await breakGlass(world, world.clinic);
    await REVIEWS.review(world, world.alice, Outcome.Unjustified);

    expect(await viewed(world)).to.equal(0);
    expect(await viewed(world, world.ids.clinic)).to.equal(DEFAULT_EMERGENCY);
  });

  it("and leaves what was granted for treatment", async () => {
    const world = await load();
    const { consents, alice, ids, until } = world;
    const given = {
      viewer: ids.ambulance,
      purpose: TREAT,
      steward: 0,
      categories: 0b100,
      sensitiveFromAnySteward: false,
    };
    await consents.connect(alice).grant(ids.alice, { ...given, until });
    await breakGlass(world);
    await REVIEWS.review(world, alice, Outcome.Unjustified);

    expect(await viewed(world, ids.ambulance, { purpose: TREAT })).to.equal(0b100);
  });
});

describe("Consents: an emergency licence alone", () => {
  it("shows nothing, and keeps nothing as a steward", async () => {
    const world = await load();
    expect(await world.registrar.licenceLasts(world.ids.ambulance, EMERGENCY)).to.be.true;

    expect(await viewed(world, world.ids.ambulance, { steward: world.ids.ambulance })).to.equal(0);
    expect(await viewed(world)).to.equal(0);
  });
});
