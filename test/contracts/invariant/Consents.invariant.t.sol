// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {IPatientProviderRelationships as IPPR} from "../../../contracts/interfaces/IPatientProviderRelationships.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {Category, CategoryMask} from "../../../contracts/types/Category.sol";
import {PAYER, PROVIDER, Roles} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../../contracts/types/Purpose.sol";
import {TypedData} from "../helpers/TypedData.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler, Targets} from "./Handler.sol";

/// @notice Two patients, two providers, an insurer and a stranger, an authority that does what it likes, and a relayer
/// that keeps signatures back; beside it, a plain model of who may see what.
/// @dev Longer than most: the runner knows only contracts of test files, so moves and model stand in one.
/// Participants 1 and 2 are patients, 3 a person, 4 and 5 providers, 6 an insurer; a participant's key is its
/// number. The model knows no words, lanes, epochs or keys: it is a table of expiries that revocations empty.
contract ConsentsHandler is Handler {
    struct KeptBack {
        uint256 patient;
        IConsents.Grant given;
        Authorization authorization;
        uint256 reductions;
        uint256 writes;
    }

    uint256 private constant PARTICIPANTS = 6;
    uint256 private constant PURPOSES = 2;

    mapping(bytes32 question => uint256 until) private _until;
    mapping(uint256 patient => uint256) private _accessEpochs;
    mapping(uint256 patient => mapping(uint256 viewer => uint256)) private _generations;
    /// @dev Writes of a word, since the last revocation of its viewer or of everything.
    mapping(uint256 patient => mapping(uint256 viewer => mapping(bytes32 scope => uint256))) private _writes;
    mapping(uint256 patient => mapping(uint256 provider => bool)) private _active;
    mapping(uint256 id => uint256) private _licensedUntil;
    mapping(uint256 id => uint256) private _suspendedUntil;
    KeptBack[] private _keptBack;
    uint256 private _lastPatient = 1;
    uint256 private _lastViewer = 2;

    constructor() {
        for (uint256 i = 1; i <= 3; ++i) person(i);
        for (uint256 i = 4; i <= PARTICIPANTS; ++i) {
            institution(i, _name(i), i == 6 ? PAYER : PROVIDER);
            _licensedUntil[i] = START + YEAR;
        }
    }

    // What patients do

    function grant(uint256 p, uint256 v, uint256 scope, uint8 categories, uint32 term) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _given(v, scope, categories, term);
        bool legal = _isGrantable(p, g);
        attempt(p, address(consents), abi.encodeCall(consents.grant, (g)), legal, "grant");
        if (legal) _granted(p, g);
    }

    function grantWithSig(
        uint256 p,
        uint256 v,
        uint256 scope,
        uint8 categories,
        uint32 term,
        uint8 fault
    ) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _given(v, scope, categories, term);
        Authorization memory signed = _signGrant(p, g, fault);
        bool legal = _isGrantable(p, g) && _isIntact(fault);
        attempt(
            3,
            address(consents),
            abi.encodeCall(consents.grantWithSig, (g, signed)),
            legal,
            "grant with a signature"
        );
        if (legal) _granted(p, g);
    }

    /// @dev A valid signature that nobody sends yet. Every revocation after it must kill it.
    function signAndKeepBack(uint256 p, uint256 v, uint256 scope, uint8 categories) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _given(v, scope, categories, 4 * 365 days);
        if (!_isGrantable(p, g)) return;
        _keptBack.push(KeptBack(p, g, _signGrant(p, g, 0), _reductions(p, g), _writesOf(p, g)));
    }

    function sendKeptBack(uint256 which) external atItsTime {
        if (_keptBack.length == 0) return;
        KeptBack memory k = _keptBack[which % _keptBack.length];
        bool untouched = k.reductions == _reductions(k.patient, k.given) && k.writes == _writesOf(k.patient, k.given);
        bool legal = untouched && _isGrantable(k.patient, k.given);
        bytes memory data = abi.encodeCall(consents.grantWithSig, (k.given, k.authorization));
        attempt(3, address(consents), data, legal, "a grant that was kept back");
        if (legal) _granted(k.patient, k.given);
    }

    function revokeGrant(uint256 p, uint256 v, uint256 scope, uint8 categories) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _given(v, scope, categories, 0);
        bool legal = categories != 0;
        bytes memory data = abi.encodeCall(consents.revokeGrant, (g.viewer, g.purpose, g.steward, g.categories));
        attempt(p, address(consents), data, legal, "revoke a grant");
        if (legal) _revoked(p, g);
    }

    function revokeGrantWithSig(uint256 p, uint256 v, uint256 scope, uint8 categories, uint8 fault) external atItsTime {
        p = _patient(p);
        IConsents.Grant memory g = _given(v, scope, categories, 0);
        uint256 version = _writesOf(p, g);
        // One write behind still counts, two don't.
        uint256 behind = fault % 16 > 11 ? (fault % 16) - 12 : 0;
        uint32 signed = uint32(version > behind ? version - behind : 0);
        Authorization memory authorization = _signRevocation(p, g, signed, fault);
        bool legal = categories != 0 && _isIntact(fault) && (signed == version || signed + 1 == version);
        bytes memory data = abi.encodeCall(
            consents.revokeGrantWithSig,
            (g.viewer, g.purpose, g.steward, g.categories, signed, authorization)
        );
        attempt(3, address(consents), data, legal, "revoke a grant with a signature");
        if (legal) _revoked(p, g);
    }

    function revokeViewer(uint256 p, uint256 v, bool withSig, uint8 fault) external atItsTime {
        p = _patient(p);
        v = _anybody(v);
        uint48 deadline = uint48(fault % 8 == 3 ? time - 1 : time);
        uint32 generation = uint32(_generations[p][v] + (fault % 8 == 4 ? 1 : 0));
        string memory name = fault % 8 == 1 ? "another name" : _name(v);
        bytes32 hash = TypedData.viewerRevocation(uint40(p), uint40(v), name, generation, deadline);
        Authorization memory signed = sign(fault % 8 == 2 ? 3 : p, deadline, address(consents), hash);
        bytes memory data =
            withSig
                ? abi.encodeCall(consents.revokeViewerWithSig, (_id(v), signed))
                : abi.encodeCall(consents.revokeViewer, (_id(v)));
        bool legal = !withSig || _isIntact(fault);
        // Signed by participant 3 under the patient's id: invalid, and not a revocation of its own either.
        attempt(withSig ? 3 : p, address(consents), data, legal, "revoke a viewer");
        if (!legal) return;
        ++_generations[p][v];
        _emptyViewer(p, v);
    }

    function revokeAll(uint256 p, bool withSig, uint8 fault) external atItsTime {
        p = _patient(p);
        uint48 deadline = uint48(fault % 8 == 3 ? time - 1 : time);
        uint32 accessEpoch = uint32(_accessEpochs[p] + (fault % 8 == 1 || fault % 8 == 4 ? 1 : 0));
        bytes32 hash = TypedData.fullRevocation(uint40(p), accessEpoch, deadline);
        Authorization memory signed = sign(fault % 8 == 2 ? 3 : p, deadline, address(consents), hash);
        bytes memory data =
            withSig ? abi.encodeCall(consents.revokeAllWithSig, (signed)) : abi.encodeCall(consents.revokeAll, ());
        bool legal = !withSig || _isIntact(fault);
        attempt(withSig ? 3 : p, address(consents), data, legal, "revoke all");
        if (!legal) return;
        ++_accessEpochs[p];
        for (uint256 v = 1; v <= PARTICIPANTS; ++v) _emptyViewer(p, v);
    }

    // What happens around them

    function beginOrEndRelationship(uint256 p, uint256 q, bool byPatient) external atItsTime {
        (p, q) = (_patient(p), 4 + (q % 2));
        if (_active[p][q]) {
            vm.prank(vm.addr(byPatient ? p : q));
            relationships.end(_id(p), _id(q));
            _active[p][q] = false;
            return;
        }
        uint24 nonce = relationships.relationship(_id(p), _id(q)).nonce + 1;
        IPPR.Offer memory o = IPPR.Offer(_id(p), _id(q), keccak256("terms"), nonce, 0);
        bool legal = _isLive(q);
        bytes memory data = abi.encodeCall(relationships.accept, (o, signOffer(q, o, uint48(time))));
        attempt(p, address(relationships), data, legal, "accept");
        _active[p][q] = legal;
    }

    function license(uint256 i, uint32 term) external atItsTime {
        i = 4 + (i % 3);
        uint40 until = uint40(time + 1 + (term % 60 days));
        registrar.license(_id(i), keccak256(bytes(_name(i))), _roles(i), until);
        _licensedUntil[i] = until;
    }

    function suspend(uint256 i, bool confirm) external atItsTime {
        i = 4 + (i % 3);
        if (_suspendedUntil[i] == 0) {
            registrar.suspend(_id(i));
            _suspendedUntil[i] = time + 14 days;
        }
        if (!confirm) return;
        registrar.confirmSuspension(_id(i));
        _suspendedUntil[i] = type(uint40).max;
    }

    function reinstate(uint256 i) external atItsTime {
        i = 4 + (i % 3);
        if (_suspendedUntil[i] == 0) return;
        registrar.reinstate(_id(i));
        _suspendedUntil[i] = 0;
    }

    // What must hold after every move

    /// @dev Asks about whom the last move was, and about a rotating part of everybody else.
    function checkModel() external {
        vm.warp(time);
        _compare(_lastPatient, _lastViewer);
        _compare(1 + (time % 2), 1 + ((time / 2) % PARTICIPANTS));
        for (uint256 p = 1; p <= 2; ++p) {
            equal(consents.accessEpochOf(_id(p)), _accessEpochs[p], "access epoch");
            for (uint256 v = 1; v <= PARTICIPANTS; ++v) {
                equal(consents.generationOf(_id(p), _id(v)), _generations[p][v], "generation");
            }
        }
    }

    function _compare(uint256 p, uint256 v) private view {
        for (uint256 s = 0; s <= PARTICIPANTS; s += s == 0 ? 4 : 1) {
            if (s == 6) s = p;
            for (uint256 purpose = 0; purpose < PURPOSES; ++purpose) {
                for (uint256 c = 0; c < 8; ++c) {
                    bool answer = consents.canView(_id(p), _id(s), _id(v), Category(c), Purpose(purpose));
                    equal(answer, _mayView(p, s, v, c, purpose), "canView");
                }
            }
            if (s == p) break;
        }
    }

    // The model

    function _mayView(uint256 p, uint256 s, uint256 v, uint256 c, uint256 purpose) private view returns (bool) {
        if (v == p) return true;
        if (v == s && _active[p][s] && _isLive(s)) return true;
        if (v > 3 && !_isLive(v)) return false;
        return time < _until[_question(p, v, s, purpose, c)] || time < _until[_question(p, v, 0, purpose, c)];
    }

    function _isGrantable(uint256 p, IConsents.Grant memory g) private view returns (bool) {
        uint256 v = raw(g.viewer);
        uint8 categories = CategoryMask.unwrap(g.categories);
        bool sensitive = categories >= 64 && raw(g.steward) == 0 && !g.sensitiveFromAnySteward;
        bool term = (g.until / 60) * 60 > time && g.until <= time + 10 * YEAR;
        return v != p && (v <= 3 || _isLive(v)) && categories != 0 && !sensitive && term;
    }

    function _granted(uint256 p, IConsents.Grant memory g) private {
        _write(p, g, (g.until / 60) * 60, 1);
    }

    function _revoked(uint256 p, IConsents.Grant memory g) private {
        _write(p, g, 0, 2);
    }

    function _write(uint256 p, IConsents.Grant memory g, uint256 until, uint256 versions) private {
        (uint256 v, uint256 s) = (raw(g.viewer), raw(g.steward));
        for (uint256 c = 0; c < 8; ++c) {
            if (g.categories.has(c)) _until[_question(p, v, s, uint256(g.purpose), c)] = until;
        }
        _writes[p][v][_scope(g)] += versions;
        (_lastPatient, _lastViewer) = (p, v);
    }

    function _emptyViewer(uint256 p, uint256 v) private {
        for (uint256 s = 0; s <= PARTICIPANTS; ++s) {
            for (uint256 purpose = 0; purpose < PURPOSES; ++purpose) {
                _writes[p][v][keccak256(abi.encode(s, purpose))] = 0;
                for (uint256 c = 0; c < 8; ++c) _until[_question(p, v, s, purpose, c)] = 0;
            }
        }
        (_lastPatient, _lastViewer) = (p, v);
    }

    function _reductions(uint256 p, IConsents.Grant memory g) private view returns (uint256) {
        return _accessEpochs[p] + _generations[p][raw(g.viewer)];
    }

    function _writesOf(uint256 p, IConsents.Grant memory g) private view returns (uint256) {
        return _writes[p][raw(g.viewer)][_scope(g)];
    }

    function _isLive(uint256 id) private view returns (bool) {
        return time < _licensedUntil[id] && time >= _suspendedUntil[id];
    }

    function _question(uint256 p, uint256 v, uint256 s, uint256 purpose, uint256 c) private pure returns (bytes32) {
        return keccak256(abi.encode(p, v, s, purpose, c));
    }

    function _scope(IConsents.Grant memory g) private pure returns (bytes32) {
        return keccak256(abi.encode(raw(g.steward), uint256(g.purpose)));
    }

    // Inputs

    function _given(
        uint256 v,
        uint256 scope,
        uint8 categories,
        uint32 term
    ) private view returns (IConsents.Grant memory) {
        uint256[4] memory stewards = [uint256(0), 4, 5, 1 + (scope % 2)];
        return
            IConsents.Grant({
                viewer: _id(_anybody(v)),
                purpose: Purpose(scope % PURPOSES),
                steward: _id(stewards[(scope / 8) % 4]),
                categories: CategoryMask.wrap(categories),
                sensitiveFromAnySteward: (scope / 32) % 2 == 0,
                until: uint40(term % 13 == 0 ? time : time + (term % (11 * YEAR)) / (term % 3 == 0 ? 1 : 1000))
            });
    }

    /// @dev Fault 1 is another name, 2 another signer, 3 a deadline that passed, 4 another counter.
    function _isIntact(uint8 fault) private pure returns (bool) {
        return fault % 8 == 0 || fault % 8 > 4;
    }

    function _signGrant(uint256 p, IConsents.Grant memory g, uint8 fault) private view returns (Authorization memory) {
        TypedData.Grant memory typed = _typed(p, g, uint32(_writesOf(p, g)), fault);
        // The one that is kept back must die of a revocation, not of its age.
        uint48 deadline = fault == 0 ? type(uint48).max : uint48(fault % 8 == 3 ? time - 1 : time);
        return sign(fault % 8 == 2 ? 3 : p, deadline, address(consents), TypedData.grant(typed, deadline));
    }

    function _signRevocation(
        uint256 p,
        IConsents.Grant memory g,
        uint32 version,
        uint8 fault
    ) private view returns (Authorization memory) {
        TypedData.Grant memory typed = _typed(p, g, version, fault);
        uint48 deadline = uint48(fault % 8 == 3 ? time - 1 : time);
        return sign(fault % 8 == 2 ? 3 : p, deadline, address(consents), TypedData.grantRevocation(typed, deadline));
    }

    function _typed(
        uint256 p,
        IConsents.Grant memory g,
        uint32 version,
        uint8 fault
    ) private view returns (TypedData.Grant memory) {
        uint256 v = raw(g.viewer);
        return
            TypedData.Grant({
                patient: uint40(p),
                viewer: uint40(v),
                viewerName: fault % 8 == 1 ? "another name" : _name(v),
                purpose: TypedData.purpose(uint256(g.purpose)),
                categories: CategoryMask.unwrap(g.categories),
                steward: raw(g.steward),
                stewardName: raw(g.steward) == 0 ? "every steward" : _name(raw(g.steward)),
                sensitiveFromAnySteward: g.sensitiveFromAnySteward,
                until: g.until,
                accessEpoch: uint32(_accessEpochs[p] + (fault % 8 == 4 ? 1 : 0)),
                generation: uint32(_generations[p][v]),
                version: version
            });
    }

    function _patient(uint256 seed) private pure returns (uint256) {
        return 1 + (seed % 2);
    }

    function _anybody(uint256 seed) private pure returns (uint256) {
        return 1 + (seed % PARTICIPANTS);
    }

    function _name(uint256 id) private pure returns (string memory) {
        return
            id < 4
                ? ""
                : id == 6
                    ? "an insurer"
                    : "a clinic";
    }

    function _roles(uint256 id) private pure returns (Roles) {
        return id == 6 ? PAYER : PROVIDER;
    }

    function _id(uint256 number) private pure returns (ParticipantId) {
        return ParticipantId.wrap(uint40(number));
    }
}

contract ConsentsInvariant is Targets {
    ConsentsHandler private handler;

    function setUp() public {
        handler = new ConsentsHandler();
    }

    /// @notice Properties 6, 10, 11, 12, 13, 17 and 18.
    function invariant_canViewEqualsTheModel() public {
        handler.checkModel();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](13);
        selectors[0] = ConsentsHandler.grant.selector;
        selectors[1] = ConsentsHandler.grantWithSig.selector;
        selectors[2] = ConsentsHandler.signAndKeepBack.selector;
        selectors[3] = ConsentsHandler.sendKeptBack.selector;
        selectors[4] = ConsentsHandler.revokeGrant.selector;
        selectors[5] = ConsentsHandler.revokeGrantWithSig.selector;
        selectors[6] = ConsentsHandler.revokeViewer.selector;
        selectors[7] = ConsentsHandler.revokeAll.selector;
        selectors[8] = ConsentsHandler.beginOrEndRelationship.selector;
        selectors[9] = ConsentsHandler.license.selector;
        selectors[10] = ConsentsHandler.suspend.selector;
        selectors[11] = ConsentsHandler.reinstate.selector;
        selectors[12] = bytes4(keccak256("wait(uint32)"));
    }
}
