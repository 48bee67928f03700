import { expect } from "chai";
import { byteString, canonicalCodec, constant, integer, optional, text } from "../../src/crypto/canonical-cbor.js";
import { expectBytes, expectCode, hex, utf8 } from "./helpers.js";

interface Sample {
  a: number;
  b?: Uint8Array;
}

/** The format's number: `"version": 1`. */
const V = "6776657273696f6e01";

describe("canonicalCodec", () => {
  const codec = canonicalCodec<Sample>("MANIFEST_MALFORMED", "sample", {
    a: integer(0, 1000),
    b: optional(byteString(2, 3)),
  });
  const refused = (bytes: Uint8Array): Promise<Error> => expectCode("MANIFEST_MALFORMED", () => codec.decode(bytes));

  it("encodes as DAG-CBOR and decodes to the same value", () => {
    expectBytes(codec.encode({ a: 10, b: Uint8Array.of(1, 2) }), hex("a361610a6162420102" + V));
    expect(codec.decode(hex("a361610a6162420102" + V))).to.deep.equal({ a: 10, b: Uint8Array.of(1, 2) });
    expect(codec.decode(codec.encode({ a: 10 }))).to.deep.equal({ a: 10 });
  });

  it("takes an undefined optional field as left out", () => {
    expectBytes(codec.encode({ a: 10, b: undefined } as unknown as Sample), hex("a261610a" + V));
  });

  it("refuses every other encoding of the same value", async () => {
    for (const [name, bytes] of [
      ["a number in more bytes than it needs", `a26161180a${V}`],
      ["a map of indefinite length", `bf61610a${V}ff`],
      ["keys in another order", `a3616242010261610a${V}`],
      ["a key twice", `a361610a61610a${V}`],
      ["a number as float", `a26161fb4024000000000000${V}`],
      ["bytes after the end", `a261610a${V}00`],
      ["a tag", `c1a261610a${V}`],
    ] as const) {
      const error = await refused(hex(bytes));
      expect(error.message, name).to.match(/not canonical|not DAG-CBOR|must be/);
    }
  });

  it("refuses what is no map, lacks a field, has another one, or holds a wrong value", async () => {
    for (const bytes of [
      "",
      "80",
      "f6",
      "01",
      "a0",
      `a1${V}`,
      `a361610a617a01${V}`,
      `a261616161${V}`,
      `a261611903e9${V}`,
      `a361610161624101${V}`,
    ]) {
      await refused(hex(bytes));
    }
    await refused(hex(`a361610a${V}695f5f70726f746f5f5fa0`));
  });

  it("adds the format's number, asks for it, and says so when a newer version made the bytes", async () => {
    expect((await refused(hex("a161610a"))).message).to.include("version must be 1");
    expect((await refused(hex(`a261610a${V.slice(0, -2)}00`))).message).to.include("version must be 1");
    const error = await expectCode("FORMAT_NEWER", () => codec.decode(hex(`a261610a${V.slice(0, -2)}02`)));
    expect(error.message).to.include("a newer version of chartchain made this sample");
  });

  it("refuses nesting that would exhaust the stack, and anything long", async () => {
    await refused(new Uint8Array(60_000).fill(0x81));
    expect((await refused(new Uint8Array(65_537))).message).to.include("longer than");
  });

  it("checks fields against each other", async () => {
    const pair = canonicalCodec<{ low: number; high: number }>(
      "CONSTRAINT_MALFORMED",
      "pair",
      { low: integer(0, 9), high: integer(0, 9) },
      ({ low, high }) => (low <= high ? undefined : "low is above high"),
    );
    await expectCode("CONSTRAINT_MALFORMED", () => pair.encode({ low: 2, high: 1 }));
  });

  it("names the field but never its value", async () => {
    const secret = canonicalCodec<{ key: Uint8Array }>("LOCKED_SECRET_MALFORMED", "secret", { key: byteString(32) });
    const error = await expectCode("LOCKED_SECRET_MALFORMED", () => secret.encode({ key: utf8("hunter2") }));
    expect(JSON.stringify(error))
      .to.include("key must be 32 bytes")
      .and.not.match(/hunter2|104,117/);
  });

  it("gives bytes of their own, so that wiping the source leaves them", () => {
    const source = Buffer.from(`a36161016162420102${V}`, "hex");
    const decoded = codec.decode(source);
    source.fill(0);
    expect([...(decoded.b ?? [])]).to.deep.equal([1, 2]);
    expect(Buffer.isBuffer(decoded.b)).to.be.false;
  });

  it("has fields for constants and texts", () => {
    expect(constant("x").accepts("x")).to.be.true;
    expect(constant("x").accepts("y")).to.be.false;
    const short = text("short", (value) => value.length < 3);
    expect(["ab", "abc", 1].map((value) => short.accepts(value))).to.deep.equal([true, false, false]);
  });
});
