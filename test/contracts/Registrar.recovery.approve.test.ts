import { expect } from "chai";
import { type Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { authorize } from "../helpers/contracts/typed-data.js";
import { OWNER } from "../helpers/contracts/participants.js";
import { now } from "../helpers/contracts/world.js";
import {
  COLLECTING_TERM,
  Stage,
  approve,
  collecting,
  dueAt,
  escalated,
  expectRecovery,
  isFrozen,
  pending,
  recoveryOf,
  signApproval,
  inTwoMonths,
  stageOf,
  start,
  unstoppable,
  withGuardians,
  type RecoveryWorld,
  type Which,
} from "../helpers/contracts/recovery.js";

const load = fixture(withGuardians);

/** The two ways to approve a recovery. */
const routes: { name: string; confirm: (world: RecoveryWorld, by: Signer, which?: Which) => Promise<unknown> }[] = [
  { name: "approveRecovery", confirm: (world, by, which) => approve(world, by, which) },
  {
    name: "approveRecoveryWithSig",
    confirm: async (world, by, which = {}) => {
      const { starter = world.ids.carol, number = 1n, guardians = world.guardians } = which;
      const { newAccount } = await recoveryOf(world, starter);
      const signed = await signApproval(world, by, { ...which, newAccount });
      return world.registrar
        .connect(world.relayer)
        .approveRecoveryWithSig(world.ids.alice, starter, number, guardians, signed);
    },
  },
];

for (const { name, confirm } of routes) {
  describe(`Registrar: ${name}`, () => {
    it("begins the delay with the approval that reaches the threshold, and freezes", async () => {
      const world = await load();
      const { registrar, dave, ids, networkHelpers } = world;
      await collecting(world);
      const time = Math.ceil((await now(world)) / 60) * 60 + 61;
      await networkHelpers.time.setNextBlockTimestamp(time);
      const since = Math.ceil(time / 60);

      const confirmed = confirm(world, dave);
      await expect(confirmed)
        .to.emit(registrar, "RecoveryApproved")
        .withArgs(ids.alice, ids.carol, 1, ids.dave, Stage.Pending);

      await expectRecovery(world, { stage: Stage.Pending, number: 1n, approvals: 0b11n });
      expect((await recoveryOf(world)).since, "the minute, rounded up").to.equal(since);
      expect(await isFrozen(world)).to.be.true;
    });

    it("counts further ones, which change nothing before a veto", async () => {
      const world = await load();
      await pending(world);
      const { since } = await recoveryOf(world);
      const { frozenUntil } = await world.registrar.participant(world.ids.alice);
      await world.networkHelpers.time.increase(7200);

      await confirm(world, world.frank);

      await expectRecovery(world, { stage: Stage.Pending, approvals: 0b1011n });
      expect((await recoveryOf(world)).since, "the delay goes on").to.equal(since);
      expect((await world.registrar.participant(world.ids.alice)).frozenUntil).to.equal(frozenUntil);
    });

    it("makes it unstoppable with one more than the threshold after a veto, for twice the delay", async () => {
      const world = await load();
      const { registrar, erin, ids } = world;
      await escalated(world);

      await expect(confirm(world, erin))
        .to.emit(registrar, "RecoveryApproved")
        .withArgs(ids.alice, ids.carol, 1, ids.erin, Stage.Unstoppable);

      await expectRecovery(world, { stage: Stage.Unstoppable, approvals: 0b111n });
      const due = await dueAt(world);
      expect(due - (await now(world))).to.be.within(2 * world.guardians.delay, 2 * world.guardians.delay + 60);
      expect(await isFrozen(world)).to.be.true;
    });

    it("changes nothing once it is unstoppable", async () => {
      const world = await load();
      await unstoppable(world);
      const { since } = await recoveryOf(world);
      const { frozenUntil } = await world.registrar.participant(world.ids.alice);
      await world.networkHelpers.time.increase(7200);

      await confirm(world, world.frank);

      await expectRecovery(world, { stage: Stage.Unstoppable, approvals: 0b1111n });
      expect((await recoveryOf(world)).since).to.equal(since);
      expect((await world.registrar.participant(world.ids.alice)).frozenUntil).to.equal(frozenUntil);
    });

    it("counts a guardian once, also the one who started: AlreadyApproved", async () => {
      const world = await load();
      await collecting(world);
      await expect(confirm(world, world.carol))
        .to.be.revertedWithCustomError(world.registrar, "AlreadyApproved")
        .withArgs(world.ids.carol);

      await confirm(world, world.dave);
      await expect(confirm(world, world.dave))
        .to.be.revertedWithCustomError(world.registrar, "AlreadyApproved")
        .withArgs(world.ids.dave);
      expect(await stageOf(world)).to.equal(Stage.Pending);
    });

    it("counts a guardian once who has two accounts: AlreadyApproved", async () => {
      const world = await load();
      const { registrar, carol, tablet, ids } = world;
      await collecting(world);
      const [, signatureEpoch] = await registrar.epochsOf(ids.carol);
      const message = {
        participant: ids.carol,
        account: tablet.address,
        signatureEpoch,
        deadline: await inTwoMonths(world),
      };
      await registrar.connect(carol).addAccount(OWNER, await authorize(registrar, "AccountAddition", message, tablet));

      await expect(confirm(world, tablet))
        .to.be.revertedWithCustomError(registrar, "AlreadyApproved")
        .withArgs(ids.carol);
      expect(await stageOf(world)).to.equal(Stage.Collecting);
    });

    it("is for guardians: NotAGuardian", async () => {
      const world = await load();
      await collecting(world);

      await expect(confirm(world, world.bob))
        .to.be.revertedWithCustomError(world.registrar, "NotAGuardian")
        .withArgs(world.ids.bob);
    });

    it("needs the person's guardians: GuardiansMismatch", async () => {
      const world = await load();
      await collecting(world);

      await expect(confirm(world, world.bob, { guardians: { ...world.guardians, members: [1n, 2n, 3n] } }))
        .to.be.revertedWithCustomError(world.registrar, "GuardiansMismatch")
        .withArgs(world.ids.alice);
    });

    it("needs one that is open under that number: NoSuchRecovery", async () => {
      const world = await load();
      const { registrar, dave, ids } = world;
      await expect(confirm(world, dave), "none was started")
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.carol, 1);
      await expect(confirm(world, dave, { number: 0n }), "number 0")
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.carol, 0);

      await collecting(world);
      await expect(confirm(world, dave, { number: 2n }), "the next number")
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.carol, 2);
      await expect(confirm(world, dave, { starter: ids.erin }), "erin started none")
        .to.be.revertedWithCustomError(registrar, "NoSuchRecovery")
        .withArgs(ids.alice, ids.erin, 1);
    });
  });
}

