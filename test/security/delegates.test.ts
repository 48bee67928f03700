import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import {
  ALL,
  BOBS,
  HRESCH,
  NONE,
  TREAT,
  bobsGrant,
  signAppointment,
  withDelegate,
  type DelegateWorld,
} from "../helpers/contracts/delegates.js";
import { GENOMIC, MEDICATION, OBSERVATION, SUMMARY, laneOf } from "../helpers/contracts/grants.js";
import { inTwoMonths } from "../helpers/contracts/recovery.js";
import { OWNER } from "../helpers/contracts/participants.js";
import { signJoining } from "../helpers/contracts/signatures.js";
import { DAY, authorize, grantMessage, type Grant } from "../helpers/contracts/typed-data.js";
import { KEY_DOCUMENT, digestOf, minuteOf, now } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withDelegate);

const sees = (
  { consents, ids }: DelegateWorld,
  viewer: bigint,
  category: number,
  purpose = TREAT,
  patient = ids.alice,
) => consents.canView(patient, ids.hospital, viewer, category, purpose);

/** Whether anybody but alice and the hospital sees anything of hers. */
async function anybodySees(world: DelegateWorld) {
  const { ids } = world;
  for (const viewer of [ids.bob, ids.insurer, ids.erin, ids.laboratory]) {
    for (let category = 0; category < 8; ++category) if (await sees(world, viewer, category)) return true;
  }
  return false;
}

/** A grant that bob signed in alice's place. */
const signFor = async (world: DelegateWorld, given: Grant, by: Signer = world.bob, patient = world.ids.alice) =>
  authorize(
    world.consents,
    "Grant",
    await grantMessage(world, patient, given, { deadline: await inTwoMonths(world) }),
    by,
  );

