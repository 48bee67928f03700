import { expect } from "chai";
import { ZeroHash } from "ethers";

import { fixture } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import {
  HOUR,
  Stage,
  approve,
  collecting,
  execute,
  pending,
  stageOf,
  start,
  veto,
  waitUntilDue,
  withGuardians,
  guardiansDigest,
} from "../helpers/contracts/recovery.js";

const load = fixture(withGuardians);

describe("Registrar: a change of guardians and a recovery", () => {
  const changed = async () => {
    const world = await load();
    const others = { ...world.guardians, members: [world.ids.bob, world.ids.erin, world.ids.frank] };
    await world.registrar.connect(world.alice).changeGuardians(guardiansDigest(world.ids.alice, others));
    const { from } = await world.registrar.guardianChangeOf(world.ids.alice);
    return { world, others, from: Number(from) };
  };

  it("leaves a pending recovery to the guardians that began it", async () => {
    const { world, others, from } = await changed();
    const { registrar, ids, digest, networkHelpers } = world;
    await networkHelpers.time.increaseTo(from - DAY);
    await pending(world);
    await networkHelpers.time.increaseTo(from + 60);

    expect(await registrar.guardiansOf(ids.alice)).to.equal(digest);
    expect((await registrar.guardianChangeOf(ids.alice)).from, "it still waits").to.equal(from);
    await expect(approve(world, world.erin, { guardians: others }))
      .to.be.revertedWithCustomError(registrar, "GuardiansMismatch")
      .withArgs(ids.alice);
    await veto(world);
    await approve(world, world.erin);
    expect(await stageOf(world)).to.equal(Stage.Unstoppable);
    await waitUntilDue(world);
    await execute(world);
    expect(await registrar.guardiansOf(ids.alice), "the change is called off").to.equal(digest);
  });

  it("counts once the recovery has lapsed", async () => {
    const { world, others, from } = await changed();
    const { registrar, ids, networkHelpers } = world;
    await networkHelpers.time.increaseTo(from - DAY);
    await pending(world);
    await networkHelpers.time.increase(10 * DAY);

    expect(await registrar.guardiansOf(ids.alice)).to.equal(guardiansDigest(ids.alice, others));
    await expect(start(world)).to.be.revertedWithCustomError(registrar, "GuardiansMismatch").withArgs(ids.alice);
    await start(world, world.bob, { guardians: others });
  });

  it("can't be hurried by a recovery: one second before, the old guardians start; then only the new ones", async () => {
    const { world, others, from } = await changed();
    const { registrar, ids, networkHelpers } = world;
    const before = await networkHelpers.takeSnapshot();
    await networkHelpers.time.setNextBlockTimestamp(from - 1);
    await start(world);
    await before.restore();

    await networkHelpers.time.setNextBlockTimestamp(from);
    await expect(start(world)).to.be.revertedWithCustomError(registrar, "GuardiansMismatch").withArgs(ids.alice);
    await start(world, world.bob, { guardians: others });
  });

  it("ends what the dismissed guardians had begun to collect: their approvals don't count among the new ones", async () => {
    const { world, others, from } = await changed();
    const { registrar, networkHelpers, ids } = world;
    await networkHelpers.time.setNextBlockTimestamp(from - 1);
    // Carol, who is dismissed, has started. Bob stands where carol stood, erin where dave stood.
    await collecting(world);
    await networkHelpers.time.increaseTo(from);

    await expect(approve(world, world.erin, { guardians: others }))
      .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
      .withArgs(ids.alice, ids.carol, 1);
    expect(await stageOf(world)).to.equal(Stage.None);
  });

  it("ends it also where another change follows at once", async () => {
    const { world, others, from } = await changed();
    const { registrar, networkHelpers, alice, digest } = world;
    await networkHelpers.time.increaseTo(from - DAY);
    await collecting(world);
    await networkHelpers.time.increaseTo(from);
    await registrar.connect(alice).changeGuardians(digest);

    await expect(approve(world, world.erin, { guardians: others })).to.be.revertedWithCustomError(
      registrar,
      "NoSuchRecovery",
    );
  });

  it("ends it also where the guardians were dismissed for none, and others are the first at once", async () => {
    const world = await load();
    const { registrar, networkHelpers, alice, ids, guardians } = world;
    const others = { ...guardians, members: [ids.bob, ids.erin, ids.frank] };
    await registrar.connect(alice).changeGuardians(ZeroHash);
    const { from } = await registrar.guardianChangeOf(ids.alice);
    await networkHelpers.time.setNextBlockTimestamp(from - 1n);
    await collecting(world);
    await networkHelpers.time.setNextBlockTimestamp(from);
    await registrar.connect(alice).changeGuardians(guardiansDigest(ids.alice, others));

    await expect(approve(world, world.erin, { guardians: others })).to.be.revertedWithCustomError(
      registrar,
      "NoSuchRecovery",
    );
  });

  it("ends it also where the change waited out a freeze in which the dismissed ones began", async () => {
    const { world, others, from } = await changed();
    const { registrar, networkHelpers, dave, ids } = world;
    await networkHelpers.time.increaseTo(from - 8 * DAY);
    await pending(world);
    // The change is due, and waits until the freeze is over, a day from now. Dave is dismissed and begins one more.
    await networkHelpers.time.increaseTo(from + 60);
    await start(world, dave);
    await networkHelpers.time.increase(DAY + 2 * HOUR);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(guardiansDigest(ids.alice, others));

    await expect(approve(world, world.bob, { guardians: others, starter: ids.dave }))
      .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
      .withArgs(ids.alice, ids.dave, 1);
  });
});
