import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { DAY, authorize, signApproval, signOffer } from "../helpers/contracts/typed-data.js";
import {
  Status,
  TERMS,
  now,
  offerToAlice,
  populate,
  withRelationship,
  type World,
} from "../helpers/contracts/world.js";

const load = fixture(withRelationship);
const loadFresh = fixture(populate);

/** Valid for most of a year: what kills it must be what happened since and not its age. */
const longDeadline = async (world: World) => ({ deadline: (await now(world)) + 300 * DAY });

describe("A signed approval or offer that is kept back", () => {
  const statusOf = async ({ relationships, ids }: World) =>
    (await relationships.relationship(ids.alice, ids.hospital)).status;

  const signBoth = async (world: World, nonce: bigint) => {
    const offer = await offerToAlice(world, { nonce });
    const deadline = await longDeadline(world);
    const offered = await signOffer(world, world.generalHospital, offer, deadline);
    const approved = await signApproval(world, world.alice, offer, deadline);
    return { offer, offered, approved };
  };

  const propose = (world: World) =>
    world.relationships.connect(world.generalHospital).propose(world.ids.alice, TERMS, 0);

  /** What closes a proposal for good. */
  const closings: [string, (world: World) => Promise<unknown>][] = [
    ["decline", ({ relationships, alice, ids }) => relationships.connect(alice).decline(ids.alice, ids.hospital, 1)],
    [
      "declineWithSig",
      async (world) => {
        const { relationships, alice, ids } = world;
        const message = {
          patient: ids.alice,
          provider: ids.hospital,
          providerName: "General Hospital",
          nonce: 1n,
          ...(await longDeadline(world)),
        };
        const signed = await authorize(relationships, "RelationshipDecline", message, alice);
        return relationships.declineWithSig(ids.alice, ids.hospital, 1, signed);
      },
    ],
    [
      "withdraw",
      ({ relationships, generalHospital, ids }) => relationships.connect(generalHospital).withdraw(ids.alice),
    ],
    [
      "blockProvider",
      ({ relationships, alice, ids }) => relationships.connect(alice).blockProvider(ids.alice, ids.hospital),
    ],
    [
      "blockProvider and unblockProvider",
      async ({ relationships, alice, ids }) => {
        await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
        await relationships.connect(alice).unblockProvider(ids.alice, ids.hospital);
      },
    ],
    ["lapsing", ({ networkHelpers }) => networkHelpers.time.increase(31 * DAY)],
  ];

  for (const [name, close] of closings) {
    it(`fails after ${name}, alone and after the same terms were proposed again`, async () => {
      const world = await loadFresh();
      const { relationships, ids, alice } = world;
      await propose(world);
      const { offer, offered, approved } = await signBoth(world, 1n);
      await close(world);
      const expectAllToFail = async () => {
        await expect(relationships.approveWithSig(offer, approved)).to.be.revert(world.ethers);
        await expect(relationships.establish(offer, offered, approved)).to.be.revert(world.ethers);
        await expect(relationships.connect(alice).accept(offer, offered)).to.be.revert(world.ethers);
        await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, 0)).to.be.revert(
          world.ethers,
        );
        expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.false;
      };

      await expectAllToFail();
      if (name !== "blockProvider") {
        await propose(world);
        await expectAllToFail();
        expect(await statusOf(world)).to.equal(Status.Proposed);
      }
    });
  }

  /** What ends an active relationship for good. */
  const endings: [string, (world: World) => Promise<unknown>][] = [
    [
      "end by the patient",
      ({ relationships, alice, ids }) => relationships.connect(alice).end(ids.alice, ids.hospital),
    ],
    [
      "end by the provider",
      ({ relationships, generalHospital, ids }) => relationships.connect(generalHospital).end(ids.alice, ids.hospital),
    ],
    [
      "endWithSig",
      async (world) => {
        const { relationships, alice, ids } = world;
        const message = {
          patient: ids.alice,
          provider: ids.hospital,
          providerName: "General Hospital",
          nonce: 1n,
          ...(await longDeadline(world)),
        };
        const signed = await authorize(relationships, "RelationshipEnd", message, alice);
        return relationships.endWithSig(ids.alice, ids.hospital, 1, signed);
      },
    ],
  ];

  for (const [name, end] of endings) {
    it(`fails after ${name}, whether it was for the relationship itself or for its renewal`, async () => {
      const world = await load();
      const { relationships, ids } = world;
      const itself = await signBoth(world, 1n);
      const renewal = await signBoth(world, 2n);
      await end(world);

      for (const { offer, offered, approved } of [itself, renewal]) {
        await expect(relationships.establish(offer, offered, approved)).to.be.revertedWithCustomError(
          relationships,
          "WrongNonce",
        );
      }
      await propose(world);
      for (const { offer, approved } of [itself, renewal]) {
        await expect(relationships.approveWithSig(offer, approved)).to.be.revertedWithCustomError(
          relationships,
          "WrongNonce",
        );
      }
      expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.false;
    });
  }

  it("fails after a block that was put and lifted before anything was proposed", async () => {
    const world = await loadFresh();
    const { relationships, ids, alice } = world;
    const { offer, offered, approved } = await signBoth(world, 1n);
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    await expect(relationships.establish(offer, offered, approved))
      .to.be.revertedWithCustomError(relationships, "Blocked")
      .withArgs(ids.alice, ids.hospital);
    await relationships.connect(alice).unblockProvider(ids.alice, ids.hospital);

    await expect(relationships.establish(offer, offered, approved)).to.be.revertedWithCustomError(
      relationships,
      "WrongNonce",
    );
  });

  it("of an ending, fails once the relationship was reopened", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    const message = {
      patient: ids.alice,
      provider: ids.hospital,
      providerName: "General Hospital",
      nonce: 1n,
      ...(await longDeadline(world)),
    };
    const keptBack = await authorize(relationships, "RelationshipEnd", message, alice);
    await relationships.connect(alice).end(ids.alice, ids.hospital);
    const { offer, offered, approved } = await signBoth(world, 3n);
    await relationships.establish(offer, offered, approved);

    await expect(relationships.endWithSig(ids.alice, ids.hospital, 1, keptBack))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(1, 3);
  });
});
