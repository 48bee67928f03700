import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { MEDICATION, OBSERVATION, SUMMARY, inADay, laneOf, maskOf } from "../helpers/contracts/grants.js";
import { authorize, grantMessage, type Grant } from "../helpers/contracts/typed-data.js";
import { minuteOf } from "../helpers/contracts/world.js";
import {
  BOBS,
  HRESCH,
  TREAT,
  bobsGrant,
  freeze,
  withDelegate,
  type DelegateWorld,
} from "../helpers/contracts/delegates.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withDelegate);

type GrantFor = (world: DelegateWorld, by: Signer, given: Grant, patient?: bigint) => Promise<unknown>;

const routes: { name: string; grantFor: GrantFor }[] = [
  {
    name: "grant",
    grantFor: ({ consents, ids }, by, given, patient = ids.alice) => consents.connect(by).grant(patient, given),
  },
  {
    name: "grantWithSig",
    grantFor: async (world, by, given, patient = world.ids.alice) => {
      const message = await grantMessage(world, patient, given, await inADay(world));
      const signed = await authorize(world.consents, "Grant", message, by);
      return world.consents.connect(world.relayer).grantWithSig(patient, given, signed);
    },
  },
];

const stateOf = ({ consents, ids }: DelegateWorld, given: Grant) =>
  consents.grantOf(ids.alice, given.viewer, given.purpose, given.steward);

for (const { name, grantFor } of routes) {
  describe(`Consents: ${name}, in a patient's place`, () => {
    it("grants in the patient's place, up to all that the delegate may and as long", async () => {
      const world = await load();
      const { consents, bob, ids } = world;
      const given = bobsGrant(world);
      const until = minuteOf(given.until) * 60n;

      await expect(grantFor(world, bob, given))
        .to.emit(consents, "Granted")
        .withArgs(ids.alice, given.viewer, given.steward, TREAT, given.categories, until, [0, 0, 1]);

      const [, lanes] = await stateOf(world, given);
      for (let category = 0; category < 8; ++category) {
        const granted = ((BOBS.granting >> category) & 1) === 1;
        expect(laneOf(lanes, category)).to.equal(granted ? minuteOf(given.until) : 0n);
        expect(await consents.canView(ids.alice, ids.hospital, ids.insurer, category, TREAT)).to.equal(granted);
      }
    });

    it("is for the patient, too", async () => {
      const world = await load();
      const given = bobsGrant(world, { categories: 255, purpose: HRESCH, until: BigInt(world.until) + 1000n });

      await expect(grantFor(world, world.alice, given)).to.emit(world.consents, "Granted");
    });

    it("stays within the categories that the delegate grants: NotEmpowered", async () => {
      const world = await load();

      for (const categories of [maskOf(MEDICATION), maskOf(SUMMARY, OBSERVATION, MEDICATION), 255]) {
        const given = bobsGrant(world, { categories, sensitiveFromAnySteward: true });
        await expect(grantFor(world, world.bob, given))
          .to.be.revertedWithCustomError(world.consents, "NotEmpowered")
          .withArgs(world.ids.alice, world.ids.bob);
      }
    });

    it("stays within the delegate's term: ExpiryTooFar", async () => {
      const world = await load();

      await expect(grantFor(world, world.bob, bobsGrant(world, { until: BigInt(world.until) + 1n })))
        .to.be.revertedWithCustomError(world.consents, "ExpiryTooFar")
        .withArgs(world.until + 1, world.until);
    });

    it("isn't for research: NotEmpowered", async () => {
      const world = await load();

      await expect(grantFor(world, world.bob, bobsGrant(world, { purpose: HRESCH })))
        .to.be.revertedWithCustomError(world.consents, "NotEmpowered")
        .withArgs(world.ids.alice, world.ids.bob);
    });

    it("keeps to the patient's longest term: ExpiryTooFar", async () => {
      const world = await load();
      const { registrar, alice, bob } = world;
      await changeSettingsAs(registrar, alice, { knownOnly: false, longestGrant: 1, emergency: 0b11 });

      await expect(grantFor(world, bob, bobsGrant(world))).to.be.revertedWithCustomError(
        world.consents,
        "ExpiryTooFar",
      );
    });

    it("keeps to what every grant has to: ViewerIsPatient, ViewerNotInGoodStanding, MissingCategories", async () => {
      const world = await load();
      const { consents, bob, ids } = world;

      await expect(grantFor(world, bob, bobsGrant(world, { viewer: ids.alice })))
        .to.be.revertedWithCustomError(consents, "ViewerIsPatient")
        .withArgs(ids.alice);
      await expect(grantFor(world, bob, bobsGrant(world, { viewer: 99n })))
        .to.be.revertedWithCustomError(consents, "ViewerNotInGoodStanding")
        .withArgs(99);
      await expect(grantFor(world, bob, bobsGrant(world, { categories: 0 }))).to.be.revertedWithCustomError(
        consents,
        "MissingCategories",
      );
    });

    it("isn't to the delegate: ViewerIsDelegate", async () => {
      const world = await load();

      await expect(grantFor(world, world.bob, bobsGrant(world, { viewer: world.ids.bob })))
        .to.be.revertedWithCustomError(world.consents, "ViewerIsDelegate")
        .withArgs(world.ids.alice, world.ids.bob);
    });

    it("isn't for another patient: NotEmpowered", async () => {
      const world = await load();
      const { consents, bob, ids } = world;

      for (const patient of [ids.erin, ids.hospital, 0n, 99n]) {
        await expect(grantFor(world, bob, bobsGrant(world), patient))
          .to.be.revertedWithCustomError(consents, "NotEmpowered")
          .withArgs(patient, ids.bob);
      }
    });

    it("is for who was appointed: NotEmpowered", async () => {
      const world = await load();

      await expect(grantFor(world, world.erin, bobsGrant(world)))
        .to.be.revertedWithCustomError(world.consents, "NotEmpowered")
        .withArgs(world.ids.alice, world.ids.erin);
    });

    it("is for persons: NotAPerson", async () => {
      const world = await load();

      await expect(grantFor(world, world.generalHospital, bobsGrant(world)))
        .to.be.revertedWithCustomError(world.registrar, "NotAPerson")
        .withArgs(world.ids.hospital);
    });

    const over: Record<string, (world: DelegateWorld) => Promise<unknown>> = {
      "the term": ({ networkHelpers, until }) => networkHelpers.time.increaseTo(until),
      "the access epoch": ({ registrar, alice }) => revokeAllAs(registrar, alice),
      "the dismissal": ({ delegates, alice, ids }) => delegates.connect(alice).dismiss(ids.alice, ids.bob),
      "the resignation": ({ delegates, bob, ids }) => delegates.connect(bob).dismiss(ids.alice, ids.bob),
    };
    for (const [what, happen] of Object.entries(over)) {
      it(`is over with ${what}: NotEmpowered`, async () => {
        const world = await load();
        await happen(world);

        await expect(grantFor(world, world.bob, bobsGrant(world)))
          .to.be.revertedWithCustomError(world.consents, "NotEmpowered")
          .withArgs(world.ids.alice, world.ids.bob);
      });
    }

    for (const who of ["patient", "delegate"] as const) {
      it(`is refused while a recovery of the ${who}'s is pending: RecoveryPending`, async () => {
        const world = await load();
        const frozen = who === "patient" ? world.alice : world.bob;
        await freeze(world, frozen);

        await expect(grantFor(world, world.bob, bobsGrant(world)))
          .to.be.revertedWithCustomError(world.registrar, "RecoveryPending")
          .withArgs(await world.registrar.participantOf(frozen.address));
      });
    }
  });
}

