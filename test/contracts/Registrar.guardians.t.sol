// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {IRecoveries} from "../../contracts/interfaces/registrar/IRecoveries.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Guardians, Stage} from "../../contracts/types/Guardians.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {RecoveryTest} from "./helpers/RecoveryTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarGuardiansTest is RecoveryTest {
    function testFuzz_changeGuardians(bytes32 first, bytes32 second, uint40 wait) public {
        vm.assume(first != 0 && second != 0 && first != second);
        _change(first);
        equal(registrar.guardiansOf(alice), first, "the first ones count at once");
        _checkChange(0, 0);
        equal(signatureEpochOf(alice), 1, "signature epoch");
        _change(second);
        uint256 from = _from(START);

        equal(registrar.guardiansOf(alice), first, "the next ones don't");
        _checkChange(second, from);
        equal(signatureEpochOf(alice), 2, "signature epoch");
        vm.warp(START + wait);
        bool counts = START + wait >= from;
        equal(registrar.guardiansOf(alice), counts ? second : first, "guardians");
        _checkChange(counts ? bytes32(0) : second, counts ? 0 : from);
    }

    /// @dev Against a plain model: a list of changes, each with its time.
    function testFuzz_changeGuardians_again(uint8[8] memory digests, uint32[8] memory waits) public {
        (bytes32 current, bytes32 next, uint256 from, uint256 time) = (bytes32(0), bytes32(0), 0, START);
        for (uint256 i = 0; i < 8; ++i) {
            bytes32 digest = bytes32(uint256(digests[i] % 4));
            if (from != 0 && time >= from) (current, from) = (next, 0);
            _change(digest);
            if (current == 0) current = digest;
            else if (digest == current) from = 0;
            else (next, from) = (digest, _from(time));

            time += waits[i] % 40 days;
            vm.warp(time);
            bool counts = from != 0 && time >= from;
            equal(registrar.guardiansOf(alice), counts ? next : current, "guardians");
            if (counts || from == 0) _checkChange(0, 0);
            else _checkChange(next, from);
        }
    }

    function testFuzz_changeGuardiansWithSig(bytes32 digest, bytes32 other, uint32 epoch, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        vm.assume(digest != 0 && other != digest);
        Authorization memory authorization = _sign(digest, 0, deadline);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeGuardiansWithSig(other, authorization);
        registrar.changeGuardiansWithSig(digest, authorization);

        equal(registrar.guardiansOf(alice), digest, "guardians");
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeGuardiansWithSig(digest, authorization);
        vm.assume(epoch != 1);
        authorization = _sign(digest, epoch, deadline);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeGuardiansWithSig(digest, authorization);
    }

    /// @dev Nobody could check them when they were set.
    function testFuzz_startRecovery_checksTheGuardians(
        uint40[6] memory ids,
        uint8 count,
        uint8 threshold,
        uint32 delay
    ) public {
        count = count % 7;
        if (delay % 4 != 0) delay = uint32(12 hours + (delay % 8 days));
        Guardians memory guardians = guardiansOf(count, threshold % 8, delay);
        bool valid = count >= 2 && guardians.threshold > 0 && guardians.threshold < count;
        valid = valid && delay >= 1 days && delay <= 7 days;
        // Alice has the lowest id and the people follow, so any number from there on may be repeated or out of order.
        for (uint256 i = 0; i < count; ++i) {
            if (ids[i] % 4 == 0) guardians.members[i] = ParticipantId.wrap(ids[i] % 8);
        }
        for (uint256 i = 0; i < count; ++i) {
            uint40 member = raw(guardians.members[i]);
            if (member <= (i == 0 ? 0 : raw(guardians.members[i - 1])) || member == raw(alice)) valid = false;
        }
        setGuardians(guardians);
        uint256 starter = _positionOf(people[0], guardians);

        vm.prank(vm.addr(guardianKey(0)));
        if (!valid) vm.expectRevert(IRecoveries.InvalidGuardians.selector);
        else if (starter == count) {
            vm.expectRevert(abi.encodeWithSelector(IRecoveries.NotAGuardian.selector, people[0]));
        }
        registrar.startRecovery(alice, vm.addr(NEW_KEY), guardians);
    }

    /// @dev As many as fit into the word of approvals.
    function testFuzz_startRecovery_asManyAsSixteen(uint8 many) public {
        uint256 count = 14 + (many % 4);
        Guardians memory guardians = Guardians(new ParticipantId[](count), 1, 1 days, "salt");
        for (uint256 i = 0; i < count; ++i) guardians.members[i] = person(0x7000 + i);
        setGuardians(guardians);

        vm.prank(vm.addr(0x7000 + count - 1));
        if (count > 16) vm.expectRevert(IRecoveries.InvalidGuardians.selector);
        registrar.startRecovery(alice, vm.addr(NEW_KEY), guardians);
        if (count > 16) return;
        ParticipantId last = guardians.members[count - 1];
        equal(registrar.recoveryOf(alice, last).approvals, 1 << (count - 1), "the last one's bit");
    }

    function testFuzz_startRecovery_needsTheRightGuardians(
        bytes32 salt,
        uint8 threshold,
        uint32 delay,
        uint8 field
    ) public {
        Guardians memory guardians = guardiansOf(3, 2, 1 days);
        if (field % 4 != 3) setGuardians(guardians);
        bytes32 before = digestOf(guardians);
        if (field % 4 == 0) guardians.salt = salt;
        if (field % 4 == 1) guardians.threshold = threshold;
        if (field % 4 == 2) guardians.delay = delay;
        vm.assume(field % 4 == 3 || digestOf(guardians) != before);

        vm.prank(vm.addr(guardianKey(0)));
        vm.expectRevert(
            abi.encodeWithSelector(
                field % 4 == 3 ? IRecoveries.NoGuardians.selector : IRecoveries.GuardiansMismatch.selector,
                alice
            )
        );
        registrar.startRecovery(alice, vm.addr(NEW_KEY), guardians);
    }

    /// @dev Property 5. A change that is due waits until the recovery is over, and ends with its execution.
    function testFuzz_aPendingRecoveryGoesOnUnderItsGuardians(uint40 begin, uint40 wait, bool executed) public {
        Guardians memory guardians = guardiansOf(3, 1, 7 days);
        Guardians memory next = guardiansFrom(3, 3, 1, 1 days);
        setGuardians(guardians);
        setGuardians(next);
        begin = uint40(bound(begin, START + 20 days, _from(START) - 1));
        vm.warp(begin);
        start(0, NEW_KEY, guardians);
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.RecoveryPending.selector, alice));
        registrar.changeGuardians("others");
        vm.warp(begin + bound(wait, 0, 14 days));

        equal(registrar.guardiansOf(alice), digestOf(guardians), "the recovery's");
        _checkChange(digestOf(next), _from(START));
        vm.warp(since(begin) + 7 days);
        if (executed) execute(0, NEW_KEY, 0, guardians);
        vm.warp(begin + 40 days);
        equal(registrar.guardiansOf(alice), digestOf(executed ? guardians : next), "then");
        _checkChange(0, 0);
    }

    /// @dev While guardians still collect, a change that is due counts, and their attempt is over.
    function testFuzz_aChangeEndsWhatWasCollected(uint40 begin, uint40 wait) public {
        Guardians memory guardians = guardiansOf(3, 2, 1 days);
        setGuardians(guardians);
        setGuardians(guardiansFrom(3, 3, 2, 1 days));
        begin = uint40(bound(begin, _from(START) - 3 days, _from(START) - 1));
        vm.warp(begin);
        start(0, NEW_KEY, guardians);
        uint256 time = begin + bound(wait, 0, 4 days);
        vm.warp(time);

        bool over = time >= _from(START) || time >= (begin / 60) * 60 + 3 days;
        checkStage(0, over ? Stage.None : Stage.Collecting, "stage");
    }

    /// @dev Also where a pending recovery held the change up: what began meanwhile began under the former guardians.
    function testFuzz_aChangeThatWaitedEndsWhatWasCollected(uint40 begin, uint40 later) public {
        Guardians memory guardians = guardiansOf(3, 1, 7 days);
        guardians.threshold = 2;
        setGuardians(guardians);
        setGuardians(guardiansFrom(2, 3, 2, 1 days));
        begin = uint40(bound(begin, _from(START) - 3 days, _from(START) - 1));
        vm.warp(begin);
        start(0, NEW_KEY, guardians);
        approve(1, 0, guardians);
        later = uint40(bound(later, begin + 12 days, begin + 14 days - 1));
        vm.warp(later);
        start(2, STRANGER, guardians);
        checkStage(2, Stage.Collecting, "under the former ones");
        vm.warp(begin + 14 days + 1 hours + 60);

        equal(registrar.guardiansOf(alice), digestOf(guardiansFrom(2, 3, 2, 1 days)), "the next ones count");
        checkStage(2, Stage.None, "over");
    }

    function _positionOf(ParticipantId id, Guardians memory guardians) private pure returns (uint256 position) {
        while (position < guardians.members.length && guardians.members[position] != id) ++position;
    }

    function _change(bytes32 digest) private {
        vm.prank(vm.addr(ALICE));
        registrar.changeGuardians(digest);
    }

    function _checkChange(bytes32 digest, uint256 from) private view {
        (bytes32 next, uint40 when) = registrar.guardianChangeOf(alice);
        equal(next, digest, "what comes");
        equal(when, from, "when it comes");
    }

    /// @dev The minute after 30 days, so that it falls between two.
    function _from(uint256 time) private pure returns (uint256) {
        return (time / 60) * 60 + 30 days + 60;
    }

    function _sign(bytes32 digest, uint32 epoch, uint48 deadline) private view returns (Authorization memory) {
        return signed(ALICE, deadline, RegistrarData.guardianChange(raw(alice), digest, epoch, deadline));
    }
}
