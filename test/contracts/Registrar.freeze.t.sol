// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {IPatientProviderRelationships as IPPR} from "../../contracts/interfaces/IPatientProviderRelationships.sol";
import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Powers} from "../../contracts/types/Delegation.sol";
import {Outcome} from "../../contracts/types/Emergency.sol";
import {Guardians, Stage} from "../../contracts/types/Guardians.sol";
import {AccountScope, PROVIDER, Roles, Settings} from "../../contracts/types/Participant.sol";
import {NOBODY, ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {RecoveryTest} from "./helpers/RecoveryTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

/// @notice Property 5: while a recovery is pending nothing increases, and everything that takes away works.
/// @dev Alice has what every call needs: a hospital, a delegate, a child, a broken glass, two accounts, changes under way.
contract RegistrarFreezeTest is RecoveryTest {
    uint256 private constant LAPTOP = 0x1A9;
    uint256 private constant PHONE = 0x9804E;
    uint40 private constant LATER = uint40(START + 30 days);

    ParticipantId private bob;
    ParticipantId private hospital;
    ParticipantId private laboratory;
    ParticipantId private child;
    Guardians private _guardians;

    function setUp() public override {
        super.setUp();
        bob = person(BOB);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", Roles.wrap(17));
        laboratory = institution(LABORATORY, "a laboratory", PROVIDER);
        _guardians = guardiansOf(3, 1, 2 days);
        setGuardians(_guardians);
        _add(LAPTOP);
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        child = _child("a child");
        vm.prank(vm.addr(ALICE));
        delegates.appoint(bob, Powers(true, CategoryMask.wrap(0xFF), CategoryMask.wrap(0xFF)), LATER);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, _given(hospital));
        vm.prank(vm.addr(ALICE));
        registrar.changeKey("another");
        vm.prank(vm.addr(ALICE));
        registrar.retireAccount(vm.addr(LAPTOP));
        vm.prank(vm.addr(ALICE));
        relationships.blockProvider(alice, people[0]);
        vm.prank(vm.addr(LABORATORY));
        relationships.propose(alice, "terms", 0);
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        consents.breakGlass(alice, uint40(START + 1 hours), "reason");
    }

    function testFuzz_nothingIncreases(uint8 stage, uint8 which, uint40 wait) public {
        (address target, bytes memory data) = _increase(which % 13);
        _freeze(stage, wait);

        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.RecoveryPending.selector, alice));
        _call(target, data);
    }

    /// @dev Or else the test above would prove nothing.
    function test_allOfThatWorksOtherwise() public {
        for (uint256 which = 0; which < 13; ++which) {
            (address target, bytes memory data) = _increase(which);
            if (which == 4) {
                vm.prank(vm.addr(ALICE));
                registrar.cancelKeyChange();
            }
            if (which == 3) (target, data) = _increase(which);
            vm.prank(vm.addr(ALICE));
            _call(target, data);
        }
    }

    function testFuzz_everythingThatTakesAwayWorks(uint8 stage, uint8 which, uint16 wait) public {
        _freeze(stage, wait % 50 minutes);
        (address target, bytes memory data) = _reduction(which % 15);

        vm.prank(vm.addr(ALICE));
        _call(target, data);
    }

    /// @dev A delegate widens nothing either, nor does a delegate who is frozen; whoever is neither goes on.
    function testFuzz_delegates(uint8 stage, bool frozenDelegate, uint40 wait) public {
        if (frozenDelegate) {
            Guardians memory guardians = guardiansOf(2, 1, 2 days);
            vm.prank(vm.addr(BOB));
            registrar.changeGuardians(keccak256(abi.encode(bob, guardians)));
            vm.prank(vm.addr(guardianKey(0)));
            registrar.startRecovery(bob, vm.addr(PHONE), guardians);
        } else {
            _freeze(stage, wait);
        }
        ParticipantId frozen = frozenDelegate ? bob : alice;

        vm.prank(vm.addr(BOB));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.RecoveryPending.selector, frozen));
        consents.grant(alice, _given(laboratory));
        vm.prank(vm.addr(BOB));
        consents.revokeGrant(alice, hospital, Purpose.TREAT, NOBODY, CategoryMask.wrap(1));
        ParticipantId other = registrar.participantOf(vm.addr(guardianKey(5)));
        vm.prank(vm.addr(guardianKey(5)));
        consents.grant(other, _given(laboratory));
    }

    function testFuzz_afterwardsEverythingGoesOn(uint8 stage, uint8 which) public {
        _freeze(stage, 0);
        vm.warp(START + 20 days);
        checkStage(0, Stage.None, "lapsed");
        // What the setup announced has come into force meanwhile.
        uint256 call = [uint256(0), 1, 2, 4, 5, 6, 8][which % 7];
        (address target, bytes memory data) = _increase(call);

        vm.prank(vm.addr(ALICE));
        _call(target, data);
    }

    function _increase(uint256 which) private view returns (address target, bytes memory data) {
        target = address(registrar);
        if (which == 0)
            (target, data) = (address(consents), abi.encodeCall(consents.grant, (alice, _given(laboratory))));
        else if (which == 1) (target, data) = (address(consents), abi.encodeCall(consents.grant, (alice, _given(bob))));
        else if (which == 2) {
            Powers memory powers = Powers(true, CategoryMask.wrap(1), CategoryMask.wrap(1));
            (target, data) = (address(delegates), abi.encodeCall(delegates.appoint, (people[1], powers, LATER)));
        } else if (which == 3) {
            bytes32 hash = RegistrarData.addition(raw(alice), vm.addr(PHONE), signatureEpochOf(alice), DEADLINE);
            data = abi.encodeCall(registrar.addAccount, (AccountScope.OWNER, signed(PHONE, DEADLINE, hash)));
        } else if (which == 4) data = abi.encodeCall(registrar.changeKey, ("document"));
        else if (which == 5) data = abi.encodeCall(registrar.changeGuardians, ("guardians"));
        else if (which == 6) {
            Authorization memory clinic = _attest("another child");
            data = abi.encodeCall(registrar.registerChild, (KEY_DOCUMENT, "another child", 2040, clinic));
        } else if (which == 7) data = abi.encodeCall(registrar.keepAccount, (vm.addr(LAPTOP)));
        else if (which == 8)
            data = abi.encodeCall(registrar.changeSettings, (alice, Settings(false, 0, CategoryMask.wrap(7))));
        else if (which == 9) {
            Settings memory settings = Settings(false, 0, CategoryMask.wrap(3));
            data = abi.encodeCall(registrar.changeSettings, (child, settings));
        } else if (which == 10) {
            (target, data) = (
                address(relationships),
                abi.encodeCall(relationships.unblockProvider, (alice, people[0]))
            );
        } else if (which == 11) {
            bytes memory call = abi.encodeCall(relationships.approve, (alice, laboratory, 1, "terms", 0));
            (target, data) = (address(relationships), call);
        } else {
            IConsents.Grant[] memory grants = new IConsents.Grant[](1);
            grants[0] = _given(laboratory);
            bytes memory call = abi.encodeCall(consents.changeConsents, (new IConsents.Scope[](0), grants));
            (target, data) = (address(consents), call);
        }
    }

    function _reduction(uint256 which) private view returns (address target, bytes memory data) {
        CategoryMask some = CategoryMask.wrap(1);
        target = address(registrar);
        if (which == 0) data = abi.encodeCall(registrar.revokeAll, (alice));
        else if (which == 1) data = abi.encodeCall(registrar.cancelSignatures, ());
        else if (which == 2) data = abi.encodeCall(registrar.cancelKeyChange, ());
        else if (which == 3) data = abi.encodeCall(registrar.retireAccount, (vm.addr(ALICE)));
        else if (which == 4) data = abi.encodeCall(registrar.changeSettings, (alice, Settings(true, 7, some)));
        else if (which == 5) data = abi.encodeCall(registrar.revokeAll, (child));
        if (which < 6) return (target, data);

        target = address(relationships);
        if (which == 6) data = abi.encodeCall(relationships.suspend, (alice, hospital));
        else if (which == 7) data = abi.encodeCall(relationships.end, (alice, hospital));
        else if (which == 8) data = abi.encodeCall(relationships.decline, (alice, laboratory, 1));
        else if (which == 9) data = abi.encodeCall(relationships.blockProvider, (alice, laboratory));
        if (which < 10) return (target, data);

        target = address(consents);
        if (which == 10) data = abi.encodeCall(consents.revokeGrant, (alice, hospital, Purpose.TREAT, NOBODY, some));
        else if (which == 11) data = abi.encodeCall(consents.revokeViewer, (alice, hospital));
        else if (which == 12) data = abi.encodeCall(consents.review, (alice, hospital, 1, Outcome.Unjustified));
        else if (which == 13) {
            IConsents.Scope[] memory revocations = new IConsents.Scope[](1);
            revocations[0] = IConsents.Scope(hospital, Purpose.TREAT, NOBODY, some);
            data = abi.encodeCall(consents.changeConsents, (revocations, new IConsents.Grant[](0)));
        } else {
            (target, data) = (address(delegates), abi.encodeCall(delegates.dismiss, (alice, bob)));
        }
    }

    /// @dev Each of the three stages that freeze, at any time while it lasts.
    function _freeze(uint8 stage, uint40 wait) private {
        start(0, PHONE, _guardians);
        if (stage % 3 == 2) approve(1, 0, _guardians);
        if (stage % 3 > 0) veto(0, _guardians);
        checkStage(0, [Stage.Pending, Stage.Escalated, Stage.Unstoppable][stage % 3], "stage");
        vm.warp(START + bound(wait, 0, [9 days, 3 days, 11 days][stage % 3]));
    }

    function _call(address target, bytes memory data) private {
        (bool success, bytes memory answer) = target.call(data);
        if (!success) revert Unequal("refused", bytes32(answer), 0);
    }

    function _add(uint256 key) private {
        bytes32 hash = RegistrarData.addition(raw(alice), vm.addr(key), signatureEpochOf(alice), DEADLINE);
        Authorization memory joining = signed(key, DEADLINE, hash);
        vm.prank(vm.addr(ALICE));
        registrar.addAccount(AccountScope.OWNER, joining);
    }

    function _child(bytes32 commitment) private returns (ParticipantId) {
        Authorization memory clinic = _attest(commitment);
        vm.prank(vm.addr(ALICE));
        return registrar.registerChild(KEY_DOCUMENT, commitment, 2040, clinic);
    }

    function _attest(bytes32 commitment) private view returns (Authorization memory) {
        bytes32 hash = RegistrarData.childRegistration(
            raw(hospital),
            raw(alice),
            KEY_DOCUMENT,
            commitment,
            2040,
            DEADLINE
        );
        return signed(GENERAL_HOSPITAL, DEADLINE, hash);
    }

    function _given(ParticipantId viewer) private view returns (IConsents.Grant memory) {
        return
            IConsents.Grant(
                viewer,
                Purpose.TREAT,
                NOBODY,
                CategoryMask.wrap(1),
                false,
                uint40(block.timestamp + 1 days)
            );
    }
}
