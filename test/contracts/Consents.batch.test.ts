import { expect } from "chai";

import { CHANGES, prepareChanges, scopeOf } from "../helpers/contracts/batches.js";
import { decree, suspend } from "../helpers/contracts/decrees.js";
import { fixture } from "../../devnet/index.js";
import {
  GENOMIC,
  HRESCH,
  MEDICATION,
  OBSERVATION,
  SUMMARY,
  TREAT,
  grantToInsurer,
  laneOf,
  maskOf,
  mayView,
  stateOf,
} from "../helpers/contracts/grants.js";
import { DAY, type Grant } from "../helpers/contracts/typed-data.js";
import { minuteOf, now, withRelationship, type World } from "../helpers/contracts/world.js";
import { withGuardians } from "../helpers/contracts/recovery.js";
import { freeze } from "../helpers/contracts/delegates.js";
import { changeSettingsAs } from "../helpers/contracts/settings.js";

const load = fixture(withRelationship);

for (const [name, change] of Object.entries(CHANGES)) {
  describe(`Consents: ${name}`, () => {
    it("revokes and grants, with an event and the counters for each", async () => {
      const world = await load();
      const { consents, alice, ids } = world;
      const { insurers, bobs, revocations, grants } = await prepareChanges(world);
      const [shorter, research, treatment] = grants as [Grant, Grant, Grant];
      const until = (given: Grant) => minuteOf(given.until) * 60n;

      const changing = change(world, alice, revocations, grants);
      await expect(changing)
        .to.emit(consents, "GrantRevoked")
        .withArgs(ids.alice, ids.insurer, ids.hospital, TREAT, insurers.categories, [0, 0, 3])
        .and.to.emit(consents, "Granted")
        .withArgs(ids.alice, ids.bob, 0, 6, shorter.categories, until(shorter), [0, 0, 2])
        .and.to.emit(consents, "Granted")
        .withArgs(ids.alice, ids.laboratory, 0, HRESCH, research.categories, until(research), [0, 0, 1])
        .and.to.emit(consents, "Granted")
        .withArgs(ids.alice, ids.laboratory, ids.hospital, TREAT, treatment.categories, until(treatment), [0, 0, 1]);

      expect(await mayView(world, insurers, SUMMARY)).to.be.false;
      const [, lanes] = await stateOf(world, bobs);
      expect(laneOf(lanes, SUMMARY)).to.equal(minuteOf(shorter.until));
      expect(laneOf(lanes, OBSERVATION), "the others stay").to.equal(minuteOf(bobs.until));
      expect(await mayView(world, research, GENOMIC, ids.hospital)).to.be.true;
      expect(await mayView(world, treatment, OBSERVATION)).to.be.true;
    });

    it("leaves what the single calls leave", async () => {
      const look = async (world: World, all: Grant[]) =>
        Promise.all(all.map(async (given) => (await stateOf(world, given)).slice()));
      const one = await load();
      const batch = await prepareChanges(one);
      const everything = [batch.insurers, batch.bobs, ...batch.grants];
      await change(one, one.alice, batch.revocations, batch.grants);
      const together = await look(one, everything);

      const other = await load();
      await prepareChanges(other);
      const as = other.consents.connect(other.alice);
      const { viewer, purpose, steward, categories } = batch.insurers;
      await as.revokeGrant(other.ids.alice, viewer, purpose, steward, categories);
      for (const given of batch.grants) await as.grant(other.ids.alice, given);
      expect(await look(other, everything)).to.deep.equal(together);
    });

    it("revokes first: a grant of the same word takes the place of what was revoked", async () => {
      const world = await load();
      const { consents, alice, ids } = world;
      const given = await grantToInsurer(world);
      await consents.connect(alice).grant(ids.alice, given);
      const instead = { ...given, categories: maskOf(OBSERVATION), until: given.until - BigInt(DAY) };

      await change(world, alice, [scopeOf(given)], [instead]);

      const [{ version }, lanes] = await stateOf(world, given);
      expect(version, "one grant, a revocation's two, one grant").to.equal(4);
      expect(laneOf(lanes, SUMMARY)).to.equal(0);
      expect(laneOf(lanes, OBSERVATION)).to.equal(minuteOf(instead.until));
    });

    it("writes the same word twice where it is named twice, in order", async () => {
      const world = await load();
      const { alice } = world;
      const first = await grantToInsurer(world, { categories: maskOf(SUMMARY, OBSERVATION) });
      const second = { ...first, categories: maskOf(OBSERVATION, MEDICATION), until: first.until - BigInt(DAY) };

      await change(world, alice, [], [first, second]);

      const [{ version }, lanes] = await stateOf(world, first);
      expect(version).to.equal(2);
      expect([SUMMARY, MEDICATION, OBSERVATION].map((category) => laneOf(lanes, category))).to.deep.equal([
        minuteOf(first.until),
        minuteOf(second.until),
        minuteOf(second.until),
      ]);
    });

    it("revokes the same word twice where it is named twice", async () => {
      const world = await load();
      const { consents, alice, ids } = world;
      const given = await grantToInsurer(world);
      await consents.connect(alice).grant(ids.alice, given);
      const parts = [SUMMARY, OBSERVATION].map((category) => ({ ...scopeOf(given), categories: maskOf(category) }));

      await change(world, alice, parts, []);

      const [{ version }, lanes] = await stateOf(world, given);
      expect([version, lanes & (2n ** 224n - 1n)]).to.deep.equal([5n, 0n]);
    });

    it("takes the same categories in a row, and again after others", async () => {
      const world = await load();
      const { alice, ids } = world;
      const masks = [maskOf(SUMMARY), maskOf(SUMMARY), maskOf(MEDICATION, OBSERVATION), maskOf(SUMMARY)];
      const grants = await Promise.all(
        masks.map((categories, purpose) => grantToInsurer(world, { categories, purpose, viewer: ids.bob })),
      );

      await change(world, alice, [], grants);

      for (const given of grants) {
        expect(await mayView(world, given, SUMMARY)).to.equal(given.categories === maskOf(SUMMARY));
        expect(await mayView(world, given, OBSERVATION)).to.equal(given.categories !== maskOf(SUMMARY));
      }
    });

    it("revokes also what a viewer has who is suspended, and grants such a one nothing", async () => {
      const world = await load();
      const { consents, registrar, alice, ids } = world;
      const given = await grantToInsurer(world);
      await consents.connect(alice).grant(ids.alice, given);
      await suspend(world, ids.insurer);
      await expect(change(world, alice, [], [given]))
        .to.be.revertedWithCustomError(consents, "ViewerNotInGoodStanding")
        .withArgs(ids.insurer);

      await change(world, alice, [scopeOf(given)], []);

      await decree(world, "reinstate", [ids.insurer]);
      expect(await registrar.isInGoodStanding(ids.insurer)).to.be.true;
      expect(await mayView(world, given, SUMMARY)).to.be.false;
    });

    it("may be revocations alone, also while a recovery is pending", async () => {
      const world = await withGuardians();
      const given = await grantToInsurer(world);
      await world.consents.connect(world.alice).grant(world.ids.alice, given);
      await freeze(world, world.alice);
      await change(world, world.alice, [scopeOf(given)], []);

      expect(await mayView(world, given, SUMMARY)).to.be.false;
    });

    it("grants nothing while a recovery is pending: RecoveryPending", async () => {
      const world = await withGuardians();
      const given = await grantToInsurer(world);
      await freeze(world, world.alice);

      await expect(change(world, world.alice, [scopeOf(given)], [given]))
        .to.be.revertedWithCustomError(world.registrar, "RecoveryPending")
        .withArgs(world.ids.alice);
    });

    it("needs something to change: MissingChanges", async () => {
      const world = await load();

      await expect(change(world, world.alice, [], [])).to.be.revertedWithCustomError(world.consents, "MissingChanges");
    });

    it("is for those who are registered, and grants for persons: NotRegistered, NotAPerson", async () => {
      const world = await load();
      const { registrar, stranger, generalHospital, ids } = world;
      const given = await grantToInsurer(world);

      await expect(change(world, stranger, [], [given]))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
      await expect(change(world, generalHospital, [], [given]))
        .to.be.revertedWithCustomError(registrar, "NotAPerson")
        .withArgs(ids.hospital);
    });

    const bad: Record<string, { entry: (world: World) => Promise<Partial<Grant>>; error: string }> = {
      "for the patient": { entry: async ({ ids }) => ({ viewer: ids.alice }), error: "ViewerIsPatient" },
      "for nobody": { entry: async () => ({ viewer: 0n }), error: "ViewerNotInGoodStanding" },
      "of no category": { entry: async () => ({ categories: 0 }), error: "MissingCategories" },
      "of every steward's genomes, unsaid": {
        entry: async () => ({ steward: 0n, categories: maskOf(GENOMIC) }),
        error: "SensitiveNeedsExplicitConsent",
      },
      "that has expired": { entry: async (world) => ({ until: BigInt(await now(world)) }), error: "ExpiryInThePast" },
      "that lasts too long": {
        entry: async (world) => ({ until: BigInt((await now(world)) + 3651 * DAY) }),
        error: "ExpiryTooFar",
      },
    };
    for (const [what, { entry, error }] of Object.entries(bad)) {
      it(`does nothing at all when one grant is ${what}: ${error}`, async () => {
        const world = await load();
        const { insurers, revocations, grants } = await prepareChanges(world);
        const wrong = { ...insurers, ...(await entry(world)) };

        await expect(change(world, world.alice, revocations, [...grants, wrong])).to.be.revertedWithCustomError(
          world.consents,
          error,
        );
        expect(await mayView(world, insurers, SUMMARY), "what was to be revoked").to.be.true;
        expect(await mayView(world, grants[2]!, OBSERVATION), "what was to be granted").to.be.false;
      });
    }

    it("does nothing at all when one revocation is of no category: MissingCategories", async () => {
      const world = await load();
      const { insurers, revocations, grants } = await prepareChanges(world);

      await expect(
        change(world, world.alice, [...revocations, { ...revocations[0]!, categories: 0 }], grants),
      ).to.be.revertedWithCustomError(world.consents, "MissingCategories");
      expect(await mayView(world, insurers, SUMMARY)).to.be.true;
    });

    it("keeps to the patient's longest term: ExpiryTooFar", async () => {
      const world = await load();
      const { registrar, consents, alice } = world;
      await changeSettingsAs(registrar, alice, { knownOnly: false, longestGrant: 29, emergency: 0b11 });

      await expect(change(world, alice, [], [await grantToInsurer(world)])).to.be.revertedWithCustomError(
        consents,
        "ExpiryTooFar",
      );
    });
  });
}
