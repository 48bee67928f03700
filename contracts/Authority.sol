// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

/// @title Authority
/// @notice OpenZeppelin's AccessManager, in which nobody can come to act without the delay of the deployment, whoever
/// administers it. Two roles need not wait: what they may do was fixed at deployment, and only ends something.
/// @dev Roles but these two: members wait at least `minimumDelay`. No account but the authority's ever had one.
contract Authority is AccessManager {
    /// @notice Which role a function takes, in whichever contract it is.
    struct Assignment {
        bytes4 selector;
        uint64 roleId;
    }

    /// @notice May suspend an institution, at once.
    uint64 public constant SUSPENDING = 2;
    /// @notice May end a break-glass by its review, at once.
    uint64 public constant REVIEWING = 4;

    /// @notice How long everybody with another role waits at least, in seconds.
    uint32 public immutable minimumDelay;

    mapping(bytes4 selector => uint64 roleId) private _assigned;

    /// @notice Thrown when a role was to be given with less than the minimum delay, both in seconds.
    error DelayTooShort(uint64 roleId, uint32 delay, uint32 minimum);

    /// @param account The authority's. It gets the administrator's role and every one that is assigned.
    /// @param delay How long it waits between announcing and doing, in seconds: the minimum for everybody, for ever.
    /// @param assignments For ever, too. Other functions are the administrator's, until it gives them to another role.
    constructor(address account, uint32 delay, Assignment[] memory assignments) AccessManager(account) {
        // Until here the minimum is zero, so that the base's constructor could make an administrator.
        minimumDelay = delay;
        _grantRole(ADMIN_ROLE, account, 0, delay);
        for (uint256 i = 0; i < assignments.length; ++i) {
            (bytes4 selector, uint64 roleId) = (assignments[i].selector, assignments[i].roleId);
            _assigned[selector] = roleId;
            _grantRole(roleId, account, 0, _waits(roleId) ? delay : 0);
        }
    }

    /// @notice Refused: contracts keep this authority, since another one might not wait.
    function updateAuthority(address, address) public pure override {
        revert AccessManagerLockedFunction(IAccessManaged.setAuthority.selector);
    }

    /// @inheritdoc AccessManager
    function canCall(
        address caller,
        address target,
        bytes4 selector
    ) public view override returns (bool immediate, uint32 delay) {
        if (selector == IAccessManaged.setAuthority.selector) return (false, 0);

        return super.canCall(caller, target, selector);
    }

    /// @inheritdoc AccessManager
    function getTargetFunctionRole(address target, bytes4 selector) public view override returns (uint64) {
        uint64 assigned = _assigned[selector];

        return assigned == ADMIN_ROLE ? super.getTargetFunctionRole(target, selector) : assigned;
    }

    function _grantRole(
        uint64 roleId,
        address account,
        uint32 grantDelay,
        uint32 executionDelay
    ) internal override returns (bool) {
        if (executionDelay < minimumDelay && _waits(roleId)) {
            revert DelayTooShort(roleId, executionDelay, minimumDelay);
        }

        return super._grantRole(roleId, account, grantDelay, executionDelay);
    }

    /// @dev Whoever needn't wait administers no role.
    function _setRoleAdmin(uint64 roleId, uint64 admin) internal override {
        if (!_waits(admin)) revert AccessManagerLockedRole(admin);

        super._setRoleAdmin(roleId, admin);
    }

    /// @dev Whoever needn't wait gets no further function.
    function _setTargetFunctionRole(address target, bytes4 selector, uint64 roleId) internal override {
        if (_assigned[selector] != ADMIN_ROLE) revert AccessManagerLockedFunction(selector);
        if (!_waits(roleId)) revert AccessManagerLockedRole(roleId);

        super._setTargetFunctionRole(target, selector, roleId);
    }

    /// @dev Everybody has the public role, without delay.
    function _waits(uint64 roleId) private pure returns (bool) {
        return roleId != SUSPENDING && roleId != REVIEWING && roleId != PUBLIC_ROLE;
    }
}
