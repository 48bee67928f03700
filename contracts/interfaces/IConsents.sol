// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../types/Authorization.sol";
import {Category, CategoryMask} from "../types/Category.sol";
import {Emergency, Outcome, Review} from "../types/Emergency.sol";
import {Lanes} from "../types/Lanes.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Purpose} from "../types/Purpose.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title IConsents
/// @notice Who may see what, for which purpose and until when. {canView} is the one question that everything asks.
/// @dev Only a patient increases access, or a delegate within the powers that the patient gave, directly or by a
/// signature; and a certified responder, within the patient's policy. The one restricted function reviews a break-glass
/// and can only end it.
///
/// Warning: revoking stops what is released from then on. It can't make anybody forget what was read before.
interface IConsents is ISignedActions {
    /// @notice What a patient allows a viewer.
    struct Grant {
        ParticipantId viewer;
        Purpose purpose;
        /// @dev Whose records: one steward's, or every steward's when nobody.
        ParticipantId steward;
        CategoryMask categories;
        /// @dev Must be true for GENOMIC and SENSITIVE records of every steward.
        bool sensitiveFromAnySteward;
        /// @dev When it expires (seconds, counted to the minute).
        uint40 until;
    }

    /// @notice What a revocation takes away.
    struct Scope {
        ParticipantId viewer;
        Purpose purpose;
        /// @dev Whose records: one steward's, or every steward's when nobody.
        ParticipantId steward;
        CategoryMask categories;
    }

    /// @notice The counters of a grant. A signed grant covers all three: when one moves, the signature is dead.
    struct GrantState {
        /// @dev How often the patient revoked everything.
        uint32 accessEpoch;
        /// @dev How often the patient revoked this viewer.
        uint32 generation;
        /// @dev How often the grant was written, since the last of the two above.
        uint32 version;
    }

    /// @notice Emitted when a patient allowed a viewer some categories.
    /// @param steward Whose records, or nobody for every steward's.
    /// @param purpose What for.
    /// @param categories Which categories now expire at `until`; others of the same grant are as they were.
    /// @param until When they expire (seconds, a whole minute).
    /// @param state The counters after the grant.
    event Granted(
        ParticipantId indexed patient,
        ParticipantId indexed viewer,
        ParticipantId indexed steward,
        Purpose purpose,
        CategoryMask categories,
        uint40 until,
        GrantState state
    );

    /// @notice Emitted instead of {Granted} when a grant was written together with its constraint.
    /// @param constraintDigest What now constrains the whole grant; 0 for nothing.
    event GrantConstrained(
        ParticipantId indexed patient,
        ParticipantId indexed viewer,
        ParticipantId indexed steward,
        Purpose purpose,
        CategoryMask categories,
        uint40 until,
        bytes32 constraintDigest,
        GrantState state
    );

    /// @notice Emitted when a patient took categories out of a grant.
    /// @param state The counters after the revocation.
    event GrantRevoked(
        ParticipantId indexed patient,
        ParticipantId indexed viewer,
        ParticipantId indexed steward,
        Purpose purpose,
        CategoryMask categories,
        GrantState state
    );

    /// @notice Emitted when a patient revoked everything that a viewer had.
    event ViewerRevoked(ParticipantId indexed patient, ParticipantId indexed viewer, uint32 generation);

    /// @notice Emitted when a responder broke the glass.
    /// @param number Counts this responder's break-glasses at this patient.
    /// @param categories What the responder may view, whoever keeps it.
    /// @param until Until when (seconds).
    /// @param reasonDigest A salted digest of the reason, for the review.
    event GlassBroken(
        ParticipantId indexed patient,
        ParticipantId indexed responder,
        uint32 number,
        CategoryMask categories,
        uint40 until,
        bytes32 reasonDigest
    );

    /// @notice Emitted when somebody said whether there was an emergency.
    /// @param by The patient or the delegate; nobody for the authority.
    event EmergencyReviewed(
        ParticipantId indexed patient,
        ParticipantId indexed responder,
        uint32 number,
        Outcome outcome,
        ParticipantId by
    );

    /// @notice Thrown when `actor` is neither the patient nor a delegate who may do this.
    error NotEmpowered(ParticipantId patient, ParticipantId actor);

