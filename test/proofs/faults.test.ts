import { readFileSync } from "node:fs";

import { expect } from "chai";

import { proveRelationship, unprovedEntrances } from "../../tools/proofs/relationships.mjs";
import { proveWords } from "../../tools/proofs/words.mjs";

const RELATIONSHIPS = "contracts/PatientProviderRelationships.sol";

/** A contract with a mistake in it, for the provers. */
function planted(file: string, was: string, becomes: string) {
  const source = readFileSync(file, "utf8");
  expect(source.split(was), `"${was}" in ${file}`).to.have.length(2);
  return { [file]: source.replace(was, () => becomes) };
}

const unproved = (claims: { property: string; proved: boolean }[]) =>
  claims.filter(({ proved }) => !proved).map(({ property }) => property);

describe("The prover of words", () => {
  const type = (name: string) => `contracts/types/${name}.sol`;
  const FAULTS: [what: string, file: string, was: string, becomes: string, unproved: string][] = [
    [
      "a shift that is off by four",
      type("Relationship"),
      "uint256(r.since) << 40",
      "uint256(r.since) << 44",
      "since comes back",
    ],
    [
      "a field that is cut",
      type("Relationship"),
      "uint24(word >> 16)",
      "uint24(uint16(word >> 16))",
      "the nonce comes back",
    ],
    [
      "a mask that lacks a lane",
      type("Lanes"),
      "0x10000001000000100000010000001",
      "0x10000000000000100000010000001",
      "set writes the chosen lanes and leaves the others alone",
    ],
    [
      "lanes that are added to, not replaced",
      type("Lanes"),
      "~(ones * LANE_MASK)",
      "~(ones * (LANE_MASK - 1))",
      "set writes the chosen lanes and leaves the others alone",
    ],
    ["a revocation that counts once", type("Lanes"), "mask, 0, 2)", "mask, 0, 1)", "clear is two versions later"],
    [
      "a hash that runs into the count",
      type("RunningHead"),
      ">> COUNT_BITS) << COUNT_BITS",
      ">> COUNT_BITS) << 39",
      "the count comes back",
    ],
    [
      "a number that runs into the size",
      type("LogHead"),
      "(uint256(newNumber) << SIZE_BITS)",
      "(uint256(newNumber) << 39)",
      "the size comes back",
    ],
    ["a narrower place in the list", type("ProviderList"), "ID_BITS = 40", "ID_BITS = 39", "six ids come back"],
  ];

  it("does not prove sets that are confused", () => {
    const changes = planted(type("Category"), "(a) & ~CategoryMask", "(a) | ~CategoryMask");

    expect(unproved(proveWords(changes))).to.deep.equal(["isWithin: every category of one is in the other"]);
  });

  it("proves all", () => {
    expect(unproved(proveWords({}))).to.deep.equal([]);
  });

  for (const [what, file, was, becomes, property] of FAULTS) {
    it(`does not prove ${what}`, () => {
      expect(unproved(proveWords(planted(file, was, becomes)))).to.include(property);
    });
  }
});

describe("The SMTChecker", function () {
  // eslint-disable-next-line no-restricted-syntax -- one proof may take longer than any test: more than the runner's limit.
  this.timeout(10 * 60 * 1000);

  it("does not prove an edge too many", () => {
    const was = "r.status != Status.Active)";
    const changes = planted(RELATIONSHIPS, was, "r.status != Status.Active && r.status != Status.Ended)");

    expect(unproved(proveRelationship("suspend", changes))).to.include("suspend: from Active");
  });

  it("does not prove that a nonce advances which stays", () => {
    const was = "r.status = status;\n        r.nonce = _next(r.nonce);";
    const claims = proveRelationship("withdraw", planted(RELATIONSHIPS, was, "r.status = status;"));

    expect(unproved(claims)).to.deep.equal(["withdraw: the nonce advances, except at its last"]);
  });

  it("is asked about every function that is added", () => {
    const added = "function reopen(ParticipantId patient, ParticipantId provider) external {}\n\n    // Views\n";

    expect(unprovedEntrances(planted(RELATIONSHIPS, "// Views\n", added))).to.include("reopen");
  });
});
