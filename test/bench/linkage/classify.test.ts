import { expect } from "chai";
import fc from "fast-check";

import { tellKinds, type Sighting } from "../../../bench/linkage/classify.js";

/** People with `each` items of a kind, each kind of its own size. */
const people = (count: number, sizes: Record<string, number>, each = 5): Sighting[] =>
  Array.from({ length: count }, (_, group) =>
    Object.entries(sizes).flatMap(([kind, size]) =>
      Array.from({ length: each }, () => ({ group, kind, seen: [size] })),
    ),
  ).flat();

describe("the observer's classifier", () => {
  it("tells all kinds that have sizes of their own", () => {
    const { fitted, guessed } = tellKinds(people(4, { small: 1_000, middle: 20_000, large: 400_000 }));
    expect(fitted).to.equal(1);
    expect(guessed < 0.5).to.equal(true);
  });

  it("tells no more than by guessing where all sizes are the same", () => {
    const items = [...people(4, { often: 65_536 }, 9), ...people(4, { seldom: 65_536 }, 3)];
    expect(tellKinds(items)).to.deep.equal({ fitted: 0.75, guessed: 0.75 });
  });

  it("tells kinds by more than the size, where that helps", () => {
    const items = [0, 1, 2].flatMap((group) =>
      ["a", "b"].flatMap((kind, at) => [
        // The first says nothing; with what comes before it in the row it is told.
        { group, kind, seen: [65_536, at === 0 ? 0 : 4_096] },
        { group, kind, seen: [65_536, at === 0 ? 0 : 8_192] },
      ]),
    );
    expect(tellKinds(items).fitted).to.equal(1);
    expect(tellKinds(items.map((item) => ({ ...item, seen: item.seen.slice(0, 1) }))).fitted).to.equal(0.5);
  });

  it("learns nothing from whoever it is asked about", () => {
    // Each has a size for a kind that means the other kind with everybody else.
    const items = [0, 1].flatMap((group) => [
      { group, kind: group === 0 ? "a" : "b", seen: [1_000] },
      { group, kind: group === 0 ? "b" : "a", seen: [9_000] },
    ]);
    expect(tellKinds(items).fitted).to.equal(0);
  });

  it("has nothing to learn from a single person", () => {
    expect(tellKinds(people(1, { a: 1, b: 9 }))).to.deep.equal({ fitted: 0, guessed: 0 });
  });

  it("tells shares of the weight, whatever the items", () => {
    const item = fc.record({
      group: fc.nat(3),
      kind: fc.constantFrom("a", "b", "c"),
      seen: fc.array(fc.constantFrom(4_096, 8_192, 65_536), { minLength: 2, maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(item, { minLength: 2, maxLength: 30 }), (items) => {
        const told = tellKinds(items);
        for (const share of Object.values(told)) expect(share >= 0 && share <= 1).to.equal(true);
        expect(tellKinds(items.map((each) => ({ ...each, weight: 2 })))).to.deep.equal(told);
      }),
    );
  });
});
