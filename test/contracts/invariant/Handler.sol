// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NetworkTest} from "../helpers/NetworkTest.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice What every handler shares: its own network, its own clock, and calls whose outcome it foretells.
/// @dev A handler never reverts by accident. It says beforehand whether a call may succeed; if the contract is of
/// another opinion, the handler reverts and the campaign fails.
abstract contract Handler is NetworkTest {
    uint256 public time = START;

    constructor() {
        setUp();
    }

    /// @dev A look at the state after a move stays; one that an invariant takes does not.
    modifier atItsTime() {
        vm.warp(time);
        _;
        afterMove();
    }

    /// @notice Lets time pass: mostly a little, sometimes weeks.
    function wait(uint32 much) external {
        time += much % 5 == 0 ? much % 40 days : much % 2 hours;
        vm.warp(time);
        afterMove();
    }

    function afterMove() internal virtual {}

    function attempt(uint256 key, address target, bytes memory data, bool legal, string memory what) internal {
        attemptAs(vm.addr(key), target, data, legal, what);
    }

    function attemptAs(address account, address target, bytes memory data, bool legal, string memory what) internal {
        vm.prank(account);
        (bool success, ) = target.call(data);
        equal(success, legal, what);
    }
}

/// @notice Tells the runner what to call.
abstract contract Targets {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = _target();
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector({addr: _target(), selectors: _selectors()});
    }

    function _target() internal view virtual returns (address);

    function _selectors() internal view virtual returns (bytes4[] memory);
}
