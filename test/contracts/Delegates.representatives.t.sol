// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDelegates} from "../../contracts/interfaces/IDelegates.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Powers} from "../../contracts/types/Delegation.sol";
import {COURT} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {vm} from "./helpers/Vm.sol";

/// @notice Whom a court appoints for an adult. Property 51.
contract DelegatesRepresentativesTest is NetworkTest {
    uint256 private constant NOTICE = 30 days;

    /// @dev What a plain reader would note of one pair.
    struct Entry {
        bool there;
        bool byCourt;
        uint256 from;
        uint256 until;
        uint32 epoch;
    }

    ParticipantId private alice;
    ParticipantId private bob;
    ParticipantId private court;
    Entry private entry;
    bool private suspended;
    /// @dev The optimizer takes a block's time for one and the same throughout a test.
    uint256 private clock = START;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        bob = person(BOB);
        court = institution(INSURER, "District Court", COURT);
        registrar.license(court, keccak256("District Court"), COURT, type(uint40).max);
    }

    function testFuzz_appointAsCourt(bool approving, uint8 granting, uint8 viewing, uint40 until, uint40 time) public {
        Powers memory powers = Powers(approving, CategoryMask.wrap(granting), CategoryMask.wrap(viewing));
        bytes memory problem;
        uint256 latest = START + 10 * 365 days;
        if (!approving && granting == 0 && viewing == 0) {
            problem = abi.encodeWithSelector(IDelegates.MissingPowers.selector);
        } else if (until <= START + NOTICE || until > latest) {
            problem = abi.encodeWithSelector(IDelegates.InvalidDelegateTerm.selector, until, latest);
        }
        vm.prank(vm.addr(INSURER));
        if (problem.length != 0) vm.expectRevert(problem);
        delegates.appointAsCourt(alice, bob, powers, until);
        if (problem.length != 0) return;

        time = uint40(bound(time, START, START + 11 * 365 days));
        vm.warp(time);
        bool counts = time >= START + NOTICE && time < until;
        (Powers memory now_, uint40 end) = delegates.powersOf(alice, bob);
        equal(now_.approving, counts && approving, "approving");
        equal(CategoryMask.unwrap(now_.granting), counts ? granting : 0, "granting");
        equal(CategoryMask.unwrap(now_.viewing), counts ? viewing : 0, "viewing");
        equal(end, counts ? until : 0, "until");
        equal(delegates.mayRepresent(alice, bob), counts && approving && granting == 0xFF, "speaks for");
    }

    /// @dev Any sequence of moves of patient, delegate, court and authority, beside a plain model.
    function testFuzz_everySequence(uint8[24] memory moves, uint40[24] memory waits) public {
        for (uint256 i = 0; i < moves.length; ++i) {
            clock += waits[i] % 20 days;
            vm.warp(clock);
            _move(moves[i]);
            (, uint40 until) = delegates.powersOf(alice, bob);
            equal(until != 0, _counts(), "counts");
            equal(delegates.mayRepresent(alice, bob), entry.byCourt && _counts(), "speaks for");
            equal(delegates.delegationOf(alice, bob).source == court, entry.byCourt, "source");
        }
    }

    function _move(uint8 move) private {
        uint40 until = uint40(clock + 1 days + (uint256(move) << 18));
        if (move % 7 == 0) _appoint(until);
        else if (move % 7 == 1) _announce(until);
        else if (move % 7 < 4) _dismiss(move % 7 == 2 ? ALICE : BOB);
        else if (move % 7 == 4) _endAsCourt();
        else if (move % 7 == 5) _revokeAll();
        else _suspend();
    }

    function _appoint(uint40 until) private {
        bool refused = _open() && entry.byCourt;
        vm.prank(vm.addr(ALICE));
        if (refused)
            vm.expectRevert(abi.encodeWithSelector(IDelegates.AppointedByInstitution.selector, alice, bob, court));
        delegates.appoint(bob, _all(), until);
        if (!refused) entry = Entry(true, false, clock, until, accessEpochOf(alice));
    }

    function _announce(uint40 until) private {
        until += uint40(NOTICE);
        bytes memory problem;
        if (suspended) problem = abi.encodeWithSelector(IDelegates.NotALicensedCourt.selector, court);
        else if (_open()) problem = abi.encodeWithSelector(IDelegates.AlreadyAppointed.selector, alice, bob);
        vm.prank(vm.addr(INSURER));
        if (problem.length != 0) vm.expectRevert(problem);
        delegates.appointAsCourt(alice, bob, _all(), until);
        if (problem.length == 0) entry = Entry(true, true, clock + NOTICE, until, 0);
    }

    function _dismiss(uint256 by) private {
        bytes memory problem;
        bool notice = by == ALICE && clock < entry.from;
        if (by == BOB && delegates.delegationOf(alice, bob).version == 0) {
            problem = abi.encodeWithSelector(IDelegates.NotADelegate.selector, alice, bob);
        } else if (_open() && entry.byCourt && !notice) {
            problem = abi.encodeWithSelector(IDelegates.AppointedByInstitution.selector, alice, bob, court);
        }
        vm.prank(vm.addr(by));
        if (problem.length != 0) vm.expectRevert(problem);
        delegates.dismiss(alice, bob);
        if (problem.length == 0) delete entry;
    }

    function _endAsCourt() private {
        vm.prank(vm.addr(INSURER));
        bool refused = !entry.byCourt;
        if (refused) vm.expectRevert(abi.encodeWithSelector(IDelegates.NotTheSource.selector, alice, bob, court));
        delegates.endAsCourt(alice, bob);
        if (!refused) delete entry;
    }

    function _revokeAll() private {
        vm.prank(vm.addr(ALICE));
        registrar.revokeAll(alice);
    }

    function _suspend() private {
        if (suspended) {
            registrar.reinstate(court);
        } else {
            registrar.suspend(court);
            registrar.confirmSuspension(court);
        }
        suspended = !suspended;
    }

    /// @dev It counts, or will.
    function _open() private view returns (bool) {
        return entry.there && clock < entry.until && (entry.byCourt || entry.epoch == accessEpochOf(alice));
    }

    function _counts() private view returns (bool) {
        return _open() && clock >= entry.from && !(entry.byCourt && suspended);
    }

    function _all() private pure returns (Powers memory) {
        return Powers(true, CategoryMask.wrap(0xFF), CategoryMask.wrap(0xFF));
    }
}
