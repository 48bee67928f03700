// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPatientSettings} from "../interfaces/registrar/IPatientSettings.sol";
import {Authorization} from "../types/Authorization.sol";
import {Participant, Settings} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Participants} from "./Participants.sol";

/// @title PatientSettings
/// @notice See {IPatientSettings}.
abstract contract PatientSettings is Participants, IPatientSettings {
    bytes32 private constant SETTINGS_TYPEHASH = keccak256(
        "PatientSettings(uint40 patient,bool refuseProposalsFromUnknownProviders,uint16 longestGrantInDays,Categories emergencyCategories,uint32 signatureEpoch,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );

    /// @inheritdoc IPatientSettings
    function changeSettings(Settings calldata settings) external {
        _changeSettings(authenticatePatient(msg.sender), settings);
    }

    /// @inheritdoc IPatientSettings
    function changeSettingsWithSig(Settings calldata settings, Authorization calldata authorization) external {
        _changeSettings(authenticatePatient(authorization.account), settings, authorization);
    }

    /// @inheritdoc IPatientSettings
    function settingsOf(ParticipantId id) public view returns (Settings memory) {
        Participant storage p = _participants[id];
        return Settings({knownOnly: p.knownOnly, longestGrant: p.longestGrant, emergency: p.emergency});
    }

    /// @dev Whoever signed may speak for the patient; the caller checked that.
    function _changeSettings(
        ParticipantId id,
        Settings calldata settings,
        Authorization calldata authorization
    ) internal {
        _checkSignature(
            authorization,
            keccak256(
                abi.encode(
                    SETTINGS_TYPEHASH,
                    id,
                    settings.knownOnly,
                    settings.longestGrant,
                    settings.emergency.hashStruct(),
                    _participants[id].signatureEpoch,
                    authorization.deadline
                )
            )
        );

        _changeSettings(id, settings);
    }

    /// @dev What was signed under the former settings dies with them.
    function _changeSettings(ParticipantId id, Settings calldata settings) internal {
        Participant storage p = _participants[id];
        if (_isFrozen(p) && !_isNarrower(settings, settingsOf(id))) revert RecoveryPending(id);

        p.knownOnly = settings.knownOnly;
        p.longestGrant = settings.longestGrant;
        p.emergency = settings.emergency;
        ++p.signatureEpoch;

        emit SettingsChanged(id, settings);
    }

    function _isNarrower(Settings calldata next, Settings memory current) private pure returns (bool) {
        bool shorter =
            next.longestGrant == current.longestGrant ||
                (next.longestGrant != 0 && (current.longestGrant == 0 || next.longestGrant < current.longestGrant));
        return shorter && (next.knownOnly || !current.knownOnly) && next.emergency.isWithin(current.emergency);
    }
}
