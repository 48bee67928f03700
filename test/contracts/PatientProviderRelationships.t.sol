// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPatientProviderRelationships as IPPR} from "../../contracts/interfaces/IPatientProviderRelationships.sol";
import {ISignedActions} from "../../contracts/interfaces/ISignedActions.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {PROVIDER} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {MINUTES_MASK, Relationship, Status} from "../../contracts/types/Relationship.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {TypedData} from "./helpers/TypedData.sol";
import {vm} from "./helpers/Vm.sol";

/// @dev Longer than most: a fuzz test for every function of the contract.
contract PatientProviderRelationshipsTest is NetworkTest {
    string private constant NAME = "General Hospital";

    error StateIs(bytes32 hash);

    ParticipantId private alice;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        hospital = institution(GENERAL_HOSPITAL, NAME, PROVIDER);
    }

    function testFuzz_propose(bytes32 terms, uint40 until) public {
        vm.assume(terms != 0);

        if (!_isValidEnd(until)) vm.expectRevert(abi.encodeWithSelector(IPPR.InvalidEnd.selector, until));
        _propose(terms, until);
        if (!_isValidEnd(until)) return;

        Relationship memory r = _relationship();
        check(r.status == Status.Proposed && !r.listed && !r.isBlocked(), "proposed");
        equal(r.nonce, 1, "nonce");
        equal(r.since, START / 60, "since");
        equal(r.until, until / 60, "until");
        equal(bytes32(r.termsDigest), bytes32(bytes20(terms)), "terms");
        equal(relationships.providerCount(alice), 0, "the patient's list stays as it was");
    }

    function testFuzz_propose_lapses(uint32 wait) public {
        _propose("terms", 0);
        vm.warp(START + wait);

        bool lapsed = START + wait >= (START / 60) * 60 + relationships.PROPOSAL_LIFETIME();
        check(_relationship().status == (lapsed ? Status.Lapsed : Status.Proposed), "lapsed");
        vm.expectRevert(
            lapsed
                ? abi.encodeWithSelector(IPPR.NotProposed.selector, alice, hospital)
                : abi.encodeWithSelector(IPPR.WrongNonce.selector, 7, 1)
        );
        vm.prank(vm.addr(ALICE));
        relationships.decline(alice, hospital, 7);
    }

    function testFuzz_withdraw(bytes32 terms, uint16 wait) public {
        vm.assume(terms != 0);
        _propose(terms, 0);
        vm.warp(START + wait);
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        relationships.withdraw(alice);

        check(_relationship().status == Status.Withdrawn, "withdrawn");
        equal(_relationship().nonce, 2, "nonce");
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IPPR.NotProposed.selector, alice, hospital));
        relationships.approve(alice, hospital, 1, terms, 0);
    }

    function testFuzz_approve(bytes32 terms, uint40 until, bytes32 otherTerms, uint24 nonce, uint40 otherUntil) public {
        vm.assume(terms != 0);
        until = _validEnd(until);
        _propose(terms, until);
        // Half of the time each is as it was proposed.
        if (nonce % 2 == 0) nonce = 1;
        if (uint256(otherTerms) % 2 == 0) otherTerms = terms;
        if (otherUntil % 2 == 0) otherUntil = until;

        bytes memory problem;
        if (nonce != 1) problem = abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1);
        else if (bytes20(otherTerms) != bytes20(terms)) {
            problem = abi.encodeWithSelector(IPPR.TermsMismatch.selector, otherTerms, bytes20(terms));
        } else if (otherUntil / 60 != until / 60) {
            problem = abi.encodeWithSelector(IPPR.EndMismatch.selector, otherUntil / 60, until / 60);
        }
        vm.prank(vm.addr(ALICE));
        if (problem.length != 0) vm.expectRevert(problem);
        relationships.approve(alice, hospital, nonce, otherTerms, otherUntil);
        if (problem.length == 0) return;

        vm.prank(vm.addr(ALICE));
        relationships.approve(alice, hospital, 1, terms, until);
        _checkActive(terms, until, 1);
    }

    function testFuzz_approveWithSig(bytes32 terms, uint40 until, uint48 deadline, bytes32 otherTerms) public {
        vm.assume(terms != 0 && terms != otherTerms);
        until = _validEnd(until);
        deadline = uint48(bound(deadline, START, DEADLINE));
        _propose(terms, until);
        IPPR.Offer memory proposal = IPPR.Offer(alice, hospital, terms, 1, until);
        Authorization memory approval = signApproval(ALICE, proposal, NAME, deadline);

        proposal.termsDigest = otherTerms;
        vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, vm.addr(ALICE)));
        relationships.approveWithSig(proposal, approval);
        proposal.termsDigest = terms;
        relationships.approveWithSig(proposal, approval);

        _checkActive(terms, until, 1);
    }

    function testFuzz_accept(bytes32 terms, uint40 until, uint24 nonce, uint48 deadline) public {
        vm.assume(terms != 0);
        deadline = uint48(bound(deadline, START, DEADLINE));
        IPPR.Offer memory offer = IPPR.Offer(alice, hospital, terms, nonce, until);
        Authorization memory signed = signOffer(GENERAL_HOSPITAL, offer, deadline);

        vm.prank(vm.addr(ALICE));
        if (nonce != 1) vm.expectRevert(abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1));
        else if (!_isValidEnd(until)) vm.expectRevert(abi.encodeWithSelector(IPPR.InvalidEnd.selector, until));
        relationships.accept(offer, signed);
        if (nonce != 1 || !_isValidEnd(until)) return;

        _checkActive(terms, until, 1);
    }

    function testFuzz_accept_validOffer(bytes32 terms, uint40 until) public {
        vm.assume(terms != 0);
        until = uint40(bound(until, START + 60, MINUTES_MASK * 60));
        IPPR.Offer memory offer = IPPR.Offer(alice, hospital, terms, 1, until);
        Authorization memory signed = signOffer(GENERAL_HOSPITAL, offer, DEADLINE);
        vm.prank(vm.addr(ALICE));
        relationships.accept(offer, signed);

        _checkActive(terms, until, 1);
        vm.warp((until / 60) * 60);
        check(_relationship().status == Status.Ended, "it ends by itself");
        check(!relationships.isActive(alice, hospital), "no longer active");
    }

    function testFuzz_establish(bytes32 terms, uint40 until, uint48 deadline, bytes32 otherTerms) public {
        vm.assume(terms != 0 && terms != otherTerms);
        until = _validEnd(until);
        deadline = uint48(bound(deadline, START, DEADLINE));
        IPPR.Offer memory offer = IPPR.Offer(alice, hospital, terms, 1, until);
        Authorization memory offered = signOffer(GENERAL_HOSPITAL, offer, deadline);
        offer.termsDigest = otherTerms;
        Authorization memory approvedOther = signApproval(ALICE, offer, NAME, deadline);
        offer.termsDigest = terms;
        Authorization memory approved = signApproval(ALICE, offer, NAME, deadline);

        vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, vm.addr(ALICE)));
        relationships.establish(offer, offered, approvedOther);
        relationships.establish(offer, offered, approved);

        _checkActive(terms, until, 1);
        vm.expectRevert(abi.encodeWithSelector(IPPR.AlreadyOpen.selector, alice, hospital));
        relationships.establish(offer, offered, approved);
    }

    /// @dev Property 19: each way in leaves the same state.
    function testFuzz_everyWayInLeavesTheSameState(bytes32 terms, uint40 until, uint8 blockedBefore) public {
        vm.assume(terms != 0);
        until = _validEnd(until);
        for (uint256 i = 0; i < blockedBefore % 4; ++i) _blockAndUnblock();
        uint24 nonce = _relationship().nonce + 1;
        IPPR.Offer memory offer = IPPR.Offer(alice, hospital, terms, nonce, until);
        Authorization memory offered = signOffer(GENERAL_HOSPITAL, offer, DEADLINE);
        Authorization memory approved = signApproval(ALICE, offer, NAME, DEADLINE);

        bytes32[4] memory states;
        for (uint256 way = 0; way < 4; ++way) states[way] = this.enterAndRevert(way, offer, offered, approved);

        for (uint256 way = 1; way < 4; ++way) equal(states[way], states[0], "state");
    }

    /// @dev Takes one way in, and hands back the state that it leads to without staying there.
    function enterAndRevert(
        uint256 way,
        IPPR.Offer calldata offer,
        Authorization calldata offered,
        Authorization calldata approved
    ) external returns (bytes32 state) {
        try this.enter(way, offer, offered, approved) {
            revert False("enter always reverts");
        } catch (bytes memory result) {
            check(bytes4(result) == StateIs.selector, "the way in is open");
            state = keccak256(result);
        }
    }

    function enter(
        uint256 way,
        IPPR.Offer calldata offer,
        Authorization calldata offered,
        Authorization calldata approved
    ) external {
        if (way < 2) _propose(offer.termsDigest, offer.until);
        if (way == 0) {
            vm.prank(vm.addr(ALICE));
            relationships.approve(alice, hospital, offer.nonce, offer.termsDigest, offer.until);
        } else if (way == 1) {
            relationships.approveWithSig(offer, approved);
        } else if (way == 2) {
            vm.prank(vm.addr(ALICE));
            relationships.accept(offer, offered);
        } else {
            relationships.establish(offer, offered, approved);
        }

        revert StateIs(keccak256(abi.encode(_relationship(), relationships.providersOf(alice, 0, 10))));
    }

    function testFuzz_decline(uint24 nonce) public {
        _propose("terms", 0);

        vm.prank(vm.addr(ALICE));
        if (nonce != 1) vm.expectRevert(abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1));
        relationships.decline(alice, hospital, nonce);
        if (nonce != 1) {
            vm.prank(vm.addr(ALICE));
            relationships.decline(alice, hospital, 1);
        }

        check(_relationship().status == Status.Declined, "declined");
        equal(_relationship().nonce, 2, "nonce");
    }

    function testFuzz_declineWithSig(uint24 nonce, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        _propose("terms", 0);
        bytes32 hash = TypedData.declining(raw(alice), raw(hospital), NAME, nonce, deadline);
        Authorization memory authorization = sign(ALICE, deadline, address(relationships), hash);

        if (nonce != 1) vm.expectRevert(abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1));
        relationships.declineWithSig(alice, hospital, nonce, authorization);

        check(_relationship().status == (nonce == 1 ? Status.Declined : Status.Proposed), "status");
    }

    function testFuzz_suspendAndResume(bool byPatient, bool resumedByPatient) public {
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        bytes32 before = _stateWithoutStatus();

        vm.prank(vm.addr(byPatient ? ALICE : GENERAL_HOSPITAL));
        relationships.suspend(alice, hospital);
        check(
            _relationship().status == (byPatient ? Status.SuspendedByPatient : Status.SuspendedByProvider),
            "suspended"
        );
        check(!relationships.isActive(alice, hospital), "not active");

        ParticipantId by = resumedByPatient ? alice : hospital;
        vm.prank(vm.addr(resumedByPatient ? ALICE : GENERAL_HOSPITAL));
        if (byPatient != resumedByPatient) vm.expectRevert(abi.encodeWithSelector(IPPR.NotSuspendedBy.selector, by));
        relationships.resume(alice, hospital);

        equal(relationships.isActive(alice, hospital), byPatient == resumedByPatient, "active");
        // The patient's suspension kills what was signed before; the provider's changes nothing else.
        if (byPatient) equal(_relationship().nonce, 2, "nonce");
        else equal(_stateWithoutStatus(), before, "nothing else changed");
    }

    function testFuzz_end(bool byPatient, uint8 suspended) public {
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        if (suspended % 3 != 0) {
            vm.prank(vm.addr(suspended % 3 == 1 ? ALICE : GENERAL_HOSPITAL));
            relationships.suspend(alice, hospital);
        }

        vm.prank(vm.addr(byPatient ? ALICE : GENERAL_HOSPITAL));
        relationships.end(alice, hospital);

        check(_relationship().status == Status.Ended, "ended");
        equal(_relationship().nonce, suspended % 3 == 1 ? 3 : 2, "nonce");
        check(_relationship().listed, "stays in the list");
    }

    function testFuzz_endWithSig(uint24 nonce, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        bytes32 hash = TypedData.ending(raw(alice), raw(hospital), NAME, nonce, deadline);
        Authorization memory authorization = sign(ALICE, deadline, address(relationships), hash);

        if (nonce != 1) vm.expectRevert(abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1));
        relationships.endWithSig(alice, hospital, nonce, authorization);

        check(_relationship().status == (nonce == 1 ? Status.Ended : Status.Active), "status");
    }

    function testFuzz_suspendWithSig(uint24 nonce, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        bytes32 hash = TypedData.suspending(raw(alice), raw(hospital), NAME, nonce, deadline);
        Authorization memory authorization = sign(ALICE, deadline, address(relationships), hash);

        if (nonce != 1) vm.expectRevert(abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1));
        relationships.suspendWithSig(alice, hospital, nonce, authorization);

        check(_relationship().status == (nonce == 1 ? Status.SuspendedByPatient : Status.Active), "status");
    }

    /// @dev However often it was suspended and resumed since: a signature counts once.
    function testFuzz_resumeWithSig(uint8 signedAt, uint8 suspensions, uint8 cancelled) public {
        uint256 last = 1 + (suspensions % 5);
        uint24 nonce = 2 + (signedAt % 6);
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        for (uint256 i = 0; i < cancelled % 2; ++i) {
            vm.prank(vm.addr(ALICE));
            registrar.cancelSignatures();
        }
        bytes32 hash = TypedData.resuming(raw(alice), raw(hospital), NAME, nonce, 0, DEADLINE);
        Authorization memory authorization = sign(ALICE, DEADLINE, address(relationships), hash);
        for (uint256 i = 1; i <= last; ++i) {
            vm.prank(vm.addr(ALICE));
            relationships.suspend(alice, hospital);
            if (i == last) break;
            vm.prank(vm.addr(ALICE));
            relationships.resume(alice, hospital);
        }

        bool counts = nonce == last + 1 && cancelled % 2 == 0;
        if (cancelled % 2 == 1) vm.expectRevert(invalidSignature(ALICE));
        else if (!counts) vm.expectRevert(abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, last + 1));
        relationships.resumeWithSig(alice, hospital, nonce, authorization);
        equal(relationships.isActive(alice, hospital), counts, "active");
    }

    /// @dev A signature counts at the number of blocks that it names, and at no other.
    function testFuzz_blocksAreCounted(uint8 changes, uint8 signedAt) public {
        uint16 blocks = changes % 8;
        uint16 named = signedAt % 8;
        for (uint256 i = 0; i < blocks / 2; ++i) _blockAndUnblock();
        bool lifts = blocks % 2 == 1;
        if (lifts) {
            vm.prank(vm.addr(ALICE));
            relationships.blockProvider(alice, hospital);
        }
        bytes32 hash =
            lifts
                ? TypedData.unblocking(raw(alice), raw(hospital), NAME, named, 0, DEADLINE)
                : TypedData.blocking(raw(alice), raw(hospital), NAME, named, DEADLINE);
        Authorization memory authorization = sign(ALICE, DEADLINE, address(relationships), hash);

        if (named != blocks) vm.expectRevert(abi.encodeWithSelector(IPPR.WrongNonce.selector, named, blocks));
        if (lifts) relationships.unblockProviderWithSig(alice, hospital, named, authorization);
        else relationships.blockProviderWithSig(alice, hospital, named, authorization);
        equal(_relationship().blocks, named == blocks ? blocks + 1 : blocks, "blocks");
    }

    function testFuzz_blockProvider(uint40 provider) public {
        ParticipantId id = ParticipantId.wrap(provider);
        vm.prank(vm.addr(ALICE));
        relationships.blockProvider(alice, id);

        Relationship memory r = relationships.relationship(alice, id);
        check(r.isBlocked(), "blocked");
        equal(r.nonce, 1, "what was offered before is dead");
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IPPR.BlockUnchanged.selector, id));
        relationships.blockProvider(alice, id);
    }

    function testFuzz_unblockProvider(uint40 provider) public {
        ParticipantId id = ParticipantId.wrap(provider);
        vm.prank(vm.addr(ALICE));
        relationships.blockProvider(alice, id);
        vm.prank(vm.addr(ALICE));
        relationships.unblockProvider(alice, id);

        check(!relationships.relationship(alice, id).isBlocked(), "unblocked");
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IPPR.BlockUnchanged.selector, id));
        relationships.unblockProvider(alice, id);
    }

    function testFuzz_providersOf(uint8 many, uint8 offset, uint256 limit) public {
        uint256 count = bound(many, 0, 14);
        ParticipantId[] memory expected = new ParticipantId[](count);
        for (uint256 i = 0; i < count; ++i) {
            expected[i] = institution(1000 + i, "a clinic", PROVIDER);
            activate(ALICE, expected[i], 1000 + i);
        }
        uint256 from = bound(offset, 0, count + 2);
        ParticipantId[] memory page = relationships.providersOf(alice, from, limit);

        uint256 left = from < count ? count - from : 0;
        equal(relationships.providerCount(alice), count, "count");
        equal(page.length, limit < left ? limit : left, "length");
        for (uint256 i = 0; i < page.length; ++i) equal(raw(page[i]), raw(expected[from + i]), "in order");
    }

    function _propose(bytes32 terms, uint40 until) private {
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        relationships.propose(alice, terms, until);
    }

    function _blockAndUnblock() private {
        vm.prank(vm.addr(ALICE));
        relationships.blockProvider(alice, hospital);
        vm.prank(vm.addr(ALICE));
        relationships.unblockProvider(alice, hospital);
    }

    function _relationship() private view returns (Relationship memory) {
        return relationships.relationship(alice, hospital);
    }

    function _stateWithoutStatus() private view returns (bytes32) {
        Relationship memory r = _relationship();
        r.status = Status.None;
        return keccak256(abi.encode(r));
    }

    function _checkActive(bytes32 terms, uint40 until, uint24 nonce) private view {
        Relationship memory r = _relationship();
        check(r.status == Status.Active && r.listed && relationships.isActive(alice, hospital), "active");
        equal(bytes32(r.termsDigest), bytes32(bytes20(terms)), "terms");
        equal(r.until, until / 60, "until");
        equal(r.nonce, nonce, "nonce");
        equal(relationships.providerCount(alice), 1, "in the list");
        equal(raw(relationships.providersOf(alice, 0, 1)[0]), raw(hospital), "provider");
    }

    /// @dev Bounded, not assumed: most numbers of 40 bits are no valid end.
    function _validEnd(uint40 until) private pure returns (uint40) {
        return _isValidEnd(until) ? until : uint40(bound(until, START + 60, MINUTES_MASK * 60));
    }

    function _isValidEnd(uint40 until) private pure returns (bool) {
        return until == 0 || (until / 60 > START / 60 && until / 60 <= MINUTES_MASK);
    }
}
