// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISummary} from "../../../contracts/interfaces/ISummary.sol";
import {IPatientProviderRelationships as IPPR} from "../../../contracts/interfaces/IPatientProviderRelationships.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {PROVIDER} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Relationship, Status} from "../../../contracts/types/Relationship.sol";
import {TypedData} from "../helpers/TypedData.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler, Targets} from "./Handler.sol";

/// @notice Three patients, three providers and a stranger in every move that a relationship knows, beside a plain model.
/// @dev Longer than most: the runner knows only contracts of test files, so moves and model stand in one.
/// Participants 1–3 are the patients, 4–6 the providers, 7 the stranger; the key of a participant is its number.
contract RelationshipsHandler is Handler {
    struct Known {
        Status status;
        bool listed;
        bool blocked;
        uint256 nonce;
        uint256 since;
        uint256 until;
        bytes32 terms;
    }

    uint256 private constant PATIENTS = 3;
    uint256 private constant STRANGER_ID = 7;
    string private constant NAME = "a clinic";

    mapping(uint256 patient => mapping(uint256 provider => Known)) private _known;
    mapping(uint256 patient => uint256[] providers) private _listed;
    mapping(uint256 patient => mapping(uint256 provider => Status)) private _lastSeen;
    mapping(uint256 patient => mapping(uint256 provider => uint256)) private _lastNonce;
    mapping(uint256 patient => bytes27 chain) private _chains;
    mapping(uint256 patient => uint256 count) private _counts;
    mapping(uint256 provider => uint256 size) private _logSizes;
    mapping(uint256 provider => bytes27 chain) private _logChains;

    constructor() {
        for (uint256 i = 1; i <= PATIENTS; ++i) person(i);
        for (uint256 i = PATIENTS + 1; i <= 2 * PATIENTS; ++i) {
            ParticipantId id = institution(i, NAME, PROVIDER);
            registrar.license(id, keccak256(bytes(NAME)), PROVIDER, type(uint40).max);
        }
        person(STRANGER_ID);
    }

    // Moves

    function propose(uint256 p, uint256 q, uint256 by, uint8 terms, uint32 term) external atItsTime {
        (p, q) = _pair(p, q);
        by = by % 4 == 0 ? _anybody(by) : q;
        bytes32 digest = bytes32(uint256(terms % 4) << 100);
        uint40 until = _until(term);
        bool open = by > PATIENTS && by < STRANGER_ID && _mayOpen(p, by, digest, until);
        _move(by, abi.encodeCall(relationships.propose, (_id(p), digest, until)), open, "propose");
        if (!open) return;

        Known storage k = _known[p][by];
        (k.status, k.since, k.until, k.terms) = (Status.Proposed, time / 60, until / 60, digest);
        ++k.nonce;
    }

    function withdraw(uint256 p, uint256 q) external atItsTime {
        (p, q) = _pair(p, q);
        bool legal = _status(p, q) == Status.Proposed;
        _move(q, abi.encodeCall(relationships.withdraw, (_id(p))), legal, "withdraw");
        if (legal) _close(p, q, Status.Withdrawn);
    }

    function approve(uint256 p, uint256 q, uint256 by, uint8 terms, uint8 nonceOff, uint8 untilOff) external atItsTime {
        (p, q) = _pair(p, q);
        IPPR.Offer memory o = _proposal(p, q, terms, nonceOff, untilOff);
        bool forged = by % 8 == 0;
        bool legal = !forged && _isApprovable(o);
        bytes memory data = abi.encodeCall(relationships.approve, (o.provider, o.nonce, o.termsDigest, o.until));
        // Somebody else that approves answers for its own relationship with the provider, in which nothing is proposed.
        if (forged) _move(by % 16 == 0 ? q : STRANGER_ID, data, false, "approve for another");
        else _move(p, data, legal, "approve");
        if (legal) _activate(o);
    }

    function approveWithSig(uint256 p, uint256 q, uint256 by, uint8 terms, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        IPPR.Offer memory o = _proposal(p, q, terms, off, off / 5);
        (uint256 signer, bool intact) = _signer(p, by, fault);
        Authorization memory approval = signApproval(
            signer,
            o,
            fault % 7 == 1 ? "another name" : NAME,
            _deadline(fault)
        );
        bool legal = intact && _isApprovable(o);
        _relay(by, abi.encodeCall(relationships.approveWithSig, (o, approval)), legal, "approve with a signature");
        if (legal) _activate(o);
    }

    function accept(uint256 p, uint256 q, uint8 terms, uint32 term, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        IPPR.Offer memory o = _offer(p, q, terms, term, off);
        (uint256 signer, bool intact) = _signer(q, term, fault % 7 == 1 ? 0 : fault);
        Authorization memory offered = signOffer(signer, o, _deadline(fault));
        bool byPatient = term % 6 != 0;
        bool legal = byPatient && intact && _isAcceptable(o);
        _move(
            byPatient ? p : _anybodyBut(p, term),
            abi.encodeCall(relationships.accept, (o, offered)),
            legal,
            "accept"
        );
        if (legal) _activate(o);
    }

    function establish(uint256 p, uint256 q, uint8 terms, uint32 term, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        IPPR.Offer memory o = _offer(p, q, terms, term, off);
        (uint256 signer, bool intact) = _signer(p, term, fault);
        Authorization memory approved = signApproval(
            signer,
            o,
            fault % 7 == 1 ? "another name" : NAME,
            _deadline(fault)
        );
        Authorization memory offered = signOffer(q, o, uint48(time));
        bool legal = intact && _isAcceptable(o);
        _relay(term, abi.encodeCall(relationships.establish, (o, offered, approved)), legal, "establish");
        if (legal) _activate(o);
    }

    function decline(uint256 p, uint256 q, uint8 off) external atItsTime {
        (p, q) = _pair(p, q);
        uint24 nonce = _near(p, q, off);
        bool legal = _status(p, q) == Status.Proposed && nonce == _known[p][q].nonce;
        _move(p, abi.encodeCall(relationships.decline, (_id(q), nonce)), legal, "decline");
        if (legal) _close(p, q, Status.Declined);
    }

    function declineWithSig(uint256 p, uint256 q, uint256 by, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        uint24 nonce = _near(p, q, off);
        (Authorization memory signed, bool intact) = _signLeaving(TypedData.declining, p, q, by, nonce, fault);
        bool legal = intact && _status(p, q) == Status.Proposed && nonce == _known[p][q].nonce;
        bytes memory data = abi.encodeCall(relationships.declineWithSig, (_id(p), _id(q), nonce, signed));
        _relay(by, data, legal, "decline with a signature");
        if (legal) _close(p, q, Status.Declined);
    }

    function suspend(uint256 p, uint256 q, uint256 by) external atItsTime {
        (p, q) = _pair(p, q);
        by = _party(p, q, by);
        bool legal = _status(p, q) == Status.Active && by != STRANGER_ID;
        _move(by, abi.encodeCall(relationships.suspend, (_id(p), _id(q))), legal, "suspend");
        if (!legal) return;

        _known[p][q].status = by == p ? Status.SuspendedByPatient : Status.SuspendedByProvider;
        if (by == p) ++_known[p][q].nonce;
    }

    function resume(uint256 p, uint256 q, uint256 by) external atItsTime {
        (p, q) = _pair(p, q);
        by = _party(p, q, by);
        Status needed = by == p ? Status.SuspendedByPatient : Status.SuspendedByProvider;
        bool legal = _status(p, q) == needed && by != STRANGER_ID;
        _move(by, abi.encodeCall(relationships.resume, (_id(p), _id(q))), legal, "resume");
        if (legal) _known[p][q].status = Status.Active;
    }

    function end(uint256 p, uint256 q, uint256 by) external atItsTime {
        (p, q) = _pair(p, q);
        by = _party(p, q, by);
        bool legal = _isOpen(_status(p, q)) && by != STRANGER_ID;
        _move(by, abi.encodeCall(relationships.end, (_id(p), _id(q))), legal, "end");
        if (legal) _close(p, q, Status.Ended);
    }

    function endWithSig(uint256 p, uint256 q, uint256 by, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        uint24 nonce = _near(p, q, off);
        (Authorization memory signed, bool intact) = _signLeaving(TypedData.ending, p, q, by, nonce, fault);
        bool legal = intact && _isOpen(_status(p, q)) && nonce == _known[p][q].nonce;
        bytes memory data = abi.encodeCall(relationships.endWithSig, (_id(p), _id(q), nonce, signed));
        _relay(by, data, legal, "end with a signature");
        if (legal) _close(p, q, Status.Ended);
    }

    function _signLeaving(
        function(uint40, uint40, string memory, uint24, uint48) pure returns (bytes32) typed,
        uint256 p,
        uint256 q,
        uint256 by,
        uint24 nonce,
        uint8 fault
    ) private view returns (Authorization memory signed, bool intact) {
        uint256 signer;
        (signer, intact) = _signer(p, by, fault);
        bytes32 hash = _hashLeaving(typed, p, q, nonce, fault);
        signed = sign(signer, _deadline(fault), address(relationships), hash);
    }

    function _hashLeaving(
        function(uint40, uint40, string memory, uint24, uint48) pure returns (bytes32) typed,
        uint256 p,
        uint256 q,
        uint24 nonce,
        uint8 fault
    ) private view returns (bytes32) {
        string memory name = fault % 7 == 1 ? "another name" : NAME;
        return typed(uint40(p), uint40(q), name, nonce, _deadline(fault));
    }

    function blockProvider(uint256 p, uint256 q) external atItsTime {
        (p, q) = _pair(p, q);
        Known storage k = _known[p][q];
        bool legal = !k.blocked;
        _move(p, abi.encodeCall(relationships.blockProvider, (_id(q))), legal, "block");
        if (!legal) return;

        k.blocked = true;
        Status status = _status(p, q);
        k.status = status == Status.Proposed ? Status.Declined : status;
        ++k.nonce;
    }

    function unblockProvider(uint256 p, uint256 q) external atItsTime {
        (p, q) = _pair(p, q);
        Known storage k = _known[p][q];
        bool legal = k.blocked;
        _move(p, abi.encodeCall(relationships.unblockProvider, (_id(q))), legal, "unblock");
        k.blocked = false;
    }

    function anchor(uint256 p, uint256 q, uint256 by, bytes32 digest) external atItsTime {
        (p, q) = _pair(p, q);
        by = _party(p, q, by);
        bool legal = digest != 0 && (by == p || (by == q && _status(p, q) == Status.Active));
        attempt(by, address(records), abi.encodeCall(records.anchor, (_id(p), digest)), legal, "anchor");
        if (!legal) return;

        ++_counts[p];
        _chains[p] = bytes27(keccak256(abi.encode(_chains[p], _counts[p], by, digest)));
    }

    function publishHead(uint256 by, uint8 size, bytes32 root) external atItsTime {
        by = _anybody(by);
        bool legal = by > PATIENTS && by < STRANGER_ID && root != 0 && size >= _logSizes[by];
        attempt(by, address(records), abi.encodeCall(records.publishHead, (9, size, root)), legal, "publish");
        if (!legal) return;

        _logSizes[by] = size;
        _logChains[by] = bytes27(keccak256(abi.encode(_logChains[by], size, root)));
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
                check(r.listed == k.listed && r.blocked == k.blocked, "flags");
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
            equal(records.logHeadOf(_id(q), 9).count(), _logSizes[q], "log size");
            equal(bytes32(records.logHeadOf(_id(q), 9).chain()), bytes32(_logChains[q]), "log chain");
        }
    }

    function afterMove() internal override {
        for (uint256 p = 1; p <= PATIENTS; ++p) {
            for (uint256 q = PATIENTS + 1; q <= 2 * PATIENTS; ++q) _checkEdge(p, q);
        }
    }

    /// @dev Properties 7 and 8. Between two looks one move was made, or time passed.
    function _checkEdge(uint256 p, uint256 q) private {
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
    function _checkSummary(uint256 p, uint256 active) private view {
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

    function _status(uint256 p, uint256 q) private view returns (Status) {
        Known storage k = _known[p][q];
        if (k.status == Status.Proposed && time >= k.since * 60 + 30 days) return Status.Lapsed;
        if (_isOpen(k.status) && k.until != 0 && time >= k.until * 60) return Status.Ended;
        return k.status;
    }

    function _mayOpen(uint256 p, uint256 q, bytes32 terms, uint40 until) private view returns (bool) {
        Status status = _status(p, q);
        bool validEnd = until == 0 || until / 60 > time / 60;
        return terms != 0 && validEnd && !_known[p][q].blocked && status != Status.Proposed && !_isOpen(status);
    }

    function _isApprovable(IPPR.Offer memory o) private view returns (bool) {
        (uint256 p, uint256 q) = (raw(o.patient), raw(o.provider));
        Known storage k = _known[p][q];
        bool same = o.nonce == k.nonce && bytes20(o.termsDigest) == bytes20(k.terms) && o.until / 60 == k.until;
        return _status(p, q) == Status.Proposed && same && (k.until == 0 || time / 60 < k.until);
    }

    function _isAcceptable(IPPR.Offer memory o) private view returns (bool) {
        (uint256 p, uint256 q) = (raw(o.patient), raw(o.provider));
        return o.nonce == _known[p][q].nonce + 1 && _mayOpen(p, q, o.termsDigest, o.until);
    }

    function _activate(IPPR.Offer memory o) private {
        (uint256 p, uint256 q) = (raw(o.patient), raw(o.provider));
        Known storage k = _known[p][q];
        if (!k.listed) _listed[p].push(q);
        (k.status, k.listed, k.nonce) = (Status.Active, true, o.nonce);
        (k.since, k.until, k.terms) = (time / 60, o.until / 60, o.termsDigest);
    }

    function _close(uint256 p, uint256 q, Status status) private {
        _known[p][q].status = status;
        ++_known[p][q].nonce;
    }

    function _isOpen(Status status) private pure returns (bool) {
        return status == Status.Active || status == Status.SuspendedByPatient || status == Status.SuspendedByProvider;
    }

    // Inputs

    function _pair(uint256 p, uint256 q) private pure returns (uint256, uint256) {
        return (1 + (p % PATIENTS), PATIENTS + 1 + (q % PATIENTS));
    }

    function _party(uint256 p, uint256 q, uint256 seed) private pure returns (uint256) {
        return
            seed % 7 == 0
                ? STRANGER_ID
                : seed % 2 == 0
                    ? p
                    : q;
    }

    function _anybody(uint256 seed) private pure returns (uint256) {
        return 1 + (seed % STRANGER_ID);
    }

    function _anybodyBut(uint256 who, uint256 seed) private pure returns (uint256) {
        return _anybody(seed) == who ? STRANGER_ID : _anybody(seed);
    }

    /// @dev The proposal itself, or with one thing changed.
    function _proposal(
        uint256 p,
        uint256 q,
        uint8 terms,
        uint8 nonceOff,
        uint8 untilOff
    ) private view returns (IPPR.Offer memory) {
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
    ) private view returns (IPPR.Offer memory) {
        bytes32 digest = bytes32(uint256(terms % 8) << 100);
        return IPPR.Offer(_id(p), _id(q), digest, 1 + _near(p, q, off), _until(term));
    }

    /// @dev Mostly the nonce that counts, sometimes the one before or after.
    function _near(uint256 p, uint256 q, uint8 off) private view returns (uint24) {
        uint256 nonce = _known[p][q].nonce;
        if (off % 8 == 1) return uint24(nonce + 1);
        if (off % 8 == 2 && nonce != 0) return uint24(nonce - 1);
        return uint24(nonce);
    }

    function _until(uint32 term) private view returns (uint40) {
        if (term % 3 == 0) return 0;
        if (term % 11 == 0) return uint40(time - (term % 300));
        return uint40(time + (term % 40 days));
    }

    /// @dev Fault 1 is another name, 2 another signer, 3 a deadline that passed.
    function _signer(uint256 who, uint256 seed, uint8 fault) private pure returns (uint256 signer, bool intact) {
        signer = fault % 7 == 2 ? _anybodyBut(who, seed) : who;
        intact = fault % 7 == 0 || fault % 7 > 3;
    }

    function _deadline(uint8 fault) private view returns (uint48) {
        return uint48(fault % 7 == 3 ? time - 1 : time);
    }

    function _move(uint256 by, bytes memory data, bool legal, string memory what) private {
        attempt(by, address(relationships), data, legal, what);
    }

    function _relay(uint256 by, bytes memory data, bool legal, string memory what) private {
        _move(_anybody(by), data, legal, what);
    }

    function _id(uint256 number) private pure returns (ParticipantId) {
        return ParticipantId.wrap(uint40(number));
    }
}

contract RelationshipsInvariant is Targets {
    RelationshipsHandler private handler;

    function setUp() public {
        handler = new RelationshipsHandler();
    }

    /// @notice Properties 7, 8, 9, 18, 20, 21 and 23.
    function invariant_equalsTheModel() public {
        handler.checkModel();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](17);
        selectors[0] = RelationshipsHandler.propose.selector;
        selectors[1] = RelationshipsHandler.withdraw.selector;
        selectors[2] = RelationshipsHandler.approve.selector;
        selectors[3] = RelationshipsHandler.approveWithSig.selector;
        selectors[4] = RelationshipsHandler.accept.selector;
        selectors[5] = RelationshipsHandler.establish.selector;
        selectors[6] = RelationshipsHandler.decline.selector;
        selectors[7] = RelationshipsHandler.declineWithSig.selector;
        selectors[8] = RelationshipsHandler.suspend.selector;
        selectors[9] = RelationshipsHandler.resume.selector;
        selectors[10] = RelationshipsHandler.end.selector;
        selectors[11] = RelationshipsHandler.endWithSig.selector;
        selectors[12] = RelationshipsHandler.blockProvider.selector;
        selectors[13] = RelationshipsHandler.unblockProvider.selector;
        selectors[14] = RelationshipsHandler.anchor.selector;
        selectors[15] = RelationshipsHandler.publishHead.selector;
        selectors[16] = bytes4(keccak256("wait(uint32)"));
    }
}
