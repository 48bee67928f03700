// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {SignedConsents} from "./consents/SignedConsents.sol";
import {IConsents} from "./interfaces/IConsents.sol";
import {IDelegates} from "./interfaces/IDelegates.sol";
import {IPatientProviderRelationships} from "./interfaces/IPatientProviderRelationships.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {Authorization} from "./types/Authorization.sol";
import {Category, CategoryMask, EXPLICIT_CATEGORIES} from "./types/Category.sol";
import {ALL_CATEGORIES} from "./types/Delegation.sol";
import {Emergency, Outcome, Review} from "./types/Emergency.sol";
import {LANE_MASK, Lanes} from "./types/Lanes.sol";
import {EMERGENCY, PROVIDER, Standing} from "./types/Participant.sol";
import {NOBODY, ParticipantId} from "./types/ParticipantId.sol";
import {Purpose} from "./types/Purpose.sol";

/// @title Consents
/// @notice See {IConsents}.
contract Consents is SignedConsents, AccessManaged {
    /// @notice How far ahead a grant may expire.
    uint256 public constant MAX_GRANT_TERM = 10 * 365 days;
    /// @notice How long a broken glass lasts at the most.
    uint256 public constant MAX_EMERGENCY_TERM = 4 hours;

    /// @notice Who keeps what.
    IPatientProviderRelationships public immutable relationships;
    /// @notice Who may act in a patient's place.
    IDelegates public immutable delegates;

    mapping(ParticipantId patient => mapping(ParticipantId responder => Emergency emergency)) private _emergencies;
    mapping(ParticipantId patient => mapping(ParticipantId responder => mapping(uint32 number => Review review)))
        private _reviews;

    /// @param authority The {Authority}, for the one thing that the authority may do here: review a break-glass.
    constructor(
        address authority,
        IRegistrar registrar_,
        IPatientProviderRelationships relationships_,
        IDelegates delegates_
    ) AccessManaged(authority) SignedConsents(registrar_) {
        relationships = relationships_;
        delegates = delegates_;
    }

    // Grants

    /// @inheritdoc IConsents
    function grant(ParticipantId patient, Grant calldata given) external {
        (, Standing memory standing) = _authorizeGrant(patient, given, msg.sender);
        _grantDirectly(patient, given, standing);
    }

    /// @inheritdoc IConsents
    function grantWithSig(ParticipantId patient, Grant calldata given, Authorization calldata authorization) external {
        (, Standing memory standing) = _authorizeGrant(patient, given, authorization.account);
        GrantState memory state = _stateWithVersion(patient, _scopeOf(given), standing.accessEpoch);
        _checkSignature(authorization, _hashGrant(patient, given, standing, state, authorization.deadline));

        _grant(patient, given, standing, state);
    }

    /// @inheritdoc IConsents
    function grantConstrained(ParticipantId patient, Grant calldata given, bytes32 constraintDigest) external {
        (ParticipantId actor, Standing memory standing) = _authorizeGrant(patient, given, msg.sender);
        if (!registrar.isInGoodStanding(given.viewer)) revert ViewerNotInGoodStanding(given.viewer);

        GrantState memory state = _state(patient, given.viewer, standing.accessEpoch);
        _grantConstrained(patient, actor, given, constraintDigest, standing, state);
    }

    /// @inheritdoc IConsents
    function grantConstrainedWithSig(
        ParticipantId patient,
        Grant calldata given,
        bytes32 constraintDigest,
        Authorization calldata authorization
    ) external {
        (ParticipantId actor, Standing memory standing) = _authorizeGrant(patient, given, authorization.account);
        GrantState memory state = _stateWithVersion(patient, _scopeOf(given), standing.accessEpoch);
        _checkSignature(
            authorization,
            _hashConstrainedGrant(patient, given, constraintDigest, standing, state, authorization.deadline)
        );

        _grantConstrained(patient, actor, given, constraintDigest, standing, state);
    }

    // Revocations. That of everything is the Registrar's: it ends delegates, too.

    /// @inheritdoc IConsents
    function revokeGrant(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories
    ) external {
        (uint32 accessEpoch, ) = _authorizeRevocation(patient, categories, msg.sender);
        Scope memory scope = Scope(viewer, purpose, steward, categories);
        _revokeGrant(patient, scope, _state(patient, viewer, accessEpoch));
    }

    /// @inheritdoc IConsents
    function revokeGrantWithSig(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories,
        uint32 version,
        Authorization calldata authorization
    ) external {
        (uint32 accessEpoch, uint32 signatureEpoch) = _authorizeRevocation(patient, categories, authorization.account);
        Scope memory scope = Scope(viewer, purpose, steward, categories);
        GrantState memory state = _stateWithVersion(patient, scope, accessEpoch);
        _checkSignature(
            authorization,
            _hashRevocation(patient, scope, signatureEpoch, state.generation, version, authorization.deadline)
        );
        // One write in between may have been a grant that was signed before and sent first. A revocation writes two
        // versions, so this one doesn't count again.
        if (version != state.version && uint256(version) + 1 != state.version) {
            revert StaleSignature(version, state.version);
        }

        _revokeGrant(patient, scope, state);
    }

    /// @inheritdoc IConsents
    function revokeViewer(ParticipantId patient, ParticipantId viewer) external {
        _checkMayGrant(patient, registrar.authenticate(msg.sender), ALL_CATEGORIES);

        _revokeViewer(patient, viewer);
    }

    /// @inheritdoc IConsents
    function revokeViewerWithSig(
        ParticipantId patient,
        ParticipantId viewer,
        Authorization calldata authorization
    ) external {
        _checkMayGrant(patient, registrar.authenticate(authorization.account), ALL_CATEGORIES);
        _checkSignature(authorization, _hashViewerRevocation(patient, viewer, authorization.deadline));

        _revokeViewer(patient, viewer);
    }

    // Several at once

    /// @inheritdoc IConsents
    function changeConsents(Scope[] calldata revocations, Grant[] calldata grants) external {
        (ParticipantId patient, Standing memory standing) = _authorizeChanges(msg.sender, grants);
        if (revocations.length + grants.length == 0) revert MissingChanges();

        for (uint256 i = 0; i < revocations.length; ++i) {
            _revokeGrant(patient, revocations[i], _state(patient, revocations[i].viewer, standing.accessEpoch));
        }
        for (uint256 i = 0; i < grants.length; ++i) _grantDirectly(patient, grants[i], standing);
    }

    /// @inheritdoc IConsents
    function changeConsentsWithSig(
        Scope[] calldata revocations,
        Grant[] calldata grants,
        Authorization calldata authorization
    ) external {
        (ParticipantId patient, Standing memory standing) = _authorizeChanges(authorization.account, grants);
        if (revocations.length + grants.length == 0) revert MissingChanges();
        // What is signed are the counters as they are before any of the changes.
        (bytes32 revocationsHash, GrantState[] memory revoked) = _hashRevocations(patient, revocations, standing);
        (bytes32 grantsHash, GrantState[] memory granted) = _hashGrants(patient, grants, standing);
        _checkSignature(
            authorization,
            _hashChanges(patient, revocationsHash, grantsHash, standing.signatureEpoch, authorization.deadline)
        );

        for (uint256 i = 0; i < revocations.length; ++i) _revokeGrant(patient, revocations[i], revoked[i]);
        for (uint256 i = 0; i < grants.length; ++i) _grant(patient, grants[i], standing, granted[i]);
    }

    // Emergencies

    /// @inheritdoc IConsents
    function breakGlass(ParticipantId patient, uint40 until, bytes32 reasonDigest) external {
        ParticipantId responder = registrar.authenticate(msg.sender);
        if (!registrar.licenceLasts(responder, EMERGENCY)) revert NotCertifiedForEmergencies(responder);
        if (reasonDigest == 0) revert MissingReason();
        (CategoryMask categories, uint32 accessEpoch) = registrar.emergencyOf(patient);
        if (categories.isEmpty()) revert OptedOut(patient);
        uint256 latest = block.timestamp + MAX_EMERGENCY_TERM;
        if (until <= block.timestamp) revert ExpiryInThePast(until);
        if (until > latest) revert ExpiryTooFar(until, latest);
        Emergency memory emergency = _emergencies[patient][responder];
        uint32 generation = _generations[patient][responder];
        bool current = emergency.accessEpoch == accessEpoch && emergency.generation == generation;
        if (current && block.timestamp < emergency.until) revert GlassAlreadyBroken(patient, responder);

        uint32 number = emergency.number + 1;
        _emergencies[patient][responder] = Emergency({
            number: number,
            until: until,
            categories: categories,
            accessEpoch: accessEpoch,
            generation: generation
        });

        emit GlassBroken(patient, responder, number, categories, until, reasonDigest);
    }

    /// @inheritdoc IConsents
    function review(ParticipantId patient, ParticipantId responder, uint32 number, Outcome outcome) external {
        ParticipantId by = registrar.authenticatePatient(msg.sender);
        if (by != patient && !delegates.mayApprove(patient, by)) revert NotEmpowered(patient, by);

        _review(patient, responder, number, Review({outcome: outcome, byPatient: true}), by);
    }

    /// @inheritdoc IConsents
    function reviewWithSig(
        ParticipantId patient,
        ParticipantId responder,
        uint32 number,
        Outcome outcome,
        Authorization calldata authorization
    ) external {
        ParticipantId by = registrar.authenticatePatient(authorization.account);
        if (by != patient && !delegates.mayApprove(patient, by)) revert NotEmpowered(patient, by);
        _checkSignature(
            authorization,
            _hashReview(patient, responder, number, outcome == Outcome.Justified, authorization.deadline)
        );

        _review(patient, responder, number, Review({outcome: outcome, byPatient: true}), by);
    }

    /// @inheritdoc IConsents
    function reviewAsAuthority(
        ParticipantId patient,
        ParticipantId responder,
        uint32 number,
        Outcome outcome
    ) external restricted {
        _review(patient, responder, number, Review({outcome: outcome, byPatient: false}), NOBODY);
    }

    /// @inheritdoc IConsents
    function emergencyOf(ParticipantId patient, ParticipantId responder) external view returns (Emergency memory) {
        return _emergencies[patient][responder];
    }

    /// @inheritdoc IConsents
    function reviewOf(
        ParticipantId patient,
        ParticipantId responder,
        uint32 number
    ) external view returns (Review memory) {
        return _reviews[patient][responder][number];
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
        if (
            viewer == steward && relationships.isActive(patient, steward) && registrar.licenceLasts(steward, PROVIDER)
        ) {
            return true;
        }

        if (delegates.mayView(patient, viewer, uint256(category))) return true;
        if (!registrar.isInGoodStanding(viewer)) return false;

        (CategoryMask emergency, uint32 accessEpoch) = registrar.emergencyOf(patient);
        GrantState memory state = _state(patient, viewer, accessEpoch);
        return
            _isLive(patient, viewer, purpose, steward, state, category) ||
            _isLive(patient, viewer, purpose, NOBODY, state, category) ||
            (purpose == Purpose.ETREAT &&
                emergency.has(uint256(category)) &&
                _isGlassBroken(patient, viewer, state, category) &&
                registrar.licenceLasts(viewer, EMERGENCY));
    }

    /// @inheritdoc IConsents
    function grantOf(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward
    ) external view returns (GrantState memory state, Lanes lanes) {
        (uint32 accessEpoch, ) = registrar.epochsOf(patient);
        state = _state(patient, viewer, accessEpoch);
        lanes = _grants[_grantKey(patient, viewer, purpose, steward, state)];
        state.version = lanes.version();
    }

    /// @inheritdoc IConsents
    function grantersAmong(
        ParticipantId[] calldata patients,
        ParticipantId[] calldata stewards,
        ParticipantId viewer,
        Purpose purpose,
        CategoryMask categories
    ) external view returns (uint256 count) {
        uint32[] memory accessEpochs = registrar.accessEpochsOf(patients);
        Scope memory scope = Scope(viewer, purpose, NOBODY, categories);
        for (uint256 i = 0; i < patients.length; ++i) {
            scope.steward = stewards[i];
            if (_grantsAll(patients[i], accessEpochs[i], scope)) ++count;
        }
    }

    /// @inheritdoc IConsents
    function constraintOf(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward
    ) external view returns (bytes32) {
        (uint32 accessEpoch, ) = registrar.epochsOf(patient);
        return _constraints[_grantKey(patient, viewer, purpose, steward, _state(patient, viewer, accessEpoch))];
    }

    /// @inheritdoc IConsents
    function generationOf(ParticipantId patient, ParticipantId viewer) external view returns (uint32) {
        return _generations[patient][viewer];
    }

    // Internal: writes

    function _grantDirectly(ParticipantId patient, Grant calldata given, Standing memory standing) private {
        if (!registrar.isInGoodStanding(given.viewer)) revert ViewerNotInGoodStanding(given.viewer);

        _grant(patient, given, standing, _state(patient, given.viewer, standing.accessEpoch));
    }

    function _grant(
        ParticipantId patient,
        Grant calldata given,
        Standing memory standing,
        GrantState memory state
    ) private {
        (, uint40 until) = _setLanes(patient, given, standing, state);

        emit Granted(patient, given.viewer, given.steward, given.purpose, given.categories, until, state);
    }

    function _grantConstrained(
        ParticipantId patient,
        ParticipantId actor,
        Grant calldata given,
        bytes32 constraintDigest,
        Standing memory standing,
        GrantState memory state
    ) private {
        if (given.purpose == Purpose.HRESCH) revert ResearchUnconstrained();
        // A constraint is about the whole grant: a delegate doesn't lift it from what the delegate couldn't have granted.
        // At time 0 every lane counts that isn't empty: what expired may be granted again, and relies on the constraint.
        if (
            actor != patient &&
            !_grants[_grantKey(patient, given.viewer, given.purpose, given.steward, state)].liveCategories(0).isWithin(
                given.categories
            )
        ) revert NotEmpowered(patient, actor);

        (uint256 key, uint40 until) = _setLanes(patient, given, standing, state);
        _constraints[key] = constraintDigest;

        emit GrantConstrained(
            patient,
            given.viewer,
            given.steward,
            given.purpose,
            given.categories,
            until,
            constraintDigest,
            state
        );
    }

    /// @dev Whoever calls it has made sure that the viewer is in good standing. Writes the new version into `state`.
    function _setLanes(
        ParticipantId patient,
        Grant calldata given,
        Standing memory standing,
        GrantState memory state
    ) private returns (uint256 key, uint40 until) {
        if (given.viewer == patient) revert ViewerIsPatient(patient);
        if (given.categories.isEmpty()) revert MissingCategories();
        if (
            given.steward == NOBODY &&
            !given.sensitiveFromAnySteward &&
            given.categories.intersects(EXPLICIT_CATEGORIES)
        ) revert SensitiveNeedsExplicitConsent(given.categories);
        // Rounds down: a grant expires no later than what was signed.
        uint256 minute = given.until / 1 minutes;
        if (minute * 1 minutes <= block.timestamp) revert ExpiryInThePast(given.until);
        uint256 term = standing.longestGrant == 0 ? MAX_GRANT_TERM : uint256(standing.longestGrant) * 1 days;
        uint256 latest = Math.min(block.timestamp + Math.min(term, MAX_GRANT_TERM), LANE_MASK * 1 minutes);
        if (given.until > latest) revert ExpiryTooFar(given.until, latest);

        key = _grantKey(patient, given.viewer, given.purpose, given.steward, state);
        Lanes lanes = _grants[key].set(given.categories, minute);
        _grants[key] = lanes;
        state.version = lanes.version();
        until = uint40(minute * 1 minutes);
    }

    function _revokeGrant(ParticipantId patient, Scope memory scope, GrantState memory state) private {
        if (scope.categories.isEmpty()) revert MissingCategories();

        uint256 key = _grantKey(patient, scope.viewer, scope.purpose, scope.steward, state);
        Lanes lanes = _grants[key].clear(scope.categories);
        _grants[key] = lanes;

        state.version = lanes.version();
        emit GrantRevoked(patient, scope.viewer, scope.steward, scope.purpose, scope.categories, state);
    }

    function _revokeViewer(ParticipantId patient, ParticipantId viewer) private {
        uint32 generation = ++_generations[patient][viewer];

        emit ViewerRevoked(patient, viewer, generation);
    }

    /// @dev Whoever says that there was no emergency also ends it.
    function _review(
        ParticipantId patient,
        ParticipantId responder,
        uint32 number,
        Review memory given,
        ParticipantId by
    ) private {
        Emergency storage emergency = _emergencies[patient][responder];
        if (number == 0 || number > emergency.number) revert NoSuchEmergency(patient, responder, number);
        if (given.outcome == Outcome.Unreviewed) revert MissingOutcome();
        Review memory former = _reviews[patient][responder][number];
        // The patient's side may only turn from justified to unjustified, so a signed review counts once.
        bool settled =
            given.byPatient
                ? former.byPatient && (former.outcome == Outcome.Unjustified || given.outcome == Outcome.Justified)
                : former.outcome != Outcome.Unreviewed;
        if (settled) revert AlreadyReviewed(patient, responder, number);

        _reviews[patient][responder][number] = given;
        if (given.outcome == Outcome.Unjustified && number == emergency.number) emergency.until = 0;

        emit EmergencyReviewed(patient, responder, number, given.outcome, by);
    }

    // Internal: reads and checks

    /// @dev Revocations alone work while a recovery is pending, too.
    function _authorizeChanges(
        address account,
        Grant[] calldata grants
    ) private view returns (ParticipantId patient, Standing memory standing) {
        if (grants.length != 0) return registrar.authorizeWidening(account);
        (patient, standing.accessEpoch, standing.signatureEpoch) = registrar.authorizeForReduction(account);
    }

    /// @dev The patient, or a delegate within mask and term, for anything but research and anybody but the delegate; while
    /// no recovery of either is pending. A delegate's signature names both signature epochs, as their sum.
    function _authorizeGrant(
        ParticipantId patient,
        Grant calldata given,
        address account
    ) private view returns (ParticipantId actor, Standing memory standing) {
        (actor, standing) = registrar.authorizeWidening(account);
        if (actor == patient) return (actor, standing);
        uint256 latest = _checkMayGrant(patient, actor, given.categories);
        if (given.until > latest) revert ExpiryTooFar(given.until, latest);
        if (given.purpose == Purpose.HRESCH) revert NotEmpowered(patient, actor);
        if (given.viewer == actor) revert ViewerIsDelegate(patient, actor);
        uint32 ownEpoch = standing.signatureEpoch;
        standing = registrar.standingOf(patient);
        standing.signatureEpoch += ownEpoch;
    }

    /// @dev The patient, or a delegate within its mask. Returns the patient's epochs, as {_authorizeGrant} does.
    function _authorizeRevocation(
        ParticipantId patient,
        CategoryMask categories,
        address account
    ) private view returns (uint32 accessEpoch, uint32 signatureEpoch) {
        ParticipantId actor;
        (actor, accessEpoch, signatureEpoch) = registrar.authorizeForReduction(account);
        if (actor == patient) return (accessEpoch, signatureEpoch);
        _checkMayGrant(patient, actor, categories);
        uint32 ownEpoch = signatureEpoch;
        (accessEpoch, signatureEpoch) = registrar.epochsOf(patient);
        signatureEpoch += ownEpoch;
    }

    /// @dev Returns when the actor's power ends (seconds).
    function _checkMayGrant(
        ParticipantId patient,
        ParticipantId actor,
        CategoryMask categories
    ) private view returns (uint256) {
        if (actor == patient) return type(uint40).max;
        (bool may, uint40 until) = delegates.mayGrant(patient, actor, categories);
        if (!may) revert NotEmpowered(patient, actor);
        return until;
    }

    function _isGlassBroken(
        ParticipantId patient,
        ParticipantId responder,
        GrantState memory state,
        Category category
    ) private view returns (bool) {
        Emergency storage emergency = _emergencies[patient][responder];
        return
            block.timestamp < emergency.until &&
            emergency.accessEpoch == state.accessEpoch &&
            emergency.generation == state.generation &&
            emergency.categories.has(uint256(category));
    }

    function _grantsAll(ParticipantId patient, uint32 accessEpoch, Scope memory scope) private view returns (bool) {
        GrantState memory state = _state(patient, scope.viewer, accessEpoch);
        Lanes lanes = _grants[_grantKey(patient, scope.viewer, scope.purpose, scope.steward, state)];
        return lanes.areLive(scope.categories, block.timestamp);
    }

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
}
