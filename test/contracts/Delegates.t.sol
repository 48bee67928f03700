// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDelegates} from "../../contracts/interfaces/IDelegates.sol";
import {ISignedActions} from "../../contracts/interfaces/ISignedActions.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Delegation, Powers} from "../../contracts/types/Delegation.sol";
import {PROVIDER} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {ConsentData} from "./helpers/ConsentData.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {vm} from "./helpers/Vm.sol";

contract DelegatesTest is NetworkTest {
    uint256 private constant LONGEST = 10 * 365 days;

    ParticipantId private alice;
    ParticipantId private bob;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        bob = person(BOB);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
    }

    function testFuzz_appoint(uint40 delegate, bool approving, uint8 granting, uint8 viewing, uint40 until) public {
        delegate = delegate % 5;
        Powers memory powers = _powers(approving, granting, viewing);
        ParticipantId id = ParticipantId.wrap(delegate);
        uint256 latest = START + LONGEST;

        bytes memory problem;
        if (!approving && granting == 0 && viewing == 0) {
            problem = abi.encodeWithSelector(IDelegates.MissingPowers.selector);
        } else if (until <= START || until > latest) {
            problem = abi.encodeWithSelector(IDelegates.InvalidDelegateTerm.selector, until, latest);
        } else if (delegate == raw(alice)) {
            problem = abi.encodeWithSelector(IDelegates.DelegateIsPatient.selector, alice);
        } else if (delegate != raw(bob)) {
            problem = abi.encodeWithSelector(IDelegates.DelegateNotAPerson.selector, id);
        }
        vm.prank(vm.addr(ALICE));
        if (problem.length != 0) vm.expectRevert(problem);
        delegates.appoint(id, powers, until);
        if (problem.length == 0) _check(powers, until, 1);
    }

    /// @dev Property 14, to the second.
    function testFuzz_appoint_validOne(
        bool approving,
        uint8 granting,
        uint8 viewing,
        uint40 until,
        uint40 time
    ) public {
        Powers memory powers = _valid(approving, granting, viewing);
        until = _term(until);
        time = uint40(bound(time, START, START + 2 * LONGEST));
        _appoint(powers, until);

        _check(powers, until, 1);
        vm.warp(time);
        _check(time < until ? powers : _powers(false, 0, 0), time < until ? until : 0, 1);
        vm.warp(until - 1);
        _check(powers, until, 1);
        vm.warp(until);
        _check(_powers(false, 0, 0), 0, 1);
    }

    function testFuzz_appoint_replaces(uint8[4] memory masks, uint40 first, uint40 second) public {
        _appoint(_valid(false, masks[0], masks[1]), _term(first));
        Powers memory powers = _valid(true, masks[2], masks[3]);
        _appoint(powers, _term(second));

        _check(powers, _term(second), 2);
    }

    function testFuzz_appointWithSig(
        bool approving,
        uint8 granting,
        uint8 viewing,
        uint40 until,
        uint48 deadline,
        uint8 writes
    ) public {
        Powers memory powers = _valid(approving, granting, viewing);
        until = _term(until);
        deadline = uint48(bound(deadline, START, DEADLINE));
        uint32 version = 2 * uint32(writes % 3);
        for (uint256 i = 0; i < writes % 3; ++i) _dismiss();
        Authorization memory authorization = _sign(powers, until, 0, version, deadline);
        delegates.appointWithSig(bob, powers, until, authorization);

        _check(powers, until, version + 1);
        vm.expectRevert(invalidSignature(ALICE));
        delegates.appointWithSig(bob, powers, until, authorization);
    }

    function testFuzz_appointWithSig_everyFieldCounts(uint8 granting, uint8 viewing, uint40 until, uint8 field) public {
        Powers memory powers = _valid(true, granting, viewing);
        until = _term(until);
        Authorization memory authorization = _sign(
            powers,
            until,
            field % 7 == 0 ? 1 : 0,
            field % 7 == 1 ? 1 : 0,
            DEADLINE
        );
        ParticipantId delegate = field % 7 == 2 ? person(STRANGER) : bob;
        if (field % 7 == 3) powers.approving = false;
        if (field % 7 == 4) powers.granting = CategoryMask.wrap(~granting);
        if (field % 7 == 5) powers.viewing = CategoryMask.wrap(~viewing);
        if (field % 7 == 6) until ^= 1;

        vm.expectRevert(invalidSignature(ALICE));
        delegates.appointWithSig(delegate, powers, until, authorization);
    }

    function testFuzz_dismiss(uint8 by, bool appointed, uint8 granting) public {
        if (appointed) _appoint(_valid(true, granting, 1), uint40(START + 1 days));
        uint256 sender = [ALICE, BOB, GENERAL_HOSPITAL][by % 3];
        bytes memory problem;
        if (by % 3 == 2) problem = abi.encodeWithSelector(IDelegates.NotEmpowered.selector, alice, hospital);
        if (by % 3 == 1 && !appointed) {
            problem = abi.encodeWithSelector(IDelegates.NotADelegate.selector, alice, bob);
        }
        vm.prank(vm.addr(sender));
        if (problem.length != 0) vm.expectRevert(problem);
        delegates.dismiss(alice, bob);
        if (problem.length != 0) return;

        _check(_powers(false, 0, 0), 0, appointed ? 3 : 2);
    }

    /// @dev It kills the appointment that was signed before, also where it comes first.
    function testFuzz_dismiss_killsSignatures(uint8 granting, uint8 viewing, bool byDelegate, uint8 after_) public {
        Powers memory powers = _valid(true, granting, viewing);
        uint40 until = uint40(START + 1 days);
        if (byDelegate) _appoint(powers, until);
        uint32 version = byDelegate ? 1 : 0;
        Authorization memory kept = _sign(powers, until, 0, version + (after_ % 2), DEADLINE);
        vm.prank(vm.addr(byDelegate ? BOB : ALICE));
        delegates.dismiss(alice, bob);

        vm.expectRevert(invalidSignature(ALICE));
        delegates.appointWithSig(bob, powers, until, kept);
    }

    function testFuzz_dismissWithSig(uint32 version, uint8 appointments, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        version = version % 6;
        uint32 current = appointments % 5;
        for (uint256 i = 0; i < current; ++i) _appoint(_powers(true, 1, 1), uint40(START + 1 days));
        bytes32 hash = ConsentData.dismissal(raw(alice), raw(bob), version, deadline);
        Authorization memory authorization = sign(ALICE, deadline, address(delegates), hash);

        // One appointment that was signed before may have got in first.
        bool counts = version == current || version + 1 == current;
        if (!counts) vm.expectRevert(abi.encodeWithSelector(ISignedActions.StaleSignature.selector, version, current));
        delegates.dismissWithSig(bob, version, authorization);
        if (!counts) return;

        _check(_powers(false, 0, 0), 0, current + 2);
        vm.expectRevert(abi.encodeWithSelector(ISignedActions.StaleSignature.selector, version, uint256(current) + 2));
        delegates.dismissWithSig(bob, version, authorization);
    }

    function testFuzz_dismissWithSig_everyFieldCounts(uint40 other, uint32 version) public {
        vm.assume(other != raw(bob) && version != 0);
        bytes32 hash = ConsentData.dismissal(raw(alice), raw(bob), 0, DEADLINE);
        Authorization memory authorization = sign(ALICE, DEADLINE, address(delegates), hash);

        vm.expectRevert(invalidSignature(ALICE));
        delegates.dismissWithSig(ParticipantId.wrap(other), 0, authorization);
        vm.expectRevert(invalidSignature(ALICE));
        delegates.dismissWithSig(bob, version, authorization);
    }

    /// @dev Property 12, of delegates.
    function testFuzz_endsWithTheAccessEpoch(uint8 granting, uint8 viewing, bool again) public {
        Powers memory powers = _valid(true, granting, viewing);
        _appoint(powers, uint40(START + 1 days));
        vm.prank(vm.addr(ALICE));
        registrar.revokeAll(alice);

        _check(_powers(false, 0, 0), 0, 1);
        if (!again) return;
        _appoint(powers, uint40(START + 1 days));
        _check(powers, uint40(START + 1 days), 2);
    }

    /// @dev What the three questions answer is what {IDelegates-powersOf} says.
    function testFuzz_questions(bool approving, uint8 granting, uint8 viewing, uint8 asked, uint8 category) public {
        Powers memory powers = _valid(approving, granting, viewing);
        _appoint(powers, uint40(START + 1 days));
        (bool may, uint40 until) = delegates.mayGrant(alice, bob, CategoryMask.wrap(asked));

        equal(delegates.mayApprove(alice, bob), approving, "mayApprove");
        equal(delegates.mayView(alice, bob, category % 8), (viewing >> (category % 8)) & 1 == 1, "mayView");
        equal(may, granting != 0 && asked | granting == granting, "mayGrant");
        equal(until, START + 1 days, "until");
        check(!delegates.mayApprove(bob, alice), "one way only");
        check(!delegates.mayView(bob, alice, category % 8), "one way only");
        (may, ) = delegates.mayGrant(bob, alice, CategoryMask.wrap(asked));
        check(!may, "one way only");
    }

    /// @dev Property 15: a delegate's appointment is one for the delegate's own records.
    function testFuzz_delegatesAppointNobody(uint8 granting, uint8 viewing) public {
        ParticipantId carol = person(STRANGER);
        _appoint(_powers(true, 0xFF, 0xFF), uint40(START + 1 days));
        vm.prank(vm.addr(BOB));
        delegates.appoint(carol, _valid(true, granting, viewing), uint40(START + 1 days));

        (Powers memory powers, ) = delegates.powersOf(alice, carol);
        check(!powers.approving && powers.granting.isEmpty() && powers.viewing.isEmpty(), "nothing of alice's");
    }

    function _check(Powers memory expected, uint40 until, uint32 version) private view {
        (Powers memory powers, uint40 end) = delegates.powersOf(alice, bob);
        Delegation memory stored = delegates.delegationOf(alice, bob);
        equal(keccak256(abi.encode(powers)), keccak256(abi.encode(expected)), "powers");
        equal(end, until, "until");
        equal(stored.version, version, "version");
    }

    function _appoint(Powers memory powers, uint40 until) private {
        vm.prank(vm.addr(ALICE));
        delegates.appoint(bob, powers, until);
    }

    function _dismiss() private {
        vm.prank(vm.addr(ALICE));
        delegates.dismiss(alice, bob);
    }

    function _sign(
        Powers memory powers,
        uint40 until,
        uint32 epoch,
        uint32 version,
        uint48 deadline
    ) private view returns (Authorization memory) {
        bytes32 hash = ConsentData.appointment(
            raw(alice),
            raw(bob),
            powers.approving,
            CategoryMask.unwrap(powers.granting),
            CategoryMask.unwrap(powers.viewing),
            until,
            epoch,
            version,
            deadline
        );
        return sign(ALICE, deadline, address(delegates), hash);
    }

    function _powers(bool approving, uint8 granting, uint8 viewing) private pure returns (Powers memory) {
        return Powers(approving, CategoryMask.wrap(granting), CategoryMask.wrap(viewing));
    }

    function _valid(bool approving, uint8 granting, uint8 viewing) private pure returns (Powers memory) {
        vm.assume(approving || granting != 0 || viewing != 0);
        return _powers(approving, granting, viewing);
    }

    function _term(uint40 until) private pure returns (uint40) {
        return uint40(bound(until, START + 1, START + LONGEST));
    }
}
