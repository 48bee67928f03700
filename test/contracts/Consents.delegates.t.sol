// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Category, CategoryMask} from "../../contracts/types/Category.sol";
import {Powers} from "../../contracts/types/Delegation.sol";
import {Lanes} from "../../contracts/types/Lanes.sol";
import {PROVIDER, Settings} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {ConsentData} from "./helpers/ConsentData.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {TypedData} from "./helpers/TypedData.sol";
import {vm} from "./helpers/Vm.sol";

contract ConsentsDelegatesTest is NetworkTest {
    uint40 private constant TERM = uint40(START + 100 days);

    ParticipantId private alice;
    ParticipantId private bob;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        bob = person(BOB);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
    }

    /// @dev Properties 14 and 17: within the mask, within the term, and not for research.
    function testFuzz_grant(uint8 granting, uint8 categories, uint8 purpose, uint40 until) public {
        _appoint(granting, 0);
        IConsents.Grant memory given = _given(categories, purpose, until);
        bytes memory problem = _problem(granting, given);

        vm.prank(vm.addr(BOB));
        if (problem.length != 0) vm.expectRevert(problem);
        consents.grant(alice, given);

        _checkLanes(given, problem.length == 0);
    }

    function testFuzz_grant_withinMaskAndTerm(uint8 granting, uint8 categories, uint8 purpose, uint40 until) public {
        vm.assume(categories & granting != 0);
        _appoint(granting, 0);
        IConsents.Grant memory given = _given(categories & granting, purpose % 4, until);
        given.until = uint40(bound(until, START + 60, TERM));
        vm.prank(vm.addr(BOB));
        consents.grant(alice, given);

        _checkLanes(given, true);
    }

    function testFuzz_grantWithSig(uint8 granting, uint8 categories, uint40 until, uint48 deadline) public {
        vm.assume(categories & granting != 0);
        deadline = uint48(bound(deadline, START, DEADLINE));
        _appoint(granting, 0);
        IConsents.Grant memory given = _given(categories & granting, 0, until);
        given.until = uint40(bound(until, START + 60, TERM));
        Authorization memory authorization = _sign(BOB, alice, given, 0, 0, deadline);
        // Signed for alice's records, it says nothing about the delegate's own.
        vm.expectRevert(invalidSignature(BOB));
        consents.grantWithSig(bob, given, authorization);
        consents.grantWithSig(alice, given, authorization);

        _checkLanes(given, true);
        vm.expectRevert(invalidSignature(BOB));
        consents.grantWithSig(alice, given, authorization);
    }

    function testFuzz_grantWithSig_countersMustMatch(uint8 epoch, uint8 version, bool ofPatient) public {
        (epoch, version) = (epoch % 3, version % 3);
        _appoint(0xFF, 0);
        IConsents.Grant memory given = _given(1, 0, TERM);
        Authorization memory authorization = _sign(BOB, ofPatient ? alice : bob, given, epoch, version, DEADLINE);
        vm.prank(vm.addr(ALICE));
        registrar.cancelSignatures();
        vm.prank(vm.addr(ALICE));
        consents.revokeGrant(alice, given.viewer, given.purpose, given.steward, given.categories);

        bool matches = ofPatient && epoch == 1 && version == 2;
        if (!matches) vm.expectRevert(invalidSignature(BOB));
        consents.grantWithSig(alice, given, authorization);

        equal(consents.canView(alice, hospital, hospital, Category.SUMMARY, Purpose.TREAT), matches, "canView");
    }

    function testFuzz_grantWithSig_refusesLikeGrant(uint8 granting, uint8 categories, uint8 p, uint40 until) public {
        _appoint(granting, 0);
        IConsents.Grant memory given = _given(categories, p, until);
        Authorization memory authorization = _sign(BOB, alice, given, 0, 0, DEADLINE);
        bytes memory problem = _problem(granting, given);

        if (problem.length != 0) vm.expectRevert(problem);
        consents.grantWithSig(alice, given, authorization);

        _checkLanes(given, problem.length == 0);
    }

    /// @dev The patient's own settings bind a delegate as well.
    function testFuzz_grant_keepsToTheLongestGrant(uint16 longest, uint16 days_) public {
        longest = uint16(bound(longest, 1, 120));
        days_ = uint16(bound(days_, 1, 99));
        vm.prank(vm.addr(ALICE));
        registrar.changeSettings(alice, Settings(false, longest, CategoryMask.wrap(0)));
        _appoint(0xFF, 0);
        uint40 until = uint40(START + uint256(days_) * 1 days);
        uint256 latest = START + uint256(longest) * 1 days;

        vm.prank(vm.addr(BOB));
        if (until > latest) vm.expectRevert(abi.encodeWithSelector(IConsents.ExpiryTooFar.selector, until, latest));
        consents.grant(alice, _given(1, 0, until));
    }

    function testFuzz_revokeGrant(uint8 granting, uint8 revoked) public {
        _appoint(granting, 0);
        IConsents.Grant memory given = _given(0xFF, 0, TERM);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);

        bytes memory problem;
        if (granting == 0 || revoked & ~granting != 0) problem = _notEmpowered();
        else if (revoked == 0) problem = abi.encodeWithSelector(IConsents.MissingCategories.selector);
        vm.prank(vm.addr(BOB));
        if (problem.length != 0) vm.expectRevert(problem);
        consents.revokeGrant(alice, given.viewer, given.purpose, given.steward, CategoryMask.wrap(revoked));

        (IConsents.GrantState memory state, Lanes lanes) = consents.grantOf(alice, hospital, given.purpose, hospital);
        equal(state.version, problem.length == 0 ? 3 : 1, "version");
        for (uint256 i = 0; i < 8; ++i) {
            bool gone = problem.length == 0 && (revoked >> i) & 1 == 1;
            equal(lanes.expiryOf(i), gone ? 0 : TERM / 60, "lane");
        }
    }

    function testFuzz_revokeViewer(uint8 granting, uint40 viewer) public {
        _appoint(granting, 0);

        vm.prank(vm.addr(BOB));
        if (granting != 0xFF) vm.expectRevert(_notEmpowered());
        consents.revokeViewer(alice, ParticipantId.wrap(viewer));

        equal(consents.generationOf(alice, ParticipantId.wrap(viewer)), granting == 0xFF ? 1 : 0, "generation");
        equal(consents.generationOf(bob, ParticipantId.wrap(viewer)), 0, "not the delegate's own");
    }

    /// @dev Property 14: whatever ends the delegate ends what the delegate may do.
    function testFuzz_nothingAfterTheEnd(uint8 end, uint8 act, uint40 wait) public {
        _appoint(0xFF, 0xFF);
        if (end % 4 == 0) vm.warp(bound(wait, TERM, START + YEAR - 1));
        if (end % 4 == 3) {
            vm.prank(vm.addr(BOB));
            delegates.dismiss(alice, bob);
        }
        vm.prank(vm.addr(ALICE));
        if (end % 4 == 1) delegates.dismiss(alice, bob);
        else if (end % 4 == 2) registrar.revokeAll(alice);
        else registrar.cancelSignatures();
        IConsents.Grant memory given = _given(1, 0, uint40(block.timestamp + 1 days));
        Authorization memory authorization = _sign(BOB, alice, given, 1, 0, DEADLINE);

        if (act % 4 != 3) vm.prank(vm.addr(BOB));
        vm.expectRevert(_notEmpowered());
        if (act % 4 == 0) consents.grant(alice, given);
        else if (act % 4 == 1) consents.revokeGrant(alice, hospital, Purpose.TREAT, hospital, given.categories);
        else if (act % 4 == 2) consents.revokeViewer(alice, hospital);
        else consents.grantWithSig(alice, given, authorization);
        check(!consents.canView(alice, hospital, bob, Category.SUMMARY, Purpose.TREAT), "and views nothing");
    }

    /// @dev Property 11, of delegates: whoever keeps it and whatever for.
    function testFuzz_canView(uint8 viewing, uint8 category, uint8 purpose, uint40 steward, uint40 time) public {
        vm.assume(viewing != 0);
        _appoint(0, viewing);
        time = uint40(bound(time, START, TERM + 1 days));
        vm.warp(time);
        ParticipantId s = ParticipantId.wrap(steward);
        (Category c, Purpose p) = (Category(category % 8), Purpose(purpose % 7));

        bool expected = (viewing >> (category % 8)) & 1 == 1 && time < TERM;
        equal(consents.canView(alice, s, bob, c, p), expected, "canView");
        check(!consents.canView(bob, s, alice, c, p), "one way only");
        vm.warp(TERM - 1);
        equal(consents.canView(alice, s, bob, c, p), (viewing >> (category % 8)) & 1 == 1, "the last second");
        vm.warp(TERM);
        check(!consents.canView(alice, s, bob, c, p), "over");
    }

    /// @dev The patient may use the functions that are for delegates.
    function testFuzz_thePatientNeedsNoPower(uint8 categories, uint8 purpose, uint40 until) public {
        IConsents.Grant memory given = _given(uint8(bound(categories, 1, 255)), purpose, until);
        given.until = uint40(bound(until, START + 60, START + 10 * YEAR));
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);
        _checkLanes(given, true);

        vm.prank(vm.addr(ALICE));
        consents.revokeGrant(alice, given.viewer, given.purpose, given.steward, given.categories);
        _checkLanes(given, false);
        consents.grantWithSig(alice, given, _sign(ALICE, alice, given, 0, 3, DEADLINE));
        _checkLanes(given, true);
        vm.prank(vm.addr(ALICE));
        consents.revokeViewer(alice, hospital);
        _checkLanes(given, false);
    }

    function _problem(uint8 granting, IConsents.Grant memory given) private view returns (bytes memory) {
        uint8 categories = CategoryMask.unwrap(given.categories);
        if (granting == 0 || categories & ~granting != 0) return _notEmpowered();
        if (given.until > TERM) return abi.encodeWithSelector(IConsents.ExpiryTooFar.selector, given.until, TERM);
        if (given.purpose == Purpose.HRESCH) return _notEmpowered();
        if (categories == 0) return abi.encodeWithSelector(IConsents.MissingCategories.selector);
        if ((given.until / 60) * 60 <= START) {
            return abi.encodeWithSelector(IConsents.ExpiryInThePast.selector, given.until);
        }
        return "";
    }

    function _appoint(uint8 granting, uint8 viewing) private {
        Powers memory powers = Powers(true, CategoryMask.wrap(granting), CategoryMask.wrap(viewing));
        vm.prank(vm.addr(ALICE));
        delegates.appoint(bob, powers, TERM);
    }

    function _given(uint8 categories, uint8 purpose, uint40 until) private view returns (IConsents.Grant memory) {
        return IConsents.Grant(hospital, Purpose(purpose % 7), hospital, CategoryMask.wrap(categories), false, until);
    }

    function _checkLanes(IConsents.Grant memory given, bool granted) private view {
        (, Lanes lanes) = consents.grantOf(alice, given.viewer, given.purpose, given.steward);
        for (uint256 i = 0; i < 8; ++i) {
            equal(lanes.expiryOf(i), granted && given.categories.has(i) ? given.until / 60 : 0, "lane");
        }
    }

    function _sign(
        uint256 key,
        ParticipantId patient,
        IConsents.Grant memory given,
        uint32 epoch,
        uint32 version,
        uint48 deadline
    ) private view returns (Authorization memory) {
        ConsentData.Grant memory typed = ConsentData.Grant({
            patient: raw(patient),
            viewer: raw(given.viewer),
            viewerName: "General Hospital",
            purpose: TypedData.purpose(uint256(given.purpose)),
            categories: CategoryMask.unwrap(given.categories),
            steward: raw(given.steward),
            stewardName: "General Hospital",
            sensitiveFromAnySteward: given.sensitiveFromAnySteward,
            until: given.until,
            signatureEpoch: epoch,
            generation: 0,
            version: version
        });
        return sign(key, deadline, address(consents), ConsentData.grant(typed, deadline));
    }

    function _notEmpowered() private view returns (bytes memory) {
        return abi.encodeWithSelector(IConsents.NotEmpowered.selector, alice, bob);
    }
}
