// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPatientSettings} from "../interfaces/registrar/IPatientSettings.sol";
import {Authorization} from "../types/Authorization.sol";
import {Participant, Settings} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Representation} from "./Representation.sol";

/// @title PatientSettings
/// @notice See {IPatientSettings}.
abstract contract PatientSettings is Representation, IPatientSettings {
    bytes32 private constant SETTINGS_TYPEHASH = keccak256(
        "PatientSettings(uint40 patient,bool refuseProposalsFromUnknownProviders,uint16 longestGrantInDays,Categories emergencyCategories,uint32 signatureEpoch,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );

    /// @inheritdoc IPatientSettings
    function changeSettings(ParticipantId patient, Settings calldata settings) external {
        _changeSettings(patient, settings, _checkSpeaksFor(patient, msg.sender));
    }

    /// @inheritdoc IPatientSettings
    function changeSettingsWithSig(
        ParticipantId patient,
        Settings calldata settings,
        Authorization calldata authorization
    ) external {
        ParticipantId by = _checkSpeaksFor(patient, authorization.account);
        _checkSignature(
            authorization,
            keccak256(
                abi.encode(
                    SETTINGS_TYPEHASH,
                    patient,
                    settings.knownOnly,
                    settings.longestGrant,
                    settings.emergency.hashStruct(),
                    _signatureEpoch(patient, by),
                    authorization.deadline
                )
            )
        );

        _changeSettings(patient, settings, by);
    }

    /// @inheritdoc IPatientSettings
    function settingsOf(ParticipantId id) public view returns (Settings memory) {
        Participant storage p = _participants[id];
        return Settings({knownOnly: p.knownOnly, longestGrant: p.longestGrant, emergency: p.emergency});
    }

    /// @dev What was signed under the former settings dies with them.
    function _changeSettings(ParticipantId id, Settings calldata settings, ParticipantId by) private {
        // A representative whose recovery is pending may be a thief.
        if (by != id) _checkNotFrozen(by);
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
