// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuardianships} from "../interfaces/registrar/IGuardianships.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";
import {startOfYear} from "../types/Year.sol";
import {Participants} from "./Participants.sol";

/// @title Guardianships
/// @notice See {IGuardianships}.
abstract contract Guardianships is Participants, IGuardianships {
    struct Childhood {
        ParticipantId guardian;
        ParticipantId issuer;
        uint16 comesOfAgeIn;
    }

    mapping(ParticipantId child => Childhood childhood) internal _childhoods;

    /// @inheritdoc IGuardianships
    function guardianshipOf(ParticipantId child) public view returns (ParticipantId guardian, uint40 until) {
        Childhood storage childhood = _childhoods[child];
        guardian = childhood.guardian;
        if (guardian != NOBODY) until = uint40(startOfYear(uint256(childhood.comesOfAgeIn) + 1));
    }

    /// @dev Whose account it is that speaks for a patient: the patient's own, or a child's guardian's.
    function _checkSpeaksFor(ParticipantId patient, address account) internal view returns (ParticipantId actor) {
        actor = authenticatePatient(account);
        if (actor == patient) return actor;
        (ParticipantId guardian, uint40 until) = guardianshipOf(patient);
        if (actor != guardian || block.timestamp >= until) revert NotTheGuardian(patient, actor);
    }
}
