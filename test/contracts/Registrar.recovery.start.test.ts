import { expect } from "chai";
import { ZeroAddress, ZeroHash, type Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, now } from "../helpers/contracts/world.js";
import {
  Stage,
  expectRecovery,
  isFrozen,
  recoveryOf,
  signApproval,
  start,
  withGuardians,
  type GuardianSet,
  type RecoveryWorld,
  guardiansDigest,
} from "../helpers/contracts/recovery.js";

const load = fixture(withGuardians);

interface Start {
  newAccount?: string;
  guardians?: GuardianSet;
  number?: bigint;
}

/** The two ways to start a recovery. */
const routes: { name: string; begin: (world: RecoveryWorld, by: Signer, options?: Start) => Promise<unknown> }[] = [
  { name: "startRecovery", begin: (world, by, options) => start(world, by, options) },
  {
    name: "startRecoveryWithSig",
    begin: async (world, by, options = {}) => {
      const starter = await world.registrar.participantOf(await by.getAddress());
      const signed = await signApproval(world, by, { ...options, starter });
      const { newAccount = world.newPhone.address, guardians = world.guardians } = options;
      return world.registrar
        .connect(world.relayer)
        .startRecoveryWithSig(world.ids.alice, newAccount, guardians, signed);
    },
  },
];

for (const { name, begin } of routes) {
  describe(`Registrar: ${name}`, () => {
    it("starts a recovery, which is the guardian's approval and freezes nothing yet", async () => {
      const world = await load();
      const { registrar, dave, ids, newPhone, networkHelpers } = world;
      const time = Math.ceil((await now(world)) / 60) * 60 + 61;
      await networkHelpers.time.setNextBlockTimestamp(time);

      await expect(begin(world, dave))
        .to.emit(registrar, "RecoveryStarted")
        .withArgs(ids.alice, ids.dave, 1, newPhone.address)
        .and.to.emit(registrar, "RecoveryApproved")
        .withArgs(ids.alice, ids.dave, 1, ids.dave, Stage.Collecting);

      const approvals = 0b10n;
      await expectRecovery(
        world,
        { stage: Stage.Collecting, number: 1n, approvals, newAccount: newPhone.address },
        ids.dave,
      );
      expect((await recoveryOf(world, ids.dave)).since, "the minute").to.equal(Math.floor(time / 60));
      expect(await isFrozen(world)).to.be.false;
    });

    it("needs guardians: NoGuardians", async () => {
      const world = await load();
      const { registrar, carol, bob, alice, ids, networkHelpers } = world;
      await registrar.connect(alice).changeGuardians(ZeroHash);
      await networkHelpers.time.increase(30 * DAY + 60);

      await expect(begin(world, carol)).to.be.revertedWithCustomError(registrar, "NoGuardians").withArgs(ids.alice);
      await expect(registrar.connect(carol).startRecovery(ids.bob, bob.address, world.guardians))
        .to.be.revertedWithCustomError(registrar, "NoGuardians")
        .withArgs(ids.bob);
    });

    it("is for guardians: NotAGuardian", async () => {
      const world = await load();

      await expect(begin(world, world.bob))
        .to.be.revertedWithCustomError(world.registrar, "NotAGuardian")
        .withArgs(world.ids.bob);
      await expect(begin(world, world.alice), "the person herself")
        .to.be.revertedWithCustomError(world.registrar, "NotAGuardian")
        .withArgs(world.ids.alice);
    });

    it("is for accounts that act: NotRegistered, AccountRetired", async () => {
      const world = await load();
      const { registrar, stranger, carol, networkHelpers } = world;
      await expect(registrar.connect(stranger).startRecovery(world.ids.alice, world.newPhone.address, world.guardians))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
      await registrar.connect(carol).retireAccount(carol.address);
      const deadline = (await now(world)) + 30 * DAY;
      const before = await networkHelpers.takeSnapshot();
      await networkHelpers.time.setNextBlockTimestamp(deadline - 1);
      await begin(world, carol);
      await before.restore();

      await networkHelpers.time.increaseTo(deadline);
      await expect(start(world, carol))
        .to.be.revertedWithCustomError(registrar, "AccountRetired")
        .withArgs(carol.address);
    });

    it("is once at a time for each guardian: RecoveryOpen", async () => {
      const world = await load();
      await begin(world, world.carol);

      await expect(begin(world, world.carol, { newAccount: world.tablet.address, number: 2n }))
        .to.be.revertedWithCustomError(world.registrar, "RecoveryOpen")
        .withArgs(world.ids.alice, world.ids.carol);
    });

    for (const whose of ["nobody's", "another person's", "an institution's"] as const) {
      it(`isn't for ${whose} account: AlreadyRegistered`, async () => {
        const world = await load();
        const newAccount = {
          "nobody's": ZeroAddress,
          "another person's": world.bob.address,
          "an institution's": world.insurer.address,
        }[whose];

        await expect(begin(world, world.carol, { newAccount }))
          .to.be.revertedWithCustomError(world.registrar, "AlreadyRegistered")
          .withArgs(newAccount);
      });
    }

    it("may name an account that the person has", async () => {
      const world = await load();
      await begin(world, world.carol, { newAccount: world.alice.address });

      await expectRecovery(world, { stage: Stage.Collecting, newAccount: world.alice.address });
    });
  });
}

