import { expect } from "chai";

import { EMERGENCY, fixture, licenseInstitution } from "../../devnet/index.js";
import { MEDICATION, OBSERVATION, SUMMARY, grantToInsurer, maskOf, mayView } from "../helpers/contracts/grants.js";
import { propose } from "../helpers/contracts/relationships.js";
import { change } from "../helpers/contracts/settings.js";
import { DAY, signConsentChanges, signGrant, signOffer } from "../helpers/contracts/typed-data.js";
import {
  TERMS,
  digestOf,
  now,
  offerToAlice,
  populate,
  withRelationship,
  type World,
} from "../helpers/contracts/world.js";

const load = fixture(withRelationship);
const loadFresh = fixture(populate);

describe("A patient who refuses proposals of unknown providers", () => {
  const loadRefusing = fixture(async () => {
    const world = await withRelationship();
    await change(world, "direct", world.alice, { knownOnly: true });
    return world;
  });

  it("gets none: OnlyKnownProviders", async () => {
    const { relationships, laboratory, ids } = await loadRefusing();

    await expect(relationships.connect(laboratory).propose(ids.alice, TERMS, 0))
      .to.be.revertedWithCustomError(relationships, "OnlyKnownProviders")
      .withArgs(ids.alice, ids.laboratory);
  });

  it("gets those of a provider that she once approved", async () => {
    const world = await loadRefusing();
    const { relationships, alice, ids } = world;
    await relationships.connect(alice).end(ids.alice, ids.hospital);

    await expect(propose(world)).to.emit(relationships, "RelationshipProposed");
  });

  it("gets none of a provider whose proposal she declined: OnlyKnownProviders", async () => {
    const world = await loadFresh();
    const { relationships, alice, ids } = world;
    await propose(world);
    await relationships.connect(alice).decline(ids.alice, ids.hospital, 1);
    await change(world, "direct", alice, { knownOnly: true });

    await expect(propose(world)).to.be.revertedWithCustomError(relationships, "OnlyKnownProviders");
  });

  it("accepts an offer that was handed to her", async () => {
    const world = await loadRefusing();
    const { relationships, alice, laboratory, ids } = world;
    const offer = { ...(await offerToAlice(world)), provider: ids.laboratory, nonce: 1n };
    const offered = await signOffer(world, laboratory, offer, { deadline: (await now(world)) + DAY });

    await expect(relationships.connect(alice).accept(offer, offered)).to.emit(relationships, "RelationshipApproved");
  });

  it("approves what was proposed before", async () => {
    const world = await loadFresh();
    const { relationships, alice, ids } = world;
    await propose(world);
    await change(world, "direct", alice, { knownOnly: true });

    await relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, 0);
    expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.true;
  });

  it("gets them again once she allows it", async () => {
    const world = await loadRefusing();
    const { relationships, alice, laboratory, ids } = world;
    await change(world, "direct", alice, {});

    await expect(relationships.connect(laboratory).propose(ids.alice, TERMS, 0)).to.emit(
      relationships,
      "RelationshipProposed",
    );
  });
});

