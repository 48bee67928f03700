// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice When a year of the Gregorian calendar begins, in UTC (seconds since the Unix epoch); from 1970 on.
function startOfYear(uint256 year) pure returns (uint256) {
    uint256 before = year - 1;
    // 477: the leap days before 1970.
    uint256 leapDays = before / 4 - before / 100 + before / 400 - 477;
    return ((year - 1970) * 365 + leapDays) * 1 days;
}
