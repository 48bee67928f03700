// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../types/Authorization.sol";
import {CategoryMask} from "../types/Category.sol";
import {Delegation, Powers} from "../types/Delegation.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title IDelegates
/// @notice Who may act in a patient's place: a parent, a health-care proxy, an executor.
/// @dev A delegate appoints nobody, changes no accounts and consents to no research. The guardian of a child has every
/// power until the child comes of age, by {IChildren-registerChild} and without an entry here.
interface IDelegates is ISignedActions {
    /// @notice Emitted when a patient appointed a delegate, or changed the powers or the term of one.
    /// @param until When the powers end (seconds).
    event DelegateAppointed(
        ParticipantId indexed patient,
        ParticipantId indexed delegate,
        Powers powers,
        uint40 until,
        uint32 accessEpoch,
        uint32 version
    );

    /// @notice Emitted when a patient dismissed a delegate, or the delegate resigned.
    event DelegateDismissed(
        ParticipantId indexed patient,
        ParticipantId indexed delegate,
        ParticipantId by,
        uint32 version
    );

    /// @notice Thrown when a delegate isn't a person.
    error DelegateNotAPerson(ParticipantId delegate);

    /// @notice Thrown when a patient appoints himself or herself.
    error DelegateIsPatient(ParticipantId patient);

    /// @notice Thrown when a delegate would have no power.
    error MissingPowers();

    /// @notice Thrown when a delegate's term is over or longer than {MAX_DELEGATE_TERM} (seconds).
    error InvalidDelegateTerm(uint256 until, uint256 latest);

    /// @notice Thrown when a delegate is dismissed who isn't one.
    error NotADelegate(ParticipantId patient, ParticipantId delegate);

    /// @notice Thrown when `actor` is neither the patient nor a delegate who may do this.
    error NotEmpowered(ParticipantId patient, ParticipantId actor);

    /// @notice Appoints a delegate of the caller's, or changes one. It doesn't outlive the access epoch.
    /// @param delegate A person.
    /// @param powers What the delegate may do.
    /// @param until When the powers end (seconds).
    function appoint(ParticipantId delegate, Powers calldata powers, uint40 until) external;

    /// @notice Appoints a delegate for the patient that signed `DelegateAppointment`; anybody may send it.
    function appointWithSig(
        ParticipantId delegate,
        Powers calldata powers,
        uint40 until,
        Authorization calldata authorization
    ) external;

    /// @notice Ends a delegate's powers. The caller is the patient or the delegate.
    function dismiss(ParticipantId patient, ParticipantId delegate) external;

    /// @notice Ends a delegate's powers for the patient that signed `DelegateDismissal`; anybody may send it.
    function dismissWithSig(ParticipantId delegate, uint32 version, Authorization calldata authorization) external;

    /// @notice What a delegate may do now, appointed or as a child's guardian; nothing for anybody else.
    /// @return powers The powers.
    /// @return until When they end (seconds).
    function powersOf(
        ParticipantId patient,
        ParticipantId delegate
    ) external view returns (Powers memory powers, uint40 until);

    /// @notice Everything stored about an appointment, also one that ended.
    function delegationOf(ParticipantId patient, ParticipantId delegate) external view returns (Delegation memory);

    /// @notice Whether `actor` may approve, decline and end relationships for the patient.
    function mayApprove(ParticipantId patient, ParticipantId actor) external view returns (bool);

    /// @notice Whether `actor` may view a category of the patient's records as a delegate.
    function mayView(ParticipantId patient, ParticipantId actor, uint256 category) external view returns (bool);

    /// @notice Whether `actor` may grant and revoke these categories as a delegate, and until when (seconds).
    function mayGrant(
        ParticipantId patient,
        ParticipantId actor,
        CategoryMask categories
    ) external view returns (bool may, uint40 until);
}
