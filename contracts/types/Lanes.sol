// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CATEGORY_COUNT, CategoryMask} from "./Category.sol";

/// @notice One grant: until when each category may be viewed.
///
///   255       228 227                        56 55        28 27         0   (lanes)
///  ┌───────────┬────────────────────────────────┬────────────┬────────────┐
///  │ version   │ lane 7 … lane 2                │ lane 1     │ lane 0     │
///  │ (32 bits) │ SENSITIVE … OBSERVATION        │ MEDICATION │ SUMMARY    │
///  └───────────┴────────────────────────────────┴────────────┴────────────┘
///   bits 255–224: version. Lane n: bits 28n … 28n+27, the minute since the Unix epoch at which category n expires.
///
/// @dev The version grows with every write, by two with one that empties lanes: a signature that names an earlier version
/// is dead. 28 bits of minutes last until the year 2480.
type Lanes is uint256;

using {version, expiryOf, isLive, areLive, liveCategories, set, clear} for Lanes global;

uint256 constant LANE_BITS = 28;
uint256 constant LANE_MASK = (1 << LANE_BITS) - 1;
uint256 constant VERSION_SHIFT = CATEGORY_COUNT * LANE_BITS;
/// @dev Bits 0, 28, 56, … 196: the lowest of each lane.
uint256 constant LANE_ONES = 0x10000001000000100000010000001000000100000010000001;
/// @dev Bits 0, 27, 54, … 189.
uint256 constant MASK_COPIES = 0x200000040000008000001000000200000040000008000001;

/// @notice How often the word was written.
function version(Lanes lanes) pure returns (uint32) {
    return uint32(Lanes.unwrap(lanes) >> VERSION_SHIFT);
}

/// @notice When `category` expires, in minutes since the Unix epoch; 0 if it was never granted or is revoked.
function expiryOf(Lanes lanes, uint256 category) pure returns (uint256) {
    return (Lanes.unwrap(lanes) >> (category * LANE_BITS)) & LANE_MASK;
}

/// @notice Whether `category` may still be viewed at `timestamp` (seconds).
function isLive(Lanes lanes, uint256 category, uint256 timestamp) pure returns (bool) {
    return timestamp < lanes.expiryOf(category) * 1 minutes;
}

/// @notice Whether every category of `mask` may still be viewed at `timestamp` (seconds).
function areLive(Lanes lanes, CategoryMask mask, uint256 timestamp) pure returns (bool) {
    uint256 minute = timestamp / 1 minutes;
    uint256 word = Lanes.unwrap(lanes);
    for (uint256 rest = CategoryMask.unwrap(mask); rest != 0; rest >>= 1) {
        if (rest & 1 == 1 && word & LANE_MASK <= minute) return false;
        word >>= LANE_BITS;
    }
    return true;
}

/// @notice Every category that may still be viewed at `timestamp` (seconds).
function liveCategories(Lanes lanes, uint256 timestamp) pure returns (CategoryMask) {
    uint256 mask = 0;
    for (uint256 category = 0; category < CATEGORY_COUNT; ++category) {
        if (lanes.isLive(category, timestamp)) mask |= 1 << category;
    }
    return CategoryMask.wrap(uint8(mask));
}

/// @notice The next version, in which every category of `mask` expires at `minute`, which must fit into a lane.
function set(Lanes lanes, CategoryMask mask, uint256 minute) pure returns (Lanes) {
    return _write(lanes, mask, minute, 1);
}

/// @notice The version after the next one, without the categories of `mask`.
/// @dev A signed revocation also counts one version later than it names. Two steps use it up all the same.
function clear(Lanes lanes, CategoryMask mask) pure returns (Lanes) {
    return _write(lanes, mask, 0, 2);
}

function _write(Lanes lanes, CategoryMask mask, uint256 minute, uint256 steps) pure returns (Lanes) {
    uint256 ones = _spread(CategoryMask.unwrap(mask));
    uint256 word = (Lanes.unwrap(lanes) & ~(ones * LANE_MASK)) | (ones * minute);
    // A 33rd bit of the version overflows the word, which reverts: a version never repeats.
    return Lanes.wrap(word + (steps << VERSION_SHIFT));
}

/// @dev Bit n of the mask becomes the lowest bit of lane n: eight copies of the mask, 27 bits apart, bring bit n of copy n to
/// bit 28n, and no other bit to any of these places.
function _spread(uint256 mask) pure returns (uint256) {
    return (mask * MASK_COPIES) & LANE_ONES;
}
