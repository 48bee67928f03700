// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ILicences} from "../interfaces/registrar/ILicences.sol";
import {ALL_ROLES, Participant, Roles} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Participants} from "./Participants.sol";

/// @title Licences
/// @notice See {ILicences}. All that an authority can do.
abstract contract Licences is Participants, ILicences, AccessManaged {
    /// @dev How long an unconfirmed suspension lasts.
    uint40 private constant SUSPENSION_TERM = 14 days;

    /// @inheritdoc ILicences
    function license(ParticipantId id, bytes32 nameDigest, Roles roles, uint40 until) external restricted {
        Participant storage institution = _institution(id);
        bytes32 registered = _nameDigests[id];
        if (nameDigest != registered) revert NameMismatch(id, nameDigest, registered);
        uint16 bits = Roles.unwrap(roles);
        if (bits == 0 || bits > Roles.unwrap(ALL_ROLES)) revert InvalidRoles(roles);
        if (until <= block.timestamp) revert InvalidTerm(until);

        institution.roles = roles;
        institution.licensedUntil = until;

        emit Licensed(id, roles, until);
    }

    /// @inheritdoc ILicences
    function suspend(ParticipantId id) external restricted {
        Participant storage institution = _institution(id);
        if (institution.suspendedUntil != 0) revert AlreadySuspended(id);

        uint40 until = uint40(block.timestamp) + SUSPENSION_TERM;
        institution.suspendedUntil = until;

        emit Suspended(id, until);
    }

    /// @inheritdoc ILicences
    function confirmSuspension(ParticipantId id) external restricted {
        _suspended(id).suspendedUntil = type(uint40).max;

        emit SuspensionConfirmed(id);
    }

    /// @inheritdoc ILicences
    function reinstate(ParticipantId id) external restricted {
        _suspended(id).suspendedUntil = 0;

        emit Reinstated(id);
    }

    /// @inheritdoc ILicences
    function freezeOperators(ParticipantId id) external restricted {
        _setFrozen(id, type(uint24).max);

        emit OperatorsFrozen(id);
    }

    /// @inheritdoc ILicences
    function thawOperators(ParticipantId id) external restricted {
        _setFrozen(id, 0);

        emit OperatorsThawed(id);
    }

    function _suspended(ParticipantId id) private view returns (Participant storage institution) {
        institution = _institution(id);
        if (institution.suspendedUntil == 0) revert NotSuspended(id);
    }

    function _setFrozen(ParticipantId id, uint24 until) private {
        Participant storage institution = _institution(id);
        if (institution.frozenUntil == until) revert FreezeUnchanged(id);

        institution.frozenUntil = until;
    }
}
