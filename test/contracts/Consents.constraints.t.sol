// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Category, CategoryMask} from "../../contracts/types/Category.sol";
import {Powers} from "../../contracts/types/Delegation.sol";
import {Lanes} from "../../contracts/types/Lanes.sol";
import {PAYER, PROVIDER} from "../../contracts/types/Participant.sol";
import {NOBODY, ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {ConsentData} from "./helpers/ConsentData.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {TypedData} from "./helpers/TypedData.sol";
import {vm} from "./helpers/Vm.sol";

contract ConsentsConstraintsTest is NetworkTest {
    uint40 private constant TERM = uint40(START + 100 days);

    ParticipantId private alice;
    ParticipantId private bob;
    ParticipantId private hospital;
    ParticipantId private insurer;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        bob = person(BOB);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        insurer = institution(INSURER, "an insurer", PAYER);
    }

    /// @dev Property 48: what isn't a constrained write neither sets, changes nor lifts a constraint, whatever it writes.
    function testFuzz_onlyANamingWriteChangesAConstraint(bytes32 digest, uint8 steps, uint8 categories) public {
        IConsents.Grant memory given = _given(categories, 0, false);
        _constrain(given, digest);
        equal(_constraint(given), digest, "set");

        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(vm.addr(ALICE));
            if ((steps >> i) & 1 == 0) consents.grant(alice, given);
            else consents.revokeGrant(alice, given.viewer, given.purpose, given.steward, given.categories);
            equal(_constraint(given), digest, "kept");
        }
        _constrain(given, 0);
        equal(_constraint(given), bytes32(0), "lifted");
    }

    function testFuzz_endsWithEpochAndGeneration(bytes32 digest, bool generation) public {
        IConsents.Grant memory given = _given(1, 0, false);
        _constrain(given, digest);
        vm.prank(vm.addr(ALICE));
        if (generation) consents.revokeViewer(alice, insurer);
        else registrar.revokeAll(alice);

        equal(_constraint(given), bytes32(0), "constraint");
        check(!consents.canView(alice, hospital, insurer, Category.SUMMARY, Purpose.TREAT), "and so does the grant");
    }

    /// @dev A constraint is of one word, and `canView` doesn't know it.
    function testFuzz_saysNothingElse(bytes32 digest, uint8 purpose, bool anySteward, uint8 asked) public {
        vm.assume(digest != 0);
        IConsents.Grant memory given = _given(0xFF, _notResearch(purpose), anySteward);
        _constrain(given, digest);

        Purpose p = Purpose(asked % 7);
        bool same = p == given.purpose;
        equal(_constraintOf(insurer, p, given.steward), same ? digest : bytes32(0), "purpose");
        equal(_constraintOf(insurer, given.purpose, anySteward ? hospital : NOBODY), bytes32(0), "steward");
        equal(_constraintOf(hospital, given.purpose, given.steward), bytes32(0), "viewer");
        check(consents.canView(alice, hospital, insurer, Category(asked % 8), given.purpose), "the upper bound");
    }

    function testFuzz_grantConstrainedWithSig(bytes32 digest, bytes32 other, uint8 purpose, uint40 until) public {
        vm.assume(digest != other);
        IConsents.Grant memory given = _given(3, _notResearch(purpose), false);
        given.until = uint40(bound(until, START + 60, START + 10 * YEAR));
        Authorization memory authorization = _sign(ALICE, given, digest, 0, 0);

        vm.expectRevert(invalidSignature(ALICE));
        consents.grantConstrainedWithSig(alice, given, other, authorization);
        vm.expectRevert(invalidSignature(ALICE));
        consents.grantWithSig(alice, given, authorization);
        consents.grantConstrainedWithSig(alice, given, digest, authorization);

        equal(_constraint(given), digest, "digest");
        (IConsents.GrantState memory state, Lanes lanes) = consents.grantOf(
            alice,
            insurer,
            given.purpose,
            given.steward
        );
        equal(state.version, 1, "version");
        for (uint256 i = 0; i < 8; ++i) equal(lanes.expiryOf(i), i < 2 ? given.until / 60 : 0, "lane");
        vm.expectRevert(invalidSignature(ALICE));
        consents.grantConstrainedWithSig(alice, given, digest, authorization);
    }

    /// @dev Signed before, of whichever kind, it dies with the other kind.
    function testFuzz_eitherKindKillsTheOther(bytes32 digest, bool plainFirst) public {
        IConsents.Grant memory given = _given(1, 0, false);
        Authorization memory constrained = _sign(ALICE, given, digest, 0, 0);
        Authorization memory plain = sign(
            ALICE,
            DEADLINE,
            address(consents),
            ConsentData.grant(_typed(given, 0, 0), DEADLINE)
        );
        if (plainFirst) consents.grantWithSig(alice, given, plain);
        else consents.grantConstrainedWithSig(alice, given, digest, constrained);

        vm.expectRevert(invalidSignature(ALICE));
        if (plainFirst) consents.grantConstrainedWithSig(alice, given, digest, constrained);
        else consents.grantWithSig(alice, given, plain);
        equal(_constraint(given), plainFirst ? bytes32(0) : digest, "constraint");
    }

    function testFuzz_researchIsUnconstrained(bytes32 digest, bool withSig) public {
        IConsents.Grant memory given = _given(1, uint8(Purpose.HRESCH), false);
        Authorization memory authorization = _sign(ALICE, given, digest, 0, 0);

        if (!withSig) vm.prank(vm.addr(ALICE));
        vm.expectRevert(IConsents.ResearchUnconstrained.selector);
        if (withSig) consents.grantConstrainedWithSig(alice, given, digest, authorization);
        else consents.grantConstrained(alice, given, digest);
    }

    /// @dev Property 14: a delegate names all that isn't revoked, so that it lifts nothing from what it couldn't have granted.
    function testFuzz_aDelegateConstrainsWhatItCouldGrant(
        uint8 granted,
        uint8 granting,
        uint8 named,
        bool expired
    ) public {
        granted = uint8(bound(granted, 1, 255));
        granting = uint8(bound(granting, 1, 255));
        bytes32 digest = keccak256("a constraint");
        IConsents.Grant memory given = _given(granted, 0, false);
        given.until = uint40(START + 10 days);
        _constrain(given, digest);
        vm.prank(vm.addr(ALICE));
        delegates.appoint(bob, Powers(false, CategoryMask.wrap(granting), CategoryMask.wrap(0)), TERM);
        if (expired) vm.warp(START + 10 days);
        (given.categories, given.until) = (CategoryMask.wrap(named), uint40(START + 20 days));

        bytes memory problem;
        if (named & ~granting != 0 || granted & ~named != 0) {
            problem = abi.encodeWithSelector(IConsents.NotEmpowered.selector, alice, bob);
        } else if (named == 0) problem = abi.encodeWithSelector(IConsents.MissingCategories.selector);
        vm.prank(vm.addr(BOB));
        if (problem.length != 0) vm.expectRevert(problem);
        consents.grantConstrained(alice, given, 0);

        equal(_constraint(given), problem.length == 0 ? bytes32(0) : digest, "constraint");
    }

    /// @dev Finding S14: a grant to itself would outlast the delegate's dismissal.
    function testFuzz_aDelegateNeverGrantsToItself(uint8 categories, bool constrained) public {
        vm.prank(vm.addr(ALICE));
        delegates.appoint(bob, Powers(false, CategoryMask.wrap(0xFF), CategoryMask.wrap(0xFF)), TERM);
        IConsents.Grant memory given = _given(categories, 0, false);
        given.viewer = bob;

        vm.prank(vm.addr(BOB));
        vm.expectRevert(abi.encodeWithSelector(IConsents.ViewerIsDelegate.selector, alice, bob));
        if (constrained) consents.grantConstrained(alice, given, 0);
        else consents.grant(alice, given);
    }

    function _constrain(IConsents.Grant memory given, bytes32 digest) private {
        vm.prank(vm.addr(ALICE));
        consents.grantConstrained(alice, given, digest);
    }

    function _constraint(IConsents.Grant memory given) private view returns (bytes32) {
        return _constraintOf(given.viewer, given.purpose, given.steward);
    }

    function _constraintOf(
        ParticipantId viewer,
        Purpose purpose,
        ParticipantId steward
    ) private view returns (bytes32) {
        return consents.constraintOf(alice, viewer, purpose, steward);
    }

    function _notResearch(uint8 purpose) private pure returns (uint8) {
        return purpose % 7 == uint8(Purpose.HRESCH) ? 0 : purpose % 7;
    }

    function _given(uint8 categories, uint8 purpose, bool anySteward) private view returns (IConsents.Grant memory) {
        CategoryMask mask = CategoryMask.wrap(uint8(bound(categories, 1, 255)));
        return IConsents.Grant(insurer, Purpose(purpose), anySteward ? NOBODY : hospital, mask, true, TERM);
    }

    function _typed(
        IConsents.Grant memory given,
        uint32 epoch,
        uint32 version
    ) private view returns (ConsentData.Grant memory typed) {
        (typed.patient, typed.viewer, typed.steward) = (raw(alice), raw(given.viewer), raw(given.steward));
        (typed.viewerName, typed.stewardName) = ("an insurer", "General Hospital");
        (typed.purpose, typed.until) = (TypedData.purpose(uint256(given.purpose)), given.until);
        typed.categories = CategoryMask.unwrap(given.categories);
        typed.sensitiveFromAnySteward = given.sensitiveFromAnySteward;
        (typed.signatureEpoch, typed.version) = (epoch, version);
    }

    function _sign(
        uint256 key,
        IConsents.Grant memory given,
        bytes32 digest,
        uint32 epoch,
        uint32 version
    ) private view returns (Authorization memory) {
        bytes32 hash = ConsentData.constrainedGrant(_typed(given, epoch, version), digest, DEADLINE);
        return sign(key, DEADLINE, address(consents), hash);
    }
}
