// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {Settings} from "../../types/Participant.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IPatientSettings
/// @notice What a person wants kept to, whoever acts.
interface IPatientSettings {
    /// @notice Emitted when a person changed the settings.
    event SettingsChanged(ParticipantId indexed id, Settings settings);

    /// @notice Changes the caller's settings and cancels the caller's outstanding signatures.
    /// @dev While a recovery is pending they may only become narrower.
    function changeSettings(Settings calldata settings) external;

    /// @notice Changes the settings of the person that signed `PatientSettings`; anybody may send it.
    function changeSettingsWithSig(Settings calldata settings, Authorization calldata authorization) external;

    /// @notice The settings of person `id`.
    function settingsOf(ParticipantId id) external view returns (Settings memory);
}
