import { expect } from "chai";
import { id as keccakOfText, type Signer } from "ethers";

import { decree, suspend } from "../helpers/contracts/decrees.js";
import { ALL } from "../helpers/contracts/delegates.js";
import {
  ETREAT,
  HOUR,
  Outcome,
  REVIEWS,
  breakGlass,
  inHours,
  reviewAsAuthority,
  viewed,
  withResponders,
  type EmergencyWorld,
} from "../helpers/contracts/emergencies.js";
import { asAuthority, AUTHORITY_DELAY, EMERGENCY, fixture } from "../../devnet/index.js";
import { DEFAULT_EMERGENCY } from "../helpers/contracts/participants.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { KEY_DOCUMENT, now } from "../helpers/contracts/world.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withResponders);

const settle = (world: EmergencyWorld, emergency: number) =>
  changeSettingsAs(world.registrar, world.alice, { knownOnly: false, longestGrant: 0, emergency });

/** Every break-glass that the chain tells of, for alice and one responder. */
async function eventsOf({ consents, ids }: EmergencyWorld, responder: bigint) {
  const logs = await consents.queryFilter(consents.filters.GlassBroken(ids.alice, responder));
  return logs.map(({ args }) => ({ number: args.number, categories: args.categories, until: args.until }));
}

describe("Access in an emergency", () => {
  it("never exists without its one event, whatever happens around it", async () => {
    const world = await load();
    const { registrar, consents, delegates, alice, ids, networkHelpers } = world;
    const responders: [bigint, Signer][] = [
      [ids.ambulance, world.ambulance],
      [ids.clinic, world.clinic],
      [ids.laboratory, world.laboratory],
      [ids.insurer, world.insurer],
    ];
    const attempt = (call: Promise<unknown>) => call.catch(() => undefined);
    const steps: (() => Promise<unknown>)[] = [
      ...responders.map(
        ([, signer]) =>
          () =>
            attempt(breakGlass(world, signer)),
      ),
      ...responders.map(
        ([, signer]) =>
          async () =>
            attempt(breakGlass(world, signer, { until: await inHours(world, 5) })),
      ),
      () => networkHelpers.time.increase(HOUR),
      () => networkHelpers.time.increase(2 * HOUR),
      () => settle(world, 0),
      () => settle(world, 0b11111111),
      () => settle(world, DEFAULT_EMERGENCY),
      () => revokeAllAs(registrar, alice),
      () => consents.connect(alice).revokeViewer(ids.alice, ids.ambulance),
      () => attempt(REVIEWS.review(world, alice, Outcome.Unjustified)),
      () => attempt(REVIEWS.review(world, alice, Outcome.Justified, 2n)),
      () => attempt(reviewAsAuthority(world, Outcome.Unjustified, 2n)),
      async () => delegates.connect(alice).appoint(ids.bob, ALL, (await now(world)) + DAY),
    ];
    // Always the same sequence, which looks like none.
    let state = 7;
    let seen = 0;
    for (let step = 0; step < 150; ++step) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      await steps[Math.floor((state / 2 ** 32) * steps.length)]!();
      const time = BigInt(await now(world));
      for (const [responder] of responders) {
        const mask = await viewed(world, responder);
        const events = await eventsOf(world, responder);
        expect(events.map(({ number }) => number)).to.deep.equal(events.map((_, i) => BigInt(i + 1)));
        if (mask === 0) continue;
        ++seen;
        const latest = events.at(-1);
        expect(latest, "an event").not.to.equal(undefined);
        expect(time < latest!.until && latest!.until <= time + BigInt(4 * HOUR), "which is live").to.be.true;
        expect(BigInt(mask) & ~latest!.categories, "of these categories").to.equal(0n);
      }
    }
    expect(seen, "there was something to see").to.be.greaterThan(20);
    for (const responder of [ids.laboratory, ids.insurer]) expect(await eventsOf(world, responder)).to.deep.equal([]);
  });

  it("is nothing that a delegate, a steward or a viewer for emergency treatment gets by itself", async () => {
    const world = await load();
    const { bob, generalHospital, insurer, consents, ids } = world;

    for (const who of [bob, generalHospital, insurer]) {
      await expect(breakGlass(world, who)).to.be.revertedWithCustomError(consents, "NotCertifiedForEmergencies");
    }
    expect(await consents.canView(ids.alice, ids.laboratory, ids.hospital, 0, ETREAT)).to.be.false;
  });
});

describe("A patient who opted out", () => {
  it("is seen by nobody, and admits nobody in hindsight", async () => {
    const world = await load();
    const { consents, ids } = world;
    await settle(world, 0);
    for (const who of [world.ambulance, world.clinic]) {
      await expect(breakGlass(world, who)).to.be.revertedWithCustomError(consents, "OptedOut").withArgs(ids.alice);
    }
    expect(await viewed(world)).to.equal(0);
    expect(await eventsOf(world, ids.ambulance)).to.deep.equal([]);

    // What was tried meanwhile counts for nothing once she opts in.
    await settle(world, DEFAULT_EMERGENCY);
    expect(await viewed(world)).to.equal(0);
  });

  it("closes also what is open, at once, without knowing who opened it", async () => {
    const world = await load();
    await breakGlass(world);
    await breakGlass(world, world.clinic);
    await settle(world, 0);

    for (const id of [world.ids.ambulance, world.ids.clinic]) expect(await viewed(world, id)).to.equal(0);
  });
});

