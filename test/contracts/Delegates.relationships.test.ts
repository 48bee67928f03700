import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { signReduction } from "../helpers/contracts/relationships.js";
import { DAY, authorize, signApproval, signOffer } from "../helpers/contracts/typed-data.js";
import { Status, TERMS, now } from "../helpers/contracts/world.js";
import { inTwoMonths } from "../helpers/contracts/recovery.js";
import { freeze, withDelegate, type DelegateWorld } from "../helpers/contracts/delegates.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(async () => {
  const world = await withDelegate();
  // Nothing but relationships, and not for as long as a proposal stands.
  const until = (await now(world)) + 10 * DAY;
  await world.delegates
    .connect(world.alice)
    .appoint(world.ids.bob, { approving: true, granting: 0, viewing: 0 }, until);
  await world.relationships.connect(world.laboratory).propose(world.ids.alice, TERMS, 0);
  return { ...world, until };
});

const status = async ({ relationships, ids }: DelegateWorld, provider: bigint) =>
  (await relationships.relationship(ids.alice, provider)).status;

const offerOf = ({ ids }: DelegateWorld, nonce = 1n) => ({
  patient: ids.alice,
  provider: ids.laboratory,
  termsDigest: TERMS,
  nonce,
  until: 0n,
});

const deadline = async (world: DelegateWorld) => ({ deadline: await inTwoMonths(world) });

/** The laboratory takes its proposal back and offers the same off chain. */
async function offer(world: DelegateWorld) {
  await world.relationships.connect(world.laboratory).withdraw(world.ids.alice);
  const offered = offerOf(world, 3n);
  return { offered, signed: await signOffer(world, world.laboratory, offered, await deadline(world)) };
}

interface Way {
  act: (world: DelegateWorld, by: Signer) => Promise<unknown>;
  /** What has to be so before. */
  prepare?: (world: DelegateWorld) => Promise<unknown>;
  provider: "hospital" | "laboratory";
  event: string;
  becomes: bigint;
}

/** What gives a provider more. */
const increases: Record<string, Way> = {
  approve: {
    act: ({ relationships, ids }, by) => relationships.connect(by).approve(ids.alice, ids.laboratory, 1, TERMS, 0),
    provider: "laboratory",
    event: "RelationshipApproved",
    becomes: Status.Active,
  },
  approveWithSig: {
    act: async (world, by) =>
      world.relationships.approveWithSig(
        offerOf(world),
        await signApproval(world, by, offerOf(world), await deadline(world)),
      ),
    provider: "laboratory",
    event: "RelationshipApproved",
    becomes: Status.Active,
  },
  accept: {
    act: async (world, by) => {
      const { offered, signed } = await offer(world);
      return world.relationships.connect(by).accept(offered, signed);
    },
    provider: "laboratory",
    event: "RelationshipApproved",
    becomes: Status.Active,
  },
  establish: {
    act: async (world, by) => {
      const { offered, signed } = await offer(world);
      const approved = await signApproval(world, by, offered, await deadline(world));
      return world.relationships.establish(offered, signed, approved);
    },
    provider: "laboratory",
    event: "RelationshipApproved",
    becomes: Status.Active,
  },
  resume: {
    prepare: ({ relationships, alice, ids }) => relationships.connect(alice).suspend(ids.alice, ids.hospital),
    act: ({ relationships, ids }, by) => relationships.connect(by).resume(ids.alice, ids.hospital),
    provider: "hospital",
    event: "RelationshipResumed",
    becomes: Status.Active,
  },
};

