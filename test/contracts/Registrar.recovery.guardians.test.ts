import { expect } from "chai";
import { AbiCoder, ZeroHash, keccak256, type Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { grantToInsurer, inADay } from "../helpers/contracts/grants.js";
import { DAY, signGrant } from "../helpers/contracts/typed-data.js";
import { digestOf, now } from "../helpers/contracts/world.js";
import {
  GUARDIAN_CHANGE_DELAY,
  SALT,
  pending,
  signGuardianChange,
  withGuardians,
  type RecoveryWorld,
  guardiansDigest,
} from "../helpers/contracts/recovery.js";

const load = fixture(withGuardians);

const OTHER = digestOf("other guardians");

/** The two ways to change guardians. */
const routes: { name: string; change: (world: RecoveryWorld, by: Signer, digest: string) => Promise<unknown> }[] = [
  { name: "changeGuardians", change: ({ registrar }, by, digest) => registrar.connect(by).changeGuardians(digest) },
  {
    name: "changeGuardiansWithSig",
    change: async (world, by, digest) =>
      world.registrar
        .connect(world.relayer)
        .changeGuardiansWithSig(digest, await signGuardianChange(world, digest, by)),
  },
];

for (const { name, change } of routes) {
  describe(`Registrar: ${name}`, () => {
    it("sets the first guardians at once", async () => {
      const world = await load();
      const { registrar, bob, ids, networkHelpers } = world;
      const time = (await now(world)) + 60;
      await networkHelpers.time.setNextBlockTimestamp(time);

      await expect(change(world, bob, OTHER))
        .to.emit(registrar, "GuardiansChanging")
        .withArgs(ids.bob, OTHER, time - (time % 60));

      expect(await registrar.guardiansOf(ids.bob)).to.equal(OTHER);
      expect(await registrar.guardianChangeOf(ids.bob)).to.deep.equal([ZeroHash, 0n]);
    });

    it("sets others after thirty days, to the minute, and not a second earlier", async () => {
      const world = await load();
      const { registrar, alice, ids, digest, networkHelpers } = world;
      const minute = Math.ceil((await now(world)) / 60) * 60;
      const from = minute + 60 + GUARDIAN_CHANGE_DELAY;
      await networkHelpers.time.setNextBlockTimestamp(minute + 59);

      await expect(change(world, alice, OTHER))
        .to.emit(registrar, "GuardiansChanging")
        .withArgs(ids.alice, OTHER, from);

      await networkHelpers.time.increaseTo(from - 1);
      expect(await registrar.guardiansOf(ids.alice)).to.equal(digest);
      expect(await registrar.guardianChangeOf(ids.alice)).to.deep.equal([OTHER, BigInt(from)]);
      await networkHelpers.time.increaseTo(from);
      expect(await registrar.guardiansOf(ids.alice)).to.equal(OTHER);
      expect(await registrar.guardianChangeOf(ids.alice)).to.deep.equal([ZeroHash, 0n]);
    });

    it("calls a change off by naming the current ones", async () => {
      const world = await load();
      const { registrar, alice, ids, digest, networkHelpers } = world;
      await registrar.connect(alice).changeGuardians(OTHER);

      await change(world, alice, digest);

      expect(await registrar.guardianChangeOf(ids.alice)).to.deep.equal([ZeroHash, 0n]);
      await networkHelpers.time.increase(2 * GUARDIAN_CHANGE_DELAY);
      expect(await registrar.guardiansOf(ids.alice)).to.equal(digest);
    });

    it("cancels what was signed and not used", async () => {
      const world = await load();
      const { registrar, consents, alice, ids } = world;
      const granted = await grantToInsurer(world);
      const keptBack = await signGrant(world, alice, granted, await inADay(world));
      const [accessEpoch, signatureEpoch] = await registrar.epochsOf(ids.alice);

      await change(world, alice, OTHER);

      expect(await registrar.epochsOf(ids.alice)).to.deep.equal([accessEpoch, signatureEpoch + 1n]);
      await expect(consents.grantWithSig(ids.alice, granted, keptBack)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
    });

    it("is refused while a recovery is pending: RecoveryPending", async () => {
      const world = await load();
      await pending(world);

      await expect(change(world, world.alice, OTHER))
        .to.be.revertedWithCustomError(world.registrar, "RecoveryPending")
        .withArgs(world.ids.alice);
    });

    it("is for persons: NotAPerson", async () => {
      const world = await load();

      await expect(change(world, world.generalHospital, OTHER))
        .to.be.revertedWithCustomError(world.registrar, "NotAPerson")
        .withArgs(world.ids.hospital);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();

      await expect(change(world, world.stranger, OTHER))
        .to.be.revertedWithCustomError(world.registrar, "NotRegistered")
        .withArgs(world.stranger.address);
    });
  });
}

describe("Registrar: guardians", () => {
  it("are hidden until they are used: a salted digest stands for them", async () => {
    const world = await load();
    const { registrar, alice, ids, guardians, digest } = world;
    const salted = { ...guardians, salt: digestOf("another salt") };

    expect(guardiansDigest(ids.alice, salted)).not.to.equal(digest);
    const { data } = await registrar.connect(alice).changeGuardians(digest);
    expect(data.length, "a selector and a digest").to.equal(2 + 2 * 36);
    expect(data.slice(10)).to.equal(digest.slice(2));
  });

  it("have a digest that anybody can calculate, for one person only", async () => {
    const { ids, guardians, digest } = await load();
    const { members, threshold, delay } = guardians;
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ["uint40", "tuple(uint40[] members, uint8 threshold, uint32 delay, bytes32 salt)"],
      [ids.alice, [members, threshold, delay, SALT]],
    );

    expect(digest).to.equal(keccak256(encoded));
    expect(guardiansDigest(ids.bob, guardians)).not.to.equal(digest);
  });

  it("begin the thirty days anew with each change", async () => {
    const { registrar, alice, ids, digest, networkHelpers } = await load();
    await registrar.connect(alice).changeGuardians(OTHER);
    await networkHelpers.time.increase(GUARDIAN_CHANGE_DELAY - DAY);
    await registrar.connect(alice).changeGuardians(digestOf("yet others"));

    await networkHelpers.time.increase(GUARDIAN_CHANGE_DELAY - DAY);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(digest);
    await networkHelpers.time.increase(DAY + 60);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(digestOf("yet others"));
  });

  it("change also once an earlier change counts", async () => {
    const { registrar, alice, ids, networkHelpers } = await load();
    await registrar.connect(alice).changeGuardians(OTHER);
    await networkHelpers.time.increase(GUARDIAN_CHANGE_DELAY + 60);
    await registrar.connect(alice).changeGuardians(digestOf("yet others"));

    expect(await registrar.guardiansOf(ids.alice)).to.equal(OTHER);
    await networkHelpers.time.increase(GUARDIAN_CHANGE_DELAY + 60);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(digestOf("yet others"));
  });

  it("may be none, after thirty days as well; the next ones are then the first again", async () => {
    const { registrar, alice, ids, digest, networkHelpers } = await load();
    await registrar.connect(alice).changeGuardians(ZeroHash);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(digest);

    await networkHelpers.time.increase(GUARDIAN_CHANGE_DELAY + 60);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(ZeroHash);
    await registrar.connect(alice).changeGuardians(OTHER);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(OTHER);
  });
});