describe("Consents: a delegate's signed grant", () => {
  it("names the patient: the delegate's own records aren't granted with it", async () => {
    const world = await load();
    const { consents, bob, ids } = world;
    const given = bobsGrant(world);
    const signed = await authorize(
      consents,
      "Grant",
      await grantMessage(world, ids.alice, given, await inADay(world)),
      bob,
    );

    await expect(consents.grantWithSig(ids.bob, given, signed))
      .to.be.revertedWithCustomError(consents, "InvalidSignature")
      .withArgs(bob.address);
  });

  it("counts once", async () => {
    const world = await load();
    const { consents, bob, ids } = world;
    const given = bobsGrant(world);
    const signed = await authorize(
      consents,
      "Grant",
      await grantMessage(world, ids.alice, given, await inADay(world)),
      bob,
    );
    await consents.grantWithSig(ids.alice, given, signed);

    await expect(consents.grantWithSig(ids.alice, given, signed)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });

  it("dies when the patient cancels signatures", async () => {
    const world = await load();
    const { consents, registrar, alice, bob, ids } = world;
    const given = bobsGrant(world);
    const signed = await authorize(
      consents,
      "Grant",
      await grantMessage(world, ids.alice, given, await inADay(world)),
      bob,
    );
    await registrar.connect(alice).cancelSignatures();

    await expect(consents.grantWithSig(ids.alice, given, signed)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });
});
