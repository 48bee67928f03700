// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title IChartToken
/// @notice The data-sharing token: ERC-20 with EIP-2612 permit and a cap.
/// @dev Trust: only the authority mints, through the AccessManager and its delay, and never beyond the cap.
interface IChartToken is IERC20, IERC20Permit {
    /// @notice Creates tokens. Restricted to the authority, with its delay.
    /// @param to Who gets them.
    /// @param amount How many, in units of 10^-18.
    function mint(address to, uint256 amount) external;
}
