import { expect } from "chai";

import { startOf } from "../helpers/contracts/children.js";
import { takeOver } from "../helpers/contracts/child-world.js";
import { ALL } from "../helpers/contracts/delegates.js";
import { add, end, withCourt } from "../helpers/contracts/representatives.js";
import { setBlocks, setDelegationVersion, setKeyVersion } from "../helpers/contracts/storage.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, now } from "../helpers/contracts/world.js";

/**
 * Who acts for a patient moves counters of the patient's. One that the other could drive to its end, where it reverts, would
 * shut the patient out for good.
 */
describe("A counter that somebody else drives to its end", () => {
  const HOUR = 3600;

  it("doesn't keep a child from coming of age: its key's version takes longer than a childhood", async () => {
    const world = await withCourt();
    const { registrar, delegates, alice, child, year, networkHelpers } = world;
    await registrar.connect(alice).changeKeyOfChild(child, digestOf("a key"));
    await expect(registrar.connect(alice).changeKeyOfChild(child, digestOf("another"))).to.be.revertedWithCustomError(
      registrar,
      "KeyChangedJustNow",
    );
    // Every six hours of the longest childhood, and of the year in which it ends.
    const most = 2n + ((await delegates.MAX_CHILDHOOD()) * 366n + 366n) * 4n;
    expect(Number(most)).to.be.lessThan(2 ** 16 - 1);
    await setKeyVersion(world, child, most);
    expect(await registrar.keyVersionOf(child)).to.equal(most);

    await networkHelpers.time.increaseTo(startOf(year) + 6 * HOUR);
    await registrar.connect(alice).changeKeyOfChild(child, digestOf("one more"));
    await takeOver(world);
    expect(await registrar.keyVersionOf(child)).to.equal(most + 2n);
  });

  it("doesn't shut a new representative out for long: the child's key is changed six hours after the former one's", async () => {
    const world = await withCourt();
    const { registrar, delegates, alice, bob, generalHospital, ids, child, networkHelpers } = world;
    await add(world, alice, [child, ids.bob]);
    await registrar.connect(alice).changeKeyOfChild(child, digestOf("the last thing that she does"));
    await end(world, generalHospital, [child, ids.alice]);
    expect(await delegates.mayRepresent(child, ids.alice)).to.be.false;

    await networkHelpers.time.increase(6 * HOUR);
    await registrar.connect(bob).changeKeyOfChild(child, digestOf("bob's"));
    expect(await registrar.keyDocumentOf(child)).to.equal(digestOf("bob's"));
  });

  it("doesn't keep a patient from a provider that a delegate blocked a thousand times", async () => {
    const world = await withCourt();
    const { delegates, relationships, alice, bob, generalHospital, ids } = world;
    await delegates.connect(alice).appoint(ids.bob, ALL, (await now(world)) + DAY);
    await setBlocks(world, ids.alice, ids.hospital, 2n ** 11n - 2n);
    await relationships.connect(bob).blockProvider(ids.alice, ids.hospital);
    await delegates.connect(alice).dismiss(ids.alice, ids.bob);

    await relationships.connect(alice).unblockProvider(ids.alice, ids.hospital);
    await relationships.connect(generalHospital).propose(ids.alice, digestOf("the terms"), 0);
  });

  it("doesn't keep anybody from ending a delegate, or a representative", async () => {
    const world = await withCourt();
    const { delegates, alice, generalHospital, ids, child } = world;
    const last = 2n ** 32n - 1n;
    for (const version of [last - 2n, last - 1n, last]) {
      await setDelegationVersion(world, ids.alice, ids.bob, 0n);
      await delegates.connect(alice).appoint(ids.bob, ALL, (await now(world)) + DAY);
      await setDelegationVersion(world, ids.alice, ids.bob, version);
      expect(await delegates.mayApprove(ids.alice, ids.bob)).to.be.true;
      await delegates.connect(alice).dismiss(ids.alice, ids.bob);
      expect((await delegates.delegationOf(ids.alice, ids.bob)).version).to.equal(last);
      expect(await delegates.mayApprove(ids.alice, ids.bob)).to.be.false;
    }
    await setDelegationVersion(world, child, ids.alice, last);
    await end(world, generalHospital, [child, ids.alice]);
    expect(await delegates.mayRepresent(child, ids.alice)).to.be.false;
  });
});
