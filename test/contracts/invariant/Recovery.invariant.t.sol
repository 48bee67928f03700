// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {AccountScope, Settings} from "../../../contracts/types/Participant.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {vm} from "../helpers/Vm.sol";
import {Targets} from "./Handler.sol";
import {RecoveryMoves} from "./RecoveryMoves.sol";

/// @notice What whoever holds a key can do, owner or thief: accounts, keys, guardians, settings, epochs.
contract RecoveryHandler is RecoveryMoves {
    struct Seen {
        uint256 frozenUntil;
        uint256 accountEpoch;
        uint256 accounts;
        uint256 counters;
        bytes32 document;
        bytes32 guardians;
        Settings settings;
    }

    mapping(uint256 id => Seen) private _seen;
    mapping(uint256 key => bool) private _dead;

    function addAccount(uint256 key, uint256 joining, bool withSig, uint8 fault) external move {
        (key, joining) = (_actor(key), _pool(joining));
        uint256 p = _actsFor(key);
        uint32 epoch = _epoch(p, 0);
        uint48 deadline = _deadline(fault);
        bytes32 hash = RegistrarData.addition(uint40(p), vm.addr(joining), _epoch(p, fault), deadline);
        Authorization memory joins = _signed(joining, fault, deadline, hash);
        hash = RegistrarData.invitation(
            uint40(p),
            vm.addr(joining),
            "owner",
            epoch + (fault % 16 == 4 ? 1 : 0),
            deadline
        );
        Authorization memory invites = _signed(key, 0, deadline, hash);
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.addAccountWithSig, (AccountScope.OWNER, joins, invites))
                : abi.encodeCall(registrar.addAccount, (AccountScope.OWNER, joins));
        bool legal = p != 0 && !_isFrozen(p) && _isIntact(fault) && !(withSig && fault % 16 == 4);
        legal = legal && _keys[joining].id == 0;
        attempt(withSig ? 3 : key, address(registrar), data, legal, "add an account");
        if (legal) _keys[joining] = Key(p, _subjects[p].accountEpoch, 0);
    }

    function retireAccount(uint256 key, uint256 other, bool withSig, uint8 fault) external move {
        (key, other) = (_actor(key), other % 3 == 0 ? _pool(other) : _actor(other));
        uint256 p = _actsFor(key);
        uint48 deadline = _deadline(fault);
        bytes32 hash = RegistrarData.retirement(uint40(p), vm.addr(other), _epoch(p, fault), deadline);
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.retireAccountWithSig, (vm.addr(other), _signed(key, fault, deadline, hash)))
                : abi.encodeCall(registrar.retireAccount, (vm.addr(other)));
        bool legal = p != 0 && (!withSig || _isIntact(fault));
        legal = legal && _actsFor(other) == p && _keys[other].retiresAt == 0;
        attempt(withSig ? 3 : key, address(registrar), data, legal, "retire an account");
        if (!legal) return;
        _keys[other].retiresAt = time + 30 days;
        ++_subjects[p].signatureEpoch;
    }

    function keepAccount(uint256 key, uint256 other, bool withSig, uint8 fault) external move {
        (key, other) = (_actor(key), other % 3 == 0 ? _pool(other) : _actor(other));
        uint256 p = _actsFor(key);
        uint48 deadline = _deadline(fault);
        bytes32 hash = RegistrarData.keeping(uint40(p), vm.addr(other), _epoch(p, fault), deadline);
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.keepAccountWithSig, (vm.addr(other), _signed(key, fault, deadline, hash)))
                : abi.encodeCall(registrar.keepAccount, (vm.addr(other)));
        bool legal = p != 0 && !_isFrozen(p) && (!withSig || _isIntact(fault));
        legal = legal && _actsFor(other) == p && _keys[other].retiresAt != 0;
        attempt(withSig ? 3 : key, address(registrar), data, legal, "keep an account");
        if (!legal) return;
        _keys[other].retiresAt = 0;
        ++_subjects[p].signatureEpoch;
    }

    function changeKey(uint256 key, uint8 document, bool withSig, uint8 fault) external move {
        key = _actor(key);
        uint256 p = _actsFor(key);
        bytes32 next = bytes32(uint256(document % 8));
        uint48 deadline = _deadline(fault);
        uint16 version = uint16(_subjects[p].keyVersion + (fault % 16 == 4 ? 2 : 1));
        bytes32 hash = RegistrarData.keyChange(uint40(p), next, version, _epoch(p, fault), deadline);
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.changeKeyWithSig, (next, _signed(key, fault, deadline, hash)))
                : abi.encodeCall(registrar.changeKey, (next));
        bool legal = p != 0 && next != 0 && !_isFrozen(p) && _subjects[p].nextDocumentFrom == 0;
        legal = legal && (!withSig || (_isIntact(fault) && fault % 16 != 4));
        attempt(withSig ? 3 : key, address(registrar), data, legal, "change the key");
        if (legal) (_subjects[p].nextDocument, _subjects[p].nextDocumentFrom) = (uint256(next), time + 2 days);
    }

    function cancelKeyChange(uint256 key) external move {
        key = _actor(key);
        uint256 p = _actsFor(key);
        bool legal = p != 0 && _subjects[p].nextDocumentFrom != 0;
        attempt(key, address(registrar), abi.encodeCall(registrar.cancelKeyChange, ()), legal, "cancel a change");
        if (!legal) return;
        _subjects[p].nextDocumentFrom = 0;
        ++_subjects[p].signatureEpoch;
    }

    function changeGuardians(uint256 key, uint256 set, bool withSig, uint8 fault) external move {
        (key, set) = (_actor(key), set % (SETS + 3));
        // Those that make a recovery possible come more often.
        if (set >= SETS) set -= SETS - 1;
        uint256 p = _actsFor(key);
        uint48 deadline = _deadline(fault);
        bytes32 digest = _digest(p, set);
        bytes32 hash = RegistrarData.guardianChange(uint40(p), digest, _epoch(p, fault), deadline);
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.changeGuardiansWithSig, (digest, _signed(key, fault, deadline, hash)))
                : abi.encodeCall(registrar.changeGuardians, (digest));
        bool legal = p != 0 && !_isFrozen(p) && (!withSig || _isIntact(fault));
        attempt(withSig ? 3 : key, address(registrar), data, legal, "change guardians");
        if (!legal) return;

        Subject storage s = _subjects[p];
        ++s.signatureEpoch;
        uint256 minute = (time / 60) * 60;
        if (s.guardians == 0) (s.guardians, s.guardiansSince) = (set, minute);
        else if (s.guardians == set) s.nextGuardiansFrom = 0;
        else (s.nextGuardians, s.nextGuardiansFrom) = (set, minute + 30 days + 60);
    }

    function changeSettings(uint256 key, Settings memory next, bool withSig, uint8 fault) external move {
        key = _actor(key);
        uint256 p = _actsFor(key);
        Subject storage s = _subjects[p];
        next.longestGrant %= 4;
        uint8 mask = CategoryMask.unwrap(next.emergency) % 16;
        next.emergency = CategoryMask.wrap(mask);
        uint48 deadline = _deadline(fault);
        bytes32 hash = RegistrarData.settings(
            uint40(p),
            next.knownOnly,
            next.longestGrant,
            mask,
            _epoch(p, fault),
            deadline
        );
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.changeSettingsWithSig, (_id(p), next, _signed(key, fault, deadline, hash)))
                : abi.encodeCall(registrar.changeSettings, (_id(p), next));
        bool legal = p != 0 && (!withSig || _isIntact(fault));
        legal = legal && (!_isFrozen(p) || _isNarrower(next, registrar.settingsOf(_id(p))));
        attempt(withSig ? 3 : key, address(registrar), data, legal, "change settings");
        if (!legal) return;
        (s.knownOnly, s.longestGrant, s.emergency) = (next.knownOnly, next.longestGrant, mask);
        ++s.signatureEpoch;
    }

    function startEpoch(uint256 key, bool everything, bool withSig, uint8 fault) external move {
        key = _actor(key);
        uint256 p = _actsFor(key);
        Subject storage s = _subjects[p];
        uint48 deadline = _deadline(fault);
        uint32 access = uint32(s.accessEpoch + (fault % 16 == 1 ? 1 : 0));
        bytes32 hash =
            everything
                ? RegistrarData.fullRevocation(uint40(p), access, deadline)
                : RegistrarData.cancellation(uint40(p), _epoch(p, fault), deadline);
        Authorization memory authorization = _signed(key, fault, deadline, hash);
        bytes memory data =
            withSig
                ? everything
                    ? abi.encodeCall(registrar.revokeAllWithSig, (_id(p), authorization))
                    : abi.encodeCall(registrar.cancelSignaturesWithSig, (authorization))
                : everything
                    ? abi.encodeCall(registrar.revokeAll, (_id(p)))
                    : abi.encodeCall(registrar.cancelSignatures, ());
        bool legal = p != 0 && (!withSig || _isIntact(fault));
        attempt(withSig ? 3 : key, address(registrar), data, legal, "start an epoch");
        if (!legal) return;
        ++s.signatureEpoch;
        if (everything) ++s.accessEpoch;
    }

    /// @dev Goes to where something is about to change, a second before or after or right then.
    function waitForIt(uint256 p, uint256 s, uint8 what, uint8 off) external {
        p = _subject(p);
        s = _starter(p, s);
        uint256 moment = [
            _attempts[p][s].ends,
            _subjects[p].nextGuardiansFrom,
            _subjects[p].nextDocumentFrom,
            _keys[_pool(s + p)].retiresAt
        ][what % 4];
        if (what % 16 > 4) moment = _attempts[p][s].from;
        if (moment > time) time = moment - (off % 4 == 0 ? 1 : 0) + (off % 4 == 1 ? 1 : 0);
        vm.warp(time);
        afterMove();
    }

    /// @dev Mostly hours, sometimes days, seldom weeks: a recovery lasts days.
    function pass(uint32 much) external {
        time +=
            much %
            (
                much % 40 == 0
                    ? 40 days
                    : much % 5 == 0
                        ? 3 days
                        : 5 hours
            );
        vm.warp(time);
        afterMove();
    }

    /// @dev Properties 3, 5 and 6, from one look to the next.
    function afterMove() internal override {
        settle();
        for (uint256 p = 1; p <= SUBJECTS; ++p) {
            Seen memory now_ = _look(p);
            Seen storage before = _seen[p];
            check(now_.counters >= before.counters && now_.accountEpoch >= before.accountEpoch, "counters only grow");
            // It was frozen then, and this freeze or one that followed on it lasts; no recovery came between.
            if (time < before.frozenUntil && now_.accountEpoch == before.accountEpoch) {
                check(now_.accounts | before.accounts == before.accounts, "no account joins or comes back");
                equal(now_.document, before.document, "the key stays");
                equal(now_.guardians, before.guardians, "the guardians stay");
                check(_isNarrower(now_.settings, before.settings), "settings only become narrower");
            }
            _seen[p] = now_;
        }
        for (uint256 i = 0; i < POOL; ++i) _checkDead(_pool(i));
    }

    function _checkDead(uint256 key) private {
        uint256 id = raw(registrar.participantOf(vm.addr(key)));
        if (id != 0) {
            // The account epoch in which it acts is the one that a recovery gave it.
            check(!_dead[key] || registrar.accountOf(vm.addr(key)).epoch > 0, "the dead stay dead without a recovery");
            if (_dead[key]) check(_keys[key].epoch == _subjects[id].accountEpoch, "recovered");
        }
        _dead[key] = id == 0 && _keys[key].id != 0;
    }

    function _look(uint256 p) private view returns (Seen memory seen) {
        seen.frozenUntil = uint256(registrar.participant(_id(p)).frozenUntil) * 1 hours;
        seen.accountEpoch = registrar.participant(_id(p)).accountEpoch;
        for (uint256 i = 0; i < POOL; ++i) {
            if (raw(registrar.participantOf(vm.addr(_pool(i)))) == p) seen.accounts |= 1 << i;
        }
        (uint32 access, uint32 signature) = registrar.epochsOf(_id(p));
        seen.counters = uint256(access) + signature + registrar.keyVersionOf(_id(p));
        seen.document = registrar.keyDocumentOf(_id(p));
        seen.guardians = registrar.guardiansOf(_id(p));
        seen.settings = registrar.settingsOf(_id(p));
    }

    function _isNarrower(Settings memory next, Settings memory current) private pure returns (bool) {
        (uint256 longest, uint256 before) = (next.longestGrant, current.longestGrant);
        uint8 added = CategoryMask.unwrap(next.emergency) & ~CategoryMask.unwrap(current.emergency);
        bool shorter = longest == before || (longest != 0 && (before == 0 || longest < before));
        return shorter && added == 0 && (next.knownOnly || !current.knownOnly);
    }

    function _epoch(uint256 p, uint8 fault) private view returns (uint32) {
        return uint32(_subjects[p].signatureEpoch + (fault % 16 == 1 ? 1 : 0));
    }
}

