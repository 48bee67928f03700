// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../helpers/Vm.sol";
import {Handler, Targets} from "./Handler.sol";

/// @notice Five holders that are given tokens, move them and burn them.
contract ChartTokenHandler is Handler {
    uint256 private constant HOLDERS = 5;

    mapping(address holder => uint256 balance) private _balances;
    mapping(address holder => mapping(address spender => uint256 amount)) private _allowed;
    uint256 private _supply;

    function mint(uint256 to, uint256 amount, uint8 sender) external {
        amount = amount % (token.MAX_SUPPLY() / 2);
        bool legal = sender % 8 != 0 && _supply + amount <= token.MAX_SUPPLY();
        bytes memory data = abi.encodeCall(token.mint, (_holder(to), amount));
        attemptAs(sender % 8 == 0 ? _holder(to) : address(bank), address(token), data, legal, "mint");
        if (!legal) return;
        _balances[_holder(to)] += amount;
        _supply += amount;
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        amount = amount % (_balances[_holder(from)] + 2);
        bool legal = amount <= _balances[_holder(from)];
        attemptAs(_holder(from), address(token), abi.encodeCall(token.transfer, (_holder(to), amount)), legal, "move");
        if (legal) _move(_holder(from), _holder(to), amount);
    }

    function burn(uint256 from, uint256 amount) external {
        amount = amount % (_balances[_holder(from)] + 2);
        bool legal = amount <= _balances[_holder(from)];
        attemptAs(_holder(from), address(token), abi.encodeCall(token.burn, (amount)), legal, "burn");
        if (!legal) return;
        _balances[_holder(from)] -= amount;
        _supply -= amount;
    }

    function approve(uint256 from, uint256 spender, uint128 amount) external {
        bytes memory data = abi.encodeCall(token.approve, (_holder(spender), amount));
        attemptAs(_holder(from), address(token), data, true, "approve");
        _allowed[_holder(from)][_holder(spender)] = amount;
    }

    function transferFrom(uint256 spender, uint256 from, uint256 to, uint256 amount) external {
        (address s, address f) = (_holder(spender), _holder(from));
        amount = amount % (_balances[f] + 2);
        bool legal = amount <= _balances[f] && amount <= _allowed[f][s];
        bytes memory data = abi.encodeCall(token.transferFrom, (f, _holder(to), amount));
        attemptAs(s, address(token), data, legal, "move for another");
        if (!legal) return;
        _allowed[f][s] -= amount;
        _move(f, _holder(to), amount);
    }

    function checkModel() external view {
        uint256 sum;
        for (uint256 i = 0; i < HOLDERS; ++i) {
            sum += token.balanceOf(_holder(i));
            equal(token.balanceOf(_holder(i)), _balances[_holder(i)], "balance");
        }
        equal(sum, token.totalSupply(), "the balances make up the supply");
        equal(_supply, token.totalSupply(), "supply");
        check(sum <= token.MAX_SUPPLY(), "cap");
    }

    function _move(address from, address to, uint256 amount) private {
        _balances[from] -= amount;
        _balances[to] += amount;
    }

    function _holder(uint256 seed) private pure returns (address) {
        return vm.addr(1 + (seed % HOLDERS));
    }
}

contract ChartTokenInvariant is Targets {
    ChartTokenHandler private handler;

    function setUp() public {
        handler = new ChartTokenHandler();
    }

    /// @notice Property 24.
    function invariant_balancesMakeUpTheSupply() public view {
        handler.checkModel();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](5);
        selectors[0] = ChartTokenHandler.mint.selector;
        selectors[1] = ChartTokenHandler.transfer.selector;
        selectors[2] = ChartTokenHandler.approve.selector;
        selectors[3] = ChartTokenHandler.transferFrom.selector;
        selectors[4] = ChartTokenHandler.burn.selector;
    }
}
