import { expect } from "chai";
import fc from "fast-check";

import { CATEGORIES, categoriesOf, PURPOSES, ROLES } from "../../src/sdk/index.js";
import { categoryIndex, categoryMask, purposeIndex, roleMask, rolesOf } from "../../src/sdk/vocabulary.js";
import { wholeMinute } from "../../src/sdk/time.js";
import { expectCode } from "./helpers.js";

describe("the vocabulary", () => {
  it("has categories and roles as bits, both ways", () => {
    fc.assert(
      fc.property(fc.subarray([...CATEGORIES], { minLength: 1 }), fc.subarray([...ROLES]), (categories, roles) => {
        expect(categoriesOf(categoryMask(categories))).to.deep.equal(categories);
        expect(rolesOf(roleMask(roles))).to.deep.equal(roles);
      }),
    );
  });

  it("counts categories and purposes as the contracts do", () => {
    expect(CATEGORIES.map(categoryIndex)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(PURPOSES.map(purposeIndex)).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
  });

  it("knows no other words", async () => {
    for (const use of [categoryIndex, purposeIndex]) {
      for (const word of ["", "summary", "toString", "GOSSIP"]) await expectCode("UNKNOWN_NAME", () => use(word));
    }
    await expectCode("UNKNOWN_NAME", () => roleMask(["PROVIDER", "KING"]));
    await expectCode("MISSING_CATEGORIES", () => categoryMask([]));
  });

  it("counts time in whole minutes, never later than what was said", () => {
    expect([0, 59, 60, 119].map(wholeMinute)).to.deep.equal([0, 0, 60, 60]);
  });
});
