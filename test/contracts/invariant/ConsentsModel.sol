// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {Category, CategoryMask} from "../../../contracts/types/Category.sol";
import {Roles} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../../contracts/types/Purpose.sol";
import {ConsentData} from "../helpers/ConsentData.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {TypedData} from "../helpers/TypedData.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler} from "./Handler.sol";

/// @notice A plain model of who may see what. It knows no words, lanes or keys: it is tables that revocations empty.
/// @dev 1 and 2 are patients, each the other's guardian together with 3; 3 a person and the parent of 7, a child; 4 a
/// provider, 5 a provider with emergency care, 6 an insurer with emergency care. A participant's key is its number, and
/// another one after a recovery.
abstract contract ConsentsModel is Handler {
    struct Power {
        bool approving;
        uint8 granting;
        uint8 viewing;
        uint256 until;
        uint256 version;
    }

    struct Glass {
        uint256 number;
        uint256 until;
        uint8 categories;
    }

    uint256 internal constant PARTICIPANTS = 7;
    uint256 internal constant CHILD = 7;
    uint256 internal constant PARENT = 3;
    uint256 internal constant PURPOSES = 3;
    /// @dev The parent's power ends with the year 2027.
    uint256 internal constant MAJORITY = 1_830_297_600;

    mapping(bytes32 question => uint256 until) internal _until;
    mapping(uint256 patient => uint256) internal _accessEpochs;
    mapping(uint256 patient => uint256) internal _signatureEpochs;
    mapping(uint256 patient => mapping(uint256 viewer => uint256)) internal _generations;
    /// @dev Writes of a word, since the last revocation of its viewer or of everything.
    mapping(uint256 patient => mapping(uint256 viewer => mapping(bytes32 scope => uint256))) internal _writes;
    mapping(uint256 patient => mapping(uint256 viewer => mapping(bytes32 scope => bytes32 digest)))
        internal _constraints;
    mapping(uint256 patient => mapping(uint256 delegate => Power)) internal _powers;
    mapping(uint256 patient => mapping(uint256 responder => Glass)) internal _glasses;
    mapping(uint256 patient => uint8 categories) internal _policies;
    mapping(uint256 patient => uint256 days_) internal _longest;
    mapping(uint256 patient => uint256) internal _frozenUntil;
    mapping(uint256 patient => mapping(uint256 provider => bool)) internal _active;
    mapping(uint256 id => uint256) internal _licensedUntil;
    mapping(uint256 id => uint256) internal _suspendedUntil;
    mapping(uint256 id => uint256 key) internal _keyOf;
    uint256 internal _lastPatient = 1;
    uint256 internal _lastViewer = 2;

    constructor() {
        for (uint256 i = 1; i <= 3; ++i) person(i);
        for (uint256 i = 4; i <= 6; ++i) {
            institution(i, _name(i), _roles(i));
            _licensedUntil[i] = START + YEAR;
        }
        bytes32 hash = RegistrarData.childRegistration(4, 3, KEY_DOCUMENT, "a child", 2027, DEADLINE);
        Authorization memory clinic = signed(4, DEADLINE, hash);
        vm.prank(vm.addr(PARENT));
        registrar.registerChild(KEY_DOCUMENT, "a child", 2027, clinic);
        for (uint256 i = 1; i <= 6; ++i) _keyOf[i] = i;
        _powers[CHILD][PARENT].version = 1;
        (_policies[1], _policies[2], _policies[3], _policies[CHILD]) = (3, 3, 3, 3);
    }

    /// @dev Property 11. Asks about whom the last move was, and about a rotating part of everybody else.
    function checkModel() external {
        vm.warp(time);
        uint256 turn = uint256(keccak256(abi.encode(time, _lastPatient, _lastViewer)));
        _compare(_lastPatient, _lastViewer, turn);
        _compare(_patient(turn), _anybody(turn / 8), turn / 64);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 p = _patient(i);
            equal(accessEpochOf(_id(p)), _accessEpochs[p], "access epoch");
            equal(signatureEpochOf(_id(p)), _signatureEpochs[p], "signature epoch");
            equal(consents.generationOf(_id(p), _id(_lastViewer)), _generations[p][_lastViewer], "generation");
        }
    }

    function _compare(uint256 p, uint256 v, uint256 turn) private view {
        for (uint256 i = 0; i < 4 * PURPOSES; ++i) {
            uint256 s = _steward(p, i / PURPOSES);
            bytes32 digest = consents.constraintOf(_id(p), _id(v), _purpose(i), _id(s));
            equal(digest, _constraints[p][v][_scope(s, _purpose(i))], "constraint");
            for (uint256 c = turn % 4; c < 8; c += 3) {
                bool answer = consents.canView(_id(p), _id(s), _id(v), Category(c), _purpose(i));
                equal(answer, _mayView(p, s, v, c, i % PURPOSES), "canView");
            }
        }
    }

    // Questions to the model

    function _mayView(uint256 p, uint256 s, uint256 v, uint256 c, uint256 purpose) private view returns (bool) {
        if (v == p) return true;
        if (v == s && _active[p][s] && _isLive(s) && s != 6) return true;
        if ((_powerOf(p, v).viewing >> c) & 1 == 1) return true;
        if (_isInstitution(v) && !_isLive(v)) return false;
        if (time < _until[_question(p, v, s, purpose, c)] || time < _until[_question(p, v, 0, purpose, c)]) return true;
        Glass storage glass = _glasses[p][v];
        uint8 admitted = glass.categories & _policies[p];
        return purpose == 1 && time < glass.until && (admitted >> c) & 1 == 1;
    }

    function _powerOf(uint256 p, uint256 v) internal view returns (Power memory power) {
        power = _powers[p][v];
        if (time < power.until) return power;
        return _isParent(p, v) ? Power(true, 0xFF, 0xFF, MAJORITY, 0) : Power(false, 0, 0, 0, power.version);
    }

    /// @dev By the issuer's word: nobody's to dismiss, and not to resign from.
    function _isParent(uint256 p, uint256 v) internal view returns (bool) {
        return p == CHILD && v == PARENT && _keyOf[CHILD] == 0 && time < MAJORITY;
    }

    /// @dev What a grant must be, whoever gives it.
    function _isGrantable(uint256 p, IConsents.Grant memory g) internal view returns (bool) {
        uint256 v = raw(g.viewer);
        uint8 categories = CategoryMask.unwrap(g.categories);
        bool sensitive = categories >= 64 && raw(g.steward) == 0 && !g.sensitiveFromAnySteward;
        uint256 longest = _longest[p] == 0 ? 3650 : _longest[p];
        bool term = (g.until / 60) * 60 > time && g.until <= time + longest * 1 days;
        return v != p && (!_isInstitution(v) || _isLive(v)) && categories != 0 && !sensitive && term && !_isFrozen(p);
    }

    /// @dev Property 14: what a delegate may grant, within mask and term, not for research and not to itself.
    function _isGrantableFor(uint256 p, uint256 d, IConsents.Grant memory g) internal view returns (bool) {
        if (d == p) return _isGrantable(p, g);
        Power memory power = _powerOf(p, d);
        bool within = power.granting != 0 && CategoryMask.unwrap(g.categories) & ~power.granting == 0;
        within = within && raw(g.viewer) != d;
        return within && g.until <= power.until && g.purpose != Purpose.HRESCH && !_isFrozen(d) && _isGrantable(p, g);
    }

    /// @dev A delegate doesn't change what a grant says about categories that it doesn't name.
    function _isConstrainableBy(uint256 p, uint256 d, IConsents.Grant memory g) internal view returns (bool) {
        if (g.purpose == Purpose.HRESCH || !_isGrantableFor(p, d, g)) return false;
        if (d == p) return true;
        for (uint256 c = 0; c < 8; ++c) {
            uint256 until = _until[_question(p, raw(g.viewer), raw(g.steward), uint256(g.purpose), c)];
            if (time < until && !g.categories.has(c)) return false;
        }
        return true;
    }

    function _isFrozen(uint256 p) internal view returns (bool) {
        return time < _frozenUntil[p];
    }

    function _isLive(uint256 id) internal view returns (bool) {
        return time < _licensedUntil[id] && time >= _suspendedUntil[id];
    }

    function _writesOf(uint256 p, uint256 v, uint256 s, Purpose purpose) internal view returns (uint256) {
        return _writes[p][v][_scope(s, purpose)];
    }

    // What happens in the model

    function _write(uint256 p, IConsents.Grant memory g, bool granted) internal {
        (uint256 v, uint256 s) = (raw(g.viewer), raw(g.steward));
        uint256 index = g.purpose == Purpose.HRESCH ? 2 : uint256(g.purpose);
        for (uint256 c = 0; c < 8; ++c) {
            if (g.categories.has(c)) _until[_question(p, v, s, index, c)] = granted ? (g.until / 60) * 60 : 0;
        }
        _writes[p][v][_scope(s, g.purpose)] += granted ? 1 : 2;
        (_lastPatient, _lastViewer) = (p, v);
    }

    function _constrain(uint256 p, IConsents.Grant memory g, bytes32 digest) internal {
        _constraints[p][raw(g.viewer)][_scope(raw(g.steward), g.purpose)] = digest;
    }

    function _emptyViewer(uint256 p, uint256 v) internal {
        for (uint256 i = 0; i < 4 * PURPOSES; ++i) {
            uint256 s = _steward(p, i / PURPOSES);
            bytes32 scope = _scope(s, _purpose(i));
            // Nothing was written there: nothing to empty.
            if (_writes[p][v][scope] == 0) continue;
            _writes[p][v][scope] = 0;
            _constraints[p][v][scope] = 0;
            for (uint256 c = 0; c < 8; ++c) _until[_question(p, v, s, i % PURPOSES, c)] = 0;
        }
        _glasses[p][v].until = 0;
        (_lastPatient, _lastViewer) = (p, v);
    }

    /// @dev Property 12.
    function _emptyAll(uint256 p) internal {
        ++_accessEpochs[p];
        ++_signatureEpochs[p];
        for (uint256 v = 1; v <= PARTICIPANTS; ++v) {
            _emptyViewer(p, v);
            _powers[p][v].until = 0;
        }
    }

    // Signatures

    /// @dev Fault 1 is another name, 2 another signer, 3 a deadline that passed, 4 another counter.
    function _isIntact(uint8 fault) internal pure returns (bool) {
        return fault % 16 == 0 || fault % 16 > 4;
    }

    function _deadline(uint8 fault) internal view returns (uint48) {
        return uint48(fault % 16 == 3 ? time - 1 : time);
    }

    function _sign(
        uint256 key,
        uint8 fault,
        uint48 deadline,
        bytes32 hash
    ) internal view returns (Authorization memory a) {
        a = sign(fault % 16 == 2 ? 97 : key, deadline, address(consents), hash);
        a.account = vm.addr(key);
    }

    /// @dev What a signature names: the patient's signature epoch, and of a delegate's the delegate's as well.
    function _epochFor(uint256 p, uint256 by) internal view returns (uint256) {
        return _signatureEpochs[p] + (by == p ? 0 : _signatureEpochs[by]);
    }

    function _typed(
        uint256 p,
        uint256 key,
        IConsents.Grant memory g,
        uint256 version,
        uint8 fault
    ) internal view returns (ConsentData.Grant memory typed) {
        uint256 v = raw(g.viewer);
        (typed.patient, typed.viewer, typed.steward) = (uint40(p), uint40(v), raw(g.steward));
        typed.viewerName = fault % 16 == 1 ? "another name" : _name(v);
        typed.purpose = TypedData.purpose(uint256(g.purpose));
        typed.categories = CategoryMask.unwrap(g.categories);
        typed.stewardName = raw(g.steward) == 0 ? "every steward" : _name(raw(g.steward));
        typed.sensitiveFromAnySteward = g.sensitiveFromAnySteward;
        typed.until = g.until;
        uint256 epoch = _epochFor(p, raw(registrar.accountOf(vm.addr(key)).id));
        typed.signatureEpoch = uint32(epoch + (fault % 16 == 4 ? 1 : 0));
        typed.generation = uint32(_generations[p][v]);
        typed.version = uint32(version);
    }

    // Inputs

    function _given(
        uint256 p,
        uint256 v,
        uint256 scope,
        uint8 categories,
        uint32 term
    ) internal view returns (IConsents.Grant memory) {
        return
            IConsents.Grant({
                viewer: _id(_anybody(v)),
                purpose: _purpose(scope),
                steward: _id(_steward(p, scope / 8)),
                categories: CategoryMask.wrap(categories),
                sensitiveFromAnySteward: (scope / 32) % 4 != 0,
                until: uint40(term % 13 == 0 ? time : time + (term % (11 * YEAR)) / (term % 3 == 0 ? 1 : 1000))
            });
    }

    function _any(uint256 p, uint256 seed) internal view returns (IConsents.Grant memory) {
        uint256 mixed = uint256(keccak256(abi.encode(seed)));
        return _given(p, mixed, mixed >> 16, uint8(mixed >> 64), uint32(mixed >> 128));
    }

    /// @dev A patient's key: mostly the one that counts, sometimes one that a recovery replaced.
    function _keyFor(uint256 p, uint256 seed) internal view returns (uint256 key, bool alive) {
        key = _keyOf[p] == 0 ? p : _keyOf[p];
        alive = _keyOf[p] != 0;
        if (seed % 8 == 0 && key > 10) return (key - 10, false);
    }

    function _steward(uint256 p, uint256 seed) internal pure returns (uint256) {
        return [uint256(0), 4, 5, p][seed % 4];
    }

    function _purpose(uint256 seed) internal pure returns (Purpose) {
        return [Purpose.TREAT, Purpose.ETREAT, Purpose.HRESCH][seed % PURPOSES];
    }

    function _patient(uint256 seed) internal pure returns (uint256) {
        return [uint256(1), 2, CHILD][seed % 3];
    }

    function _anybody(uint256 seed) internal pure returns (uint256) {
        return 1 + (seed % PARTICIPANTS);
    }

    function _isInstitution(uint256 id) internal pure returns (bool) {
        return id > 3 && id < CHILD;
    }

    function _roles(uint256 id) internal pure returns (Roles) {
        return
            Roles.wrap(
                id == 4
                    ? 1
                    : id == 5
                        ? 17
                        : 18
            );
    }

    function _name(uint256 id) internal pure returns (string memory) {
        if (!_isInstitution(id)) return "";
        return id == 6 ? "an insurer" : "a clinic";
    }

    function _question(uint256 p, uint256 v, uint256 s, uint256 purpose, uint256 c) private pure returns (bytes32) {
        return keccak256(abi.encode(p, v, s, purpose, c));
    }

    function _scope(uint256 s, Purpose purpose) private pure returns (bytes32) {
        return keccak256(abi.encode(s, purpose));
    }

    function _id(uint256 number) internal pure returns (ParticipantId) {
        return ParticipantId.wrap(uint40(number));
    }
}
