// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {ConsentData} from "../helpers/ConsentData.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {vm} from "../helpers/Vm.sol";
import {ConsentsModel} from "./ConsentsModel.sol";

/// @notice Granting and revoking: directly, by a signature, at once, by a delegate, with a key that is dead, and by a
/// relayer that kept a signature back.
/// @dev Longer than most: a move for every way to write a grant.
abstract contract ConsentsMoves is ConsentsModel {
    struct KeptBack {
        uint256 patient;
        uint256 by;
        uint256 key;
        IConsents.Grant given;
        bool constrained;
        bytes32 digest;
        Authorization authorization;
        bytes32 counters;
    }

    KeptBack[] private _keptBack;

    function grant(uint256 p, uint256 seed, uint256 what, uint8 fault) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _any(p, what);
        (uint256 key, bool alive) = _keyFor(p, seed);
        bool withSig = seed & 64 != 0;
        bytes memory data =
            withSig
                ? abi.encodeCall(consents.grantWithSig, (_id(p), g, _signGrant(p, key, g, fault)))
                : abi.encodeCall(consents.grant, (_id(p), g));
        bool legal = alive && _isGrantable(p, g) && (!withSig || _isIntact(fault));
        attempt(withSig ? 3 : key, address(consents), data, legal, "grant");
        if (legal) _write(p, g, true);
    }

    /// @dev The patient may use it as well; anybody else who isn't a delegate may not.
    function grantFor(uint256 p, uint256 d, uint256 what, uint8 within, uint8 fault) external atItsTime {
        (p, d) = (_patient(p), 1 + (d % 3));
        // Within the mask and the term more often than not.
        IConsents.Grant memory g = _any(p, what);
        if (within % 4 != 0) {
            uint8 granting = _powerOf(p, d).granting;
            g.categories = CategoryMask.wrap(CategoryMask.unwrap(g.categories) & granting);
        }
        if (within % 4 > 1 && g.until > _powerOf(p, d).until) g.until = uint40(_powerOf(p, d).until);
        bool withSig = fault & 64 != 0;
        bytes memory data =
            withSig
                ? abi.encodeCall(consents.grantWithSig, (_id(p), g, _signGrant(p, _keyOf[d], g, fault)))
                : abi.encodeCall(consents.grant, (_id(p), g));
        bool legal = _isGrantableFor(p, d, g) && (!withSig || _isIntact(fault));
        attempt(withSig ? 6 : _keyOf[d], address(consents), data, legal, "grant for another");
        if (legal) _write(p, g, true);
    }

    /// @dev By the patient or a delegate. Property 48: nothing else changes a constraint.
    function grantConstrained(uint256 p, uint256 d, uint256 what, uint8 named, uint8 fault) external atItsTime {
        p = _patient(p);
        uint256 by = d % 2 == 0 || _keyOf[p] == 0 ? 1 + (d % 3) : p;
        IConsents.Grant memory g = _any(p, what);
        if (named % 4 == 0 && by != p) g.categories = CategoryMask.wrap(_powerOf(p, by).granting);
        if (named % 4 < 3) g.until = uint40(time + 1 days);
        bytes32 digest = named % 3 == 0 ? bytes32(0) : keccak256(abi.encode(what));
        bytes memory data = abi.encodeCall(consents.grantConstrained, (_id(p), g, digest));
        bool legal = _isConstrainableBy(p, by, g);
        if (fault & 64 != 0) {
            ConsentData.Grant memory typed = _typed(p, _keyOf[by], g, _version(p, g), fault);
            bytes32 hash = ConsentData.constrainedGrant(typed, digest, _deadline(fault));
            Authorization memory authorization = _sign(_keyOf[by], fault, _deadline(fault), hash);
            data = abi.encodeCall(consents.grantConstrainedWithSig, (_id(p), g, digest, authorization));
            legal = legal && _isIntact(fault);
        }
        attempt(fault & 64 != 0 ? 6 : _keyOf[by], address(consents), data, legal, "constrain a grant");
        if (!legal) return;
        _write(p, g, true);
        _constrain(p, g, digest);
    }

    /// @dev A valid signature of either kind that nobody sends yet, by the patient or a delegate.
    function signAndKeepBack(uint256 p, uint256 d, uint256 v, uint256 scope, uint8 categories) external atItsTime {
        p = _patient(p);
        uint256 by = d % 2 == 0 ? p : 1 + (d % 3);
        IConsents.Grant memory g = _given(p, v, scope, categories, 365 days);
        if (by != p) g.until = uint40(time + 1 days);
        bool constrained = (d / 6) % 2 == 0;
        if (_keyOf[by] == 0 || !(constrained ? _isConstrainableBy(p, by, g) : _isGrantableFor(p, by, g))) return;
        ConsentData.Grant memory typed = _typed(p, _keyOf[by], g, _version(p, g), 0);
        bytes32 digest = (d / 12) % 2 == 0 ? bytes32(0) : keccak256(abi.encode(d));
        bytes32 hash =
            constrained ? ConsentData.constrainedGrant(typed, digest, DEADLINE) : ConsentData.grant(typed, DEADLINE);
        Authorization memory authorization = sign(_keyOf[by], DEADLINE, address(consents), hash);
        _keptBack.push(KeptBack(p, by, _keyOf[by], g, constrained, digest, authorization, _counters(p, by, g)));
    }

    /// @dev Property 12: every revocation, cancellation and recovery since then must have killed it.
    function sendKeptBack(uint256 which) external atItsTime {
        if (_keptBack.length == 0) return;
        KeptBack memory k = _keptBack[which % _keptBack.length];
        bool legal = k.counters == _counters(k.patient, k.by, k.given) && _keyOf[k.by] == k.key;
        legal =
            legal &&
            (k.constrained ? _isConstrainableBy(k.patient, k.by, k.given) : _isGrantableFor(k.patient, k.by, k.given));
        bytes memory data =
            k.constrained
                ? abi.encodeCall(consents.grantConstrainedWithSig, (_id(k.patient), k.given, k.digest, k.authorization))
                : abi.encodeCall(consents.grantWithSig, (_id(k.patient), k.given, k.authorization));
        attempt(6, address(consents), data, legal, "a grant that was kept back");
        if (!legal) return;
        _write(k.patient, k.given, true);
        if (k.constrained) _constrain(k.patient, k.given, k.digest);
    }

    function revokeGrant(uint256 p, uint256 seed, uint256 v, uint256 scope, uint8 categories) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _given(p, v, scope, categories, 0);
        (uint256 key, bool alive) = _keyFor(p, seed);
        bytes memory data = abi.encodeCall(
            consents.revokeGrant,
            (_id(p), g.viewer, g.purpose, g.steward, g.categories)
        );
        bool legal = alive && categories != 0;
        attempt(key, address(consents), data, legal, "revoke a grant");
        if (legal) _write(p, g, false);
    }

    function revokeGrantFor(uint256 p, uint256 d, uint256 v, uint256 scope, uint8 categories) external atItsTime {
        (p, d) = (_patient(p), 1 + (d % 3));
        if (scope % 2 == 0) categories &= _powerOf(p, d).granting;
        IConsents.Grant memory g = _given(p, v, scope, categories, 0);
        uint8 granting = d == p ? 0xFF : _powerOf(p, d).granting;
        bool legal = categories != 0 && categories & ~granting == 0;
        bytes memory data = abi.encodeCall(
            consents.revokeGrant,
            (_id(p), g.viewer, g.purpose, g.steward, g.categories)
        );
        attempt(_keyOf[d], address(consents), data, legal, "revoke a grant for another");
        if (legal) _write(p, g, false);
    }

    /// @dev One write behind still counts, two don't. By the patient or a delegate.
    function revokeGrantWithSig(uint256 p, uint256 seed, uint256 what, uint8 fault) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _any(p, what);
        (uint256 key, bool alive) = _keyFor(p, seed);
        uint256 d = 1 + (seed % 3);
        if (seed % 2 == 0 && d != p) {
            uint8 granting = _powerOf(p, d).granting;
            if (seed % 4 == 0) g.categories = CategoryMask.wrap(CategoryMask.unwrap(g.categories) & granting);
            (key, alive) = (_keyOf[d], CategoryMask.unwrap(g.categories) & ~granting == 0);
        }
        uint256 version = _version(p, g);
        uint256 behind = fault % 16 > 11 ? (fault % 16) - 12 : 0;
        uint32 named = uint32(version > behind ? version - behind : 0);
        bytes memory data = _revokeWithSig(p, key, g, named, fault);
        bool legal = alive && !g.categories.isEmpty() && _isIntact(fault);
        legal = legal && (named == version || named + 1 == version);
        attempt(6, address(consents), data, legal, "revoke a grant with a signature");
        if (legal) _write(p, g, false);
    }

    function revokeViewer(uint256 p, uint256 seed, uint256 v, uint8 how, uint8 fault) external atItsTime {
        (p, v) = (_patient(p), _anybody(v));
        uint256 d = 1 + (seed % 3);
        (uint256 key, bool alive) = _keyFor(p, seed);
        bytes memory data = abi.encodeCall(consents.revokeViewer, (_id(p), _id(v)));
        bool legal = alive;
        if (how % 3 == 1) {
            data = abi.encodeCall(
                consents.revokeViewerWithSig,
                (_id(p), _id(v), _signViewerRevocation(p, v, key, fault))
            );
            (key, legal) = (6, alive && _isIntact(fault));
            if (how % 2 == 0) {
                data = abi.encodeCall(
                    consents.revokeViewerWithSig,
                    (_id(p), _id(v), _signViewerRevocation(p, v, _keyOf[d], fault))
                );
                legal = (d == p || _powerOf(p, d).granting == 0xFF) && _isIntact(fault);
            }
        } else if (how % 3 == 2) {
            data = abi.encodeCall(consents.revokeViewer, (_id(p), _id(v)));
            (key, legal) = (_keyOf[d], d == p || _powerOf(p, d).granting == 0xFF);
        }
        attempt(key, address(consents), data, legal, "revoke a viewer");
        if (!legal) return;
        ++_generations[p][v];
        _emptyViewer(p, v);
    }

    /// @dev The child's parent does it for the child.
    function revokeAll(uint256 p, uint256 seed, bool withSig, uint8 fault) external atItsTime {
        p = _patient(p);
        (uint256 key, bool alive) = _keyFor(p, seed);
        uint48 deadline = _deadline(fault);
        uint32 accessEpoch = uint32(_accessEpochs[p] + (fault % 16 == 1 || fault % 16 == 4 ? 1 : 0));
        bytes32 hash = RegistrarData.fullRevocation(uint40(p), accessEpoch, deadline);
        Authorization memory authorization = signed(fault % 16 == 2 ? 97 : key, deadline, hash);
        authorization.account = vm.addr(key);
        bytes memory data =
            withSig
                ? abi.encodeCall(registrar.revokeAllWithSig, (_id(p), authorization))
                : abi.encodeCall(registrar.revokeAll, (_id(p)));
        bool legal = alive && (!withSig || _isIntact(fault));
        if (p == CHILD && seed % 3 == 0) {
            data = abi.encodeCall(registrar.revokeAll, (_id(CHILD)));
            (key, withSig, legal) = (_keyOf[PARENT], false, !alive && time < MAJORITY);
        }
        attempt(withSig ? 6 : key, address(registrar), data, legal, "revoke all");
        if (legal) _emptyAll(p);
    }

    /// @dev Property 19. Two revocations and two grants, of which one may be refused: then nothing happens.
    function changeAtOnce(
        uint256 p,
        uint256[4] memory seeds,
        uint8 many,
        bool withSig,
        uint8 fault
    ) external atItsTime {
        p = _patient(p);
        (uint256 key, bool alive) = _keyFor(p, seeds[0]);
        (uint256 revoked, uint256 granted) = (many % 3, (many / 3) % 3);
        IConsents.Grant[] memory all = new IConsents.Grant[](revoked + granted);
        for (uint256 i = 0; i < all.length; ++i) {
            all[i] = _any(p, seeds[i]);
            // Mostly as it should be, or else hardly any would go through.
            if (seeds[i] % 16 > 1 && i >= revoked) all[i].until = uint40(time + 1 hours);
        }
        bool legal = alive && all.length != 0 && (!withSig || _isIntact(fault));
        for (uint256 i = 0; i < all.length; ++i) {
            legal = legal && (i < revoked ? !all[i].categories.isEmpty() : _isGrantable(p, all[i]));
        }
        attempt(withSig ? 6 : key, address(consents), _atOnce(p, key, all, revoked, withSig, fault), legal, "at once");
        if (!legal) return;
        for (uint256 i = 0; i < all.length; ++i) _write(p, all[i], i >= revoked);
    }

    function _atOnce(
        uint256 p,
        uint256 key,
        IConsents.Grant[] memory all,
        uint256 revoked,
        bool withSig,
        uint8 fault
    ) private view returns (bytes memory) {
        IConsents.Scope[] memory scopes = new IConsents.Scope[](revoked);
        IConsents.Grant[] memory grants = new IConsents.Grant[](all.length - revoked);
        for (uint256 i = 0; i < all.length; ++i) {
            IConsents.Grant memory g = all[i];
            if (i < revoked) scopes[i] = IConsents.Scope(g.viewer, g.purpose, g.steward, g.categories);
            else grants[i - revoked] = g;
        }
        if (!withSig) return abi.encodeCall(consents.changeConsents, (scopes, grants));
        Authorization memory authorization = _sign(key, fault, _deadline(fault), _hashAll(p, key, all, revoked, fault));
        return abi.encodeCall(consents.changeConsentsWithSig, (scopes, grants, authorization));
    }

    function _hashAll(
        uint256 p,
        uint256 key,
        IConsents.Grant[] memory all,
        uint256 revoked,
        uint8 fault
    ) private view returns (bytes32) {
        ConsentData.Grant[] memory scopes = new ConsentData.Grant[](revoked);
        ConsentData.Grant[] memory grants = new ConsentData.Grant[](all.length - revoked);
        for (uint256 i = 0; i < all.length; ++i) {
            ConsentData.Grant memory typed = _typed(p, key, all[i], _version(p, all[i]), fault);
            if (i < revoked) scopes[i] = typed;
            else grants[i - revoked] = typed;
        }
        uint32 epoch = uint32(_signatureEpochs[p] + (fault % 16 == 4 ? 1 : 0));
        return ConsentData.changes(uint40(p), scopes, grants, epoch, _deadline(fault));
    }

    function _revokeWithSig(
        uint256 p,
        uint256 key,
        IConsents.Grant memory g,
        uint32 named,
        uint8 fault
    ) private view returns (bytes memory) {
        bytes32 hash = ConsentData.grantRevocation(_typed(p, key, g, named, fault), _deadline(fault));
        Authorization memory authorization = _sign(key, fault, _deadline(fault), hash);
        return
            abi.encodeCall(
                consents.revokeGrantWithSig,
                (_id(p), g.viewer, g.purpose, g.steward, g.categories, named, authorization)
            );
    }

    function _signViewerRevocation(
        uint256 p,
        uint256 v,
        uint256 key,
        uint8 fault
    ) private view returns (Authorization memory) {
        uint48 deadline = _deadline(fault);
        uint32 generation = uint32(_generations[p][v] + (fault % 16 == 4 ? 1 : 0));
        string memory name = fault % 16 == 1 ? "another name" : _name(v);
        bytes32 hash = ConsentData.viewerRevocation(uint40(p), uint40(v), name, generation, deadline);
        return _sign(key, fault, deadline, hash);
    }

    function _signGrant(
        uint256 p,
        uint256 key,
        IConsents.Grant memory g,
        uint8 fault
    ) private view returns (Authorization memory) {
        bytes32 hash = ConsentData.grant(_typed(p, key, g, _version(p, g), fault), _deadline(fault));
        return _sign(key, fault, _deadline(fault), hash);
    }

    /// @dev What kills a signature when it moves.
    function _counters(uint256 p, uint256 by, IConsents.Grant memory g) private view returns (bytes32) {
        return keccak256(abi.encode(_epochFor(p, by), _generations[p][raw(g.viewer)], _version(p, g)));
    }

    function _version(uint256 p, IConsents.Grant memory g) private view returns (uint256) {
        return _writesOf(p, raw(g.viewer), raw(g.steward), g.purpose);
    }
}
