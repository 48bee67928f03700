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

    /// @notice Changes a patient's settings and cancels the patient's outstanding signatures. The caller is the patient, or a
    /// representative; see {IDelegates-mayRepresent}.
    /// @dev While a recovery of the patient is pending they may only become narrower; while one of the representative is, the
    /// representative changes none.
    function changeSettings(ParticipantId patient, Settings calldata settings) external;

    /// @notice Changes the settings for the patient, or a representative, that signed `PatientSettings`; anybody may send
    /// it.
    function changeSettingsWithSig(
        ParticipantId patient,
        Settings calldata settings,
        Authorization calldata authorization
    ) external;

    /// @notice The settings of person `id`.
    function settingsOf(ParticipantId id) external view returns (Settings memory);
}
