// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The Gregorian calendar, counted year by year.
/// @dev Slow and plain: the twin that `startOfYear` is tested against.
library Calendar {
    function startOf(uint256 year) internal pure returns (uint256 time) {
        for (uint256 y = 1970; y < year; ++y) time += daysOf(y) * 1 days;
    }

    function yearOf(uint256 time) internal pure returns (uint256 year) {
        year = 1970;
        while (time >= daysOf(year) * 1 days) time -= daysOf(year++) * 1 days;
    }

    function daysOf(uint256 year) internal pure returns (uint256) {
        if (year % 400 == 0) return 366;
        if (year % 100 == 0) return 365;
        return year % 4 == 0 ? 366 : 365;
    }
}
