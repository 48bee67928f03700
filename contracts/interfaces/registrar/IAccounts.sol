// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IAccounts
/// @notice The accounts of a participant: keys to the same door, each replaceable.
interface IAccounts {
    /// @notice Emitted when a participant has one more account.
    event AccountAdded(ParticipantId indexed id, address indexed account);

    /// @notice Emitted when an account will act no more from a time on (seconds).
    event AccountRetiring(ParticipantId indexed id, address indexed account, uint40 from);

    /// @notice Emitted when an account that was to retire stays.
    event AccountKept(ParticipantId indexed id, address indexed account);

    /// @notice Thrown when `account` belongs to another participant.
    error NotOwnAccount(address account);

    /// @notice Thrown when an account retires that does so already, or is kept that stays anyway.
    error RetirementUnchanged(address account);

    /// @notice Adds an account to the caller's participant.
    /// @param joining The new account's signature over `AccountAddition`: nobody adds an account that isn't asked.
    function addAccount(Authorization calldata joining) external;

    /// @notice Adds an account to the participant that signed `AccountInvitation`; anybody may send it.
    function addAccountWithSig(Authorization calldata joining, Authorization calldata inviting) external;

    /// @notice Retires an account of the caller's participant, after {RETIREMENT_DELAY}. Cancels outstanding signatures.
    /// @dev It takes longer than a recovery, so a thief can't shut the owner out before the guardians have acted.
    function retireAccount(address account) external;

    /// @notice Retires an account for the participant that signed `AccountRetirement`; anybody may send it.
    function retireAccountWithSig(address account, Authorization calldata authorization) external;

    /// @notice Keeps an account that was to retire. Cancels outstanding signatures.
    function keepAccount(address account) external;

    /// @notice Keeps an account for the participant that signed `AccountKeeping`; anybody may send it.
    function keepAccountWithSig(address account, Authorization calldata authorization) external;
}
