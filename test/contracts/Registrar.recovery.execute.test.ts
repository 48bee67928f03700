import { expect } from "chai";
import { ZeroHash } from "ethers";

import { ContractAccount__factory } from "../../typechain-types/index.js";
import { fixture, keyDocumentOf } from "../../devnet/index.js";
import { DAY, type Authorization } from "../helpers/contracts/typed-data.js";
import { now } from "../helpers/contracts/world.js";
import {
  EXECUTION_TERM,
  NEW_KEY,
  Stage,
  accept,
  approve,
  collecting,
  dueAt,
  escalated,
  execute,
  isFrozen,
  pending,
  recover,
  inTwoMonths,
  stageOf,
  start,
  unstoppable,
  waitUntilDue,
  withGuardians,
  type RecoveryWorld,
} from "../helpers/contracts/recovery.js";

const load = fixture(withGuardians);

const stages = { pending, unstoppable };

describe("Registrar: executeRecovery", () => {
  for (const [stage, reach] of Object.entries(stages)) {
    it(`gives the person the new account once the delay of a recovery that is ${stage} is over`, async () => {
      const world = await load();
      const { registrar, ids, newPhone, alice, networkHelpers } = world;
      await reach(world);
      const accepted = await accept(world, newPhone);
      await networkHelpers.time.setNextBlockTimestamp(await dueAt(world));

      await expect(
        registrar.connect(world.stranger).executeRecovery(ids.alice, ids.carol, ZeroHash, world.guardians, accepted),
      )
        .to.emit(registrar, "Recovered")
        .withArgs(ids.alice, ids.carol, 1, newPhone.address)
        .and.to.emit(registrar, "AllRevoked")
        .withArgs(ids.alice, 1);

      expect(await registrar.participantOf(newPhone.address)).to.equal(ids.alice);
      expect(await registrar.participantOf(alice.address)).to.equal(0);
      expect(await stageOf(world)).to.equal(Stage.None);
      expect(await isFrozen(world)).to.be.false;
    });

    it(`doesn't come a second too early in one that is ${stage}: RecoveryTooEarly`, async () => {
      const world = await load();
      await reach(world);
      const due = await dueAt(world);
      await world.networkHelpers.time.setNextBlockTimestamp(due - 1);
      await expect(execute(world)).to.be.revertedWithCustomError(world.registrar, "RecoveryTooEarly").withArgs(due);

      await world.networkHelpers.time.setNextBlockTimestamp(due);
      await execute(world);
    });

    it(`works until the last second of one that is ${stage}`, async () => {
      const world = await load();
      await reach(world);
      await world.networkHelpers.time.setNextBlockTimestamp((await dueAt(world)) + EXECUTION_TERM - 1);

      await execute(world);
      expect(await world.registrar.participantOf(world.newPhone.address)).to.equal(world.ids.alice);
    });
  }

  const notRunning: Record<string, (world: RecoveryWorld) => Promise<unknown>> = {
    "none was started": async () => undefined,
    "guardians still collect": collecting,
    "it was vetoed": escalated,
    "it was executed": (world) => recover(world),
    "it lapsed": async (world) => {
      await pending(world);
      await world.networkHelpers.time.increase(10 * DAY);
    },
    "it was vetoed and lapsed then": async (world) => {
      await unstoppable(world);
      await world.networkHelpers.time.increase(12 * DAY);
    },
  };
  for (const [what, reach] of Object.entries(notRunning)) {
    it(`has nothing to execute when ${what}: NoRecoveryPending`, async () => {
      const world = await load();
      await reach(world);

      await expect(execute(world))
        .to.be.revertedWithCustomError(world.registrar, "NoRecoveryPending")
        .withArgs(world.ids.alice);
    });
  }

  it("executes what the starter that is named started: NoRecoveryPending", async () => {
    const world = await load();
    await start(world, world.dave);
    await pending(world);
    await waitUntilDue(world);

    await expect(execute(world, { starter: world.ids.dave })).to.be.revertedWithCustomError(
      world.registrar,
      "NoRecoveryPending",
    );
  });

  it("needs the person's guardians: GuardiansMismatch", async () => {
    const world = await load();
    await pending(world);
    await waitUntilDue(world);

    // A shorter delay is what somebody would try.
    await expect(execute(world, { guardians: { ...world.guardians, delay: DAY } }))
      .to.be.revertedWithCustomError(world.registrar, "GuardiansMismatch")
      .withArgs(world.ids.alice);
  });

  it("is for the account that the guardians approved: NotTheNewAccount", async () => {
    const world = await load();
    const { registrar, mallory, newPhone } = world;
    await pending(world);
    await waitUntilDue(world);

    await expect(execute(world, { by: mallory }))
      .to.be.revertedWithCustomError(registrar, "NotTheNewAccount")
      .withArgs(mallory.address, newPhone.address);
  });

  const others: Record<string, (world: RecoveryWorld) => Promise<Authorization>> = {
    "of another account": (world) => accept(world, world.mallory, { twist: { account: world.newPhone.address } }),
    "for another key": (world) => accept(world, world.newPhone, { keyDocument: NEW_KEY }),
    "for another number": (world) => accept(world, world.newPhone, { number: 2n }),
    "for what another guardian started": (world) => accept(world, world.newPhone, { starter: world.ids.dave }),
    "with another deadline": async (world) => ({ ...(await accept(world)), deadline: (await inTwoMonths(world)) + 1n }),
  };
  for (const [what, sign] of Object.entries(others)) {
    it(`takes no acceptance ${what}: InvalidSignature`, async () => {
      const world = await load();
      const { registrar, ids, guardians, newPhone } = world;
      await pending(world);
      await waitUntilDue(world);

      await expect(registrar.executeRecovery(ids.alice, ids.carol, ZeroHash, guardians, await sign(world)))
        .to.be.revertedWithCustomError(registrar, "InvalidSignature")
        .withArgs(newPhone.address);
    });
  }

  it("takes no acceptance after its deadline: SignatureExpired", async () => {
    const world = await load();
    await pending(world);
    await waitUntilDue(world);
    const deadline = BigInt((await now(world)) - 1);

    await expect(execute(world, { deadline }))
      .to.be.revertedWithCustomError(world.registrar, "SignatureExpired")
      .withArgs(deadline);
  });

  it("is for an account that is nobody else's by then: AlreadyRegistered", async () => {
    const world = await load();
    const { registrar, newPhone } = world;
    await pending(world);
    // Alice has set up the new phone in haste, as a new person.
    await registrar.connect(newPhone).registerPatient(keyDocumentOf("a hasty registration"));
    await waitUntilDue(world);

    await expect(execute(world))
      .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
      .withArgs(newPhone.address);
  });

  it("gives the person a contract account, too", async () => {
    const world = await load();
    const { registrar, newPhone, ids } = world;
    const account = await new ContractAccount__factory(newPhone).deploy(newPhone.address);
    const newAccount = await account.getAddress();
    await start(world, world.carol, { newAccount });
    await approve(world);
    await waitUntilDue(world);

    await execute(world, { twist: { account: newAccount } });

    expect(await registrar.participantOf(newAccount)).to.equal(ids.alice);
  });
});
