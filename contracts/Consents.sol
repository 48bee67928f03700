// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IConsents} from "./interfaces/IConsents.sol";
import {IPatientProviderRelationships} from "./interfaces/IPatientProviderRelationships.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {SignedActions} from "./libraries/SignedActions.sol";
import {Authorization} from "./types/Authorization.sol";
import {Category, CategoryMask, EXPLICIT_CATEGORIES} from "./types/Category.sol";
import {LANE_MASK, Lanes} from "./types/Lanes.sol";
import {PROVIDER} from "./types/Participant.sol";
import {NOBODY, ParticipantId} from "./types/ParticipantId.sol";
import {Purpose, hashPurpose} from "./types/Purpose.sol";

/// @title Consents
/// @notice See {IConsents}.
contract Consents is IConsents, SignedActions {
    /// @notice How far ahead a grant may expire.
    uint256 public constant MAX_GRANT_TERM = 10 * 365 days;

    bytes32 private constant GRANT_TYPEHASH = keccak256(
        "Grant(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,uint32 accessEpoch,uint32 generation,uint32 version,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant GRANT_REVOCATION_TYPEHASH = keccak256(
        "GrantRevocation(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,uint32 accessEpoch,uint32 generation,uint32 version,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant VIEWER_REVOCATION_TYPEHASH = keccak256(
        "ViewerRevocation(uint40 patient,uint40 viewer,string viewerName,uint32 generation,uint48 deadline)"
    );
    bytes32 private constant FULL_REVOCATION_TYPEHASH = keccak256(
        "FullRevocation(uint40 patient,uint32 accessEpoch,uint48 deadline)"
    );
    bytes32 private constant EVERY_STEWARD = keccak256("every steward");

    /// @notice Who is who.
    IRegistrar public immutable registrar;
    /// @notice Who keeps what.
    IPatientProviderRelationships public immutable relationships;

    mapping(ParticipantId patient => uint32 accessEpoch) private _accessEpochs;
    mapping(ParticipantId patient => mapping(ParticipantId viewer => uint32 generation)) private _generations;
    /// @dev The key packs patient, access epoch, viewer, generation, purpose and steward: see {_grantKey}.
    mapping(uint256 key => Lanes lanes) private _grants;

    /// @param registrar_ Who is who.
    /// @param relationships_ Who keeps what.
    constructor(IRegistrar registrar_, IPatientProviderRelationships relationships_) {
        registrar = registrar_;
        relationships = relationships_;
    }

    // Grants

    /// @inheritdoc IConsents
    function grant(Grant calldata given) external {
        ParticipantId patient = registrar.authenticatePatient(msg.sender);
        _grant(patient, given, _epochs(patient, given.viewer));
    }

    /// @inheritdoc IConsents
    function grantWithSig(Grant calldata given, Authorization calldata authorization) external {
        ParticipantId patient = registrar.authenticatePatient(authorization.account);
        GrantState memory state = _grantState(patient, given.viewer, given.purpose, given.steward);
        _checkSignature(
            authorization,
            keccak256(
                bytes.concat(
                    abi.encode(GRANT_TYPEHASH, patient),
                    _encodeScope(given.viewer, given.purpose, given.steward, given.categories),
                    abi.encode(
                        given.sensitiveFromAnySteward,
                        given.until,
                        state.accessEpoch,
                        state.generation,
                        state.version,
                        authorization.deadline
                    )
                )
            )
        );

        _grant(patient, given, state);
    }

    // The three revocations

    /// @inheritdoc IConsents
    function revokeGrant(
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories
    ) external {
        ParticipantId patient = registrar.authenticate(msg.sender);
        _revokeGrant(patient, viewer, purpose, steward, categories, _epochs(patient, viewer));
    }

    /// @inheritdoc IConsents
    function revokeGrantWithSig(
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories,
        uint32 version,
        Authorization calldata authorization
    ) external {
        ParticipantId patient = registrar.authenticate(authorization.account);
        GrantState memory state = _grantState(patient, viewer, purpose, steward);
        _checkSignature(
            authorization,
            keccak256(
                bytes.concat(
                    abi.encode(GRANT_REVOCATION_TYPEHASH, patient),
                    _encodeScope(viewer, purpose, steward, categories),
                    abi.encode(state.accessEpoch, state.generation, version, authorization.deadline)
                )
            )
        );
        // One write in between may have been a grant that was signed before and sent first. A revocation writes two
        // versions, so this one doesn't count again.
        if (version != state.version && uint256(version) + 1 != state.version) {
            revert StaleSignature(version, state.version);
        }

        _revokeGrant(patient, viewer, purpose, steward, categories, state);
    }

    /// @inheritdoc IConsents
    function revokeViewer(ParticipantId viewer) external {
        ParticipantId patient = registrar.authenticate(msg.sender);
        _revokeViewer(patient, viewer);
    }

    /// @inheritdoc IConsents
    function revokeViewerWithSig(ParticipantId viewer, Authorization calldata authorization) external {
        ParticipantId patient = registrar.authenticate(authorization.account);
        _checkSignature(
            authorization,
            keccak256(
                abi.encode(
                    VIEWER_REVOCATION_TYPEHASH,
                    patient,
                    viewer,
                    registrar.nameDigestOf(viewer),
                    _generations[patient][viewer],
                    authorization.deadline
                )
            )
        );

        _revokeViewer(patient, viewer);
    }

    /// @inheritdoc IConsents
    function revokeAll() external {
        _revokeAll(registrar.authenticate(msg.sender));
    }

    /// @inheritdoc IConsents
    function revokeAllWithSig(Authorization calldata authorization) external {
        ParticipantId patient = registrar.authenticate(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(FULL_REVOCATION_TYPEHASH, patient, _accessEpochs[patient], authorization.deadline))
        );

        _revokeAll(patient);
    }

    // The question

    /// @inheritdoc IConsents
    function canView(
        ParticipantId patient,
        ParticipantId steward,
        ParticipantId viewer,
        Category category,
        Purpose purpose
    ) external view returns (bool) {
        if (!registrar.isPerson(patient)) return false;
        if (viewer == patient) return true;
        if (viewer == steward && relationships.isActive(patient, steward) && registrar.isLicensed(steward, PROVIDER)) {
            return true;
        }

        GrantState memory state = _epochs(patient, viewer);
        return
            (_isLive(patient, viewer, purpose, steward, state, category) ||
                _isLive(patient, viewer, purpose, NOBODY, state, category)) && registrar.isInGoodStanding(viewer);
    }

    /// @inheritdoc IConsents
    function grantOf(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward
    ) external view returns (GrantState memory state, Lanes lanes) {
        state = _epochs(patient, viewer);
        lanes = _grants[_grantKey(patient, viewer, purpose, steward, state)];
        state.version = lanes.version();
    }

    /// @inheritdoc IConsents
    function accessEpochOf(ParticipantId patient) external view returns (uint32) {
        return _accessEpochs[patient];
    }

    /// @inheritdoc IConsents
    function generationOf(ParticipantId patient, ParticipantId viewer) external view returns (uint32) {
        return _generations[patient][viewer];
    }

    // Internal: writes

    function _grant(ParticipantId patient, Grant calldata given, GrantState memory state) private {
        if (given.viewer == patient) revert ViewerIsPatient(patient);
        if (!registrar.isInGoodStanding(given.viewer)) revert ViewerNotInGoodStanding(given.viewer);
        if (given.categories.isEmpty()) revert MissingCategories();
        if (
            given.steward == NOBODY &&
            !given.sensitiveFromAnySteward &&
            given.categories.intersects(EXPLICIT_CATEGORIES)
        ) revert SensitiveNeedsExplicitConsent(given.categories);
        // Rounds down: a grant expires no later than what was signed.
        uint256 minute = given.until / 1 minutes;
        if (minute * 1 minutes <= block.timestamp) revert ExpiryInThePast(given.until);
        uint256 latest = Math.min(block.timestamp + MAX_GRANT_TERM, LANE_MASK * 1 minutes);
        if (given.until > latest) revert ExpiryTooFar(given.until, latest);

        uint256 key = _grantKey(patient, given.viewer, given.purpose, given.steward, state);
        Lanes lanes = _grants[key].set(given.categories, minute);
        _grants[key] = lanes;

        state.version = lanes.version();
        emit Granted(
            patient,
            given.viewer,
            given.steward,
            given.purpose,
            given.categories,
            uint40(minute * 1 minutes),
            state
        );
    }

    function _revokeGrant(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories,
        GrantState memory state
    ) private {
        if (categories.isEmpty()) revert MissingCategories();

        uint256 key = _grantKey(patient, viewer, purpose, steward, state);
        Lanes lanes = _grants[key].clear(categories);
        _grants[key] = lanes;

        state.version = lanes.version();
        emit GrantRevoked(patient, viewer, steward, purpose, categories, state);
    }

    function _revokeViewer(ParticipantId patient, ParticipantId viewer) private {
        uint32 generation = ++_generations[patient][viewer];

        emit ViewerRevoked(patient, viewer, generation);
    }

    function _revokeAll(ParticipantId patient) private {
        uint32 accessEpoch = ++_accessEpochs[patient];

        emit AllRevoked(patient, accessEpoch);
    }

    // Internal: reads and checks

    function _isLive(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        GrantState memory state,
        Category category
    ) private view returns (bool) {
        Lanes lanes = _grants[_grantKey(patient, viewer, purpose, steward, state)];
        return lanes.isLive(uint256(category), block.timestamp);
    }

    function _epochs(ParticipantId patient, ParticipantId viewer) private view returns (GrantState memory state) {
        state.accessEpoch = _accessEpochs[patient];
        state.generation = _generations[patient][viewer];
    }

    function _grantState(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward
    ) private view returns (GrantState memory state) {
        state = _epochs(patient, viewer);
        state.version = _grants[_grantKey(patient, viewer, purpose, steward, state)].version();
    }

    ///  | 191–152 patient | 151–120 access epoch | 119–80 viewer | 79–48 generation | 47–40 purpose | 39–0 steward |
    function _grantKey(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        GrantState memory state
    ) private pure returns (uint256) {
        return
            (uint256(ParticipantId.unwrap(patient)) << 152) |
            (uint256(state.accessEpoch) << 120) |
            (uint256(ParticipantId.unwrap(viewer)) << 80) |
            (uint256(state.generation) << 48) |
            (uint256(purpose) << 40) |
            uint256(ParticipantId.unwrap(steward));
    }

    /// @dev What a signed grant and a signed revocation have in common. The names come from the Registrar, so a wallet that
    /// showed another name made another digest.
    function _encodeScope(
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories
    ) private view returns (bytes memory) {
        (bytes32 viewerName, bytes32 stewardName) = registrar.nameDigestsOf(viewer, steward);
        if (steward == NOBODY) stewardName = EVERY_STEWARD;
        return abi.encode(viewer, viewerName, hashPurpose(purpose), categories.hashStruct(), steward, stewardName);
    }
}
