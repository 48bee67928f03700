// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An account's signature under an action, so that somebody else can send it and pay for it.
struct Authorization {
    /// @dev The account that signed: a plain account, or a contract that answers ERC-1271.
    address account;
    /// @dev The last second at which the signature counts.
    uint48 deadline;
    /// @dev Over the action's EIP-712 digest: 65 bytes r, s, v with low s, or what the contract account expects.
    bytes signature;
}