describe("Registrar: the guardians that are handed in", () => {
  const wrong: Record<string, (world: RecoveryWorld) => Partial<GuardianSet>> = {
    "a member too few": ({ ids }) => ({ members: [ids.carol, ids.dave, ids.erin] }),
    "another member": ({ ids }) => ({ members: [ids.carol, ids.dave, ids.erin, ids.frank + 1n] }),
    "another threshold": () => ({ threshold: 1 }),
    "another delay": () => ({ delay: DAY }),
    "another salt": () => ({ salt: digestOf("a guess") }),
  };
  for (const [what, change] of Object.entries(wrong)) {
    it(`aren't the person's with ${what}: GuardiansMismatch`, async () => {
      const world = await load();

      await expect(start(world, world.carol, { guardians: { ...world.guardians, ...change(world) } }))
        .to.be.revertedWithCustomError(world.registrar, "GuardiansMismatch")
        .withArgs(world.ids.alice);
    });
  }

  /** Bob's first guardians, which count at once, and a recovery that carol starts with them. */
  async function startForBob(world: RecoveryWorld, guardians: GuardianSet) {
    const { registrar, bob, carol, ids, newPhone } = world;
    await registrar.connect(bob).changeGuardians(guardiansDigest(ids.bob, guardians));
    return registrar.connect(carol).startRecovery(ids.bob, newPhone.address, guardians);
  }

  const sixteen = (first: bigint) => Array.from({ length: 16 }, (_, i) => first + BigInt(i));

  const invalid: Record<string, (world: RecoveryWorld) => Partial<GuardianSet>> = {
    "there is one": ({ ids }) => ({ members: [ids.carol], threshold: 1 }),
    "there are seventeen": ({ ids }) => ({ members: [...sixteen(ids.carol), 99n] }),
    "it takes none of them": () => ({ threshold: 0 }),
    "it takes all of them": () => ({ threshold: 4 }),
    "the delay is a second too short": () => ({ delay: DAY - 1 }),
    "the delay is a second too long": () => ({ delay: 7 * DAY + 1 }),
    "they are out of order": ({ ids }) => ({ members: [ids.dave, ids.carol, ids.erin, ids.frank] }),
    "one stands there twice": ({ ids }) => ({ members: [ids.carol, ids.carol, ids.erin, ids.frank] }),
    "one is nobody": ({ ids }) => ({ members: [0n, ids.carol, ids.erin, ids.frank] }),
    "one is the person": ({ ids }) => ({ members: [ids.bob, ids.carol, ids.erin, ids.frank] }),
  };
  for (const [what, change] of Object.entries(invalid)) {
    it(`are invalid when ${what}: InvalidGuardians`, async () => {
      const world = await load();

      await expect(startForBob(world, { ...world.guardians, ...change(world) })).to.be.revertedWithCustomError(
        world.registrar,
        "InvalidGuardians",
      );
    });
  }

  const valid: Record<string, (world: RecoveryWorld) => Partial<GuardianSet>> = {
    "there are two": ({ ids }) => ({ members: [ids.carol, ids.dave], threshold: 1 }),
    "there are sixteen": ({ ids }) => ({ members: sixteen(ids.carol), threshold: 15 }),
    "the delay is a day": () => ({ delay: DAY }),
    "the delay is seven days": () => ({ delay: 7 * DAY }),
    "one is an institution": ({ ids }) => ({ members: [ids.hospital, ids.carol, ids.dave] }),
  };
  for (const [what, change] of Object.entries(valid)) {
    it(`are valid when ${what}`, async () => {
      const world = await load();

      await expect(startForBob(world, { ...world.guardians, ...change(world) })).to.emit(
        world.registrar,
        "RecoveryStarted",
      );
    });
  }
});

