// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../interfaces/IConsents.sol";
import {IRegistrar} from "../interfaces/IRegistrar.sol";
import {SignedActions} from "../libraries/SignedActions.sol";
import {CategoryMask} from "../types/Category.sol";
import {Lanes} from "../types/Lanes.sol";
import {Standing} from "../types/Participant.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";
import {Purpose, hashPurpose} from "../types/Purpose.sol";

/// @title SignedConsents
/// @notice The part of {Consents} that says what is signed: the EIP-712 types, and the counters that they name.
abstract contract SignedConsents is IConsents, SignedActions {
    bytes32 private constant GRANT_TYPEHASH = keccak256(
        "Grant(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,uint32 signatureEpoch,uint32 generation,uint32 version,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant CONSTRAINED_GRANT_TYPEHASH = keccak256(
        "ConstrainedGrant(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,bytes32 constraintDigest,uint32 signatureEpoch,uint32 generation,uint32 version,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant GRANT_REVOCATION_TYPEHASH = keccak256(
        "GrantRevocation(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,uint32 signatureEpoch,uint32 generation,uint32 version,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant VIEWER_REVOCATION_TYPEHASH = keccak256(
        "ViewerRevocation(uint40 patient,uint40 viewer,string viewerName,uint32 generation,uint48 deadline)"
    );
    bytes32 private constant CHANGES_TYPEHASH = keccak256(
        "ConsentChanges(uint40 patient,RevocationEntry[] revocations,GrantEntry[] grants,uint32 signatureEpoch,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)GrantEntry(uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,uint32 generation,uint32 version)RevocationEntry(uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,uint32 generation,uint32 version)"
    );
    bytes32 private constant GRANT_ENTRY_TYPEHASH = keccak256(
        "GrantEntry(uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,uint32 generation,uint32 version)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant REVOCATION_ENTRY_TYPEHASH = keccak256(
        "RevocationEntry(uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,uint32 generation,uint32 version)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant REVIEW_TYPEHASH = keccak256(
        "EmergencyReview(uint40 patient,uint40 responder,string responderName,uint32 number,bool justified,uint48 deadline)"
    );

    /// @dev A `GrantEntry` as EIP-712 encodes it.
    struct GrantEntry {
        bytes32 typeHash;
        ParticipantId viewer;
        bytes32 viewerName;
        bytes32 purpose;
        bytes32 categories;
        ParticipantId steward;
        bytes32 stewardName;
        bool sensitiveFromAnySteward;
        uint40 until;
        uint32 generation;
        uint32 version;
    }

    bytes32 private constant EVERY_STEWARD = keccak256("every steward");

    /// @notice Who is who.
    IRegistrar public immutable registrar;

    mapping(ParticipantId patient => mapping(ParticipantId viewer => uint32 generation)) internal _generations;
    /// @dev The key packs patient, access epoch, viewer, generation, purpose and steward: see {_grantKey}.
    mapping(uint256 key => Lanes lanes) internal _grants;
    /// @dev Apart from the lanes, so that whoever isn't constrained pays nothing for it. The key is that of the grant.
    mapping(uint256 key => bytes32 digest) internal _constraints;

    constructor(IRegistrar registrar_) {
        registrar = registrar_;
    }

    // Counters

    function _state(
        ParticipantId patient,
        ParticipantId viewer,
        uint32 accessEpoch
    ) internal view returns (GrantState memory) {
        return GrantState({accessEpoch: accessEpoch, generation: _generations[patient][viewer], version: 0});
    }

    function _stateWithVersion(
        ParticipantId patient,
        Scope memory scope,
        uint32 accessEpoch
    ) internal view returns (GrantState memory state) {
        state = _state(patient, scope.viewer, accessEpoch);
        state.version = _grants[_grantKey(patient, scope.viewer, scope.purpose, scope.steward, state)].version();
    }

    function _scopeOf(Grant calldata given) internal pure returns (Scope memory) {
        return
            Scope({viewer: given.viewer, purpose: given.purpose, steward: given.steward, categories: given.categories});
    }

    ///  | 191–152 patient | 151–120 access epoch | 119–80 viewer | 79–48 generation | 47–40 purpose | 39–0 steward |
    function _grantKey(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        GrantState memory state
    ) internal pure returns (uint256) {
        return
            (uint256(ParticipantId.unwrap(patient)) << 152) |
            (uint256(state.accessEpoch) << 120) |
            (uint256(ParticipantId.unwrap(viewer)) << 80) |
            (uint256(state.generation) << 48) |
            (uint256(purpose) << 40) |
            uint256(ParticipantId.unwrap(steward));
    }

    // Messages

    function _hashGrant(
        ParticipantId patient,
        Grant calldata given,
        Standing memory standing,
        GrantState memory state,
        uint48 deadline
    ) internal view returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    _encodeGrant(GRANT_TYPEHASH, patient, given),
                    abi.encode(standing.signatureEpoch, state.generation, state.version, deadline)
                )
            );
    }

    function _hashConstrainedGrant(
        ParticipantId patient,
        Grant calldata given,
        bytes32 constraintDigest,
        Standing memory standing,
        GrantState memory state,
        uint48 deadline
    ) internal view returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    _encodeGrant(CONSTRAINED_GRANT_TYPEHASH, patient, given),
                    abi.encode(constraintDigest, standing.signatureEpoch, state.generation, state.version, deadline)
                )
            );
    }

    function _hashRevocation(
        ParticipantId patient,
        Scope memory scope,
        uint32 signatureEpoch,
        uint32 generation,
        uint32 version,
        uint48 deadline
    ) internal view returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(GRANT_REVOCATION_TYPEHASH, patient),
                    _encodeNamedScope(scope),
                    abi.encode(signatureEpoch, generation, version, deadline)
                )
            );
    }

    function _hashViewerRevocation(
        ParticipantId patient,
        ParticipantId viewer,
        uint48 deadline
    ) internal view returns (bytes32) {
        bytes32 viewerName = registrar.nameDigestOf(viewer);
        uint32 generation = _generations[patient][viewer];
        return keccak256(abi.encode(VIEWER_REVOCATION_TYPEHASH, patient, viewer, viewerName, generation, deadline));
    }

    function _hashReview(
        ParticipantId patient,
        ParticipantId responder,
        uint32 number,
        bool justified,
        uint48 deadline
    ) internal view returns (bytes32) {
        bytes32 responderName = registrar.nameDigestOf(responder);
        return keccak256(abi.encode(REVIEW_TYPEHASH, patient, responder, responderName, number, justified, deadline));
    }

    function _hashChanges(
        ParticipantId patient,
        bytes32 revocationsHash,
        bytes32 grantsHash,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CHANGES_TYPEHASH, patient, revocationsHash, grantsHash, signatureEpoch, deadline));
    }

    function _hashRevocations(
        ParticipantId patient,
        Scope[] calldata revocations,
        Standing memory standing
    ) internal view returns (bytes32, GrantState[] memory states) {
        states = new GrantState[](revocations.length);
        bytes32[] memory hashes = new bytes32[](revocations.length);
        for (uint256 i = 0; i < revocations.length; ++i) {
            Scope memory scope = revocations[i];
            GrantState memory state = _stateWithVersion(patient, scope, standing.accessEpoch);
            states[i] = state;
            hashes[i] = keccak256(
                bytes.concat(
                    REVOCATION_ENTRY_TYPEHASH,
                    _encodeNamedScope(scope),
                    abi.encode(state.generation, state.version)
                )
            );
        }
        return (keccak256(abi.encodePacked(hashes)), states);
    }

    function _hashGrants(
        ParticipantId patient,
        Grant[] calldata grants,
        Standing memory standing
    ) internal view returns (bytes32, GrantState[] memory states) {
        states = new GrantState[](grants.length);
        bytes32[] memory hashes = new bytes32[](grants.length);
        GrantEntry memory entry;
        entry.typeHash = GRANT_ENTRY_TYPEHASH;
        CategoryMask hashed;
        for (uint256 i = 0; i < grants.length; ++i) {
            Grant calldata given = grants[i];
            Scope memory scope = _scopeOf(given);
            GrantState memory state = _stateWithVersion(patient, scope, standing.accessEpoch);
            states[i] = state;
            // Often the same from entry to entry.
            if (CategoryMask.unwrap(scope.categories) != CategoryMask.unwrap(hashed) || i == 0) {
                hashed = scope.categories;
                entry.categories = hashed.hashStruct();
            }
            if (i == 0 || entry.viewer != scope.viewer || entry.steward != scope.steward) {
                (entry.viewerName, entry.stewardName) = _namesOf(scope.viewer, scope.steward);
            }
            entry.viewer = scope.viewer;
            entry.purpose = hashPurpose(scope.purpose);
            entry.steward = scope.steward;
            entry.sensitiveFromAnySteward = given.sensitiveFromAnySteward;
            entry.until = given.until;
            entry.generation = state.generation;
            entry.version = state.version;
            hashes[i] = keccak256(abi.encode(entry));
        }
        return (keccak256(abi.encodePacked(hashes)), states);
    }

    // Parts of messages

    function _namesOf(
        ParticipantId viewer,
        ParticipantId steward
    ) private view returns (bytes32 viewerName, bytes32 stewardName) {
        bool inGoodStanding;
        (inGoodStanding, viewerName, stewardName) = registrar.grantParties(viewer, steward);
        if (!inGoodStanding) revert ViewerNotInGoodStanding(viewer);
        if (steward == NOBODY) stewardName = EVERY_STEWARD;
    }

    /// @dev What a grant says with or without a constraint.
    function _encodeGrant(
        bytes32 typeHash,
        ParticipantId patient,
        Grant calldata given
    ) private view returns (bytes memory) {
        Scope memory scope = _scopeOf(given);
        (bytes32 viewerName, bytes32 stewardName) = _namesOf(scope.viewer, scope.steward);
        return
            abi.encode(
                typeHash,
                patient,
                scope.viewer,
                viewerName,
                hashPurpose(scope.purpose),
                scope.categories.hashStruct(),
                scope.steward,
                stewardName,
                given.sensitiveFromAnySteward,
                given.until
            );
    }

    /// @dev The names come from the Registrar, so a wallet that showed another name made another digest.
    function _encodeNamedScope(Scope memory scope) private view returns (bytes memory) {
        (bytes32 viewerName, bytes32 stewardName) = registrar.nameDigestsOf(scope.viewer, scope.steward);
        if (scope.steward == NOBODY) stewardName = EVERY_STEWARD;
        bytes32 categories = scope.categories.hashStruct();
        return abi.encode(scope.viewer, viewerName, hashPurpose(scope.purpose), categories, scope.steward, stewardName);
    }
}
