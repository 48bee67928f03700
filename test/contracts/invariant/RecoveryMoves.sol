// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../../contracts/types/Authorization.sol";
import {Guardians, Stage} from "../../../contracts/types/Guardians.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {vm} from "../helpers/Vm.sol";
import {RecoveryModel} from "./RecoveryModel.sol";

/// @notice What guardians do, and what the owner and the thief do about it: both have the same keys.
abstract contract RecoveryMoves is RecoveryModel {
    modifier move() {
        vm.warp(time);
        settle();
        _;
        afterMove();
    }

    function start(uint256 p, uint256 g, uint256 account, uint256 set, bool withSig, uint8 fault) external move {
        (p, g) = (_subject(p), _guardian(g));
        set = set % 4 == 0 ? (set / 4) % SETS : _subjects[p].guardians;
        account = account % 11 == 0 ? g : _pool(account);
        uint256 number = _attempts[p][g].number + 1;
        bytes memory data =
            withSig
                ? abi.encodeCall(
                    registrar.startRecoveryWithSig,
                    (_id(p), vm.addr(account), _set(set), _approval(g, p, g, number, account, fault))
                )
                : abi.encodeCall(registrar.startRecovery, (_id(p), vm.addr(account), _set(set)));
        uint256 owner = _keys[account].id;
        bool runs = _set(set).threshold == 1;
        bool legal = (!withSig || _isIntact(fault)) && _stage(p, g) == Stage.None && _isGuarded(p, g, set);
        legal = legal && set != 4 && (owner == 0 || owner == p) && !(runs && _isFrozen(p));
        attempt(withSig ? 3 : g, address(registrar), data, legal, "start");
        if (!legal) return;

        _attempts[p][g] = Attempt(Stage.Collecting, number, 1 << g, account, (time / 60) * 60, 0, 0);
        _attempts[p][g].ends = _attempts[p][g].began + 3 days;
        _advance(p, g);
    }

    function approve(uint256 p, uint256 g, uint256 s, uint256 set, bool withSig, uint8 fault) external move {
        (p, g) = (_subject(p), _guardian(g));
        s = _starter(p, s);
        set = set % 5 == 0 ? (set / 5) % SETS : _subjects[p].guardians;
        Attempt storage a = _attempts[p][s];
        bool legal = (!withSig || _isIntact(fault)) && _stage(p, s) != Stage.None && fault % 16 != 4;
        legal = legal && _isGuarded(p, g, set) && (a.approvals >> g) & 1 == 0;
        bool runs = _stage(p, s) == Stage.Collecting && _countOf(a.approvals) + 1 >= _set(set).threshold;
        legal = legal && !(runs && _isFrozen(p));
        bytes memory data = _approve(p, g, s, set, withSig, fault);
        attempt(withSig ? 3 : g, address(registrar), data, legal, "approve");
        if (!legal) return;

        a.approvals |= 1 << g;
        _advance(p, s);
    }

    function veto(uint256 key, uint256 s, uint256 set, bool withSig, uint8 fault) external move {
        key = _actor(key);
        uint256 p = _actsFor(key);
        s = _starter(p, s);
        set = set % 6 == 0 ? (set / 6) % SETS : _subjects[p].guardians;
        Attempt storage a = _attempts[p][s];
        uint16 number = uint16(a.number + (fault % 16 == 4 ? 1 : 0));
        uint48 deadline = _deadline(fault);
        Authorization memory authorization = _signed(
            key,
            fault,
            deadline,
            RegistrarData.veto(uint40(p), uint40(fault % 16 == 1 ? s + 1 : s), number, deadline)
        );
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.vetoRecoveryWithSig, (_id(s), number, _set(set), authorization))
                : abi.encodeCall(registrar.vetoRecovery, (_id(s), number, _set(set)));
        bool legal = p != 0 && (!withSig || _isIntact(fault)) && number == a.number;
        legal = legal && _stage(p, s) == Stage.Pending && set == _subjects[p].guardians;
        attempt(withSig ? 3 : key, address(registrar), data, legal, "veto");
        if (!legal) return;

        a.stage = Stage.Escalated;
        _freezes(p, a, 3 days);
        _advance(p, s);
        ++_vetoes[p][s][a.number];
    }

    function execute(uint256 p, uint256 s, uint256 set, uint8 document, uint8 fault) external move {
        p = _subject(p);
        s = _starter(p, s);
        set = set % 6 == 0 ? (set / 6) % SETS : _subjects[p].guardians;
        Attempt storage a = _attempts[p][s];
        uint256 doc = document % 3;
        bool legal = _isExecutable(p, s) && _isIntact(fault) && set == _subjects[p].guardians;
        legal = legal && (_keys[a.account].id == 0 || _keys[a.account].id == p);
        Authorization memory acceptance = _acceptance(p, s, doc, fault);
        bytes memory data = abi.encodeCall(
            registrar.executeRecovery,
            (_id(p), _id(s), bytes32(doc), _set(set), acceptance)
        );
        attempt(3, address(registrar), data, legal, "execute");
        if (!legal) return;

        _checkExecution(p, s);
        _recovers(p, a, doc);
    }

    /// @dev How often an attempt was vetoed.
    mapping(uint256 id => mapping(uint256 starter => mapping(uint256 number => uint256))) internal _vetoes;

    /// @dev Properties 4 and 5 once more, said without the model's times.
    function _checkExecution(uint256 p, uint256 s) private view {
        Attempt storage a = _attempts[p][s];
        Guardians memory guardians = _set(_subjects[p].guardians);
        uint256 vetoes = _vetoes[p][s][a.number];
        uint256 approvals;
        for (uint256 i = 0; i < guardians.members.length; ++i) {
            approvals += (a.approvals >> raw(guardians.members[i])) & 1;
        }
        check(vetoes <= 1, "vetoed once at the most");
        check(approvals >= uint256(guardians.threshold) + vetoes, "enough of the present guardians approved");
        check(time >= a.began + (vetoes + 1) * uint256(guardians.delay), "the delay is over");
    }

    function _isExecutable(uint256 p, uint256 s) private view returns (bool) {
        Stage stage = _stage(p, s);
        return (stage == Stage.Pending || stage == Stage.Unstoppable) && time >= _attempts[p][s].from;
    }

    function _isGuarded(uint256 p, uint256 g, uint256 set) private view returns (bool) {
        return set != 0 && set == _subjects[p].guardians && _isMember(g, set);
    }

    function _advance(uint256 p, uint256 s) private {
        Attempt storage a = _attempts[p][s];
        Guardians memory guardians = _set(_subjects[p].guardians);
        uint256 count = _countOf(a.approvals);
        if (a.stage == Stage.Collecting && count >= guardians.threshold) {
            _runs(p, a, Stage.Pending, guardians.delay);
        } else if (a.stage == Stage.Escalated && count > guardians.threshold) {
            _runs(p, a, Stage.Unstoppable, 2 * uint256(guardians.delay));
        }
    }

    function _approve(
        uint256 p,
        uint256 g,
        uint256 s,
        uint256 set,
        bool withSig,
        uint8 fault
    ) private view returns (bytes memory) {
        uint16 number = uint16(_attempts[p][s].number + (fault % 16 == 4 ? 1 : 0));
        if (!withSig) return abi.encodeCall(registrar.approveRecovery, (_id(p), _id(s), number, _set(set)));
        Authorization memory authorization = _approval(g, p, s, number, _attempts[p][s].account, fault);
        return abi.encodeCall(registrar.approveRecoveryWithSig, (_id(p), _id(s), number, _set(set), authorization));
    }

    function _approval(
        uint256 g,
        uint256 p,
        uint256 s,
        uint256 number,
        uint256 account,
        uint8 fault
    ) private view returns (Authorization memory) {
        uint48 deadline = _deadline(fault);
        address newAccount = fault % 16 == 1 ? vm.addr(99) : vm.addr(account == 0 ? 98 : account);
        bytes32 hash = RegistrarData.recoveryApproval(
            uint40(g),
            uint40(p),
            uint40(s),
            uint16(number),
            newAccount,
            deadline
        );
        return _signed(g, fault, deadline, hash);
    }

    function _acceptance(uint256 p, uint256 s, uint256 doc, uint8 fault) private view returns (Authorization memory) {
        Attempt storage a = _attempts[p][s];
        uint256 account = a.account == 0 ? 99 : a.account;
        uint48 deadline = _deadline(fault);
        bytes32 hash = RegistrarData.acceptance(
            uint40(p),
            vm.addr(account),
            bytes32(fault % 16 == 1 ? doc + 1 : doc),
            uint40(s),
            uint16(a.number),
            deadline
        );
        return _signed(account, fault, deadline, hash);
    }

    /// @dev Fault 1 is another field, 2 another signer, 3 a deadline that passed.
    function _isIntact(uint8 fault) internal pure returns (bool) {
        return fault % 16 == 0 || fault % 16 > 3;
    }

    function _deadline(uint8 fault) internal view returns (uint48) {
        return uint48(fault % 16 == 3 ? time - 1 : time);
    }

    function _signed(
        uint256 key,
        uint8 fault,
        uint48 deadline,
        bytes32 hash
    ) internal view returns (Authorization memory authorization) {
        authorization = signed(fault % 16 == 2 ? 97 : key, deadline, hash);
        authorization.account = vm.addr(key);
    }

    function _subject(uint256 seed) internal pure returns (uint256) {
        return 1 + (seed % SUBJECTS);
    }

    function _guardian(uint256 seed) internal pure returns (uint256) {
        return FIRST_GUARDIAN + (seed % (PEOPLE - FIRST_GUARDIAN + 1));
    }
}
