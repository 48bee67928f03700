// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

import {Authority} from "../../../contracts/Authority.sol";
import {Consents} from "../../../contracts/Consents.sol";
import {Delegates} from "../../../contracts/Delegates.sol";
import {PatientProviderRelationships} from "../../../contracts/PatientProviderRelationships.sol";
import {Records} from "../../../contracts/Records.sol";
import {Registrar} from "../../../contracts/Registrar.sol";
import {Summary} from "../../../contracts/Summary.sol";
import {IPatientProviderRelationships as IPPR} from "../../../contracts/interfaces/IPatientProviderRelationships.sol";
import {ISignedActions} from "../../../contracts/interfaces/ISignedActions.sol";
import {ChartToken} from "../../../contracts/modules/data-bank/ChartToken.sol";
import {DataBank} from "../../../contracts/modules/data-bank/DataBank.sol";
import {Studies} from "../../../contracts/modules/studies/Studies.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {Roles} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Checks} from "./Checks.sol";
import {TypedData} from "./TypedData.sol";
import {vm} from "./Vm.sol";

/// @notice A deployed network whose authority is the test itself, without delay.
/// @dev The delays are tested in Authority.test.ts.
abstract contract NetworkTest is Checks {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant YEAR = 365 days;
    uint48 internal constant DEADLINE = type(uint48).max;
    /// @dev Not a sha2-256, whose precompile would use up a `prank`.
    bytes32 internal constant KEY_DOCUMENT = keccak256("a key document");

    uint256 internal constant ALICE = 0xA11CE;
    uint256 internal constant BOB = 0xB0B;
    uint256 internal constant GENERAL_HOSPITAL = 0x6057;
    uint256 internal constant LABORATORY = 0x1AB;
    uint256 internal constant INSURER = 0x1257;
    uint256 internal constant STRANGER = 0x57A6;

    Authority internal authority;
    Registrar internal registrar;
    Delegates internal delegates;
    PatientProviderRelationships internal relationships;
    Consents internal consents;
    Records internal records;
    Summary internal summary;
    DataBank internal bank;
    ChartToken internal token;
    Studies internal studies;

    function setUp() public virtual {
        vm.warp(START);
        authority = Authority(_deploy("Authority", abi.encode(address(this), 0, new Authority.Assignment[](0))));
        registrar = Registrar(_deploy("Registrar", abi.encode(authority)));
        delegates = Delegates(address(registrar.delegates()));
        relationships = PatientProviderRelationships(
            _deploy("PatientProviderRelationships", abi.encode(registrar, delegates))
        );
        consents = Consents(_deploy("Consents", abi.encode(authority, registrar, relationships, delegates)));
        records = Records(_deploy("Records", abi.encode(registrar, relationships)));
        summary = Summary(_deploy("Summary", abi.encode(registrar, relationships, consents, records)));
        bank = DataBank(_deploy("DataBank", abi.encode(authority, registrar)));
        token = bank.token();
        studies = Studies(_deploy("Studies", abi.encode(authority, registrar, consents, bank, token)));
    }

    function person(uint256 key) internal returns (ParticipantId) {
        vm.prank(vm.addr(key));
        return registrar.registerPatient(KEY_DOCUMENT);
    }

    /// @dev Licensed for a year.
    function institution(uint256 key, string memory name, Roles roles) internal returns (ParticipantId id) {
        vm.prank(vm.addr(key));
        id = registrar.registerInstitution(KEY_DOCUMENT, name);
        registrar.license(id, keccak256(bytes(name)), roles, uint40(block.timestamp + YEAR));
    }

    function sign(
        uint256 key,
        uint48 deadline,
        address verifyingContract,
        bytes32 structHash
    ) internal view returns (Authorization memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, TypedData.digest(verifyingContract, structHash));
        return Authorization({account: vm.addr(key), deadline: deadline, signature: abi.encodePacked(r, s, v)});
    }

    /// @dev What the Registrar checks.
    function signed(uint256 key, uint48 deadline, bytes32 structHash) internal view returns (Authorization memory) {
        return sign(key, deadline, address(registrar), structHash);
    }

    function signOffer(uint256 key, IPPR.Offer memory o, uint48 deadline) internal view returns (Authorization memory) {
        bytes32 hash = TypedData.offer(raw(o.patient), raw(o.provider), o.termsDigest, o.nonce, o.until, deadline);
        return sign(key, deadline, address(relationships), hash);
    }

    function signApproval(
        uint256 key,
        IPPR.Offer memory o,
        string memory name,
        uint48 deadline
    ) internal view returns (Authorization memory) {
        bytes32 hash = TypedData.approval(
            raw(o.patient),
            raw(o.provider),
            name,
            o.termsDigest,
            o.nonce,
            o.until,
            signatureEpochOf(o.patient),
            deadline
        );
        return sign(key, deadline, address(relationships), hash);
    }

    /// @dev Active from now on, without an end.
    function activate(uint256 patientKey, ParticipantId provider, uint256 providerKey) internal {
        ParticipantId patient = registrar.participantOf(vm.addr(patientKey));
        IPPR.Offer memory o = IPPR.Offer({
            patient: patient,
            provider: provider,
            termsDigest: keccak256("terms"),
            nonce: relationships.relationship(patient, provider).nonce + 1,
            until: 0
        });
        Authorization memory offer = signOffer(providerKey, o, uint48(block.timestamp));
        vm.prank(vm.addr(patientKey));
        relationships.accept(o, offer);
    }

    function invalidSignature(uint256 key) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, vm.addr(key));
    }

    /// @dev By its artifact, and not by `new`, which would compile the contract again with the settings of the tests.
    function _deploy(string memory name, bytes memory arguments) internal returns (address) {
        bytes memory code = vm.getCode(string.concat(name, ".sol:", name));
        return Create2.deploy(0, keccak256(arguments), bytes.concat(code, arguments));
    }

    /// @dev A private key for any number.
    function keyOf(uint256 seed) internal pure returns (uint256) {
        return bound(seed, 1, 2 ** 255);
    }

    /// @dev A private key for any number, of nobody who has a name here.
    function newKeyOf(uint256 seed) internal pure returns (uint256) {
        return bound(seed, 2 ** 32, 2 ** 255);
    }

    function signatureEpochOf(ParticipantId id) internal view returns (uint32 signatureEpoch) {
        (, signatureEpoch) = registrar.epochsOf(id);
    }

    function accessEpochOf(ParticipantId id) internal view returns (uint32 accessEpoch) {
        (accessEpoch, ) = registrar.epochsOf(id);
    }

    function raw(ParticipantId id) internal pure returns (uint40) {
        return ParticipantId.unwrap(id);
    }
}
