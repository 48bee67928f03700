// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedActions} from "../../contracts/interfaces/ISignedActions.sol";
import {ILicences} from "../../contracts/interfaces/registrar/ILicences.sol";
import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Kind, Participant, PROVIDER, Roles} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarTest is NetworkTest {
    function testFuzz_registerPatient(address account, bytes32 keyDocument, uint8 before) public {
        vm.assume(account != address(0) && keyDocument != 0);
        uint256 others = bound(before, 0, 3);
        for (uint256 i = 0; i < others; ++i) person(uint256(keccak256(abi.encode(i))) >> 1);

        vm.prank(account);
        ParticipantId id = registrar.registerPatient(keyDocument);

        equal(raw(id), others + 1, "id");
        equal(raw(registrar.participantOf(account)), raw(id), "participantOf");
        equal(registrar.participantCount(), others + 1, "count");
        equal(registrar.keyDocumentOf(id), keyDocument, "key document");
        equal(registrar.nameDigestOf(id), keccak256(""), "name");
        check(registrar.isPerson(id) && registrar.isInGoodStanding(id), "a person is in good standing");
        check(!registrar.licenceLasts(id, PROVIDER), "a person has no licence");
        equal(registrar.participant(id).keyVersion, 1, "key version");
        vm.expectRevert(abi.encodeWithSelector(IParticipants.AlreadyRegistered.selector, account));
        vm.prank(account);
        registrar.registerPatient(keyDocument);
    }

    function testFuzz_registerPatientWithSig(uint256 seed, bytes32 keyDocument, uint48 deadline, uint40 time) public {
        vm.assume(keyDocument != 0);
        uint256 key = keyOf(seed);
        vm.warp(time);
        Authorization memory authorization = sign(
            key,
            deadline,
            address(registrar),
            RegistrarData.registration(vm.addr(key), keyDocument, deadline)
        );

        if (time > deadline) {
            vm.expectRevert(abi.encodeWithSelector(ISignedActions.SignatureExpired.selector, deadline));
            registrar.registerPatientWithSig(keyDocument, authorization);
            return;
        }
        ParticipantId id = registrar.registerPatientWithSig(keyDocument, authorization);

        equal(raw(registrar.participantOf(vm.addr(key))), raw(id), "participantOf");
        equal(registrar.keyDocumentOf(id), keyDocument, "key document");
        check(registrar.isPerson(id), "a person");
        equal(raw(registrar.participantOf(address(this))), 0, "the sender stays out of it");
    }

    function testFuzz_registerPatientWithSig_refusesAnotherDocument(uint256 seed, bytes32 read, bytes32 sent) public {
        vm.assume(read != sent);
        uint256 key = keyOf(seed);
        uint48 deadline = uint48(START);
        bytes32 hash = RegistrarData.registration(vm.addr(key), read, deadline);
        Authorization memory authorization = sign(key, deadline, address(registrar), hash);

        vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, vm.addr(key)));
        registrar.registerPatientWithSig(sent, authorization);
    }

    function testFuzz_registerInstitution(address account, bytes32 keyDocument, string calldata name) public {
        vm.assume(account != address(0) && keyDocument != 0 && bytes(name).length != 0);

        vm.prank(account);
        ParticipantId id = registrar.registerInstitution(keyDocument, name);

        equal(raw(registrar.participantOf(account)), raw(id), "participantOf");
        equal(registrar.nameDigestOf(id), keccak256(bytes(name)), "name");
        check(registrar.participant(id).kind == Kind.INSTITUTION, "an institution");
        check(!registrar.isInGoodStanding(id) && !registrar.isPerson(id), "nothing before a licence");
    }

    function testFuzz_license(uint16 roles, uint40 until, uint40 time, uint16 asked) public {
        ParticipantId id = _unlicensed("General Hospital");
        time = uint40(bound(time, START, type(uint40).max));
        vm.warp(time);

        if (roles == 0 || roles > 63) vm.expectRevert(abi.encodeWithSelector(ILicences.InvalidRoles.selector, roles));
        else if (until <= time) vm.expectRevert(abi.encodeWithSelector(ILicences.InvalidTerm.selector, until));
        registrar.license(id, keccak256("General Hospital"), Roles.wrap(roles), until);
        if (roles == 0 || roles > 63 || until <= time) return;

        Participant memory p = registrar.participant(id);
        equal(Roles.unwrap(p.roles), roles, "roles");
        equal(p.licensedUntil, until, "until");
        check(registrar.isInGoodStanding(id), "in good standing");
        equal(registrar.licenceLasts(id, Roles.wrap(asked)), asked != 0 && asked | roles == roles, "licenceLasts");
        vm.warp(until);
        check(!registrar.isInGoodStanding(id) && !registrar.licenceLasts(id, Roles.wrap(roles)), "lapsed at its end");
    }

    function testFuzz_suspend(uint40 wait) public {
        ParticipantId id = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        registrar.suspend(id);
        uint256 lapse = START + 14 days;

        equal(registrar.participant(id).suspendedUntil, lapse, "suspendedUntil");
        uint256 time = START + wait;
        vm.warp(time);
        equal(registrar.licenceLasts(id, PROVIDER), time >= lapse && time < START + YEAR, "licenceLasts");
        vm.expectRevert(abi.encodeWithSelector(ILicences.AlreadySuspended.selector, id));
        registrar.suspend(id);
    }

    function testFuzz_confirmSuspension(uint40 wait) public {
        ParticipantId id = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        registrar.suspend(id);
        registrar.confirmSuspension(id);

        vm.warp(START + wait);
        check(!registrar.licenceLasts(id, PROVIDER) && !registrar.isInGoodStanding(id), "for good");
    }

    function testFuzz_reinstate(bool confirmed, uint40 wait) public {
        ParticipantId id = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        registrar.suspend(id);
        if (confirmed) registrar.confirmSuspension(id);
        vm.warp(START + wait);
        registrar.reinstate(id);

        equal(registrar.participant(id).suspendedUntil, 0, "suspendedUntil");
        equal(registrar.licenceLasts(id, PROVIDER), wait < YEAR, "the licence counts again, and no longer than before");
        registrar.suspend(id);
        check(!registrar.licenceLasts(id, PROVIDER), "another suspension is possible");
    }

    function testFuzz_linkIdentity(bytes32 commitment, bytes32 other, uint48 deadline) public {
        vm.assume(other != commitment);
        deadline = uint48(bound(deadline, START, type(uint48).max));
        ParticipantId hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        ParticipantId alice = person(ALICE);
        bytes32 hash = RegistrarData.attestation(raw(hospital), vm.addr(ALICE), commitment, deadline);
        Authorization memory attested = sign(GENERAL_HOSPITAL, deadline, address(registrar), hash);

        vm.expectRevert(abi.encodeWithSelector(ISignedActions.InvalidSignature.selector, vm.addr(GENERAL_HOSPITAL)));
        registrar.linkIdentity(vm.addr(ALICE), other, attested);
        registrar.linkIdentity(vm.addr(ALICE), commitment, attested);

        equal(raw(registrar.resolve(hospital, commitment)), raw(alice), "resolve");
        equal(raw(registrar.resolve(hospital, other)), 0, "nothing else is linked");
        equal(raw(registrar.resolve(alice, commitment)), 0, "the issuer counts");
    }

    function testFuzz_authenticate(address account) public {
        person(ALICE);
        vm.assume(account != vm.addr(ALICE));

        vm.expectRevert(abi.encodeWithSelector(IParticipants.NotRegistered.selector, account));
        registrar.authenticate(account);
    }

    function testFuzz_nameDigestsOf(uint40 a, uint40 b) public {
        institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        (bytes32 nameOfA, bytes32 nameOfB) = registrar.nameDigestsOf(ParticipantId.wrap(a), ParticipantId.wrap(b));

        equal(nameOfA, registrar.nameDigestOf(ParticipantId.wrap(a)), "a");
        equal(nameOfB, registrar.nameDigestOf(ParticipantId.wrap(b)), "b");
    }

    function _unlicensed(string memory name) private returns (ParticipantId) {
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        return registrar.registerInstitution(KEY_DOCUMENT, name);
    }
}