describe("A responder who isn't certified, or no longer", () => {
  it("sees nothing from the next block on when suspended, and breaks no other glass", async () => {
    const world = await load();
    const { consents, ambulance, ids } = world;
    await breakGlass(world);
    await suspend(world, ids.ambulance);

    expect(await viewed(world)).to.equal(0);
    await expect(breakGlass(world, ambulance, { patient: ids.erin }))
      .to.be.revertedWithCustomError(consents, "NotCertifiedForEmergencies")
      .withArgs(ids.ambulance);
  });

  it("gets no more time by being reinstated than the event said", async () => {
    const world = await load();
    const { ids, networkHelpers } = world;
    await breakGlass(world);
    await suspend(world, ids.ambulance);
    await decree(world, "reinstate", [ids.ambulance]);
    expect(await viewed(world)).to.equal(DEFAULT_EMERGENCY);

    await networkHelpers.time.increase(2 * HOUR);
    expect(await viewed(world)).to.equal(0);
  });
});

describe("The administrator", () => {
  it("breaks no glass: it isn't even a participant", async () => {
    const world = await load();

    await expect(breakGlass(world, world.authority))
      .to.be.revertedWithCustomError(world.registrar, "NotRegistered")
      .withArgs(world.authority.address);
  });

  it("certifies nobody without its delay, and opens nothing by that", async () => {
    const world = await load();
    const { registrar, consents, accessManager, authority, ids } = world;
    await registrar.connect(authority).registerInstitution(KEY_DOCUMENT, "Ministry");
    const ministry = await registrar.participantOf(authority.address);
    const licence = [ministry, keccakOfText("Ministry"), EMERGENCY, (await now(world)) + 30 * DAY] as const;
    await expect(registrar.connect(authority).license(...licence)).to.be.revertedWithCustomError(
      accessManager,
      "AccessManagerNotScheduled",
    );
    await expect(breakGlass(world, authority))
      .to.be.revertedWithCustomError(consents, "NotCertifiedForEmergencies")
      .withArgs(ministry);

    await decree(world, "license", [...licence]);
    expect(await viewed(world, ministry), "certified, and still nothing").to.equal(0);
    expect(await eventsOf(world, ministry)).to.deep.equal([]);

    // From here on it is a responder like any other: within the policy, for hours, and everybody sees the event.
    await breakGlass(world, authority);
    expect(await viewed(world, ministry)).to.equal(DEFAULT_EMERGENCY);
    expect((await eventsOf(world, ministry)).length).to.equal(1);
    await consents.connect(world.alice).review(ids.alice, ministry, 1, Outcome.Unjustified);
    expect(await viewed(world, ministry)).to.equal(0);
  });

  it("opens nothing of a patient who opted out, whatever it changes in its own house", async () => {
    const world = await load();
    const { accessManager, consents, registrar, authority, ids } = world;
    await settle(world, 0);
    const manager = accessManager.interface;
    // Every function of a patient's or responder's made its own, by a role that it gives itself.
    const selectors = ["breakGlass", "grant", "grantConstrained", "review"].map(
      (name) => consents.interface.getFunction(name as "breakGlass").selector,
    );
    const own = 77n;
    for (const data of [
      manager.encodeFunctionData("setTargetFunctionRole", [await consents.getAddress(), selectors, own]),
      manager.encodeFunctionData("grantRole", [own, authority.address, AUTHORITY_DELAY]),
      manager.encodeFunctionData("setTargetFunctionRole", [
        await registrar.getAddress(),
        [registrar.interface.getFunction("changeSettings").selector],
        own,
      ]),
    ]) {
      await asAuthority(world, accessManager, data);
    }
    await registrar.connect(authority).registerInstitution(KEY_DOCUMENT, "Ministry");
    const ministry = await registrar.participantOf(authority.address);
    const licence = [ministry, keccakOfText("Ministry"), 31, (await now(world)) + 30 * DAY] as const;
    await decree(world, "license", [...licence]);

    await expect(breakGlass(world, authority)).to.be.revertedWithCustomError(consents, "OptedOut").withArgs(ids.alice);
    const given = { viewer: ministry, purpose: ETREAT, steward: 0, categories: 255, sensitiveFromAnySteward: true };
    const until = await inHours(world);
    await expect(consents.connect(authority).grant(ids.alice, { ...given, until }))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ministry);
    await expect(
      changeSettingsAs(registrar, authority, { knownOnly: false, longestGrant: 0, emergency: 255 }),
    ).to.be.revertedWithCustomError(registrar, "NotAPerson");
    expect(await viewed(world, ministry)).to.equal(0);
    expect(await registrar.settingsOf(ids.alice)).to.deep.equal([false, 0n, 0n]);
  });

  it("can only end something by its review, and not bring back what the patient ended", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    await breakGlass(world);
    await consents.connect(alice).revokeViewer(ids.alice, ids.ambulance);
    await reviewAsAuthority(world, Outcome.Justified);

    expect(await viewed(world)).to.equal(0);
  });
});
