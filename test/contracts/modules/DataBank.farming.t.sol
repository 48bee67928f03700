// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDataBank} from "../../../contracts/modules/data-bank/IDataBank.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {BankTest} from "../helpers/BankTest.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice What those earn who make up patients: fake identities, and a clinic that confirms whatever they say.
/// @dev The bound is what the authority let the clinic confirm: its budget, and nothing that the patients do.
contract DataBankFarmingTest is BankTest {
    uint256 private constant CLINIC = 0xC11;
    uint256 private constant FAKES = 40;

    ParticipantId private clinic;

    /// @dev However many fakes there are, and however often they try, as many are paid as the clinic may confirm.
    function testFuzz_fakesEarnNoMoreThanTheBudget(uint32 budget, uint8 said, uint8 statements) public {
        budget = uint32(bound(budget, 1, FAKES));
        clinic = steward(CLINIC, "Clinic", budget);
        ParticipantId[] memory fakes = _fakes();
        toSeason(1);
        // First some by statements, then the rest of the budget by a batch of everybody.
        uint256 stated = statements % (budget + 1);
        for (uint256 i = 0; i < stated; ++i) state(CLINIC, clinic, fakes[i]);
        bytes32[] memory leaves = leavesOf(fakes, clinic, 0);
        uint32 count = uint32(bound(said, 1, FAKES));
        bytes32 root = rootOf(leaves);
        if (stated + count > budget) {
            vm.expectRevert(abi.encodeWithSelector(IDataBank.BudgetExceeded.selector, clinic, stated + count, budget));
            confirm(CLINIC, root, count);
            count = uint32(budget - stated);
        }
        if (count != 0) confirm(CLINIC, root, count);
        toSeason(3);

        uint256 earned = 0;
        for (uint256 i = 0; i < FAKES; ++i) {
            bytes memory data = abi.encodeCall(bank.claim, (clinic, 0, proofOf(leaves, i)));
            vm.prank(vm.addr(_key(i)));
            (bool paid, ) = address(bank).call(data);
            if (paid) earned += 100e18;
            equal(wealthOf(fakes[i]), paid ? 100e18 : 0, "each of them once");
        }
        uint256 most = (stated + count < FAKES ? stated + count : FAKES) * 100e18;
        equal(earned, most, "as many as it confirmed");
        check(earned <= uint256(budget) * 100e18, "and no more than it may");
    }

    /// @dev A clinic that confirms fakes takes no more from honest patients than its part of all budgets.
    function testFuzz_aColludingClinicTakesItsPart(uint32 budget, uint32 honest) public {
        budget = uint32(bound(budget, 1, 10_000));
        honest = uint32(bound(honest, 1, 1_000_000));
        clinic = steward(CLINIC, "Clinic", budget);
        bank.setBudget(hospital, honest);
        bank.postBond{value: honest * BOND}(hospital);
        uint256 alone = _interestOf(honest);
        toSeason(1);
        confirm(GENERAL_HOSPITAL, keccak256("honest"), honest);
        equal(bank.interestOf(0), alone, "without the clinic");
        confirm(CLINIC, keccak256("fakes"), budget);

        uint256 together = bank.interestOf(0);
        check((together + 1) * (uint256(honest) + budget) >= alone * honest, "an honest patient's loss");
        check(together * budget <= (bank.emissionOf(0) * budget) / (uint256(honest) + budget), "the clinic's part");
        check(together * budget <= 100e18 * uint256(budget), "and no more than its budget earns at the most");
    }

    /// @dev Found out in time, fakes keep nothing, and the clinic has lost more than it put up for them.
    function testFuzz_fakesThatAreStruckKeepNothing(uint8 found, uint32 later) public {
        uint256 count = bound(found, 1, 20);
        clinic = steward(CLINIC, "Clinic", uint32(FAKES));
        ParticipantId[] memory fakes = _fakes();
        toSeason(1);
        bytes32[] memory leaves = leavesOf(fakes, clinic, 0);
        confirm(CLINIC, rootOf(leaves), uint32(FAKES));
        toSeason(3);
        for (uint256 i = 0; i < count; ++i) claim(_key(i), clinic, 0, proofOf(leaves, i));
        uint256 passed = bound(later, 0, VESTING);
        vm.warp(START + 3 * SEASON + passed);

        for (uint256 i = 0; i < count; ++i) bank.strike(fakes[i], clinic, 0, new bytes32[](0));

        uint256 kept = 0;
        for (uint256 i = 0; i < count; ++i) kept += wealthOf(fakes[i]);
        equal(kept / count, (100e18 * (passed / 1 hours)) / 4320, "what has vested by then, and nothing more");
        equal(bank.stewardOf(clinic).bond, 0, "a hundred deposits' bond for each");
        toSeason(9);
        vm.prank(vm.addr(CLINIC));
        vm.expectRevert(abi.encodeWithSelector(IDataBank.BudgetExceeded.selector, clinic, 1, 0));
        bank.confirmSeason(8, keccak256("root"), 1);
    }

    /// @dev One person under two identities is two accounts; each deposit still has to be confirmed, and counts.
    function test_aSecondIdentityNeedsASecondDeposit() public {
        clinic = steward(CLINIC, "Clinic", 1);
        ParticipantId first = depositor(_key(0));
        ParticipantId second = depositor(_key(1));
        toSeason(1);
        state(CLINIC, clinic, first);
        bytes memory problem = abi.encodeWithSelector(IDataBank.BudgetExceeded.selector, clinic, 2, 1);
        vm.expectRevert(problem);
        bank.confirmDeposit(second, RECORD, signStatement(CLINIC, clinic, second, 0));
    }

    function _interestOf(uint256 deposits) private pure returns (uint256) {
        uint256 each = 8_000_000e18 / deposits;
        return each < 100e18 ? each : 100e18;
    }

    function _fakes() private returns (ParticipantId[] memory fakes) {
        fakes = new ParticipantId[](FAKES);
        for (uint256 i = 0; i < FAKES; ++i) fakes[i] = depositor(_key(i));
    }

    function _key(uint256 i) private pure returns (uint256) {
        return 700 + i;
    }
}