describe("A delegate's short power", () => {
  it("makes no grant that outlasts it, whoever gets it and however it is made", async () => {
    const world = await load();
    const { consents, bob, ids, until, networkHelpers } = world;
    for (const viewer of [ids.insurer, ids.laboratory, ids.erin]) {
      for (const steward of [ids.hospital, 0n]) {
        const given = bobsGrant(world, { viewer, steward });
        await consents.connect(bob).grant(ids.alice, given);
        const [, lanes] = await consents.grantOf(ids.alice, viewer, TREAT, steward);
        expect(laneOf(lanes, SUMMARY) * 60n <= BigInt(until), "a minute is rounded down").to.be.true;
        for (const longer of [until + 1, until + 60, until + 365 * DAY]) {
          await expect(consents.connect(bob).grant(ids.alice, { ...given, until: longer }))
            .to.be.revertedWithCustomError(consents, "ExpiryTooFar")
            .withArgs(longer, until);
        }
      }
    }
    expect(await anybodySees(world)).to.be.true;

    await networkHelpers.time.increaseTo(until);
    expect(await anybodySees(world)).to.be.false;
  });

  it("doesn't prolong what the patient granted for a shorter time beyond it", async () => {
    const world = await load();
    const { consents, alice, bob, ids, until } = world;
    const given = bobsGrant(world);
    await consents.connect(alice).grant(ids.alice, { ...given, until: (await now(world)) + DAY });
    await consents.connect(bob).grant(ids.alice, given);

    const [, lanes] = await consents.grantOf(ids.alice, given.viewer, TREAT, given.steward);
    expect(laneOf(lanes, SUMMARY)).to.equal(minuteOf(until));
  });

  it("isn't outlasted by a grant to the delegate's own self: there is none", async () => {
    const world = await load();
    const { consents, delegates, alice, bob, ids, until } = world;
    const own = bobsGrant(world, { viewer: ids.bob });
    await expect(consents.connect(bob).grant(ids.alice, own))
      .to.be.revertedWithCustomError(consents, "ViewerIsDelegate")
      .withArgs(ids.alice, ids.bob);
    await expect(consents.grantWithSig(ids.alice, own, await signFor(world, own)))
      .to.be.revertedWithCustomError(consents, "ViewerIsDelegate")
      .withArgs(ids.alice, ids.bob);
    await expect(
      consents.connect(bob).grantConstrained(ids.alice, own, digestOf("a constraint")),
    ).to.be.revertedWithCustomError(consents, "ViewerIsDelegate");

    await delegates.connect(alice).appoint(ids.bob, { approving: false, granting: 255, viewing: 0 }, until);
    await delegates.connect(alice).dismiss(ids.alice, ids.bob);
    for (const category of [SUMMARY, OBSERVATION, MEDICATION, GENOMIC]) {
      expect(await sees(world, ids.bob, category)).to.be.false;
    }
  });

  it("is shared by two who grant to each other: what they get outlasts a dismissal, and ends with everything", async () => {
    const world = await load();
    const { consents, delegates, registrar, alice, bob, erin, ids, until } = world;
    await delegates.connect(alice).appoint(ids.erin, BOBS, until);
    await consents.connect(bob).grant(ids.alice, bobsGrant(world, { viewer: ids.erin }));
    await consents.connect(erin).grant(ids.alice, bobsGrant(world, { viewer: ids.bob }));
    for (const id of [ids.bob, ids.erin]) await delegates.connect(alice).dismiss(ids.alice, id);
    expect(await sees(world, ids.bob, SUMMARY), "the patient revokes the viewer as well").to.be.true;

    await consents.connect(alice).revokeViewer(ids.alice, ids.bob);
    expect(await sees(world, ids.bob, SUMMARY)).to.be.false;
    expect(await sees(world, ids.erin, SUMMARY)).to.be.true;
    await revokeAllAs(registrar, alice);
    expect(await sees(world, ids.erin, SUMMARY)).to.be.false;
  });

  it("isn't handed on: a delegate's delegate is nobody's", async () => {
    const world = await load();
    const { consents, relationships, delegates, bob, erin, ids, until } = world;
    await delegates.connect(bob).appoint(ids.erin, ALL, until);

    await expect(consents.connect(erin).grant(ids.alice, bobsGrant(world)))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.erin);
    await expect(relationships.connect(erin).end(ids.alice, ids.hospital))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.erin);
    expect(await sees(world, ids.erin, SUMMARY)).to.be.false;
  });

  it("isn't kept back in a signed grant: that fails with the term, the dismissal and the access epoch", async () => {
    const ends: ((world: DelegateWorld) => Promise<unknown>)[] = [
      ({ networkHelpers, until }) => networkHelpers.time.increaseTo(until),
      ({ delegates, alice, ids }) => delegates.connect(alice).dismiss(ids.alice, ids.bob),
      ({ registrar, alice }) => revokeAllAs(registrar, alice),
    ];
    for (const end of ends) {
      const world = await load();
      const { consents, ids } = world;
      const given = bobsGrant(world);
      const keptBack = await signFor(world, given);
      await end(world);

      await expect(consents.grantWithSig(ids.alice, given, keptBack))
        .to.be.revertedWithCustomError(consents, "NotEmpowered")
        .withArgs(ids.alice, ids.bob);
      expect(await anybodySees(world)).to.be.false;
    }
  });

  it("makes of a long grant that was signed early no more than the power that there is when it is sent", async () => {
    const world = await load();
    const { consents, delegates, alice, ids, until } = world;
    const long = bobsGrant(world, { until: BigInt(until + 20 * DAY) });
    const keptBack = await signFor(world, long);
    await expect(consents.grantWithSig(ids.alice, long, keptBack)).to.be.revertedWithCustomError(
      consents,
      "ExpiryTooFar",
    );
    await delegates.connect(alice).appoint(ids.bob, { ...BOBS, granting: 1 << MEDICATION }, until + 30 * DAY);

    await expect(consents.grantWithSig(ids.alice, long, keptBack))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });

  it("ends, with all that was granted by it, when the patient revokes everything", async () => {
    const world = await load();
    const { consents, registrar, alice, bob, ids } = world;
    await consents.connect(bob).grant(ids.alice, bobsGrant(world));
    await revokeAllAs(registrar, alice);

    expect(await anybodySees(world)).to.be.false;
  });
});

