// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDelegates} from "../interfaces/IDelegates.sol";
import {IRepresentation} from "../interfaces/registrar/IRepresentation.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Participants} from "./Participants.sol";

/// @title Representation
/// @notice See {IRepresentation}.
abstract contract Representation is Participants, IRepresentation {
    struct Childhood {
        ParticipantId issuer;
        uint16 comesOfAgeIn;
    }

    /// @inheritdoc IRepresentation
    IDelegates public immutable delegates;

    mapping(ParticipantId child => Childhood childhood) internal _childhoods;

    constructor(IDelegates delegates_) {
        delegates = delegates_;
    }

    /// @inheritdoc IRepresentation
    function childhoodOf(ParticipantId child) external view returns (ParticipantId issuer, uint16 comesOfAgeIn) {
        Childhood storage childhood = _childhoods[child];
        return (childhood.issuer, childhood.comesOfAgeIn);
    }

    /// @dev Whose account it is that speaks for a patient: the patient's own, or a representative's.
    function _checkSpeaksFor(ParticipantId patient, address account) internal view returns (ParticipantId actor) {
        actor = authenticatePatient(account);
        if (actor != patient && !delegates.mayRepresent(patient, actor)) revert NotTheRepresentative(patient, actor);
    }
}
