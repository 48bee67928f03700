import { expect } from "chai";
import { fixture } from "../../devnet/index.js";
import { setVersion } from "../helpers/contracts/storage.js";
import { DAY, PURPOSES, signGrant } from "../helpers/contracts/typed-data.js";
import { minuteOf, now, withRelationship } from "../helpers/contracts/world.js";
import {
  TREAT,
  HRESCH,
  SUMMARY,
  MEDICATION,
  OBSERVATION,
  GENOMIC,
  SENSITIVE,
  MAX_COUNTER,
  maskOf,
  grantToInsurer,
  inADay,
  mayView,
  stateOf,
  expectGranted,
} from "../helpers/contracts/grants.js";

const load = fixture(withRelationship);

describe("Consents: grant", () => {
  it("lets a viewer see exactly the named categories", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world);

    await expectGranted(world, () => consents.connect(alice).grant(ids.alice, given), given);

    for (let category = 0; category < 8; ++category) {
      expect(await mayView(world, given, category)).to.equal(category === SUMMARY || category === OBSERVATION);
    }
    expect(await mayView(world, { ...given, purpose: HRESCH }, SUMMARY), "another purpose").to.be.false;
    expect(await mayView(world, given, SUMMARY, world.ids.laboratory), "another steward").to.be.false;
    expect(await mayView(world, { ...given, viewer: world.ids.bob }, SUMMARY), "another viewer").to.be.false;
  });

  it("isn't needed by patients and active stewards for their own records, and shows nobody's", async () => {
    const world = await load();
    const { ids } = world;
    const asked = async (viewer: bigint, patient = ids.alice) =>
      world.consents.canView(patient, ids.hospital, viewer, SENSITIVE, TREAT);

    expect(await asked(ids.alice), "the patient").to.be.true;
    expect(await asked(ids.hospital), "the steward").to.be.true;
    expect(await asked(ids.insurer), "somebody else").to.be.false;
    for (const nobody of [0n, 999n, ids.laboratory]) expect(await asked(nobody, nobody)).to.be.false;
  });

  it("covers every steward where none is named", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world, { steward: 0n });

    await expectGranted(world, () => consents.connect(alice).grant(ids.alice, given), given);

    for (const steward of [ids.hospital, ids.laboratory, ids.alice]) {
      expect(await mayView(world, given, SUMMARY, steward)).to.be.true;
    }
  });

  it("covers genomic and sensitive records of every steward when that is said", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world, {
      steward: 0n,
      categories: maskOf(GENOMIC, SENSITIVE),
      sensitiveFromAnySteward: true,
    });

    await expectGranted(world, () => consents.connect(alice).grant(ids.alice, given), given);
  });

  it("covers genomic and sensitive records of one steward without more words", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world, { categories: maskOf(GENOMIC, SENSITIVE) });

    await expectGranted(world, () => consents.connect(alice).grant(ids.alice, given), given);
  });

  it("extends, shortens and adds, and leaves other categories as they were", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const first = await grantToInsurer(world);
    const later = { ...first, categories: maskOf(OBSERVATION, MEDICATION), until: first.until + BigInt(DAY) };
    const sooner = { ...first, categories: maskOf(SUMMARY), until: first.until - BigInt(20 * DAY) };

    for (const given of [first, later, sooner]) {
      await expectGranted(world, () => consents.connect(alice).grant(ids.alice, given), given);
    }
  });

  it("counts to the minute, and expires no later than what was said", async () => {
    const world = await load();
    const { consents, alice, networkHelpers, ids } = world;
    const minute = minuteOf((await now(world)) + DAY) * 60n;
    const given = await grantToInsurer(world, { until: minute + 59n });
    await consents.connect(alice).grant(ids.alice, given);

    await networkHelpers.time.increaseTo(minute - 1n);
    expect(await mayView(world, given, SUMMARY)).to.be.true;
    await networkHelpers.time.increaseTo(minute);
    expect(await mayView(world, given, SUMMARY)).to.be.false;
  });

  it("may last ten years and not a second longer: ExpiryTooFar", async () => {
    const world = await load();
    const { consents, alice, networkHelpers, ids } = world;
    const time = (await now(world)) + 60;
    const latest = BigInt(time) + (await consents.MAX_GRANT_TERM());
    const tooFar = await grantToInsurer(world, { until: latest + 1n });

    await networkHelpers.time.setNextBlockTimestamp(time);
    await expect(consents.connect(alice).grant(ids.alice, tooFar))
      .to.be.revertedWithCustomError(consents, "ExpiryTooFar")
      .withArgs(latest + 1n, latest);
    const longest = { ...tooFar, until: latest };
    await networkHelpers.time.increaseTo(time);
    await expectGranted(world, () => consents.connect(alice).grant(ids.alice, longest), longest);
  });

  it("isn't made for the past, nor for the minute that runs: ExpiryInThePast", async () => {
    const world = await load();
    const { consents, alice, networkHelpers, ids } = world;
    const minute = minuteOf(await now(world)) * 60n + 60n;
    await networkHelpers.time.increaseTo(minute);

    for (const until of [0n, 59n, minute - 60n, minute, minute + 59n]) {
      await expect(consents.connect(alice).grant(ids.alice, await grantToInsurer(world, { until })))
        .to.be.revertedWithCustomError(consents, "ExpiryInThePast")
        .withArgs(until);
    }
  });

  it("isn't made without a category: MissingCategories", async () => {
    const world = await load();
    const given = await grantToInsurer(world, { categories: 0 });

    await expect(world.consents.connect(world.alice).grant(world.ids.alice, given)).to.be.revertedWithCustomError(
      world.consents,
      "MissingCategories",
    );
  });

  for (const category of [GENOMIC, SENSITIVE]) {
    it(`covers category ${category} of every steward only when that is said: SensitiveNeedsExplicitConsent`, async () => {
      const world = await load();
      const given = await grantToInsurer(world, { steward: 0n, categories: maskOf(SUMMARY, category) });

      await expect(world.consents.connect(world.alice).grant(world.ids.alice, given))
        .to.be.revertedWithCustomError(world.consents, "SensitiveNeedsExplicitConsent")
        .withArgs(given.categories);
    });
  }

  it("isn't made to the patient: ViewerIsPatient", async () => {
    const world = await load();
    const given = await grantToInsurer(world, { viewer: world.ids.alice });

    await expect(world.consents.connect(world.alice).grant(world.ids.alice, given))
      .to.be.revertedWithCustomError(world.consents, "ViewerIsPatient")
      .withArgs(world.ids.alice);
  });

  it("isn't made to nobody, or to an institution without a live licence: ViewerNotInGoodStanding", async () => {
    const world = await load();
    const { registrar, consents, alice, authority, ids } = world;
    await registrar.connect(authority).suspend(ids.insurer);

    for (const viewer of [0n, 999n, ids.insurer]) {
      await expect(consents.connect(alice).grant(ids.alice, await grantToInsurer(world, { viewer })))
        .to.be.revertedWithCustomError(consents, "ViewerNotInGoodStanding")
        .withArgs(viewer);
    }
  });

  it("is made by patients: NotAPerson, NotRegistered", async () => {
    const world = await load();
    const { registrar, consents, generalHospital, stranger, ids } = world;
    const given = await grantToInsurer(world);

    await expect(consents.connect(generalHospital).grant(ids.hospital, given))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.hospital);
    await expect(consents.connect(stranger).grant(ids.alice, given))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });

  it("concerns the caller's own records only", async () => {
    const world = await load();
    const { consents, bob, ids } = world;
    const given = await grantToInsurer(world);
    await consents.connect(bob).grant(ids.bob, given);

    expect(await mayView(world, given, SUMMARY)).to.be.false;
    expect(await consents.canView(ids.bob, given.steward, given.viewer, SUMMARY, TREAT)).to.be.true;
  });

  it("has no purpose or category beyond those that there are", async () => {
    const world = await load();
    const { consents, alice, ids } = world;

    await expect(
      consents.connect(alice).grant(ids.alice, await grantToInsurer(world, { purpose: 7 })),
    ).to.be.revertedWithoutReason(world.ethers);
    await expect(consents.canView(ids.alice, 0, ids.insurer, 8, 0)).to.be.revertedWithoutReason(world.ethers);
  });

  it("panics at the end of the versions rather than begin again", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world);
    await setVersion(world, ids.alice, ids.insurer, ids.hospital, MAX_COUNTER);
    expect((await stateOf(world, given))[0].version).to.equal(MAX_COUNTER);

    await expect(consents.connect(alice).grant(ids.alice, given)).to.be.revertedWithPanic(0x11);
  });
});

