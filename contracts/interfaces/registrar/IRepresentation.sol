// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "../../types/ParticipantId.sol";
import {IDelegates} from "../IDelegates.sol";

/// @title IRepresentation
/// @notice Who speaks for a person: the person, or a representative; see {IDelegates-mayRepresent}.
interface IRepresentation {
    /// @notice Thrown when `actor` is neither the patient nor a representative, or no longer.
    error NotTheRepresentative(ParticipantId patient, ParticipantId actor);

    /// @notice Who acts for whom. The Registrar makes this contract, so each of the two knows the other for ever.
    function delegates() external view returns (IDelegates);

    /// @notice Who registered a child, and the calendar year (UTC) in which it comes of age; nobody and 0 for a person that
    /// isn't a child, or no longer.
    function childhoodOf(ParticipantId child) external view returns (ParticipantId issuer, uint16 comesOfAgeIn);
}
