// Longer than most: every kept-back signature against every revocation, side by side.
import { expect } from "chai";

import { fixture } from "../helpers/contracts/fixture.js";
import {
  DAY,
  authorize,
  signApproval,
  signFullRevocation,
  signGrant,
  signGrantRevocation,
  signOffer,
  signViewerRevocation,
  type Grant,
} from "../helpers/contracts/typed-data.js";
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

const TREAT = 0;
const FAR = 300 * DAY;

/** Valid for most of a year: what kills it must be the revocation and not its age. */
const longDeadline = async (world: World) => ({ deadline: (await now(world)) + FAR });

const insurersGrant = async (world: World, change: Partial<Grant> = {}): Promise<Grant> => ({
  viewer: world.ids.insurer,
  purpose: TREAT,
  steward: world.ids.hospital,
  categories: 0b111,
  sensitiveFromAnySteward: false,
  until: BigInt((await now(world)) + FAR),
  ...change,
});

const insurerSees = async (world: World) => {
  const { consents, ids } = world;
  const answers = await Promise.all(
    [0, 1, 2].map((category) => consents.canView(ids.alice, ids.hospital, ids.insurer, category, TREAT)),
  );
  return answers.some(Boolean);
};

interface Revocation {
  name: string;
  revoke: (world: World, given: Grant) => Promise<unknown>;
}

const REVOCATIONS: Revocation[] = [
  {
    name: "revokeGrant",
    revoke: ({ consents, alice }, { viewer, purpose, steward, categories }) =>
      consents.connect(alice).revokeGrant(viewer, purpose, steward, categories),
  },
  {
    name: "revokeGrantWithSig",
    revoke: async (world, given) => {
      const [{ version }] = await world.consents.grantOf(world.ids.alice, given.viewer, TREAT, given.steward);
      const signed = await signGrantRevocation(world, world.alice, given, await longDeadline(world));
      const { viewer, purpose, steward, categories } = given;
      return world.consents.revokeGrantWithSig(viewer, purpose, steward, categories, version, signed);
    },
  },
  { name: "revokeViewer", revoke: ({ consents, alice }, { viewer }) => consents.connect(alice).revokeViewer(viewer) },
  {
    name: "revokeViewerWithSig",
    revoke: async (world, { viewer }) =>
      world.consents.revokeViewerWithSig(
        viewer,
        await signViewerRevocation(world, world.alice, viewer, await longDeadline(world)),
      ),
  },
  { name: "revokeAll", revoke: ({ consents, alice }) => consents.connect(alice).revokeAll() },
  {
    name: "revokeAllWithSig",
    revoke: async (world) =>
      world.consents.revokeAllWithSig(await signFullRevocation(world, world.alice, await longDeadline(world))),
  },
];

describe("A signed grant that is kept back", () => {
  for (const { name, revoke } of REVOCATIONS) {
    it(`fails after ${name}, where something had been granted`, async () => {
      const world = await load();
      const { consents, alice, relayer } = world;
      const given = await insurersGrant(world);
      await consents.connect(alice).grant(given);
      const keptBack = await signGrant(world, alice, given, await longDeadline(world));
      await revoke(world, given);

      await expect(consents.connect(relayer).grantWithSig(given, keptBack))
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
      expect(await insurerSees(world)).to.be.false;
    });

    it(`fails after ${name}, where nothing had ever been granted`, async () => {
      const world = await load();
      const { consents, alice, relayer } = world;
      const given = await insurersGrant(world);
      const keptBack = await signGrant(world, alice, given, await longDeadline(world));
      await revoke(world, given);

      await expect(consents.connect(relayer).grantWithSig(given, keptBack)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
      expect(await insurerSees(world)).to.be.false;
    });

    it(`fails after ${name} and a new, narrower grant`, async () => {
      const world = await load();
      const { consents, alice, relayer } = world;
      const given = await insurersGrant(world);
      const keptBack = await signGrant(world, alice, given, await longDeadline(world));
      await revoke(world, given);
      await consents.connect(alice).grant({ ...given, categories: 0b1000 });

      await expect(consents.connect(relayer).grantWithSig(given, keptBack)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
      expect(await insurerSees(world)).to.be.false;
    });
  }

  for (const name of ["revokeGrantWithSig", "revokeViewerWithSig", "revokeAllWithSig"] as const) {
    it(`can't be saved from a signed ${name} by sending the grant first`, async () => {
      const world = await load();
      const { consents, alice, relayer } = world;
      const given = await insurersGrant(world);
      const { viewer, purpose, steward, categories } = given;
      const deadline = await longDeadline(world);
      const keptBack = await signGrant(world, alice, given, deadline);
      // Alice signs the revocation without having seen the grant on chain; the relayer then sends the grant first.
      const revocations = {
        revokeGrantWithSig: await signGrantRevocation(world, alice, given, deadline),
        revokeViewerWithSig: await signViewerRevocation(world, alice, viewer, deadline),
        revokeAllWithSig: await signFullRevocation(world, alice, deadline),
      };
      await consents.connect(relayer).grantWithSig(given, keptBack);
      expect(await insurerSees(world)).to.be.true;

      if (name === "revokeGrantWithSig") {
        await consents.revokeGrantWithSig(viewer, purpose, steward, categories, 0, revocations[name]);
      } else if (name === "revokeViewerWithSig") {
        await consents.revokeViewerWithSig(viewer, revocations[name]);
      } else {
        await consents.revokeAllWithSig(revocations[name]);
      }

      expect(await insurerSees(world)).to.be.false;
      await expect(consents.connect(relayer).grantWithSig(given, keptBack)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
    });
  }

  it("excludes every other grant that was signed at the same time for the same word", async () => {
    const world = await load();
    const { consents, alice, relayer } = world;
    const deadline = await longDeadline(world);
    const narrow = await insurersGrant(world, { categories: 0b1 });
    const wide = await insurersGrant(world, { categories: 0b111 });
    const signed = [await signGrant(world, alice, narrow, deadline), await signGrant(world, alice, wide, deadline)];
    await consents.connect(relayer).grantWithSig(narrow, signed[0]!);

    await expect(consents.connect(relayer).grantWithSig(wide, signed[1]!)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });
});

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
    ["decline", ({ relationships, alice, ids }) => relationships.connect(alice).decline(ids.hospital, 1)],
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
    ["blockProvider", ({ relationships, alice, ids }) => relationships.connect(alice).blockProvider(ids.hospital)],
    [
      "blockProvider and unblockProvider",
      async ({ relationships, alice, ids }) => {
        await relationships.connect(alice).blockProvider(ids.hospital);
        await relationships.connect(alice).unblockProvider(ids.hospital);
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
        await expect(relationships.connect(alice).approve(ids.hospital, 1, TERMS, 0)).to.be.revert(world.ethers);
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
    await relationships.connect(alice).blockProvider(ids.hospital);
    await expect(relationships.establish(offer, offered, approved))
      .to.be.revertedWithCustomError(relationships, "Blocked")
      .withArgs(ids.alice, ids.hospital);
    await relationships.connect(alice).unblockProvider(ids.hospital);

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
