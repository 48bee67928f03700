import { expect } from "chai";

import { EVERY_STEWARD, type AccessOf } from "../../../src/sdk/index.js";
import { HOUR, inFuture } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

describe("what somebody sees of a patient", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital", ["PROVIDER", "EMERGENCY"]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient("alice");
  });

  const accessOf = async (viewer = clinic, client = alice.client) => {
    const { patient, viewer: of, ...access } = await client.accessOf({ patient: alice.id, viewer: viewer.id });
    expect([patient, of]).to.deep.equal([alice.id, viewer.id]);
    return access;
  };
  const nothing: Omit<AccessOf, "patient" | "viewer"> = {
    ...{ grants: [], delegated: [], delegatedBy: undefined, emergency: [], relationship: "None" },
  };

  it("is nothing at first, and what a relationship shows while it is active", async () => {
    expect(await accessOf()).to.deep.equal(nothing);
    await relate(clinic, alice);
    expect(await accessOf()).to.deep.equal({ ...nothing, relationship: "Active" });
    await alice.client.revokeAccess({ viewer: clinic.id });
    expect(await accessOf(), "no grant is what it rests on").to.deep.equal({ ...nothing, relationship: "Active" });
    await alice.client.endRelationship({ patient: alice.id, provider: clinic.id });
    expect(await accessOf()).to.deep.equal({ ...nothing, relationship: "Ended" });
  });

  it("is what was granted, for each purpose and steward, until it ends or is revoked", async () => {
    const until = Math.floor((await inFuture(world, 2 * HOUR)) / 60) * 60;
    const of = { viewer: clinic.id, until } as const;
    await alice.client.grantAccess({ ...of, categories: ["SUMMARY", "CARE"], purpose: "TREAT" });
    await alice.client.grantAccess({ ...of, categories: ["CARE"], purpose: "HRESCH", steward: clinic.id });
    const treatment = {
      purpose: "TREAT",
      steward: EVERY_STEWARD,
      categories: ["SUMMARY", "CARE"],
      until,
      constrained: false,
    };
    const research = { ...treatment, purpose: "HRESCH", steward: clinic.id, categories: ["CARE"] };
    expect((await accessOf(clinic, clinic.client)).grants).to.have.deep.members([treatment, research]);
    await alice.client.revokeAccess({
      ...{ viewer: clinic.id, purpose: "TREAT", steward: EVERY_STEWARD, categories: ["CARE"] },
    });
    expect((await accessOf()).grants).to.have.deep.members([{ ...treatment, categories: ["SUMMARY"] }, research]);
    await world.increaseTime(3 * HOUR);
    expect(await accessOf()).to.deep.equal(nothing);
  });

  it("says where a constraint narrows a grant, also after a plain one, until it is lifted", async () => {
    const until = Math.floor((await inFuture(world, 2 * HOUR)) / 60) * 60;
    const given = { viewer: clinic.id, purpose: "TREAT", categories: ["CARE"], until } as const;
    const constrained = async () => (await accessOf()).grants.map((each) => each.constrained);
    await alice.client.grantAccess({ ...given, constraint: { classes: [] } });
    expect(await constrained()).to.deep.equal([true]);
    await alice.client.grantAccess(given);
    expect(await constrained()).to.deep.equal([true]);
    await alice.client.grantAccess({ ...given, constraint: null });
    expect(await constrained()).to.deep.equal([false]);
  });

  it("is what a delegate may view", async () => {
    const carol = await world.patient("carol");
    const until = await inFuture(world, HOUR);
    await alice.client.appointDelegate({ delegate: carol.id, view: ["CARE"], until });
    expect(await accessOf(carol)).to.deep.equal({ ...nothing, delegated: ["CARE"], delegatedBy: alice.id });
    await alice.client.dismissDelegate({ delegate: carol.id });
    expect(await accessOf(carol)).to.deep.equal(nothing);
  });

  it("is what a broken glass shows, as far as the patient's policy still admits it, until it is revoked", async () => {
    await clinic.client.breakGlass({ patient: alice.id, reason: "fell" });
    expect((await accessOf()).emergency).to.deep.equal(["SUMMARY", "MEDICATION"]);
    await alice.client.changeSettings({ emergencyCategories: ["MEDICATION", "CARE"] });
    expect((await accessOf()).emergency).to.deep.equal(["MEDICATION"]);
    await alice.client.revokeAccess({ viewer: clinic.id });
    expect(await accessOf()).to.deep.equal(nothing);
  });
});
