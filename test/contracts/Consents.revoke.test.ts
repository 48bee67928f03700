import { expect } from "chai";
import { type Signer } from "ethers";
import { fixture } from "../../devnet/index.js";
import { setAccessEpoch, setGeneration } from "../helpers/contracts/storage.js";
import {
  signFullRevocation,
  signGrantRevocation,
  signViewerRevocation,
  type Grant,
} from "../helpers/contracts/typed-data.js";
import { withRelationship, type World } from "../helpers/contracts/world.js";
import {
  TREAT,
  HRESCH,
  SUMMARY,
  MEDICATION,
  OBSERVATION,
  MAX_COUNTER,
  maskOf,
  grantToInsurer,
  inADay,
  mayView,
  stateOf,
  expectGranted,
  laneOf,
} from "../helpers/contracts/grants.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withRelationship);

/** The three revocations, each by the patient and by the patient's signature. */
const revocations: {
  name: string;
  revoke: (world: World, by: Signer, given: Grant) => Promise<unknown>;
  ends: { given: boolean; sameViewer: boolean; otherViewer: boolean };
  event: string;
  args: (world: World, given: Grant) => unknown[];
  counters: [bigint, bigint, bigint];
}[] = [
  {
    name: "revokeGrant",
    revoke: ({ consents, ids }, by, { viewer, purpose, steward, categories }) =>
      consents.connect(by).revokeGrant(ids.alice, viewer, purpose, steward, categories),
    ends: { given: true, sameViewer: false, otherViewer: false },
    event: "GrantRevoked",
    args: ({ ids }, { viewer, steward, purpose, categories }) => [
      ids.alice,
      viewer,
      steward,
      purpose,
      categories,
      [0n, 0n, 3n],
    ],
    counters: [0n, 0n, 3n],
  },
  {
    name: "revokeGrantWithSig",
    revoke: async (world, by, given) => {
      const { viewer, purpose, steward, categories } = given;
      const signed = await signGrantRevocation(world, by, given, await inADay(world));
      const [{ version }] = await stateOf(world, given);
      return world.consents
        .connect(world.relayer)
        .revokeGrantWithSig(world.ids.alice, viewer, purpose, steward, categories, version, signed);
    },
    ends: { given: true, sameViewer: false, otherViewer: false },
    event: "GrantRevoked",
    args: ({ ids }, { viewer, steward, purpose, categories }) => [
      ids.alice,
      viewer,
      steward,
      purpose,
      categories,
      [0n, 0n, 3n],
    ],
    counters: [0n, 0n, 3n],
  },
  {
    name: "revokeViewer",
    revoke: ({ consents, ids }, by, { viewer }) => consents.connect(by).revokeViewer(ids.alice, viewer),
    ends: { given: true, sameViewer: true, otherViewer: false },
    event: "ViewerRevoked",
    args: ({ ids }, { viewer }) => [ids.alice, viewer, 1n],
    counters: [0n, 1n, 0n],
  },
  {
    name: "revokeViewerWithSig",
    revoke: async (world, by, { viewer }) => {
      const signed = await signViewerRevocation(world, by, viewer, await inADay(world));
      return world.consents.connect(world.relayer).revokeViewerWithSig(world.ids.alice, viewer, signed);
    },
    ends: { given: true, sameViewer: true, otherViewer: false },
    event: "ViewerRevoked",
    args: ({ ids }, { viewer }) => [ids.alice, viewer, 1n],
    counters: [0n, 1n, 0n],
  },
  {
    name: "revokeAll",
    revoke: ({ registrar }, by) => revokeAllAs(registrar, by),
    ends: { given: true, sameViewer: true, otherViewer: true },
    event: "AllRevoked",
    args: ({ ids }) => [ids.alice, 1n],
    counters: [1n, 0n, 0n],
  },
  {
    name: "revokeAllWithSig",
    revoke: async (world, by) => {
      const signed = await signFullRevocation(world, by, await inADay(world));
      return world.registrar.connect(world.relayer).revokeAllWithSig(world.ids.alice, signed);
    },
    ends: { given: true, sameViewer: true, otherViewer: true },
    event: "AllRevoked",
    args: ({ ids }) => [ids.alice, 1n],
    counters: [1n, 0n, 0n],
  },
];

