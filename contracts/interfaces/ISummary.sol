// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settings} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Relationship} from "../types/Relationship.sol";

/// @title ISummary
/// @notice A patient's index, read from state alone: nodes prune logs, and a patient with nothing but an account finds
/// every relationship again.
interface ISummary {
    /// @notice A relationship and its other side.
    struct Entry {
        ParticipantId provider;
        Relationship relationship;
        /// @dev Whether the provider's licence is live.
        bool licensed;
    }

    /// @notice Everything that the chain says about a patient.
    struct Overview {
        ParticipantId patient;
        bytes32 keyDocument;
        uint16 keyVersion;
        uint32 accessEpoch;
        /// @dev How often the patient cancelled outstanding signatures.
        uint32 signatureEpoch;
        Settings settings;
        uint40 recordCount;
        bytes27 recordChain;
        /// @dev How many relationships there are, also beyond the page that was asked for.
        uint256 relationshipCount;
        Entry[] relationships;
    }

    /// @notice Thrown when `patient` isn't a person's participant.
    error NotAPatient(ParticipantId patient);

    /// @notice A patient's overview, with one page of relationships in the order of their first approval.
    /// @param patient The patient.
    /// @param offset How many relationships to pass over.
    /// @param limit How many to return at the most.
    function overviewOf(
        ParticipantId patient,
        uint256 offset,
        uint256 limit
    ) external view returns (Overview memory overview);
}
