import { encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import { createCompartmentKey, decodeCompartmentKey, encodeCompartmentKey } from "../../src/crypto/index.js";
import { expectCode, without } from "./helpers.js";

const scope = { patient: 17, steward: 4, category: 2, round: 0 };

describe("compartment key", () => {
  it("has an id and a key of its own each time", () => {
    const [a, b] = [createCompartmentKey(scope), createCompartmentKey(scope)];
    expect(a).to.include(scope);
    expect(a.id).to.have.lengthOf(16).and.not.deep.equal(b.id);
    expect(a.key).to.have.lengthOf(32).and.not.deep.equal(b.key);
  });

  it("survives encoding", () => {
    for (const record of [undefined, new Uint8Array(32).fill(3)]) {
      const compartmentKey = createCompartmentKey({ ...scope, ...(record && { record }) });
      const stored = { ...compartmentKey, openedAtBlock: 7, source: "own" };
      expect(decodeCompartmentKey(encodeCompartmentKey(stored)), "without what is noted beside it").to.deep.equal(
        compartmentKey,
      );
    }
  });

  it("is refused with a value out of range", async () => {
    for (const change of [
      { patient: 0 },
      { steward: 2 ** 40 },
      { category: -1 },
      { category: 8 },
      { round: 2 ** 32 },
      { record: new Uint8Array(31) },
    ]) {
      await expectCode("COMPARTMENT_KEY_MALFORMED", () => createCompartmentKey({ ...scope, ...change }));
    }
  });

  it("is refused with a key or id of a wrong length, a missing or another field, without showing the key", async () => {
    const compartmentKey = createCompartmentKey(scope);
    for (const wrong of [
      { ...compartmentKey, key: new Uint8Array(31) },
      { ...compartmentKey, note: 1 },
      without(compartmentKey, "id"),
    ]) {
      const error = await expectCode("COMPARTMENT_KEY_MALFORMED", () => decodeCompartmentKey(encode(wrong)));
      expect(JSON.stringify(error)).to.not.include(Buffer.from(compartmentKey.key).toString("hex"));
    }
  });
});
