// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {startOfYear} from "../../../contracts/types/Year.sol";
import {Calendar} from "../helpers/Calendar.sol";
import {Checks} from "../helpers/Checks.sol";

contract YearTest is Checks {
    function test_everyYear() public pure {
        uint256 time;
        for (uint256 year = 1970; year <= 2500; ++year) {
            equal(startOfYear(year), time, "start");
            time += Calendar.daysOf(year) * 1 days;
        }
    }

    function testFuzz_startOfYear(uint16 year) public pure {
        uint256 y = bound(year, 1970, 2500);

        equal(startOfYear(y), Calendar.startOf(y), "start");
        equal(Calendar.yearOf(startOfYear(y)), y, "the year that begins");
        equal(Calendar.yearOf(startOfYear(y + 1) - 1), y, "its last second");
    }

    /// @dev Dates that everybody knows, lest both calendars be wrong alike.
    function test_knownYears() public pure {
        equal(startOfYear(1970), 0, "1970");
        equal(startOfYear(1973), 94_694_400, "1973");
        equal(startOfYear(2000), 946_684_800, "2000");
        equal(startOfYear(2001), 978_307_200, "2001");
        equal(startOfYear(2100), 4_102_444_800, "2100");
        equal(startOfYear(2101), 4_133_980_800, "2101");
    }

    /// @dev Every year that a child may be given.
    function testFuzz_startOfYear_grows(uint16 year) public pure {
        uint256 y = bound(year, 1970, type(uint16).max);
        uint256 length = startOfYear(y + 1) - startOfYear(y);

        equal(length, Calendar.daysOf(y) * 1 days, "length");
    }
}
