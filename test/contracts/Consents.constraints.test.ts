import { expect } from "chai";
import { ZeroHash, type Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { bobsGrant, withDelegate } from "../helpers/contracts/delegates.js";
import {
  GENOMIC,
  HRESCH,
  MEDICATION,
  OBSERVATION,
  SENSITIVE,
  SUMMARY,
  grantToInsurer,
  inADay,
  laneOf,
  maskOf,
  mayView,
  stateOf,
} from "../helpers/contracts/grants.js";
import { DAY, PURPOSES, signConstrainedGrant, type Grant } from "../helpers/contracts/typed-data.js";
import { digestOf, minuteOf, withRelationship, type World } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withRelationship);
const loadDelegate = fixture(withDelegate);

const DIGEST = digestOf("a salted narrowing");

type Constrain = (world: World, by: Signer, given: Grant, digest: string, patient?: bigint) => Promise<unknown>;

const ROUTES: { name: string; constrain: Constrain }[] = [
  {
    name: "grantConstrained",
    constrain: ({ consents, ids }, by, given, digest, patient = ids.alice) =>
      consents.connect(by).grantConstrained(patient, given, digest),
  },
  {
    name: "grantConstrainedWithSig",
    constrain: async (world, by, given, digest, patient = world.ids.alice) => {
      // Nobody's name is the empty one when nobody is the viewer.
      const names = new Map(world.names).set(0n, given.viewer === 0n ? "" : "every steward");
      const signed = await signConstrainedGrant(
        { ...world, names },
        by,
        given,
        digest,
        await inADay(world),
        {},
        patient,
      );
      return world.consents.connect(world.relayer).grantConstrainedWithSig(patient, given, digest, signed);
    },
  },
];

const constraintOf = ({ consents, ids }: World, { viewer, purpose, steward }: Grant) =>
  consents.constraintOf(ids.alice, viewer, purpose, steward);

for (const { name, constrain } of ROUTES) {
  describe(`Consents: ${name}`, () => {
    for (const [purpose, code] of PURPOSES.entries()) {
      if (purpose === HRESCH) continue;
      it(`grants for ${code} and keeps the digest, with one event`, async () => {
        const world = await load();
        const { consents, alice, ids } = world;
        const given = await grantToInsurer(world, { purpose });
        const until = minuteOf(given.until) * 60n;

        const sending = constrain(world, alice, given, DIGEST);
        await expect(sending)
          .to.emit(consents, "GrantConstrained")
          .withArgs(ids.alice, given.viewer, given.steward, purpose, given.categories, until, DIGEST, [0, 0, 1]);
        await expect(sending).not.to.emit(consents, "Granted");

        expect(await constraintOf(world, given)).to.equal(DIGEST);
        for (let category = 0; category < 8; ++category) {
          expect(await mayView(world, given, category)).to.equal(category === SUMMARY || category === OBSERVATION);
        }
      });
    }

    it("changes a constraint, lifts it with 0, and leaves lanes that it doesn't name", async () => {
      const world = await load();
      const { alice } = world;
      const given = await grantToInsurer(world);
      await constrain(world, alice, given, DIGEST);
      await constrain(world, alice, { ...given, categories: maskOf(MEDICATION) }, digestOf("another"));
      expect(await constraintOf(world, given)).to.equal(digestOf("another"));
      await constrain(world, alice, { ...given, categories: maskOf(MEDICATION) }, ZeroHash);

      expect(await constraintOf(world, given)).to.equal(ZeroHash);
      const [state, lanes] = await stateOf(world, given);
      expect(state.version).to.equal(3);
      for (const category of [SUMMARY, OBSERVATION, MEDICATION]) {
        expect(laneOf(lanes, category)).to.equal(minuteOf(given.until));
      }
    });

    it("runs into what every grant does", async () => {
      const world = await load();
      const { consents, alice, ids } = world;

      for (const [change, error] of [
        [{ categories: 0 }, "MissingCategories"],
        [{ viewer: ids.alice }, "ViewerIsPatient"],
        [{ viewer: 0n }, "ViewerNotInGoodStanding"],
        [{ until: 60n }, "ExpiryInThePast"],
        [{ until: 2n ** 40n - 1n }, "ExpiryTooFar"],
        [{ steward: 0n, categories: maskOf(SENSITIVE) }, "SensitiveNeedsExplicitConsent"],
      ] as const) {
        const given = await grantToInsurer(world, change);
        await expect(constrain(world, alice, given, DIGEST), error).to.be.revertedWithCustomError(consents, error);
      }
    });

    it("isn't for research, not even to lift nothing: ResearchUnconstrained", async () => {
      const world = await load();
      const given = await grantToInsurer(world, { purpose: HRESCH });

      for (const digest of [DIGEST, ZeroHash]) {
        await expect(constrain(world, world.alice, given, digest)).to.be.revertedWithCustomError(
          world.consents,
          "ResearchUnconstrained",
        );
      }
    });

    it("is the patient's or a delegate's: NotEmpowered, NotAPerson, NotRegistered", async () => {
      const world = await load();
      const { registrar, consents, bob, generalHospital, stranger, ids } = world;
      const given = await grantToInsurer(world);

      await expect(constrain(world, bob, given, DIGEST))
        .to.be.revertedWithCustomError(consents, "NotEmpowered")
        .withArgs(ids.alice, ids.bob);
      await expect(constrain(world, generalHospital, given, DIGEST))
        .to.be.revertedWithCustomError(registrar, "NotAPerson")
        .withArgs(ids.hospital);
      await expect(constrain(world, stranger, given, DIGEST))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });

    it("is a delegate's who names all that isn't revoked of the grant: NotEmpowered otherwise", async () => {
      const world = await loadDelegate();
      const { consents, alice, bob, ids, networkHelpers } = world;
      const given = bobsGrant(world, {
        categories: maskOf(SUMMARY, MEDICATION),
        until: BigInt((await networkHelpers.time.latest()) + DAY),
      });
      await consents.connect(alice).grantConstrained(ids.alice, given, DIGEST);

      // What expired counts, too: the patient may grant it again, and rely on the constraint.
      for (const expired of [false, true]) {
        if (expired) await networkHelpers.time.increaseTo(given.until);
        for (const categories of [maskOf(SUMMARY), maskOf(SUMMARY, OBSERVATION)]) {
          await expect(constrain(world, bob, bobsGrant(world, { categories }), ZeroHash))
            .to.be.revertedWithCustomError(consents, "NotEmpowered")
            .withArgs(ids.alice, ids.bob);
        }
      }
      await consents.connect(alice).revokeGrant(ids.alice, ids.insurer, 0, ids.hospital, maskOf(MEDICATION));
      await constrain(world, bob, bobsGrant(world, { categories: maskOf(SUMMARY) }), ZeroHash);
      expect(await constraintOf(world, bobsGrant(world))).to.equal(ZeroHash);
    });
  });
}

