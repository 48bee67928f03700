// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice How far a log has come, and a hash chain over everything that was published of it.
///
///   255                       72 71          40 39             0
///  ┌────────────────────────────┬──────────────┬────────────────┐
///  │ chain (184 bits of a       │ number       │ size (40 bits) │
///  │ keccak-256)                │ (32 bits)    │                │
///  └────────────────────────────┴──────────────┴────────────────┘
///
/// @dev 184 bits resist collisions with the strength of 92 bits.
type LogHead is uint256;

using {size, number, chain} for LogHead global;

uint256 constant SIZE_BITS = 40;
uint256 constant NUMBER_BITS = 32;

/// @dev `hash` is cut to its upper 184 bits.
function logHead(uint40 newSize, uint32 newNumber, bytes32 hash) pure returns (LogHead) {
    uint256 cut = (uint256(hash) >> (SIZE_BITS + NUMBER_BITS)) << (SIZE_BITS + NUMBER_BITS);
    return LogHead.wrap(cut | (uint256(newNumber) << SIZE_BITS) | newSize);
}

/// @notice How many leaves the log had when it was published last.
function size(LogHead head) pure returns (uint40) {
    return uint40(LogHead.unwrap(head));
}

/// @notice How often it was published.
function number(LogHead head) pure returns (uint32) {
    return uint32(LogHead.unwrap(head) >> SIZE_BITS);
}

function chain(LogHead head) pure returns (bytes23) {
    return bytes23(bytes32(LogHead.unwrap(head)));
}
