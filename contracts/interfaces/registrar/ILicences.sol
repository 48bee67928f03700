// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Roles} from "../../types/Participant.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title ILicences
/// @notice Which institution may act as what. The authority decides; it can do nothing to a person.
interface ILicences {
    /// @notice Emitted when the authority licensed an institution or renewed its licence.
    /// @param roles What it may act as.
    /// @param until When the licence ends (seconds).
    event Licensed(ParticipantId indexed id, Roles roles, uint40 until);

    /// @notice Emitted when the authority suspended an institution.
    /// @param until When the suspension lapses unless it is confirmed (seconds).
    event Suspended(ParticipantId indexed id, uint40 until);

    /// @notice Emitted when the authority confirmed a suspension, which then no longer lapses.
    event SuspensionConfirmed(ParticipantId indexed id);

    /// @notice Emitted when the authority lifted a suspension.
    event Reinstated(ParticipantId indexed id);

    /// @notice Emitted when the authority froze the operators of an institution: its owners alone act.
    event OperatorsFrozen(ParticipantId indexed id);

    /// @notice Emitted when the operators of an institution act again.
    event OperatorsThawed(ParticipantId indexed id);

    /// @notice Thrown when a licence names another institution's name than the registered one.
    error NameMismatch(ParticipantId id, bytes32 given, bytes32 registered);

    /// @notice Thrown when a licence is for no role, or for one that doesn't exist.
    error InvalidRoles(Roles roles);

    /// @notice Thrown when a licence's term isn't in the future (seconds).
    error InvalidTerm(uint256 until);

    /// @notice Thrown when an immediate suspension follows another one that was not lifted by {reinstate}.
    error AlreadySuspended(ParticipantId id);

    /// @notice Thrown when there is no suspension to confirm or to lift.
    error NotSuspended(ParticipantId id);

    /// @notice Thrown when operators are frozen that are so already, or thawed that aren't.
    error FreezeUnchanged(ParticipantId id);

    /// @notice Licenses an institution, or replaces its licence. Restricted to the authority, with its delay.
    /// @param nameDigest The keccak-256 of the name that the authority verified.
    /// @param roles What the institution may act as.
    /// @param until When the licence ends (seconds).
    function license(ParticipantId id, bytes32 nameDigest, Roles roles, uint40 until) external;

    /// @notice Suspends an institution at once, for {SUSPENSION_TERM} unless confirmed. Restricted to the authority.
    /// @dev One such suspension between two {reinstate}: the undelayed path can't keep an institution out for ever.
    function suspend(ParticipantId id) external;

    /// @notice Makes a suspension last until {reinstate}. Restricted to the authority, with its delay.
    function confirmSuspension(ParticipantId id) external;

    /// @notice Lifts a suspension. Restricted to the authority, with its delay.
    function reinstate(ParticipantId id) external;

    /// @notice Freezes the operators of an institution at once, until {thawOperators}. Restricted to the authority.
    /// @dev Nothing is shut: the owners do what operators do, and remove the one whose key was stolen.
    function freezeOperators(ParticipantId id) external;

    /// @notice Lets the operators of an institution act again. Restricted to the authority, with its delay.
    function thawOperators(ParticipantId id) external;
}
