// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title IChartToken
/// @notice The data-sharing token: ERC-20 with EIP-2612 permit, a cap and burning.
/// @dev Trust: nobody mints but the Data Bank, by its fixed schedule; there is no premine, and no administrator.
interface IChartToken is IERC20, IERC20Permit {
    /// @notice Thrown when `caller` isn't the Data Bank.
    error NotTheBank(address caller);

    /// @notice Creates tokens; the caller is the Data Bank.
    /// @param to Who gets them.
    /// @param amount How many, in units of 10^-18.
    function mint(address to, uint256 amount) external;
}