describe("Registrar: a recovery that one guardian is enough for", () => {
  it("begins its delay at once", async () => {
    const world = await load();
    const { registrar, carol, bob, ids, guardians } = world;
    // Bob has no guardians yet, so these count at once.
    const alone = { ...guardians, threshold: 1 };
    await registrar.connect(bob).changeGuardians(guardiansDigest(ids.bob, alone));

    await expect(registrar.connect(carol).startRecovery(ids.bob, world.newPhone.address, alone))
      .to.emit(registrar, "RecoveryApproved")
      .withArgs(ids.bob, ids.carol, 1, ids.carol, Stage.Pending);
    expect((await registrar.recoveryOf(ids.bob, ids.carol)).stage).to.equal(Stage.Pending);
  });
});

describe("Registrar: startRecoveryWithSig takes the guardian's signature", () => {
  const others: Record<
    string,
    (world: RecoveryWorld) => Promise<{ account: string; deadline: bigint; signature: string }>
  > = {
    "for another account": (world) => signApproval(world, world.carol, { newAccount: world.mallory.address }),
    "for another number": (world) => signApproval(world, world.carol, { number: 2n }),
    "for what another guardian started": (world) => signApproval(world, world.carol, { starter: world.ids.dave }),
    "of another guardian": async (world) => ({
      ...(await signApproval(world, world.dave)),
      account: world.carol.address,
    }),
  };
  for (const [what, sign] of Object.entries(others)) {
    it(`and none ${what}: InvalidSignature`, async () => {
      const world = await load();
      const { registrar, ids, newPhone, guardians, carol } = world;

      await expect(registrar.startRecoveryWithSig(ids.alice, newPhone.address, guardians, await sign(world)))
        .to.be.revertedWithCustomError(registrar, "InvalidSignature")
        .withArgs(carol.address);
    });
  }

  it("and none for another person: InvalidSignature", async () => {
    const world = await load();
    const { registrar, ids, newPhone, guardians, bob } = world;
    await registrar.connect(bob).changeGuardians(guardiansDigest(ids.bob, guardians));

    await expect(
      registrar.startRecoveryWithSig(ids.bob, newPhone.address, guardians, await signApproval(world, world.carol)),
    ).to.be.revertedWithCustomError(registrar, "InvalidSignature");
  });

  it("and takes it once: a lapsed recovery doesn't start again", async () => {
    const world = await load();
    const { registrar, ids, newPhone, guardians, networkHelpers } = world;
    const signed = await signApproval(world, world.carol);
    const begin = () => registrar.startRecoveryWithSig(ids.alice, newPhone.address, guardians, signed);
    await begin();
    await networkHelpers.time.increase(3 * DAY + 60);

    await expect(begin()).to.be.revertedWithCustomError(registrar, "InvalidSignature").withArgs(world.carol.address);
  });
});
