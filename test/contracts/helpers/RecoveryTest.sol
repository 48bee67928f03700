// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../../contracts/types/Authorization.sol";
import {Guardians, Recovery, Stage} from "../../../contracts/types/Guardians.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {NetworkTest} from "./NetworkTest.sol";
import {RegistrarData} from "./RegistrarData.sol";
import {vm} from "./Vm.sol";

/// @notice Alice and the persons who may become her guardians: the key of guardian n is {guardianKey}(n).
abstract contract RecoveryTest is NetworkTest {
    uint256 internal constant PEOPLE = 6;
    uint256 internal constant NEW_KEY = 0xA11CE2;

    ParticipantId internal alice;
    ParticipantId[] internal people;

    function setUp() public virtual override {
        super.setUp();
        alice = person(ALICE);
        for (uint256 i = 0; i < PEOPLE; ++i) people.push(person(guardianKey(i)));
    }

    /// @dev The first `count` people.
    function guardiansOf(uint256 count, uint8 threshold, uint32 delay) internal view returns (Guardians memory) {
        return guardiansFrom(0, count, threshold, delay);
    }

    function guardiansFrom(
        uint256 first,
        uint256 count,
        uint8 threshold,
        uint32 delay
    ) internal view returns (Guardians memory guardians) {
        guardians.members = new ParticipantId[](count);
        for (uint256 i = 0; i < count; ++i) guardians.members[i] = people[first + i];
        guardians.threshold = threshold;
        guardians.delay = delay;
        guardians.salt = keccak256("salt");
    }

    /// @dev Not by the contract's own function: the digest is what wallets compute.
    function digestOf(Guardians memory guardians) internal view returns (bytes32) {
        return keccak256(abi.encode(alice, guardians));
    }

    function setGuardians(Guardians memory guardians) internal {
        vm.prank(vm.addr(ALICE));
        registrar.changeGuardians(digestOf(guardians));
    }

    function start(uint256 guardian, uint256 newKey, Guardians memory guardians) internal {
        vm.prank(vm.addr(guardianKey(guardian)));
        registrar.startRecovery(alice, vm.addr(newKey), guardians);
    }

    function approve(uint256 guardian, uint256 starter, Guardians memory guardians) internal {
        uint16 number = recoveryOf(starter).number;
        vm.prank(vm.addr(guardianKey(guardian)));
        registrar.approveRecovery(alice, people[starter], number, guardians);
    }

    function veto(uint256 starter, Guardians memory guardians) internal {
        uint16 number = recoveryOf(starter).number;
        vm.prank(vm.addr(ALICE));
        registrar.vetoRecovery(people[starter], number, guardians);
    }

    function execute(uint256 starter, uint256 newKey, bytes32 keyDocument, Guardians memory guardians) internal {
        Authorization memory acceptance = accept(starter, newKey, keyDocument);
        registrar.executeRecovery(alice, people[starter], keyDocument, guardians, acceptance);
    }

    function accept(uint256 starter, uint256 newKey, bytes32 keyDocument) internal view returns (Authorization memory) {
        uint48 deadline = uint48(block.timestamp);
        uint16 number = recoveryOf(starter).number;
        bytes32 hash = RegistrarData.acceptance(
            raw(alice),
            vm.addr(newKey),
            keyDocument,
            raw(people[starter]),
            number,
            deadline
        );
        return sign(newKey, deadline, address(registrar), hash);
    }

    function recoveryOf(uint256 starter) internal view returns (Recovery memory) {
        return registrar.recoveryOf(alice, people[starter]);
    }

    function checkStage(uint256 starter, Stage stage, string memory what) internal view {
        equal(uint256(recoveryOf(starter).stage), uint256(stage), what);
    }

    /// @dev Rounded up to the minute, as the contract counts.
    function since(uint256 time) internal pure returns (uint256) {
        return ((time + 59) / 60) * 60;
    }

    function guardianKey(uint256 n) internal pure returns (uint256) {
        return 0x6000 + n;
    }
}
