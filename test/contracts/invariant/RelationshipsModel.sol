// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISummary} from "../../../contracts/interfaces/ISummary.sol";
import {IPatientProviderRelationships as IPPR} from "../../../contracts/interfaces/IPatientProviderRelationships.sol";
import {Batch} from "../../../contracts/types/Batch.sol";
import {LogHead} from "../../../contracts/types/LogHead.sol";
import {PROVIDER} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Relationship, Status} from "../../../contracts/types/Relationship.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler} from "./Handler.sol";

/// @notice What relationships are to be, in plain fields, and what must hold after every move.
/// @dev Participants 1–3 are the patients, 4–6 the providers, 7 the stranger; the key of a participant is its number.
abstract contract RelationshipsModel is Handler {
    struct Known {
        Status status;
        bool listed;
        uint256 blocks;
        uint256 nonce;
        uint256 since;
        uint256 until;
        bytes32 terms;
    }

    uint256 internal constant PATIENTS = 3;
    /// @dev Each patient may appoint it as a delegate; it is somebody like any other until then.
    uint256 internal constant STRANGER_ID = 7;
    string internal constant NAME = "a clinic";

    mapping(uint256 patient => mapping(uint256 provider => Known)) internal _known;
    /// @dev Until when the stranger answers for a patient (seconds).
    mapping(uint256 patient => uint256 until) internal _delegatedUntil;
    mapping(uint256 patient => bool) internal _knownOnly;
    mapping(uint256 patient => uint256[] providers) internal _listed;
    mapping(uint256 patient => mapping(uint256 provider => Status)) internal _lastSeen;
    mapping(uint256 patient => mapping(uint256 provider => uint256)) internal _lastNonce;
    mapping(uint256 patient => bytes27 chain) internal _chains;
    mapping(uint256 patient => uint256 count) internal _counts;
    mapping(uint256 provider => uint256 size) internal _logSizes;
    mapping(uint256 provider => uint256 number) internal _logNumbers;
    mapping(uint256 provider => bytes23 chain) internal _logChains;

    constructor() {
        for (uint256 i = 1; i <= PATIENTS; ++i) person(i);
        for (uint256 i = PATIENTS + 1; i <= 2 * PATIENTS; ++i) {
            ParticipantId id = institution(i, NAME, PROVIDER);
            registrar.license(id, keccak256(bytes(NAME)), PROVIDER, type(uint40).max);
        }
        person(STRANGER_ID);
    }

    // What must hold after every move

    function checkModel() external {
        vm.warp(time);
        for (uint256 p = 1; p <= PATIENTS; ++p) {
            uint256 active;
            for (uint256 q = PATIENTS + 1; q <= 2 * PATIENTS; ++q) {
                Relationship memory r = relationships.relationship(_id(p), _id(q));
                Known storage k = _known[p][q];
                check(r.status == _status(p, q), "status");
                check(r.listed == k.listed, "listed");
                equal(r.blocks, k.blocks, "blocks");
                equal(r.nonce, k.nonce, "nonce");
                equal(r.since, k.since, "since");
                equal(r.until, k.until, "until");
                equal(bytes32(r.termsDigest), bytes32(bytes20(k.terms)), "terms");
                equal(relationships.isActive(_id(p), _id(q)), r.status == Status.Active, "isActive");
                if (r.status == Status.Active) ++active;
            }
            _checkSummary(p, active);
        }
        for (uint256 q = PATIENTS + 1; q <= 2 * PATIENTS; ++q) {
            LogHead head = records.logHeadOf(_id(q), 9);
            equal(head.size(), _logSizes[q], "log size");
            equal(head.number(), _logNumbers[q], "log number");
            equal(bytes32(head.chain()), bytes32(_logChains[q]), "log chain");
        }
    }

    function afterMove() internal override {
        for (uint256 p = 1; p <= PATIENTS; ++p) {
            for (uint256 q = PATIENTS + 1; q <= 2 * PATIENTS; ++q) _checkEdge(p, q);
        }
    }

    /// @dev Properties 7 and 8. Between two looks one move was made, or time passed.
    function _checkEdge(uint256 p, uint256 q) internal {
        Relationship memory r = relationships.relationship(_id(p), _id(q));
        (Status from, uint256 nonce) = (_lastSeen[p][q], _lastNonce[p][q]);
        (_lastSeen[p][q], _lastNonce[p][q]) = (r.status, r.nonce);
        check(r.nonce >= nonce, "a nonce only grows");
        if (from == r.status) return;

        bool closed = from == Status.None || from >= Status.Ended;
        if (r.status == Status.Proposed) check(closed && r.nonce > nonce, "to Proposed");
        if (r.status == Status.Active && closed) check(r.nonce > nonce, "reopened under a higher nonce");
        if (from == Status.Proposed) {
            check(r.status == Status.Active || r.status >= Status.Declined, "from Proposed");
        }
        if (_isOpen(from)) check(_isOpen(r.status) || r.status == Status.Ended, "from an open one");
        if (closed) check(r.status == Status.Proposed || r.status == Status.Active, "reopened");
        check(r.status != Status.None, "nothing is forgotten");
        bool bothSuspended = from == Status.SuspendedByPatient && r.status == Status.SuspendedByProvider;
        check(!bothSuspended, "a suspension isn't taken over");
    }

    /// @dev Properties 20, 21 and 23.
    function _checkSummary(uint256 p, uint256 active) internal view {
        ISummary.Overview memory overview = summary.overviewOf(_id(p), 0, type(uint256).max);
        equal(overview.recordCount, _counts[p], "count");
        equal(bytes32(overview.recordChain), bytes32(_chains[p]), "chain");
        equal(overview.relationships.length, _listed[p].length, "as many as were ever active");
        for (uint256 i = 0; i < _listed[p].length; ++i) {
            equal(raw(overview.relationships[i].provider), _listed[p][i], "in the order of the first approval");
            if (overview.relationships[i].relationship.status == Status.Active) --active;
        }
        equal(active, 0, "every active one exactly once");
    }

    // The model

    function _status(uint256 p, uint256 q) internal view returns (Status) {
        Known storage k = _known[p][q];
        if (k.status == Status.Proposed && time >= k.since * 60 + 30 days) return Status.Lapsed;
        if (_isOpen(k.status) && k.until != 0 && time >= k.until * 60) return Status.Ended;
        return k.status;
    }

    function _mayOpen(uint256 p, uint256 q, bytes32 terms, uint40 until) internal view returns (bool) {
        Status status = _status(p, q);
        bool validEnd = until == 0 || until / 60 > time / 60;
        return terms != 0 && validEnd && !_isBlocked(p, q) && status != Status.Proposed && !_isOpen(status);
    }

    /// @dev The patient, or the stranger while it is the patient's delegate.
    function _speaksFor(uint256 p, uint256 by) internal view returns (bool) {
        return by == p || (by == STRANGER_ID && time < _delegatedUntil[p]);
    }

    function _isApprovable(IPPR.Offer memory o) internal view returns (bool) {
        (uint256 p, uint256 q) = (raw(o.patient), raw(o.provider));
        Known storage k = _known[p][q];
        bool same = o.nonce == k.nonce && bytes20(o.termsDigest) == bytes20(k.terms) && o.until / 60 == k.until;
        return _status(p, q) == Status.Proposed && same && (k.until == 0 || time / 60 < k.until);
    }

    function _isAcceptable(IPPR.Offer memory o) internal view returns (bool) {
        (uint256 p, uint256 q) = (raw(o.patient), raw(o.provider));
        return o.nonce == _known[p][q].nonce + 1 && _mayOpen(p, q, o.termsDigest, o.until);
    }

    function _activate(IPPR.Offer memory o) internal {
        (uint256 p, uint256 q) = (raw(o.patient), raw(o.provider));
        Known storage k = _known[p][q];
        if (!k.listed) _listed[p].push(q);
        (k.status, k.listed, k.nonce) = (Status.Active, true, o.nonce);
        (k.since, k.until, k.terms) = (time / 60, o.until / 60, o.termsDigest);
    }

    function _isAnchorable(Batch memory batch, uint256 by) internal view returns (bool) {
        uint256 p = raw(batch.patient);
        bool valid = batch.digest != 0 && batch.count >= 1 && batch.count <= 32_768;
        if (p == by) return valid && (by <= PATIENTS || by == STRANGER_ID);
        return valid && _status(p, by) == Status.Active;
    }

    function _appendBatch(Batch memory batch, uint256 by) internal {
        uint256 p = raw(batch.patient);
        _chains[p] = bytes27(keccak256(abi.encode(_chains[p], _counts[p] + 1, by, batch.digest, batch.count)));
        _counts[p] += batch.count;
    }

    function _close(uint256 p, uint256 q, Status status) internal {
        _known[p][q].status = status;
        ++_known[p][q].nonce;
    }

    function _suspend(uint256 p, uint256 q, bool byProvider) internal {
        _known[p][q].status = byProvider ? Status.SuspendedByProvider : Status.SuspendedByPatient;
        if (!byProvider) ++_known[p][q].nonce;
    }

    function _block(uint256 p, uint256 q) internal {
        Known storage k = _known[p][q];
        Status status = _status(p, q);
        k.status = status == Status.Proposed ? Status.Declined : status;
        ++k.blocks;
        ++k.nonce;
    }

    function _isBlocked(uint256 p, uint256 q) internal view returns (bool) {
        return _known[p][q].blocks % 2 == 1;
    }

    function _isOpen(Status status) internal pure returns (bool) {
        return status == Status.Active || status == Status.SuspendedByPatient || status == Status.SuspendedByProvider;
    }

    // Inputs

    function _pair(uint256 p, uint256 q) internal pure returns (uint256, uint256) {
        return (1 + (p % PATIENTS), PATIENTS + 1 + (q % PATIENTS));
    }

    function _party(uint256 p, uint256 q, uint256 seed) internal pure returns (uint256) {
        return
            seed % 7 == 0
                ? STRANGER_ID
                : seed % 2 == 0
                    ? p
                    : q;
    }

    /// @dev Mostly the patient; sometimes the stranger, who may be a delegate, or anybody.
    function _patientOrAnother(uint256 p, uint256 seed) internal pure returns (uint256) {
        if (seed % 4 == 0) return _anybody(seed);
        return seed % 4 == 1 ? STRANGER_ID : p;
    }

    function _anybody(uint256 seed) internal pure returns (uint256) {
        return 1 + (seed % STRANGER_ID);
    }

    function _anybodyBut(uint256 who, uint256 seed) internal pure returns (uint256) {
        return _anybody(seed) == who ? STRANGER_ID : _anybody(seed);
    }

    /// @dev The proposal itself, or with one thing changed.
    function _proposal(
        uint256 p,
        uint256 q,
        uint8 terms,
        uint8 nonceOff,
        uint8 untilOff
    ) internal view returns (IPPR.Offer memory) {
        Known storage k = _known[p][q];
        bytes32 digest = terms % 5 == 0 ? bytes32(uint256(7) << 100) : k.terms;
        uint40 until = uint40(k.until * 60 + (untilOff % 5 == 0 ? 60 : 0));
        return IPPR.Offer(_id(p), _id(q), digest, _near(p, q, nonceOff), until);
    }

    function _offer(
        uint256 p,
        uint256 q,
        uint8 terms,
        uint32 term,
        uint8 off
    ) internal view returns (IPPR.Offer memory) {
        bytes32 digest = bytes32(uint256(terms % 8) << 100);
        return IPPR.Offer(_id(p), _id(q), digest, 1 + _near(p, q, off), _until(term));
    }

    /// @dev Mostly the nonce that counts, sometimes the one before or after.
    function _near(uint256 p, uint256 q, uint8 off) internal view returns (uint24) {
        uint256 nonce = _known[p][q].nonce;
        if (off % 8 == 1) return uint24(nonce + 1);
        if (off % 8 == 2 && nonce != 0) return uint24(nonce - 1);
        return uint24(nonce);
    }

    /// @dev Mostly the number of blocks that counts, sometimes the one before or after.
    function _nearBlocks(uint256 p, uint256 q, uint8 off) internal view returns (uint16) {
        uint256 blocks = _known[p][q].blocks;
        if (off % 8 == 1) return uint16(blocks + 1);
        if (off % 8 == 2 && blocks != 0) return uint16(blocks - 1);
        return uint16(blocks);
    }

    function _until(uint32 term) internal view returns (uint40) {
        if (term % 3 == 0) return 0;
        if (term % 11 == 0) return uint40(time - (term % 300));
        return uint40(time + (term % 40 days));
    }

    /// @dev Fault 1 is another name, 2 another signer, 3 a deadline that passed.
    function _signer(uint256 who, uint256 seed, uint8 fault) internal view returns (uint256 signer, bool intact) {
        signer = fault % 7 == 2 ? _anybodyBut(who, seed) : who;
        intact = fault % 7 == 0 || fault % 7 > 3 || (fault % 7 == 2 && _speaksFor(who, signer));
    }

    function _deadline(uint8 fault) internal view returns (uint48) {
        return uint48(fault % 7 == 3 ? time - 1 : time);
    }

    function _move(uint256 by, bytes memory data, bool legal, string memory what) internal {
        attempt(by, address(relationships), data, legal, what);
    }

    function _relay(uint256 by, bytes memory data, bool legal, string memory what) internal {
        _move(_anybody(by), data, legal, what);
    }

    function _id(uint256 number) internal pure returns (ParticipantId) {
        return ParticipantId.wrap(uint40(number));
    }
}
