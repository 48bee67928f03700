// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {IChartToken} from "./IChartToken.sol";

/// @title ChartToken
/// @notice See {IChartToken}.
contract ChartToken is IChartToken, ERC20Capped, ERC20Burnable, ERC20Permit {
    /// @notice The most tokens there can ever be: a thousand million, in units of 10^-18.
    uint256 public constant MAX_SUPPLY = 1_000_000_000e18;

    /// @notice The Data Bank, which made this token and is the only one to mint it.
    address public immutable bank = msg.sender;

    constructor() ERC20("ChartChain Token", "CHART") ERC20Permit("ChartChain Token") ERC20Capped(MAX_SUPPLY) {}

    /// @inheritdoc IChartToken
    function mint(address to, uint256 amount) external {
        if (msg.sender != bank) revert NotTheBank(msg.sender);

        _mint(to, amount);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Capped) {
        super._update(from, to, value);
    }
}
