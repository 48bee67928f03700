// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "../../../contracts/types/Category.sol";
import {LANE_MASK, Lanes} from "../../../contracts/types/Lanes.sol";
import {Checks} from "../helpers/Checks.sol";
import {vm} from "../helpers/Vm.sol";

contract LanesTest is Checks {
    function testFuzz_set(uint256 word, uint8 mask, uint256 minute) public {
        minute = bound(minute, 0, LANE_MASK);
        Lanes before = Lanes.wrap(word);
        if (before.version() == type(uint32).max) {
            vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
            this.set(before, mask, minute);
            return;
        }
        Lanes then = before.set(CategoryMask.wrap(mask), minute);

        equal(then.version(), uint256(before.version()) + 1, "version");
        for (uint256 i = 0; i < 8; ++i) {
            equal(then.expiryOf(i), (mask >> i) & 1 == 1 ? minute : before.expiryOf(i), "lane");
        }
    }

    function testFuzz_clear(uint256 word, uint8 mask) public pure {
        Lanes before = Lanes.wrap(word >> 1);
        Lanes then = before.clear(CategoryMask.wrap(mask));

        equal(then.version(), uint256(before.version()) + 2, "version");
        for (uint256 i = 0; i < 8; ++i) {
            equal(then.expiryOf(i), (mask >> i) & 1 == 1 ? 0 : before.expiryOf(i), "lane");
        }
    }

    function testFuzz_isLive(uint256 word, uint8 category, uint40 timestamp) public pure {
        Lanes lanes = Lanes.wrap(word);
        uint256 lane = category % 8;

        equal(lanes.isLive(lane, timestamp), timestamp < lanes.expiryOf(lane) * 60, "isLive");
    }

    function testFuzz_areLive(uint256 word, uint8 mask, uint40 timestamp, uint8 same) public pure {
        // Random minutes are nearly always later: some lanes get one that is just over, some one that is just not.
        for (uint256 i = 0; i < 8; ++i) {
            if ((same >> i) & 1 == 0) continue;
            uint256 minute = uint256(timestamp) / 60 + ((uint256(same) + i) % 3);
            word = (word & ~(LANE_MASK << (28 * i))) | ((minute & LANE_MASK) << (28 * i));
        }
        Lanes lanes = Lanes.wrap(word);
        CategoryMask asked = CategoryMask.wrap(mask);

        equal(lanes.areLive(asked, timestamp), asked.isWithin(lanes.liveCategories(timestamp)), "areLive");
    }

    function testFuzz_roundTrip(uint32 version, uint32[8] memory minutes_) public pure {
        uint256 word = uint256(version) << 224;
        for (uint256 i = 0; i < 8; ++i) word |= (uint256(minutes_[i]) & LANE_MASK) << (28 * i);
        Lanes lanes = Lanes.wrap(word);

        equal(lanes.version(), version, "version");
        for (uint256 i = 0; i < 8; ++i) equal(lanes.expiryOf(i), minutes_[i] & LANE_MASK, "lane");
    }

    function test_theVersionNeverStartsAgain() public {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        this.set(Lanes.wrap(type(uint256).max << 224), 1, 5);
    }

    /// @dev External, so that its revert can be caught.
    function set(Lanes lanes, uint8 mask, uint256 minute) external pure returns (Lanes) {
        return lanes.set(CategoryMask.wrap(mask), minute);
    }
}
