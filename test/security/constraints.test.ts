import { expect } from "chai";
import { ZeroHash } from "ethers";

import { fixture } from "../../devnet/index.js";
import { grantToInsurer } from "../helpers/contracts/grants.js";
import { DAY, signConstrainedGrant, signGrant, type Grant } from "../helpers/contracts/typed-data.js";
import { digestOf, now, withRelationship, type World } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withRelationship);

const NARROW = digestOf("three records");
const WIDE = digestOf("everything but psychotherapy");
const inTheYear = async (world: World) => ({ deadline: (await now(world)) + 300 * DAY });
const constraintOf = ({ consents, ids }: World, { viewer, purpose, steward }: Grant) =>
  consents.constraintOf(ids.alice, viewer, purpose, steward);

describe("A constraint of a grant", () => {
  it("isn't swapped under a signature by who relays it", async () => {
    const world = await load();
    const { consents, alice, relayer, ids } = world;
    const given = await grantToInsurer(world);
    const signed = await signConstrainedGrant(world, alice, given, NARROW, await inTheYear(world));
    const as = consents.connect(relayer);

    for (const digest of [WIDE, ZeroHash]) {
      await expect(as.grantConstrainedWithSig(ids.alice, given, digest, signed))
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
    }
    await expect(as.grantWithSig(ids.alice, given, signed), "nor dropped").to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
    await as.grantConstrainedWithSig(ids.alice, given, NARROW, signed);
    expect(await constraintOf(world, given)).to.equal(NARROW);
  });

  it("isn't put under a signature that names none", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world);
    const signed = await signGrant(world, alice, given, await inTheYear(world));

    for (const digest of [NARROW, ZeroHash]) {
      await expect(consents.grantConstrainedWithSig(ids.alice, given, digest, signed)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
    }
  });

  it("isn't widened back by an earlier signature that was kept: every later write kills it", async () => {
    const world = await load();
    const { consents, alice, relayer, ids } = world;
    const given = await grantToInsurer(world);
    const wide = await signConstrainedGrant(world, alice, given, WIDE, await inTheYear(world));
    const plain = await signGrant(world, alice, given, await inTheYear(world));
    const lift = await signConstrainedGrant(world, alice, given, ZeroHash, await inTheYear(world));
    await consents.connect(alice).grantConstrained(ids.alice, given, NARROW);

    const as = consents.connect(relayer);
    for (const kept of [
      as.grantConstrainedWithSig(ids.alice, given, WIDE, wide),
      as.grantConstrainedWithSig(ids.alice, given, ZeroHash, lift),
      as.grantWithSig(ids.alice, given, plain),
    ]) {
      await expect(kept).to.be.revertedWithCustomError(consents, "InvalidSignature").withArgs(alice.address);
    }
    expect(await constraintOf(world, given)).to.equal(NARROW);
  });

  it("isn't lifted by an earlier plain signature that gets in first: the patient's own write still counts", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world);
    await consents.grantWithSig(ids.alice, given, await signGrant(world, alice, given, await inTheYear(world)));
    await consents.connect(alice).grantConstrained(ids.alice, given, NARROW);
    await consents.grantWithSig(ids.alice, given, await signGrant(world, alice, given, await inTheYear(world)));

    expect(await constraintOf(world, given), "a plain grant over it").to.equal(NARROW);
  });

  it("doesn't come back with a generation or an epoch, whoever grants then", async () => {
    const world = await load();
    const { consents, registrar, alice, ids } = world;
    const given = await grantToInsurer(world);
    const signed = await signConstrainedGrant(world, alice, given, NARROW, await inTheYear(world));
    for (const end of [
      () => consents.connect(alice).revokeViewer(ids.alice, ids.insurer),
      () => revokeAllAs(registrar, alice),
    ]) {
      await consents.connect(alice).grantConstrained(ids.alice, given, NARROW);
      await end();
      expect(await constraintOf(world, given)).to.equal(ZeroHash);
      await expect(consents.grantConstrainedWithSig(ids.alice, given, NARROW, signed)).to.be.revertedWithCustomError(
        consents,
        "InvalidSignature",
      );
    }
  });
});
