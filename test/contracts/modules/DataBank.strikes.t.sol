// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDataBank} from "../../../contracts/modules/data-bank/IDataBank.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {BankTest} from "../helpers/BankTest.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice What false deposits cost, and how long.
contract DataBankStrikesTest is BankTest {
    ParticipantId private alice;

    function setUp() public override {
        super.setUp();
        alice = depositor(ALICE);
    }

    /// @dev Whenever it was claimed, a strike takes all that hasn't vested, and never what has.
    function testFuzz_strikeTakesWhatHasNotVested(uint32 claimed, uint32 struck, bool honest) public {
        _stateSeasonZero();
        uint256 then_ = START + 3 * SEASON + bound(claimed, 0, 6 * SEASON - 1);
        vm.warp(then_);
        claim(ALICE, hospital, 0);
        if (honest) claim(ALICE, laboratory, 0);
        uint256 end = START + 15 * SEASON;
        vm.warp(then_ + bound(struck, 0, end - then_ - 1));
        IDataBank.Account memory before = bank.accountOf(alice);
        uint256 bond = bank.stewardOf(hospital).bond;

        bank.strike(alice, hospital, 0, new bytes32[](0));

        IDataBank.Account memory after_ = bank.accountOf(alice);
        uint256 expected = before.locked < 100e18 ? before.locked : 100e18;
        equal(before.locked - after_.locked, expected, "clawed back");
        equal(after_.available, before.available, "what has vested stays");
        equal(bond - bank.stewardOf(hospital).bond, 0.01 ether, "slashed");
        vm.expectRevert(abi.encodeWithSelector(IDataBank.DepositIsStruck.selector, alice, hospital, 0));
        bank.strike(alice, hospital, 0, new bytes32[](0));
    }

    /// @dev Nothing can be claimed so late that all of it vests out of reach.
    function testFuzz_nothingVestsBeyondTheLastStrike(uint32 claimed) public {
        _stateSeasonZero();
        uint256 then_ = START + 3 * SEASON + bound(claimed, 0, 20 * SEASON);
        vm.warp(then_);
        if (then_ >= START + 9 * SEASON) {
            uint256 current = bank.currentSeason();
            vm.expectRevert(abi.encodeWithSelector(IDataBank.TooLateToClaim.selector, 0, current));
            claim(ALICE, hospital, 0);
            return;
        }
        claim(ALICE, hospital, 0);
        vm.warp(START + 15 * SEASON - 1);
        equal(bank.accountOf(alice).locked, 0, "all of it has vested by then");
        bank.strike(alice, hospital, 0, new bytes32[](0));
    }

    /// @dev While a deposit that it confirmed can be struck, a bond stays.
    function testFuzz_aBondOutlivesWhatItStandsFor(uint32 asked, uint32 later) public {
        _stateSeasonZero();
        vm.warp(START + SEASON + bound(asked, 0, 3 * SEASON));
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        bank.releaseBond();
        uint256 freeAt = bank.stewardOf(hospital).bondFreeAt;
        check(freeAt >= START + 15 * SEASON, "beyond the last strike");
        vm.warp(bound(later, block.timestamp, freeAt + SEASON));

        bool free = block.timestamp >= freeAt;
        if (!free) vm.expectRevert(abi.encodeWithSelector(IDataBank.BondNotFree.selector, freeAt));
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        bank.withdrawBond(payable(vm.addr(STRANGER)));

        equal(vm.addr(STRANGER).balance, free ? 0.1 ether : 0, "paid");
        equal(bank.stewardOf(hospital).bond, free ? 0 : 0.1 ether, "bond");
    }

    function _stateSeasonZero() private {
        toSeason(1);
        state(GENERAL_HOSPITAL, hospital, alice);
        state(LABORATORY, laboratory, alice);
    }
}
