// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {IRecoveries} from "../../contracts/interfaces/registrar/IRecoveries.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Guardians, Recovery, Stage} from "../../contracts/types/Guardians.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {RecoveryTest} from "./helpers/RecoveryTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

/// @dev Starting, approving, vetoing. Executing is in Registrar.recovery.execute.t.sol.
contract RegistrarRecoveryTest is RecoveryTest {
    function testFuzz_startRecovery(uint8 count, uint8 threshold, uint8 guardian, uint256 seed, uint40 time) public {
        Guardians memory guardians = _guardians(count, threshold);
        uint256 starter = guardian % guardians.members.length;
        time = uint40(bound(time, START, START + 100 * YEAR));
        vm.warp(time);
        setGuardians(guardians);
        start(starter, newKeyOf(seed), guardians);

        Recovery memory r = recoveryOf(starter);
        bool runs = guardians.threshold == 1;
        check(r.stage == (runs ? Stage.Pending : Stage.Collecting), "stage");
        check(r.number == 1 && r.approvals == 1 << starter, "the start is the first approval");
        check(r.newAccount == vm.addr(newKeyOf(seed)), "new account");
        equal(r.since, (runs ? since(time) : time) / 60, "since");
        _checkFrozen(runs);
        vm.prank(vm.addr(guardianKey(starter)));
        vm.expectRevert(abi.encodeWithSelector(IRecoveries.RecoveryOpen.selector, alice, people[starter]));
        registrar.startRecovery(alice, vm.addr(BOB), guardians);
    }

    function testFuzz_startRecovery_forAFreeAccount(uint8 which, address stranger) public {
        Guardians memory guardians = guardiansOf(3, 2, 1 days);
        setGuardians(guardians);
        vm.assume(raw(registrar.participantOf(stranger)) == 0);
        address account = [vm.addr(ALICE), vm.addr(guardianKey(1)), address(0), stranger][which % 4];
        bool free = which % 4 == 0 || (which % 4 == 3 && stranger != address(0));

        vm.prank(vm.addr(guardianKey(0)));
        if (!free) vm.expectRevert(abi.encodeWithSelector(IParticipants.AlreadyRegistered.selector, account));
        registrar.startRecovery(alice, account, guardians);
    }

    function testFuzz_startRecoveryWithSig(uint256 seed, uint48 deadline, uint16 number, uint8 field) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        Guardians memory guardians = guardiansOf(3, 2, 1 days);
        setGuardians(guardians);
        address account = vm.addr(newKeyOf(seed));
        bool intact = field % 4 == 0 || (field % 4 == 1 && number == 1);
        Authorization memory authorization = _sign(
            0,
            field % 4 == 2 ? 1 : 0,
            field % 4 == 1 ? number : 1,
            field % 4 == 3 ? vm.addr(BOB) : account,
            deadline
        );
        if (!intact) vm.expectRevert(invalidSignature(guardianKey(0)));
        registrar.startRecoveryWithSig(alice, account, guardians, authorization);
        if (!intact) return;

        checkStage(0, Stage.Collecting, "stage");
        vm.expectRevert(invalidSignature(guardianKey(0)));
        registrar.startRecoveryWithSig(alice, account, guardians, authorization);
    }

    /// @dev Against a plain model: a set of who approved.
    function testFuzz_approveRecovery(
        uint8 count,
        uint8 threshold,
        uint8[6] memory order,
        bool[6] memory signed_
    ) public {
        Guardians memory guardians = _guardians(count, threshold);
        uint256 members = guardians.members.length;
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        uint256 approvals = 1;
        uint256 approved = 1;
        for (uint256 i = 0; i < 6; ++i) {
            uint256 guardian = order[i] % PEOPLE;
            bytes memory problem;
            if (guardian >= members) problem = _notAGuardian(guardian);
            else if ((approvals >> guardian) & 1 == 1) {
                problem = abi.encodeWithSelector(IRecoveries.AlreadyApproved.selector, people[guardian]);
            }
            Authorization memory authorization = _sign(guardian, 0, 1, vm.addr(NEW_KEY), DEADLINE);
            if (!signed_[i]) vm.prank(vm.addr(guardianKey(guardian)));
            if (problem.length != 0) vm.expectRevert(problem);
            if (signed_[i]) registrar.approveRecoveryWithSig(alice, people[0], 1, guardians, authorization);
            else registrar.approveRecovery(alice, people[0], 1, guardians);
            if (problem.length == 0) (approvals, approved) = (approvals | (1 << guardian), approved + 1);

            equal(recoveryOf(0).approvals, approvals, "approvals");
            checkStage(0, approved >= guardians.threshold ? Stage.Pending : Stage.Collecting, "stage");
            _checkFrozen(approved >= guardians.threshold);
        }
    }

    function testFuzz_approveRecovery_namesOne(uint16 number, uint8 starter) public {
        Guardians memory guardians = guardiansOf(3, 2, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        uint256 other = starter % 3;

        vm.prank(vm.addr(guardianKey(2)));
        bool right = number == 1 && other == 0;
        if (!right) vm.expectRevert(_noSuch(other, number));
        registrar.approveRecovery(alice, people[other], number, guardians);
    }

    function testFuzz_approveRecoveryWithSig_everyFieldCounts(uint8 field, uint16 number) public {
        Guardians memory guardians = guardiansOf(3, 2, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        start(1, NEW_KEY, guardians);
        vm.assume(number != 1);
        Authorization memory authorization = _sign(
            2,
            field % 3 == 0 ? 1 : 0,
            field % 3 == 1 ? number : 1,
            vm.addr(field % 3 == 2 ? BOB : NEW_KEY),
            DEADLINE
        );

        vm.expectRevert(invalidSignature(guardianKey(2)));
        registrar.approveRecoveryWithSig(alice, people[0], 1, guardians, authorization);
    }

    /// @dev Property 5: one veto, and only once the delay runs; as many approvals as there are by then count.
    function testFuzz_vetoRecovery(
        uint8 threshold,
        uint8 approvals,
        bool withSig,
        uint16 number,
        uint8 starter
    ) public {
        Guardians memory guardians = _guardians(4, threshold);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        uint256 approved = 1 + (approvals % 5);
        for (uint256 i = 1; i < approved; ++i) approve(i, 0, guardians);
        if (number % 4 != 0) (number, starter) = (1, 0);
        Authorization memory authorization = _signVeto(people[starter % 5], number, DEADLINE);

        bytes memory problem;
        if (number != 1 || starter % 5 != 0) problem = _noSuch(starter % 5, number);
        else if (approved < guardians.threshold) problem = _notVetoable();
        if (!withSig) vm.prank(vm.addr(ALICE));
        if (problem.length != 0) vm.expectRevert(problem);
        if (withSig) registrar.vetoRecoveryWithSig(people[starter % 5], number, guardians, authorization);
        else registrar.vetoRecovery(people[starter % 5], number, guardians);
        if (problem.length != 0) return;

        bool unstoppable = approved > guardians.threshold;
        checkStage(0, unstoppable ? Stage.Unstoppable : Stage.Escalated, "stage");
        _checkFrozen(true);
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(_notVetoable());
        registrar.vetoRecovery(people[0], 1, guardians);
        vm.expectRevert(_notVetoable());
        registrar.vetoRecoveryWithSig(people[0], 1, guardians, _signVeto(people[0], 1, DEADLINE));
    }

    function testFuzz_vetoRecoveryWithSig_everyFieldCounts(uint16 number, uint8 other, bool another) public {
        Guardians memory guardians = _guardians(3, 1);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        vm.assume(number != 1 || other % 5 != 0);
        Authorization memory authorization = _signVeto(people[other % 5], number, DEADLINE);
        bytes memory problem = invalidSignature(ALICE);
        if (another) {
            authorization = signed(BOB, DEADLINE, RegistrarData.veto(raw(alice), raw(people[0]), 1, DEADLINE));
            person(BOB);
            problem = invalidSignature(BOB);
        }

        vm.expectRevert(problem);
        registrar.vetoRecoveryWithSig(people[0], 1, guardians, authorization);
    }

    /// @dev A veto answers one attempt. The next one has its own, and neither says anything about the other.
    function testFuzz_onlyOneFreezes(uint8 first, uint8 second, bool vetoed) public {
        Guardians memory guardians = guardiansOf(4, 2, 2 days);
        setGuardians(guardians);
        (uint256 a, uint256 b) = (first % 4, second % 4);
        vm.assume(a != b);
        start(a, NEW_KEY, guardians);
        start(b, STRANGER, guardians);
        approve(b, a, guardians);
        if (vetoed) veto(a, guardians);

        checkStage(a, vetoed ? Stage.Escalated : Stage.Pending, "the first with enough approvals");
        uint16 number = recoveryOf(b).number;
        vm.prank(vm.addr(guardianKey(a)));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.RecoveryPending.selector, alice));
        registrar.approveRecovery(alice, people[b], number, guardians);
        checkStage(b, Stage.Collecting, "the other one waits");
    }

    /// @dev Stages by the clock, to the second: Collecting 3 days, Pending and Unstoppable their delay and 7 days.
    function testFuzz_lapses(uint8 threshold, uint8 approvals, bool vetoed, uint32 delay, uint40 wait) public {
        delay = uint32(bound(delay, 1 days, 7 days));
        Guardians memory guardians = guardiansOf(4, uint8(1 + (threshold % 3)), delay);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        uint256 approved = 1 + (approvals % 4);
        for (uint256 i = 1; i < approved; ++i) approve(i, 0, guardians);
        bool pending = approved >= guardians.threshold;
        if (pending && vetoed) veto(0, guardians);
        Stage stage = recoveryOf(0).stage;

        uint256 last = START + 3 days;
        if (stage == Stage.Pending) last = START + delay + 7 days;
        if (stage == Stage.Unstoppable) last = START + 2 * uint256(delay) + 7 days;
        // A freeze ends with an hour, up to one later than what it protects.
        bool frozen = stage != Stage.Collecting;
        wait = uint40(bound(wait, 0, 40 days));
        vm.warp(START + wait);
        if (START + wait < last) checkStage(0, stage, "still");
        if (START + wait >= last + (frozen ? 1 hours + 60 : 0)) checkStage(0, Stage.None, "over");
        equal(_isFrozen(), frozen && recoveryOf(0).stage != Stage.None, "frozen as long as it is open, and no longer");
    }

    function testFuzz_startRecovery_again(uint8 stage, uint40 wait) public {
        Guardians memory guardians = guardiansOf(3, 2, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        if (stage % 4 > 0) approve(1, 0, guardians);
        if (stage % 4 > 1) veto(0, guardians);
        if (stage % 4 > 2) approve(2, 0, guardians);
        vm.warp(START + bound(wait, 0, 20 days));
        bool open = recoveryOf(0).stage != Stage.None;

        vm.prank(vm.addr(guardianKey(0)));
        if (open) vm.expectRevert(abi.encodeWithSelector(IRecoveries.RecoveryOpen.selector, alice, people[0]));
        registrar.startRecovery(alice, vm.addr(STRANGER), guardians);
        equal(recoveryOf(0).number, open ? 1 : 2, "number");
        if (!open) checkStage(0, Stage.Collecting, "from the beginning");
    }

    /// @dev Another attempt's freeze says nothing about this one.
    function testFuzz_aLapsedRecoveryStaysOver(bool vetoed, uint40 wait, uint32 delay) public {
        delay = uint32(bound(delay, 1 days, 7 days));
        Guardians memory guardians = guardiansOf(3, 2, delay);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        approve(1, 0, guardians);
        if (vetoed) veto(0, guardians);
        vm.warp(START + bound(wait, 15 days, 30 days));
        checkStage(0, Stage.None, "lapsed");
        start(1, STRANGER, guardians);
        approve(2, 1, guardians);

        checkStage(1, Stage.Pending, "the second one is pending");
        checkStage(0, Stage.None, "the first one is still over");
        veto(1, guardians);
        checkStage(0, Stage.None, "the first one is still over");
    }

    /// @dev A bit in the word means a place in the list: another list gives it another meaning.
    function test_approvalsDieWithTheGuardiansThatGaveThem() public {
        Guardians memory former = guardiansFrom(0, 3, 2, 1 days);
        Guardians memory next = guardiansFrom(3, 3, 2, 1 days);
        setGuardians(former);
        setGuardians(next);
        vm.warp(START + 30 days - 60);
        start(0, NEW_KEY, former);
        vm.warp(START + 30 days + 1 minutes);

        vm.prank(vm.addr(guardianKey(4)));
        vm.expectRevert(_noSuch(0, 1));
        registrar.approveRecovery(alice, people[0], 1, next);
    }

    function _guardians(uint8 count, uint8 threshold) private view returns (Guardians memory) {
        uint256 members = 2 + (count % (PEOPLE - 1));
        return guardiansOf(members, uint8(1 + (threshold % (members - 1))), 1 days);
    }

    function _checkFrozen(bool frozen) private view {
        equal(_isFrozen(), frozen, "frozen");
    }

    function _isFrozen() private view returns (bool) {
        try registrar.standingOf(alice) {
            return false;
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IParticipants.RecoveryPending.selector), "why");
            return true;
        }
    }

    function _sign(
        uint256 guardian,
        uint256 starter,
        uint16 number,
        address newAccount,
        uint48 deadline
    ) private view returns (Authorization memory) {
        bytes32 hash = RegistrarData.recoveryApproval(
            raw(people[guardian]),
            raw(alice),
            raw(people[starter]),
            number,
            newAccount,
            deadline
        );
        return signed(guardianKey(guardian), deadline, hash);
    }

    function _signVeto(
        ParticipantId starter,
        uint16 number,
        uint48 deadline
    ) private view returns (Authorization memory) {
        return signed(ALICE, deadline, RegistrarData.veto(raw(alice), raw(starter), number, deadline));
    }

    function _noSuch(uint256 starter, uint16 number) private view returns (bytes memory) {
        return abi.encodeWithSelector(IRecoveries.NoSuchRecovery.selector, alice, people[starter], number);
    }

    function _notVetoable() private view returns (bytes memory) {
        return abi.encodeWithSelector(IRecoveries.NotVetoable.selector, alice, people[0], 1);
    }

    function _notAGuardian(uint256 guardian) private view returns (bytes memory) {
        return abi.encodeWithSelector(IRecoveries.NotAGuardian.selector, people[guardian]);
    }
}
