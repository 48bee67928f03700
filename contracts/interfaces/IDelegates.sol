// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../types/Authorization.sol";
import {CategoryMask} from "../types/Category.sol";
import {Delegation, Powers} from "../types/Delegation.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title IDelegates
/// @notice Who may act in a patient's place: whom the patient appointed, a child's parents, a court's guardian of an adult, an
/// executor.
/// @dev A delegate appoints nobody, changes no accounts and consents to no research. An entry has a source:
///
/// | Source | Written | Ends |
/// |---|---|---|
/// | the patient | at once | by the patient, the delegate, the patient's next access epoch, its term |
/// | the issuer of a child | when the child is registered; later with a present representative, or the authority | by issuer or court, with the authority; when the child comes of age |
/// | a court, for a child | with the authority | likewise |
/// | a court, for an adult | after {APPOINTMENT_NOTICE}, in which the patient may dismiss it | by the court, or any court with the authority; its term; it doesn't count while the court isn't licensed |
///
/// Whom an institution appointed with every power also speaks for the patient: {mayRepresent}.
interface IDelegates is ISignedActions {
    /// @notice Emitted when somebody was appointed, or powers or term changed.
    /// @param source Nobody: by the patient. Else the institution whose word it is.
    /// @param delegation The entry. A `from` that is ahead is a notice, not an end of anything.
    event DelegateAppointed(
        ParticipantId indexed patient,
        ParticipantId indexed delegate,
        ParticipantId indexed source,
        Delegation delegation
    );

    /// @notice Emitted when a patient dismissed a delegate or what a court announced, a delegate resigned, or an institution
    /// ended a representative.
    /// @param by The patient, the delegate or the institution.
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

    /// @notice Thrown when the patient, or the delegate, would change or end what an institution appointed.
    error AppointedByInstitution(ParticipantId patient, ParticipantId delegate, ParticipantId source);

    /// @notice Thrown when an institution appoints somebody who is appointed, or announced, already.
    error AlreadyAppointed(ParticipantId patient, ParticipantId delegate);

    /// @notice Thrown when a year of coming of age is over, or too far ahead.
    error InvalidYear(uint256 year);

    /// @notice Thrown when somebody but the Registrar writes a child's first representative.
    error NotTheRegistrar(address caller);

    /// @notice Thrown when an institution is neither the licensed issuer of a child nor a court where it has to be.
    error NotTheIssuer(ParticipantId child, ParticipantId institution);

    /// @notice Thrown when an institution ends what it didn't appoint, or what isn't for it alone to end.
    error NotTheSource(ParticipantId patient, ParticipantId representative, ParticipantId institution);

    /// @notice Thrown when `id` isn't licensed as a court.
    error NotALicensedCourt(ParticipantId id);

    /// @notice Thrown when a representative is appointed for somebody who isn't a person.
    error PatientNotAPerson(ParticipantId patient);

    /// @notice Thrown when a child's representative is appointed for somebody who isn't a child, or no longer.
    error PatientNotAChild(ParticipantId patient);

    /// @notice Thrown when a court alone appoints for a child, before the year is over in which it comes of age.
    error PatientIsAChild(ParticipantId patient);

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
    /// @dev What an institution appointed: the patient alone, and during a court's notice alone.
    function dismiss(ParticipantId patient, ParticipantId delegate) external;

    /// @notice Ends a delegate's powers for the patient that signed `DelegateDismissal`; anybody may send it.
    function dismissWithSig(ParticipantId delegate, uint32 version, Authorization calldata authorization) external;

    /// @notice Writes a child's first representative, with every power. Only the Registrar calls it, when it registers a child.
    /// @param comesOfAgeIn The calendar year (UTC) with whose end its powers end, and everybody else's.
    function representChild(
        ParticipantId child,
        ParticipantId representative,
        ParticipantId issuer,
        uint16 comesOfAgeIn
    ) external;

    /// @notice Gives a child another representative, with every power, at once. The caller is the child's licensed issuer.
    /// @param present The signature of a representative that counts, over `RepresentativeAddition`.
    function addRepresentative(
        ParticipantId child,
        ParticipantId representative,
        Authorization calldata present
    ) external;

    /// @notice Gives a child a representative, with every power, by an order. Restricted to the authority, with its delay.
    /// @param institution The signature over `RepresentativeAppointment` of an owner of the child's licensed issuer, or of
    /// a court.
    function appointAsAuthority(
        ParticipantId child,
        ParticipantId representative,
        Authorization calldata institution
    ) external;

    /// @notice Ends a representative at once, by an order. Restricted to the authority, without a delay.
    /// @param institution The signature over `RepresentativeEnd` of an owner of the institution that appointed, licensed or
    /// not, or of a court.
    function endAsAuthority(
        ParticipantId patient,
        ParticipantId representative,
        Authorization calldata institution
    ) external;

    /// @notice Announces a representative of an adult, or an executor. The caller is an owner of a court.
    /// @dev It counts after {APPOINTMENT_NOTICE} if the patient doesn't dismiss it before.
    function appointAsCourt(
        ParticipantId patient,
        ParticipantId representative,
        Powers calldata powers,
        uint40 until
    ) external;

    /// @notice Ends what the caller's institution appointed or announced for an adult; it needs no licence for that.
    function endAsCourt(ParticipantId patient, ParticipantId representative) external;

    /// @notice What somebody may do now in a patient's place, and until when (seconds); nothing for anybody who wasn't appointed.
    function powersOf(
        ParticipantId patient,
        ParticipantId delegate
    ) external view returns (Powers memory powers, uint40 until);

    /// @notice Everything stored about an appointment, also one that ended.
    function delegationOf(ParticipantId patient, ParticipantId delegate) external view returns (Delegation memory);

    /// @notice Whether `actor` speaks for the patient: an institution appointed it, with approving and all of granting. Who
    /// speaks for a patient also changes the settings and revokes everything, and a child's key.
    function mayRepresent(ParticipantId patient, ParticipantId actor) external view returns (bool);

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
