// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPatientProviderRelationships as IPPR} from "../../contracts/interfaces/IPatientProviderRelationships.sol";
import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Powers} from "../../contracts/types/Delegation.sol";
import {Guardians} from "../../contracts/types/Guardians.sol";
import {PROVIDER} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Relationship, Status} from "../../contracts/types/Relationship.sol";
import {RecoveryTest} from "./helpers/RecoveryTest.sol";
import {TypedData} from "./helpers/TypedData.sol";
import {vm} from "./helpers/Vm.sol";

contract RelationshipDelegatesTest is RecoveryTest {
    string private constant NAME = "General Hospital";
    uint40 private constant TERM = uint40(START + 10 days);
    bytes32 private constant TERMS = keccak256("terms");

    ParticipantId private bob;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        bob = person(BOB);
        hospital = institution(GENERAL_HOSPITAL, NAME, PROVIDER);
    }

    function testFuzz_approve(bool approving, bytes32 terms, uint40 until, uint24 nonce, bytes32 otherTerms) public {
        until = uint40(bound(until, START + 60, START + YEAR));
        vm.assume(terms != 0);
        _appoint(approving, BOB);
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        relationships.propose(alice, terms, until);
        if (nonce % 2 == 0) (nonce, otherTerms) = (1, terms);

        bytes memory problem;
        if (!approving) problem = _notEmpowered();
        else if (nonce != 1) problem = abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1);
        else if (bytes20(otherTerms) != bytes20(terms)) {
            problem = abi.encodeWithSelector(IPPR.TermsMismatch.selector, otherTerms, bytes20(terms));
        }
        vm.prank(vm.addr(BOB));
        if (problem.length != 0) vm.expectRevert(problem);
        relationships.approve(alice, hospital, nonce, otherTerms, until);

        _checkActive(problem.length == 0);
        check(relationships.relationship(bob, hospital).status == Status.None, "nothing of the delegate's own");
    }

    /// @dev Property 19: through a delegate or not, by each of the ways in.
    function testFuzz_waysIn(uint8 way, bool approving, bytes32 terms, uint40 until) public {
        vm.assume(terms != 0);
        until = uint40(bound(until, START + 60, START + YEAR));
        _appoint(approving, BOB);
        IPPR.Offer memory offer = IPPR.Offer(alice, hospital, terms, 1, until);
        Authorization memory offered = signOffer(GENERAL_HOSPITAL, offer, DEADLINE);
        Authorization memory approved = signApproval(BOB, offer, NAME, DEADLINE);
        if (way % 4 < 2) {
            vm.prank(vm.addr(GENERAL_HOSPITAL));
            relationships.propose(alice, terms, until);
        }

        if (way % 4 == 0 || way % 4 == 2) vm.prank(vm.addr(BOB));
        if (!approving) vm.expectRevert(_notEmpowered());
        if (way % 4 == 0) relationships.approve(alice, hospital, 1, terms, until);
        else if (way % 4 == 1) relationships.approveWithSig(offer, approved);
        else if (way % 4 == 2) relationships.accept(offer, offered);
        else relationships.establish(offer, offered, approved);

        _checkActive(approving);
        if (!approving) return;
        Relationship memory r = relationships.relationship(alice, hospital);
        check(r.listed && !r.isBlocked() && r.nonce == 1 && r.since == START / 60 && r.until == until / 60, "word");
        equal(bytes32(r.termsDigest), bytes32(bytes20(terms)), "terms");
    }

    /// @dev A delegate's approval is signed under both signature epochs, the patient's and the delegate's.
    function testFuzz_approveWithSig_diesWithEithersSignatures(uint8 cancelled, bool own, uint8 epoch) public {
        _appoint(true, BOB);
        IPPR.Offer memory offer = IPPR.Offer(alice, hospital, TERMS, 1, 0);
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        relationships.propose(alice, TERMS, 0);
        bytes32 hash = TypedData.approval(raw(alice), raw(hospital), NAME, TERMS, 1, 0, epoch % 3, DEADLINE);
        Authorization memory approved = sign(BOB, DEADLINE, address(relationships), hash);
        for (uint256 i = 0; i < cancelled % 3; ++i) {
            vm.prank(vm.addr(own ? BOB : ALICE));
            registrar.cancelSignatures();
        }

        bool counts = epoch % 3 == cancelled % 3;
        if (!counts) vm.expectRevert(invalidSignature(BOB));
        relationships.approveWithSig(offer, approved);
        _checkActive(counts);
    }

    function testFuzz_decline(bool approving, uint24 nonce, bool withSig) public {
        if (nonce % 2 == 0) nonce = 1;
        _appoint(approving, BOB);
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        relationships.propose(alice, TERMS, 0);
        bytes32 hash = TypedData.declining(raw(alice), raw(hospital), NAME, nonce, DEADLINE);
        Authorization memory declined = sign(BOB, DEADLINE, address(relationships), hash);

        bytes memory problem;
        if (!approving) problem = _notEmpowered();
        else if (nonce != 1) problem = abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1);
        if (!withSig) vm.prank(vm.addr(BOB));
        if (problem.length != 0) vm.expectRevert(problem);
        if (withSig) relationships.declineWithSig(alice, hospital, nonce, declined);
        else relationships.decline(alice, hospital, nonce);

        _checkStatus(problem.length == 0 ? Status.Declined : Status.Proposed);
    }

    /// @dev The delegate's side is the patient's: the provider's suspension is not the delegate's to lift.
    function testFuzz_suspendAndResume(bool approving, bool byProvider, bool liftedByPatient) public {
        _appoint(approving, BOB);
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        vm.prank(vm.addr(byProvider ? GENERAL_HOSPITAL : BOB));
        if (!byProvider && !approving) vm.expectRevert(_notEmpowered());
        relationships.suspend(alice, hospital);
        if (!byProvider && !approving) return _checkStatus(Status.Active);

        _checkStatus(byProvider ? Status.SuspendedByProvider : Status.SuspendedByPatient);
        vm.prank(vm.addr(liftedByPatient ? ALICE : BOB));
        bool party = liftedByPatient || approving;
        if (!party) vm.expectRevert(_notEmpowered());
        else if (byProvider) vm.expectRevert(abi.encodeWithSelector(IPPR.NotSuspendedBy.selector, alice));
        relationships.resume(alice, hospital);
        _checkActive(!byProvider);
    }

    function testFuzz_end(bool approving, bool withSig, uint24 nonce) public {
        if (nonce % 2 == 0 || !withSig) nonce = 1;
        _appoint(approving, BOB);
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        bytes32 hash = TypedData.ending(raw(alice), raw(hospital), NAME, nonce, DEADLINE);
        Authorization memory ended = sign(BOB, DEADLINE, address(relationships), hash);

        bytes memory problem;
        if (!approving) problem = _notEmpowered();
        else if (nonce != 1) problem = abi.encodeWithSelector(IPPR.WrongNonce.selector, nonce, 1);
        if (!withSig) vm.prank(vm.addr(BOB));
        if (problem.length != 0) vm.expectRevert(problem);
        if (withSig) relationships.endWithSig(alice, hospital, nonce, ended);
        else relationships.end(alice, hospital);

        _checkStatus(problem.length == 0 ? Status.Ended : Status.Active);
    }

    /// @dev Property 14: to the second.
    function testFuzz_approve_withinTheTerm(uint40 wait) public {
        _appoint(true, BOB);
        vm.warp(START + bound(wait, 0, 20 days));
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        relationships.propose(alice, TERMS, 0);

        vm.prank(vm.addr(BOB));
        bool legal = block.timestamp < TERM;
        if (!legal) vm.expectRevert(_notEmpowered());
        relationships.approve(alice, hospital, 1, TERMS, 0);
        _checkActive(legal);
    }

    /// @dev Property 5: neither through the patient nor through a delegate, nor through a delegate who is frozen.
    function testFuzz_nothingIncreasesWhileARecoveryIsPending(uint8 way, bool delegatesOwn, bool byDelegate) public {
        _appoint(true, guardianKey(5));
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        if (way % 5 == 4) {
            vm.prank(vm.addr(ALICE));
            relationships.suspend(alice, hospital);
        } else {
            vm.prank(vm.addr(ALICE));
            relationships.end(alice, hospital);
        }
        if (way % 5 < 2) {
            vm.prank(vm.addr(GENERAL_HOSPITAL));
            relationships.propose(alice, TERMS, 0);
        }
        if (delegatesOwn) _freezeDelegate();
        else _freezeAlice();
        bool legal = delegatesOwn && !byDelegate;
        uint256 actor = byDelegate ? guardianKey(5) : ALICE;
        IPPR.Offer memory offer = IPPR.Offer(alice, hospital, TERMS, 3, 0);
        Authorization memory offered = signOffer(GENERAL_HOSPITAL, offer, DEADLINE);
        Authorization memory approved = signApproval(actor, offer, NAME, DEADLINE);

        if (way % 5 != 1 && way % 5 != 3) vm.prank(vm.addr(actor));
        ParticipantId frozen = delegatesOwn ? people[5] : alice;
        if (!legal) vm.expectRevert(abi.encodeWithSelector(IParticipants.RecoveryPending.selector, frozen));
        if (way % 5 == 0) relationships.approve(alice, hospital, 3, TERMS, 0);
        else if (way % 5 == 1) relationships.approveWithSig(offer, approved);
        else if (way % 5 == 2) relationships.accept(offer, offered);
        else if (way % 5 == 3) relationships.establish(offer, offered, approved);
        else relationships.resume(alice, hospital);
        _checkActive(legal);
    }

    function _freezeAlice() private {
        Guardians memory guardians = guardiansOf(2, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
    }

    function _freezeDelegate() private {
        Guardians memory guardians = guardiansOf(2, 1, 1 days);
        vm.prank(vm.addr(guardianKey(5)));
        registrar.changeGuardians(keccak256(abi.encode(people[5], guardians)));
        vm.prank(vm.addr(guardianKey(0)));
        registrar.startRecovery(people[5], vm.addr(NEW_KEY), guardians);
    }

    function _appoint(bool approving, uint256 delegate) private {
        ParticipantId id = registrar.participantOf(vm.addr(delegate));
        vm.prank(vm.addr(ALICE));
        delegates.appoint(id, Powers(approving, CategoryMask.wrap(0xFF), CategoryMask.wrap(0xFF)), TERM);
    }

    function _checkActive(bool active) private view {
        equal(relationships.isActive(alice, hospital), active, "active");
        if (active) equal(relationships.providerCount(alice), 1, "in the list");
    }

    function _checkStatus(Status status) private view {
        equal(uint256(relationships.relationship(alice, hospital).status), uint256(status), "status");
    }

    function _notEmpowered() private view returns (bytes memory) {
        return abi.encodeWithSelector(IPPR.NotEmpowered.selector, alice, bob);
    }
}