describe("An appointment that was kept back", () => {
  it("fails after the dismissal, also when there had never been one", async () => {
    const world = await load();
    const { delegates, alice, ids, until } = world;
    for (const delegate of [ids.bob, ids.erin]) {
      const keptBack = await signAppointment(world, alice, delegate, ALL, until);
      await delegates.connect(alice).dismiss(ids.alice, delegate);

      await expect(delegates.appointWithSig(delegate, ALL, until, keptBack))
        .to.be.revertedWithCustomError(delegates, "InvalidSignature")
        .withArgs(alice.address);
      expect(await delegates.powersOf(ids.alice, delegate)).to.deep.equal([NONE, 0n]);
    }
  });

  it("fails after a narrower one, and isn't good for another delegate or longer", async () => {
    const world = await load();
    const { delegates, alice, ids, until } = world;
    const keptBack = await signAppointment(world, alice, ids.bob, ALL, until);
    for (const [delegate, powers, end] of [
      [ids.erin, ALL, until],
      [ids.bob, ALL, until + 1],
      [ids.bob, { ...ALL, approving: false }, until],
      [ids.bob, { ...ALL, granting: 254 }, until],
      [ids.bob, { ...ALL, viewing: 254 }, until],
    ] as const) {
      await expect(delegates.appointWithSig(delegate, powers, end, keptBack)).to.be.revertedWithCustomError(
        delegates,
        "InvalidSignature",
      );
    }
    await delegates.connect(alice).appoint(ids.bob, { ...BOBS, approving: false }, until);

    await expect(delegates.appointWithSig(ids.bob, ALL, until, keptBack)).to.be.revertedWithCustomError(
      delegates,
      "InvalidSignature",
    );
  });
});

describe("A delegate with every power", () => {
  it("changes nothing of the patient's own: accounts, keys, guardians, settings, delegates", async () => {
    const world = await load();
    const { registrar, delegates, alice, bob, tablet, ids, until } = world;
    await delegates.connect(alice).appoint(ids.bob, ALL, until);
    const look = async () => [
      await registrar.participant(ids.alice),
      await registrar.guardiansOf(ids.alice),
      await registrar.guardianChangeOf(ids.alice),
      await registrar.keyChangeOf(ids.alice),
      await registrar.participantOf(tablet.address),
      await delegates.powersOf(ids.alice, ids.erin),
    ];
    const before = await look();
    const as = registrar.connect(bob);

    await expect(as.addAccount(OWNER, await signJoining(world, tablet, ids.alice))).to.be.revertedWithCustomError(
      registrar,
      "InvalidSignature",
    );
    await expect(as.retireAccount(alice.address))
      .to.be.revertedWithCustomError(registrar, "NotOwnAccount")
      .withArgs(alice.address);
    await expect(as.keepAccount(alice.address)).to.be.revertedWithCustomError(registrar, "NotOwnAccount");
    // These act on bob himself, whatever powers he has.
    await as.changeKey(KEY_DOCUMENT);
    await as.changeGuardians(digestOf("bob's guardians"));
    await as.changeSettings(ids.bob, { knownOnly: true, longestGrant: 1, emergency: 255 });
    await as.revokeAll(ids.bob);
    await as.cancelSignatures();
    await delegates.connect(bob).appoint(ids.erin, ALL, until);

    expect(await look()).to.deep.equal(before);
  });

  it("consents to no research", async () => {
    const world = await load();
    const { consents, delegates, alice, bob, ids, until } = world;
    await delegates.connect(alice).appoint(ids.bob, ALL, until);
    const given = bobsGrant(world, { purpose: HRESCH, categories: 255 });

    await expect(consents.connect(bob).grant(ids.alice, given)).to.be.revertedWithCustomError(consents, "NotEmpowered");
    await expect(consents.grantWithSig(ids.alice, given, await signFor(world, given))).to.be.revertedWithCustomError(
      consents,
      "NotEmpowered",
    );
  });
});
