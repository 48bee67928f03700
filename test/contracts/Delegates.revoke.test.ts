import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { MEDICATION, OBSERVATION, SUMMARY, inADay, maskOf } from "../helpers/contracts/grants.js";
import { signGrantRevocation, signViewerRevocation } from "../helpers/contracts/typed-data.js";
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

describe("Consents: revokeGrant, in a patient's place", () => {
  const revoke = (world: DelegateWorld, by: Signer, categories: number, patient = world.ids.alice) =>
    world.consents.connect(by).revokeGrant(patient, world.ids.insurer, TREAT, world.ids.hospital, categories);

  it("takes out what the delegate may grant, also what the patient granted", async () => {
    const world = await load();
    const { consents, alice, bob, ids } = world;
    await consents
      .connect(alice)
      .grant(ids.alice, bobsGrant(world, { categories: maskOf(SUMMARY, MEDICATION, OBSERVATION) }));

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

  it("is for no institution: NotEmpowered", async () => {
    const world = await load();

    await expect(revoke(world, world.insurer, maskOf(SUMMARY)))
      .to.be.revertedWithCustomError(world.consents, "NotEmpowered")
      .withArgs(world.ids.alice, world.ids.insurer);
  });

  it("is what the delegate signed, too, whoever sends it", async () => {
    const world = await load();
    const { consents, alice, bob, relayer, ids } = world;
    const given = bobsGrant(world, { categories: maskOf(SUMMARY) });
    await consents.connect(alice).grant(ids.alice, given);
    const signed = await signGrantRevocation(world, bob, given, await inADay(world), {}, ids.alice);

    const revokeSigned = (patient: bigint) =>
      consents
        .connect(relayer)
        .revokeGrantWithSig(patient, given.viewer, TREAT, given.steward, given.categories, 1, signed);
    await expect(revokeSigned(ids.bob), "the delegate's own records").to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
    await expect(revokeSigned(ids.alice))
      .to.emit(consents, "GrantRevoked")
      .withArgs(ids.alice, ids.insurer, ids.hospital, TREAT, maskOf(SUMMARY), [0, 0, 3]);
  });

  it("isn't what somebody else signed, or a delegate beyond its categories: NotEmpowered", async () => {
    const world = await load();
    const { consents, bob, erin, ids } = world;

    for (const [by, categories] of [
      [erin, maskOf(SUMMARY)],
      [bob, maskOf(SUMMARY, MEDICATION)],
    ] as const) {
      const given = bobsGrant(world, { categories });
      const signed = await signGrantRevocation(world, by, given, await inADay(world), {}, ids.alice);
      await expect(
        consents.revokeGrantWithSig(ids.alice, given.viewer, TREAT, given.steward, categories, 0, signed),
      ).to.be.revertedWithCustomError(consents, "NotEmpowered");
    }
  });

  it("works while a recovery of either is pending", async () => {
    for (const who of ["alice", "bob"] as const) {
      const world = await load();
      await freeze(world, world[who]);

      await expect(revoke(world, world.bob, maskOf(SUMMARY))).to.emit(world.consents, "GrantRevoked");
    }
  });
});

describe("Consents: revokeViewer, in a patient's place", () => {
  const everything = async () => {
    const world = await load();
    await world.delegates.connect(world.alice).appoint(world.ids.bob, ALL, world.until);
    await world.consents.connect(world.alice).grant(world.ids.alice, bobsGrant(world, { categories: 255 }));
    return world;
  };

  it("ends everything that a viewer has", async () => {
    const { consents, bob, ids } = await everything();

    await expect(consents.connect(bob).revokeViewer(ids.alice, ids.insurer))
      .to.emit(consents, "ViewerRevoked")
      .withArgs(ids.alice, ids.insurer, 1);
    expect(await consents.canView(ids.alice, ids.hospital, ids.insurer, SUMMARY, TREAT)).to.be.false;
  });

  it("is what the delegate signed, too; not with fewer categories: NotEmpowered", async () => {
    const world = await everything();
    const { consents, delegates, alice, bob, relayer, ids, until } = world;
    const sign = async () => signViewerRevocation(world, bob, ids.insurer, await inADay(world), ids.alice);

    await expect(consents.connect(relayer).revokeViewerWithSig(ids.alice, ids.insurer, await sign()))
      .to.emit(consents, "ViewerRevoked")
      .withArgs(ids.alice, ids.insurer, 1);
    await delegates.connect(alice).appoint(ids.bob, { ...ALL, granting: 127 }, until);
    await expect(consents.revokeViewerWithSig(ids.alice, ids.insurer, await sign()))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });

  it("is for a delegate who may grant every category: NotEmpowered", async () => {
    const world = await everything();
    const { consents, delegates, alice, bob, ids, until } = world;
    await delegates.connect(alice).appoint(ids.bob, { ...ALL, granting: 127 }, until);

    await expect(consents.connect(bob).revokeViewer(ids.alice, ids.insurer))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });

  it("is for who was appointed, and for that patient: NotEmpowered", async () => {
    const { consents, bob, erin, ids } = await everything();

    await expect(consents.connect(erin).revokeViewer(ids.alice, ids.insurer))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.alice, ids.erin);
    await expect(consents.connect(bob).revokeViewer(ids.erin, ids.insurer))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(ids.erin, ids.bob);
  });

  it("is for the patient, too", async () => {
    const { consents, alice, ids } = await everything();

    await expect(consents.connect(alice).revokeViewer(ids.alice, ids.insurer)).to.emit(consents, "ViewerRevoked");
  });

  it("works while a recovery of either is pending", async () => {
    for (const who of ["alice", "bob"] as const) {
      const world = await everything();
      await freeze(world, world[who]);

      await expect(world.consents.connect(world.bob).revokeViewer(world.ids.alice, world.ids.insurer)).to.emit(
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