describe("Registrar: an approval that was signed", () => {
  it("counts for the account that the guardian saw and for no other one", async () => {
    const world = await load();
    const { registrar, ids, dave, guardians, mallory, networkHelpers } = world;
    const signed = await signApproval(world, dave);
    // Carol had started for the new phone; it lapses, and she starts again for an account that dave never saw.
    await collecting(world);
    await networkHelpers.time.increase(COLLECTING_TERM + 60);
    await start(world, world.carol, { newAccount: mallory.address });
    const fresh = await signApproval(world, dave, { number: 2n });

    await expect(registrar.approveRecoveryWithSig(ids.alice, ids.carol, 2, guardians, fresh))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(dave.address);
    await expect(
      registrar.approveRecoveryWithSig(ids.alice, ids.carol, 2, guardians, signed),
    ).to.be.revertedWithCustomError(registrar, "InvalidSignature");
  });

  it("isn't that of another recovery, person or guardian", async () => {
    const world = await load();
    const { registrar, ids, dave, erin, guardians } = world;
    await collecting(world);
    await start(world, erin);
    const forErins = await signApproval(world, dave, { starter: ids.erin });
    await expect(registrar.approveRecoveryWithSig(ids.alice, ids.carol, 1, guardians, forErins))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(dave.address);

    const erins = { ...(await signApproval(world, erin)), account: dave.address };
    await expect(registrar.approveRecoveryWithSig(ids.alice, ids.carol, 1, guardians, erins))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(dave.address);
  });
});

describe("Registrar: recoveries side by side", () => {
  it("collect without holding each other up", async () => {
    const world = await load();
    const { frank, dave, erin, mallory, ids } = world;
    await start(world, frank, { newAccount: mallory.address });
    await start(world, dave);
    await approve(world, erin, { starter: ids.dave });

    expect(await stageOf(world, ids.frank)).to.equal(Stage.Collecting);
    expect(await stageOf(world, ids.dave)).to.equal(Stage.Pending);
  });

  it("run one at a time: RecoveryPending", async () => {
    const world = await load();
    const { registrar, frank, erin, mallory, ids } = world;
    await start(world, frank, { newAccount: mallory.address });
    await pending(world);

    await expect(approve(world, erin, { starter: ids.frank }))
      .to.be.revertedWithCustomError(registrar, "RecoveryPending")
      .withArgs(ids.alice);
  });

  it("have their own approvals", async () => {
    const world = await load();
    const { frank, dave, ids } = world;
    await start(world, frank);
    await start(world, dave);
    await approve(world, world.carol, { starter: ids.dave });

    await expectRecovery(world, { stage: Stage.Collecting, approvals: 0b1000n }, ids.frank);
    await expectRecovery(world, { stage: Stage.Pending, approvals: 0b0011n }, ids.dave);
    await expectRecovery(world, { stage: Stage.None, approvals: 0n }, ids.carol);
  });
});
