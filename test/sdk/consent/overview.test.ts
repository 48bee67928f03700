import { expect } from "chai";

import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

describe("an overview of a patient", () => {
  let world: Devnet;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
  });
  after(() => world.close());

  it("has every relationship, also where the contract gives them in several parts", async () => {
    // One more than the SDK asks for at once.
    const clinics = await Promise.all(Array.from({ length: 51 }, (_, i) => world.institution(`Clinic ${i}`)));
    for (const clinic of clinics) await relate(clinic, alice);
    const { relationships } = await alice.client.overviewOf({ patient: alice.id });
    expect(relationships.map(({ provider }) => provider)).to.deep.equal(clinics.map(({ id }) => id));
    expect(new Set(relationships.map(({ status }) => status))).to.deep.equal(new Set(["Active"]));
  });
});
