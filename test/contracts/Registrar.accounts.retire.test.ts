import { expect } from "chai";

import { RETIREMENT_DELAY, WAYS, keep, loadTwo, retire, signatureEpoch } from "../helpers/contracts/accounts.js";
import { fixture } from "../../devnet/index.js";
import { pending, withGuardians } from "../helpers/contracts/recovery.js";
import { now } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withGuardians);

for (const way of WAYS) {
  describe(`Registrar: retiring an account, ${way}`, () => {
    it("ends it after thirty days and not a second earlier", async () => {
      const world = await loadTwo();
      const { registrar, alice, tablet, ids, networkHelpers } = world;
      const epoch = await signatureEpoch(world, ids.alice);
      const time = (await now(world)) + 60;
      await networkHelpers.time.setNextBlockTimestamp(time);

      await expect(retire(world, way, alice, tablet.address))
        .to.emit(registrar, "AccountRetiring")
        .withArgs(ids.alice, tablet.address, time + RETIREMENT_DELAY);

      expect((await registrar.accountOf(tablet.address)).retiresAt).to.equal(time + RETIREMENT_DELAY);
      expect(await signatureEpoch(world, ids.alice), "outstanding signatures die").to.equal(epoch + 1n);
      await networkHelpers.time.increaseTo(time + RETIREMENT_DELAY - 1);
      expect(await registrar.participantOf(tablet.address)).to.equal(ids.alice);
      await networkHelpers.time.increaseTo(time + RETIREMENT_DELAY);
      expect(await registrar.participantOf(tablet.address)).to.equal(0);
      expect(await registrar.participantOf(alice.address)).to.equal(ids.alice);
      for (const read of ["authenticate", "authenticatePatient", "authenticateProvider"] as const) {
        await expect(registrar[read](tablet.address))
          .to.be.revertedWithCustomError(registrar, "AccountRetired")
          .withArgs(tablet.address);
      }
    });

    it("may be of the account that asks, and of the only one", async () => {
      const world = await load();
      const { registrar, alice, ids, networkHelpers } = world;
      await retire(world, way, alice, alice.address);
      await networkHelpers.time.increase(RETIREMENT_DELAY);

      await expect(revokeAllAs(registrar, alice))
        .to.be.revertedWithCustomError(registrar, "AccountRetired")
        .withArgs(alice.address);
      expect(await registrar.isPerson(ids.alice)).to.be.true;
    });

    it("works while a recovery is pending: it takes longer than that", async () => {
      const world = await loadTwo();
      await pending(world);

      await expect(retire(world, way, world.alice, world.tablet.address)).to.emit(world.registrar, "AccountRetiring");
    });

    it("is of one's own: NotOwnAccount", async () => {
      const world = await load();
      const { registrar, alice, bob } = world;

      await expect(retire(world, way, alice, bob.address))
        .to.be.revertedWithCustomError(registrar, "NotOwnAccount")
        .withArgs(bob.address);
    });

    it("is of an account that somebody has: NotRegistered", async () => {
      const world = await load();
      const { registrar, alice, stranger } = world;

      await expect(retire(world, way, alice, stranger.address))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });

    it("is once: RetirementUnchanged", async () => {
      const world = await loadTwo();
      const { registrar, alice, tablet } = world;
      await retire(world, way, alice, tablet.address);

      await expect(retire(world, way, alice, tablet.address))
        .to.be.revertedWithCustomError(registrar, "RetirementUnchanged")
        .withArgs(tablet.address);
    });

    it("is nothing for an account that is retired: AccountRetired", async () => {
      const world = await loadTwo();
      const { registrar, alice, tablet, networkHelpers } = world;
      await retire(world, way, alice, tablet.address);
      await networkHelpers.time.increase(RETIREMENT_DELAY);

      await expect(retire(world, way, alice, tablet.address))
        .to.be.revertedWithCustomError(registrar, "AccountRetired")
        .withArgs(tablet.address);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger, alice } = world;

      await expect(retire(world, way, stranger, alice.address))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });

  describe(`Registrar: keeping an account, ${way}`, () => {
    it("lets it stay, whichever account says so", async () => {
      const world = await loadTwo();
      const { registrar, alice, tablet, ids, networkHelpers } = world;
      await retire(world, "direct", tablet, alice.address);
      const epoch = await signatureEpoch(world, ids.alice);

      await expect(keep(world, way, alice, alice.address))
        .to.emit(registrar, "AccountKept")
        .withArgs(ids.alice, alice.address);

      expect((await registrar.accountOf(alice.address)).retiresAt).to.equal(0);
      expect(await signatureEpoch(world, ids.alice), "outstanding signatures die").to.equal(epoch + 1n);
      await networkHelpers.time.increase(2 * RETIREMENT_DELAY);
      expect(await registrar.participantOf(alice.address)).to.equal(ids.alice);
    });

    it("can be followed by another retirement", async () => {
      const world = await loadTwo();
      const { alice, tablet } = world;
      await retire(world, way, alice, tablet.address);
      await keep(world, way, alice, tablet.address);

      await expect(retire(world, way, alice, tablet.address)).to.emit(world.registrar, "AccountRetiring");
    });

    it("comes too late for an account that is retired: AccountRetired", async () => {
      const world = await loadTwo();
      const { registrar, alice, tablet, networkHelpers } = world;
      await retire(world, "direct", alice, tablet.address);
      await networkHelpers.time.increase(RETIREMENT_DELAY);

      for (const by of [alice, tablet]) {
        await expect(keep(world, way, by, tablet.address))
          .to.be.revertedWithCustomError(registrar, "AccountRetired")
          .withArgs(tablet.address);
      }
    });

    it("is of an account that retires: RetirementUnchanged", async () => {
      const world = await load();
      const { registrar, alice } = world;

      await expect(keep(world, way, alice, alice.address))
        .to.be.revertedWithCustomError(registrar, "RetirementUnchanged")
        .withArgs(alice.address);
    });

    it("is of one's own: NotOwnAccount", async () => {
      const world = await load();
      const { registrar, alice, bob } = world;
      await retire(world, "direct", bob, bob.address);

      await expect(keep(world, way, alice, bob.address))
        .to.be.revertedWithCustomError(registrar, "NotOwnAccount")
        .withArgs(bob.address);
    });

    it("is refused while a recovery is pending: RecoveryPending", async () => {
      const world = await load();
      const { registrar, alice, ids } = world;
      await retire(world, "direct", alice, alice.address);
      await pending(world);

      await expect(keep(world, way, alice, alice.address))
        .to.be.revertedWithCustomError(registrar, "RecoveryPending")
        .withArgs(ids.alice);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger, alice } = world;

      await expect(keep(world, way, stranger, alice.address))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });
}
