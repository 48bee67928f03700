import { createHash } from "node:crypto";

import { encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import fc from "fast-check";

import {
  constraintDigest,
  createConstraint,
  decodeConstraint,
  encodeConstraint,
  type Constraint,
} from "../../src/crypto/index.js";
import { expectCode } from "./helpers.js";

const ABOUT = { patient: 7, viewer: 9, purpose: 2, steward: 4 };

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const seconds = fc.integer({ min: 0, max: 99_999_999_999 });
const narrowing = fc
  .record(
    {
      classes: fc.uniqueArray(fc.constantFrom("PSY", "ETH", "SEX", "HIV"), { maxLength: 4 }).map((list) => list.sort()),
      period: fc.tuple(seconds, seconds).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
      encounter: fc.string({ minLength: 1, maxLength: 255 }),
      list: fc.record({ root: bytes(32), size: fc.integer({ min: 1, max: 32_768 }) }),
      notBefore: seconds,
    },
    { requiredKeys: [] },
  )
  .map(({ period = {}, list = {}, ...rest }) => ({ ...ABOUT, ...rest, ...period, ...list }));

describe("A constraint", () => {
  it("has one encoding, which says what it said", () => {
    fc.assert(
      fc.property(narrowing, (parts) => {
        const constraint = createConstraint(parts);
        expect(decodeConstraint(encodeConstraint(constraint))).to.deep.equal(constraint);
        expect(constraint).to.deep.include(parts);
      }),
    );
  });

  it("has a digest over a label and that encoding", () => {
    const constraint = createConstraint(ABOUT);
    const expected = createHash("sha256").update("ChartChain/constraint/v1\0").update(encode(constraint)).digest();

    expect(Buffer.from(constraintDigest(constraint)).equals(expected)).to.equal(true);
  });

  it("has another digest each time, so that nobody finds it by guessing", () => {
    expect(constraintDigest(createConstraint(ABOUT))).not.to.deep.equal(constraintDigest(createConstraint(ABOUT)));
  });

  it("that isn't one is refused: CONSTRAINT_MALFORMED", async () => {
    const good = createConstraint({ ...ABOUT, classes: ["ETH", "PSY"] });
    const bad: Record<string, unknown>[] = [
      { ...good, version: 0 },
      { ...good, salt: new Uint8Array(31) },
      { ...good, patient: 0 },
      { ...good, viewer: 0 },
      { ...good, purpose: 7 },
      { ...good, steward: -1 },
      { ...good, classes: ["PSY", "ETH"] },
      { ...good, classes: ["ETH", "ETH"] },
      { ...good, classes: ["psy"] },
      { ...good, from: 2, to: 1 },
      { ...good, encounter: "" },
      { ...good, root: new Uint8Array(32) },
      { ...good, size: 1 },
      { ...good, root: new Uint8Array(32), size: 0 },
      { ...good, root: new Uint8Array(32), size: 32_769 },
      { ...good, notBefore: 1.5 },
      { ...good, more: 1 },
    ];
    for (const value of bad) {
      await expectCode("CONSTRAINT_MALFORMED", async () => encodeConstraint(value as unknown as Constraint));
      await expectCode("CONSTRAINT_MALFORMED", async () => decodeConstraint(encode(value)));
    }
    await expectCode("CONSTRAINT_MALFORMED", async () => decodeConstraint(Uint8Array.of(0xff)));
  });
});
