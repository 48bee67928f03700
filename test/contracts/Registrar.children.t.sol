// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDelegates} from "../../contracts/interfaces/IDelegates.sol";
import {IChildren} from "../../contracts/interfaces/registrar/IChildren.sol";
import {IRepresentation} from "../../contracts/interfaces/registrar/IRepresentation.sol";
import {IKeys} from "../../contracts/interfaces/registrar/IKeys.sol";
import {IIdentities} from "../../contracts/interfaces/registrar/IIdentities.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Delegation, Powers} from "../../contracts/types/Delegation.sol";
import {Account, Kind, PROVIDER, Settings} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Calendar} from "./helpers/Calendar.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarChildrenTest is NetworkTest {
    /// @dev START is in the year 2027.
    uint16 private constant NOW = 2027;
    uint256 private constant CHILD = 0xC417D;
    bytes32 private constant NEW_DOCUMENT = keccak256("the grown-up's key document");

    ParticipantId private representative;
    ParticipantId private hospital;
    ParticipantId private laboratory;

    function setUp() public override {
        super.setUp();
        representative = person(ALICE);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        laboratory = institution(LABORATORY, "a laboratory", PROVIDER);
        registrar.license(hospital, keccak256("General Hospital"), PROVIDER, type(uint40).max);
        registrar.license(laboratory, keccak256("a laboratory"), PROVIDER, type(uint40).max);
    }

    function testFuzz_registerChild(bytes32 document, bytes32 commitment, uint16 year, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        year = uint16(bound(year, NOW, NOW + 25));
        Authorization memory clinic = _attest(GENERAL_HOSPITAL, document, commitment, year, deadline);
        vm.prank(vm.addr(ALICE));
        if (document == 0) vm.expectRevert(IKeys.MissingKeyDocument.selector);
        ParticipantId child = registrar.registerChild(document, commitment, year, clinic);
        if (document == 0) return;

        _checkChild(child, document, commitment, year);
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IIdentities.IdentityAlreadyLinked.selector, child));
        registrar.registerChild(document, commitment, year, clinic);
    }

    function testFuzz_registerChild_years(uint40 time, uint16 year) public {
        time = uint40(bound(time, START, START + 400 * YEAR));
        uint16 thisYear = uint16(Calendar.yearOf(time));
        // Near the bounds more often than not.
        if (year % 4 != 0) year = thisYear + (year % 60) - 30;
        vm.warp(time);
        bool valid = year >= thisYear && Calendar.startOf(year) <= uint256(time) + 25 * 366 days;

        Authorization memory clinic = _attest(GENERAL_HOSPITAL, KEY_DOCUMENT, "child", year, DEADLINE);
        vm.prank(vm.addr(ALICE));
        if (!valid) vm.expectRevert(abi.encodeWithSelector(IDelegates.InvalidYear.selector, year));
        registrar.registerChild(KEY_DOCUMENT, "child", year, clinic);
    }

    function testFuzz_registerChild_everyFieldCounts(bytes32 other, uint16 year, uint8 field) public {
        Authorization memory clinic = _attest(GENERAL_HOSPITAL, KEY_DOCUMENT, "child", NOW + 5, DEADLINE);
        vm.assume(other != KEY_DOCUMENT && other != "child");
        year = uint16(bound(year, NOW, NOW + 20));
        uint256 sender = ALICE;
        if (field % 4 == 3) {
            sender = BOB;
            person(BOB);
        }
        if (field % 4 == 2 && year == NOW + 5) return;

        vm.prank(vm.addr(sender));
        vm.expectRevert(invalidSignature(GENERAL_HOSPITAL));
        registrar.registerChild(
            field % 4 == 0 ? other : KEY_DOCUMENT,
            field % 4 == 1 ? other : bytes32("child"),
            field % 4 == 2 ? year : NOW + 5,
            clinic
        );
    }

    function testFuzz_registerChildWithSig(bytes32 document, bytes32 commitment, uint16 year, uint8 field) public {
        vm.assume(document != 0);
        year = uint16(bound(year, NOW, NOW + 25));
        Authorization memory clinic = _attest(GENERAL_HOSPITAL, document, commitment, year, DEADLINE);
        for (uint8 wrong = 0; wrong < 5; ++wrong) {
            Authorization memory other = _consent(
                wrong == 0 ? laboratory : hospital,
                wrong == 1 ? bytes32(~uint256(document)) : document,
                wrong == 2 ? bytes32(~uint256(commitment)) : commitment,
                wrong == 3 ? year + 1 : year,
                wrong == 4 ? 1 + uint32(field) : 0
            );
            vm.expectRevert(invalidSignature(ALICE));
            registrar.registerChildWithSig(document, commitment, year, clinic, other);
        }
        Authorization memory consent = _consent(hospital, document, commitment, year, 0);
        ParticipantId child = registrar.registerChildWithSig(document, commitment, year, clinic, consent);

        _checkChild(child, document, commitment, year);
        vm.expectRevert(abi.encodeWithSelector(IIdentities.IdentityAlreadyLinked.selector, child));
        registrar.registerChildWithSig(document, commitment, year, clinic, consent);
    }

    /// @dev Or else any clinic could use the representative's signature once more.
    function testFuzz_registerChildWithSig_namesTheClinic(bytes32 commitment, uint16 year) public {
        year = uint16(bound(year, NOW, NOW + 25));
        Authorization memory consent = _consent(hospital, KEY_DOCUMENT, commitment, year, 0);
        Authorization memory other = _attest(LABORATORY, KEY_DOCUMENT, commitment, year, DEADLINE);

        vm.expectRevert(invalidSignature(ALICE));
        registrar.registerChildWithSig(KEY_DOCUMENT, commitment, year, other, consent);
    }

    function testFuzz_comeOfAge(uint256 seed, uint16 year, uint40 wait, bytes32 document) public {
        vm.assume(document != 0);
        uint256 key = newKeyOf(seed);
        year = uint16(bound(year, NOW, NOW + 25));
        ParticipantId child = _child(year);
        wait = uint40(bound(wait, 0, 60 * YEAR));
        vm.warp(START + wait);
        Authorization memory joining = _join(key, child, document);
        Authorization memory clinic = _release(GENERAL_HOSPITAL, child, key, document);

        bool tooYoung = START + wait < Calendar.startOf(year);
        if (tooYoung) vm.expectRevert(abi.encodeWithSelector(IChildren.TooYoung.selector, child, year));
        registrar.comeOfAge(child, document, joining, clinic);
        if (tooYoung) return;

        Account memory account = registrar.accountOf(vm.addr(key));
        check(account.id == child && account.kind == Kind.PERSON && account.epoch == 0, "account");
        equal(raw(registrar.participantOf(vm.addr(key))), raw(child), "it acts");
        equal(registrar.keyDocumentOf(child), document, "a key that the representative doesn't have");
        equal(registrar.keyVersionOf(child), 2, "key version");
        equal(accessEpochOf(child), 1, "what the representative gave away is over");
        equal(signatureEpochOf(child), 1, "and what the representative signed");
        (ParticipantId issuer, uint16 then) = registrar.childhoodOf(child);
        check(raw(issuer) == 0 && then == 0, "no child");
        (Powers memory powers, ) = delegates.powersOf(child, representative);
        check(!powers.approving && powers.granting.isEmpty() && powers.viewing.isEmpty(), "no powers");
        vm.expectRevert(abi.encodeWithSelector(IChildren.NotAChild.selector, child));
        registrar.comeOfAge(child, document, joining, clinic);
    }

    function testFuzz_comeOfAge_everyFieldCounts(bytes32 other, uint8 field) public {
        ParticipantId child = _child(NOW);
        ParticipantId sibling = _child(NOW);
        vm.assume(other != 0 && other != NEW_DOCUMENT);
        bytes32 named = field % 5 == 1 ? other : NEW_DOCUMENT;
        Authorization memory joining = _join(CHILD, field % 5 == 0 ? sibling : child, named);
        Authorization memory clinic = _release(
            GENERAL_HOSPITAL,
            field % 5 == 2 ? sibling : child,
            field % 5 == 3 ? STRANGER : CHILD,
            field % 5 == 4 ? other : NEW_DOCUMENT
        );

        vm.expectRevert(invalidSignature(field % 5 < 2 ? CHILD : GENERAL_HOSPITAL));
        registrar.comeOfAge(child, NEW_DOCUMENT, joining, clinic);
    }

    /// @dev With the representative to the end of the year; from then on without, if the first clinic is no more.
    function testFuzz_comeOfAge_anotherClinic(bool sentByRepresentative, uint8 suspension, uint40 wait) public {
        ParticipantId child = _child(NOW);
        ParticipantId bob = person(BOB);
        vm.warp(START + bound(wait, 0, YEAR));
        bool over = block.timestamp >= Calendar.startOf(NOW + 1);
        // Without, suspended, and suspended for good.
        if (suspension % 3 != 0) registrar.suspend(hospital);
        if (suspension % 3 == 2) registrar.confirmSuspension(hospital);
        Authorization memory joining = _join(CHILD, child, NEW_DOCUMENT);
        Authorization memory clinic = _release(LABORATORY, child, CHILD, NEW_DOCUMENT);

        bool legal = over ? suspension % 3 == 2 : sentByRepresentative;
        ParticipantId sender = sentByRepresentative ? representative : bob;
        vm.prank(vm.addr(sentByRepresentative ? ALICE : BOB));
        if (!legal)
            vm.expectRevert(abi.encodeWithSelector(IRepresentation.NotTheRepresentative.selector, child, sender));
        registrar.comeOfAge(child, NEW_DOCUMENT, joining, clinic);

        equal(raw(registrar.participantOf(vm.addr(CHILD))), legal ? raw(child) : 0, "of age");
    }

    /// @dev Whatever the representative did to the child's counters meanwhile.
    function testFuzz_comeOfAge_noCounterStopsIt(uint8 revocations, uint8 changes) public {
        ParticipantId child = _child(NOW);
        Authorization memory joining = _join(CHILD, child, NEW_DOCUMENT);
        Authorization memory clinic = _release(GENERAL_HOSPITAL, child, CHILD, NEW_DOCUMENT);
        for (uint256 i = 0; i < revocations % 4; ++i) {
            vm.prank(vm.addr(ALICE));
            registrar.revokeAll(child);
        }
        for (uint256 i = 0; i < changes % 4; ++i) {
            vm.prank(vm.addr(ALICE));
            registrar.changeSettings(child, Settings(true, 1, CategoryMask.wrap(0)));
        }

        registrar.comeOfAge(child, NEW_DOCUMENT, joining, clinic);
        equal(raw(registrar.participantOf(vm.addr(CHILD))), raw(child), "of age");
    }

    /// @dev Property 66. However often a representative tries, and whenever the year comes.
    function testFuzz_comeOfAge_noKeyStopsIt(uint16[12] memory waits, uint16 last) public {
        ParticipantId child = _child(NOW);
        uint256 clock = START;
        uint256 next = 0;
        uint256 version = 1;
        for (uint256 i = 0; i < waits.length; ++i) {
            clock += waits[i] % 12 hours;
            vm.warp(clock);
            bool legal = clock >= next;
            vm.prank(vm.addr(ALICE));
            if (!legal) vm.expectRevert(abi.encodeWithSelector(IChildren.KeyChangedJustNow.selector, child, next));
            registrar.changeKeyOfChild(child, keccak256(abi.encode(i)));
            if (legal) (version, next) = (version + 1, clock + 6 hours);
            equal(registrar.keyVersionOf(child), version, "key version");
        }

        vm.warp(clock + last);
        Authorization memory joining = _join(CHILD, child, NEW_DOCUMENT);
        Authorization memory clinic = _release(GENERAL_HOSPITAL, child, CHILD, NEW_DOCUMENT);
        registrar.comeOfAge(child, NEW_DOCUMENT, joining, clinic);
        equal(registrar.keyVersionOf(child), version + 1, "of age");
    }

    /// @dev Whatever came of age or never was a child.
    function testFuzz_comeOfAge_onlyChildren(uint40 id) public {
        ParticipantId nobody = ParticipantId.wrap(id);
        Authorization memory joining = _join(CHILD, nobody, NEW_DOCUMENT);
        Authorization memory clinic = _release(GENERAL_HOSPITAL, nobody, CHILD, NEW_DOCUMENT);

        vm.expectRevert(abi.encodeWithSelector(IChildren.NotAChild.selector, id));
        registrar.comeOfAge(nobody, NEW_DOCUMENT, joining, clinic);
        (ParticipantId issuer, uint16 then) = registrar.childhoodOf(nobody);
        check(raw(issuer) == 0 && then == 0, "no child");
    }

    /// @dev Property 14, of a representative: to the second.
    function testFuzz_childhood(uint16 year, uint40 wait, uint40 other) public {
        year = uint16(bound(year, NOW, NOW + 25));
        ParticipantId child = _child(year);
        vm.warp(START + wait);
        uint256 until = Calendar.startOf(year + 1);
        bool powerful = START + wait < until;

        _checkPowers(child, representative, powerful, until);
        vm.warp(until - 1);
        _checkPowers(child, representative, true, until);
        vm.warp(until);
        _checkPowers(child, representative, false, 0);
        vm.warp(START);
        if (other != raw(representative)) _checkPowers(child, ParticipantId.wrap(other), false, 0);
        _checkPowers(representative, child, false, 0);
    }

    function testFuzz_changeChildSettings(uint16 year, uint40 wait, bool byRepresentative, uint8 emergency) public {
        ParticipantId bob = person(BOB);
        year = uint16(bound(year, NOW, NOW + 25));
        ParticipantId child = _child(year);
        Settings memory settings = Settings(true, 7, CategoryMask.wrap(emergency));
        bool legal = _actAs(byRepresentative, year, wait, child, bob);
        registrar.changeSettings(child, settings);

        bytes32 now_ = keccak256(abi.encode(registrar.settingsOf(child)));
        equal(now_ == keccak256(abi.encode(settings)), legal, "settings");
        equal(signatureEpochOf(child), legal ? 1 : 0, "signature epoch");
    }

    function testFuzz_revokeAllOfChild(uint16 year, uint40 wait, bool byRepresentative) public {
        ParticipantId bob = person(BOB);
        year = uint16(bound(year, NOW, NOW + 25));
        ParticipantId child = _child(year);
        bool legal = _actAs(byRepresentative, year, wait, child, bob);
        registrar.revokeAll(child);

        equal(accessEpochOf(child), legal ? 1 : 0, "access epoch");
        equal(accessEpochOf(representative), 0, "not the representative's own");
    }

    function _actAs(
        bool byRepresentative,
        uint16 year,
        uint40 wait,
        ParticipantId child,
        ParticipantId bob
    ) private returns (bool legal) {
        vm.warp(START + wait);
        legal = byRepresentative && START + wait < Calendar.startOf(year + 1);
        vm.prank(vm.addr(byRepresentative ? ALICE : BOB));
        if (legal) return legal;
        ParticipantId actor = byRepresentative ? representative : bob;
        vm.expectRevert(abi.encodeWithSelector(IRepresentation.NotTheRepresentative.selector, child, actor));
    }

    function _checkChild(ParticipantId child, bytes32 document, bytes32 commitment, uint16 year) private view {
        equal(raw(child), 4, "id");
        check(registrar.isPerson(child), "a person");
        equal(registrar.keyDocumentOf(child), document, "key document");
        equal(registrar.keyVersionOf(child), 1, "key version");
        equal(raw(registrar.resolve(hospital, commitment)), raw(child), "identity");
        (ParticipantId issuer, uint16 then) = registrar.childhoodOf(child);
        check(issuer == hospital && then == year, "childhood");
        _checkPowers(child, representative, true, Calendar.startOf(year + 1));
        Delegation memory entry = delegates.delegationOf(child, representative);
        check(entry.source == hospital && entry.ofChild && entry.from == block.timestamp, "by the issuer, from now on");
    }

    function _checkPowers(ParticipantId child, ParticipantId who, bool powerful, uint256 until) private view {
        (Powers memory powers, uint40 end) = delegates.powersOf(child, who);
        equal(powers.approving, powerful, "approving");
        equal(CategoryMask.unwrap(powers.granting), powerful ? 0xFF : 0, "granting");
        equal(CategoryMask.unwrap(powers.viewing), powerful ? 0xFF : 0, "viewing");
        equal(end, powerful ? until : 0, "until");
    }

    function _child(uint16 year) private returns (ParticipantId) {
        bytes32 commitment = keccak256(abi.encode(registrar.participantCount()));
        Authorization memory clinic = _attest(GENERAL_HOSPITAL, KEY_DOCUMENT, commitment, year, DEADLINE);
        vm.prank(vm.addr(ALICE));
        return registrar.registerChild(KEY_DOCUMENT, commitment, year, clinic);
    }

    function _attest(
        uint256 key,
        bytes32 document,
        bytes32 commitment,
        uint16 year,
        uint48 deadline
    ) private view returns (Authorization memory) {
        uint40 issuer = raw(registrar.participantOf(vm.addr(key)));
        bytes32 hash = RegistrarData.childRegistration(
            issuer,
            raw(representative),
            document,
            commitment,
            year,
            deadline
        );
        return signed(key, deadline, hash);
    }

    function _consent(
        ParticipantId issuer,
        bytes32 document,
        bytes32 commitment,
        uint16 year,
        uint32 epoch
    ) private view returns (Authorization memory) {
        bytes32 hash = RegistrarData.childRepresentation(
            raw(representative),
            raw(issuer),
            document,
            commitment,
            year,
            epoch,
            DEADLINE
        );
        return signed(ALICE, DEADLINE, hash);
    }

    function _join(uint256 key, ParticipantId child, bytes32 document) private view returns (Authorization memory) {
        return signed(key, DEADLINE, RegistrarData.comingOfAgeAccount(raw(child), vm.addr(key), document, DEADLINE));
    }

    function _release(
        uint256 clinic,
        ParticipantId child,
        uint256 key,
        bytes32 document
    ) private view returns (Authorization memory) {
        uint40 issuer = raw(registrar.participantOf(vm.addr(clinic)));
        bytes32 hash = RegistrarData.comingOfAge(issuer, raw(child), vm.addr(key), document, DEADLINE);
        return signed(clinic, DEADLINE, hash);
    }
}
