import { expect } from "chai";
import fc from "fast-check";
import { lineAndColumn, scanJson } from "../../src/fhir/json-scan.js";
import { formatPath } from "../../src/fhir/place.js";

const good = (text: string): boolean => scanJson(text, { maxDepth: 64 }) === undefined;
const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("scanJson", () => {
  it("accepts every text that JSON.stringify writes", () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => good(text) || text.includes("__proto__")));
  });

  it("agrees with JSON.parse on texts that were damaged anywhere", () => {
    const chars = fc.constantFrom(...'{}[]",:0123456789.eE+-tfn\\u \n\t\u0001a'.split(""));
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.nat(2), chars, (text, at, cut, char) => {
        const where = at % (text.length + 1);
        const damaged = text.slice(0, where) + char + text.slice(where + cut);
        const fault = scanJson(damaged, { maxDepth: 64 });
        // Names given twice and __proto__ are the two things that are refused on purpose.
        if (fault?.kind === "duplicate-key" || fault?.kind === "forbidden-key") return;
        expect(fault === undefined).to.equal(parses(damaged), damaged);
      }),
      { numRuns: 2000 },
    );
  });

  it("tells where entries' resources lie, so that slices keep every lexeme", () => {
    const text = '{ "entry" : [ {"resource": {"a": 1.00}} , {"x":0},{ "resource":{"b":1e2} } ] }';
    const found: string[] = [];
    scanJson(text, {
      maxDepth: 8,
      onValue: (path, start, end) => {
        if (path[2] === "resource") found.push(`${formatPath(path)} ${text.slice(start, end)}`);
      },
    });
    expect(found).to.deep.equal(['entry[0].resource {"a": 1.00}', 'entry[2].resource {"b":1e2}']);
  });

  it("refuses nesting beyond the limit without overflowing the stack", () => {
    for (const bomb of ["[".repeat(5_000_000), '{"a":'.repeat(1_000_000)]) {
      expect(scanJson(bomb, { maxDepth: 128 })?.kind).to.equal("too-deep");
    }
  });

  it("reads a string of many megabytes without overflowing the stack", () => {
    expect(good(`{"data":"${"A".repeat(20_000_000)}"}`)).to.equal(true);
  });

  it("finds a name that is given twice, also when it is escaped", () => {
    expect(scanJson('{"a":1,"\\u0061":2}', { maxDepth: 8 })).to.deep.include({ kind: "duplicate-key", path: ["a"] });
    expect(scanJson('{"o":[{"b":1,"b":2}]}', { maxDepth: 8 })).to.deep.include({
      kind: "duplicate-key",
      path: ["o", 0, "b"],
    });
    expect(good('{"a":{"a":1},"b":[{"a":1},{"a":2}]}')).to.equal(true);
  });

  it("finds __proto__, also when it is escaped", () => {
    expect(scanJson('{"\\u005f_proto__":{}}', { maxDepth: 8 })?.kind).to.equal("forbidden-key");
  });

  it("counts lines and columns from one", () => {
    expect(lineAndColumn("{\n  x", 4)).to.deep.equal({ line: 2, column: 3 });
    expect(lineAndColumn("", 0)).to.deep.equal({ line: 1, column: 1 });
  });
});

describe("formatPath", () => {
  it("prints element names and indices, and hides what could be a person's data", () => {
    expect(formatPath(["entry", 12, "resource", "_birthDate"])).to.equal("entry[12].resource._birthDate");
    expect(formatPath(["entry", 0, "Alice Quibbleworth"])).to.equal("entry[0].(field)");
  });
});