    /// @notice Thrown when several changes at once are none.
    error MissingChanges();

    /// @notice Thrown when a responder isn't licensed for emergency care.
    error NotCertifiedForEmergencies(ParticipantId responder);

    /// @notice Thrown when a break-glass gives no reason.
    error MissingReason();

    /// @notice Thrown when the patient admits nobody in an emergency, or isn't a person.
    error OptedOut(ParticipantId patient);

    /// @notice Thrown when the responder's last break-glass at this patient is still live.
    error GlassAlreadyBroken(ParticipantId patient, ParticipantId responder);

    /// @notice Thrown when there was no break-glass with this number.
    error NoSuchEmergency(ParticipantId patient, ParticipantId responder, uint32 number);

    /// @notice Thrown when a review says nothing.
    error MissingOutcome();

    /// @notice Thrown when a break-glass was reviewed already: the patient's side may still find unjustified what it
    /// called justified, the authority only says what nobody has said.
    error AlreadyReviewed(ParticipantId patient, ParticipantId responder, uint32 number);

    /// @notice Thrown when the viewer doesn't exist or is an institution without a live licence.
    error ViewerNotInGoodStanding(ParticipantId viewer);

    /// @notice Thrown when a patient grants to himself or herself.
    error ViewerIsPatient(ParticipantId patient);

    /// @notice Thrown when a delegate grants to itself: what it sees ends with its powers, a grant doesn't.
    error ViewerIsDelegate(ParticipantId patient, ParticipantId delegate);

    /// @notice Thrown when a grant for research would have a constraint: a study counts on whole categories.
    error ResearchUnconstrained();

    /// @notice Thrown when no category is named.
    error MissingCategories();

    /// @notice Thrown when a grant over every steward names GENOMIC or SENSITIVE without saying so explicitly.
    error SensitiveNeedsExplicitConsent(CategoryMask categories);

    /// @notice Thrown when a grant would already have expired (seconds).
    error ExpiryInThePast(uint256 until);

    /// @notice Thrown when a grant would last longer than {MAX_GRANT_TERM} (seconds).
    error ExpiryTooFar(uint256 until, uint256 latest);

    /// @notice Allows a viewer some categories until a time; the caller is the patient, or a delegate who may.
    /// @dev Sets exactly the named categories; a shorter time than before shortens. Others stay, and so does a constraint.
    /// A delegate grants within mask and term, not for research, and not to itself.
    function grant(ParticipantId patient, Grant calldata given) external;

    /// @notice Grants for the patient, or the delegate, that signed `Grant`; anybody may send it.
    /// @dev The signature covers the counters as they are now: one made before a revocation is invalid after it.
    function grantWithSig(ParticipantId patient, Grant calldata given, Authorization calldata authorization) external;

    /// @notice Grants as {grant}, and sets the constraint of the whole grant; 0 lifts it.
    /// @dev {canView} stays the upper bound of what the viewer may see: the constraint narrows it off chain. It is kept
    /// until another constrained grant, an access epoch or a generation of the viewer; grants and revocations leave it. A
    /// delegate names every category of the grant that isn't revoked, expired ones too. Where there is none, it may set a
    /// constraint that narrows what the patient plainly grants later: the patient sees it, and lifts it.
    /// @param constraintDigest The salted digest of a sealed narrowing, which the viewer and the stewards get; 0 for none.
    function grantConstrained(ParticipantId patient, Grant calldata given, bytes32 constraintDigest) external;

    /// @notice Grants with a constraint for the patient, or the delegate, that signed `ConstrainedGrant`; anybody may send
    /// it.
    function grantConstrainedWithSig(
        ParticipantId patient,
        Grant calldata given,
        bytes32 constraintDigest,
        Authorization calldata authorization
    ) external;

    /// @notice Takes categories out of a grant; the caller is the patient, or a delegate who may grant them.
    /// @dev Counts as a revocation also where nothing was granted: it kills signatures that were kept back.
    function revokeGrant(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories
    ) external;

    /// @notice Takes categories out of a grant for the patient, or the delegate, that signed `GrantRevocation`; anybody may
    /// send it.
    /// @dev Also counts when one grant that was signed before got in first: a relayer can't save a grant that way.
    /// @param version The grant's version at the time of the signature.
    function revokeGrantWithSig(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories,
        uint32 version,
        Authorization calldata authorization
    ) external;

