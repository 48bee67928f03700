// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPatientProviderRelationships} from "./interfaces/IPatientProviderRelationships.sol";
import {IRecords} from "./interfaces/IRecords.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {PROVIDER} from "./types/Participant.sol";
import {ParticipantId} from "./types/ParticipantId.sol";
import {RunningHead, runningHead} from "./types/RunningHead.sol";

/// @title Records
/// @notice See {IRecords}.
contract Records is IRecords {
    /// @notice Who is who.
    IRegistrar public immutable registrar;
    /// @notice Who keeps what.
    IPatientProviderRelationships public immutable relationships;

    mapping(ParticipantId patient => RunningHead head) private _heads;
    mapping(ParticipantId institution => mapping(uint32 log => RunningHead head)) private _logHeads;

    /// @param registrar_ Who is who.
    /// @param relationships_ Who keeps what.
    constructor(IRegistrar registrar_, IPatientProviderRelationships relationships_) {
        registrar = registrar_;
        relationships = relationships_;
    }

    /// @inheritdoc IRecords
    function anchor(ParticipantId patient, bytes32 digest) external {
        if (digest == 0) revert MissingDigest();
        ParticipantId author = registrar.authenticate(msg.sender);
        if (author == patient) {
            if (!registrar.isPerson(patient)) revert NotAPatient(patient);
        } else {
            if (!relationships.isActive(patient, author)) revert NotAnActiveSteward(patient, author);
            if (!registrar.isLicensed(author, PROVIDER)) revert StewardNotLicensed(author);
        }

        RunningHead head = _heads[patient];
        uint40 index = head.count() + 1;
        _heads[patient] = runningHead(index, keccak256(abi.encode(head.chain(), index, author, digest)));

        emit RecordAnchored(patient, author, index, digest);
    }

    /// @inheritdoc IRecords
    function publishHead(uint32 log, uint40 size, bytes32 root) external {
        if (root == 0) revert MissingDigest();
        ParticipantId institution = registrar.authenticate(msg.sender);
        if (registrar.isPerson(institution) || !registrar.isInGoodStanding(institution)) {
            revert NotALicensedInstitution(institution);
        }
        RunningHead head = _logHeads[institution][log];
        if (size < head.count()) revert LogShrinks(size, head.count());

        _logHeads[institution][log] = runningHead(size, keccak256(abi.encode(head.chain(), size, root)));

        emit HeadPublished(institution, log, size, root);
    }

    /// @inheritdoc IRecords
    function headOf(ParticipantId patient) external view returns (RunningHead) {
        return _heads[patient];
    }

    /// @inheritdoc IRecords
    function logHeadOf(ParticipantId institution, uint32 log) external view returns (RunningHead) {
        return _logHeads[institution][log];
    }
}
