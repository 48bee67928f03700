// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../../contracts/types/Authorization.sol";
import {PROVIDER} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {DepositTree} from "./DepositTree.sol";
import {ModuleData} from "./ModuleData.sol";
import {NetworkTest} from "./NetworkTest.sol";
import {RegistrarData} from "./RegistrarData.sol";
import {vm} from "./Vm.sol";

/// @notice A network with two stewards that may confirm deposits, and the steps of a deposit.
abstract contract BankTest is NetworkTest {
    uint256 internal constant SEASON = 30 days;
    uint256 internal constant VESTING = 180 days;
    uint256 internal constant BOND = 0.0001 ether;
    bytes32 internal constant RECORD = keccak256("a record");

    ParticipantId internal hospital;
    ParticipantId internal laboratory;

    function setUp() public virtual override {
        super.setUp();
        vm.deal(address(this), 10_000 ether);
        hospital = steward(GENERAL_HOSPITAL, "General Hospital", 1000);
        laboratory = steward(LABORATORY, "Laboratory", 1000);
    }

    /// @dev With a budget, and the bond for it; licensed for fifty years.
    function steward(uint256 key, string memory name, uint32 budget) internal returns (ParticipantId id) {
        id = institution(key, name, PROVIDER);
        registrar.license(id, keccak256(bytes(name)), PROVIDER, uint40(START + 50 * YEAR));
        bank.setBudget(id, budget);
        bank.postBond{value: budget * BOND}(id);
    }

    /// @dev A person whom the hospital attested, with an account.
    function depositor(uint256 key) internal returns (ParticipantId id) {
        id = person(key);
        bytes32 commitment = attest(key);
        vm.prank(vm.addr(key));
        bank.openAccount(hospital, commitment);
    }

    function attest(uint256 key) internal returns (bytes32 commitment) {
        commitment = keccak256(abi.encode("identity", key));
        bytes32 hash = RegistrarData.attestation(raw(hospital), vm.addr(key), commitment, DEADLINE);
        registrar.linkIdentity(vm.addr(key), commitment, signed(GENERAL_HOSPITAL, DEADLINE, hash));
    }

    function toSeason(uint256 season) internal {
        vm.warp(START + season * SEASON);
    }

    /// @dev The statement of a steward about the season before.
    function state(uint256 stewardKey, ParticipantId id, ParticipantId patient) internal {
        bank.confirmDeposit(patient, RECORD, signStatement(stewardKey, id, patient, bank.currentSeason() - 1));
    }

    function signStatement(
        uint256 stewardKey,
        ParticipantId id,
        ParticipantId patient,
        uint32 season
    ) internal view returns (Authorization memory) {
        bytes32 hash = ModuleData.statement(raw(id), raw(patient), season, RECORD, DEADLINE);
        return sign(stewardKey, DEADLINE, address(bank), hash);
    }

    function confirm(uint256 stewardKey, bytes32 root, uint32 count) internal {
        // Counted here: a test that expects a revert expects it of the next call.
        uint32 season = uint32((block.timestamp - START) / SEASON) - 1;
        vm.prank(vm.addr(stewardKey));
        bank.confirmSeason(season, root, count);
    }

    function claim(uint256 key, ParticipantId id, uint256 season) internal {
        claim(key, id, season, new bytes32[](0));
    }

    function claim(uint256 key, ParticipantId id, uint256 season, bytes32[] memory proof) internal {
        vm.prank(vm.addr(key));
        bank.claim(id, uint32(season), proof);
    }

    /// @dev The leaves of a batch of these patients.
    function leavesOf(
        ParticipantId[] memory patients,
        ParticipantId id,
        uint256 season
    ) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](patients.length);
        for (uint256 i = 0; i < patients.length; ++i) leaves[i] = leafOf(patients[i], id, season);
    }

    /// @dev Not by the contract's own function: it is what stewards compute.
    function leafOf(ParticipantId patient, ParticipantId id, uint256 season) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(raw(patient), raw(id), season))));
    }

    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32) {
        return DepositTree.root(leaves);
    }

    function proofOf(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory) {
        return DepositTree.proof(leaves, index);
    }

    /// @dev What a patient has, vested or not.
    function wealthOf(ParticipantId patient) internal view returns (uint256) {
        return uint256(bank.accountOf(patient).available) + bank.accountOf(patient).locked;
    }
}