for (const { name, revoke, ends, event, args, counters } of revocations) {
  describe(`Consents: ${name}`, () => {
    it("ends what it names and nothing else", async () => {
      const world = await load();
      const { registrar, consents, alice, bob, ids } = world;
      const given = await grantToInsurer(world);
      const sameViewer = { ...given, purpose: HRESCH };
      const otherViewer = { ...given, viewer: ids.bob };
      for (const each of [given, sameViewer, otherViewer]) await consents.connect(alice).grant(ids.alice, each);
      await consents.connect(bob).grant(ids.bob, given);

      await expect(revoke(world, alice, given))
        .to.emit(event === "AllRevoked" ? registrar : consents, event)
        .withArgs(...args(world, given));

      expect(await mayView(world, given, SUMMARY)).to.equal(!ends.given);
      expect(await mayView(world, sameViewer, SUMMARY)).to.equal(!ends.sameViewer);
      expect(await mayView(world, otherViewer, SUMMARY)).to.equal(!ends.otherViewer);
      expect(await consents.canView(ids.bob, given.steward, given.viewer, SUMMARY, TREAT), "bob's").to.be.true;
      expect((await stateOf(world, given))[0]).to.deep.equal(counters);
      expect((await registrar.epochsOf(ids.alice))[0]).to.equal(counters[0]);
      expect(await consents.generationOf(ids.alice, given.viewer)).to.equal(counters[1]);
    });

    it("can be followed by a new grant", async () => {
      const world = await load();
      const { consents, alice, ids } = world;
      const given = await grantToInsurer(world);
      await consents.connect(alice).grant(ids.alice, given);
      await revoke(world, alice, given);

      await expectGranted(world, () => consents.connect(alice).grant(ids.alice, given), given);
    });

    it("counts also where nothing was granted", async () => {
      const world = await load();
      const given = await grantToInsurer(world);
      await revoke(world, world.alice, given);

      const [state, lanes] = await stateOf(world, given);
      // A grant's revocation writes two versions, so that its signature, which tolerates one write in between, is used up.
      expect(state.accessEpoch + state.generation + state.version).to.equal(event === "GrantRevoked" ? 2n : 1n);
      for (let category = 0; category < 8; ++category) expect(laneOf(lanes, category)).to.equal(0);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger } = world;

      await expect(revoke(world, stranger, await grantToInsurer(world)))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });
}

describe("Consents: revoking a part", () => {
  it("takes out the named categories and leaves the others", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world);
    await consents.connect(alice).grant(ids.alice, given);
    await consents
      .connect(alice)
      .revokeGrant(ids.alice, given.viewer, TREAT, given.steward, maskOf(SUMMARY, MEDICATION));

    expect(await mayView(world, given, SUMMARY)).to.be.false;
    expect(await mayView(world, given, OBSERVATION)).to.be.true;
  });

  it("leaves a grant over every steward standing when one steward's is revoked", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const one = await grantToInsurer(world);
    await consents.connect(alice).grant(ids.alice, one);
    await consents.connect(alice).grant(ids.alice, { ...one, steward: 0n });
    await consents.connect(alice).revokeGrant(ids.alice, one.viewer, TREAT, one.steward, one.categories);

    expect(await mayView(world, one, SUMMARY)).to.be.true;
    await consents.connect(alice).revokeGrant(ids.alice, one.viewer, TREAT, 0, one.categories);
    expect(await mayView(world, one, SUMMARY)).to.be.false;
  });

  it("needs a category: MissingCategories", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world, { categories: 0 });
    const signed = await signGrantRevocation(world, alice, given, await inADay(world));

    await expect(
      consents.connect(alice).revokeGrant(ids.alice, given.viewer, TREAT, given.steward, 0),
    ).to.be.revertedWithCustomError(consents, "MissingCategories");
    await expect(
      consents.revokeGrantWithSig(ids.alice, given.viewer, TREAT, given.steward, 0, 0, signed),
    ).to.be.revertedWithCustomError(consents, "MissingCategories");
  });

  for (const [signedAt, versions] of [
    [0n, 2],
    [5n, 1],
  ] as const) {
    it(`is too old or too new when signed at version ${signedAt} of ${versions}: StaleSignature`, async () => {
      const world = await load();
      const { consents, alice, ids } = world;
      const given = await grantToInsurer(world);
      for (let i = 0; i < versions; ++i) await consents.connect(alice).grant(ids.alice, given);
      const signed = await signGrantRevocation(world, alice, given, await inADay(world), { version: signedAt });
      const { viewer, purpose, steward, categories } = given;

      await expect(consents.revokeGrantWithSig(ids.alice, viewer, purpose, steward, categories, signedAt, signed))
        .to.be.revertedWithCustomError(consents, "StaleSignature")
        .withArgs(signedAt, versions);
    });
  }
});

describe("Consents: counters at their end", () => {
  it("panic rather than begin again", async () => {
    const world = await load();
    const { registrar, consents, alice, ids } = world;
    await setAccessEpoch(world, ids.alice, MAX_COUNTER);
    await setGeneration(world, ids.alice, ids.insurer, MAX_COUNTER);
    expect((await registrar.epochsOf(ids.alice))[0]).to.equal(MAX_COUNTER);
    expect(await consents.generationOf(ids.alice, ids.insurer)).to.equal(MAX_COUNTER);

    await expect(revokeAllAs(registrar, alice)).to.be.revertedWithPanic(0x11);
    await expect(consents.connect(alice).revokeViewer(ids.alice, ids.insurer)).to.be.revertedWithPanic(0x11);
  });
});
