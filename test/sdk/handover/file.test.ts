import { expect } from "chai";
import fc from "fast-check";

import {
  fromBase64,
  header,
  is,
  parseHandover,
  toBase64,
  type HandoverHeader,
} from "../../../src/sdk/handover/file.js";
import type { Context } from "../../../src/sdk/index.js";
import { expectCode } from "../helpers.js";

interface Letter extends HandoverHeader {
  kind: "chartchain/letter";
  to: number;
  note?: string;
}

describe("a handover file", () => {
  const ctx = {
    modules: [],
    deployment: { chainId: 31337, genesisHash: `0x${"1a".repeat(32)}` },
  } as unknown as Context;
  const shape = { to: is.id, note: is.optional(is.text) };
  const parse = (file: unknown) => parseHandover<Letter>(ctx, "chartchain/letter", shape, file);
  const letter = { ...header(ctx, "chartchain/letter"), to: 7 };

  it("comes out as it went in", () => {
    expect(parse({ ...letter, note: "hello" })).to.deep.equal({ ...letter, note: "hello" });
    expect(parse(letter)).to.deep.equal(letter);
  });

  it("is refused with a field that is missing, wrong, or that nobody asked for", async () => {
    const without = { ...letter, to: undefined };
    for (const file of [without, { ...letter, to: "7" }, { ...letter, to: -1 }, { ...letter, cc: 8 }]) {
      await expectCode("HANDOVER_MALFORMED", () => parse(file));
    }
    await expectCode("HANDOVER_MALFORMED", () =>
      parse(JSON.parse(`{"__proto__":{},${JSON.stringify(letter).slice(1)}`)),
    );
  });

  it("is refused, and never crashes the reader, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (file) => {
        expect(() => parse(file))
          .to.throw()
          .with.property("name", "ChartChainError");
      }),
    );
  });

  it("never has a long text of its own in the error", async () => {
    const error = await expectCode("HANDOVER_WRONG_KIND", () => parse({ ...letter, kind: "x".repeat(10_000) }));
    expect(error.message.length).to.be.lessThan(200);
  });

  it("has ids, counts, addresses, digests and bytes that are some", () => {
    expect([0, 1, 2 ** 40 - 1].every(is.id)).to.equal(true);
    expect([-1, 2 ** 40, 0.5, "1", null].some(is.id)).to.equal(false);
    expect([-1, Number.NaN, 2 ** 60, "1"].some(is.count)).to.equal(false);
    expect(is.address("0x52908400098527886E0F7030069857D2E4169EE7")).to.equal(true);
    expect(
      ["0x52908400098527886e0F7030069857D2E4169EE7", "52908400098527886E0F7030069857D2E4169EE7", ""].some(is.address),
    ).to.equal(false);
    expect([`0x${"AB".repeat(32)}`, `0x${"ab".repeat(31)}`].some(is.digest)).to.equal(false);
    expect(["0x1", "12", `0x${"00".repeat(20_000)}`, 0x12].some(is.hex)).to.equal(false);
    expect(["a b", "====", 7].some(is.base64)).to.equal(false);
    expect([[], null, "text"].some(is.object)).to.equal(false);
    expect(is.listOf(is.id)([1, "2"])).to.equal(false);
  });

  it("keeps bytes as base64", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(is.base64(toBase64(bytes))).to.equal(true);
        expect(fromBase64(toBase64(bytes))).to.deep.equal(bytes);
      }),
    );
  });
});
