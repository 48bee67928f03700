import { decode, encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import { createCompartmentKey, decodeCompartmentKey, encodeCompartmentKey } from "../../src/crypto/index.js";
import { expectCode, hex, without } from "./helpers.js";

const scope = { patient: 17, steward: 4, category: 2, round: 0 };

describe("compartment key", () => {
  it("has an id and a key of its own each time", () => {
    const [a, b] = [createCompartmentKey(scope), createCompartmentKey(scope)];
    expect(a).to.include(scope);
    expect(a.id).to.have.lengthOf(16).and.not.deep.equal(b.id);
    expect(a.key).to.have.lengthOf(32).and.not.deep.equal(b.key);
  });

  it("survives encoding", () => {
    const kinds = [
      {},
      { category: 7, classes: 5 },
      { confidential: true as const },
      { record: new Uint8Array(32).fill(3) },
    ];
    for (const kind of kinds) {
      const compartmentKey = createCompartmentKey({ ...scope, ...kind });
      const stored = { ...compartmentKey, openedAtBlock: 7, source: "own" };
      expect(decodeCompartmentKey(encodeCompartmentKey(stored)), "without what is noted beside it").to.deep.equal(
        compartmentKey,
      );
    }
  });

  it("is equally long whatever its kind is, so that neither a vault's file nor a wrap's length tells it", () => {
    const kinds = [
      {},
      ...[1, 23, 24, 127].map((classes) => ({ category: 7, classes })),
      { confidential: true as const },
    ];
    const lengths = kinds.map((kind) => encodeCompartmentKey(createCompartmentKey({ ...scope, ...kind })).length);
    expect(new Set(lengths)).to.have.lengthOf(1);
  });

  it("is refused with a value out of range", async () => {
    for (const change of [
      { patient: 0 },
      { steward: 2 ** 40 },
      { category: -1 },
      { category: 8 },
      { category: 7 },
      { classes: 1 },
      { category: 7, classes: 0 },
      { category: 7, classes: 128 },
      { round: 2 ** 32 },
      { record: new Uint8Array(31) },
    ]) {
      await expectCode("COMPARTMENT_KEY_MALFORMED", () => createCompartmentKey({ ...scope, ...change }));
    }
  });

  it("is refused with a key or id of a wrong length, a missing or another field, without showing the key", async () => {
    const compartmentKey = createCompartmentKey(scope);
    const encoded = decode<Record<string, unknown>>(encodeCompartmentKey(compartmentKey));
    for (const wrong of [
      { ...encoded, key: new Uint8Array(31) },
      { ...encoded, note: 1 },
      without(encoded, "id"),
      ...["", "0200", "02000000", "070000", "020100", "078000", "080000", "020002"].map((kind) => ({
        ...encoded,
        kind: hex(kind),
      })),
    ]) {
      const error = await expectCode("COMPARTMENT_KEY_MALFORMED", () => decodeCompartmentKey(encode(wrong)));
      expect(JSON.stringify(error)).to.not.include(Buffer.from(compartmentKey.key).toString("hex"));
    }
  });
});
