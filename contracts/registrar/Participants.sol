// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipants} from "../interfaces/registrar/IParticipants.sol";
import {SignedActions} from "../libraries/SignedActions.sol";
import {Authorization} from "../types/Authorization.sol";
import {CategoryMask} from "../types/Category.sol";
import {
    Account,
    AccountScope,
    DEFAULT_EMERGENCY,
    Kind,
    Participant,
    PROVIDER,
    Roles,
    Standing
} from "../types/Participant.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";

/// @title Participants
/// @notice See {IParticipants}. The part of the Registrar that the others stand on: who is there and who acts for whom.
abstract contract Participants is IParticipants, SignedActions {
    bytes32 private constant NO_NAME = keccak256("");

    /// @dev When changes count that were announced, in one word, because a recovery asks for all of them (seconds; 0: none).
    struct Schedule {
        uint40 keyFrom;
        uint40 guardiansFrom;
        /// @dev Since when the current guardians count; a whole minute, as the one above.
        uint40 guardiansSince;
        /// @dev When a representative last changed a child's key.
        uint40 childsKeyFrom;
    }

    uint40 private _count;
    mapping(address account => Account holder) internal _accounts;
    mapping(ParticipantId id => Participant participant) internal _participants;
    mapping(ParticipantId id => bytes32 digest) internal _nameDigests;
    mapping(ParticipantId id => Schedule schedule) internal _schedules;

    // Views

    /// @inheritdoc IParticipants
    function authenticate(address account) public view returns (ParticipantId id) {
        (, id) = _account(account);
    }

    /// @inheritdoc IParticipants
    function authenticateOwner(address account) public view returns (ParticipantId id) {
        Account storage holder;
        (holder, id) = _account(account);
        if (holder.scope != AccountScope.OWNER) revert NotAnOwner(account);
    }

    /// @inheritdoc IParticipants
    function authenticatePatient(address account) public view returns (ParticipantId id) {
        Account storage holder;
        (holder, id) = _account(account);
        if (holder.kind != Kind.PERSON) revert NotAPerson(id);
    }

    /// @inheritdoc IParticipants
    function authenticateProvider(address account) public view returns (ParticipantId id) {
        id = authenticate(account);
        if (!licenceLasts(id, PROVIDER)) revert NotALicensedProvider(id);
    }

    /// @inheritdoc IParticipants
    function authorizeForReduction(
        address account
    ) external view returns (ParticipantId id, uint32 accessEpoch, uint32 signatureEpoch) {
        id = authenticate(account);
        (accessEpoch, signatureEpoch) = epochsOf(id);
    }

    /// @inheritdoc IParticipants
    function authorizeWidening(address account) external view returns (ParticipantId id, Standing memory standing) {
        id = authenticatePatient(account);
        standing = _standing(id);
    }

    /// @inheritdoc IParticipants
    function authorizeAgreement(address account) external view returns (ParticipantId id, uint32 signatureEpoch) {
        id = authenticatePatient(account);
        Participant storage p = _participants[id];
        if (_isBeforeThaw(p)) revert RecoveryPending(id);
        signatureEpoch = p.signatureEpoch;
    }

    /// @inheritdoc IParticipants
    function standingOf(ParticipantId id) external view returns (Standing memory) {
        if (_participants[id].kind != Kind.PERSON) revert NotAPerson(id);
        return _standing(id);
    }

    /// @inheritdoc IParticipants
    function epochsOf(ParticipantId id) public view returns (uint32 accessEpoch, uint32 signatureEpoch) {
        Participant storage p = _participants[id];
        return (p.accessEpoch, p.signatureEpoch);
    }

    /// @inheritdoc IParticipants
    function accessEpochsOf(ParticipantId[] calldata ids) external view returns (uint32[] memory accessEpochs) {
        accessEpochs = new uint32[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) accessEpochs[i] = _participants[ids[i]].accessEpoch;
    }

    /// @inheritdoc IParticipants
    function participantOf(address account) external view returns (ParticipantId) {
        Account storage holder = _accounts[account];
        return _acts(holder) ? holder.id : NOBODY;
    }

    /// @inheritdoc IParticipants
    function accountOf(address account) external view returns (Account memory) {
        return _accounts[account];
    }

    /// @inheritdoc IParticipants
    function participant(ParticipantId id) external view returns (Participant memory) {
        return _participants[id];
    }

    /// @inheritdoc IParticipants
    function nameDigestOf(ParticipantId id) public view returns (bytes32) {
        bytes32 digest = _nameDigests[id];
        return digest == 0 ? NO_NAME : digest;
    }

    /// @inheritdoc IParticipants
    function nameDigestsOf(ParticipantId a, ParticipantId b) external view returns (bytes32, bytes32) {
        return (nameDigestOf(a), nameDigestOf(b));
    }

    /// @inheritdoc IParticipants
    function grantParties(
        ParticipantId id,
        ParticipantId steward
    ) external view returns (bool inGoodStanding, bytes32 nameDigest, bytes32 stewardNameDigest) {
        Participant storage p = _participants[id];
        bool person = p.kind == Kind.PERSON;
        inGoodStanding = person || _isLive(p);
        nameDigest = person ? NO_NAME : nameDigestOf(id);
        if (steward != NOBODY) stewardNameDigest = nameDigestOf(steward);
    }

    /// @inheritdoc IParticipants
    function participantCount() external view returns (uint40) {
        return _count;
    }

    /// @inheritdoc IParticipants
    function isPerson(ParticipantId id) public view returns (bool) {
        return _participants[id].kind == Kind.PERSON;
    }

    /// @inheritdoc IParticipants
    function receivesProposals(ParticipantId id) external view returns (bool person, bool knownOnly) {
        Participant storage p = _participants[id];
        return (p.kind == Kind.PERSON, p.knownOnly);
    }

    /// @inheritdoc IParticipants
    function emergencyOf(ParticipantId id) external view returns (CategoryMask categories, uint32 accessEpoch) {
        Participant storage p = _participants[id];
        return (p.emergency, p.accessEpoch);
    }

    /// @inheritdoc IParticipants
    function licenceLasts(ParticipantId id, Roles roles) public view returns (bool) {
        Participant storage p = _participants[id];
        uint16 asked = Roles.unwrap(roles);
        return asked != 0 && Roles.unwrap(p.roles) & asked == asked && _isLive(p);
    }

    /// @inheritdoc IParticipants
    function isInGoodStanding(ParticipantId id) external view returns (bool) {
        Participant storage p = _participants[id];
        return p.kind == Kind.PERSON || _isLive(p);
    }

    // Internal

    function _standing(ParticipantId id) private view returns (Standing memory) {
        Participant storage p = _participants[id];
        if (_isBeforeThaw(p)) revert RecoveryPending(id);
        return Standing({accessEpoch: p.accessEpoch, signatureEpoch: p.signatureEpoch, longestGrant: p.longestGrant});
    }

    /// @dev What a signature of `by` in the place of `id` names: whoever of them cancels signatures, it only grows.
    function _signatureEpoch(ParticipantId id, ParticipantId by) internal view returns (uint32 epoch) {
        epoch = _participants[id].signatureEpoch;
        if (by != id) epoch += _participants[by].signatureEpoch;
    }

    /// @dev What accounts and guardians change reads alike: whose, what (an account, a digest), and the signature epoch.
    function _checkChange(
        bytes32 typeHash,
        ParticipantId id,
        uint256 what,
        Authorization calldata authorization
    ) internal view {
        _checkSignature(
            authorization,
            keccak256(abi.encode(typeHash, id, what, _participants[id].signatureEpoch, authorization.deadline))
        );
    }

    function _create(Kind kind) internal returns (ParticipantId id) {
        id = ParticipantId.wrap(++_count);
        Participant storage p = _participants[id];
        p.kind = kind;
        p.keyVersion = 1;
        if (kind == Kind.PERSON) p.emergency = DEFAULT_EMERGENCY;
    }

    /// @dev An account belongs to one participant, for ever; only a recovery of the same one takes a dead account back.
    function _bind(ParticipantId id, Kind kind, address account, AccountScope scope, uint40 actsFrom) internal {
        if (_accounts[account].id != NOBODY) revert AlreadyRegistered(account);
        _accounts[account] = Account({
            id: id,
            kind: kind,
            scope: scope,
            epoch: _participants[id].accountEpoch,
            actsFrom: actsFrom,
            retiresAt: 0
        });
    }

    /// @dev An owner that acts at once: the first account of a participant, or the only one.
    function _bindFirst(ParticipantId id, Kind kind, address account) internal {
        _bind(id, kind, account, AccountScope.OWNER, uint40(block.timestamp));
    }

    /// @dev The account, if it acts.
    function _account(address account) private view returns (Account storage holder, ParticipantId id) {
        holder = _accounts[account];
        id = holder.id;
        if (_acts(holder)) return (holder, id);
        if (id == NOBODY) revert NotRegistered(account);
        if (_isDead(holder)) revert AccountRetired(account);
        if (block.timestamp < holder.actsFrom) revert OwnerPending(account, holder.actsFrom);
        revert OperatorFrozen(account);
    }

    /// @dev A person's account never waits, and nobody replaces an institution's: so each needs half of the questions.
    function _acts(Account storage holder) private view returns (bool) {
        if (holder.retiresAt != 0 && block.timestamp >= holder.retiresAt) return false;
        if (holder.kind == Kind.PERSON) return holder.epoch == _participants[holder.id].accountEpoch;
        return
            holder.id != NOBODY &&
            block.timestamp >= holder.actsFrom &&
            (holder.scope == AccountScope.OWNER || !_isBeforeThaw(_participants[holder.id]));
    }

    /// @dev Retired, or replaced by a recovery.
    function _isDead(Account storage holder) internal view returns (bool) {
        return
            (holder.retiresAt != 0 && block.timestamp >= holder.retiresAt) ||
            holder.epoch != _participants[holder.id].accountEpoch;
    }

    /// @dev Whether a recovery of a person is pending. What is frozen of an institution are its operators.
    function _isFrozen(Participant storage p) internal view returns (bool) {
        return _isBeforeThaw(p) && p.kind == Kind.PERSON;
    }

    function _isBeforeThaw(Participant storage p) private view returns (bool) {
        return block.timestamp < uint256(p.frozenUntil) * 1 hours;
    }

    function _checkNotFrozen(ParticipantId id) internal view {
        if (_isFrozen(_participants[id])) revert RecoveryPending(id);
    }

    function _institution(ParticipantId id) internal view returns (Participant storage institution) {
        institution = _participants[id];
        if (institution.kind != Kind.INSTITUTION) revert NotAnInstitution(id);
    }

    /// @dev False for a person and for nobody, whose `licensedUntil` is 0.
    function _isLive(Participant storage p) private view returns (bool) {
        return block.timestamp < p.licensedUntil && block.timestamp >= p.suspendedUntil;
    }
}
