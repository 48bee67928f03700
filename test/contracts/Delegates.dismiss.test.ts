import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import {
  ALL,
  BOBS,
  NONE,
  entry,
  freeze,
  signAppointment,
  signDismissal,
  withDelegate,
  type DelegateWorld,
} from "../helpers/contracts/delegates.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withDelegate);

type Dismiss = (world: DelegateWorld, by: Signer, delegate: bigint) => Promise<unknown>;

const dismissals: { name: string; dismiss: Dismiss }[] = [
  {
    name: "dismiss",
    dismiss: async ({ registrar, delegates }, by, delegate) =>
      delegates.connect(by).dismiss(await registrar.participantOf(await by.getAddress()), delegate),
  },
  {
    name: "dismissWithSig",
    dismiss: async (world, by, delegate) => {
      const patient = await world.registrar.participantOf(await by.getAddress());
      const { version } = await world.delegates.delegationOf(patient, delegate);
      const signed = await signDismissal(world, by, delegate, version);
      return world.delegates.connect(world.relayer).dismissWithSig(delegate, version, signed);
    },
  },
];

for (const { name, dismiss } of dismissals) {
  describe(`Delegates: ${name}`, () => {
    it("ends the delegate's powers and nobody else's", async () => {
      const world = await load();
      const { delegates, alice, ids, until } = world;
      await delegates.connect(alice).appoint(ids.erin, ALL, until);

      await expect(dismiss(world, alice, ids.bob))
        .to.emit(delegates, "DelegateDismissed")
        .withArgs(ids.alice, ids.bob, ids.alice, 3);

      expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([NONE, 0n]);
      expect(await delegates.delegationOf(ids.alice, ids.bob)).to.deep.equal([
        false,
        0n,
        0n,
        0n,
        0n,
        0n,
        false,
        0n,
        3n,
      ]);
      expect(await delegates.mayApprove(ids.alice, ids.erin)).to.be.true;
    });

    it("counts also where nobody was appointed: it kills what was signed and kept back", async () => {
      const world = await load();
      const { delegates, alice, ids, until } = world;
      const keptBack = await signAppointment(world, alice, ids.erin, ALL, until);

      await dismiss(world, alice, ids.erin);

      await expect(delegates.appointWithSig(ids.erin, ALL, until, keptBack))
        .to.be.revertedWithCustomError(delegates, "InvalidSignature")
        .withArgs(alice.address);
    });

    it("works while a recovery is pending", async () => {
      const world = await load();
      await freeze(world, world.alice);
      await dismiss(world, world.alice, world.ids.bob);

      expect(await world.delegates.mayApprove(world.ids.alice, world.ids.bob)).to.be.false;
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();

      await expect(dismiss(world, world.stranger, world.ids.bob))
        .to.be.revertedWithCustomError(world.registrar, "NotRegistered")
        .withArgs(world.stranger.address);
    });

    it("may be followed by a new appointment", async () => {
      const world = await load();
      const { delegates, alice, ids, until } = world;
      await dismiss(world, alice, ids.bob);

      await expect(delegates.connect(alice).appoint(ids.bob, BOBS, until))
        .to.emit(delegates, "DelegateAppointed")
        .withArgs(ids.alice, ids.bob, 0, entry(BOBS, until, 0, 4));
      expect(await delegates.mayApprove(ids.alice, ids.bob)).to.be.true;
    });
  });
}

