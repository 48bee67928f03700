// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChildren} from "../interfaces/registrar/IChildren.sol";
import {Authorization} from "../types/Authorization.sol";
import {Kind, PROVIDER} from "../types/Participant.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";
import {startOfYear} from "../types/Year.sol";
import {Accounts} from "./Accounts.sol";
import {Epochs} from "./Epochs.sol";
import {Identities} from "./Identities.sol";
import {Keys} from "./Keys.sol";
import {PatientSettings} from "./PatientSettings.sol";

/// @title Children
/// @notice See {IChildren}.
abstract contract Children is PatientSettings, Epochs, Accounts, Identities, Keys, IChildren {
    /// @dev How long a child's key stays at least: the 16 bits of its version last for 44 years of changes.
    uint40 private constant CHILDS_KEY_STAYS = 6 hours;

    bytes32 private constant CHILD_TYPEHASH = keccak256(
        "ChildRegistration(uint40 issuer,uint40 representative,bytes32 keyDocument,bytes32 commitment,uint16 comesOfAgeIn,uint48 deadline)"
    );
    bytes32 private constant REPRESENTATION_TYPEHASH = keccak256(
        "ChildRepresentation(uint40 representative,uint40 issuer,bytes32 keyDocument,bytes32 commitment,uint16 comesOfAgeIn,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant COMING_OF_AGE_TYPEHASH = keccak256(
        "ComingOfAge(uint40 issuer,uint40 child,address account,bytes32 keyDocument,uint48 deadline)"
    );

    bytes32 private constant COMING_OF_AGE_ACCOUNT_TYPEHASH = keccak256(
        "ComingOfAgeAccount(uint40 child,address account,bytes32 keyDocument,uint48 deadline)"
    );

    /// @inheritdoc IChildren
    function registerChild(
        bytes32 keyDocument,
        bytes32 commitment,
        uint16 comesOfAgeIn,
        Authorization calldata clinic
    ) external returns (ParticipantId child) {
        return _registerChild(authenticatePatient(msg.sender), keyDocument, commitment, comesOfAgeIn, clinic);
    }

    /// @inheritdoc IChildren
    function registerChildWithSig(
        bytes32 keyDocument,
        bytes32 commitment,
        uint16 comesOfAgeIn,
        Authorization calldata clinic,
        Authorization calldata representative
    ) external returns (ParticipantId child) {
        ParticipantId id = authenticatePatient(representative.account);
        _checkSignature(
            representative,
            keccak256(
                abi.encode(
                    REPRESENTATION_TYPEHASH,
                    id,
                    authenticate(clinic.account),
                    keyDocument,
                    commitment,
                    comesOfAgeIn,
                    _participants[id].signatureEpoch,
                    representative.deadline
                )
            )
        );

        return _registerChild(id, keyDocument, commitment, comesOfAgeIn, clinic);
    }

    /// @inheritdoc IChildren
    function changeKeyOfChild(ParticipantId child, bytes32 keyDocument) external {
        _changeKeyOfChild(child, keyDocument, _checkSpeaksFor(child, msg.sender));
    }

    /// @inheritdoc IChildren
    function changeKeyOfChildWithSig(
        ParticipantId child,
        bytes32 keyDocument,
        Authorization calldata authorization
    ) external {
        ParticipantId by = _checkSpeaksFor(child, authorization.account);
        _checkKeyChange(KEY_CHANGE_TYPEHASH, child, by, keyDocument, authorization);

        _changeKeyOfChild(child, keyDocument, by);
    }

    /// @inheritdoc IChildren
    function comeOfAge(
        ParticipantId child,
        bytes32 keyDocument,
        Authorization calldata joining,
        Authorization calldata clinic
    ) external {
        Childhood storage childhood = _childhoods[child];
        if (childhood.issuer == NOBODY) revert NotAChild(child);
        if (block.timestamp < startOfYear(childhood.comesOfAgeIn)) revert TooYoung(child, childhood.comesOfAgeIn);
        // It gives a person away, so an operator isn't enough.
        ParticipantId issuer = authenticateOwner(clinic.account);
        if (!licenceLasts(issuer, PROVIDER)) revert NotALicensedProvider(issuer);
        // Another clinic attests with a representative, or once their time is over and the first clinic is no more.
        bool orphaned =
            block.timestamp >= startOfYear(uint256(childhood.comesOfAgeIn) + 1) && _isGone(childhood.issuer);
        if (issuer != childhood.issuer && !orphaned) _checkNotFrozen(_checkSpeaksFor(child, msg.sender));
        _checkSignature(
            clinic,
            keccak256(abi.encode(COMING_OF_AGE_TYPEHASH, issuer, child, joining.account, keyDocument, clinic.deadline))
        );
        // No counter: a child comes of age once, and its representatives could move any that it has.
        _checkSignature(
            joining,
            keccak256(abi.encode(COMING_OF_AGE_ACCOUNT_TYPEHASH, child, joining.account, keyDocument, joining.deadline))
        );

        delete _childhoods[child];
        _bindFirst(child, Kind.PERSON, joining.account);
        _replaceKey(child, keyDocument);
        _startAccessEpoch(child);

        emit CameOfAge(child, joining.account);
    }

    /// @dev At once: whoever had the former key may be a representative no more.
    function _changeKeyOfChild(ParticipantId child, bytes32 keyDocument, ParticipantId by) private {
        if (_childhoods[child].issuer == NOBODY) revert NotAChild(child);
        _checkNotFrozen(by);
        uint40 next = _schedules[child].childsKeyFrom + CHILDS_KEY_STAYS;
        if (block.timestamp < next) revert KeyChangedJustNow(child, next);

        _schedules[child].childsKeyFrom = uint40(block.timestamp);
        _replaceKey(child, keyDocument);
    }

    function _registerChild(
        ParticipantId representative,
        bytes32 keyDocument,
        bytes32 commitment,
        uint16 comesOfAgeIn,
        Authorization calldata clinic
    ) private returns (ParticipantId child) {
        _checkNotFrozen(representative);
        ParticipantId issuer = authenticateProvider(clinic.account);
        _checkSignature(
            clinic,
            keccak256(
                abi.encode(
                    CHILD_TYPEHASH,
                    issuer,
                    representative,
                    keyDocument,
                    commitment,
                    comesOfAgeIn,
                    clinic.deadline
                )
            )
        );
        child = _create(Kind.PERSON);
        _setFirstKey(child, keyDocument);
        _link(issuer, commitment, child);
        _childhoods[child] = Childhood({issuer: issuer, comesOfAgeIn: comesOfAgeIn});

        emit ChildRegistered(child, representative, issuer, keyDocument, comesOfAgeIn);
        delegates.representChild(child, representative, issuer, comesOfAgeIn);
    }

    /// @dev Without its licence as a provider. A suspension that nobody confirmed is one without a delay, and gives nobody
    /// away.
    function _isGone(ParticipantId issuer) private view returns (bool) {
        uint40 suspendedUntil = _participants[issuer].suspendedUntil;
        bool unconfirmed = block.timestamp < suspendedUntil && suspendedUntil != type(uint40).max;
        return !unconfirmed && !licenceLasts(issuer, PROVIDER);
    }
}