contract RecoveryInvariant is Targets {
    RecoveryHandler private handler;

    function setUp() public {
        handler = new RecoveryHandler();
    }

    /// @notice Properties 1, 3, 4, 5, 6 and 18.
    function invariant_equalsTheModel() public {
        handler.checkModel();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](20);
        // The moves that a recovery consists of come more often, so that many of them come to an end.
        (selectors[0], selectors[1]) = (RecoveryMoves.start.selector, RecoveryMoves.start.selector);
        (selectors[2], selectors[3]) = (RecoveryMoves.approve.selector, RecoveryMoves.approve.selector);
        (selectors[4], selectors[5]) = (RecoveryMoves.execute.selector, RecoveryMoves.execute.selector);
        (selectors[6], selectors[7]) = (RecoveryMoves.execute.selector, RecoveryMoves.veto.selector);
        (selectors[8], selectors[9]) = (RecoveryHandler.waitForIt.selector, RecoveryHandler.waitForIt.selector);
        (selectors[10], selectors[11]) = (RecoveryHandler.waitForIt.selector, RecoveryHandler.pass.selector);
        selectors[12] = RecoveryHandler.addAccount.selector;
        selectors[13] = RecoveryHandler.retireAccount.selector;
        selectors[14] = RecoveryHandler.keepAccount.selector;
        selectors[15] = RecoveryHandler.changeKey.selector;
        selectors[16] = RecoveryHandler.cancelKeyChange.selector;
        selectors[17] = RecoveryHandler.changeGuardians.selector;
        selectors[18] = RecoveryHandler.changeSettings.selector;
        selectors[19] = RecoveryHandler.startEpoch.selector;
    }
}
