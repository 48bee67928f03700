// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "../types/ParticipantId.sol";
import {RunningHead} from "../types/RunningHead.sol";

/// @title IRecords
/// @notice What exists: salted digests of records, a running head for each patient, and the heads of institutions' logs.
/// @dev Nothing is ever deleted. A record is corrected by another one that amends or disputes it, off chain, in the
/// sealed manifest.
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

    /// @notice Emitted when an institution published the head of one of its RFC 9162 logs.
    /// @param institution The institution.
    /// @param log Which of its logs.
    /// @param size How many leaves.
    /// @param root The Merkle tree hash.
    event HeadPublished(ParticipantId indexed institution, uint32 indexed log, uint40 size, bytes32 root);

    /// @notice Thrown when the author is neither the patient nor a steward with an active relationship.
    error NotAnActiveSteward(ParticipantId patient, ParticipantId author);

    /// @notice Thrown when the steward's licence isn't live.
    error StewardNotLicensed(ParticipantId steward);

    /// @notice Thrown when an institution anchors records about itself.
    error NotAPatient(ParticipantId participant);

    /// @notice Thrown when a digest or a root is zero.
    error MissingDigest();

    /// @notice Thrown when one that isn't an institution with a live licence publishes a head.
    error NotALicensedInstitution(ParticipantId participant);

    /// @notice Thrown when a log would shrink.
    error LogShrinks(uint256 size, uint256 published);

    /// @notice Anchors a record; the caller is an active, licensed steward of the patient, or the patient.
    /// @param patient Whose record.
    /// @param digest The sha2-256 digest of the record's salted manifest.
    function anchor(ParticipantId patient, bytes32 digest) external;

    /// @notice Publishes the head of one of the caller's logs; the caller is a licensed institution.
    /// @param log Which of its logs.
    /// @param size How many leaves; never fewer than before.
    /// @param root The RFC 9162 Merkle tree hash over them.
    function publishHead(uint32 log, uint40 size, bytes32 root) external;

    /// @notice A patient's running head: how many records, and the chain
    /// keccak256(chain, count, author, digest) over them, cut to 216 bits.
    function headOf(ParticipantId patient) external view returns (RunningHead);

    /// @notice The head of an institution's log: its size, and the chain keccak256(chain, size, root), cut to 216 bits.
    function logHeadOf(ParticipantId institution, uint32 log) external view returns (RunningHead);
}
