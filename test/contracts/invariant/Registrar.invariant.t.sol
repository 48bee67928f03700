// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../../contracts/types/Authorization.sol";
import {Roles} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler, Targets} from "./Handler.sol";

/// @notice Eight accounts that register, are licensed, suspended, reinstated and linked, beside a plain model.
contract RegistrarHandler is Handler {
    struct Known {
        bool isPerson;
        address account;
        uint16 roles;
        uint256 licensedUntil;
        uint256 suspendedUntil;
        bytes32 keyDocument;
        string name;
    }

    uint256 public constant ACCOUNTS = 8;
    Known[] private _known;
    mapping(address account => uint40 id) public idOf;
    mapping(uint40 issuer => mapping(bytes32 commitment => uint40 id)) public linked;

    constructor() {
        _known.push();
    }

    function known(uint256 id) external view returns (Known memory) {
        return _known[id];
    }

    function count() public view returns (uint256) {
        return _known.length - 1;
    }

    function registerPatient(uint256 seed, bytes32 keyDocument) external atItsTime {
        uint256 key = _key(seed);
        bool legal = keyDocument != 0 && idOf[vm.addr(key)] == 0;
        attempt(key, address(registrar), abi.encodeCall(registrar.registerPatient, (keyDocument)), legal, "register");
        if (legal) _add(vm.addr(key), true, keyDocument, "");
    }

    function registerPatientWithSig(uint256 seed, uint256 sender, bytes32 keyDocument, uint8 fault) external atItsTime {
        uint256 key = _key(seed);
        uint48 deadline = uint48(fault % 6 == 1 ? time - 1 : time);
        bytes32 signedDocument = fault % 6 == 2 ? bytes32(~uint256(keyDocument)) : keyDocument;
        bytes32 hash = RegistrarData.registration(vm.addr(key), signedDocument, deadline);
        Authorization memory authorization = sign(key, deadline, address(registrar), hash);
        if (fault % 6 == 3) authorization.account = vm.addr(_key((seed % ACCOUNTS) + 1));
        bool legal = keyDocument != 0 && idOf[vm.addr(key)] == 0 && (fault % 6 == 0 || fault % 6 > 3);
        bytes memory data = abi.encodeCall(registrar.registerPatientWithSig, (keyDocument, authorization));
        attempt(_key(sender), address(registrar), data, legal, "register with a signature");
        if (legal) _add(vm.addr(key), true, keyDocument, "");
    }

    function registerInstitution(uint256 seed, bytes32 keyDocument, uint8 name) external atItsTime {
        uint256 key = _key(seed);
        string memory text =
            name % 8 == 0
                ? ""
                : name % 2 == 0
                    ? "a clinic"
                    : "a laboratory";
        bool legal = keyDocument != 0 && name % 8 != 0 && idOf[vm.addr(key)] == 0;
        bytes memory data = abi.encodeCall(registrar.registerInstitution, (keyDocument, text));
        attempt(key, address(registrar), data, legal, "register an institution");
        if (legal) _add(vm.addr(key), false, keyDocument, text);
    }

    function nobodyRegisters(bytes32 keyDocument) external atItsTime {
        Authorization memory authorization = Authorization(address(0), uint48(time), new bytes(65));
        bytes memory data = abi.encodeCall(registrar.registerPatientWithSig, (keyDocument, authorization));
        attempt(_key(0), address(registrar), data, false, "the zero address");
    }

    function license(uint40 id, uint16 roles, uint32 term, bool rightName, uint8 sender) external atItsTime {
        id = _id(id);
        roles = roles % 70;
        Known storage k = _known[id];
        uint40 until = uint40(time + term - (term % 7 == 0 ? term : 0));
        bytes32 name = rightName ? keccak256(bytes(k.name)) : keccak256("another name");
        bool legal = _isInstitution(id) && rightName && roles != 0 && roles < 64 && until > time && sender != 0;
        bytes memory data = abi.encodeCall(registrar.license, (ParticipantId.wrap(id), name, Roles.wrap(roles), until));
        _authority(sender, data, legal, "license");
        if (legal) (k.roles, k.licensedUntil) = (roles, until);
    }

    function suspend(uint40 id, uint8 sender) external atItsTime {
        id = _id(id);
        bool legal = _isInstitution(id) && _known[id].suspendedUntil == 0 && sender != 0;
        _authority(sender, abi.encodeCall(registrar.suspend, (ParticipantId.wrap(id))), legal, "suspend");
        if (legal) _known[id].suspendedUntil = time + 14 days;
    }

    function confirmSuspension(uint40 id, uint8 sender) external atItsTime {
        id = _id(id);
        bool legal = _isInstitution(id) && _known[id].suspendedUntil != 0 && sender != 0;
        bytes memory data = abi.encodeCall(registrar.confirmSuspension, (ParticipantId.wrap(id)));
        _authority(sender, data, legal, "confirm");
        if (legal) _known[id].suspendedUntil = type(uint40).max;
    }

    function reinstate(uint40 id, uint8 sender) external atItsTime {
        id = _id(id);
        bool legal = _isInstitution(id) && _known[id].suspendedUntil != 0 && sender != 0;
        _authority(sender, abi.encodeCall(registrar.reinstate, (ParticipantId.wrap(id))), legal, "reinstate");
        if (legal) _known[id].suspendedUntil = 0;
    }

    function linkIdentity(uint256 issuerSeed, uint256 seed, uint8 commitment, uint256 sender) external atItsTime {
        uint256 key = _key(issuerSeed);
        address account = vm.addr(_key(seed));
        uint40 issuer = idOf[vm.addr(key)];
        uint40 id = idOf[account];
        bytes32 hash = bytes32(uint256(commitment % 4));
        Authorization memory attested = sign(
            key,
            uint48(time),
            address(registrar),
            RegistrarData.attestation(issuer, account, hash, uint48(time))
        );
        // An institution's own account can be linked too: see test/findings.
        bool legal = issuer != 0 && licenceLasts(issuer, 1) && id != 0 && linked[issuer][hash] == 0;
        if (legal && !_known[id].isPerson) return;
        bytes memory data = abi.encodeCall(registrar.linkIdentity, (account, hash, attested));
        attempt(_key(sender), address(registrar), data, legal, "link");
        if (legal) linked[issuer][hash] = id;
    }

    function licenceLasts(uint256 id, uint16 role) public view returns (bool) {
        return _known[id].roles & role == role && isLive(id);
    }

    function isLive(uint256 id) public view returns (bool) {
        return time < _known[id].licensedUntil && time >= _known[id].suspendedUntil;
    }

    function checkModel() external {
        vm.warp(time);
        equal(registrar.participantCount(), count(), "count");
        for (uint40 id = 0; id <= count() + 1; ++id) {
            ParticipantId wrapped = ParticipantId.wrap(id);
            if (id == 0 || id > count()) {
                check(!registrar.isInGoodStanding(wrapped) && !registrar.isPerson(wrapped), "nobody");
                continue;
            }
            Known storage k = _known[id];
            equal(raw(registrar.participantOf(k.account)), id, "the account's participant");
            equal(registrar.isPerson(wrapped), k.isPerson, "isPerson");
            equal(registrar.isInGoodStanding(wrapped), k.isPerson || isLive(id), "isInGoodStanding");
            equal(registrar.keyDocumentOf(wrapped), k.keyDocument, "key document");
            equal(registrar.nameDigestOf(wrapped), keccak256(bytes(k.name)), "name");
            for (uint16 role = 1; role < 32; role *= 2) {
                equal(registrar.licenceLasts(wrapped, Roles.wrap(role)), licenceLasts(id, role), "licenceLasts");
            }
            for (uint256 c = 0; c < 4; ++c) {
                equal(raw(registrar.resolve(wrapped, bytes32(c))), linked[id][bytes32(c)], "resolve");
            }
        }
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            address account = vm.addr(_key(i));
            equal(raw(registrar.participantOf(account)), idOf[account], "an account has one participant at the most");
        }
        equal(raw(registrar.participantOf(address(0))), 0, "the zero address never registers");
    }

    /// @dev `sender` 0 is somebody without a role; anybody else is the authority.
    function _authority(uint8 sender, bytes memory data, bool legal, string memory what) private {
        attemptAs(sender == 0 ? vm.addr(_key(3)) : address(this), address(registrar), data, legal, what);
    }

    function _add(address account, bool isPerson, bytes32 keyDocument, string memory name) private {
        idOf[account] = uint40(_known.length);
        _known.push(Known(isPerson, account, 0, 0, 0, keyDocument, name));
    }

    function _isInstitution(uint40 id) private view returns (bool) {
        return id != 0 && !_known[id].isPerson;
    }

    function _id(uint40 id) private view returns (uint40) {
        return uint40(id % _known.length);
    }

    function _key(uint256 seed) private pure returns (uint256) {
        return 1 + (seed % ACCOUNTS);
    }
}

contract RegistrarInvariant is Targets {
    RegistrarHandler private handler;

    function setUp() public {
        handler = new RegistrarHandler();
    }

    /// @notice Properties 1, 2 and 18.
    function invariant_equalsTheModel() public {
        handler.checkModel();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](10);
        selectors[0] = RegistrarHandler.registerPatient.selector;
        selectors[1] = RegistrarHandler.registerPatientWithSig.selector;
        selectors[2] = RegistrarHandler.registerInstitution.selector;
        selectors[3] = RegistrarHandler.nobodyRegisters.selector;
        selectors[4] = RegistrarHandler.license.selector;
        selectors[5] = RegistrarHandler.suspend.selector;
        selectors[6] = RegistrarHandler.confirmSuspension.selector;
        selectors[7] = RegistrarHandler.reinstate.selector;
        selectors[8] = RegistrarHandler.linkIdentity.selector;
        selectors[9] = bytes4(keccak256("wait(uint32)"));
    }
}
