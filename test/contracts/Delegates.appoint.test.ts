import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { now } from "../helpers/contracts/world.js";
import {
  ALL,
  BOBS,
  NONE,
  entry,
  freeze,
  signAppointment,
  withDelegate,
  type DelegateWorld,
  type Powers,
} from "../helpers/contracts/delegates.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withDelegate);

const TEN_YEARS = 10 * 365 * DAY;
const MASK = { ...BOBS, granting: 0b101, viewing: 0b1 };

type Appoint = (world: DelegateWorld, by: Signer, delegate: bigint, powers: Powers, until: number) => Promise<unknown>;

const appointments: { name: string; appoint: Appoint }[] = [
  {
    name: "appoint",
    appoint: ({ delegates }, by, delegate, powers, until) => delegates.connect(by).appoint(delegate, powers, until),
  },
  {
    name: "appointWithSig",
    appoint: async (world, by, delegate, powers, until) => {
      const signed = await signAppointment(world, by, delegate, powers, until);
      return world.delegates.connect(world.relayer).appointWithSig(delegate, powers, until, signed);
    },
  },
];

for (const { name, appoint } of appointments) {
  describe(`Delegates: ${name}`, () => {
    it("gives a person powers until a time", async () => {
      const world = await load();
      const { delegates, alice, ids, until } = world;

      await expect(appoint(world, alice, ids.erin, MASK, until))
        .to.emit(delegates, "DelegateAppointed")
        .withArgs(ids.alice, ids.erin, 0, entry(MASK, until, 0, 1));

      expect(await delegates.powersOf(ids.alice, ids.erin)).to.deep.equal([[true, 0b101n, 0b1n], BigInt(until)]);
      expect(await delegates.mayApprove(ids.alice, ids.erin)).to.be.true;
      expect(await delegates.mayView(ids.alice, ids.erin, 0)).to.be.true;
      expect(await delegates.mayView(ids.alice, ids.erin, 2), "grants, but doesn't view").to.be.false;
      expect(await delegates.mayGrant(ids.alice, ids.erin, 0b101)).to.deep.equal([true, BigInt(until)]);
      expect((await delegates.mayGrant(ids.alice, ids.erin, 0b111)).may, "one category too many").to.be.false;
      expect((await delegates.powersOf(ids.erin, ids.alice)).powers, "nothing the other way round").to.deep.equal(NONE);
    });

    it("puts new powers and a new term in the place of the former", async () => {
      const world = await load();
      const { delegates, alice, ids, until } = world;
      const less = { approving: false, granting: 0, viewing: 0b1000 };

      await expect(appoint(world, alice, ids.bob, less, until - DAY))
        .to.emit(delegates, "DelegateAppointed")
        .withArgs(ids.alice, ids.bob, 0, entry(less, until - DAY, 0, 2));

      expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([[false, 0n, 0b1000n], BigInt(until - DAY)]);
    });

    const alone: Record<string, Powers> = {
      "that approves": { approving: true, granting: 0, viewing: 0 },
      "that grants": { approving: false, granting: 1, viewing: 0 },
      "that views": { approving: false, granting: 0, viewing: 128 },
    };
    for (const [what, powers] of Object.entries(alone)) {
      it(`may give one power alone, ${what}`, async () => {
        const world = await load();
        const { delegates, alice, ids, until } = world;
        await appoint(world, alice, ids.erin, powers, until);

        expect((await delegates.powersOf(ids.alice, ids.erin)).powers).to.deep.equal([
          powers.approving,
          BigInt(powers.granting),
          BigInt(powers.viewing),
        ]);
        expect((await delegates.mayGrant(ids.alice, ids.erin, 0)).may).to.equal(powers.granting !== 0);
      });
    }

    it("is for persons: NotAPerson", async () => {
      const world = await load();

      await expect(appoint(world, world.generalHospital, world.ids.bob, ALL, world.until))
        .to.be.revertedWithCustomError(world.registrar, "NotAPerson")
        .withArgs(world.ids.hospital);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();

      await expect(appoint(world, world.stranger, world.ids.bob, ALL, world.until))
        .to.be.revertedWithCustomError(world.registrar, "NotRegistered")
        .withArgs(world.stranger.address);
    });

    it("is refused while a recovery of the patient's is pending: RecoveryPending", async () => {
      const world = await load();
      await freeze(world, world.alice);

      await expect(appoint(world, world.alice, world.ids.erin, ALL, world.until))
        .to.be.revertedWithCustomError(world.registrar, "RecoveryPending")
        .withArgs(world.ids.alice);
    });

    it("doesn't appoint the patient: DelegateIsPatient", async () => {
      const world = await load();

      await expect(appoint(world, world.alice, world.ids.alice, ALL, world.until))
        .to.be.revertedWithCustomError(world.delegates, "DelegateIsPatient")
        .withArgs(world.ids.alice);
    });

    for (const who of ["an institution", "nobody", "somebody who doesn't exist"] as const) {
      it(`doesn't appoint ${who}: DelegateNotAPerson`, async () => {
        const world = await load();
        const id = { "an institution": world.ids.hospital, nobody: 0n, "somebody who doesn't exist": 99n }[who];

        await expect(appoint(world, world.alice, id, ALL, world.until))
          .to.be.revertedWithCustomError(world.delegates, "DelegateNotAPerson")
          .withArgs(id);
      });
    }

    it("needs a power: MissingPowers", async () => {
      const world = await load();
      const none = { approving: false, granting: 0, viewing: 0 };

      await expect(appoint(world, world.alice, world.ids.erin, none, world.until)).to.be.revertedWithCustomError(
        world.delegates,
        "MissingPowers",
      );
    });

    it("ends within ten years, and not before it begins: InvalidDelegateTerm", async () => {
      const world = await load();
      const { delegates, alice, ids, networkHelpers } = world;
      for (const late of [0, 1]) {
        const time = (await now(world)) + 60;
        await networkHelpers.time.setNextBlockTimestamp(time);
        const until = late === 1 ? time + TEN_YEARS + 1 : time;
        await expect(appoint(world, alice, ids.erin, ALL, until))
          .to.be.revertedWithCustomError(delegates, "InvalidDelegateTerm")
          .withArgs(until, time + TEN_YEARS);
      }

      const time = (await now(world)) + 60;
      for (const until of [time + 3, time + TEN_YEARS]) {
        const before = await networkHelpers.takeSnapshot();
        await networkHelpers.time.setNextBlockTimestamp(time + 2);
        await appoint(world, alice, ids.erin, ALL, until);
        await before.restore();
      }
    });
  });
}

describe("Delegates: an appointment that was signed", () => {
  const after: Record<string, (world: DelegateWorld) => Promise<unknown>> = {
    "signatures were cancelled": ({ registrar, alice }) => registrar.connect(alice).cancelSignatures(),
    "everything was revoked": ({ registrar, alice }) => revokeAllAs(registrar, alice),
    "the delegate was dismissed": ({ delegates, alice, ids }) => delegates.connect(alice).dismiss(ids.alice, ids.bob),
    "the delegate resigned": ({ delegates, bob, ids }) => delegates.connect(bob).dismiss(ids.alice, ids.bob),
    "the delegate's powers were changed": ({ delegates, alice, ids, until }) =>
      delegates.connect(alice).appoint(ids.bob, { ...BOBS, approving: false }, until),
  };
  for (const [what, happen] of Object.entries(after)) {
    it(`fails once ${what}`, async () => {
      const world = await load();
      const { delegates, alice, ids, until } = world;
      const keptBack = await signAppointment(world, alice, ids.bob, ALL, until);
      await happen(world);

      await expect(delegates.appointWithSig(ids.bob, ALL, until, keptBack))
        .to.be.revertedWithCustomError(delegates, "InvalidSignature")
        .withArgs(alice.address);
    });
  }
});
