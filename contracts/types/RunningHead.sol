// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A count and a hash chain that prove a history complete.
///
///   255                                    40 39              0
///  ┌─────────────────────────────────────────┬─────────────────┐
///  │ chain (216 bits of a keccak-256)        │ count (40 bits) │
///  └─────────────────────────────────────────┴─────────────────┘
///
/// @dev 216 bits resist collisions with the strength of 108 bits.
type RunningHead is uint256;

using {count, chain} for RunningHead global;

uint256 constant COUNT_BITS = 40;

/// @dev `hash` is cut to its upper 216 bits.
function runningHead(uint40 newCount, bytes32 hash) pure returns (RunningHead) {
    return RunningHead.wrap(((uint256(hash) >> COUNT_BITS) << COUNT_BITS) | newCount);
}

function count(RunningHead head) pure returns (uint40) {
    return uint40(RunningHead.unwrap(head));
}

function chain(RunningHead head) pure returns (bytes27) {
    return bytes27(bytes32(RunningHead.unwrap(head)));
}
