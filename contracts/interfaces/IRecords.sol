// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch} from "../types/Batch.sol";
import {LogHead} from "../types/LogHead.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {RunningHead} from "../types/RunningHead.sol";

/// @title IRecords
/// @notice What exists: salted digests of records, a running head for each patient, and the heads of institutions' logs.
/// @dev Nothing is ever deleted. A record is corrected by another one that amends or disputes it, off chain, in the
/// sealed manifest. Who may anchor may also copy a digest: an anchor is a digest and its author.
///
/// Warning: a log head only proves that it was published. That a log didn't rewrite its past is proved by a
/// consistency proof between two heads ({TransparencyLog}).
interface IRecords {
    /// @notice Emitted when a record was anchored.
    /// @param patient Whose record.
    /// @param author The steward, or the patient for a self-reported record.
    /// @param index The record's number in the patient's history, from 1.
    /// @param digest The sha2-256 digest of the record's salted manifest.
    event RecordAnchored(ParticipantId indexed patient, ParticipantId indexed author, uint40 index, bytes32 digest);

    /// @notice Emitted when a batch of records was anchored.
    /// @param patient Whose records.
    /// @param author The steward, or the patient for self-reported records.
    /// @param index The first record's number in the patient's history, from 1.
    /// @param count How many numbers the batch takes, the first one included.
    /// @param digest The batch's digest, see {TransparencyLog-batchDigest}.
    event BatchAnchored(
        ParticipantId indexed patient,
        ParticipantId indexed author,
        uint40 index,
        uint16 count,
        bytes32 digest
    );

    /// @notice Emitted when {anchorBatches} passed over one of its batches.
    /// @dev For the author's own program: a licensed provider has it emitted for whomever it names. So the patient is no
    /// topic, and nobody who follows a patient comes upon it.
    /// @param patient Whose records.
    /// @param author Who wanted to anchor them.
    /// @param digest The batch's digest.
    /// @param reason The selector of the error with which {anchorBatch} reverts for it.
    event BatchSkipped(ParticipantId patient, ParticipantId indexed author, bytes32 digest, bytes4 reason);

    /// @notice Emitted when an institution published the head of one of its RFC 9162 logs.
    /// @param log Which of its logs.
    /// @param number How often it was published, this time included.
    /// @param size How many leaves.
    /// @param root The Merkle tree hash.
    /// @param mapRoot The root of the map over the same leaves; 0 for a log without one.
    event HeadPublished(
        ParticipantId indexed institution,
        uint32 indexed log,
        uint32 number,
        uint40 size,
        bytes32 root,
        bytes32 mapRoot
    );

    /// @notice Thrown when the author is neither the patient nor a steward with an active relationship.
    error NotAnActiveSteward(ParticipantId patient, ParticipantId author);

    /// @notice Thrown when the steward's licence isn't live.
    error StewardNotLicensed(ParticipantId steward);

    /// @notice Thrown when an institution anchors records about itself.
    error NotAPatient(ParticipantId participant);

    /// @notice Thrown when a digest or a root is zero.
    error MissingDigest();

    /// @notice Thrown when a batch has no record, or more than 32,768.
    error InvalidBatchCount(uint256 count);

    /// @notice Thrown when several batches are to be anchored and none is named.
    error MissingBatches();

    /// @notice Thrown when a patient's history can't count that many more records.
    error HistoryFull(ParticipantId patient);

    /// @notice Thrown when one that isn't an institution with a live licence publishes a head.
    error NotALicensedInstitution(ParticipantId participant);

    /// @notice Thrown when a head isn't the one that follows the log's last.
    error NotTheNextHead(uint256 number, uint256 next);

    /// @notice Thrown when a log has no more leaves than it had when it was published last: each size has one root.
    error LogDoesNotGrow(uint256 size, uint256 published);

    /// @notice Anchors a record; the caller is an active, licensed steward of the patient, or the patient.
    /// @param patient Whose record.
    /// @param digest The sha2-256 digest of the record's salted manifest.
    function anchor(ParticipantId patient, bytes32 digest) external;

    /// @notice Anchors several records of one patient at once. The same callers may as with {anchor}.
    /// @param batch Whose records, how many, and their digest.
    function anchorBatch(Batch calldata batch) external;

    /// @notice Anchors a batch for each of several patients. One that {anchorBatch} would refuse is passed over, with an
    /// event that says why; the others stand. A caller without a live licence as a provider anchors its own alone.
    /// @param batches In order; several of one patient follow each other in the history.
    function anchorBatches(Batch[] calldata batches) external;

    /// @notice Publishes the head of one of the caller's logs; the caller is a licensed institution.
    /// @dev No size is refused for being too large: a false head ends its log whatever it says, since no later one is
    /// consistent with it. Its institution goes on under another of 2^32 numbers.
    /// @param log Which of its logs.
    /// @param number How often it is published with this one: the first is 1. Of two programs of one institution that publish
    /// at once, one is refused.
    /// @param size How many leaves; more than before.
    /// @param root The RFC 9162 Merkle tree hash over them.
    /// @param mapRoot The root of the map over the same leaves, in which everybody finds what concerns them; 0 for a log
    /// without one.
    function publishHead(uint32 log, uint32 number, uint40 size, bytes32 root, bytes32 mapRoot) external;

    /// @notice A patient's running head: how many records at the most, and the chain over what was anchored, cut to 216
    /// bits. An anchor adds keccak256(chain, index, author, digest), a batch keccak256(chain, first index, author, digest,
    /// count): one has four words and one five, so that neither passes for the other.
    function headOf(ParticipantId patient) external view returns (RunningHead);

    /// @notice The head of an institution's log: its size, how often it was published, and the chain
    /// keccak256(chain, number, size, root, mapRoot), cut to 184 bits.
    function logHeadOf(ParticipantId institution, uint32 log) external view returns (LogHead);
}
