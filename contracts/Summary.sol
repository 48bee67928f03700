// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "./interfaces/IConsents.sol";
import {IPatientProviderRelationships} from "./interfaces/IPatientProviderRelationships.sol";
import {IRecords} from "./interfaces/IRecords.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {ISummary} from "./interfaces/ISummary.sol";
import {CATEGORY_COUNT, Category, CategoryMask} from "./types/Category.sol";
import {PROVIDER} from "./types/Participant.sol";
import {ParticipantId} from "./types/ParticipantId.sol";
import {Purpose} from "./types/Purpose.sol";
import {RunningHead} from "./types/RunningHead.sol";

/// @title Summary
/// @notice See {ISummary}.
contract Summary is ISummary {
    /// @notice Who is who.
    IRegistrar public immutable registrar;
    /// @notice Who keeps what.
    IPatientProviderRelationships public immutable relationships;
    /// @notice Who may see what.
    IConsents public immutable consents;
    /// @notice What exists.
    IRecords public immutable records;

    constructor(
        IRegistrar registrar_,
        IPatientProviderRelationships relationships_,
        IConsents consents_,
        IRecords records_
    ) {
        registrar = registrar_;
        relationships = relationships_;
        consents = consents_;
        records = records_;
    }

    /// @inheritdoc ISummary
    function overviewOf(
        ParticipantId patient,
        uint256 offset,
        uint256 limit
    ) external view returns (Overview memory overview) {
        if (!registrar.isPerson(patient)) revert NotAPatient(patient);

        RunningHead head = records.headOf(patient);
        overview.patient = patient;
        overview.keyDocument = registrar.keyDocumentOf(patient);
        overview.keyVersion = registrar.keyVersionOf(patient);
        (overview.accessEpoch, overview.signatureEpoch) = registrar.epochsOf(patient);
        overview.settings = registrar.settingsOf(patient);
        overview.recordCount = head.count();
        overview.recordChain = head.chain();
        overview.relationshipCount = relationships.providerCount(patient);

        ParticipantId[] memory providers = relationships.providersOf(patient, offset, limit);
        overview.relationships = new Entry[](providers.length);
        for (uint256 i = 0; i < providers.length; ++i) {
            overview.relationships[i] = Entry({
                provider: providers[i],
                relationship: relationships.relationship(patient, providers[i]),
                licensed: registrar.licenceLasts(providers[i], PROVIDER)
            });
        }
    }

    /// @inheritdoc ISummary
    function viewersAmong(
        ParticipantId patient,
        ParticipantId steward,
        CategoryMask categories,
        ParticipantId[] calldata viewers
    ) external view returns (CategoryMask[] memory seen) {
        seen = new CategoryMask[](viewers.length);
        for (uint256 i = 0; i < viewers.length; ++i) {
            uint8 mask = 0;
            for (uint256 c = 0; c < CATEGORY_COUNT; ++c) {
                if (categories.has(c) && _maySee(patient, steward, viewers[i], Category(c))) mask |= uint8(1 << c);
            }
            seen[i] = CategoryMask.wrap(mask);
        }
    }

    /// @inheritdoc ISummary
    function anchoringOf(ParticipantId patient, address account) external view returns (Anchoring memory anchoring) {
        ParticipantId author = registrar.participantOf(account);
        anchoring.author = author;
        anchoring.admitted =
            author == patient
                ? registrar.isPerson(author)
                : relationships.isActive(patient, author) && registrar.licenceLasts(author, PROVIDER);
        anchoring.withdrawn = registrar.isWithdrawn(author, patient);
        anchoring.relationship = relationships.relationship(patient, author);
    }

    /// @inheritdoc ISummary
    function readingOf(
        ParticipantId patient,
        address account
    ) external view returns (RunningHead head, ParticipantId reader) {
        return (records.headOf(patient), registrar.participantOf(account));
    }

    /// @dev Asks for one purpose after the other, until one is allowed.
    function _maySee(
        ParticipantId patient,
        ParticipantId steward,
        ParticipantId viewer,
        Category category
    ) private view returns (bool) {
        for (uint256 purpose = 0; purpose <= uint256(type(Purpose).max); ++purpose) {
            if (consents.canView(patient, steward, viewer, category, Purpose(purpose))) return true;
        }
        return false;
    }
}
