import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { MEDICATION, OBSERVATION, SUMMARY, maskOf } from "../helpers/contracts/grants.js";
import {
  ALL,
  BOBS,
  TREAT,
  bobsGrant,
  freeze,
  withDelegate,
  type DelegateWorld,
} from "../helpers/contracts/delegates.js";

const load = fixture(withDelegate);

describe("Consents: revokeGrantFor", () => {
  const revoke = (world: DelegateWorld, by: Signer, categories: number, patient = world.ids.alice) =>
    world.consents.connect(by).revokeGrantFor(patient, world.ids.insurer, TREAT, world.ids.hospital, categories);

  it("takes out what the delegate may grant, also what the patient granted", async () => {
    const world = await load();
    const { consents, alice, bob, ids } = world;
    await consents.connect(alice).grant(bobsGrant(world, { categories: maskOf(SUMMARY, MEDICATION, OBSERVATION) }));

    await expect(revoke(world, bob, maskOf(SUMMARY)))
      .to.emit(consents, "GrantRevoked")
      .withArgs(ids.alice, ids.insurer, ids.hospital, TREAT, maskOf(SUMMARY), [0, 0, 3]);

    const sees = (category: number) => consents.canView(ids.alice, ids.hospital, ids.insurer, category, TREAT);
    expect([await sees(SUMMARY), await sees(MEDICATION), await sees(OBSERVATION)]).to.deep.equal([false, true, true]);
  });

  it("is within the categories that the delegate grants: NotEmpowered", async () => {
    const world = await load();

    await expect(revoke(world, world.bob, maskOf(SUMMARY, MEDICATION)))
      .to.be.revertedWithCustomError(world.consents, "NotEmpowered")
      .withArgs(world.ids.alice, world.ids.bob);
  });

  it("is for who was appointed, for that patient, and while the powers last: NotEmpowered", async () => {
    const world = await load();
    const { consents, bob, erin, ids } = world;

    await expect(revoke(world, erin, maskOf(SUMMARY)))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.erin);
    await expect(revoke(world, bob, maskOf(SUMMARY), ids.erin))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.erin, ids.bob);
    await world.networkHelpers.time.increaseTo(world.until);
    await expect(revoke(world, bob, maskOf(SUMMARY)))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });

  it("is for the patient, too, with any category", async () => {
    const world = await load();

    await expect(revoke(world, world.alice, 255)).to.emit(world.consents, "GrantRevoked");
  });

  it("needs a category: MissingCategories", async () => {
    const world = await load();

    await expect(revoke(world, world.bob, 0)).to.be.revertedWithCustomError(world.consents, "MissingCategories");
  });

  it("is for persons: NotAPerson", async () => {
    const world = await load();

    await expect(revoke(world, world.insurer, maskOf(SUMMARY)))
      .to.be.revertedWithCustomError(world.registrar, "NotAPerson")
      .withArgs(world.ids.insurer);
  });

  it("works while a recovery of either is pending", async () => {
    for (const who of ["alice", "bob"] as const) {
      const world = await load();
      await freeze(world, world[who]);

      await expect(revoke(world, world.bob, maskOf(SUMMARY))).to.emit(world.consents, "GrantRevoked");
    }
  });
});

describe("Consents: revokeViewerFor", () => {
  const everything = async () => {
    const world = await load();
    await world.delegates.connect(world.alice).appoint(world.ids.bob, ALL, world.until);
    await world.consents.connect(world.alice).grant(bobsGrant(world, { categories: 255 }));
    return world;
  };

  it("ends everything that a viewer has", async () => {
    const { consents, bob, ids } = await everything();

    await expect(consents.connect(bob).revokeViewerFor(ids.alice, ids.insurer))
      .to.emit(consents, "ViewerRevoked")
      .withArgs(ids.alice, ids.insurer, 1);
    expect(await consents.canView(ids.alice, ids.hospital, ids.insurer, SUMMARY, TREAT)).to.be.false;
  });

  it("is for a delegate who may grant every category: NotEmpowered", async () => {
    const world = await everything();
    const { consents, delegates, alice, bob, ids, until } = world;
    await delegates.connect(alice).appoint(ids.bob, { ...ALL, granting: 127 }, until);

    await expect(consents.connect(bob).revokeViewerFor(ids.alice, ids.insurer))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });

  it("is for who was appointed, and for that patient: NotEmpowered", async () => {
    const { consents, bob, erin, ids } = await everything();

    await expect(consents.connect(erin).revokeViewerFor(ids.alice, ids.insurer))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.erin);
    await expect(consents.connect(bob).revokeViewerFor(ids.erin, ids.insurer))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.erin, ids.bob);
  });

  it("is for the patient, too", async () => {
    const { consents, alice, ids } = await everything();

    await expect(consents.connect(alice).revokeViewerFor(ids.alice, ids.insurer)).to.emit(consents, "ViewerRevoked");
  });

  it("works while a recovery of either is pending", async () => {
    for (const who of ["alice", "bob"] as const) {
      const world = await everything();
      await freeze(world, world[who]);

      await expect(world.consents.connect(world.bob).revokeViewerFor(world.ids.alice, world.ids.insurer)).to.emit(
        world.consents,
        "ViewerRevoked",
      );
    }
  });
});

describe("Consents: what a delegate views", () => {
  it("is what the powers say, of every steward, for any purpose and to the term", async () => {
    const world = await load();
    const { consents, ids, networkHelpers, until } = world;
    const sees = (category: number, purpose = TREAT, patient = ids.alice, steward = ids.hospital) =>
      consents.canView(patient, steward, ids.bob, category, purpose);

    for (let category = 0; category < 8; ++category) {
      expect(await sees(category)).to.equal(((BOBS.viewing >> category) & 1) === 1);
    }
    for (let purpose = 0; purpose < 7; ++purpose) expect(await sees(SUMMARY, purpose)).to.be.true;
    expect(await sees(SUMMARY, TREAT, ids.alice, ids.laboratory)).to.be.true;
    expect(await sees(SUMMARY, TREAT, ids.erin), "another patient's").to.be.false;
    await networkHelpers.time.increaseTo(until);
    expect(await sees(SUMMARY)).to.be.false;
  });
});
