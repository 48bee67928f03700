// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";

import {IChartToken} from "../../../contracts/modules/data-bank/IChartToken.sol";
import {NetworkTest} from "../helpers/NetworkTest.sol";
import {vm} from "../helpers/Vm.sol";

contract ChartTokenTest is NetworkTest {
    function testFuzz_mint(uint256 first, uint256 second) public {
        uint256 cap = token.MAX_SUPPLY();
        first = bound(first, 0, cap);
        second = bound(second, 0, 2 * cap);
        mint(vm.addr(ALICE), first);

        bool fits = first + second <= cap;
        vm.prank(address(bank));
        if (!fits) {
            vm.expectRevert(abi.encodeWithSelector(ERC20Capped.ERC20ExceededCap.selector, first + second, cap));
        }
        token.mint(vm.addr(BOB), second);

        equal(token.balanceOf(vm.addr(ALICE)), first, "first");
        equal(token.balanceOf(vm.addr(BOB)), fits ? second : 0, "second");
        equal(token.totalSupply(), fits ? first + second : first, "supply");
        equal(token.cap(), cap, "cap");
    }

    function testFuzz_nobodyElseMints(address caller, uint256 amount) public {
        vm.assume(caller != address(bank));

        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IChartToken.NotTheBank.selector, caller));
        token.mint(caller, amount);
    }

    function testFuzz_burn(uint128 balance, uint128 amount) public {
        balance = uint128(bound(balance, 0, token.MAX_SUPPLY()));
        mint(vm.addr(ALICE), balance);

        vm.prank(vm.addr(ALICE));
        if (amount > balance) {
            vm.expectRevert(
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, vm.addr(ALICE), balance, amount)
            );
        }
        token.burn(amount);

        equal(token.totalSupply(), amount > balance ? balance : balance - amount, "supply");
    }

    function testFuzz_transfer(uint128 balance, uint128 amount) public {
        balance = uint128(bound(balance, 0, token.MAX_SUPPLY()));
        mint(vm.addr(ALICE), balance);

        vm.prank(vm.addr(ALICE));
        if (amount > balance) {
            vm.expectRevert(
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, vm.addr(ALICE), balance, amount)
            );
        }
        token.transfer(vm.addr(BOB), amount);

        equal(token.balanceOf(vm.addr(BOB)), amount > balance ? 0 : amount, "moved");
        equal(token.totalSupply(), balance, "supply");
    }

    function testFuzz_approveAndTransferFrom(uint128 allowed, uint128 amount) public {
        mint(vm.addr(ALICE), type(uint128).max % token.MAX_SUPPLY());
        amount = uint128(bound(amount, 0, token.balanceOf(vm.addr(ALICE))));
        vm.prank(vm.addr(ALICE));
        token.approve(vm.addr(BOB), allowed);

        vm.prank(vm.addr(BOB));
        if (amount > allowed) {
            vm.expectRevert(
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, vm.addr(BOB), allowed, amount)
            );
        }
        token.transferFrom(vm.addr(ALICE), vm.addr(BOB), amount);

        equal(token.balanceOf(vm.addr(BOB)), amount > allowed ? 0 : amount, "moved");
    }

    function testFuzz_permit(uint256 seed, uint256 value, uint256 deadline) public {
        uint256 key = keyOf(seed);
        deadline = bound(deadline, START, type(uint256).max);
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                vm.addr(key),
                vm.addr(BOB),
                value,
                0,
                deadline
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), hash))
        );
        token.permit(vm.addr(key), vm.addr(BOB), value, deadline, v, r, s);

        equal(token.allowance(vm.addr(key), vm.addr(BOB)), value, "allowance");
        equal(token.nonces(vm.addr(key)), 1, "nonce");
    }

    function mint(address to, uint256 amount) private {
        vm.prank(address(bank));
        token.mint(to, amount);
    }
}
