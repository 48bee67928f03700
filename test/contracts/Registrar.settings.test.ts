import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { pending, withGuardians } from "../helpers/contracts/recovery.js";
import { DEFAULTS, WAYS, change, settingsOf, type Settings } from "../helpers/contracts/settings.js";
import { withRelationship } from "../helpers/contracts/world.js";

const load = fixture(withRelationship);
const loadGuarded = fixture(withGuardians);

for (const way of WAYS) {
  describe(`Registrar: changing the settings, ${way}`, () => {
    it("sets all three and kills what was signed under the former ones", async () => {
      const world = await load();
      const { registrar, alice, ids } = world;
      const settings = { knownOnly: true, longestGrant: 90, emergency: 0b10000101 };
      expect(await settingsOf(world, ids.alice)).to.deep.equal(DEFAULTS);

      await expect(change(world, way, alice, settings))
        .to.emit(registrar, "SettingsChanged")
        .withArgs(ids.alice, [true, 90n, 0b10000101n]);

      expect(await settingsOf(world, ids.alice)).to.deep.equal(settings);
      expect(await registrar.epochsOf(ids.alice)).to.deep.equal([0n, 1n]);
      expect(await settingsOf(world, ids.bob), "bob's").to.deep.equal(DEFAULTS);
    });

    it("takes every value to its end, and back", async () => {
      const world = await load();
      const { alice, ids } = world;
      const widest = { knownOnly: true, longestGrant: 65_535, emergency: 255 };

      for (const settings of [widest, DEFAULTS]) {
        await change(world, way, alice, settings);
        expect(await settingsOf(world, ids.alice)).to.deep.equal(settings);
      }
    });

    it("is for persons: NotAPerson", async () => {
      const world = await load();
      const { registrar, generalHospital, ids } = world;

      await expect(change(world, way, generalHospital, {}))
        .to.be.revertedWithCustomError(registrar, "NotAPerson")
        .withArgs(ids.hospital);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger } = world;

      await expect(change(world, way, stranger, {}))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });
}

describe("Registrar: settings while a recovery is pending", () => {
  const before = { knownOnly: false, longestGrant: 90, emergency: 0b11 };
  const unlimited = { ...before, longestGrant: 0 };
  const strict = { knownOnly: true, longestGrant: 30, emergency: 0b10 };

  const narrowing: [string, Settings, Settings][] = [
    ["to what they are", before, before],
    ["to shorter grants", before, { ...before, longestGrant: 89 }],
    ["from no limit to one", unlimited, before],
    ["from no limit to none", unlimited, unlimited],
    ["to known providers", before, { ...before, knownOnly: true }],
    ["to fewer categories", before, { ...before, emergency: 0b10 }],
    ["to no category", before, { ...before, emergency: 0 }],
    ["to all of it", before, strict],
  ];
  const widening: [string, Settings, Settings][] = [
    ["to longer grants", before, { ...before, longestGrant: 91 }],
    ["from a limit to none", before, unlimited],
    ["to unknown providers", strict, { ...strict, knownOnly: false }],
    ["to one more category", before, { ...before, emergency: 0b111 }],
    ["to another category", before, { ...before, emergency: 0b100 }],
    ["to longer grants and fewer categories", before, { knownOnly: true, longestGrant: 91, emergency: 0 }],
    ["to shorter grants and one more category", before, { knownOnly: true, longestGrant: 1, emergency: 0b111 }],
    ["to shorter grants and unknown providers", strict, { knownOnly: false, longestGrant: 1, emergency: 0 }],
  ];

  for (const way of WAYS) {
    for (const [title, from, to] of narrowing) {
      it(`may become narrower, ${title}, ${way}`, async () => {
        const world = await loadGuarded();
        await change(world, "direct", world.alice, from);
        await pending(world);
        await change(world, way, world.alice, to);

        expect(await settingsOf(world, world.ids.alice)).to.deep.equal(to);
      });
    }

    for (const [title, from, to] of widening) {
      it(`don't become wider, ${title}, ${way}: RecoveryPending`, async () => {
        const world = await loadGuarded();
        const { registrar, alice, ids } = world;
        await change(world, "direct", alice, from);
        await pending(world);

        await expect(change(world, way, alice, to))
          .to.be.revertedWithCustomError(registrar, "RecoveryPending")
          .withArgs(ids.alice);
        expect(await settingsOf(world, ids.alice)).to.deep.equal(from);
      });
    }
  }
});
