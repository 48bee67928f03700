// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IGuardianships
/// @notice Who speaks for a person: the person, or a child's guardian.
interface IGuardianships {
    /// @notice Thrown when `actor` is neither the patient nor the guardian of a child, or no longer.
    error NotTheGuardian(ParticipantId patient, ParticipantId actor);

    /// @notice Who acts for a child, and until when (seconds); nobody for a person that isn't one.
    function guardianshipOf(ParticipantId child) external view returns (ParticipantId guardian, uint40 until);
}
