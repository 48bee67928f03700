// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {IRecoveries} from "../../contracts/interfaces/registrar/IRecoveries.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Guardians, Stage} from "../../contracts/types/Guardians.sol";
import {Account, AccountScope, Kind, Settings} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {RecoveryTest} from "./helpers/RecoveryTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarRecoveryExecuteTest is RecoveryTest {
    /// @dev Property 4, to the second: never before the delay, which is twice as long after a veto.
    function testFuzz_executeRecovery(uint8 threshold, uint32 delay, bool vetoed, uint40 begin, uint40 wait) public {
        delay = uint32(bound(delay, 1 days, 7 days));
        begin = uint40(bound(begin, START, START + YEAR));
        vm.warp(begin);
        Guardians memory guardians = guardiansOf(4, uint8(1 + (threshold % 3)), delay);
        setGuardians(guardians);
        _run(guardians, vetoed);
        uint256 from = since(begin) + (vetoed ? 2 : 1) * uint256(delay);
        uint256 time = begin + bound(wait, 0, 22 days);
        vm.warp(time);

        Authorization memory acceptance = accept(0, NEW_KEY, 0);
        bool over = recoveryOf(0).stage == Stage.None;
        bool legal = !over && time >= from;
        if (over) vm.expectRevert(abi.encodeWithSelector(IRecoveries.NoRecoveryPending.selector, alice));
        else if (!legal) vm.expectRevert(abi.encodeWithSelector(IRecoveries.RecoveryTooEarly.selector, from));
        registrar.executeRecovery(alice, people[0], 0, guardians, acceptance);

        equal(raw(registrar.participantOf(vm.addr(NEW_KEY))), legal ? raw(alice) : 0, "the new account");
        equal(raw(registrar.participantOf(vm.addr(ALICE))), legal ? 0 : raw(alice), "the former account");
        check(time >= from + 7 days || time < from || legal, "seven days to do it in");
    }

    /// @dev Property 4: one approval too few at either stage is no recovery.
    function testFuzz_executeRecovery_neverUnderItsThreshold(uint8 threshold, bool vetoed, uint40 wait) public {
        Guardians memory guardians = guardiansOf(5, uint8(1 + (threshold % 4)), 1 days);
        setGuardians(guardians);
        uint256 enough = guardians.threshold;
        if (!vetoed && enough == 1) return;
        start(0, NEW_KEY, guardians);
        for (uint256 i = 1; i < (vetoed ? enough : enough - 1); ++i) approve(i, 0, guardians);
        if (vetoed) veto(0, guardians);
        vm.warp(START + bound(wait, 0, 20 days));
        Authorization memory acceptance = accept(0, NEW_KEY, 0);

        vm.expectRevert(abi.encodeWithSelector(IRecoveries.NoRecoveryPending.selector, alice));
        registrar.executeRecovery(alice, people[0], 0, guardians, acceptance);
    }

    function testFuzz_executeRecovery_everyFieldCounts(
        uint8 field,
        bytes32 document,
        uint16 number,
        uint256 seed
    ) public {
        Guardians memory guardians = guardiansOf(3, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        vm.warp(since(START) + 1 days);
        vm.assume(number != 1 && document != 0);
        uint256 signer = field % 5 == 0 ? newKeyOf(seed) : NEW_KEY;
        bytes32 hash = RegistrarData.acceptance(
            field % 5 == 1 ? raw(people[1]) : raw(alice),
            vm.addr(NEW_KEY),
            field % 5 == 2 ? document : bytes32(0),
            field % 5 == 3 ? raw(people[1]) : raw(people[0]),
            field % 5 == 4 ? number : 1,
            DEADLINE
        );
        Authorization memory acceptance = signed(signer, DEADLINE, hash);

        vm.expectRevert(
            field % 5 == 0
                ? abi.encodeWithSelector(IRecoveries.NotTheNewAccount.selector, vm.addr(signer), vm.addr(NEW_KEY))
                : invalidSignature(NEW_KEY)
        );
        registrar.executeRecovery(alice, people[0], 0, guardians, acceptance);
    }

    /// @dev Property 3: however many accounts there were, only one acts afterwards; also one that was there before.
    function testFuzz_executeRecovery_endsEveryAccount(uint8 many, uint8 back, bool retiring, uint8 cancelled) public {
        uint256 count = 1 + (many % 4);
        for (uint256 i = 1; i < count; ++i) _add(ALICE + i);
        uint256 newKey = back % 5 < count ? ALICE + (back % 5) : NEW_KEY;
        if (retiring) {
            vm.prank(vm.addr(ALICE));
            registrar.retireAccount(vm.addr(ALICE + (back % count)));
        }
        Guardians memory guardians = guardiansOf(3, 1, 1 days);
        setGuardians(guardians);
        start(0, newKey, guardians);
        // Whoever has the key can move the counters of signatures, and doesn't stop it.
        for (uint256 i = 0; i < cancelled % 4; ++i) {
            vm.prank(vm.addr(ALICE));
            registrar.cancelSignatures();
        }
        vm.warp(since(START) + 1 days);
        (uint32 access, uint32 signature) = (accessEpochOf(alice), signatureEpochOf(alice));
        execute(0, newKey, 0, guardians);

        for (uint256 i = 0; i < count; ++i) {
            address account = vm.addr(ALICE + i);
            bool acts = ALICE + i == newKey;
            equal(raw(registrar.participantOf(account)), acts ? raw(alice) : 0, "only the new one acts");
            if (acts) continue;
            vm.prank(account);
            vm.expectRevert(abi.encodeWithSelector(IParticipants.AccountRetired.selector, account));
            registrar.revokeAll(alice);
        }
        Account memory a = registrar.accountOf(vm.addr(newKey));
        check(a.id == alice && a.kind == Kind.PERSON && a.epoch == 1 && a.retiresAt == 0, "the new account");
        equal(accessEpochOf(alice), access + 1, "what a thief granted ends");
        equal(signatureEpochOf(alice), signature + 1, "and what a thief signed");
        registrar.standingOf(alice);
    }

    /// @dev What a thief announced before doesn't count afterwards, whether it was due by then or not.
    function testFuzz_executeRecovery_callsOffChanges(
        uint40 announced,
        uint40 wait,
        bytes32 document,
        uint32 delay
    ) public {
        delay = uint32(bound(delay, 1 days, 7 days));
        Guardians memory guardians = guardiansOf(3, 1, delay);
        setGuardians(guardians);
        vm.prank(vm.addr(ALICE));
        registrar.changeGuardians("a thief's");
        announced = uint40(bound(announced, START, START + 2 days - 1));
        vm.warp(announced);
        vm.prank(vm.addr(ALICE));
        registrar.changeKey("a thief's");
        vm.warp(START + 2 days - 1);
        start(0, NEW_KEY, guardians);
        uint256 time = since(START + 2 days - 1) + bound(wait, delay, delay + 7 days);
        vm.warp(time);
        equal(registrar.keyDocumentOf(alice), KEY_DOCUMENT, "not while a recovery is pending");
        execute(0, NEW_KEY, document, guardians);

        equal(registrar.keyDocumentOf(alice), document == 0 ? KEY_DOCUMENT : document, "key document");
        equal(registrar.keyVersionOf(alice), document == 0 ? 1 : 2, "key version");
        equal(registrar.guardiansOf(alice), digestOf(guardians), "guardians");
        vm.warp(time + 60 days);
        equal(registrar.keyDocumentOf(alice), document == 0 ? KEY_DOCUMENT : document, "nor later");
        equal(registrar.guardiansOf(alice), digestOf(guardians), "nor later");
    }

    /// @dev A change that counted before the freeze counts, and the recovery may replace it.
    function testFuzz_executeRecovery_replacesAKey(uint40 begin, bytes32 document) public {
        Guardians memory guardians = guardiansOf(3, 1, 1 days);
        setGuardians(guardians);
        vm.prank(vm.addr(ALICE));
        registrar.changeKey("a thief's");
        begin = uint40(bound(begin, START + 2 days, START + YEAR));
        vm.warp(begin);
        start(0, NEW_KEY, guardians);
        equal(registrar.keyDocumentOf(alice), "a thief's", "it counted before");
        vm.warp(since(begin) + 1 days);
        execute(0, NEW_KEY, document, guardians);

        equal(registrar.keyDocumentOf(alice), document == 0 ? bytes32("a thief's") : document, "key document");
        equal(registrar.keyVersionOf(alice), document == 0 ? 2 : 3, "key version");
    }

    function testFuzz_executeRecovery_narrowsTheEmergencyPolicy(uint8 policy) public {
        vm.prank(vm.addr(ALICE));
        registrar.changeSettings(alice, Settings(true, 7, CategoryMask.wrap(policy)));
        Guardians memory guardians = guardiansOf(3, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        vm.warp(since(START) + 1 days);
        execute(0, NEW_KEY, 0, guardians);

        Settings memory settings = registrar.settingsOf(alice);
        equal(CategoryMask.unwrap(settings.emergency), policy & 3, "no wider than the default");
        check(settings.knownOnly && settings.longestGrant == 7, "the rest stays");
    }

    /// @dev All others end with it, at whatever stage, and itself.
    function testFuzz_executeRecovery_endsEveryRecovery(uint40 wait, uint8 vetoAfter, bool again) public {
        Guardians memory guardians = guardiansOf(4, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        vm.warp(since(START) + bound(wait, 1 days, 8 days));
        execute(0, NEW_KEY, 0, guardians);
        for (uint256 i = 0; i < 4; ++i) checkStage(i, Stage.None, "over");
        if (!again) return;

        // The next one's freeze may end in the hour in which the first one's would have.
        start(1, STRANGER, guardians);
        vm.warp(block.timestamp + (uint256(vetoAfter) % 8) * 1 days);
        if (recoveryOf(1).stage != Stage.Pending) return;
        vm.prank(vm.addr(NEW_KEY));
        registrar.vetoRecovery(people[1], 1, guardians);
        checkStage(0, Stage.None, "it stays over");
    }

    /// @dev The veto is timed so that the second one's freeze ends in the hour in which the first one's would have ended.
    function test_anExecutedRecoveryStaysOver() public {
        Guardians memory guardians = guardiansOf(3, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        vm.warp(since(START) + 1 days);
        execute(0, NEW_KEY, 0, guardians);
        start(1, STRANGER, guardians);
        vm.warp(since(START) + 5 days);
        vm.prank(vm.addr(NEW_KEY));
        registrar.vetoRecovery(people[1], 1, guardians);

        checkStage(0, Stage.None, "the first one is still over");
    }

    /// @dev An account that joined another participant meanwhile takes nobody's place.
    function testFuzz_executeRecovery_whenTheNewAccountIsTaken(bool asInstitution) public {
        Guardians memory guardians = guardiansOf(3, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        vm.prank(vm.addr(NEW_KEY));
        if (asInstitution) registrar.registerInstitution(KEY_DOCUMENT, "a clinic");
        else registrar.registerPatient(KEY_DOCUMENT);
        vm.warp(since(START) + 1 days);
        Authorization memory acceptance = accept(0, NEW_KEY, 0);

        vm.expectRevert(abi.encodeWithSelector(IParticipants.AlreadyRegistered.selector, vm.addr(NEW_KEY)));
        registrar.executeRecovery(alice, people[0], 0, guardians, acceptance);
    }

    /// @dev With every approval there is, vetoed or not.
    function _run(Guardians memory guardians, bool vetoed) private {
        start(0, NEW_KEY, guardians);
        for (uint256 i = 1; i < guardians.members.length; ++i) approve(i, 0, guardians);
        if (vetoed) veto(0, guardians);
    }

    function _add(uint256 key) private {
        bytes32 hash = RegistrarData.addition(raw(alice), vm.addr(key), 0, DEADLINE);
        Authorization memory joining = signed(key, DEADLINE, hash);
        vm.prank(vm.addr(ALICE));
        registrar.addAccount(AccountScope.OWNER, joining);
    }
}
