// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDelegates} from "./interfaces/IDelegates.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {SignedActions} from "./libraries/SignedActions.sol";
import {Authorization} from "./types/Authorization.sol";
import {CategoryMask} from "./types/Category.sol";
import {ALL_CATEGORIES, Delegation, Powers} from "./types/Delegation.sol";
import {Standing} from "./types/Participant.sol";
import {NOBODY, ParticipantId} from "./types/ParticipantId.sol";

/// @title Delegates
/// @notice See {IDelegates}.
contract Delegates is IDelegates, SignedActions {
    /// @notice How far ahead a delegate's powers may end.
    uint256 public constant MAX_DELEGATE_TERM = 10 * 365 days;

    bytes32 private constant APPOINTMENT_TYPEHASH = keccak256(
        "DelegateAppointment(uint40 patient,uint40 delegate,bool approvesRelationships,Categories grants,Categories views,uint40 until,uint32 signatureEpoch,uint32 version,uint48 deadline)Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
    );
    bytes32 private constant DISMISSAL_TYPEHASH = keccak256(
        "DelegateDismissal(uint40 patient,uint40 delegate,uint32 version,uint48 deadline)"
    );

    /// @notice Who is who.
    IRegistrar public immutable registrar;

    mapping(ParticipantId patient => mapping(ParticipantId delegate => Delegation delegation)) private _delegations;

    /// @param registrar_ Who is who.
    constructor(IRegistrar registrar_) {
        registrar = registrar_;
    }

    /// @inheritdoc IDelegates
    function appoint(ParticipantId delegate, Powers calldata powers, uint40 until) external {
        (ParticipantId patient, Standing memory standing) = registrar.authorizeIncrease(msg.sender);
        _appoint(patient, delegate, powers, until, standing.accessEpoch);
    }

    /// @inheritdoc IDelegates
    function appointWithSig(
        ParticipantId delegate,
        Powers calldata powers,
        uint40 until,
        Authorization calldata authorization
    ) external {
        (ParticipantId patient, Standing memory standing) = registrar.authorizeIncrease(authorization.account);
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

        _appoint(patient, delegate, powers, until, standing.accessEpoch);
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

    // Views

    /// @inheritdoc IDelegates
    function powersOf(
        ParticipantId patient,
        ParticipantId delegate
    ) public view returns (Powers memory powers, uint40 until) {
        Delegation storage delegation = _delegations[patient][delegate];
        if (block.timestamp < delegation.until) {
            (uint32 accessEpoch, ) = registrar.epochsOf(patient);
            if (delegation.accessEpoch == accessEpoch) {
                powers = Powers({
                    approving: delegation.approving,
                    granting: delegation.granting,
                    viewing: delegation.viewing
                });
                return (powers, delegation.until);
            }
        }
        (ParticipantId guardian, uint40 majority) = registrar.guardianshipOf(patient);
        if (guardian != NOBODY && guardian == delegate && block.timestamp < majority) {
            return (Powers({approving: true, granting: ALL_CATEGORIES, viewing: ALL_CATEGORIES}), majority);
        }
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

    // Internal

    function _appoint(
        ParticipantId patient,
        ParticipantId delegate,
        Powers calldata powers,
        uint40 until,
        uint32 accessEpoch
    ) private {
        if (delegate == patient) revert DelegateIsPatient(patient);
        if (!registrar.isPerson(delegate)) revert DelegateNotAPerson(delegate);
        if (!powers.approving && powers.granting.isEmpty() && powers.viewing.isEmpty()) revert MissingPowers();
        uint256 latest = block.timestamp + MAX_DELEGATE_TERM;
        if (until <= block.timestamp || until > latest) revert InvalidDelegateTerm(until, latest);

        uint32 version = _delegations[patient][delegate].version + 1;
        _delegations[patient][delegate] = Delegation({
            approving: powers.approving,
            granting: powers.granting,
            viewing: powers.viewing,
            until: until,
            accessEpoch: accessEpoch,
            version: version
        });

        emit DelegateAppointed(patient, delegate, powers, until, accessEpoch, version);
    }

    /// @dev Also where nobody was appointed yet: it kills an appointment that was signed and kept back.
    function _dismiss(ParticipantId patient, ParticipantId delegate, ParticipantId by) private {
        Delegation storage delegation = _delegations[patient][delegate];
        // A delegate that never was one has nothing to resign from.
        if (by != patient && delegation.version == 0) revert NotADelegate(patient, delegate);

        uint32 version = delegation.version + 2;
        delegation.approving = false;
        delegation.granting = CategoryMask.wrap(0);
        delegation.viewing = CategoryMask.wrap(0);
        delegation.until = 0;
        delegation.version = version;

        emit DelegateDismissed(patient, delegate, by, version);
    }
}
