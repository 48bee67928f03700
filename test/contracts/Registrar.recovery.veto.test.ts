import { expect } from "chai";
import { type Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import {
  EXECUTION_TERM,
  Stage,
  approve,
  collecting,
  dueAt,
  escalated,
  execute,
  expectRecovery,
  isFrozen,
  pending,
  recoveryOf,
  signVeto,
  stageOf,
  start,
  unstoppable,
  veto,
  waitUntilDue,
  withGuardians,
  type RecoveryWorld,
  type Which,
} from "../helpers/contracts/recovery.js";

const load = fixture(withGuardians);

/** The two ways to veto a recovery. */
const routes: { name: string; refuse: (world: RecoveryWorld, by?: Signer, which?: Which) => Promise<unknown> }[] = [
  { name: "vetoRecovery", refuse: (world, by, which) => veto(world, by, which) },
  {
    name: "vetoRecoveryWithSig",
    refuse: async (world, by, which = {}) => {
      const { starter = world.ids.carol, number = 1n, guardians = world.guardians } = which;
      const signed = await signVeto(world, by, which);
      return world.registrar.connect(world.relayer).vetoRecoveryWithSig(starter, number, guardians, signed);
    },
  },
];

for (const { name, refuse } of routes) {
  describe(`Registrar: ${name}`, () => {
    it("stops the delay: one approval more is needed, and nothing may increase meanwhile", async () => {
      const world = await load();
      const { registrar, ids } = world;
      await pending(world);
      await world.networkHelpers.time.increase(DAY);
      const { since } = await recoveryOf(world);

      await expect(refuse(world))
        .to.emit(registrar, "RecoveryVetoed")
        .withArgs(ids.alice, ids.carol, 1, Stage.Escalated);

      await expectRecovery(world, { stage: Stage.Escalated, number: 1n, approvals: 0b11n });
      expect((await recoveryOf(world)).since > since, "a new stage").to.be.true;
      expect(await isFrozen(world)).to.be.true;
      await world.networkHelpers.time.increase(2 * DAY);
      await expect(execute(world)).to.be.revertedWithCustomError(registrar, "NoRecoveryPending");
    });

    it("makes it unstoppable at once where enough approved already", async () => {
      const world = await load();
      const { registrar, erin, ids } = world;
      await pending(world);
      await approve(world, erin);

      await expect(refuse(world))
        .to.emit(registrar, "RecoveryVetoed")
        .withArgs(ids.alice, ids.carol, 1, Stage.Unstoppable);
      expect(await stageOf(world)).to.equal(Stage.Unstoppable);
    });

    it("works until the recovery is executed, also at the last second", async () => {
      const world = await load();
      await pending(world);
      const last = (await dueAt(world)) + EXECUTION_TERM - 1;
      await world.networkHelpers.time.setNextBlockTimestamp(last);

      await refuse(world);

      expect(await stageOf(world)).to.equal(Stage.Escalated);
      await approve(world, world.erin);
      await waitUntilDue(world);
      await execute(world);
      expect(await world.registrar.participantOf(world.newPhone.address)).to.equal(world.ids.alice);
    });

    const tooEarlyOrAgain = { Collecting: collecting, Escalated: escalated, Unstoppable: unstoppable };
    for (const [stage, reach] of Object.entries(tooEarlyOrAgain)) {
      it(`stops none that is ${stage.toLowerCase()}: NotVetoable`, async () => {
        const world = await load();
        await reach(world);

        await expect(refuse(world))
          .to.be.revertedWithCustomError(world.registrar, "NotVetoable")
          .withArgs(world.ids.alice, world.ids.carol, 1);
        expect(await stageOf(world)).to.equal(Stage[stage as keyof typeof Stage]);
      });
    }

    it("needs one that is open under that number: NoSuchRecovery", async () => {
      const world = await load();
      const { registrar, alice, ids } = world;
      await expect(refuse(world))
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.carol, 1);

      await pending(world);
      await expect(refuse(world, alice, { number: 2n }), "another number")
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.carol, 2);
      await expect(refuse(world, alice, { starter: ids.dave }), "another starter")
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.dave, 1);
    });

    it("is for the person's own recovery: NoSuchRecovery", async () => {
      const world = await load();
      await pending(world);

      await expect(refuse(world, world.bob))
        .to.be.revertedWithCustomError(world.registrar, "NoSuchRecovery")
        .withArgs(world.ids.bob, world.ids.carol, 1);
    });

    it("needs the person's guardians: GuardiansMismatch", async () => {
      const world = await load();
      await pending(world);

      await expect(refuse(world, world.alice, { guardians: { ...world.guardians, threshold: 1 } }))
        .to.be.revertedWithCustomError(world.registrar, "GuardiansMismatch")
        .withArgs(world.ids.alice);
    });

    it("is for persons: NotAPerson", async () => {
      const world = await load();
      await pending(world);

      await expect(refuse(world, world.generalHospital))
        .to.be.revertedWithCustomError(world.registrar, "NotAPerson")
        .withArgs(world.ids.hospital);
    });
  });
}

describe("Registrar: a signed veto", () => {
  it("names its recovery: one for another number or starter doesn't count", async () => {
    const world = await load();
    const { registrar, alice, ids, guardians } = world;
    await start(world, world.dave);
    await pending(world);

    for (const which of [{ number: 2n }, { starter: ids.dave }]) {
      await expect(registrar.vetoRecoveryWithSig(ids.carol, 1, guardians, await signVeto(world, alice, which)))
        .to.be.revertedWithCustomError(registrar, "InvalidSignature")
        .withArgs(alice.address);
    }
  });
});

describe("Registrar: after a veto", () => {
  it("the same approvals are not enough", async () => {
    const world = await load();
    await escalated(world);

    for (const guardian of [world.carol, world.dave]) {
      await expect(approve(world, guardian)).to.be.revertedWithCustomError(world.registrar, "AlreadyApproved");
    }
    await world.networkHelpers.time.increase(2 * DAY + 3600);
    await expect(execute(world)).to.be.revertedWithCustomError(world.registrar, "NoRecoveryPending");
  });

  it("an attempt that starts anew may be vetoed again", async () => {
    const world = await load();
    const { ids, networkHelpers } = world;
    await escalated(world);
    await networkHelpers.time.increase(3 * DAY + 2 * 3600);
    await start(world, world.erin);
    await approve(world, world.frank, { starter: ids.erin });

    await veto(world, world.alice, { starter: ids.erin });

    expect(await stageOf(world, ids.erin)).to.equal(Stage.Escalated);
  });
});
