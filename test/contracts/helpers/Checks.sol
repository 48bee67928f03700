// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The assertions that the tests use, and `bound` for fuzz inputs.
abstract contract Checks {
    error Unequal(string what, bytes32 actual, bytes32 expected);
    error False(string what);

    function check(bool condition, string memory what) internal pure {
        if (!condition) revert False(what);
    }

    function equal(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert Unequal(what, bytes32(actual), bytes32(expected));
    }

    function equal(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert Unequal(what, actual, expected);
    }

    function equal(bool actual, bool expected, string memory what) internal pure {
        equal(uint256(actual ? 1 : 0), uint256(expected ? 1 : 0), what);
    }

    /// @notice `x` itself if it lies from `min` to `max`, or else another value from there.
    function bound(uint256 x, uint256 min, uint256 max) internal pure returns (uint256) {
        if (x >= min && x <= max) return x;
        if (max - min == type(uint256).max) return x;
        return min + (x % (max - min + 1));
    }
}
