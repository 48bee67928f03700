// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {SignedActions} from "./libraries/SignedActions.sol";
import {Authorization} from "./types/Authorization.sol";
import {Account, ALL_ROLES, Kind, Participant, PROVIDER, Roles} from "./types/Participant.sol";
import {NOBODY, ParticipantId} from "./types/ParticipantId.sol";

/// @title Registrar
/// @notice See {IRegistrar}.
contract Registrar is IRegistrar, SignedActions, AccessManaged {
    /// @notice How long an unconfirmed suspension lasts.
    uint40 public constant SUSPENSION_TERM = 14 days;

    bytes32 private constant REGISTRATION_TYPEHASH = keccak256(
        "PatientRegistration(address account,bytes32 keyDocument,uint48 deadline)"
    );
    bytes32 private constant ATTESTATION_TYPEHASH = keccak256(
        "IdentityAttestation(uint40 issuer,address account,bytes32 commitment,uint48 deadline)"
    );
    bytes32 private constant NO_NAME = keccak256("");

    uint40 private _count;
    mapping(address account => Account holder) private _accounts;
    mapping(ParticipantId id => Participant participant) private _participants;
    mapping(ParticipantId id => bytes32 digest) private _keyDocuments;
    mapping(ParticipantId id => bytes32 digest) private _nameDigests;
    mapping(ParticipantId issuer => mapping(bytes32 commitment => ParticipantId id)) private _identities;

    /// @param authority The AccessManager that holds the authority's roles and delays.
    constructor(address authority) AccessManaged(authority) {}

    // Registration

    /// @inheritdoc IRegistrar
    function registerPatient(bytes32 keyDocument) external returns (ParticipantId id) {
        return _registerPatient(msg.sender, keyDocument);
    }

    /// @inheritdoc IRegistrar
    function registerPatientWithSig(
        bytes32 keyDocument,
        Authorization calldata authorization
    ) external returns (ParticipantId id) {
        _checkSignature(
            authorization,
            keccak256(abi.encode(REGISTRATION_TYPEHASH, authorization.account, keyDocument, authorization.deadline))
        );

        return _registerPatient(authorization.account, keyDocument);
    }

    /// @inheritdoc IRegistrar
    function registerInstitution(bytes32 keyDocument, string calldata name) external returns (ParticipantId id) {
        if (bytes(name).length == 0) revert MissingName();

        id = _register(msg.sender, keyDocument, Kind.INSTITUTION);
        _nameDigests[id] = keccak256(bytes(name));

        emit InstitutionRegistered(id, msg.sender, keyDocument, name);
    }

    // Licences

    /// @inheritdoc IRegistrar
    function license(ParticipantId id, bytes32 nameDigest, Roles roles, uint40 until) external restricted {
        Participant storage institution = _institution(id);
        bytes32 registered = _nameDigests[id];
        if (nameDigest != registered) revert NameMismatch(id, nameDigest, registered);
        uint16 bits = Roles.unwrap(roles);
        if (bits == 0 || bits > Roles.unwrap(ALL_ROLES)) revert InvalidRoles(roles);
        if (until <= block.timestamp) revert InvalidTerm(until);

        institution.roles = roles;
        institution.licensedUntil = until;

        emit Licensed(id, roles, until);
    }

    /// @inheritdoc IRegistrar
    function suspend(ParticipantId id) external restricted {
        Participant storage institution = _institution(id);
        if (institution.suspendedUntil != 0) revert AlreadySuspended(id);

        uint40 until = uint40(block.timestamp) + SUSPENSION_TERM;
        institution.suspendedUntil = until;

        emit Suspended(id, until);
    }

    /// @inheritdoc IRegistrar
    function confirmSuspension(ParticipantId id) external restricted {
        Participant storage institution = _institution(id);
        if (institution.suspendedUntil == 0) revert NotSuspended(id);

        institution.suspendedUntil = type(uint40).max;

        emit SuspensionConfirmed(id);
    }

    /// @inheritdoc IRegistrar
    function reinstate(ParticipantId id) external restricted {
        Participant storage institution = _institution(id);
        if (institution.suspendedUntil == 0) revert NotSuspended(id);

        institution.suspendedUntil = 0;

        emit Reinstated(id);
    }

    // Identities

    /// @inheritdoc IRegistrar
    function linkIdentity(address account, bytes32 commitment, Authorization calldata authorization) external {
        ParticipantId issuer = authenticateProvider(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(ATTESTATION_TYPEHASH, issuer, account, commitment, authorization.deadline))
        );
        ParticipantId id = authenticatePatient(account);
        ParticipantId linked = _identities[issuer][commitment];
        if (linked != NOBODY) revert IdentityAlreadyLinked(linked);

        _identities[issuer][commitment] = id;

        emit IdentityLinked(issuer, id, commitment);
    }

    // Views

    /// @inheritdoc IRegistrar
    function authenticate(address account) public view returns (ParticipantId) {
        return _account(account).id;
    }

    /// @inheritdoc IRegistrar
    function authenticatePatient(address account) public view returns (ParticipantId id) {
        Account storage holder = _account(account);
        id = holder.id;
        if (holder.kind != Kind.PERSON) revert NotAPerson(id);
    }

    /// @inheritdoc IRegistrar
    function authenticateProvider(address account) public view returns (ParticipantId id) {
        id = authenticate(account);
        if (!isLicensed(id, PROVIDER)) revert NotALicensedProvider(id);
    }

    /// @inheritdoc IRegistrar
    function participantOf(address account) external view returns (ParticipantId) {
        return _accounts[account].id;
    }

    /// @inheritdoc IRegistrar
    function resolve(ParticipantId issuer, bytes32 commitment) external view returns (ParticipantId) {
        return _identities[issuer][commitment];
    }

    /// @inheritdoc IRegistrar
    function participant(ParticipantId id) external view returns (Participant memory) {
        return _participants[id];
    }

    /// @inheritdoc IRegistrar
    function keyDocumentOf(ParticipantId id) external view returns (bytes32) {
        return _keyDocuments[id];
    }

    /// @inheritdoc IRegistrar
    function nameDigestOf(ParticipantId id) public view returns (bytes32) {
        bytes32 digest = _nameDigests[id];
        return digest == 0 ? NO_NAME : digest;
    }

    /// @inheritdoc IRegistrar
    function nameDigestsOf(ParticipantId a, ParticipantId b) external view returns (bytes32, bytes32) {
        return (nameDigestOf(a), nameDigestOf(b));
    }

    /// @inheritdoc IRegistrar
    function participantCount() external view returns (uint40) {
        return _count;
    }

    /// @inheritdoc IRegistrar
    function isPerson(ParticipantId id) public view returns (bool) {
        return _participants[id].kind == Kind.PERSON;
    }

    /// @inheritdoc IRegistrar
    function isLicensed(ParticipantId id, Roles roles) public view returns (bool) {
        Participant storage p = _participants[id];
        uint16 asked = Roles.unwrap(roles);
        return asked != 0 && Roles.unwrap(p.roles) & asked == asked && _isLive(p);
    }

    /// @inheritdoc IRegistrar
    function isInGoodStanding(ParticipantId id) external view returns (bool) {
        Participant storage p = _participants[id];
        return p.kind == Kind.PERSON || _isLive(p);
    }

    // Internal

    function _registerPatient(address account, bytes32 keyDocument) private returns (ParticipantId id) {
        id = _register(account, keyDocument, Kind.PERSON);

        emit PatientRegistered(id, account, keyDocument);
    }

    function _register(address account, bytes32 keyDocument, Kind kind) private returns (ParticipantId id) {
        if (keyDocument == 0) revert MissingKeyDocument();
        if (_accounts[account].id != NOBODY) revert AlreadyRegistered(account);

        id = ParticipantId.wrap(++_count);
        _accounts[account] = Account({id: id, kind: kind});
        _participants[id] = Participant({
            kind: kind,
            roles: Roles.wrap(0),
            keyVersion: 1,
            licensedUntil: 0,
            suspendedUntil: 0
        });
        _keyDocuments[id] = keyDocument;
    }

    function _account(address account) private view returns (Account storage holder) {
        holder = _accounts[account];
        if (holder.id == NOBODY) revert NotRegistered(account);
    }

    function _institution(ParticipantId id) private view returns (Participant storage institution) {
        institution = _participants[id];
        if (institution.kind != Kind.INSTITUTION) revert NotAnInstitution(id);
    }

    /// @dev False for a person and for nobody, whose `licensedUntil` is 0.
    function _isLive(Participant storage p) private view returns (bool) {
        return block.timestamp < p.licensedUntil && block.timestamp >= p.suspendedUntil;
    }
}
