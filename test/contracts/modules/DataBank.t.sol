// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDataBank} from "../../../contracts/modules/data-bank/IDataBank.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {BankTest} from "../helpers/BankTest.sol";
import {vm} from "../helpers/Vm.sol";

contract DataBankTest is BankTest {
    ParticipantId private alice;
    ParticipantId private bob;

    function setUp() public override {
        super.setUp();
        alice = depositor(ALICE);
        bob = depositor(BOB);
    }

    // Emission

    function test_allSeasonsTogetherStayBelowTheCap() public view {
        uint256 sum = 0;
        for (uint32 season = 0; season < 48 * 90; season += 48) {
            equal(bank.emissionOf(season), bank.emissionOf(season + 47), "the same until the next halving");
            sum += 48 * bank.emissionOf(season);
        }
        equal(bank.emissionOf(48 * 90), 0, "it ends");
        check(sum < token.MAX_SUPPLY(), "cap");
        check(sum > token.MAX_SUPPLY() / 2, "not by far too little");
    }

    function testFuzz_aSeasonWithoutDepositsEarnsNothing(uint32 season) public view {
        equal(bank.interestOf(season), 0, "interest");
    }

    function testFuzz_emissionNeverGrows(uint32 season) public view {
        season = uint32(bound(season, 0, type(uint32).max - 1));
        check(bank.emissionOf(season + 1) <= bank.emissionOf(season), "emission");
        equal(bank.emissionOf(season), season / 48 > 83 ? 0 : 10_000_000e18 / 2 ** (season / 48), "halves");
    }

    /// @dev Whatever the stewards say, and with the highest bonus for everybody.
    function testFuzz_aSeasonOwesNoMoreThanItsEmission(uint32 first, uint32 second, uint256 season) public {
        first = _confirmMany(hospital, GENERAL_HOSPITAL, first, season = bound(season, 0, 500));
        second = _confirmMany(laboratory, LABORATORY, second, season);

        uint32 s = uint32(season);
        uint256 deposits = uint256(first) + second;
        equal(bank.depositsOf(s), deposits, "deposits");
        uint256 interest = bank.interestOf(s);
        check(deposits * (interest + (interest * 25) / 100) <= bank.emissionOf(s), "owed");
        check(interest <= 100e18, "for one deposit");
        bool few = deposits * 125e18 <= bank.emissionOf(s);
        if (few) equal(interest, 100e18, "the most, where there are few");
        else check((interest + 1) * deposits * 125 > bank.emissionOf(s) * 100, "and as much as there is, where not");
    }

    /// @dev An overstated number only lowers what everybody gets.
    function testFuzz_overstatingEarnsNothing(uint32 said) public {
        said = uint32(bound(said, 1, 1_000_000));
        bank.setBudget(hospital, said);
        bank.postBond{value: said * BOND}(hospital);
        ParticipantId[] memory patients = _two();
        toSeason(1);
        bytes32[] memory leaves = leavesOf(patients, hospital, 0);
        confirm(GENERAL_HOSPITAL, rootOf(leaves), said);
        toSeason(3);

        claim(ALICE, hospital, 0, proofOf(leaves, 0));
        if (said == 1) vm.expectRevert(abi.encodeWithSelector(IDataBank.BatchUsedUp.selector, hospital, 0));
        claim(BOB, hospital, 0, proofOf(leaves, 1));

        check(wealthOf(alice) <= 100e18, "no more than a deposit earns");
        equal(wealthOf(bob), said == 1 ? 0 : wealthOf(alice), "the same for each");
        check(wealthOf(alice) + wealthOf(bob) <= bank.emissionOf(0), "emission");
    }

    // One deposit per patient, steward and season

    /// @dev Property 27, whichever way it is confirmed, and however many records there are.
    function testFuzz_splittingEarnsNothing(uint8 records_, bool batch, bool statement) public {
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        for (uint256 i = 0; i < records_ % 20; ++i) {
            // Half of them are the patient's own.
            vm.prank(vm.addr(i % 2 == 0 ? ALICE : GENERAL_HOSPITAL));
            records.anchor(alice, keccak256(abi.encode(i)));
        }
        toSeason(1);
        bytes32[] memory leaves = leavesOf(_two(), hospital, 0);
        if (batch) confirm(GENERAL_HOSPITAL, rootOf(leaves), 2);
        if (statement) state(GENERAL_HOSPITAL, hospital, alice);
        toSeason(3);

        bytes32[] memory proof = proofOf(leaves, 0);
        bytes memory never = abi.encodeWithSelector(IDataBank.NotConfirmed.selector, alice, hospital, 0);
        if (!batch && !statement) vm.expectRevert(never);
        claim(ALICE, hospital, 0, proof);
        if (!batch && !statement) return;

        equal(wealthOf(alice), 100e18, "one deposit");
        vm.expectRevert(abi.encodeWithSelector(IDataBank.AlreadyClaimed.selector, alice, hospital, 0));
        claim(ALICE, hospital, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(IDataBank.AlreadyClaimed.selector, alice, hospital, 0));
        claim(ALICE, hospital, 0);
    }

    /// @dev Nobody's leaf, no other season's, no other steward's, and no interior node.
    function testFuzz_aProofIsForOneLeaf(uint8 size, uint8 index, uint8 other) public {
        uint256 count = bound(size, 2, 12);
        index = uint8(bound(index, 0, count - 1));
        ParticipantId[] memory patients = new ParticipantId[](count);
        for (uint256 i = 0; i < count; ++i) patients[i] = i == index ? alice : ParticipantId.wrap(uint40(1000 + i));
        toSeason(1);
        bytes32[] memory leaves = leavesOf(patients, hospital, 0);
        confirm(GENERAL_HOSPITAL, rootOf(leaves), uint32(count));
        toSeason(4);

        bytes32[] memory proof = proofOf(leaves, index);
        vm.expectRevert(abi.encodeWithSelector(IDataBank.NotConfirmed.selector, bob, hospital, 0));
        claim(BOB, hospital, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(IDataBank.NotConfirmed.selector, alice, laboratory, 0));
        claim(ALICE, laboratory, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(IDataBank.NotConfirmed.selector, alice, hospital, 1));
        claim(ALICE, hospital, 1, proof);
        uint256 wrong = bound(other, 0, count - 1);
        if (wrong != index) {
            vm.expectRevert(abi.encodeWithSelector(IDataBank.NotConfirmed.selector, alice, hospital, 0));
            claim(ALICE, hospital, 0, proofOf(leaves, wrong));
        }
        claim(ALICE, hospital, 0, proof);
        equal(wealthOf(alice), 100e18, "paid");
    }

    // Rows

    /// @dev 5 % for each deposit in a row before, five at the most; a gap begins anew.
    function testFuzz_rows(uint16 deposits) public {
        uint256 expected = 0;
        uint256 row = 0;
        for (uint256 now_ = 1; now_ < 15; ++now_) {
            toSeason(now_);
            if (now_ <= 12 && _has(deposits, now_ - 1)) state(GENERAL_HOSPITAL, hospital, alice);
            if (now_ < 3) continue;
            uint256 season = now_ - 3;
            if (!_has(deposits, season)) {
                row = 0;
                continue;
            }
            claim(ALICE, hospital, season);
            expected += 100e18 + 5e18 * row;
            equal(bank.depositOf(alice, hospital, uint32(season)).streak, row, "row");
            if (row < 5) ++row;
        }
        equal(wealthOf(alice), expected, "earned");
    }

    /// @dev No order of claims, and no second steward, makes a row longer than it was.
    function testFuzz_rowsAreNotGamed(uint256 order, bool elsewhere) public {
        for (uint256 season = 0; season < 6; ++season) {
            toSeason(season + 1);
            state(GENERAL_HOSPITAL, hospital, alice);
            if (elsewhere) state(LABORATORY, laboratory, alice);
        }
        toSeason(8);
        uint256 left = 6;
        bool[6] memory done;
        while (left > 0) {
            uint256 next = order % 6;
            order = uint256(keccak256(abi.encode(order)));
            if (done[next]) continue;
            claim(ALICE, hospital, next);
            done[next] = true;
            --left;
            check(bank.depositOf(alice, hospital, uint32(next)).streak <= next, "no longer than it was");
        }
        uint256 inOrder = 6 * 100e18 + 5e18 * (1 + 2 + 3 + 4 + 5);
        check(wealthOf(alice) <= inOrder, "no order earns more than the right one");
        check(wealthOf(alice) >= 600e18, "and none less than without a bonus");
        if (!elsewhere) return;
        claim(ALICE, laboratory, 5);
        equal(bank.depositOf(alice, laboratory, 5).streak, 0, "another steward's row is another one");
    }

    // Vesting

    function testFuzz_vests(uint32 after_, uint8 touches) public {
        uint256 from = _earn(ALICE, alice);
        uint256 time = bound(after_, 0, VESTING + 30 days);
        uint256 hours_ = time / 1 hours;
        // Looking at it more often makes nothing faster.
        for (uint256 i = 1; i <= touches % 8; ++i) {
            vm.warp(from + (time * i) / 8);
            vm.prank(vm.addr(ALICE));
            bank.withdraw(vm.addr(ALICE), 0);
        }
        vm.warp(from + time);

        IDataBank.Account memory account = bank.accountOf(alice);
        equal(uint256(account.available) + account.locked, 100e18, "nothing is lost");
        uint256 vested = hours_ >= 4320 ? 100e18 : (100e18 * hours_) / 4320;
        check(account.available <= vested, "not faster");
        check(account.available + 10 >= vested, "not slower");
        if (time >= VESTING) equal(account.locked, 0, "all of it, in the end");
    }

    /// @dev Property 29: what comes out is what was credited, and only once.
    function testFuzz_withdrawsWhatVested(uint256 first, uint256 second, uint32 after_) public {
        uint256 from = _earn(ALICE, alice);
        vm.warp(from + bound(after_, 0, 2 * VESTING));
        uint256 available = bank.accountOf(alice).available;
        first = bound(first, 0, 120e18);
        second = bound(second, 0, 120e18);

        bool fits = _take(first, available);
        if (fits) available -= first;
        uint256 taken = fits ? first : 0;
        if (_take(second, available)) taken += second;

        equal(token.balanceOf(vm.addr(STRANGER)), taken, "taken");
        equal(token.totalSupply(), taken, "minted when it is taken, and no more");
        equal(wealthOf(alice) + taken, 100e18, "the rest is there");
    }

    // Fees

    function testFuzz_burnsWhatItWasPaid(uint256 amount) public {
        amount = bound(amount, 0, 50e18);
        uint256 from = _earn(ALICE, alice);
        vm.warp(from + VESTING);
        vm.prank(vm.addr(ALICE));
        bank.withdraw(vm.addr(ALICE), 100e18);
        vm.prank(vm.addr(ALICE));
        token.transfer(address(bank), amount);

        bank.burnFees();

        equal(token.totalSupply(), 100e18 - amount, "burnt");
        equal(token.balanceOf(address(bank)), 0, "nothing left");
    }

    // Steps

    function _two() private view returns (ParticipantId[] memory patients) {
        patients = new ParticipantId[](2);
        (patients[0], patients[1]) = (alice, bob);
    }

    /// @dev 100 CHART of alice's or bob's; returns when they began to vest.
    function _earn(uint256 key, ParticipantId patient) private returns (uint256 from) {
        toSeason(1);
        state(GENERAL_HOSPITAL, hospital, patient);
        toSeason(3);
        claim(key, hospital, 0);
        return block.timestamp;
    }

    function _has(uint16 deposits, uint256 season) private pure returns (bool) {
        return (deposits >> season) & 1 == 1;
    }

    function _take(uint256 amount, uint256 available) private returns (bool fits) {
        fits = amount <= available;
        if (!fits) vm.expectRevert(abi.encodeWithSelector(IDataBank.NotVested.selector, amount, available));
        vm.prank(vm.addr(ALICE));
        bank.withdraw(vm.addr(STRANGER), amount);
    }

    /// @dev As many as the budget, or the bond, allows.
    function _confirmMany(ParticipantId id, uint256 key, uint32 count, uint256 season) private returns (uint32) {
        count = uint32(bound(count, 1, 1_000_000));
        bank.setBudget(id, 1_000_000);
        bank.postBond{value: 100 ether}(id);
        toSeason(season + 1);
        confirm(key, keccak256("root"), count);
        return count;
    }
}
