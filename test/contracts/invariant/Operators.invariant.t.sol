// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccountScope, PROVIDER} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler, Targets} from "./Handler.sol";

/// @notice Six accounts of one institution that add, retire, keep and freeze each other, beside a plain model.
contract OperatorsHandler is Handler {
    struct Known {
        bool there;
        bool owner;
        uint256 from;
        uint256 until;
    }

    uint256 private constant ACCOUNTS = 6;
    ParticipantId private hospital;
    mapping(uint256 key => Known) private _known;
    bool private _frozen;
    /// @dev Whether an owner that acted was ever retired.
    bool private _retiredAnOwner;

    constructor() {
        hospital = institution(1, "General Hospital", PROVIDER);
        _known[1] = Known(true, true, START, type(uint256).max);
    }

    function add(uint256 by, uint256 joining, bool owner) external atItsTime {
        (by, joining) = (_key(by), _key(joining));
        bytes32 hash = RegistrarData.addition(raw(hospital), vm.addr(joining), signatureEpochOf(hospital), DEADLINE);
        AccountScope scope = owner ? AccountScope.OWNER : AccountScope.OPERATOR;
        bytes memory data = abi.encodeCall(registrar.addAccount, (scope, signed(joining, DEADLINE, hash)));
        bool legal = _owns(by) && !_known[joining].there;
        attempt(by, address(registrar), data, legal, "add an account");
        if (legal) _known[joining] = Known(true, owner, owner ? time + 2 days : time, type(uint256).max);
    }

    function retire(uint256 by, uint256 account) external atItsTime {
        (by, account) = (_key(by), _key(account));
        Known storage k = _known[account];
        bool legal = _owns(by) && k.there && k.until == type(uint256).max;
        bytes memory data = abi.encodeCall(registrar.retireAccount, (vm.addr(account)));
        attempt(by, address(registrar), data, legal, "retire an account");
        if (!legal) return;
        bool standing = k.owner && time >= k.from;
        if (standing) _retiredAnOwner = true;
        k.until = standing ? time + 30 days : time;
    }

    function keep(uint256 by, uint256 account) external atItsTime {
        (by, account) = (_key(by), _key(account));
        Known storage k = _known[account];
        bool legal = _owns(by) && k.there && k.until != type(uint256).max && time < k.until;
        bytes memory data = abi.encodeCall(registrar.keepAccount, (vm.addr(account)));
        attempt(by, address(registrar), data, legal, "keep an account");
        if (legal) k.until = type(uint256).max;
    }

    function freeze(bool thaw) external atItsTime {
        bytes memory data =
            thaw
                ? abi.encodeCall(registrar.thawOperators, (hospital))
                : abi.encodeCall(registrar.freezeOperators, (hospital));
        attemptAs(address(this), address(registrar), data, thaw == _frozen, "freeze or thaw");
        _frozen = !thaw;
    }

    function checkModel() external {
        vm.warp(time);
        bool ownerActs = false;
        for (uint256 key = 1; key <= ACCOUNTS; ++key) {
            bool acts = _acts(key);
            equal(raw(registrar.participantOf(vm.addr(key))), acts ? raw(hospital) : 0, "who acts");
            if (acts && _known[key].owner) {
                ownerActs = true;
                equal(raw(registrar.authenticateOwner(vm.addr(key))), raw(hospital), "an owner");
            }
        }
        check(ownerActs || _retiredAnOwner, "an institution never ends without an owner unless owners retire it");
    }

    function _acts(uint256 key) private view returns (bool) {
        Known storage k = _known[key];
        return k.there && time >= k.from && time < k.until && (k.owner || !_frozen);
    }

    function _owns(uint256 key) private view returns (bool) {
        return _known[key].owner && _acts(key);
    }

    function _key(uint256 seed) private pure returns (uint256) {
        return 1 + (seed % ACCOUNTS);
    }
}

contract OperatorsInvariant is Targets {
    OperatorsHandler private handler;

    function setUp() public {
        handler = new OperatorsHandler();
    }

    /// @notice Property 46.
    function invariant_equalsTheModel() public {
        handler.checkModel();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](5);
        selectors[0] = OperatorsHandler.add.selector;
        selectors[1] = OperatorsHandler.retire.selector;
        selectors[2] = OperatorsHandler.keep.selector;
        selectors[3] = OperatorsHandler.freeze.selector;
        selectors[4] = bytes4(keccak256("wait(uint32)"));
    }
}
