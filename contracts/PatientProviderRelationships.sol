// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDelegates} from "./interfaces/IDelegates.sol";
import {IPatientProviderRelationships} from "./interfaces/IPatientProviderRelationships.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {SignedActions} from "./libraries/SignedActions.sol";
import {Authorization} from "./types/Authorization.sol";
import {ParticipantId} from "./types/ParticipantId.sol";
import {IDS_PER_WORD, ProviderListWord} from "./types/ProviderList.sol";
import {MAX_BLOCKS, MINUTES_MASK, Relationship, RelationshipWord, Status} from "./types/Relationship.sol";

/// @title PatientProviderRelationships
/// @notice See {IPatientProviderRelationships}.
/// @dev Over 300 lines: every edge of one state machine, so that whoever checks one sees them all.
contract PatientProviderRelationships is IPatientProviderRelationships, SignedActions {
    /// @notice How long a patient may take to answer a proposal.
    uint256 public constant PROPOSAL_LIFETIME = 30 days;

    bytes32 private constant OFFER_TYPEHASH = keccak256(
        "RelationshipOffer(uint40 patient,uint40 provider,bytes32 termsDigest,uint24 nonce,uint40 until,uint48 deadline)"
    );
    bytes32 private constant APPROVAL_TYPEHASH = keccak256(
        "RelationshipApproval(uint40 patient,uint40 provider,string providerName,bytes32 termsDigest,uint24 nonce,uint40 until,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant DECLINE_TYPEHASH = keccak256(
        "RelationshipDecline(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint48 deadline)"
    );
    bytes32 private constant END_TYPEHASH = keccak256(
        "RelationshipEnd(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint48 deadline)"
    );
    bytes32 private constant SUSPENSION_TYPEHASH = keccak256(
        "RelationshipSuspension(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint48 deadline)"
    );
    bytes32 private constant RESUMPTION_TYPEHASH = keccak256(
        "RelationshipResumption(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant BLOCK_TYPEHASH = keccak256(
        "ProviderBlock(uint40 patient,uint40 provider,string providerName,uint16 blocks,uint48 deadline)"
    );
    bytes32 private constant UNBLOCK_TYPEHASH = keccak256(
        "ProviderUnblock(uint40 patient,uint40 provider,string providerName,uint16 blocks,uint32 signatureEpoch,uint48 deadline)"
    );

    /// @notice Who is who.
    IRegistrar public immutable registrar;
    /// @notice Who may act in a patient's place.
    IDelegates public immutable delegates;

    mapping(ParticipantId patient => mapping(ParticipantId provider => RelationshipWord word)) private _relationships;
    mapping(ParticipantId patient => mapping(uint256 index => ProviderListWord word)) private _providers;

    constructor(IRegistrar registrar_, IDelegates delegates_) {
        registrar = registrar_;
        delegates = delegates_;
    }

    // Ways in

    /// @inheritdoc IPatientProviderRelationships
    function propose(ParticipantId patient, bytes32 termsDigest, uint40 until) external {
        ParticipantId provider = registrar.authenticateProvider(msg.sender);
        (bool person, bool knownOnly) = registrar.receivesProposals(patient);
        if (!person) revert NotAPatient(patient);
        Relationship memory r = _open(patient, provider, termsDigest);
        if (knownOnly && !r.listed) revert OnlyKnownProviders(patient, provider);

        r.status = Status.Proposed;
        r.since = _now();
        r.until = _toMinutes(until);
        r.termsDigest = bytes20(termsDigest);
        _relationships[patient][provider] = r.pack();

        emit RelationshipProposed(patient, provider, r.nonce, termsDigest, until);
    }

    /// @inheritdoc IPatientProviderRelationships
    function withdraw(ParticipantId patient) external {
        ParticipantId provider = registrar.authenticate(msg.sender);
        uint24 nonce = _close(patient, provider, _proposed(patient, provider), Status.Withdrawn);

        emit RelationshipWithdrawn(patient, provider, nonce);
    }

    /// @inheritdoc IPatientProviderRelationships
    function approve(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        bytes32 termsDigest,
        uint40 until
    ) external {
        _authorizeIncrease(patient, msg.sender);

        _approve(patient, provider, nonce, termsDigest, until);
    }

    /// @inheritdoc IPatientProviderRelationships
    function approveWithSig(Offer calldata proposal, Authorization calldata patientAuthorization) external {
        _checkApproval(proposal, patientAuthorization);

        _approve(proposal.patient, proposal.provider, proposal.nonce, proposal.termsDigest, proposal.until);
    }

    /// @inheritdoc IPatientProviderRelationships
    function accept(Offer calldata offer, Authorization calldata providerAuthorization) external {
        _authorizeIncrease(offer.patient, msg.sender);

        _accept(offer, providerAuthorization);
    }

    /// @inheritdoc IPatientProviderRelationships
    function establish(
        Offer calldata offer,
        Authorization calldata providerAuthorization,
        Authorization calldata patientAuthorization
    ) external {
        _checkApproval(offer, patientAuthorization);

        _accept(offer, providerAuthorization);
    }

    /// @inheritdoc IPatientProviderRelationships
    function decline(ParticipantId patient, ParticipantId provider, uint24 nonce) external {
        _authorizeReduction(patient, msg.sender);

        _decline(patient, provider, nonce);
    }

    /// @inheritdoc IPatientProviderRelationships
    function declineWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external {
        _checkReduction(DECLINE_TYPEHASH, patient, provider, nonce, patientAuthorization);

        _decline(patient, provider, nonce);
    }

    // Pauses and ends

    /// @inheritdoc IPatientProviderRelationships
    function suspend(ParticipantId patient, ParticipantId provider) external {
        ParticipantId by = _party(patient, provider);

        _suspend(patient, provider, _current(patient, provider), by);
    }

    /// @inheritdoc IPatientProviderRelationships
    function suspendWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external {
        _checkReduction(SUSPENSION_TYPEHASH, patient, provider, nonce, patientAuthorization);

        _suspend(patient, provider, _under(patient, provider, nonce), patient);
    }

    /// @inheritdoc IPatientProviderRelationships
    function resume(ParticipantId patient, ParticipantId provider) external {
        ParticipantId by = _party(patient, provider);
        if (by == patient) _authorizeIncrease(patient, msg.sender);

        _resume(patient, provider, _current(patient, provider), by);
    }

    /// @inheritdoc IPatientProviderRelationships
    function resumeWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external {
        _checkIncrease(RESUMPTION_TYPEHASH, patient, provider, nonce, patientAuthorization);

        _resume(patient, provider, _under(patient, provider, nonce), patient);
    }

    /// @inheritdoc IPatientProviderRelationships
    function end(ParticipantId patient, ParticipantId provider) external {
        ParticipantId by = _party(patient, provider);

        _end(patient, provider, _current(patient, provider), by);
    }

    /// @inheritdoc IPatientProviderRelationships
    function endWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external {
        _checkReduction(END_TYPEHASH, patient, provider, nonce, patientAuthorization);

        Relationship memory r = _current(patient, provider);
        // A block that was signed before may have got in first. Then closing uses this signature up all the same.
        bool blockedSince = r.isBlocked() && uint256(nonce) + 1 == r.nonce;
        if (nonce != r.nonce && !blockedSince) revert WrongNonce(nonce, r.nonce);
        _end(patient, provider, r, patient);
    }

    // Blocking

    /// @inheritdoc IPatientProviderRelationships
    function blockProvider(ParticipantId patient, ParticipantId provider) external {
        _authorizeReduction(patient, msg.sender);

        _block(patient, provider, _current(patient, provider));
    }

    /// @inheritdoc IPatientProviderRelationships
    function blockProviderWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint16 blocks,
        Authorization calldata patientAuthorization
    ) external {
        _checkReduction(BLOCK_TYPEHASH, patient, provider, blocks, patientAuthorization);

        _block(patient, provider, _after(patient, provider, blocks));
    }

    /// @inheritdoc IPatientProviderRelationships
    function unblockProvider(ParticipantId patient, ParticipantId provider) external {
        _authorizeIncrease(patient, msg.sender);

        _unblock(patient, provider, _current(patient, provider));
    }

    /// @inheritdoc IPatientProviderRelationships
    function unblockProviderWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint16 blocks,
        Authorization calldata patientAuthorization
    ) external {
        _checkIncrease(UNBLOCK_TYPEHASH, patient, provider, blocks, patientAuthorization);

        _unblock(patient, provider, _after(patient, provider, blocks));
    }

    // Views

    /// @inheritdoc IPatientProviderRelationships
    function relationship(ParticipantId patient, ParticipantId provider) external view returns (Relationship memory) {
        return _current(patient, provider);
    }

    /// @inheritdoc IPatientProviderRelationships
    function isActive(ParticipantId patient, ParticipantId provider) external view returns (bool) {
        return _current(patient, provider).status == Status.Active;
    }

    /// @inheritdoc IPatientProviderRelationships
    function providerCount(ParticipantId patient) external view returns (uint256) {
        return _providers[patient][0].listCount();
    }

    /// @inheritdoc IPatientProviderRelationships
    function providersOf(
        ParticipantId patient,
        uint256 offset,
        uint256 limit
    ) external view returns (ParticipantId[] memory providers) {
        uint256 count = _providers[patient][0].listCount();
        if (offset >= count) return providers;

        uint256 left = count - offset;
        providers = new ParticipantId[](limit < left ? limit : left);
        for (uint256 i = 0; i < providers.length; ++i) {
            uint256 position = offset + i;
            providers[i] = _providers[patient][position / IDS_PER_WORD].idAt(position % IDS_PER_WORD);
        }
    }

    // Internal: transitions

    function _approve(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        bytes32 termsDigest,
        uint40 until
    ) private {
        Relationship memory r = _proposed(patient, provider);
        if (nonce != r.nonce) revert WrongNonce(nonce, r.nonce);
        if (bytes20(termsDigest) != r.termsDigest) revert TermsMismatch(termsDigest, r.termsDigest);
        if (until / 1 minutes != r.until) revert EndMismatch(until / 1 minutes, r.until);

        _activate(patient, provider, r, termsDigest, until);
    }

    function _accept(Offer calldata offer, Authorization calldata providerAuthorization) private {
        ParticipantId signer = registrar.authenticateProvider(providerAuthorization.account);
        if (signer != offer.provider) revert NotEmpowered(offer.patient, signer);
        _checkSignature(
            providerAuthorization,
            keccak256(
                abi.encode(
                    OFFER_TYPEHASH,
                    offer.patient,
                    offer.provider,
                    offer.termsDigest,
                    offer.nonce,
                    offer.until,
                    providerAuthorization.deadline
                )
            )
        );
        Relationship memory r = _open(offer.patient, offer.provider, offer.termsDigest);
        if (offer.nonce != r.nonce) revert WrongNonce(offer.nonce, r.nonce);

        r.until = _toMinutes(offer.until);
        r.termsDigest = bytes20(offer.termsDigest);
        _activate(offer.patient, offer.provider, r, offer.termsDigest, offer.until);
    }

    /// @dev The one place where a relationship becomes active.
    function _activate(
        ParticipantId patient,
        ParticipantId provider,
        Relationship memory r,
        bytes32 termsDigest,
        uint40 until
    ) private {
        // A proposal may have outlived its own end.
        if (r.until != 0 && _now() >= r.until) revert InvalidEnd(until);
        if (!r.listed) _list(patient, provider);

        r.listed = true;
        r.status = Status.Active;
        r.since = _now();
        _relationships[patient][provider] = r.pack();

        emit RelationshipApproved(patient, provider, r.nonce, termsDigest, until);
    }

    function _decline(ParticipantId patient, ParticipantId provider, uint24 nonce) private {
        Relationship memory r = _proposed(patient, provider);
        if (nonce != r.nonce) revert WrongNonce(nonce, r.nonce);

        _close(patient, provider, r, Status.Declined);

        emit RelationshipDeclined(patient, provider, nonce);
    }

    function _suspend(ParticipantId patient, ParticipantId provider, Relationship memory r, ParticipantId by) private {
        if (r.status != Status.Active) revert NotActive(patient, provider);

        r.status = by == patient ? Status.SuspendedByPatient : Status.SuspendedByProvider;
        if (by == patient) r.nonce = _next(r.nonce);
        _relationships[patient][provider] = r.pack();

        emit RelationshipSuspended(patient, provider, by);
    }

    function _resume(ParticipantId patient, ParticipantId provider, Relationship memory r, ParticipantId by) private {
        Status own = by == patient ? Status.SuspendedByPatient : Status.SuspendedByProvider;
        if (r.status != own) revert NotSuspendedBy(by);
        // Another suspension would need a nonce of its own: signatures over this one would count again.
        if (by == patient && r.nonce == type(uint24).max) revert NoncesExhausted(patient, provider);

        r.status = Status.Active;
        _relationships[patient][provider] = r.pack();

        emit RelationshipResumed(patient, provider, by);
    }

    function _block(ParticipantId patient, ParticipantId provider, Relationship memory r) private {
        if (r.isBlocked()) revert BlockUnchanged(provider);

        ++r.blocks;
        if (r.status == Status.Proposed) r.status = Status.Declined;
        r.nonce = _next(r.nonce);
        _relationships[patient][provider] = r.pack();

        emit ProviderBlocked(patient, provider);
    }

    function _unblock(ParticipantId patient, ParticipantId provider, Relationship memory r) private {
        if (!r.isBlocked()) revert BlockUnchanged(provider);

        // At its end the counter swings: whoever acts for the patient could drive it there.
        r.blocks = r.blocks == MAX_BLOCKS ? MAX_BLOCKS - 1 : r.blocks + 1;
        _relationships[patient][provider] = r.pack();

        emit ProviderUnblocked(patient, provider);
    }

    function _end(ParticipantId patient, ParticipantId provider, Relationship memory r, ParticipantId by) private {
        if (!_isOpen(r.status)) revert NotOpen(patient, provider);

        _close(patient, provider, r, Status.Ended);

        emit RelationshipEnded(patient, provider, by);
    }

    /// @dev See {_next}.
    function _close(
        ParticipantId patient,
        ParticipantId provider,
        Relationship memory r,
        Status status
    ) private returns (uint24 closedNonce) {
        closedNonce = r.nonce;
        r.status = status;
        r.nonce = _next(r.nonce);
        _relationships[patient][provider] = r.pack();
    }

    /// @dev A reduction advances the nonce, so that no offer or approval signed before outlives it. At the last nonce
    /// nothing opens any more ({_open}), so nothing is outstanding and the reduction still has to work.
    function _next(uint24 nonce) private pure returns (uint24) {
        return nonce == type(uint24).max ? nonce : nonce + 1;
    }

    /// @dev Word 0 counts the whole list, so a new provider costs one new slot in six.
    function _list(ParticipantId patient, ParticipantId provider) private {
        ProviderListWord first = _providers[patient][0];
        uint16 count = first.listCount();
        uint256 index = count / IDS_PER_WORD;
        first = first.withListCount(count + 1);

        if (index == 0) {
            _providers[patient][0] = first.withIdAt(count, provider);
        } else {
            _providers[patient][0] = first;
            _providers[patient][index] = _providers[patient][index].withIdAt(count % IDS_PER_WORD, provider);
        }
    }

    // Internal: reads and checks

    /// @dev The relationship that a proposal or an offer of `provider` may open, under its next nonce.
    function _open(
        ParticipantId patient,
        ParticipantId provider,
        bytes32 termsDigest
    ) private view returns (Relationship memory r) {
        if (termsDigest == 0) revert MissingTerms();
        r = _current(patient, provider);
        if (r.isBlocked()) revert Blocked(patient, provider);
        if (r.status == Status.Proposed || _isOpen(r.status)) revert AlreadyOpen(patient, provider);
        // One is left, so that what opens can be closed under a nonce of its own.
        if (r.nonce >= type(uint24).max - 1) revert NoncesExhausted(patient, provider);

        ++r.nonce;
    }

    function _proposed(ParticipantId patient, ParticipantId provider) private view returns (Relationship memory r) {
        r = _current(patient, provider);
        if (r.status != Status.Proposed) revert NotProposed(patient, provider);
    }

    /// @dev The relationship, if it still has the nonce that somebody signed.
    function _under(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce
    ) private view returns (Relationship memory r) {
        r = _current(patient, provider);
        if (nonce != r.nonce) revert WrongNonce(nonce, r.nonce);
    }

    /// @dev The relationship, if it was blocked and unblocked as often as somebody signed. Where the counter swings, a
    /// signature could count twice.
    function _after(
        ParticipantId patient,
        ParticipantId provider,
        uint16 blocks
    ) private view returns (Relationship memory r) {
        r = _current(patient, provider);
        if (blocks != r.blocks) revert WrongNonce(blocks, r.blocks);
        if (blocks >= MAX_BLOCKS - 1) revert NoncesExhausted(patient, provider);
    }

    function _current(ParticipantId patient, ParticipantId provider) private view returns (Relationship memory r) {
        r = _relationships[patient][provider].unpack();
        if (r.status == Status.Proposed) {
            if (block.timestamp >= uint256(r.since) * 1 minutes + PROPOSAL_LIFETIME) r.status = Status.Lapsed;
        } else if (_isOpen(r.status) && r.until != 0 && block.timestamp >= uint256(r.until) * 1 minutes) {
            r.status = Status.Ended;
        }
    }

    function _isOpen(Status status) private pure returns (bool) {
        return status == Status.Active || status == Status.SuspendedByPatient || status == Status.SuspendedByProvider;
    }

    /// @dev A delegate's side is the patient's.
    function _party(ParticipantId patient, ParticipantId provider) private view returns (ParticipantId by) {
        by = registrar.authenticate(msg.sender);
        if (by == patient || by == provider) return by;
        _checkActor(patient, by);
        return patient;
    }

    /// @dev The patient, or a delegate who may do this; neither of them while a recovery is pending. Returns what a signature
    /// names: the patient's signature epoch, with the delegate's added.
    function _authorizeIncrease(ParticipantId patient, address account) private view returns (uint32 signatureEpoch) {
        ParticipantId actor;
        (actor, signatureEpoch) = registrar.authorizeAgreement(account);
        if (actor != patient) {
            _checkActor(patient, actor);
            signatureEpoch += registrar.standingOf(patient).signatureEpoch;
        }
    }

    /// @dev The patient, or a delegate who may do this.
    function _authorizeReduction(ParticipantId patient, address account) private view {
        _checkActor(patient, registrar.authenticatePatient(account));
    }

    function _checkActor(ParticipantId patient, ParticipantId actor) private view {
        if (actor != patient && !delegates.mayApprove(patient, actor)) revert NotEmpowered(patient, actor);
    }

    function _checkApproval(Offer calldata offer, Authorization calldata authorization) private view {
        uint32 signatureEpoch = _authorizeIncrease(offer.patient, authorization.account);
        _checkSignature(
            authorization,
            keccak256(
                abi.encode(
                    APPROVAL_TYPEHASH,
                    offer.patient,
                    offer.provider,
                    registrar.nameDigestOf(offer.provider),
                    offer.termsDigest,
                    offer.nonce,
                    offer.until,
                    signatureEpoch,
                    authorization.deadline
                )
            )
        );
    }

    /// @dev `counter` is the relationship's nonce, or how often the provider was blocked and unblocked.
    function _checkReduction(
        bytes32 typeHash,
        ParticipantId patient,
        ParticipantId provider,
        uint256 counter,
        Authorization calldata authorization
    ) private view {
        _authorizeReduction(patient, authorization.account);
        _checkSignature(
            authorization,
            keccak256(
                abi.encode(
                    typeHash,
                    patient,
                    provider,
                    registrar.nameDigestOf(provider),
                    counter,
                    authorization.deadline
                )
            )
        );
    }

    /// @dev `counter` is that of {_checkReduction}.
    function _checkIncrease(
        bytes32 typeHash,
        ParticipantId patient,
        ParticipantId provider,
        uint256 counter,
        Authorization calldata authorization
    ) private view {
        uint32 epoch = _authorizeIncrease(patient, authorization.account);
        _checkSignature(
            authorization,
            keccak256(
                abi.encode(
                    typeHash,
                    patient,
                    provider,
                    registrar.nameDigestOf(provider),
                    counter,
                    epoch,
                    authorization.deadline
                )
            )
        );
    }

    /// @dev Rounds down: a relationship ends no later than what was signed.
    function _toMinutes(uint40 until) private view returns (uint32) {
        uint256 minute = until / 1 minutes;
        if (until != 0 && (minute <= _now() || minute > MINUTES_MASK)) revert InvalidEnd(until);
        return uint32(minute);
    }

    function _now() private view returns (uint32) {
        return uint32(block.timestamp / 1 minutes);
    }
}