describe("Consents: a signed grant", () => {
  for (const [purpose, code] of PURPOSES.entries()) {
    it(`grants for ${code}, whoever sends it`, async () => {
      const world = await load();
      const { consents, alice, relayer, ids } = world;
      const given = await grantToInsurer(world, { purpose });
      const signed = await signGrant(world, alice, given, await inADay(world));

      await expectGranted(world, () => consents.connect(relayer).grantWithSig(ids.alice, given, signed), given);
    });
  }

  it("names every steward in words", async () => {
    const world = await load();
    const { consents, alice, relayer, ids } = world;
    const given = await grantToInsurer(world, { steward: 0n });
    const signed = await signGrant(world, alice, given, await inADay(world));

    await expectGranted(world, () => consents.connect(relayer).grantWithSig(ids.alice, given, signed), given);
  });

  it("runs into the same checks as the direct one", async () => {
    const world = await load();
    const { consents, alice, ids } = world;

    for (const [change, error] of [
      [{ categories: 0 }, "MissingCategories"],
      [{ viewer: world.ids.alice }, "ViewerIsPatient"],
      [{ viewer: 0n }, "ViewerNotInGoodStanding"],
      [{ until: 60n }, "ExpiryInThePast"],
      [{ until: 2n ** 40n - 1n }, "ExpiryTooFar"],
      [{ steward: 0n, categories: maskOf(SENSITIVE) }, "SensitiveNeedsExplicitConsent"],
    ] as const) {
      const given = await grantToInsurer(world, change);
      // Nobody's name is the empty one when nobody is the viewer.
      const names = new Map(world.names).set(0n, "viewer" in change ? "" : "every steward");
      const signed = await signGrant({ ...world, names }, alice, given, await inADay(world));
      await expect(consents.grantWithSig(ids.alice, given, signed)).to.be.revertedWithCustomError(consents, error);
    }
  });

  it("is a patient's: NotAPerson, NotRegistered", async () => {
    const world = await load();
    const { registrar, consents, generalHospital, stranger, ids } = world;
    const given = await grantToInsurer(world);

    await expect(
      consents.grantWithSig(ids.alice, given, await signGrant(world, generalHospital, given, await inADay(world))),
    ).to.be.revertedWithCustomError(registrar, "NotAPerson");
    await expect(
      consents.grantWithSig(ids.alice, given, await signGrant(world, stranger, given, await inADay(world))),
    ).to.be.revertedWithCustomError(registrar, "NotRegistered");
  });

  it("dies with every counter that it names", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world);

    for (const counters of [{ signatureEpoch: 1n }, { generation: 1n }, { version: 1n }]) {
      const signed = await signGrant(world, alice, given, await inADay(world), counters);
      await expect(consents.grantWithSig(ids.alice, given, signed))
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
    }
  });
});