/** What leaves a constraint as it is, and what ends it. */
const AFTERWARDS: Record<string, { act: (world: World, given: Grant) => Promise<unknown>; stays: boolean }> = {
  "a plain grant": {
    act: ({ consents, alice, ids }, given) => consents.connect(alice).grant(ids.alice, given),
    stays: true,
  },
  "a plain grant of other categories": {
    act: ({ consents, alice, ids }, given) =>
      consents.connect(alice).grant(ids.alice, { ...given, categories: maskOf(GENOMIC) }),
    stays: true,
  },
  "several changes at once": {
    act: ({ consents, alice }, given) => consents.connect(alice).changeConsents([given], [given]),
    stays: true,
  },
  "a revocation of the grant": {
    act: ({ consents, alice, ids }, { viewer, purpose, steward }) =>
      consents.connect(alice).revokeGrant(ids.alice, viewer, purpose, steward, 255),
    stays: true,
  },
  "a constraint of another purpose": {
    act: ({ consents, alice, ids }, given) =>
      consents.connect(alice).grantConstrained(ids.alice, { ...given, purpose: 2 }, ZeroHash),
    stays: true,
  },
  "a constraint of every steward's": {
    act: ({ consents, alice, ids }, given) =>
      consents.connect(alice).grantConstrained(ids.alice, { ...given, steward: 0n }, ZeroHash),
    stays: true,
  },
  "a constraint with 0": {
    act: ({ consents, alice, ids }, given) => consents.connect(alice).grantConstrained(ids.alice, given, ZeroHash),
    stays: false,
  },
  "the viewer's revocation": {
    act: ({ consents, alice, ids }, { viewer }) => consents.connect(alice).revokeViewer(ids.alice, viewer),
    stays: false,
  },
  "the revocation of everything": { act: ({ registrar, alice }) => revokeAllAs(registrar, alice), stays: false },
};

describe("Consents: constraintOf", () => {
  for (const [what, { act, stays }] of Object.entries(AFTERWARDS)) {
    it(`is ${stays ? "the same" : "none"} after ${what}`, async () => {
      const world = await load();
      const given = await grantToInsurer(world);
      await world.consents.connect(world.alice).grantConstrained(world.ids.alice, given, DIGEST);

      await act(world, given);
      expect(await constraintOf(world, given)).to.equal(stays ? DIGEST : ZeroHash);
      await world.consents.connect(world.alice).grant(world.ids.alice, given);
      expect(await constraintOf(world, given), "a plain grant brings none back").to.equal(stays ? DIGEST : ZeroHash);
    });
  }
});