describe("Delegates: a resignation", () => {
  it("ends the powers of who resigns", async () => {
    const { delegates, bob, ids } = await load();

    await expect(delegates.connect(bob).dismiss(ids.alice, ids.bob))
      .to.emit(delegates, "DelegateDismissed")
      .withArgs(ids.alice, ids.bob, ids.bob, 3);
    expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([NONE, 0n]);
  });

  it("is for who was appointed: NotADelegate", async () => {
    const { delegates, erin, ids } = await load();

    await expect(delegates.connect(erin).dismiss(ids.alice, ids.erin))
      .to.be.revertedWithCustomError(delegates, "NotADelegate")
      .withArgs(ids.alice, ids.erin);
  });

  it("is nobody else's to hand in: NotEmpowered", async () => {
    const { delegates, erin, ids } = await load();

    await expect(delegates.connect(erin).dismiss(ids.alice, ids.bob))
      .to.be.revertedWithCustomError(delegates, "NotEmpowered")
      .withArgs(ids.alice, ids.erin);
  });

  it("isn't another delegate's to hand in: NotEmpowered", async () => {
    const world = await load();
    const { delegates, alice, bob, ids, until } = world;
    await delegates.connect(alice).appoint(ids.erin, ALL, until);

    await expect(delegates.connect(bob).dismiss(ids.alice, ids.erin))
      .to.be.revertedWithCustomError(delegates, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });
});

describe("Delegates: a signed dismissal", () => {
  it("counts also when one appointment that was signed before got in first", async () => {
    const world = await load();
    const { delegates, alice, ids, until } = world;
    const keptBack = await signAppointment(world, alice, ids.bob, ALL, until);
    const dismissal = await signDismissal(world, alice, ids.bob, 1n);
    await delegates.appointWithSig(ids.bob, ALL, until, keptBack);

    await delegates.dismissWithSig(ids.bob, 1, dismissal);
    expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([NONE, 0n]);
  });

  it("counts once: StaleSignature", async () => {
    const world = await load();
    const { delegates, alice, ids } = world;
    const dismissal = await signDismissal(world, alice, ids.bob, 1n);
    await delegates.dismissWithSig(ids.bob, 1, dismissal);

    await expect(delegates.dismissWithSig(ids.bob, 1, dismissal))
      .to.be.revertedWithCustomError(delegates, "StaleSignature")
      .withArgs(1, 3);
  });

  it("is too old after two writes, and too new before one: StaleSignature", async () => {
    const world = await load();
    const { delegates, alice, ids, until } = world;
    const old = await signDismissal(world, alice, ids.bob, 1n);
    for (let i = 0; i < 2; ++i) await delegates.connect(alice).appoint(ids.bob, ALL, until);
    await expect(delegates.dismissWithSig(ids.bob, 1, old))
      .to.be.revertedWithCustomError(delegates, "StaleSignature")
      .withArgs(1, 3);

    const early = await signDismissal(world, alice, ids.bob, 4n);
    await expect(delegates.dismissWithSig(ids.bob, 4, early))
      .to.be.revertedWithCustomError(delegates, "StaleSignature")
      .withArgs(4, 3);
  });
});

describe("Delegates: powers", () => {
  it("last to the last second and no longer", async () => {
    const { delegates, ids, until, networkHelpers } = await load();
    await networkHelpers.time.increaseTo(until - 1);
    expect(await delegates.mayApprove(ids.alice, ids.bob)).to.be.true;

    await networkHelpers.time.increaseTo(until);
    expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([NONE, 0n]);
    expect((await delegates.delegationOf(ids.alice, ids.bob)).until, "what is stored stays").to.equal(until);
  });

  it("don't outlive the access epoch, and are of the next one when given anew", async () => {
    const { delegates, registrar, alice, ids, until } = await load();
    await revokeAllAs(registrar, alice);
    expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([NONE, 0n]);

    await expect(delegates.connect(alice).appoint(ids.bob, ALL, until))
      .to.emit(delegates, "DelegateAppointed")
      .withArgs(ids.alice, ids.bob, 0, entry(ALL, until, 1, 2));
    expect(await delegates.mayApprove(ids.alice, ids.bob)).to.be.true;
  });

  it("outlive cancelled signatures", async () => {
    const { delegates, registrar, alice, ids } = await load();
    await registrar.connect(alice).cancelSignatures();

    expect(await delegates.mayApprove(ids.alice, ids.bob)).to.be.true;
  });

  it("are nobody's who wasn't appointed", async () => {
    const { delegates, ids } = await load();

    for (const id of [ids.alice, ids.erin, ids.hospital, 0n, 99n]) {
      expect(await delegates.powersOf(ids.alice, id)).to.deep.equal([NONE, 0n]);
      expect((await delegates.mayGrant(ids.alice, id, 0)).may).to.be.false;
    }
  });
});
