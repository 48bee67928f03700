// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "../types/Category.sol";
import {Settings} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Relationship} from "../types/Relationship.sol";
import {RunningHead} from "../types/RunningHead.sol";

/// @title ISummary
/// @notice Views that answer in one call what takes many: a patient's index, read from state alone, so that a patient with
/// nothing but an account finds every relationship again where nodes prune logs; and who of many may see a patient's records.
interface ISummary {
    /// @notice A relationship and its other side.
    struct Entry {
        ParticipantId provider;
        Relationship relationship;
        /// @dev Whether the provider's licence is live.
        bool licensed;
    }

    /// @notice Everything that the chain says about a patient.
    struct Overview {
        ParticipantId patient;
        bytes32 keyDocument;
        uint16 keyVersion;
        uint32 accessEpoch;
        /// @dev How often the patient cancelled outstanding signatures.
        uint32 signatureEpoch;
        Settings settings;
        /// @dev How many records at the most: a batch may count dummies.
        uint40 recordCount;
        bytes27 recordChain;
        /// @dev How many relationships there are, also beyond the page that was asked for.
        uint256 relationshipCount;
        Entry[] relationships;
    }

    /// @notice Whether, and for whom, an account anchors.
    struct Anchoring {
        /// @dev The participant that the account acts for, or nobody.
        ParticipantId author;
        /// @dev Whether {IRecords} takes what the author anchors for the patient now.
        bool admitted;
        /// @dev Whether the author withdrew that it knows who the patient is.
        bool withdrawn;
        /// @dev Between patient and author.
        Relationship relationship;
    }

    /// @notice Thrown when `patient` isn't a person's participant.
    error NotAPatient(ParticipantId patient);

    /// @notice A patient's overview, with one page of relationships in the order of their first approval.
    /// @param offset How many relationships to pass over.
    /// @param limit How many to return at the most.
    function overviewOf(
        ParticipantId patient,
        uint256 offset,
        uint256 limit
    ) external view returns (Overview memory overview);

    /// @notice Who of many viewers may now see records that `steward` keeps of `patient`: for each of them the categories
    /// that {IConsents-canView} allows for any purpose.
    /// @dev For `eth_call`: up to seven questions for each viewer and category.
    /// @param patient The patient; nobody sees anything of one that isn't a person.
    /// @param steward Whose records.
    /// @param categories Which categories to ask about.
    /// @param viewers Whom to ask about.
    /// @return seen For each viewer in turn, those of `categories` that it may see.
    function viewersAmong(
        ParticipantId patient,
        ParticipantId steward,
        CategoryMask categories,
        ParticipantId[] calldata viewers
    ) external view returns (CategoryMask[] memory seen);

    /// @notice What is asked before a record is sealed.
    /// @param patient Whose record.
    /// @param account The author's account.
    function anchoringOf(ParticipantId patient, address account) external view returns (Anchoring memory anchoring);

    /// @notice What is asked whenever a record is opened: a patient's running head, and whose an account is.
    /// @param account The reader's account.
    /// @return head {IRecords-headOf} the patient.
    /// @return reader The participant that the account acts for, or nobody.
    function readingOf(
        ParticipantId patient,
        address account
    ) external view returns (RunningHead head, ParticipantId reader);
}
