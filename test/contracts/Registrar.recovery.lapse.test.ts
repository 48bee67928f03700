import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { now } from "../helpers/contracts/world.js";
import {
  COLLECTING_TERM,
  EXECUTION_TERM,
  HOUR,
  Stage,
  approve,
  collecting,
  dueAt,
  escalated,
  execute,
  isFrozen,
  pending,
  recoveryOf,
  stageOf,
  start,
  unstoppable,
  veto,
  waitUntilDue,
  withGuardians,
  type RecoveryWorld,
} from "../helpers/contracts/recovery.js";

const load = fixture(withGuardians);

/** Each stage, and until when it lasts at least: a freeze is rounded up to the hour, and the minute before that. */
const stages: Record<string, { reach: (world: RecoveryWorld) => Promise<unknown>; term: number; slack: number }> = {
  Collecting: { reach: collecting, term: COLLECTING_TERM, slack: 60 },
  Pending: { reach: pending, term: 2 * DAY + EXECUTION_TERM, slack: HOUR + 60 },
  Escalated: { reach: escalated, term: COLLECTING_TERM, slack: HOUR + 60 },
  Unstoppable: { reach: unstoppable, term: 4 * DAY + EXECUTION_TERM, slack: HOUR + 60 },
};

for (const [name, { reach, term, slack }] of Object.entries(stages)) {
  describe(`Registrar: a recovery that is ${name.toLowerCase()}`, () => {
    it("lasts its term, and then it is over and nothing is frozen", async () => {
      const world = await load();
      const { time } = world.networkHelpers;
      await reach(world);
      const reached = await now(world);
      // A Collecting one counts whole minutes, from the one in which it began.
      await time.increaseTo(reached + term - 60);
      expect(await stageOf(world)).to.equal(Stage[name as keyof typeof Stage]);
      expect(await isFrozen(world)).to.equal(name !== "Collecting");

      await time.increaseTo(reached + term + slack);
      expect(await stageOf(world)).to.equal(Stage.None);
      expect(await isFrozen(world)).to.be.false;
    });

    it("goes no further once it lapsed: NoSuchRecovery, NoRecoveryPending", async () => {
      const world = await load();
      const { registrar, ids, networkHelpers } = world;
      await reach(world);
      await networkHelpers.time.increase(term + slack);

      await expect(approve(world, world.frank))
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.carol, 1);
      await expect(veto(world))
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.carol, 1);
      await expect(execute(world)).to.be.revertedWithCustomError(registrar, "NoRecoveryPending").withArgs(ids.alice);
    });

    it("may be followed by another one, from no approvals and under the next number", async () => {
      const world = await load();
      await reach(world);
      await world.networkHelpers.time.increase(term + slack);

      await start(world);

      const { stage, number, approvals } = await recoveryOf(world);
      expect([stage, number, approvals]).to.deep.equal([Stage.Collecting, 2n, 1n]);
      await expect(approve(world)).to.be.revertedWithCustomError(world.registrar, "NoSuchRecovery");
      await approve(world, world.dave, { number: 2n });
      await waitUntilDue(world, { number: 2n });
      await execute(world, { number: 2n });
      expect(await world.registrar.participantOf(world.newPhone.address)).to.equal(world.ids.alice);
    });

    it("stays over while another one runs", async () => {
      const world = await load();
      const { registrar, ids, networkHelpers } = world;
      await reach(world);
      await networkHelpers.time.increase(term + slack);
      await start(world, world.erin, { newAccount: world.tablet.address });
      await approve(world, world.frank, { starter: ids.erin });

      for (const then of ["pending", "escalated", "unstoppable"] as const) {
        if (then === "escalated") await veto(world, world.alice, { starter: ids.erin });
        if (then === "unstoppable") await approve(world, world.dave, { starter: ids.erin });
        expect(await stageOf(world), then).to.equal(Stage.None);
        await expect(execute(world), then).to.be.revertedWithCustomError(registrar, "NoRecoveryPending");
        await expect(veto(world), then).to.be.revertedWithCustomError(registrar, "NoSuchRecovery");
        await expect(approve(world, world.frank), then).to.be.revertedWithCustomError(registrar, "NoSuchRecovery");
      }
      await networkHelpers.time.increaseTo(await dueAt(world, { starter: ids.erin }));
      await execute(world, { starter: ids.erin, by: world.tablet });
      expect(await registrar.participantOf(world.tablet.address)).to.equal(ids.alice);
    });
  });
}

describe("Registrar: a recovery that was executed", () => {
  it("doesn't come back in the hour in which its freeze would have ended", async () => {
    const world = await load();
    const { registrar, newPhone, ids, networkHelpers } = world;
    await pending(world);
    const { frozenUntil } = await registrar.participant(ids.alice);
    await waitUntilDue(world);
    await execute(world);
    // The new phone is stolen as well. Whoever has it vetoes so that the next freeze ends in the same hour.
    await start(world, world.erin, { newAccount: world.tablet.address });
    await approve(world, world.frank, { starter: ids.erin });
    await networkHelpers.time.increaseTo(Number(frozenUntil) * HOUR - COLLECTING_TERM - 60 - HOUR / 2);
    await veto(world, newPhone, { starter: ids.erin });
    expect((await registrar.participant(ids.alice)).frozenUntil, "the same hour").to.equal(frozenUntil);

    expect(await stageOf(world)).to.equal(Stage.None);
    await expect(execute(world)).to.be.revertedWithCustomError(registrar, "NoRecoveryPending");
  });

  it("may be followed by another one of the same guardian", async () => {
    const world = await load();
    await pending(world);
    await waitUntilDue(world);
    await execute(world);

    await start(world, world.carol, { newAccount: world.tablet.address });
    await approve(world, world.dave, { number: 2n });
    await waitUntilDue(world, { number: 2n });
    await execute(world, { number: 2n, by: world.tablet });

    expect(await world.registrar.participantOf(world.tablet.address)).to.equal(world.ids.alice);
    expect((await world.registrar.participant(world.ids.alice)).accountEpoch).to.equal(2);
  });
});
