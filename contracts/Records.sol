// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPatientProviderRelationships} from "./interfaces/IPatientProviderRelationships.sol";
import {IRecords} from "./interfaces/IRecords.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {Batch, MAX_BATCH_COUNT} from "./types/Batch.sol";
import {LogHead, logHead} from "./types/LogHead.sol";
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
    mapping(ParticipantId institution => mapping(uint32 log => LogHead head)) private _logHeads;

    constructor(IRegistrar registrar_, IPatientProviderRelationships relationships_) {
        registrar = registrar_;
        relationships = relationships_;
    }

    /// @inheritdoc IRecords
    function anchor(ParticipantId patient, bytes32 digest) external {
        ParticipantId author = registrar.authenticate(msg.sender);
        _requireAdmitted(author, patient, 1, digest);

        RunningHead head = _heads[patient];
        uint40 index = head.count() + 1;
        _heads[patient] = runningHead(index, keccak256(abi.encode(head.chain(), index, author, digest)));

        emit RecordAnchored(patient, author, index, digest);
    }

    /// @inheritdoc IRecords
    function anchorBatch(Batch calldata batch) external {
        ParticipantId author = registrar.authenticate(msg.sender);
        _requireAdmitted(author, batch.patient, batch.count, batch.digest);

        _append(author, batch);
    }

    /// @inheritdoc IRecords
    function anchorBatches(Batch[] calldata batches) external {
        ParticipantId author = registrar.authenticate(msg.sender);
        if (batches.length == 0) revert MissingBatches();
        bool licensed = registrar.licenceLasts(author, PROVIDER);

        for (uint256 i = 0; i < batches.length; ++i) {
            Batch calldata batch = batches[i];
            // Whoever may anchor for nobody else has no events written about them either.
            if (!licensed && batch.patient != author) revert StewardNotLicensed(author);
            bytes4 reason = _refusal(author, licensed, batch.patient, batch.count, batch.digest);
            if (reason == 0) _append(author, batch);
            else emit BatchSkipped(batch.patient, author, batch.digest, reason);
        }
    }

    /// @inheritdoc IRecords
    function publishHead(uint32 log, uint32 number, uint40 size, bytes32 root, bytes32 mapRoot) external {
        if (root == 0) revert MissingDigest();
        ParticipantId institution = registrar.authenticate(msg.sender);
        if (registrar.isPerson(institution) || !registrar.isInGoodStanding(institution)) {
            revert NotALicensedInstitution(institution);
        }
        LogHead head = _logHeads[institution][log];
        uint256 next = uint256(head.number()) + 1;
        if (number != next) revert NotTheNextHead(number, next);
        if (size <= head.size()) revert LogDoesNotGrow(size, head.size());

        bytes32 hash = keccak256(abi.encode(head.chain(), number, size, root, mapRoot));
        _logHeads[institution][log] = logHead(size, number, hash);

        emit HeadPublished(institution, log, number, size, root, mapRoot);
    }

    /// @inheritdoc IRecords
    function headOf(ParticipantId patient) external view returns (RunningHead) {
        return _heads[patient];
    }

    /// @inheritdoc IRecords
    function logHeadOf(ParticipantId institution, uint32 log) external view returns (LogHead) {
        return _logHeads[institution][log];
    }

    function _append(ParticipantId author, Batch calldata batch) private {
        RunningHead head = _heads[batch.patient];
        uint40 index = head.count() + 1;
        bytes32 hash = keccak256(abi.encode(head.chain(), index, author, batch.digest, batch.count));
        _heads[batch.patient] = runningHead(head.count() + batch.count, hash);

        emit BatchAnchored(batch.patient, author, index, batch.count, batch.digest);
    }

    function _requireAdmitted(
        ParticipantId author,
        ParticipantId patient,
        uint256 recordCount,
        bytes32 digest
    ) private view {
        bool licensed = author != patient && registrar.licenceLasts(author, PROVIDER);
        bytes4 reason = _refusal(author, licensed, patient, recordCount, digest);
        if (reason == 0) return;
        if (reason == MissingDigest.selector) revert MissingDigest();
        if (reason == InvalidBatchCount.selector) revert InvalidBatchCount(recordCount);
        if (reason == NotAPatient.selector) revert NotAPatient(patient);
        if (reason == NotAnActiveSteward.selector) revert NotAnActiveSteward(patient, author);
        if (reason == StewardNotLicensed.selector) revert StewardNotLicensed(author);
        revert HistoryFull(patient);
    }

    /// @dev The selector of the error with which `author` is refused to anchor; 0 if nothing is in the way.
    function _refusal(
        ParticipantId author,
        bool licensed,
        ParticipantId patient,
        uint256 recordCount,
        bytes32 digest
    ) private view returns (bytes4) {
        if (digest == 0) return MissingDigest.selector;
        if (recordCount == 0 || recordCount > MAX_BATCH_COUNT) return InvalidBatchCount.selector;
        if (author == patient) {
            if (!registrar.isPerson(patient)) return NotAPatient.selector;
        } else {
            if (!relationships.isActive(patient, author)) return NotAnActiveSteward.selector;
            if (!licensed) return StewardNotLicensed.selector;
        }
        if (recordCount > type(uint40).max - _heads[patient].count()) return HistoryFull.selector;
        return 0;
    }
}