/** What takes something from a provider. */
const reductions: Record<string, Way> = {
  decline: {
    act: ({ relationships, ids }, by) => relationships.connect(by).decline(ids.alice, ids.laboratory, 1),
    provider: "laboratory",
    event: "RelationshipDeclined",
    becomes: Status.Declined,
  },
  declineWithSig: {
    act: async (world, by) => {
      const { relationships, ids } = world;
      const message = { patient: ids.alice, provider: ids.laboratory, providerName: "Laboratory", nonce: 1n };
      const limit = await deadline(world);
      const signed = await authorize(relationships, "RelationshipDecline", { ...message, ...limit }, by);
      return relationships.declineWithSig(ids.alice, ids.laboratory, 1, signed);
    },
    provider: "laboratory",
    event: "RelationshipDeclined",
    becomes: Status.Declined,
  },
  suspend: {
    act: ({ relationships, ids }, by) => relationships.connect(by).suspend(ids.alice, ids.hospital),
    provider: "hospital",
    event: "RelationshipSuspended",
    becomes: Status.SuspendedByPatient,
  },
  end: {
    act: ({ relationships, ids }, by) => relationships.connect(by).end(ids.alice, ids.hospital),
    provider: "hospital",
    event: "RelationshipEnded",
    becomes: Status.Ended,
  },
  suspendWithSig: {
    act: async (world, by) =>
      world.relationships.suspendWithSig(
        world.ids.alice,
        world.ids.hospital,
        1,
        await signReduction(world, "RelationshipSuspension", by),
      ),
    provider: "hospital",
    event: "RelationshipSuspended",
    becomes: Status.SuspendedByPatient,
  },
  blockProvider: {
    act: ({ relationships, ids }, by) => relationships.connect(by).blockProvider(ids.alice, ids.laboratory),
    provider: "laboratory",
    event: "ProviderBlocked",
    becomes: Status.Declined,
  },
  blockProviderWithSig: {
    act: async (world, by) => {
      const { relationships, ids } = world;
      const message = { patient: ids.alice, provider: ids.laboratory, providerName: "Laboratory", blocks: 0n };
      const limit = await deadline(world);
      const signed = await authorize(relationships, "ProviderBlock", { ...message, ...limit }, by);
      return relationships.blockProviderWithSig(ids.alice, ids.laboratory, 0, signed);
    },
    provider: "laboratory",
    event: "ProviderBlocked",
    becomes: Status.Declined,
  },
  endWithSig: {
    act: async (world, by) =>
      world.relationships.endWithSig(
        world.ids.alice,
        world.ids.hospital,
        1,
        await signReduction(world, "RelationshipEnd", by),
      ),
    provider: "hospital",
    event: "RelationshipEnded",
    becomes: Status.Ended,
  },
};

for (const [name, { act, prepare, provider, event, becomes }] of Object.entries({ ...increases, ...reductions })) {
  describe(`Relationships: ${name}, by a delegate`, () => {
    const ready = async () => {
      const world = await load();
      await prepare?.(world);
      return world;
    };
    const isIncrease = name in increases;

    it("does what the patient could", async () => {
      const world = await ready();

      await expect(act(world, world.bob)).to.emit(world.relationships, event);
      expect(await status(world, world.ids[provider])).to.equal(becomes);
    });

    it("needs the power to: NotEmpowered", async () => {
      const world = await ready();
      const { delegates, alice, ids, until } = world;
      await delegates.connect(alice).appoint(ids.bob, { approving: false, granting: 255, viewing: 255 }, until);

      await expect(act(world, world.bob))
        .to.be.revertedWithCustomError(world.relationships, "NotEmpowered")
        .withArgs(ids.alice, ids.bob);
    });

    it("is over with the term: NotEmpowered", async () => {
      const world = await ready();
      const { time } = world.networkHelpers;
      await time.increaseTo(world.until - 60);
      const before = await world.networkHelpers.takeSnapshot();
      await act(world, world.bob);
      await before.restore();

      await time.increaseTo(world.until);
      await expect(act(world, world.bob))
        .to.be.revertedWithCustomError(world.relationships, "NotEmpowered")
        .withArgs(world.ids.alice, world.ids.bob);
    });

    it("is over with the access epoch: NotEmpowered", async () => {
      const world = await ready();
      await revokeAllAs(world.registrar, world.alice);

      await expect(act(world, world.bob))
        .to.be.revertedWithCustomError(world.relationships, "NotEmpowered")
        .withArgs(world.ids.alice, world.ids.bob);
    });

    it("is for who was appointed: NotEmpowered", async () => {
      const world = await ready();

      await expect(act(world, world.erin))
        .to.be.revertedWithCustomError(world.relationships, "NotEmpowered")
        .withArgs(world.ids.alice, world.ids.erin);
    });

    for (const who of ["patient", "delegate"] as const) {
      it(`${isIncrease ? "is refused" : "works"} while a recovery of the ${who}'s is pending`, async () => {
        const world = await ready();
        const frozen = who === "patient" ? world.alice : world.bob;
        await freeze(world, frozen);

        if (isIncrease) {
          await expect(act(world, world.bob))
            .to.be.revertedWithCustomError(world.registrar, "RecoveryPending")
            .withArgs(await world.registrar.participantOf(frozen.address));
        } else await act(world, world.bob);
        expect((await status(world, world.ids[provider])) === becomes).to.equal(!isIncrease);
      });
    }
  });
}

