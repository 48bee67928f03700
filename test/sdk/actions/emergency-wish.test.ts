import { expect } from "chai";

import type { ChartChainError } from "../../../src/errors/index.js";
import { bytes, expectCode, HOUR } from "../helpers.js";
import { everyMutationOf } from "../mutations.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

describe("a wish for emergencies", () => {
  let world: Devnet;
  let clinic: Actor;
  let ambulance: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, ambulance] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Ambulance Service", ["EMERGENCY"]),
    ]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
  });

  const wish = { showMedicines: true, sayThatMoreExists: true };
  const take = (file: unknown, by = clinic) => by.client.takeEmergencyWish({ file: throughJson(file) });
  const keptBy = (actor: Actor) => actor.client.emergencyWishOf({ patient: alice.id });
  const add = (category: "SUMMARY" | "SENSITIVE") =>
    clinic.client.addRecord({ patient: alice.id, category, content: bytes(category) });

  /** What the responder is told with the keys after breaking the glass. */
  async function toldInAnEmergency(): Promise<boolean> {
    await ambulance.client.breakGlass({ patient: alice.id, reason: "found unconscious" });
    return (await handOn(clinic, ambulance, alice.id, "ETREAT")).withheld === true;
  }

  it("is kept by the patient who signed it, and by the steward who takes it", async () => {
    expect(await keptBy(alice)).to.equal(undefined);
    const file = await alice.client.signEmergencyWish(wish);
    expect(await keptBy(alice)).to.deep.equal(wish);
    expect(await keptBy(clinic)).to.equal(undefined);
    expect(await take(file)).to.deep.equal({ patient: alice.id, ...wish });
    expect(await keptBy(clinic)).to.deep.equal(wish);
  });

  it("is replaced by a later one, and never by an earlier one", async () => {
    const first = await alice.client.signEmergencyWish(wish);
    await world.increaseTime(HOUR);
    const second = await alice.client.signEmergencyWish({ showMedicines: false, sayThatMoreExists: false });
    await take(second);
    expect(await take(first)).to.deep.include({ showMedicines: false, sayThatMoreExists: false });
    expect(await keptBy(alice)).to.deep.equal({ showMedicines: false, sayThatMoreExists: false });
  });

  it("counts for who signed it alone, and not when a word of it was altered", async () => {
    const file = throughJson(await alice.client.signEmergencyWish(wish));
    for (const { path, file: altered } of everyMutationOf(file)) {
      const code = await take(altered).then(
        () => "taken",
        (error: ChartChainError) => error.code,
      );
      expect(code, path).to.match(/^HANDOVER_/);
    }
    const bob = await world.patient(`bob ${patients}`);
    await expectCode(
      "HANDOVER_ALTERED",
      take({ ...(await bob.client.signEmergencyWish(wish)), message: file.message }),
    );
    expect(await keptBy(clinic)).to.equal(undefined);
  });

  it("has a responder told that there is more, where the patient lets it and there is", async () => {
    await add("SUMMARY");
    await add("SENSITIVE");
    await take(await alice.client.signEmergencyWish(wish));
    expect(await toldInAnEmergency()).to.equal(true);
  });

  it("has nobody told otherwise", async () => {
    await add("SUMMARY");
    await add("SENSITIVE");
    expect(await toldInAnEmergency(), "no wish").to.equal(false);

    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
    await add("SUMMARY");
    await take(await alice.client.signEmergencyWish(wish));
    expect(await toldInAnEmergency(), "nothing sensitive").to.equal(false);

    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
    await add("SUMMARY");
    await add("SENSITIVE");
    await take(await alice.client.signEmergencyWish({ ...wish, sayThatMoreExists: false }));
    expect(await toldInAnEmergency(), "the patient doesn't want it").to.equal(false);
  });

  it("has nobody told where the responder sees everything", async () => {
    await alice.client.changeSettings({ emergencyCategories: ["SUMMARY", "SENSITIVE"] });
    await add("SUMMARY");
    await add("SENSITIVE");
    await take(await alice.client.signEmergencyWish(wish));
    expect(await toldInAnEmergency()).to.equal(false);
  });
});