describe("A patient who limits how long a grant may last", () => {
  const LONGEST = 90;
  const loadLimited = fixture(async () => {
    const world = await withRelationship();
    await change(world, "direct", world.alice, { longestGrant: LONGEST });
    const powers = { approving: false, granting: 255, viewing: 0 };
    const until = (await now(world)) + 3650 * DAY;
    await world.delegates.connect(world.alice).appoint(world.ids.bob, powers, until);
    return world;
  });

  /** Every way to grant. */
  const GRANTS = {
    grant: async (world: World, until: bigint) =>
      world.consents.connect(world.alice).grant(world.ids.alice, await given(world, until)),
    grantWithSig: async (world: World, until: bigint) => {
      const grant = await given(world, until);
      return world.consents.grantWithSig(
        world.ids.alice,
        grant,
        await signGrant(world, world.alice, grant, await inADay(world)),
      );
    },
    grantFor: async (world: World, until: bigint) =>
      world.consents.connect(world.bob).grant(world.ids.alice, await given(world, until)),
    grantForWithSig: async (world: World, until: bigint) => {
      const grant = await given(world, until);
      const signed = await signGrant(world, world.bob, grant, await inADay(world), {}, world.ids.alice);
      return world.consents.grantWithSig(world.ids.alice, grant, signed);
    },
    changeConsents: async (world: World, until: bigint) =>
      world.consents.connect(world.alice).changeConsents([], [await given(world, until)]),
    changeConsentsWithSig: async (world: World, until: bigint) => {
      const grants = [await given(world, until)];
      const signed = await signConsentChanges(world, world.alice, [], grants, await inADay(world));
      return world.consents.changeConsentsWithSig([], grants, signed);
    },
  };
  const given = (world: World, until: bigint) => grantToInsurer(world, { until });
  const inADay = async (world: World) => ({ deadline: (await now(world)) + DAY });

  for (const [name, grant] of Object.entries(GRANTS)) {
    it(`has ${name} keep to it: ExpiryTooFar`, async () => {
      const world = await loadLimited();
      const { consents, networkHelpers } = world;
      const time = (await now(world)) + 60;
      const latest = BigInt(time + LONGEST * DAY);
      await networkHelpers.time.setNextBlockTimestamp(time);
      const refused = grant(world, latest + 1n);
      await expect(refused)
        .to.be.revertedWithCustomError(consents, "ExpiryTooFar")
        .withArgs(latest + 1n, latest);
      await networkHelpers.time.setNextBlockTimestamp(time + 1);

      await expect(grant(world, latest + 1n)).to.emit(consents, "Granted");
    });
  }

  it("leaves what was granted before", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const long = await given(world, BigInt((await now(world)) + 3000 * DAY));
    await consents.connect(alice).grant(ids.alice, long);
    await change(world, "direct", alice, { longestGrant: 1 });
    await world.networkHelpers.time.increase(2 * DAY);

    expect(await mayView(world, long, SUMMARY)).to.be.true;
  });

  it("doesn't allow more than anybody may: ten years", async () => {
    const world = await load();
    const { consents, alice, networkHelpers, ids } = world;
    await change(world, "direct", alice, { longestGrant: 65_535 });
    const time = (await now(world)) + 60;
    const latest = BigInt(time + 3650 * DAY);
    const tooLong = await given(world, latest + 1n);
    await networkHelpers.time.setNextBlockTimestamp(time);

    await expect(consents.connect(alice).grant(ids.alice, tooLong))
      .to.be.revertedWithCustomError(consents, "ExpiryTooFar")
      .withArgs(latest + 1n, latest);
  });
});

describe("What a patient admits in an emergency", () => {
  const ETREAT = 1;
  const loadWithAmbulance = fixture(async () => {
    const world = await withRelationship();
    const ambulance = await licenseInstitution(world, world.stranger, "Ambulance", EMERGENCY);
    return { ...world, ambulance };
  });
  type Ambulance = Awaited<ReturnType<typeof loadWithAmbulance>>;

  const breakGlass = async (world: Ambulance) =>
    world.consents.connect(world.stranger).breakGlass(world.ids.alice, (await now(world)) + 3600, digestOf("a reason"));

  /** Which categories the ambulance sees. */
  const seen = async ({ consents, ids, ambulance }: Ambulance) => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    const answers = await Promise.all(
      all.map((category) => consents.canView(ids.alice, ids.hospital, ambulance, category, ETREAT)),
    );
    return all.filter((category) => answers[category]);
  };

  it("is the summary and the medication unless she says otherwise", async () => {
    const world = await loadWithAmbulance();
    await breakGlass(world);

    expect(await seen(world)).to.deep.equal([SUMMARY, MEDICATION]);
  });

  it("is what she says", async () => {
    const world = await loadWithAmbulance();
    await change(world, "direct", world.alice, { emergency: maskOf(MEDICATION, OBSERVATION) });
    await breakGlass(world);

    expect(await seen(world)).to.deep.equal([MEDICATION, OBSERVATION]);
  });

  it("may be nothing: OptedOut", async () => {
    const world = await loadWithAmbulance();
    await change(world, "direct", world.alice, { emergency: 0 });

    await expect(breakGlass(world)).to.be.revertedWithCustomError(world.consents, "OptedOut").withArgs(world.ids.alice);
  });

  it("shrinks at once where she narrows it, and never grows under a glass that is broken", async () => {
    const world = await loadWithAmbulance();
    await breakGlass(world);
    await change(world, "direct", world.alice, { emergency: maskOf(MEDICATION, OBSERVATION) });
    expect(await seen(world)).to.deep.equal([MEDICATION]);

    await change(world, "direct", world.alice, { emergency: 255 });
    expect(await seen(world)).to.deep.equal([SUMMARY, MEDICATION]);
  });
});
