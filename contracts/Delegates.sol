// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IDelegates} from "./interfaces/IDelegates.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {SignedActions} from "./libraries/SignedActions.sol";
import {Authorization} from "./types/Authorization.sol";
import {CategoryMask} from "./types/Category.sol";
import {ALL_CATEGORIES, Delegation, Powers} from "./types/Delegation.sol";
import {COURT, PROVIDER, Standing} from "./types/Participant.sol";
import {NOBODY, ParticipantId} from "./types/ParticipantId.sol";
import {startOfYear} from "./types/Year.sol";

/// @title Delegates
/// @notice See {IDelegates}.
contract Delegates is IDelegates, SignedActions, AccessManaged {
    /// @notice How far ahead a delegate's powers may end.
    uint256 public constant MAX_DELEGATE_TERM = 10 * 365 days;

    /// @notice How many years ahead a child may come of age.
    uint256 public constant MAX_CHILDHOOD = 25;

    /// @notice How long a patient has to dismiss whom a court appoints, before it counts.
    uint40 public constant APPOINTMENT_NOTICE = 30 days;

    bytes32 private constant APPOINTMENT_TYPEHASH = keccak256(
        "DelegateAppointment(uint40 patient,uint40 delegate,bool approvesRelationships,Categories grants,Categories views,uint40 until,uint32 signatureEpoch,uint32 version,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant DISMISSAL_TYPEHASH = keccak256(
        "DelegateDismissal(uint40 patient,uint40 delegate,uint32 version,uint48 deadline)"
    );
    bytes32 private constant ADDITION_TYPEHASH = keccak256(
        "RepresentativeAddition(uint40 issuer,uint40 child,uint40 representative,uint32 version,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant REPRESENTATIVE_TYPEHASH = keccak256(
        "RepresentativeAppointment(uint40 institution,uint40 child,uint40 representative,uint32 version,uint48 deadline)"
    );
    bytes32 private constant END_TYPEHASH = keccak256(
        "RepresentativeEnd(uint40 institution,uint40 patient,uint40 representative,uint32 version,uint48 deadline)"
    );

    /// @notice Who is who.
    IRegistrar public immutable registrar;

    mapping(ParticipantId patient => mapping(ParticipantId delegate => Delegation delegation)) private _delegations;

    /// @param authority The {Authority}, which holds roles and delays.
    constructor(IRegistrar registrar_, address authority) AccessManaged(authority) {
        registrar = registrar_;
    }

    /// @inheritdoc IDelegates
    function appoint(ParticipantId delegate, Powers calldata powers, uint40 until) external {
        (ParticipantId patient, Standing memory standing) = registrar.authorizeWidening(msg.sender);
        _appoint(patient, delegate, powers, until, standing);
    }

    /// @inheritdoc IDelegates
    function appointWithSig(
        ParticipantId delegate,
        Powers calldata powers,
        uint40 until,
        Authorization calldata authorization
    ) external {
        (ParticipantId patient, Standing memory standing) = registrar.authorizeWidening(authorization.account);
        _checkSignature(
            authorization,
            keccak256(
                bytes.concat(
                    abi.encode(APPOINTMENT_TYPEHASH, patient, delegate, powers.approving),
                    abi.encode(powers.granting.hashStruct(), powers.viewing.hashStruct(), until),
                    abi.encode(standing.signatureEpoch, _delegations[patient][delegate].version, authorization.deadline)
                )
            )
        );

        _appoint(patient, delegate, powers, until, standing);
    }

    /// @inheritdoc IDelegates
    function dismiss(ParticipantId patient, ParticipantId delegate) external {
        ParticipantId by = registrar.authenticate(msg.sender);
        if (by != patient && by != delegate) revert NotEmpowered(patient, by);

        _dismiss(patient, delegate, by);
    }

    /// @inheritdoc IDelegates
    function dismissWithSig(ParticipantId delegate, uint32 version, Authorization calldata authorization) external {
        ParticipantId patient = registrar.authenticate(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(DISMISSAL_TYPEHASH, patient, delegate, version, authorization.deadline))
        );
        // One appointment that was signed before may have got in first. A dismissal writes two versions.
        uint256 current = _delegations[patient][delegate].version;
        if (version != current && uint256(version) + 1 != current) revert StaleSignature(version, current);

        _dismiss(patient, delegate, patient);
    }

    // Representatives

    /// @inheritdoc IDelegates
    function representChild(
        ParticipantId child,
        ParticipantId representative,
        ParticipantId issuer,
        uint16 comesOfAgeIn
    ) external {
        if (msg.sender != address(registrar)) revert NotTheRegistrar(msg.sender);
        // A year that is over would give no power.
        if (
            comesOfAgeIn < 1970 ||
            block.timestamp >= _endOf(comesOfAgeIn) ||
            block.timestamp + MAX_CHILDHOOD * 366 days < startOfYear(comesOfAgeIn)
        ) revert InvalidYear(comesOfAgeIn);

        _representChild(child, representative, issuer, _endOf(comesOfAgeIn));
    }

    /// @inheritdoc IDelegates
    function addRepresentative(
        ParticipantId child,
        ParticipantId representative,
        Authorization calldata present
    ) external {
        ParticipantId issuer = registrar.authenticateProvider(msg.sender);
        uint40 until = _checkMayAppoint(child, representative, issuer, false);
        (ParticipantId by, uint32 ownEpoch) = registrar.authorizeAgreement(present.account);
        if (!mayRepresent(child, by)) revert NotEmpowered(child, by);
        (, uint32 childsEpoch) = registrar.epochsOf(child);
        _checkSignature(
            present,
            keccak256(
                abi.encode(
                    ADDITION_TYPEHASH,
                    issuer,
                    child,
                    representative,
                    _delegations[child][representative].version,
                    childsEpoch + ownEpoch,
                    present.deadline
                )
            )
        );

        _representChild(child, representative, issuer, until);
    }

    /// @inheritdoc IDelegates
    function appointAsAuthority(
        ParticipantId child,
        ParticipantId representative,
        Authorization calldata institution
    ) external restricted {
        ParticipantId by = _checkOwner(REPRESENTATIVE_TYPEHASH, child, representative, institution);
        uint40 until = _checkMayAppoint(child, representative, by, registrar.licenceLasts(by, COURT));

        _representChild(child, representative, by, until);
    }

    /// @inheritdoc IDelegates
    function endAsAuthority(
        ParticipantId patient,
        ParticipantId representative,
        Authorization calldata institution
    ) external restricted {
        ParticipantId by = _checkOwner(END_TYPEHASH, patient, representative, institution);
        Delegation storage delegation = _delegations[patient][representative];
        if (delegation.source == NOBODY || (by != delegation.source && !registrar.licenceLasts(by, COURT))) {
            revert NotTheSource(patient, representative, by);
        }

        _end(patient, representative, by);
    }

    /// @inheritdoc IDelegates
    function appointAsCourt(
        ParticipantId patient,
        ParticipantId representative,
        Powers calldata powers,
        uint40 until
    ) external {
        ParticipantId court = registrar.authenticateOwner(msg.sender);
        if (!registrar.licenceLasts(court, COURT)) revert NotALicensedCourt(court);
        if (!registrar.isPerson(patient)) revert PatientNotAPerson(patient);
        (ParticipantId issuer, uint16 comesOfAgeIn) = registrar.childhoodOf(patient);
        // Who grew up without coming of age has no representative any more, and may need one.
        if (issuer != NOBODY && block.timestamp < _endOf(comesOfAgeIn)) revert PatientIsAChild(patient);
        if (_isOpen(patient, _delegations[patient][representative])) revert AlreadyAppointed(patient, representative);

        uint40 from = uint40(block.timestamp) + APPOINTMENT_NOTICE;
        _write(patient, representative, _entry(powers, from, until, court));
    }

    /// @inheritdoc IDelegates
    function endAsCourt(ParticipantId patient, ParticipantId representative) external {
        ParticipantId court = registrar.authenticateOwner(msg.sender);
        Delegation storage delegation = _delegations[patient][representative];
        // A child's representative takes the authority, too: nobody else would be left to act.
        if (delegation.source != court || delegation.ofChild) revert NotTheSource(patient, representative, court);

        _end(patient, representative, court);
    }

    // Views

    /// @inheritdoc IDelegates
    function powersOf(
        ParticipantId patient,
        ParticipantId delegate
    ) public view returns (Powers memory powers, uint40 until) {
        Delegation storage delegation = _delegations[patient][delegate];
        if (!_counts(patient, delegation)) return (powers, 0);
        powers = Powers({approving: delegation.approving, granting: delegation.granting, viewing: delegation.viewing});
        until = delegation.until;
    }

    /// @inheritdoc IDelegates
    function mayRepresent(ParticipantId patient, ParticipantId actor) public view returns (bool) {
        Delegation storage delegation = _delegations[patient][actor];
        return
            delegation.source != NOBODY &&
            delegation.approving &&
            ALL_CATEGORIES.isWithin(delegation.granting) &&
            _counts(patient, delegation);
    }

    /// @inheritdoc IDelegates
    function delegationOf(ParticipantId patient, ParticipantId delegate) external view returns (Delegation memory) {
        return _delegations[patient][delegate];
    }

    /// @inheritdoc IDelegates
    function mayApprove(ParticipantId patient, ParticipantId actor) external view returns (bool) {
        (Powers memory powers, ) = powersOf(patient, actor);
        return powers.approving;
    }

    /// @inheritdoc IDelegates
    function mayView(ParticipantId patient, ParticipantId actor, uint256 category) external view returns (bool) {
        (Powers memory powers, ) = powersOf(patient, actor);
        return powers.viewing.has(category);
    }

    /// @inheritdoc IDelegates
    function mayGrant(
        ParticipantId patient,
        ParticipantId actor,
        CategoryMask categories
    ) external view returns (bool may, uint40 until) {
        Powers memory powers;
        (powers, until) = powersOf(patient, actor);
        may = !powers.granting.isEmpty() && categories.isWithin(powers.granting);
    }

    // Internal: writes

    function _appoint(
        ParticipantId patient,
        ParticipantId delegate,
        Powers calldata powers,
        uint40 until,
        Standing memory standing
    ) private {
        _checkOwn(patient, delegate, _delegations[patient][delegate]);

        Delegation memory next = _entry(powers, uint40(block.timestamp), until, NOBODY);
        next.accessEpoch = standing.accessEpoch;
        _write(patient, delegate, next);
    }

    function _representChild(
        ParticipantId child,
        ParticipantId representative,
        ParticipantId source,
        uint40 until
    ) private {
        Delegation memory next;
        next.approving = true;
        next.granting = ALL_CATEGORIES;
        next.viewing = ALL_CATEGORIES;
        next.until = until;
        next.from = uint40(block.timestamp);
        next.source = source;
        next.ofChild = true;
        _write(child, representative, next);
    }

    function _write(ParticipantId patient, ParticipantId delegate, Delegation memory next) private {
        if (delegate == patient) revert DelegateIsPatient(patient);
        if (!registrar.isPerson(delegate)) revert DelegateNotAPerson(delegate);

        if (next.source != NOBODY) (next.accessEpoch, ) = registrar.epochsOf(patient);
        next.version = _delegations[patient][delegate].version + 1;
        _delegations[patient][delegate] = next;

        emit DelegateAppointed(patient, delegate, next.source, next);
    }

    /// @dev Also where nobody was appointed yet: it kills an appointment that was signed and kept back.
    function _dismiss(ParticipantId patient, ParticipantId delegate, ParticipantId by) private {
        Delegation storage delegation = _delegations[patient][delegate];
        // A delegate that never was one has nothing to resign from.
        if (by != patient && delegation.version == 0) revert NotADelegate(patient, delegate);
        // During a court's notice the patient may, and nobody else.
        if (by != patient || block.timestamp >= delegation.from) _checkOwn(patient, delegate, delegation);

        _end(patient, delegate, by);
    }

    function _end(ParticipantId patient, ParticipantId delegate, ParticipantId by) private {
        Delegation memory former = _delegations[patient][delegate];
        Delegation memory ended;
        ended.accessEpoch = former.accessEpoch;
        // At the last version nobody is appointed any more, so nothing that was signed counts; and who counts can still end.
        bool last = former.version > type(uint32).max - 2;
        ended.version = last ? type(uint32).max : former.version + 2;
        _delegations[patient][delegate] = ended;

        emit DelegateDismissed(patient, delegate, by, ended.version);
    }

    // Internal: reads and checks

    function _entry(
        Powers calldata powers,
        uint40 from,
        uint40 until,
        ParticipantId source
    ) private view returns (Delegation memory entry) {
        if (!powers.approving && powers.granting.isEmpty() && powers.viewing.isEmpty()) revert MissingPowers();
        uint256 latest = block.timestamp + MAX_DELEGATE_TERM;
        if (until <= from || until > latest) revert InvalidDelegateTerm(until, latest);

        entry.approving = powers.approving;
        entry.granting = powers.granting;
        entry.viewing = powers.viewing;
        entry.until = until;
        entry.from = from;
        entry.source = source;
    }

    function _counts(ParticipantId patient, Delegation storage delegation) private view returns (bool) {
        if (block.timestamp < delegation.from || !_isOpen(patient, delegation)) return false;
        // A child's representatives stay where the institution is no more: they would be missed, and the authority or the
        // present ones agreed to them.
        return delegation.source == NOBODY || delegation.ofChild || registrar.licenceLasts(delegation.source, COURT);
    }

    /// @dev Whether it counts, or will.
    function _isOpen(ParticipantId patient, Delegation storage delegation) private view returns (bool) {
        if (block.timestamp >= delegation.until) return false;
        if (delegation.ofChild) {
            (ParticipantId issuer, ) = registrar.childhoodOf(patient);
            return issuer != NOBODY;
        }
        if (delegation.source != NOBODY) return true;
        (uint32 accessEpoch, ) = registrar.epochsOf(patient);
        return delegation.accessEpoch == accessEpoch;
    }

    /// @dev Not an institution's, or one that is over.
    function _checkOwn(ParticipantId patient, ParticipantId delegate, Delegation storage delegation) private view {
        if (delegation.source != NOBODY && _isOpen(patient, delegation)) {
            revert AppointedByInstitution(patient, delegate, delegation.source);
        }
    }

    /// @dev For a child: its issuer, or a court. Returns when the powers end (seconds).
    function _checkMayAppoint(
        ParticipantId child,
        ParticipantId representative,
        ParticipantId institution,
        bool isCourt
    ) private view returns (uint40 until) {
        ParticipantId issuer;
        uint16 comesOfAgeIn;
        (issuer, comesOfAgeIn) = registrar.childhoodOf(child);
        if (issuer == NOBODY || block.timestamp >= _endOf(comesOfAgeIn)) revert PatientNotAChild(child);
        until = _endOf(comesOfAgeIn);
        if (!isCourt && (institution != issuer || !registrar.licenceLasts(institution, PROVIDER))) {
            revert NotTheIssuer(child, institution);
        }
        if (_isOpen(child, _delegations[child][representative])) revert AlreadyAppointed(child, representative);
    }

    function _endOf(uint16 comesOfAgeIn) private pure returns (uint40) {
        return uint40(startOfYear(uint256(comesOfAgeIn) + 1));
    }

    /// @dev Whose institution's owner signed that a representative is appointed, or ends.
    function _checkOwner(
        bytes32 typeHash,
        ParticipantId patient,
        ParticipantId representative,
        Authorization calldata institution
    ) private view returns (ParticipantId by) {
        by = registrar.authenticateOwner(institution.account);
        _checkSignature(
            institution,
            keccak256(
                abi.encode(
                    typeHash,
                    by,
                    patient,
                    representative,
                    _delegations[patient][representative].version,
                    institution.deadline
                )
            )
        );
    }
}
