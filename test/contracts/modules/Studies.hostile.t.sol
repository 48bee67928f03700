// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IStudies} from "../../../contracts/modules/studies/IStudies.sol";
import {Studies} from "../../../contracts/modules/studies/Studies.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {
    BlockingToken,
    FalseToken,
    FeeToken,
    LyingToken,
    PlainToken,
    ReentrantToken,
    SilentToken
} from "../helpers/HostileTokens.sol";
import {ModuleData} from "../helpers/ModuleData.sol";
import {StudyTest} from "../helpers/StudyTest.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Studies that pay in tokens that don't do what a token should.
contract StudiesHostileTokenTest is StudyTest {
    uint96 private constant PRICE = 100e18;
    uint24 private constant MAXIMUM = 4;
    uint256 private constant ESCROW = 400e18;

    Studies private hostile;
    PlainToken private coin;
    ParticipantId private alice;

    function setUp() public override {
        super.setUp();
        alice = depositor(ALICE);
    }

    function test_aTokenThatTakesAFeeOpensNothing() public {
        _use(address(new FeeToken()));

        vm.expectRevert(abi.encodeWithSelector(IStudies.EscrowMismatch.selector, ESCROW - ESCROW / 100, ESCROW));
        _open();
    }

    function test_aTokenThatLiesOpensNothing() public {
        _use(address(new LyingToken()));

        vm.expectRevert(abi.encodeWithSelector(IStudies.EscrowMismatch.selector, 0, ESCROW));
        _open();
    }

    function test_aTokenThatSaysNoOpensNothing() public {
        _use(address(new FalseToken()));
        FalseToken(address(coin)).refuse();

        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, coin));
        _open();
    }

    /// @dev Nothing is noted as paid that wasn't.
    function test_aTokenThatSaysNoPaysLater() public {
        _use(address(new FalseToken()));
        uint64 study = _delivered();
        vm.warp(START + TERM + DISPUTE);
        hostile.settle(study);
        FalseToken(address(coin)).refuse();

        for (uint256 i = 0; i < 4; ++i) {
            address by = i == 1 ? vm.addr(GENERAL_HOSPITAL) : vm.addr(ALICE);
            vm.prank(by);
            vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, coin));
            if (i == 0) hostile.payout(study, by);
            if (i == 1) hostile.payoutSteward(study, by);
            if (i == 2) hostile.payoutBank(study);
            if (i == 3) hostile.refund(study);
        }

        check(!hostile.participationOf(study, alice).paid, "not paid");
        equal(hostile.creditOf(study, hospital).paid, 0, "the steward neither");
        equal(hostile.studyOf(study).bankPaid, 0, "nor the bank");
        equal(hostile.studyOf(study).refunded, 0, "nor the researcher");
    }

    function test_aTokenThatReturnsNothingWorks() public {
        _use(address(new SilentToken()));
        _finish(_delivered());

        equal(coin.balanceOf(vm.addr(ALICE)), 80e18, "paid");
        equal(coin.balanceOf(address(hostile)), 0, "nothing is left");
    }

    /// @dev Whoever can't be paid keeps nobody else from being paid.
    function testFuzz_nobodyBlocksAnybody(uint8 who) public {
        BlockingToken blocking = new BlockingToken();
        _use(address(blocking));
        uint64 study = _delivered();
        vm.warp(START + TERM + DISPUTE);
        address[4] memory accounts = [vm.addr(ALICE), vm.addr(GENERAL_HOSPITAL), vm.addr(UNIVERSITY), address(bank)];
        blocking.block_(accounts[who % 4]);

        hostile.settle(study);
        for (uint256 i = 0; i < 4; ++i) {
            if (i == who % 4) vm.expectRevert(abi.encodeWithSelector(BlockingToken.IsBlocked.selector, accounts[i]));
            _pull(study, i);
        }
        blocking.block_(address(0));
        _pull(study, who % 4);
        equal(coin.balanceOf(address(hostile)), 0, "and in the end everybody has it");
    }

    /// @dev Property 30: whatever a token calls back while it moves, everybody gets what is theirs, once.
    function testFuzz_aReentrantTokenChangesNothing(uint8 during, uint8 back) public {
        ReentrantToken reentrant = new ReentrantToken();
        _use(address(reentrant));
        uint64 study = _delivered();
        vm.warp(START + TERM + DISPUTE);
        hostile.settle(study);
        reentrant.arm(address(hostile), _callback(study, back % 6));
        during = during % 4;
        for (uint256 i = 0; i < 4; ++i) _pull(study, (during + i) % 4);

        equal(reentrant.attempts(), 1, "it tried");
        // What moves no token may be called: it finds the state as it will be, in which nothing of that is left to do.
        equal(reentrant.successes(), 0, "in vain");
        if (back % 6 < 4) {
            bytes4 selector = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            equal(keccak256(reentrant.answer()), keccak256(abi.encodeWithSelector(selector)), "refused");
        }
        equal(coin.balanceOf(vm.addr(ALICE)), 80e18, "the patient");
        equal(coin.balanceOf(vm.addr(GENERAL_HOSPITAL)), 15e18, "the steward");
        equal(coin.balanceOf(address(bank)), 5e18, "the bank");
        equal(coin.balanceOf(vm.addr(UNIVERSITY)), 600e18 + 300e18, "the researcher");
        equal(coin.balanceOf(address(hostile)), 0, "nothing is left");
    }

    /// @dev One escrow doesn't stand for two studies.
    function test_nothingIsOpenedWhileAnotherStudyIs() public {
        ReentrantToken reentrant = new ReentrantToken();
        _use(address(reentrant));
        reentrant.arm(address(hostile), abi.encodeCall(hostile.open, (offerOf(PRICE, 1, MAXIMUM))));

        _open();

        equal(reentrant.attempts() - reentrant.successes(), 1, "refused");
        equal(hostile.studyCount(), 1, "one study");
        equal(coin.balanceOf(address(hostile)), ESCROW, "one escrow");
    }

    // Steps

    function _use(address token_) private {
        coin = PlainToken(token_);
        hostile = Studies(_deploy("Studies", abi.encode(authority, registrar, consents, bank, token_)));
        coin.mint(vm.addr(UNIVERSITY), 1000e18);
        // The one that returns nothing knows no allowances.
        vm.prank(vm.addr(UNIVERSITY));
        (bool success, ) = token_.call(abi.encodeCall(coin.approve, (address(hostile), type(uint256).max)));
        success;
    }

    function _open() private returns (uint64) {
        IStudies.Offer memory offer = offerOf(PRICE, 1, MAXIMUM);
        vm.prank(vm.addr(UNIVERSITY));
        return hostile.open(offer);
    }

    /// @dev A study of alice's, whose data was delivered.
    function _delivered() private returns (uint64 study) {
        study = _open();
        grantDirectly(ALICE, CATEGORIES, uint40(START + TERM));
        vm.prank(vm.addr(ALICE));
        hostile.join(study, hospital, 0, noConsent());
        vm.warp(START + ENROLMENT);
        hostile.release(study, listOf(alice));
        hostile.deliver(study, alice, DATA, signReceipt(hostile, study, alice));
    }

    function _finish(uint64 study) private {
        vm.warp(START + TERM + DISPUTE);
        hostile.settle(study);
        for (uint256 i = 0; i < 4; ++i) _pull(study, i);
    }

    function _pull(uint64 study, uint256 who) private {
        vm.prank(vm.addr(who == 0 ? ALICE : GENERAL_HOSPITAL));
        if (who == 0) hostile.payout(study, vm.addr(ALICE));
        if (who == 1) hostile.payoutSteward(study, vm.addr(GENERAL_HOSPITAL));
        if (who == 2) hostile.refund(study);
        if (who == 3) hostile.payoutBank(study);
    }

    function _callback(uint64 study, uint256 which) private view returns (bytes memory) {
        address alices = vm.addr(ALICE);
        bytes32 hash = ModuleData.studyPayout(raw(alice), study, alices, 0, DEADLINE);
        if (which == 0) return abi.encodeCall(hostile.refund, (study));
        if (which == 1) return abi.encodeCall(hostile.payoutBank, (study));
        if (which == 2) return abi.encodeCall(hostile.payoutSteward, (study, alices));
        if (which == 3) {
            return
                abi.encodeCall(hostile.payoutWithSig, (study, alices, sign(ALICE, DEADLINE, address(hostile), hash)));
        }
        if (which == 4) return abi.encodeCall(hostile.settle, (study));
        return abi.encodeCall(hostile.deliver, (study, alice, DATA, signReceipt(hostile, study, alice)));
    }
}