describe("Relationships: a delegate", () => {
  it("acts for nobody else: NotEmpowered", async () => {
    const { relationships, bob, laboratory, ids } = await load();
    await relationships.connect(laboratory).propose(ids.erin, TERMS, 0);

    await expect(relationships.connect(bob).approve(ids.erin, ids.laboratory, 1, TERMS, 0))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.erin, ids.bob);
    await expect(relationships.connect(bob).decline(ids.erin, ids.laboratory, 1))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.erin, ids.bob);
  });

  it("lifts no suspension of the provider's: NotSuspendedBy", async () => {
    const { relationships, bob, generalHospital, ids } = await load();
    await relationships.connect(generalHospital).suspend(ids.alice, ids.hospital);

    await expect(relationships.connect(bob).resume(ids.alice, ids.hospital))
      .to.be.revertedWithCustomError(relationships, "NotSuspendedBy")
      .withArgs(ids.alice);
  });

  it("suspends on the patient's side, so the patient resumes", async () => {
    const { relationships, alice, bob, ids } = await load();
    await expect(relationships.connect(bob).suspend(ids.alice, ids.hospital))
      .to.emit(relationships, "RelationshipSuspended")
      .withArgs(ids.alice, ids.hospital, ids.alice);

    await relationships.connect(alice).resume(ids.alice, ids.hospital);
    expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.true;
  });

  it("approves the same terms as the patient has to: WrongNonce, TermsMismatch, EndMismatch", async () => {
    const { relationships, bob, ids } = await load();
    const approving = relationships.connect(bob);

    await expect(approving.approve(ids.alice, ids.laboratory, 2, TERMS, 0))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(2, 1);
    await expect(
      approving.approve(ids.alice, ids.laboratory, 1, `0x${"66".repeat(32)}`, 0),
    ).to.be.revertedWithCustomError(relationships, "TermsMismatch");
    await expect(approving.approve(ids.alice, ids.laboratory, 1, TERMS, 60)).to.be.revertedWithCustomError(
      relationships,
      "EndMismatch",
    );
  });

  it("blocks for the patient who is named, and nobody else", async () => {
    const { relationships, bob, ids } = await load();
    const blocks = async (patient: bigint) => (await relationships.relationship(patient, ids.laboratory)).blocks;
    await relationships.connect(bob).blockProvider(ids.bob, ids.laboratory);
    expect(await blocks(ids.alice), "bob's own").to.equal(0);
    await relationships.connect(bob).blockProvider(ids.alice, ids.laboratory);
    await relationships.connect(bob).unblockProvider(ids.alice, ids.laboratory);

    expect(await blocks(ids.alice)).to.equal(2);
    expect(await blocks(ids.bob)).to.equal(1);
  });
});
