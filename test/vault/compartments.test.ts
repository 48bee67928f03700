import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { type CompartmentKey, createCompartmentKey } from "../../src/crypto/index.js";
import type { CompartmentOrigin } from "../../src/vault/index.js";
import { ALICE, BOB, GENERAL_HOSPITAL, INSURER, expectCode, idOf, workspace } from "./helpers.js";

describe("compartments", () => {
  const { directory: newDirectory, open } = workspace();
  const origin: CompartmentOrigin = { openedAtBlock: 1200, source: "own" };
  const scope = { patient: ALICE, steward: GENERAL_HOSPITAL, category: 2 };
  const rounds = (...numbers: number[]): CompartmentKey[] =>
    numbers.map((round) => createCompartmentKey({ ...scope, round }));

  it("come back as they were put, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const [own, given] = rounds(0, 1) as [CompartmentKey, CompartmentKey];
    expect(first.compartments.put(own, origin)).to.equal(true);
    expect(first.compartments.put(given, { openedAtBlock: 0, source: GENERAL_HOSPITAL })).to.equal(true);
    first.close();
    const { compartments } = await open(directory);
    expect(compartments.get(own.id)).to.deep.equal({ ...own, ...origin });
    expect(compartments.get(given.id)).to.deep.equal({ ...given, openedAtBlock: 0, source: GENERAL_HOSPITAL });
    expect(compartments.get(idOf("other"))).to.equal(undefined);
  });

  it("have the highest round as the current one, in whatever order they came", async () => {
    const { compartments } = await open(newDirectory());
    expect(compartments.current(scope)).to.equal(undefined);
    for (const compartment of rounds(1, 10, 2)) compartments.put(compartment, origin);
    compartments.put(createCompartmentKey({ ...scope, category: 3, round: 11 }), origin);
    compartments.put(createCompartmentKey({ ...scope, patient: BOB, round: 12 }), origin);
    expect(compartments.current(scope)?.round).to.equal(10);
  });

  it("are listed by patient, steward and category", async () => {
    const { compartments } = await open(newDirectory());
    for (const patient of [BOB, ALICE]) {
      for (const steward of [INSURER, GENERAL_HOSPITAL]) {
        for (const category of [7, 0]) {
          const classes = category === 7 ? { classes: 1 } : {};
          compartments.put(createCompartmentKey({ patient, steward, category, ...classes, round: 0 }), origin);
        }
      }
    }
    const listed = (filter?: Parameters<typeof compartments.list>[0]): number[][] =>
      compartments.list(filter).map(({ patient, steward, category }) => [patient, steward, category]);
    expect(listed()).to.have.length(8);
    expect(listed({ patient: ALICE, steward: INSURER })).to.deep.equal([
      [ALICE, INSURER, 0],
      [ALICE, INSURER, 7],
    ]);
    expect(listed({ category: 7 })).to.deep.equal([
      [ALICE, GENERAL_HOSPITAL, 7],
      [ALICE, INSURER, 7],
      [BOB, GENERAL_HOSPITAL, 7],
      [BOB, INSURER, 7],
    ]);
    expect(listed({ patient: 99 })).to.deep.equal([]);
  });

  it("may be put again, which changes nothing", async () => {
    const { compartments } = await open(newDirectory());
    const [compartment] = rounds(0) as [CompartmentKey];
    compartments.put(compartment, origin);
    expect(compartments.put(compartment, { openedAtBlock: 9, source: INSURER })).to.equal(false);
    expect(compartments.get(compartment.id)).to.include(origin);
  });

  it("refuse another key for the same patient, steward, category and round", async () => {
    const { compartments } = await open(newDirectory());
    const [first, second] = rounds(3, 3) as [CompartmentKey, CompartmentKey];
    compartments.put(first, origin);
    const error = await expectCode("COMPARTMENT_CONFLICT", () => compartments.put(second, origin));
    expect(JSON.stringify(error)).not.to.include(Buffer.from(second.key).toString("hex"));
    expect(compartments.current(scope)?.key).to.deep.equal(first.key);
  });

  it("refuse another key or place under the same id", async () => {
    const { compartments } = await open(newDirectory());
    const [compartment] = rounds(0) as [CompartmentKey];
    compartments.put(compartment, origin);
    for (const change of [{ key: new Uint8Array(randomBytes(32)) }, { category: 3 }, { round: 1 }, { patient: BOB }]) {
      await expectCode("COMPARTMENT_CONFLICT", () => compartments.put({ ...compartment, ...change }, origin));
    }
  });

  it("of one id are kept from each source, and found in their scope, the steward's own first", async () => {
    const { compartments } = await open(newDirectory());
    const [planted] = rounds(0) as [CompartmentKey];
    const own = { ...planted, key: new Uint8Array(randomBytes(32)) };
    const given = (source: number) => ({ openedAtBlock: 0, source });
    expect(compartments.put(planted, given(ALICE))).to.equal(true);
    expect(compartments.put(own, given(GENERAL_HOSPITAL))).to.equal(true);
    expect(compartments.put(own, given(GENERAL_HOSPITAL)), "it is there").to.equal(false);
    expect(compartments.find(own.id, scope)).to.deep.equal([
      { ...own, ...given(GENERAL_HOSPITAL) },
      { ...planted, ...given(ALICE) },
    ]);
    expect(compartments.find(own.id, { ...scope, patient: BOB })).to.deep.equal([]);
  });

  it("refuse what is no compartment key, and an origin that is none", async () => {
    const { compartments } = await open(newDirectory());
    const [compartment] = rounds(0) as [CompartmentKey];
    await expectCode("COMPARTMENT_KEY_MALFORMED", () => compartments.put({ ...compartment, category: 8 }, origin));
    await expectCode("VAULT_INPUT_INVALID", () => compartments.put(compartment, { ...origin, openedAtBlock: -1 }));
    await expectCode("VAULT_INPUT_INVALID", () => compartments.put(compartment, { ...origin, source: 0 }));
    await expectCode("VAULT_INPUT_INVALID", () => compartments.get(new Uint8Array(15)));
    expect(compartments.list()).to.deep.equal([]);
  });

  it("remember for good every viewer who may have got the key of a round", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    first.compartments.addExposed(idOf("a"), [INSURER, ALICE]);
    first.compartments.addExposed(idOf("a"), new Set([INSURER, BOB]));
    first.compartments.addExposed(idOf("b"), [ALICE]);
    first.close();
    const { compartments } = await open(directory);
    expect(compartments.exposed(idOf("a"))).to.deep.equal(new Set([INSURER, ALICE, BOB]));
    expect(compartments.exposed(idOf("c"))).to.deep.equal(new Set());
  });

  it("note no viewer of a list with one that is nobody", async () => {
    const { compartments } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => compartments.addExposed(idOf("a"), [ALICE, 0]));
    expect(compartments.exposed(idOf("a"))).to.deep.equal(new Set());
  });
});
