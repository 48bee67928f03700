// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Standing} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Relationship, Status} from "../../../contracts/types/Relationship.sol";

/// @title Oracle
/// @notice Stands for everything that the relationship contract asks. Nothing is known about what it stores, so it gives
/// any answer, and within one transaction always the same. Where the real one reverts it may answer: what holds of all
/// transactions that go through here holds of those that go through there.
abstract contract Oracle {
    /// @dev The one relationship that is looked at, any of all; field by field, which is easier to reason about.
    ParticipantId internal _patient;
    ParticipantId internal _provider;
    Status internal _status;
    bool internal _listed;
    uint16 internal _blocks;
    uint24 internal _nonce;
    uint32 internal _since;
    uint32 internal _until;
    bytes20 internal _terms;
    /// @dev What reading another one gives.
    Status internal _otherStatus;
    uint24 internal _otherNonce;
    /// @dev Another one was written.
    bool internal _strayed;

    mapping(address account => ParticipantId id) internal _ids;
    mapping(address account => uint32 epoch) internal _epochs;
    mapping(ParticipantId id => uint32 epoch) internal _signatureEpochs;
    mapping(ParticipantId id => bool person) internal _persons;
    mapping(ParticipantId id => bool knownOnly) internal _knownOnly;
    mapping(ParticipantId patient => mapping(ParticipantId actor => bool may)) internal _mayApprove;

    function authenticate(address account) internal view returns (ParticipantId) {
        return _ids[account];
    }

    function authenticatePatient(address account) internal view returns (ParticipantId) {
        return _ids[account];
    }

    function authenticateProvider(address account) internal view returns (ParticipantId) {
        return _ids[account];
    }

    function authorizeAgreement(address account) internal view returns (ParticipantId id, uint32 signatureEpoch) {
        return (_ids[account], _epochs[account]);
    }

    function standingOf(ParticipantId id) internal view returns (Standing memory) {
        return Standing({accessEpoch: 0, signatureEpoch: _signatureEpochs[id], longestGrant: 0});
    }

    function receivesProposals(ParticipantId id) internal view returns (bool person, bool knownOnly) {
        return (_persons[id], _knownOnly[id]);
    }

    function mayApprove(ParticipantId patient, ParticipantId actor) internal view returns (bool) {
        return _mayApprove[patient][actor];
    }

    // solhint-disable-next-line no-empty-blocks
    function _checkSignature() internal pure {}

    function _load(ParticipantId patient, ParticipantId provider) internal view returns (Relationship memory) {
        bool here = patient == _patient && provider == _provider;
        return
            Relationship(
                here ? _status : _otherStatus,
                _listed,
                _blocks,
                here ? _nonce : _otherNonce,
                _since,
                _until,
                _terms
            );
    }

    function _save(ParticipantId patient, ParticipantId provider, Relationship memory r) internal {
        _strayed = _strayed || patient != _patient || provider != _provider;
        _status = r.status;
        _listed = r.listed;
        _blocks = r.blocks;
        _nonce = r.nonce;
        _since = r.since;
        _until = r.until;
        _terms = r.termsDigest;
    }
}
