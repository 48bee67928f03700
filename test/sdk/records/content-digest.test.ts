import { expect } from "chai";
import fc from "fast-check";

import { knowContent } from "../../../src/sdk/records/content-digest.js";
import { bytes, expectCode } from "../helpers.js";

describe("the digest that a content is known by", () => {
  const FHIR = "application/fhir+json";
  const digestOf = async (content: string | Uint8Array, mediaType = FHIR) => {
    const plain = typeof content === "string" ? bytes(content) : content;
    return Buffer.from((await knowContent(plain, plain.length, mediaType)).digest).toString("hex");
  };

  const same: [what: string, one: string, other: string][] = [
    ["spaces", '{"a":1,"b":[1,2]}', ' {\n "a" : 1,\t"b": [ 1, 2 ] }\r\n'],
    [
      "the order of members, also deep inside",
      '{"a":{"x":1,"y":[{"p":1,"q":2}]},"b":2}',
      '{"b":2,"a":{"y":[{"q":2,"p":1}],"x":1}}',
    ],
    ["escapes in strings and names", '{"\\u0061":"\\u00e9\\/"}', '{"a":"é/"}'],
    ["a byte order mark", '{"a":1}', '\ufeff{"a":1}'],
    ["the order of members that are named like numbers", '{"2":1,"10":2,"x":3}', '{"x":3,"10":2,"2":1}'],
  ];
  for (const [what, one, other] of same) {
    it(`doesn't depend on ${what}`, async () => {
      expect(await digestOf(one)).to.equal(await digestOf(other));
    });
  }

  const different: [what: string, one: string, other: string][] = [
    ["the precision of a decimal", '{"value":1.0}', '{"value":1.00}'],
    ["the way a number is written", '{"value":100}', '{"value":1e2}'],
    ["digits that a double can't hold", '{"value":0.1000000000000000055}', '{"value":0.1}'],
    ["the sign of zero", '{"value":0}', '{"value":-0}'],
    ["a number that is a string", '{"value":1}', '{"value":"1"}'],
    ["the order of a list", "[1,2]", "[2,1]"],
    ["null and nothing", '{"a":null}', "{}"],
    ["letters", '{"a":"x"}', '{"a":"X"}'],
    ["a member named __proto__", '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ["a member named toJSON", '{"toJSON":1}', "{}"],
  ];
  for (const [what, one, other] of different) {
    it(`depends on ${what}`, async () => {
      expect(await digestOf(one)).not.to.equal(await digestOf(other));
    });
  }

  it("of JSON stays the same however it is written, and changes with any value", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), async (value, other) => {
        const text = JSON.stringify(value);
        const written = await digestOf(text);
        expect(await digestOf(JSON.stringify(shuffled(value), undefined, 3))).to.equal(written);
        const says = (of: unknown) => JSON.stringify(sorted(of));
        expect((await digestOf(JSON.stringify(other))) === written).to.equal(says(other) === says(value));
      }),
      { numRuns: 200 },
    );
  });

  it("of what isn't JSON, or can't be told, is that of its bytes", async () => {
    for (const content of ["no json", '{"a":1', '{"a":1}x', "", "[".repeat(200_000)]) {
      expect(await digestOf(content)).not.to.equal(await digestOf(`${content} `));
      expect(await digestOf(content)).to.equal(await digestOf(content));
    }
    const notText = Uint8Array.of(0x22, 0xff, 0x22);
    expect(await digestOf(notText)).not.to.equal(await digestOf(Uint8Array.of(0x22, 0xfe, 0x22)));
  });

  it("is told from the media type: text that looks like JSON isn't put in order", async () => {
    expect(await digestOf('{"a":1}', "text/plain")).not.to.equal(await digestOf('{ "a":1}', "text/plain"));
    expect(await digestOf('{"a":1}', "application/json; charset=utf-8")).to.equal(
      await digestOf('{ "a":1}', "application/json"),
    );
  });

  it("is the same for a stream as for its bytes, small or large", async () => {
    for (const [content, mediaType] of [
      ['{"b":1, "a":2}', FHIR],
      ["x".repeat(100_000), "text/plain"],
    ] as const) {
      const plain = bytes(content);
      const stream = async function* () {
        for (let at = 0; at < plain.length; at += 1_000) yield plain.subarray(at, at + 1_000);
      };
      const { digest, source } = await knowContent(stream, plain.length, mediaType);
      expect(Buffer.from(digest).toString("hex")).to.equal(await digestOf(content, mediaType));
      const again: Uint8Array[] = [];
      for await (const chunk of source()) again.push(chunk);
      expect(Buffer.concat(again).equals(plain)).to.equal(true);
    }
  });

  it("refuses a stream that gives other bytes the second time", async () => {
    let readings = 0;
    const stream = async function* () {
      yield bytes(`reading ${++readings}`);
    };
    const { source } = await knowContent(stream, 9, "text/plain");
    await expectCode("RECORD_CHANGED", async () => {
      for await (const chunk of source()) void chunk;
    });
  });
});

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const mapped = (value: unknown, order: (entries: [string, unknown][]) => [string, unknown][]): unknown => {
  if (Array.isArray(value)) return value.map((each) => mapped(each as Json, order));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(order(Object.entries(value)).map(([name, each]) => [name, mapped(each, order)]));
};
const shuffled = (value: unknown) => mapped(value, (entries) => entries.reverse());
const sorted = (value: unknown) => mapped(value, (entries) => entries.sort(([a], [b]) => (a < b ? -1 : 1)));
