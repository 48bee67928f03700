import { expect } from "chai";
import fc from "fast-check";

import { type CompartmentKey, createCompartmentKey } from "../../src/crypto/index.js";
import {
  type Actor,
  createDevnet,
  type Devnet,
  handOn,
  relate,
  type Restore,
  throughJson,
} from "../../devnet/index.js";
import { forgedGrant } from "../sdk/forged.js";
import { bytes, expectCode, HOUR, inFuture, outcomeOf, text } from "../sdk/helpers.js";

/**
 * The patient may give keys of any steward's records, and whoever reads an envelope knows its compartment's id. Keys that
 * are made up, in whatever order they come and whoever gives them, keep nobody from writing, delivering or reading.
 */
describe("keys that somebody makes up", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let insurer: Actor;
  let alice: Actor;
  let back: Restore;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    lab = await world.institution("Laboratory");
    insurer = await world.institution("Mutual Insurance", ["PAYER"]);
    alice = await world.patient("alice");
    await relate(clinic, alice);
    await relate(lab, alice);
    const until = await inFuture(world, 1000 * HOUR);
    for (const viewer of [insurer, clinic]) {
      await alice.client.grantAccess({ viewer: viewer.id, categories: ["CARE"], purpose: "TREAT", until });
    }
    back = await world.snapshot();
  });
  beforeEach(() => back());
  after(() => world.close());

  const CARE = 4;
  const scopeOf = (steward: Actor) => ({ patient: alice.id, steward: steward.id, category: CARE });
  const made = (steward: Actor, round: number, changes: Partial<CompartmentKey> = {}): CompartmentKey => ({
    ...createCompartmentKey({ ...scopeOf(steward), round }),
    ...changes,
  });
  const write = async (steward: Actor, content: string) =>
    (await steward.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content) })).digest;
  const read = async (who: Actor, digest: string) =>
    text((await who.client.openRecord({ digest, purpose: "TREAT" })).content);
  const plant = async (signer: Actor, recipient: Actor, ...keys: CompartmentKey[]) =>
    recipient.client.takeKeys({ file: throughJson(await forgedGrant(signer, recipient, keys)) });
  const trueKey = (steward: Actor) => steward.vault.compartments.current(scopeOf(steward))!;

  for (const round of [0, 1, 2 ** 32 - 1]) {
    it(`of the hospital's own records, of round ${round}, aren't taken by the hospital, which writes on`, async () => {
      expect(await plant(alice, clinic, made(clinic, round))).to.deep.include({ added: 0 });
      const digest = await write(clinic, "before");
      expect(await plant(alice, clinic, made(clinic, round))).to.deep.include({ added: 0 });
      expect(clinic.vault.compartments.list({ patient: alice.id })).to.have.length(1);
      const again = await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("after") });
      expect(again).to.deep.include({ round: 0, roundOpened: false });
      await handOn(clinic, alice, alice.id);
      expect(await read(alice, digest)).to.equal("before");
      expect(await read(alice, again.digest)).to.equal("after");
    });
  }

  it("of the hospital's own records, in a vault that an earlier version let them into, are never written under", async () => {
    for (const round of [0, 7, 2 ** 32 - 1]) {
      clinic.vault.compartments.put(made(clinic, round), { openedAtBlock: 1, source: alice.id });
    }
    const added = await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("mine") });
    expect(added).to.deep.include({ round: 0, roundOpened: true });
    expect(trueKey(clinic).source).to.equal("own");
    await handOn(clinic, insurer, alice.id);
    expect(await read(insurer, added.digest)).to.equal("mine");
  });

  it("of the patient's own records aren't taken by the patient", async () => {
    expect(await plant(alice, alice, made(alice, 5))).to.deep.include({ added: 0 });
    await write(alice, "diary");
    expect(trueKey(alice)).to.deep.include({ round: 0, source: "own" });
    await expectCode("GRANTER_NOT_ENTITLED", plant(clinic, alice, made(alice, 5)));
  });

  it("for a round that no writer reached are refused by name, and the others of their file taken", async () => {
    await expectCode("ROUND_NEVER_REACHED", plant(alice, insurer, made(clinic, 2 ** 32 - 1)));
    const imported = await plant(alice, insurer, made(clinic, 2 ** 32 - 1), made(clinic, 0));
    expect(imported).to.deep.include({ keys: 2, added: 1 });
    expect(imported.refused!.map(({ code, round }) => [code, round])).to.deep.equal([
      ["ROUND_NEVER_REACHED", 2 ** 32 - 1],
    ]);
  });

  /** What may be planted at the insurer: by the patient for the hospital's records, or by the lab for its own. */
  const plants: Record<string, () => Promise<unknown>> = {
    "another key of the same round, by the patient": () => plant(alice, insurer, made(clinic, 0)),
    "another key under the same id, by the patient": () =>
      plant(alice, insurer, made(clinic, 0, { id: trueKey(clinic).id })),
    "another round under the same id, by the patient": () =>
      plant(alice, insurer, made(clinic, 3, { id: trueKey(clinic).id })),
    "another category under the same id, by the patient": () =>
      plant(alice, insurer, made(clinic, 0, { id: trueKey(clinic).id, category: 4 })),
    "the id, for a scope of the lab's own": () => plant(lab, insurer, made(lab, 5, { id: trueKey(clinic).id })),
    "the id, for the patient's own records": () => plant(alice, insurer, made(alice, 0, { id: trueKey(clinic).id })),
  };
  for (const [what, planting] of Object.entries(plants)) {
    for (const order of ["before", "after"] as const) {
      it(`(${what}, ${order} the hospital's) keep nobody from reading`, async () => {
        const first = await write(clinic, "first");
        const labs = await write(lab, "the lab's");
        if (order === "before") await planting();
        const { grant, envelopes } = await handOn(clinic, insurer, alice.id);
        expect(grant).to.deep.include({ added: 1 });
        expect(envelopes[0]).to.deep.include({ added: 1 });
        if (order === "after") await planting();
        await handOn(lab, insurer, alice.id);
        const second = await write(clinic, "second");
        await handOn(clinic, insurer, alice.id);
        expect(await read(insurer, first)).to.equal("first");
        expect(await read(insurer, second)).to.equal("second");
        expect(await read(insurer, labs)).to.equal("the lab's");
      });
    }
  }

  it("under another steward's id at the patient are delivered on like the others", async () => {
    const digest = await write(clinic, "the hospital's");
    const own = createCompartmentKey({ ...scopeOf(lab), round: 0 });
    const copied = { ...own, id: trueKey(clinic).id };
    lab.vault.compartments.put(copied, { openedAtBlock: 1, source: "own" });
    await plant(lab, alice, copied);
    const first = await alice.client.deliver({ patient: alice.id, viewer: insurer.id, purpose: "TREAT" });
    await insurer.client.takeDelivery({ file: throughJson(first) });
    await handOn(clinic, alice, alice.id);
    const second = await alice.client.deliver({ patient: alice.id, viewer: insurer.id, purpose: "TREAT" });
    expect(await insurer.client.takeDelivery({ file: throughJson(second) })).to.deep.include.keys("grant");
    expect(await read(alice, digest)).to.equal("the hospital's");
    expect(await read(insurer, digest)).to.equal("the hospital's");
  });

  it("in any order, by any giver, keep no true record from the insurer", async () => {
    const digests = [await write(clinic, "one"), await write(clinic, "two")];
    const labs = await write(lab, "the lab's");
    const state = await world.snapshot();
    const key = fc.record({
      round: fc.constantFrom(0, 1, 3, 2 ** 32 - 1),
      copiesId: fc.boolean(),
      of: fc.constantFrom<"clinic" | "lab" | "alice">("clinic", "lab", "alice"),
      by: fc.constantFrom<"lab" | "alice">("lab", "alice"),
    });
    const step = fc.oneof(key, fc.constantFrom<"deliver" | "labs">("deliver", "labs"));
    await fc.assert(
      fc
        .asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
          const actors = { clinic, lab, alice };
          for (const each of steps) {
            if (each === "deliver") await handOn(clinic, insurer, alice.id);
            else if (each === "labs") await handOn(lab, insurer, alice.id);
            else {
              const { round, copiesId, of, by } = each;
              // What a steward gives for its own records is its own affair: the lab's true key is of round 0.
              const shifted = by === of && round === 0 ? 1 : round;
              const forged = made(actors[of], shifted, copiesId ? { id: trueKey(clinic).id } : {});
              const outcome = await outcomeOf(plant(actors[by], insurer, forged));
              expect(outcome).to.match(/^(done|GRANTER_NOT_ENTITLED|ROUND_NEVER_REACHED|COMPARTMENT_CONFLICT)$/);
            }
          }
          await handOn(clinic, insurer, alice.id);
          await handOn(lab, insurer, alice.id);
          for (const digest of [...digests, labs]) await read(insurer, digest);
        })
        .afterEach(() => state()),
      { numRuns: process.env["CHARTCHAIN_DEEP"] === undefined ? 12 : 200, seed: 0x43686172 },
    );
  });
});
