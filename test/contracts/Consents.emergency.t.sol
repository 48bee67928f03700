// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Category, CategoryMask} from "../../contracts/types/Category.sol";
import {Powers} from "../../contracts/types/Delegation.sol";
import {Emergency, Outcome, Review} from "../../contracts/types/Emergency.sol";
import {EMERGENCY, PROVIDER, Roles, Settings} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {ConsentData} from "./helpers/ConsentData.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {Vm, vm} from "./helpers/Vm.sol";

contract ConsentsEmergencyTest is NetworkTest {
    uint256 private constant AMBULANCE = 0xA3B;
    string private constant NAME = "an ambulance";
    bytes32 private constant REASON = keccak256("reason");

    ParticipantId private alice;
    ParticipantId private bob;
    ParticipantId private ambulance;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        bob = person(BOB);
        ambulance = institution(AMBULANCE, NAME, EMERGENCY);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
    }

    /// @dev Property 16.
    function testFuzz_breakGlass(uint8 policy, uint40 until, bytes32 reason, uint16 roles) public {
        roles = uint16(bound(roles, 1, 31));
        registrar.license(ambulance, keccak256(bytes(NAME)), Roles.wrap(roles), uint40(START + YEAR));
        _admit(policy);
        if (until % 3 != 0) until = uint40(START + (until % 5 hours));
        uint256 latest = START + 4 hours;

        bytes memory problem;
        if (roles < 16) problem = abi.encodeWithSelector(IConsents.NotCertifiedForEmergencies.selector, ambulance);
        else if (reason == 0) problem = abi.encodeWithSelector(IConsents.MissingReason.selector);
        else if (policy == 0) problem = abi.encodeWithSelector(IConsents.OptedOut.selector, alice);
        else if (until <= START) problem = abi.encodeWithSelector(IConsents.ExpiryInThePast.selector, until);
        else if (until > latest) problem = abi.encodeWithSelector(IConsents.ExpiryTooFar.selector, until, latest);
        vm.recordLogs();
        vm.prank(vm.addr(AMBULANCE));
        if (problem.length != 0) vm.expectRevert(problem);
        consents.breakGlass(alice, until, reason);
        if (problem.length != 0) return;

        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 1, "exactly one event");
        equal(logs[0].topics[0], IConsents.GlassBroken.selector, "the event");
        equal(keccak256(logs[0].data), keccak256(abi.encode(1, policy, until, reason)), "what it says");
        Emergency memory e = consents.emergencyOf(alice, ambulance);
        check(e.number == 1 && e.until == until && CategoryMask.unwrap(e.categories) == policy, "emergency");
        for (uint8 c = 0; c < 8; ++c) equal(_canView(c), (policy >> c) & 1 == 1, "canView");
    }

    /// @dev For the one purpose, whoever keeps it, to the second, and nobody else.
    function testFuzz_breakGlass_saysNothingElse(
        uint8 c,
        uint8 purpose,
        uint40 steward,
        uint40 viewer,
        uint40 until
    ) public {
        until = uint40(bound(until, START + 1, START + 4 hours));
        vm.assume(viewer != raw(ambulance) && viewer != raw(alice));
        _break(until);
        ParticipantId s = ParticipantId.wrap(steward);

        bool answer = consents.canView(alice, s, ambulance, Category(c % 8), Purpose(purpose % 7));
        equal(answer, c % 8 < 2 && Purpose(purpose % 7) == Purpose.ETREAT, "canView");
        check(!consents.canView(bob, s, ambulance, Category.SUMMARY, Purpose.ETREAT), "another patient");
        ParticipantId other = ParticipantId.wrap(viewer);
        check(!consents.canView(alice, s, other, Category.SUMMARY, Purpose.ETREAT), "another viewer");
        vm.warp(until - 1);
        check(_canView(0), "the last second");
        vm.warp(until);
        check(!_canView(0), "over");
    }

    function testFuzz_breakGlass_again(uint40 until, uint40 wait, uint8 ended) public {
        until = uint40(bound(until, START + 1, START + 4 hours));
        wait = uint40(bound(wait, 0, 5 hours));
        _break(until);
        vm.prank(vm.addr(ALICE));
        if (ended % 4 == 1) registrar.revokeAll(alice);
        else if (ended % 4 == 2) consents.revokeViewer(alice, ambulance);
        else if (ended % 4 == 3) consents.review(alice, ambulance, 1, Outcome.Unjustified);
        else registrar.cancelSignatures();
        equal(_canView(0), ended % 4 == 0, "ended");
        vm.warp(START + wait);

        bool broken = ended % 4 == 0 && START + wait < until;
        vm.prank(vm.addr(AMBULANCE));
        if (broken) vm.expectRevert(abi.encodeWithSelector(IConsents.GlassAlreadyBroken.selector, alice, ambulance));
        consents.breakGlass(alice, uint40(block.timestamp + 1), REASON);

        equal(consents.emergencyOf(alice, ambulance).number, broken ? 1 : 2, "number");
    }

    /// @dev The policy at that time and the current one: whichever is narrower.
    function testFuzz_breakGlass_policy(uint8 before, uint8 then) public {
        vm.assume(before != 0);
        _admit(before);
        _break(uint40(START + 4 hours));
        _admit(then);

        for (uint8 c = 0; c < 8; ++c) equal(_canView(c), ((before & then) >> c) & 1 == 1, "canView");
    }

    function testFuzz_breakGlass_needsTheLicenceAsLongAsItLasts(uint40 until, uint40 licensed, bool suspended) public {
        until = uint40(bound(until, START + 2, START + 4 hours));
        licensed = uint40(bound(licensed, START + 1, START + 5 hours));
        _break(until);
        registrar.license(ambulance, keccak256(bytes(NAME)), EMERGENCY, licensed);
        if (suspended) registrar.suspend(ambulance);

        equal(_canView(0), !suspended, "now");
        vm.warp(until - 1);
        equal(_canView(0), !suspended && until - 1 < licensed, "at the end");
        registrar.license(ambulance, keccak256(bytes(NAME)), PROVIDER, uint40(START + YEAR));
        check(!_canView(0), "not with another role");
    }

    function testFuzz_breakGlass_onlyOfPersons(uint40 patient) public {
        vm.assume(patient != raw(alice) && patient != raw(bob));

        vm.prank(vm.addr(AMBULANCE));
        vm.expectRevert(abi.encodeWithSelector(IConsents.OptedOut.selector, patient));
        consents.breakGlass(ParticipantId.wrap(patient), uint40(START + 1), REASON);
    }

    function testFuzz_review(uint8 by, uint32 number, uint8 outcome, bool empowered) public {
        _break(uint40(START + 1 hours));
        _appoint(empowered);
        number = number % 3;
        Outcome given = Outcome(outcome % 3);
        uint256 sender = by % 2 == 0 ? ALICE : BOB;

        bytes memory problem = _problem(number, given);
        if (sender == BOB && !empowered) problem = _notEmpowered();
        vm.prank(vm.addr(sender));
        if (problem.length != 0) vm.expectRevert(problem);
        consents.review(alice, ambulance, number, given);

        _checkReview(problem.length == 0 ? given : Outcome.Unreviewed, true);
        equal(_canView(0), problem.length != 0 || given == Outcome.Justified, "an unjustified one ends at once");
    }

    function testFuzz_reviewWithSig(uint8 by, uint8 outcome, bool empowered, uint48 deadline) public {
        _break(uint40(START + 1 hours));
        _appoint(empowered);
        deadline = uint48(bound(deadline, START, DEADLINE));
        Outcome given = Outcome(1 + (outcome % 2));
        uint256 signer = by % 2 == 0 ? ALICE : BOB;
        Authorization memory authorization = _sign(signer, 1, given, deadline);

        bool legal = signer == ALICE || empowered;
        if (!legal) vm.expectRevert(_notEmpowered());
        consents.reviewWithSig(alice, ambulance, 1, given, authorization);

        _checkReview(legal ? given : Outcome.Unreviewed, true);
        if (!legal) return;
        vm.expectRevert(abi.encodeWithSelector(IConsents.AlreadyReviewed.selector, alice, ambulance, 1));
        consents.reviewWithSig(alice, ambulance, 1, given, authorization);
    }

    /// @dev Whoever changes the mind signs again; the former signature doesn't change it back.
    function testFuzz_reviewWithSig_countsOnce(bool direct) public {
        _break(uint40(START + 1 hours));
        Authorization memory first = _sign(ALICE, 1, Outcome.Justified, DEADLINE);
        consents.reviewWithSig(alice, ambulance, 1, Outcome.Justified, first);
        Authorization memory second = _sign(ALICE, 1, Outcome.Unjustified, DEADLINE);
        if (direct) vm.prank(vm.addr(ALICE));
        if (direct) consents.review(alice, ambulance, 1, Outcome.Unjustified);
        else consents.reviewWithSig(alice, ambulance, 1, Outcome.Unjustified, second);

        (bool success, ) = address(consents).call(
            abi.encodeCall(consents.reviewWithSig, (alice, ambulance, 1, Outcome.Justified, first))
        );
        check(!success, "the first signature is used up");
        _checkReview(Outcome.Unjustified, true);
    }

    function testFuzz_reviewWithSig_everyFieldCounts(uint8 field, uint32 number) public {
        _break(uint40(START + 1 hours));
        Authorization memory authorization = _sign(ALICE, 1, Outcome.Justified, DEADLINE);
        (ParticipantId patient, ParticipantId responder) = (alice, ambulance);
        Outcome outcome = Outcome.Justified;
        if (field % 4 == 0) outcome = Outcome.Unjustified;
        if (field % 4 == 1) responder = hospital;
        if (field % 4 == 2) patient = bob;
        if (field % 4 != 3) number = 1;
        vm.assume(field % 4 != 3 || number != 1);

        vm.expectRevert(
            field % 4 == 2
                ? abi.encodeWithSelector(IConsents.NotEmpowered.selector, bob, alice)
                : invalidSignature(ALICE)
        );
        consents.reviewWithSig(patient, responder, number, outcome, authorization);
    }

    /// @dev Property 17: the authority's review can only end something, and gives way to the patient's.
    function testFuzz_reviewAsAuthority(uint8 outcome, uint8 patients, uint32 number, bool patientFirst) public {
        _break(uint40(START + 1 hours));
        number = number % 3;
        (Outcome given, Outcome own) = (Outcome(outcome % 3), Outcome(1 + (patients % 2)));
        if (patientFirst) _review(own);
        bytes memory problem = _problem(number, given);
        if (problem.length == 0 && patientFirst) problem = _alreadyReviewed();
        if (problem.length != 0) vm.expectRevert(problem);
        consents.reviewAsAuthority(alice, ambulance, number, given);
        if (problem.length != 0) return;

        _checkReview(given, false);
        equal(_canView(0), given == Outcome.Justified, "ended");
        vm.expectRevert(_alreadyReviewed());
        consents.reviewAsAuthority(alice, ambulance, 1, given);
        _review(own);
        _checkReview(own, true);
        equal(_canView(0), given == Outcome.Justified && own == Outcome.Justified, "what has ended stays so");
    }

    function testFuzz_reviewAsAuthority_isRestricted(address sender, uint8 outcome) public {
        vm.assume(sender != address(this));
        _break(uint40(START + 1 hours));

        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, sender));
        consents.reviewAsAuthority(alice, ambulance, 1, Outcome(outcome % 3));
    }

    /// @dev A late review of a former one leaves the present one alone.
    function testFuzz_review_ofAFormerOne(uint8 outcome, bool byAuthority) public {
        _break(uint40(START + 1));
        vm.warp(START + 1);
        _break(uint40(START + 1 hours));
        Outcome given = Outcome(1 + (outcome % 2));
        if (!byAuthority) vm.prank(vm.addr(ALICE));
        if (byAuthority) consents.reviewAsAuthority(alice, ambulance, 1, given);
        else consents.review(alice, ambulance, 1, given);

        _checkReview(given, !byAuthority);
        check(consents.reviewOf(alice, ambulance, 2).outcome == Outcome.Unreviewed, "the present one");
        check(_canView(0), "goes on");
    }

    function _problem(uint32 number, Outcome given) private view returns (bytes memory) {
        if (number != 1) {
            return abi.encodeWithSelector(IConsents.NoSuchEmergency.selector, alice, ambulance, number);
        }
        if (given == Outcome.Unreviewed) return abi.encodeWithSelector(IConsents.MissingOutcome.selector);
        return "";
    }

    function _checkReview(Outcome outcome, bool byPatient) private view {
        Review memory r = consents.reviewOf(alice, ambulance, 1);
        check(r.outcome == outcome, "outcome");
        if (outcome != Outcome.Unreviewed) equal(r.byPatient, byPatient, "by the patient");
    }

    function _break(uint40 until) private {
        vm.prank(vm.addr(AMBULANCE));
        consents.breakGlass(alice, until, REASON);
    }

    function _review(Outcome outcome) private {
        vm.prank(vm.addr(ALICE));
        consents.review(alice, ambulance, 1, outcome);
    }

    function _admit(uint8 policy) private {
        vm.prank(vm.addr(ALICE));
        registrar.changeSettings(alice, Settings(false, 0, CategoryMask.wrap(policy)));
    }

    function _appoint(bool approving) private {
        vm.prank(vm.addr(ALICE));
        delegates.appoint(
            bob,
            Powers(approving, CategoryMask.wrap(0xFF), CategoryMask.wrap(0)),
            uint40(START + 1 days)
        );
    }

    function _sign(
        uint256 key,
        uint32 number,
        Outcome outcome,
        uint48 deadline
    ) private view returns (Authorization memory) {
        bool justified = outcome == Outcome.Justified;
        bytes32 hash = ConsentData.review(raw(alice), raw(ambulance), NAME, number, justified, deadline);
        return sign(key, deadline, address(consents), hash);
    }

    function _canView(uint8 category) private view returns (bool) {
        return consents.canView(alice, hospital, ambulance, Category(category), Purpose.ETREAT);
    }

    function _alreadyReviewed() private view returns (bytes memory) {
        return abi.encodeWithSelector(IConsents.AlreadyReviewed.selector, alice, ambulance, 1);
    }

    function _notEmpowered() private view returns (bytes memory) {
        return abi.encodeWithSelector(IConsents.NotEmpowered.selector, alice, bob);
    }
}
