import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import {
  DAY,
  signFullRevocation,
  signGrant,
  signGrantRevocation,
  signViewerRevocation,
  type Grant,
} from "../helpers/contracts/typed-data.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import { digestOf, now, withRelationship, type World } from "../helpers/contracts/world.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withRelationship);

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
    revoke: ({ consents, alice, ids }, { viewer, purpose, steward, categories }) =>
      consents.connect(alice).revokeGrant(ids.alice, viewer, purpose, steward, categories),
  },
  {
    name: "revokeGrantWithSig",
    revoke: async (world, given) => {
      const [{ version }] = await world.consents.grantOf(world.ids.alice, given.viewer, TREAT, given.steward);
      const signed = await signGrantRevocation(world, world.alice, given, await longDeadline(world));
      const { viewer, purpose, steward, categories } = given;
      return world.consents.revokeGrantWithSig(world.ids.alice, viewer, purpose, steward, categories, version, signed);
    },
  },
  {
    name: "revokeViewer",
    revoke: ({ consents, alice, ids }, { viewer }) => consents.connect(alice).revokeViewer(ids.alice, viewer),
  },
  {
    name: "revokeViewerWithSig",
    revoke: async (world, { viewer }) =>
      world.consents.revokeViewerWithSig(
        world.ids.alice,
        viewer,
        await signViewerRevocation(world, world.alice, viewer, await longDeadline(world)),
      ),
  },
  { name: "revokeAll", revoke: ({ registrar, alice }) => revokeAllAs(registrar, alice) },
  {
    name: "revokeAllWithSig",
    revoke: async (world) =>
      world.registrar.revokeAllWithSig(
        world.ids.alice,
        await signFullRevocation(world, world.alice, await longDeadline(world)),
      ),
  },
];

describe("A signed grant that is kept back", () => {
  for (const { name, revoke } of REVOCATIONS) {
    it(`fails after ${name}, where something had been granted`, async () => {
      const world = await load();
      const { consents, alice, relayer, ids } = world;
      const given = await insurersGrant(world);
      await consents.connect(alice).grant(ids.alice, given);
      const keptBack = await signGrant(world, alice, given, await longDeadline(world));
      await revoke(world, given);

      await expect(consents.connect(relayer).grantWithSig(ids.alice, given, keptBack))
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
      expect(await insurerSees(world)).to.be.false;
    });

    it(`fails after ${name}, where nothing had ever been granted`, async () => {
      const world = await load();
      const { consents, alice, relayer, ids } = world;
      const given = await insurersGrant(world);
      const keptBack = await signGrant(world, alice, given, await longDeadline(world));
      await revoke(world, given);

      await expect(consents.connect(relayer).grantWithSig(ids.alice, given, keptBack)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
      expect(await insurerSees(world)).to.be.false;
    });

    it(`fails after ${name} and a new, narrower grant`, async () => {
      const world = await load();
      const { consents, alice, relayer, ids } = world;
      const given = await insurersGrant(world);
      const keptBack = await signGrant(world, alice, given, await longDeadline(world));
      await revoke(world, given);
      await consents.connect(alice).grant(ids.alice, { ...given, categories: 0b1000 });

      await expect(consents.connect(relayer).grantWithSig(ids.alice, given, keptBack)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
      expect(await insurerSees(world)).to.be.false;
    });
  }

  /** What cancels outstanding signatures without revoking anything. */
  const cancellations: [string, (world: World) => Promise<unknown>][] = [
    ["cancelSignatures", ({ registrar, alice }) => registrar.connect(alice).cancelSignatures()],
    [
      "cancelSignaturesWithSig",
      async (world) =>
        world.registrar.cancelSignaturesWithSig(await signAtRegistrar(world, "SignatureCancellation", world.alice)),
    ],
    [
      "changeSettings",
      ({ registrar, alice }) => changeSettingsAs(registrar, alice, { knownOnly: false, longestGrant: 0, emergency: 0 }),
    ],
    ["retireAccount", ({ registrar, alice }) => registrar.connect(alice).retireAccount(alice.address)],
    [
      "retireAccount and keepAccount",
      async ({ registrar, alice }) => {
        await registrar.connect(alice).retireAccount(alice.address);
        await registrar.connect(alice).keepAccount(alice.address);
      },
    ],
    ["changeGuardians", ({ registrar, alice }) => registrar.connect(alice).changeGuardians(digestOf("guardians"))],
    [
      "cancelKeyChange",
      async ({ registrar, alice }) => {
        await registrar.connect(alice).changeKey(digestOf("another key document"));
        await registrar.connect(alice).cancelKeyChange();
      },
    ],
  ];

  for (const [name, cancel] of cancellations) {
    it(`fails after ${name}, which leaves what is granted`, async () => {
      const world = await load();
      const { consents, alice, relayer, ids } = world;
      const given = await insurersGrant(world);
      await consents.connect(alice).grant(ids.alice, given);
      const longer = { ...given, until: given.until + BigInt(FAR) };
      const keptBack = await signGrant(world, alice, longer, await longDeadline(world));
      await cancel(world);

      await expect(consents.connect(relayer).grantWithSig(ids.alice, longer, keptBack))
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
      expect(await insurerSees(world)).to.be.true;
    });
  }

  for (const name of ["revokeGrantWithSig", "revokeViewerWithSig", "revokeAllWithSig"] as const) {
    it(`can't be saved from a signed ${name} by sending the grant first`, async () => {
      const world = await load();
      const { consents, alice, relayer, ids } = world;
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
      await consents.connect(relayer).grantWithSig(ids.alice, given, keptBack);
      expect(await insurerSees(world)).to.be.true;

      if (name === "revokeGrantWithSig") {
        await consents.revokeGrantWithSig(ids.alice, viewer, purpose, steward, categories, 0, revocations[name]);
      } else if (name === "revokeViewerWithSig") {
        await consents.revokeViewerWithSig(ids.alice, viewer, revocations[name]);
      } else {
        await world.registrar.revokeAllWithSig(ids.alice, revocations[name]);
      }

      expect(await insurerSees(world)).to.be.false;
      await expect(consents.connect(relayer).grantWithSig(ids.alice, given, keptBack)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
    });
  }

  it("excludes every other grant that was signed at the same time for the same word", async () => {
    const world = await load();
    const { consents, alice, relayer, ids } = world;
    const deadline = await longDeadline(world);
    const narrow = await insurersGrant(world, { categories: 0b1 });
    const wide = await insurersGrant(world, { categories: 0b111 });
    const signed = [await signGrant(world, alice, narrow, deadline), await signGrant(world, alice, wide, deadline)];
    await consents.connect(relayer).grantWithSig(ids.alice, narrow, signed[0]!);

    await expect(consents.connect(relayer).grantWithSig(ids.alice, wide, signed[1]!)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });
});
