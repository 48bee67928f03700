// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Category, CATEGORY_COUNT, CategoryMask, EXPLICIT_CATEGORIES} from "../../../contracts/types/Category.sol";
import {Checks} from "../helpers/Checks.sol";
import {TypedData} from "../helpers/TypedData.sol";

contract CategoryTest is Checks {
    function testFuzz_sets(uint8 a, uint8 b) public pure {
        CategoryMask mask = CategoryMask.wrap(a);

        equal(mask.isEmpty(), a == 0, "isEmpty");
        equal(mask.intersects(CategoryMask.wrap(b)), a & b != 0, "intersects");
        equal(CategoryMask.unwrap(mask.intersection(CategoryMask.wrap(b))), a & b, "intersection");
        equal(mask.isWithin(CategoryMask.wrap(b)), a | b == b, "isWithin");
        for (uint256 i = 0; i < 8; ++i) equal(mask.has(i), (a / 2 ** i) % 2 == 1, "has");
    }

    function testFuzz_hashStruct(uint8 mask) public pure {
        equal(CategoryMask.wrap(mask).hashStruct(), TypedData.categories(mask), "hashStruct");
    }

    function testFuzz_hashStruct_tellsSetsApart(uint8 a, uint8 b) public pure {
        equal(CategoryMask.wrap(a).hashStruct() == CategoryMask.wrap(b).hashStruct(), a == b, "hashStruct");
    }

    function test_explicitCategories() public pure {
        equal(CATEGORY_COUNT, uint256(type(Category).max) + 1, "count");
        for (uint256 i = 0; i < 8; ++i) {
            bool expected = i == uint256(Category.GENOMIC) || i == uint256(Category.SENSITIVE);
            equal(EXPLICIT_CATEGORIES.has(i), expected, "explicit");
        }
    }
}