    /// @notice Revokes everything a viewer has, and every signature for that viewer; the caller is the patient, or a
    /// delegate who may grant every category.
    function revokeViewer(ParticipantId patient, ParticipantId viewer) external;

    /// @notice Revokes a viewer for the patient, or the delegate, that signed `ViewerRevocation`; anybody may send it.
    function revokeViewerWithSig(
        ParticipantId patient,
        ParticipantId viewer,
        Authorization calldata authorization
    ) external;

    /// @notice Revokes and grants several at once; the caller is the patient.
    /// @dev Revocations come first: a grant of the same call may replace what was revoked. For one revocation that has to
    /// get through whatever else was signed, {revokeGrantWithSig} is the better way: it tolerates a write in between.
    function changeConsents(Scope[] calldata revocations, Grant[] calldata grants) external;

    /// @notice Revokes and grants several at once for the patient that signed `ConsentChanges`; anybody may send it.
    function changeConsentsWithSig(
        Scope[] calldata revocations,
        Grant[] calldata grants,
        Authorization calldata authorization
    ) external;

    /// @notice Breaks the glass: the caller, certified for emergency care, may view for `ETREAT` what the patient's policy
    /// admits.
    /// @param until Until when (seconds), within {MAX_EMERGENCY_TERM}.
    /// @param reasonDigest A salted digest of the reason.
    function breakGlass(ParticipantId patient, uint40 until, bytes32 reasonDigest) external;

    /// @notice Says whether there was an emergency; the caller is the patient, or a delegate who approves relationships.
    /// @dev One that was unjustified ends at once.
    function review(ParticipantId patient, ParticipantId responder, uint32 number, Outcome outcome) external;

    /// @notice Reviews for who signed `EmergencyReview`; anybody may send it.
    function reviewWithSig(
        ParticipantId patient,
        ParticipantId responder,
        uint32 number,
        Outcome outcome,
        Authorization calldata authorization
    ) external;

    /// @notice Reviews for the authority, unless the patient did. Restricted to the authority; it can only end something.
    function reviewAsAuthority(ParticipantId patient, ParticipantId responder, uint32 number, Outcome outcome) external;

    /// @notice A responder's latest break-glass at a patient.
    function emergencyOf(ParticipantId patient, ParticipantId responder) external view returns (Emergency memory);

    /// @notice What was found out about a break-glass.
    function reviewOf(
        ParticipantId patient,
        ParticipantId responder,
        uint32 number
    ) external view returns (Review memory);

    /// @notice Whether `viewer` may now view `category` records that `steward` keeps of `patient`, for `purpose`.
    /// @dev True for the patient; for the steward while the relationship is active and its licence live; for a delegate
    /// within mask and term; for anybody else with a live lane (for this steward or for every steward) who is a person or
    /// has a live licence; for a responder with a live break-glass, within the patient's policy. Nothing else. test/contracts/ConsentsTruthTable.test.ts goes through all of it.
    function canView(
        ParticipantId patient,
        ParticipantId steward,
        ParticipantId viewer,
        Category category,
        Purpose purpose
    ) external view returns (bool);

    /// @notice The counters of a grant and until when each category is granted.
    function grantOf(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward
    ) external view returns (GrantState memory state, Lanes lanes);

    /// @notice How many of several patients grant one viewer every category of a set, each at a steward of its own.
    /// @param patients The patients; nobody grants nothing.
    /// @param stewards As many as there are patients, in their order.
    /// @param categories At least one: everybody grants the empty set.
    function grantersAmong(
        ParticipantId[] calldata patients,
        ParticipantId[] calldata stewards,
        ParticipantId viewer,
        Purpose purpose,
        CategoryMask categories
    ) external view returns (uint256 count);

    /// @notice The digest that constrains a grant now; 0 where nothing does.
    function constraintOf(
        ParticipantId patient,
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward
    ) external view returns (bytes32 digest);

    /// @notice How often the patient revoked the viewer.
    function generationOf(ParticipantId patient, ParticipantId viewer) external view returns (uint32);
}
