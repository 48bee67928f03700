// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Powers} from "../../contracts/types/Delegation.sol";
import {PROVIDER, Settings} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {ConsentData} from "./helpers/ConsentData.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {TypedData} from "./helpers/TypedData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarEpochsTest is NetworkTest {
    ParticipantId private alice;
    ParticipantId private bob;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        bob = person(BOB);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        activate(ALICE, hospital, GENERAL_HOSPITAL);
    }

    function testFuzz_epochs(bool[12] memory everything) public {
        uint256 access;
        for (uint256 i = 0; i < 12; ++i) {
            vm.prank(vm.addr(ALICE));
            if (everything[i]) registrar.revokeAll(alice);
            else registrar.cancelSignatures();
            if (everything[i]) ++access;

            equal(accessEpochOf(alice), access, "access epoch");
            equal(signatureEpochOf(alice), i + 1, "signature epoch");
        }
        equal(accessEpochOf(bob) + signatureEpochOf(bob), 0, "nobody else's");
    }

    function testFuzz_revokeAllWithSig(uint8 cancelled, uint32 epoch, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        for (uint256 i = 0; i < cancelled % 4; ++i) {
            vm.prank(vm.addr(ALICE));
            registrar.cancelSignatures();
        }
        // Cancelling what widens doesn't stop what only takes away.
        Authorization memory authorization = _revocation(0, deadline);
        registrar.revokeAllWithSig(alice, authorization);

        equal(accessEpochOf(alice), 1, "access epoch");
        equal(signatureEpochOf(alice), (cancelled % 4) + 1, "signature epoch");
        vm.expectRevert(invalidSignature(ALICE));
        registrar.revokeAllWithSig(alice, authorization);
        vm.assume(epoch != 1);
        authorization = _revocation(epoch, deadline);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.revokeAllWithSig(alice, authorization);
    }

    function testFuzz_revokeAll_isForPersons(bool withSig) public {
        Authorization memory authorization = signed(
            GENERAL_HOSPITAL,
            DEADLINE,
            RegistrarData.fullRevocation(3, 0, DEADLINE)
        );

        if (!withSig) vm.prank(vm.addr(GENERAL_HOSPITAL));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.NotAPerson.selector, hospital));
        if (withSig) registrar.revokeAllWithSig(hospital, authorization);
        else registrar.revokeAll(hospital);
    }

    function testFuzz_cancelSignaturesWithSig(uint8 cancelled, uint32 epoch, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        uint32 current = cancelled % 4;
        for (uint256 i = 0; i < current; ++i) {
            vm.prank(vm.addr(ALICE));
            registrar.cancelSignatures();
        }
        Authorization memory authorization = _cancellation(current, deadline);
        registrar.cancelSignaturesWithSig(authorization);

        equal(signatureEpochOf(alice), current + 1, "signature epoch");
        equal(accessEpochOf(alice), 0, "what was granted stays");
        vm.expectRevert(invalidSignature(ALICE));
        registrar.cancelSignaturesWithSig(authorization);
        vm.assume(epoch != current + 1);
        authorization = _cancellation(epoch, deadline);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.cancelSignaturesWithSig(authorization);
    }

    /// @dev Property 12, for every signature that widens something.
    function testFuzz_everySignatureThatWidensDies(uint8 which, uint8 how) public {
        (address target, bytes memory data) = _widening(which % 5);
        _move(how);

        vm.expectRevert(invalidSignature(ALICE));
        _call(target, data);
    }

    function testFuzz_everySignatureThatWidensCountsBefore(uint8 which) public {
        (address target, bytes memory data) = _widening(which % 5);

        _call(target, data);
    }

    /// @dev What only takes something away and names a counter of its own doesn't.
    function testFuzz_signaturesThatNarrowLive(uint8 which, uint8 how) public {
        (address target, bytes memory data) = _narrowing(which % 3);
        _move(how);

        _call(target, data);
    }

    /// @dev Each of these moves the signature epoch.
    function _move(uint8 how) private {
        vm.prank(vm.addr(ALICE));
        if (how % 5 == 0) registrar.cancelSignatures();
        else if (how % 5 == 1) registrar.revokeAll(alice);
        else if (how % 5 == 2) registrar.retireAccount(vm.addr(ALICE));
        else if (how % 5 == 3) registrar.changeSettings(alice, Settings(false, 0, CategoryMask.wrap(3)));
        else registrar.changeGuardians("guardians");
    }

    function _widening(uint256 which) private view returns (address target, bytes memory data) {
        target = address(registrar);
        Settings memory settings = Settings(true, 7, CategoryMask.wrap(1));
        if (which == 0) {
            Authorization memory a = signed(ALICE, DEADLINE, RegistrarData.keyChange(1, "document", 2, 0, DEADLINE));
            data = abi.encodeCall(registrar.changeKeyWithSig, ("document", a));
        } else if (which == 1) {
            Authorization memory a = signed(ALICE, DEADLINE, RegistrarData.settings(1, true, 7, 1, 0, DEADLINE));
            data = abi.encodeCall(registrar.changeSettingsWithSig, (alice, settings, a));
        } else if (which == 2) {
            Authorization memory a = signed(ALICE, DEADLINE, RegistrarData.guardianChange(1, "other", 0, DEADLINE));
            data = abi.encodeCall(registrar.changeGuardiansWithSig, ("other", a));
        } else if (which == 3) {
            Authorization memory a = signed(ALICE, DEADLINE, RegistrarData.cancellation(1, 0, DEADLINE));
            data = abi.encodeCall(registrar.cancelSignaturesWithSig, (a));
        } else {
            target = address(delegates);
            bytes32 hash = ConsentData.appointment(1, 2, true, 1, 2, uint40(START + 1), 0, 0, DEADLINE);
            Powers memory powers = Powers(true, CategoryMask.wrap(1), CategoryMask.wrap(2));
            Authorization memory a = sign(ALICE, DEADLINE, target, hash);
            data = abi.encodeCall(delegates.appointWithSig, (bob, powers, uint40(START + 1), a));
        }
    }

    function _narrowing(uint256 which) private view returns (address target, bytes memory data) {
        if (which == 0) {
            target = address(delegates);
            Authorization memory a = sign(ALICE, DEADLINE, target, ConsentData.dismissal(1, 2, 0, DEADLINE));
            data = abi.encodeCall(delegates.dismissWithSig, (bob, 0, a));
        } else if (which == 1) {
            target = address(consents);
            Authorization memory a = sign(ALICE, DEADLINE, target, ConsentData.viewerRevocation(1, 2, "", 0, DEADLINE));
            data = abi.encodeCall(consents.revokeViewerWithSig, (alice, bob, a));
        } else {
            target = address(relationships);
            bytes32 hash = TypedData.ending(1, 3, "General Hospital", 1, DEADLINE);
            Authorization memory a = sign(ALICE, DEADLINE, target, hash);
            data = abi.encodeCall(relationships.endWithSig, (alice, hospital, 1, a));
        }
    }

    /// @dev Hands on what the call reverts with.
    function _call(address target, bytes memory data) private {
        (bool success, bytes memory answer) = target.call(data);
        // A cheat code saw the revert already, so only an unexpected one comes here.
        if (!success) revert False(string(answer));
    }

    function _revocation(uint32 epoch, uint48 deadline) private view returns (Authorization memory) {
        return signed(ALICE, deadline, RegistrarData.fullRevocation(raw(alice), epoch, deadline));
    }

    function _cancellation(uint32 epoch, uint48 deadline) private view returns (Authorization memory) {
        return signed(ALICE, deadline, RegistrarData.cancellation(raw(alice), epoch, deadline));
    }
}
