// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPatientProviderRelationships as IPPR} from "../../../contracts/interfaces/IPatientProviderRelationships.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {Batch} from "../../../contracts/types/Batch.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {Powers} from "../../../contracts/types/Delegation.sol";
import {Settings} from "../../../contracts/types/Participant.sol";
import {Status} from "../../../contracts/types/Relationship.sol";
import {TypedData} from "../helpers/TypedData.sol";
import {Targets} from "./Handler.sol";
import {RelationshipsModel} from "./RelationshipsModel.sol";

/// @notice Three patients, three providers and a delegate in every move that a relationship knows, beside a plain model.
contract RelationshipsHandler is RelationshipsModel {
    // Moves

    function propose(uint256 p, uint256 q, uint256 by, uint8 terms, uint32 term) external atItsTime {
        (p, q) = _pair(p, q);
        by = by % 4 == 0 ? _anybody(by) : q;
        bytes32 digest = bytes32(uint256(terms % 4) << 100);
        uint40 until = _until(term);
        bool open = by > PATIENTS && by < STRANGER_ID && _mayOpen(p, by, digest, until);
        open = open && (!_knownOnly[p] || _known[p][by].listed);
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
        by = _patientOrAnother(p, by);
        IPPR.Offer memory o = _proposal(p, q, terms, nonceOff, untilOff);
        bool legal = _speaksFor(p, by) && _isApprovable(o);
        bytes memory data = abi.encodeCall(
            relationships.approve,
            (o.patient, o.provider, o.nonce, o.termsDigest, o.until)
        );
        _move(by, data, legal, "approve");
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
        uint256 by = term % 6 != 0 ? p : _anybodyBut(p, term);
        bool legal = _speaksFor(p, by) && intact && _isAcceptable(o);
        _move(by, abi.encodeCall(relationships.accept, (o, offered)), legal, "accept");
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

    function decline(uint256 p, uint256 q, uint256 by, uint8 off) external atItsTime {
        (p, q) = _pair(p, q);
        by = _patientOrAnother(p, by);
        uint24 nonce = _near(p, q, off);
        bool legal = _speaksFor(p, by) && _status(p, q) == Status.Proposed && nonce == _known[p][q].nonce;
        _move(by, abi.encodeCall(relationships.decline, (_id(p), _id(q), nonce)), legal, "decline");
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
        bool legal = _status(p, q) == Status.Active && (by == q || _speaksFor(p, by));
        _move(by, abi.encodeCall(relationships.suspend, (_id(p), _id(q))), legal, "suspend");
        if (legal) _suspend(p, q, by == q);
    }

    function suspendWithSig(uint256 p, uint256 q, uint256 by, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        uint24 nonce = _near(p, q, off);
        (Authorization memory signed, bool intact) = _signLeaving(TypedData.suspending, p, q, by, nonce, fault);
        bool legal = intact && _status(p, q) == Status.Active && nonce == _known[p][q].nonce;
        bytes memory data = abi.encodeCall(relationships.suspendWithSig, (_id(p), _id(q), nonce, signed));
        _relay(by, data, legal, "suspend with a signature");
        if (legal) _suspend(p, q, false);
    }

    function resume(uint256 p, uint256 q, uint256 by) external atItsTime {
        (p, q) = _pair(p, q);
        by = _party(p, q, by);
        Status needed = by == q ? Status.SuspendedByProvider : Status.SuspendedByPatient;
        bool legal = _status(p, q) == needed && (by == q || _speaksFor(p, by));
        _move(by, abi.encodeCall(relationships.resume, (_id(p), _id(q))), legal, "resume");
        if (legal) _known[p][q].status = Status.Active;
    }

    function resumeWithSig(uint256 p, uint256 q, uint256 by, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        uint24 nonce = _near(p, q, off);
        (Authorization memory signed, bool intact) = _signReturning(TypedData.resuming, p, q, by, nonce, fault);
        bool legal = intact && _status(p, q) == Status.SuspendedByPatient && nonce == _known[p][q].nonce;
        bytes memory data = abi.encodeCall(relationships.resumeWithSig, (_id(p), _id(q), nonce, signed));
        _relay(by, data, legal, "resume with a signature");
        if (legal) _known[p][q].status = Status.Active;
    }

    function end(uint256 p, uint256 q, uint256 by) external atItsTime {
        (p, q) = _pair(p, q);
        by = _party(p, q, by);
        bool legal = _isOpen(_status(p, q)) && (by == q || _speaksFor(p, by));
        _move(by, abi.encodeCall(relationships.end, (_id(p), _id(q))), legal, "end");
        if (legal) _close(p, q, Status.Ended);
    }

    function endWithSig(uint256 p, uint256 q, uint256 by, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        uint24 nonce = _near(p, q, off);
        (Authorization memory signed, bool intact) = _signLeaving(TypedData.ending, p, q, by, nonce, fault);
        uint256 current = _known[p][q].nonce;
        bool counts = nonce == current || (_isBlocked(p, q) && uint256(nonce) + 1 == current);
        bool legal = intact && _isOpen(_status(p, q)) && counts;
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

    function _signReturning(
        function(uint40, uint40, string memory, uint24, uint32, uint48) pure returns (bytes32) typed,
        uint256 p,
        uint256 q,
        uint256 by,
        uint24 counter,
        uint8 fault
    ) private view returns (Authorization memory signed, bool intact) {
        uint256 signer;
        (signer, intact) = _signer(p, by, fault);
        bytes32 hash = _hashReturning(typed, p, q, counter, fault);
        signed = sign(signer, _deadline(fault), address(relationships), hash);
    }

    function _hashReturning(
        function(uint40, uint40, string memory, uint24, uint32, uint48) pure returns (bytes32) typed,
        uint256 p,
        uint256 q,
        uint24 counter,
        uint8 fault
    ) private view returns (bytes32) {
        string memory name = fault % 7 == 1 ? "another name" : NAME;
        return typed(uint40(p), uint40(q), name, counter, signatureEpochOf(_id(p)), _deadline(fault));
    }

    function blockProvider(uint256 p, uint256 q, uint256 by) external atItsTime {
        (p, q) = _pair(p, q);
        by = _patientOrAnother(p, by);
        bool legal = _speaksFor(p, by) && !_isBlocked(p, q);
        _move(by, abi.encodeCall(relationships.blockProvider, (_id(p), _id(q))), legal, "block");
        if (legal) _block(p, q);
    }

    function blockProviderWithSig(uint256 p, uint256 q, uint256 by, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        uint16 blocks = _nearBlocks(p, q, off);
        (Authorization memory signed, bool intact) = _signLeaving(TypedData.blocking, p, q, by, blocks, fault);
        bool legal = intact && !_isBlocked(p, q) && blocks == _known[p][q].blocks;
        bytes memory data = abi.encodeCall(relationships.blockProviderWithSig, (_id(p), _id(q), blocks, signed));
        _relay(by, data, legal, "block with a signature");
        if (legal) _block(p, q);
    }

    function unblockProvider(uint256 p, uint256 q, uint256 by) external atItsTime {
        (p, q) = _pair(p, q);
        by = _patientOrAnother(p, by);
        bool legal = _speaksFor(p, by) && _isBlocked(p, q);
        _move(by, abi.encodeCall(relationships.unblockProvider, (_id(p), _id(q))), legal, "unblock");
        if (legal) ++_known[p][q].blocks;
    }

    function unblockProviderWithSig(uint256 p, uint256 q, uint256 by, uint8 off, uint8 fault) external atItsTime {
        (p, q) = _pair(p, q);
        uint16 blocks = _nearBlocks(p, q, off);
        (Authorization memory signed, bool intact) = _signReturning(TypedData.unblocking, p, q, by, blocks, fault);
        bool legal = intact && _isBlocked(p, q) && blocks == _known[p][q].blocks;
        bytes memory data = abi.encodeCall(relationships.unblockProviderWithSig, (_id(p), _id(q), blocks, signed));
        _relay(by, data, legal, "unblock with a signature");
        if (legal) ++_known[p][q].blocks;
    }

    function appoint(uint256 p, uint32 term, bool approving) external atItsTime {
        (p, ) = _pair(p, 0);
        uint40 until = uint40(time + 1 + (term % 20 days));
        CategoryMask viewing = CategoryMask.wrap(1);
        Powers memory powers = Powers({approving: approving, granting: viewing, viewing: viewing});
        attempt(
            p,
            address(delegates),
            abi.encodeCall(delegates.appoint, (_id(STRANGER_ID), powers, until)),
            true,
            "appoint"
        );
        _delegatedUntil[p] = approving ? until : 0;
    }

    function dismiss(uint256 p, bool resigns) external atItsTime {
        (p, ) = _pair(p, 0);
        bool legal = !resigns || delegates.delegationOf(_id(p), _id(STRANGER_ID)).version != 0;
        bytes memory data = abi.encodeCall(delegates.dismiss, (_id(p), _id(STRANGER_ID)));
        attempt(resigns ? STRANGER_ID : p, address(delegates), data, legal, "dismiss");
        _delegatedUntil[p] = 0;
    }

    function changeSettings(uint256 p, bool knownOnly) external atItsTime {
        (p, ) = _pair(p, 0);
        Settings memory settings = Settings(knownOnly, 0, CategoryMask.wrap(0));
        attempt(p, address(registrar), abi.encodeCall(registrar.changeSettings, (_id(p), settings)), true, "settings");
        _knownOnly[p] = knownOnly;
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

    /// @dev A batch for each of several patients, some of them not to be had.
    function anchorBatches(uint256 seed, uint256 by, uint16[3] calldata counts, bytes32 digest) external atItsTime {
        by = by % 5 == 0 ? _anybody(by) : PATIENTS + 1 + (by % PATIENTS);
        Batch[] memory batches = new Batch[](seed % 4);
        for (uint256 i = 0; i < batches.length; ++i) {
            bytes32 own = (seed >> (8 * i)) % 7 == 0 ? bytes32(0) : keccak256(abi.encode(digest, i));
            batches[i] = Batch({patient: _id(_anybody(seed >> (8 * i))), count: counts[i] / 2 + 1, digest: own});
        }
        bytes memory data = abi.encodeCall(records.anchorBatches, (batches));
        bool legal = batches.length != 0;
        bool licensed = by > PATIENTS && by < STRANGER_ID;
        for (uint256 i = 0; i < batches.length; ++i) legal = legal && (licensed || batches[i].patient == _id(by));
        attempt(by, address(records), data, legal, "batches");
        if (!legal) return;
        for (uint256 i = 0; i < batches.length; ++i) if (_isAnchorable(batches[i], by)) _appendBatch(batches[i], by);
    }

    function anchorBatch(uint256 p, uint256 q, uint256 by, uint16 count, bytes32 digest) external atItsTime {
        (p, q) = _pair(p, q);
        by = _party(p, q, by);
        Batch memory batch = Batch({patient: _id(p), count: count, digest: digest});
        bool legal = _isAnchorable(batch, by);
        attempt(by, address(records), abi.encodeCall(records.anchorBatch, (batch)), legal, "batch");
        if (legal) _appendBatch(batch, by);
    }

    function publishHead(uint256 by, uint8 size, uint8 off, bytes32 root, bytes32 mapRoot) external atItsTime {
        by = _anybody(by);
        bool legal = by > PATIENTS && by < STRANGER_ID && root != 0 && size > _logSizes[by] && off % 6 != 0;
        uint32 number = uint32(
            _logNumbers[by] +
                (
                    off % 12 == 0
                        ? 2
                        : off % 6 == 0
                            ? 0
                            : 1
                )
        );
        attempt(
            by,
            address(records),
            abi.encodeCall(records.publishHead, (9, number, size, root, mapRoot)),
            legal,
            "head"
        );
        if (!legal) return;

        _logSizes[by] = size;
        _logNumbers[by] = number;
        _logChains[by] = bytes23(keccak256(abi.encode(_logChains[by], number, size, root, mapRoot)));
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
        selectors = new bytes4[](26);
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
        selectors[16] = RelationshipsHandler.suspendWithSig.selector;
        selectors[17] = RelationshipsHandler.resumeWithSig.selector;
        selectors[18] = RelationshipsHandler.appoint.selector;
        selectors[19] = RelationshipsHandler.dismiss.selector;
        selectors[20] = RelationshipsHandler.changeSettings.selector;
        selectors[21] = RelationshipsHandler.blockProviderWithSig.selector;
        selectors[22] = RelationshipsHandler.unblockProviderWithSig.selector;
        selectors[23] = RelationshipsHandler.anchorBatch.selector;
        selectors[24] = RelationshipsHandler.anchorBatches.selector;
        selectors[25] = bytes4(keccak256("wait(uint32)"));
    }
}
