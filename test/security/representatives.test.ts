import { expect } from "chai";

import { asAuthority, keyDocumentOf } from "../../devnet/index.js";
import { decree, suspend } from "../helpers/contracts/decrees.js";
import { ALL, signDismissal } from "../helpers/contracts/delegates.js";
import { grantToInsurer } from "../helpers/contracts/grants.js";
import {
  add,
  end,
  NOTICE,
  order,
  sees,
  signAtDelegates,
  withCourt,
  type CourtWorld,
} from "../helpers/contracts/representatives.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { now } from "../helpers/contracts/world.js";

const YEAR = 365 * DAY;

/** A court announces an executor of bob's, who lives. */
async function announce({ delegates, court, ids, networkHelpers }: CourtWorld, representative: bigint) {
  const until = (await networkHelpers.time.latest()) + YEAR;
  await delegates.connect(court).appointAsCourt(ids.bob, representative, ALL, until);
}

describe("A representative who won't leave", () => {
  it("is out at once, whatever it kept back and whatever it tries, and the child's new key isn't its", async () => {
    const world = await withCourt();
    const { consents, delegates, registrar, alice, carol, generalHospital, ids, child } = world;
    await add(world, alice, [child, ids.carol]);
    // Kept back: another accomplice, the next key, and an order of before.
    const accomplice = await signAtDelegates(world, "RepresentativeAddition", alice, {
      ...{ issuer: ids.hospital, child, representative: ids.erin },
    });
    const former = await signAtDelegates(world, "RepresentativeAppointment", generalHospital, {
      ...{ child, representative: ids.alice, version: 0n },
    });
    await end(world, world.court, [child, ids.alice]);

    expect(await sees(world, child, ids.alice)).to.be.false;
    const own = { representative: ids.alice, child };
    await expect(
      delegates.connect(generalHospital).addRepresentative(child, ids.erin, accomplice),
    ).to.be.revertedWithCustomError(delegates, "NotEmpowered");
    await delegates.connect(alice).appoint(ids.erin, ALL, (await now(world)) + DAY);
    expect(await sees(world, child, ids.erin), "that is alice's own").to.be.false;
    for (const acting of [
      registrar.connect(alice).revokeAll(child),
      registrar.connect(alice).changeSettings(child, { knownOnly: false, longestGrant: 0, emergency: 255 }),
      registrar.connect(alice).changeKeyOfChild(child, keyDocumentOf("alice's next")),
    ]) {
      await expect(acting)
        .to.be.revertedWithCustomError(registrar, "NotTheRepresentative")
        .withArgs(own.child, own.representative);
    }
    await expect(
      consents.connect(alice).grant(child, await grantToInsurer(world, { viewer: ids.erin })),
    ).to.be.revertedWithCustomError(consents, "NotEmpowered");
    const call = delegates.interface.encodeFunctionData("appointAsAuthority", [child, ids.alice, former]);
    await expect(asAuthority(world, delegates, call), "an order of before").to.be.revertedWithCustomError(
      delegates,
      "InvalidSignature",
    );

    await registrar.connect(carol).changeKeyOfChild(child, keyDocumentOf("carol's"));
    expect(await registrar.keyDocumentOf(child)).to.equal(keyDocumentOf("carol's"));
    await registrar.connect(carol).revokeAll(child);
    expect(await sees(world, child, ids.carol), "and carol goes on").to.be.true;
  });

  it("comes back by nothing but another order", async () => {
    const world = await withCourt();
    const { ids, child } = world;
    await end(world, world.generalHospital, [child, ids.alice]);
    await order(world, world.court, [child, ids.alice]);
    expect(await sees(world, child, ids.alice)).to.be.true;
  });
});

describe("A death attested by mistake", () => {
  it("does nothing to who says so within thirty days, at the last moment", async () => {
    const world = await withCourt();
    const { delegates, registrar, bob, carol, ids, networkHelpers, relayer } = world;
    await announce(world, ids.carol);
    await networkHelpers.time.increase(NOTICE - DAY);
    const dismissal = await signDismissal(world, bob, ids.carol, 1n);
    await networkHelpers.time.increase(DAY / 2);
    await expect(registrar.connect(carol).revokeAll(ids.bob)).to.be.revertedWithCustomError(
      registrar,
      "NotTheRepresentative",
    );
    await delegates.connect(relayer).dismissWithSig(ids.carol, 1, dismissal);
    await networkHelpers.time.increase(2 * DAY);
    expect(await sees(world, ids.bob, ids.carol)).to.be.false;
  });

  it("leaves the person acting, and is taken back by its court, or by another one and the authority", async () => {
    for (const way of ["its court", "another one"]) {
      const world = await withCourt();
      const { consents, delegates, bob, court, otherCourt, ids, networkHelpers } = world;
      await announce(world, ids.carol);
      await networkHelpers.time.increase(NOTICE);
      await consents.connect(world.carol).grant(ids.bob, await grantToInsurer(world, { viewer: ids.erin }));
      expect(await sees(world, ids.bob, ids.erin)).to.be.true;
      await consents.connect(bob).revokeViewer(ids.bob, ids.erin);
      expect(await sees(world, ids.bob, ids.erin), "bob takes back what the executor granted").to.be.false;

      if (way === "its court") await delegates.connect(court).endAsCourt(ids.bob, ids.carol);
      else await end(world, otherCourt, [ids.bob, ids.carol]);
      expect(await sees(world, ids.bob, ids.carol), way).to.be.false;
    }
  });
});

describe("The thief of a court's key", () => {
  it("reaches nobody before the notice is over, and nobody at all once the court is suspended", async () => {
    const world = await withCourt();
    const { delegates, court, ids, networkHelpers } = world;
    await announce(world, ids.carol);
    await networkHelpers.time.increase(NOTICE - DAY);
    await suspend(world, ids.court);
    await decree(world, "confirmSuspension", [ids.court]);
    await networkHelpers.time.increase(30 * DAY);
    expect(await sees(world, ids.bob, ids.carol)).to.be.false;
    await expect(announce(world, ids.dave)).to.be.revertedWithCustomError(delegates, "NotALicensedCourt");

    await delegates.connect(court).endAsCourt(ids.bob, ids.carol);
    await decree(world, "reinstate", [ids.court]);
    expect(await sees(world, ids.bob, ids.carol), "ended before the licence came back").to.be.false;
  });

  it("takes no child, and no institution, and nothing of another court's", async () => {
    const world = await withCourt();
    const { delegates, court, ids, child } = world;
    const until = (await now(world)) + YEAR;
    const as = delegates.connect(court);
    await expect(as.appointAsCourt(child, ids.carol, ALL, until)).to.be.revertedWithCustomError(
      delegates,
      "PatientIsAChild",
    );
    await expect(as.endAsCourt(child, ids.alice)).to.be.revertedWithCustomError(delegates, "NotTheSource");
    await expect(end({ ...world, authority: court }, court, [child, ids.alice])).to.be.revertedWithCustomError(
      delegates,
      "AccessManagedUnauthorized",
    );
    await delegates.connect(world.otherCourt).appointAsCourt(ids.bob, ids.dave, ALL, until);
    await expect(as.endAsCourt(ids.bob, ids.dave)).to.be.revertedWithCustomError(delegates, "NotTheSource");
  });
});
