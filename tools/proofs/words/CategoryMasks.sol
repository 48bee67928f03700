// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "../../../contracts/types/Category.sol";

/// @title CategoryMasks
/// @notice What sets of categories say, category by category, for every two sets.
/// @dev Input of `npm run prove`. Every assertion ends in a comment that names it.
contract CategoryMasks {
    function checkIsEmpty(uint8 a) external pure {
        CategoryMask mask = CategoryMask.wrap(a);
        bool one = mask.has(0) || mask.has(1) || mask.has(2) || mask.has(3);
        bool other = mask.has(4) || mask.has(5) || mask.has(6) || mask.has(7);

        assert(mask.isEmpty() == !(one || other)); // Category: isEmpty: has no category
    }

    function checkIntersects(uint8 a, uint8 b) external pure {
        CategoryMask x = CategoryMask.wrap(a);
        CategoryMask y = CategoryMask.wrap(b);
        bool one = _both(x, y, 0) || _both(x, y, 1) || _both(x, y, 2) || _both(x, y, 3);
        bool other = _both(x, y, 4) || _both(x, y, 5) || _both(x, y, 6) || _both(x, y, 7);

        assert(x.intersects(y) == (one || other)); // Category: intersects: both have one category
    }

    function checkIsWithin(uint8 a, uint8 b) external pure {
        CategoryMask x = CategoryMask.wrap(a);
        CategoryMask y = CategoryMask.wrap(b);
        bool one = _follows(x, y, 0) && _follows(x, y, 1) && _follows(x, y, 2) && _follows(x, y, 3);
        bool other = _follows(x, y, 4) && _follows(x, y, 5) && _follows(x, y, 6) && _follows(x, y, 7);

        assert(x.isWithin(y) == (one && other)); // Category: isWithin: every category of one is in the other
    }

    function _both(CategoryMask x, CategoryMask y, uint256 category) private pure returns (bool) {
        return x.has(category) && y.has(category);
    }

    function _follows(CategoryMask x, CategoryMask y, uint256 category) private pure returns (bool) {
        return !x.has(category) || y.has(category);
    }
}
