// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../types/Authorization.sol";
import {Category, CategoryMask} from "../types/Category.sol";
import {Lanes} from "../types/Lanes.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Purpose} from "../types/Purpose.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title IConsents
/// @notice Who may see what, for which purpose and until when. {canView} is the one question that everything asks.
/// @dev Only a patient increases access, directly or by a signature. The contract has no owner and no restricted
/// function.
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
    /// @param patient The patient.
    /// @param viewer The viewer.
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

    /// @notice Emitted when a patient took categories out of a grant.
    /// @param patient The patient.
    /// @param viewer The viewer.
    /// @param steward Whose records, or nobody for every steward's.
    /// @param purpose What for.
    /// @param categories Which categories.
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

    /// @notice Emitted when a patient revoked everything that anybody had.
    event AllRevoked(ParticipantId indexed patient, uint32 accessEpoch);

    /// @notice Thrown when the viewer doesn't exist or is an institution without a live licence.
    error ViewerNotInGoodStanding(ParticipantId viewer);

    /// @notice Thrown when a patient grants to himself or herself.
    error ViewerIsPatient(ParticipantId patient);

    /// @notice Thrown when no category is named.
    error MissingCategories();

    /// @notice Thrown when a grant over every steward names GENOMIC or SENSITIVE without saying so explicitly.
    error SensitiveNeedsExplicitConsent(CategoryMask categories);

    /// @notice Thrown when a grant would already have expired (seconds).
    error ExpiryInThePast(uint256 until);

    /// @notice Thrown when a grant would last longer than {MAX_GRANT_TERM} (seconds).
    error ExpiryTooFar(uint256 until, uint256 latest);

    /// @notice Thrown when a signed revocation names a version that passed long ago.
    error StaleSignature(uint256 version, uint256 current);

    /// @notice Allows a viewer some categories until a time; the caller is the patient.
    /// @dev Sets exactly the named categories; a shorter time than before shortens. Others stay.
    function grant(Grant calldata given) external;

    /// @notice Grants for the patient that signed `Grant`; anybody may send it.
    /// @dev The signature covers the counters as they are now: one made before a revocation is invalid after it.
    /// @param given What is granted.
    /// @param authorization The patient's signature.
    function grantWithSig(Grant calldata given, Authorization calldata authorization) external;

    /// @notice Takes categories out of a grant; the caller is the patient.
    /// @dev Counts as a revocation also where nothing was granted: it kills signatures that were kept back.
    function revokeGrant(
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories
    ) external;

    /// @notice Takes categories out of a grant for the patient that signed `GrantRevocation`; anybody may send it.
    /// @dev Also counts when one grant that was signed before got in first: a relayer can't save a grant that way.
    /// @param version The grant's version when the patient signed.
    function revokeGrantWithSig(
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward,
        CategoryMask categories,
        uint32 version,
        Authorization calldata authorization
    ) external;

    /// @notice Revokes everything a viewer has, and every signature for that viewer; the caller is the patient.
    function revokeViewer(ParticipantId viewer) external;

    /// @notice Revokes a viewer for the patient that signed `ViewerRevocation`; anybody may send it.
    function revokeViewerWithSig(ParticipantId viewer, Authorization calldata authorization) external;

    /// @notice Revokes everything anybody has, and every signature; the caller is the patient.
    function revokeAll() external;

    /// @notice Revokes everything for the patient that signed `FullRevocation`; anybody may send it.
    function revokeAllWithSig(Authorization calldata authorization) external;

    /// @notice Whether `viewer` may now view `category` records that `steward` keeps of `patient`, for `purpose`.
    /// @dev True for the patient; for the steward while the relationship is active and its licence live; for anybody
    /// else with a live lane (for this steward or for every steward) who is a person or has a live licence. Nothing
    /// else. test/contracts/ConsentsTruthTable.test.ts goes through all of it.
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

    /// @notice How often the patient revoked everything.
    function accessEpochOf(ParticipantId patient) external view returns (uint32);

    /// @notice How often the patient revoked the viewer.
    function generationOf(ParticipantId patient, ParticipantId viewer) external view returns (uint32);
}
