// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ISignedActions
/// @notice What every contract that takes signed actions shares.
interface ISignedActions {
    /// @notice Thrown when a signature arrives after its deadline (seconds).
    error SignatureExpired(uint256 deadline);

    /// @notice Thrown when the signature isn't that of `account` under exactly this action on this chain and contract.
    error InvalidSignature(address account);

    /// @notice Thrown when a signed reduction names a version that passed long ago.
    error StaleSignature(uint256 version, uint256 current);
}