describe("Consents: grantersAmong", () => {
  it("counts who grants every category at the steward named for each, now", async () => {
    const world = await load();
    const { consents, registrar, ids, alice, bob, networkHelpers } = world;
    const given = await grantToInsurer(world);
    const asked = { categories: given.categories, purpose: given.purpose };
    const count = (patients: bigint[], stewards: bigint[], { categories, purpose } = asked) =>
      consents.grantersAmong(patients, stewards, ids.insurer, purpose, categories);
    const both = () => count([ids.alice, ids.bob], [ids.hospital, ids.laboratory]);
    await consents.connect(alice).grant(ids.alice, given);
    await consents.connect(bob).grant(ids.bob, { ...given, steward: ids.laboratory, until: given.until + BigInt(DAY) });

    expect(await both()).to.equal(2);
    expect(await count([ids.alice, ids.bob], [ids.laboratory, ids.laboratory]), "another steward").to.equal(1);
    expect(await count([ids.alice], [0n]), "every steward").to.equal(0);
    expect(await count([0n, ids.bob], [0n, ids.laboratory]), "nobody").to.equal(1);
    expect(await count([], [])).to.equal(0);
    for (const [categories, expected] of [
      [maskOf(SUMMARY), 1],
      [maskOf(OBSERVATION), 1],
      [maskOf(SUMMARY, MEDICATION), 0],
      [maskOf(SUMMARY, OBSERVATION, SENSITIVE), 0],
    ] as const) {
      expect(await count([ids.alice], [ids.hospital], { ...asked, categories })).to.equal(expected);
    }
    expect(await count([ids.alice], [ids.hospital], { ...asked, purpose: HRESCH })).to.equal(0);

    await networkHelpers.time.increaseTo(minuteOf(given.until) * 60n);
    expect(await both(), "one expired").to.equal(1);
    await consents.connect(bob).revokeViewer(ids.bob, ids.insurer);
    expect(await both(), "the viewer revoked").to.equal(0);
    const later = { ...given, until: given.until + BigInt(30 * DAY) };
    await consents.connect(alice).grant(ids.alice, later);
    expect(await both(), "granted again").to.equal(1);
    await registrar.connect(alice).revokeAll(ids.alice);
    expect(await both(), "everything revoked").to.equal(0);
  });

  it("asks for a steward for each patient", async () => {
    const { consents, ids } = await load();

    await expect(
      consents.grantersAmong([ids.alice, ids.bob], [ids.hospital], ids.insurer, TREAT, 1),
    ).to.be.revertedWithPanic(0x32);
  });
});
