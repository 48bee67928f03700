// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {ISignedActions} from "../../contracts/interfaces/ISignedActions.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Category, CategoryMask} from "../../contracts/types/Category.sol";
import {Lanes} from "../../contracts/types/Lanes.sol";
import {PAYER, PROVIDER} from "../../contracts/types/Participant.sol";
import {NOBODY, ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {ConsentData} from "./helpers/ConsentData.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {TypedData} from "./helpers/TypedData.sol";
import {vm} from "./helpers/Vm.sol";

/// @dev Longer than most: a fuzz test for every function of the contract.
contract ConsentsTest is NetworkTest {
    ParticipantId private alice;
    ParticipantId private hospital;
    ParticipantId private insurer;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        insurer = institution(INSURER, "an insurer", PAYER);
    }

    function testFuzz_grant(uint8 purpose, bool anySteward, uint8 categories, bool explicitly, uint40 until) public {
        IConsents.Grant memory given = _given(purpose, anySteward, categories, explicitly, until);
        uint256 latest = START + consents.MAX_GRANT_TERM();

        bytes memory problem;
        if (categories == 0) problem = abi.encodeWithSelector(IConsents.MissingCategories.selector);
        else if (anySteward && !explicitly && categories >= 0x40) {
            problem = abi.encodeWithSelector(IConsents.SensitiveNeedsExplicitConsent.selector, categories);
        } else if ((until / 60) * 60 <= START) {
            problem = abi.encodeWithSelector(IConsents.ExpiryInThePast.selector, until);
        } else if (until > latest) {
            problem = abi.encodeWithSelector(IConsents.ExpiryTooFar.selector, until, latest);
        }
        vm.prank(vm.addr(ALICE));
        if (problem.length != 0) vm.expectRevert(problem);
        consents.grant(alice, given);
        if (problem.length == 0) _checkGranted(given, 1);
    }

    function testFuzz_grant_validOne(uint8 purpose, bool anySteward, uint8 categories, uint40 until) public {
        IConsents.Grant memory given = _valid(purpose, anySteward, categories, until);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);

        _checkGranted(given, 1);
    }

    function testFuzz_grant_leavesOtherLanesAlone(uint8 first, uint8 second, uint40 until, uint40 later) public {
        IConsents.Grant memory a = _valid(0, false, first, until);
        IConsents.Grant memory b = _valid(0, false, second, later);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, a);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, b);

        (IConsents.GrantState memory state, Lanes lanes) = consents.grantOf(alice, insurer, Purpose.TREAT, hospital);
        equal(state.version, 2, "version");
        for (uint256 i = 0; i < 8; ++i) {
            uint256 expected =
                b.categories.has(i)
                    ? b.until / 60
                    : a.categories.has(i)
                        ? a.until / 60
                        : 0;
            equal(lanes.expiryOf(i), expected, "lane");
        }
    }

    function testFuzz_grantWithSig(
        uint8 purpose,
        bool anySteward,
        uint8 categories,
        uint40 until,
        uint48 deadline,
        uint8 writes
    ) public {
        IConsents.Grant memory given = _valid(purpose, anySteward, categories, until);
        deadline = uint48(bound(deadline, START, DEADLINE));
        for (uint256 i = 0; i < writes % 4; ++i) _revokeGrant(given, 1);
        uint32 version = (writes % 4) * 2;
        Authorization memory authorization = _sign(given, 0, 0, version, deadline);

        consents.grantWithSig(alice, given, authorization);

        _checkGranted(given, version + 1);
        vm.expectRevert(invalidSignature(ALICE));
        consents.grantWithSig(alice, given, authorization);
    }

    function testFuzz_grantWithSig_countersMustMatch(uint8 epoch, uint8 generation, uint8 version) public {
        IConsents.Grant memory given = _valid(0, false, 1, 0);
        Authorization memory authorization = _sign(given, epoch % 3, generation % 3, version % 3, DEADLINE);
        vm.prank(vm.addr(ALICE));
        registrar.revokeAll(alice);
        vm.prank(vm.addr(ALICE));
        consents.revokeViewer(alice, insurer);
        _revokeGrant(given, 1);

        bool matches = epoch % 3 == 1 && generation % 3 == 1 && version % 3 == 2;
        if (!matches) vm.expectRevert(invalidSignature(ALICE));
        consents.grantWithSig(alice, given, authorization);

        equal(_canView(given, 0), matches, "canView");
    }

    function testFuzz_grantWithSig_everyFieldCounts(uint8 categories, uint40 until, uint8 field, uint256 value) public {
        IConsents.Grant memory given = _valid(0, false, categories, until);
        Authorization memory authorization = _sign(given, 0, 0, 0, DEADLINE);
        bytes32 before = keccak256(abi.encode(given));
        if (field % 6 == 0) given.viewer = ParticipantId.wrap(uint40(value));
        if (field % 6 == 1) given.purpose = Purpose(value % 7);
        if (field % 6 == 2) given.steward = ParticipantId.wrap(uint40(value));
        if (field % 6 == 3) given.categories = CategoryMask.wrap(uint8(value));
        if (field % 6 == 4) given.sensitiveFromAnySteward = value % 2 == 1;
        if (field % 6 == 5) given.until = uint40(value);
        vm.assume(keccak256(abi.encode(given)) != before);

        bool viewable = registrar.isInGoodStanding(given.viewer);
        vm.expectRevert(
            viewable
                ? invalidSignature(ALICE)
                : abi.encodeWithSelector(IConsents.ViewerNotInGoodStanding.selector, given.viewer)
        );
        consents.grantWithSig(alice, given, authorization);
    }

    /// @dev Property 19.
    function testFuzz_directAndSignedRoutesLeaveTheSameState(uint8 purpose, bool any, uint8 cats, uint40 until) public {
        IConsents.Grant memory given = _valid(purpose, any, cats, until);
        ParticipantId bob = person(BOB);
        vm.prank(vm.addr(BOB));
        consents.grant(bob, given);
        consents.grantWithSig(alice, given, _sign(given, 0, 0, 0, DEADLINE));
        _checkSame(given, bob);

        CategoryMask some = CategoryMask.wrap((CategoryMask.unwrap(given.categories) & 0x55) | 1);
        vm.prank(vm.addr(BOB));
        consents.revokeGrant(bob, given.viewer, given.purpose, given.steward, some);
        _revokeGrantWithSig(given, some, 1);
        _checkSame(given, bob);

        vm.prank(vm.addr(BOB));
        consents.revokeViewer(bob, insurer);
        _revokeViewerWithSig(0, DEADLINE);
        _checkSame(given, bob);

        vm.prank(vm.addr(BOB));
        registrar.revokeAll(bob);
        _revokeAllWithSig(0, DEADLINE);
        _checkSame(given, bob);
    }

    function testFuzz_revokeGrant(uint8 granted, uint8 revoked) public {
        IConsents.Grant memory given = _valid(0, false, granted, 0);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);
        if (revoked == 0) vm.expectRevert(IConsents.MissingCategories.selector);
        _revokeGrant(given, revoked);

        for (uint8 i = 0; i < 8; ++i) {
            equal(_canView(given, i), given.categories.has(i) && (revoked >> i) & 1 == 0, "canView");
        }
    }

    function testFuzz_revokeGrantWithSig(uint8 revoked, uint32 version, uint8 writes) public {
        vm.assume(revoked != 0);
        version = version % 6;
        IConsents.Grant memory given = _valid(0, false, 0xFF, 0);
        for (uint256 i = 0; i <= writes % 4; ++i) {
            vm.prank(vm.addr(ALICE));
            consents.grant(alice, given);
        }
        uint256 current = (writes % 4) + 1;
        CategoryMask categories = CategoryMask.wrap(revoked);
        Authorization memory authorization = _signRevocation(given, categories, version);

        bool counts = version == current || version + 1 == current;
        if (!counts) vm.expectRevert(abi.encodeWithSelector(ISignedActions.StaleSignature.selector, version, current));
        consents.revokeGrantWithSig(
            alice,
            given.viewer,
            given.purpose,
            given.steward,
            categories,
            version,
            authorization
        );

        for (uint8 i = 0; i < 8; ++i) equal(_canView(given, i), !counts || (revoked >> i) & 1 == 0, "canView");
    }

    function testFuzz_revokeViewer(uint40 viewer, uint40 other, uint8 times) public {
        vm.assume(viewer != other);
        uint256 count = times % 5;
        for (uint256 i = 0; i < count; ++i) {
            vm.prank(vm.addr(ALICE));
            consents.revokeViewer(alice, ParticipantId.wrap(viewer));
        }

        equal(consents.generationOf(alice, ParticipantId.wrap(viewer)), count, "generation");
        equal(consents.generationOf(alice, ParticipantId.wrap(other)), 0, "nobody else's");
        equal(accessEpochOf(alice), 0, "access epoch");
    }

    function testFuzz_revokeViewerWithSig(uint32 generation, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        IConsents.Grant memory given = _valid(0, true, 1, 0);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);

        if (generation != 0) vm.expectRevert(invalidSignature(ALICE));
        _revokeViewerWithSig(generation, deadline);
        if (generation != 0) _revokeViewerWithSig(0, deadline);

        check(!_canView(given, 0), "revoked");
        vm.expectRevert(invalidSignature(ALICE));
        _revokeViewerWithSig(0, deadline);
    }

    function testFuzz_revokeAll(uint8 times) public {
        IConsents.Grant memory given = _valid(0, true, 1, 0);
        for (uint256 i = 1; i <= times % 5; ++i) {
            vm.prank(vm.addr(ALICE));
            consents.grant(alice, given);
            check(_canView(given, 0), "granted");
            vm.prank(vm.addr(ALICE));
            registrar.revokeAll(alice);
            check(!_canView(given, 0), "revoked");
            equal(accessEpochOf(alice), i, "access epoch");
        }
    }

    function testFuzz_revokeAllWithSig(uint32 accessEpoch, uint48 deadline) public {
        deadline = uint48(bound(deadline, START, DEADLINE));

        if (accessEpoch != 0) vm.expectRevert(invalidSignature(ALICE));
        _revokeAllWithSig(accessEpoch, deadline);
        equal(accessEpochOf(alice), accessEpoch == 0 ? 1 : 0, "access epoch");
        if (accessEpoch != 0) _revokeAllWithSig(0, deadline);

        vm.expectRevert(invalidSignature(ALICE));
        _revokeAllWithSig(0, deadline);
    }

    /// @dev Property 13: one word answers one question.
    function testFuzz_aGrantSaysNothingElse(uint8 category, uint8 purpose, uint8 asked, uint8 askedFor) public {
        IConsents.Grant memory given = _valid(purpose, false, uint8(1 << (category % 8)), 0);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);

        bool answer = consents.canView(alice, hospital, insurer, Category(asked % 8), Purpose(askedFor % 7));
        equal(answer, asked % 8 == category % 8 && askedFor % 7 == purpose % 7, "canView");
        check(!consents.canView(alice, insurer, insurer, Category(category % 8), given.purpose), "another steward");
        check(!consents.canView(alice, hospital, hospital, Category(category % 8), given.purpose), "another viewer");
    }

    function testFuzz_nobodySeesWithoutAGrant(
        uint40 patient,
        uint40 steward,
        uint40 viewer,
        uint8 c,
        uint8 p
    ) public view {
        bool answer = consents.canView(
            ParticipantId.wrap(patient),
            ParticipantId.wrap(steward),
            ParticipantId.wrap(viewer),
            Category(c % 8),
            Purpose(p % 7)
        );

        equal(answer, patient == raw(alice) && viewer == raw(alice), "canView");
    }

    function testFuzz_expiresToTheSecond(uint40 until, uint40 time) public {
        IConsents.Grant memory given = _valid(0, false, 1, until);
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);
        registrar.license(insurer, keccak256("an insurer"), PAYER, type(uint40).max);
        vm.warp(time);

        // Within a minute of the end, whatever the fuzzer's time is.
        equal(_canView(given, 0), time < (given.until / 60) * 60, "at any time");
        vm.warp((given.until / 60) * 60 - 1);
        check(_canView(given, 0), "the second before");
        vm.warp((given.until / 60) * 60);
        check(!_canView(given, 0), "the second itself");
    }

    function _given(
        uint8 purpose,
        bool anySteward,
        uint8 categories,
        bool explicitly,
        uint40 until
    ) private view returns (IConsents.Grant memory) {
        return
            IConsents.Grant({
                viewer: insurer,
                purpose: Purpose(purpose % 7),
                steward: anySteward ? NOBODY : hospital,
                categories: CategoryMask.wrap(categories),
                sensitiveFromAnySteward: explicitly,
                until: until
            });
    }

    function _valid(
        uint8 purpose,
        bool anySteward,
        uint8 categories,
        uint40 until
    ) private view returns (IConsents.Grant memory) {
        categories = uint8(bound(categories, 1, 255));
        until = uint40(bound(until, START + 60, START + consents.MAX_GRANT_TERM()));
        return _given(purpose, anySteward, categories, true, until);
    }

    function _typed(IConsents.Grant memory given) private view returns (ConsentData.Grant memory) {
        return
            ConsentData.Grant({
                patient: raw(alice),
                viewer: raw(given.viewer),
                viewerName: "an insurer",
                purpose: TypedData.purpose(uint256(given.purpose)),
                categories: CategoryMask.unwrap(given.categories),
                steward: raw(given.steward),
                stewardName: given.steward == NOBODY ? "every steward" : "General Hospital",
                sensitiveFromAnySteward: given.sensitiveFromAnySteward,
                until: given.until,
                signatureEpoch: 0,
                generation: 0,
                version: 0
            });
    }

    function _sign(
        IConsents.Grant memory given,
        uint32 signatureEpoch,
        uint32 generation,
        uint32 version,
        uint48 deadline
    ) private view returns (Authorization memory) {
        ConsentData.Grant memory typed = _typed(given);
        (typed.signatureEpoch, typed.generation, typed.version) = (signatureEpoch, generation, version);
        return sign(ALICE, deadline, address(consents), ConsentData.grant(typed, deadline));
    }

    function _signRevocation(
        IConsents.Grant memory given,
        CategoryMask categories,
        uint32 version
    ) private view returns (Authorization memory) {
        ConsentData.Grant memory typed = _typed(given);
        (typed.categories, typed.version) = (CategoryMask.unwrap(categories), version);
        return sign(ALICE, DEADLINE, address(consents), ConsentData.grantRevocation(typed, DEADLINE));
    }

    function _revokeGrant(IConsents.Grant memory given, uint8 categories) private {
        vm.prank(vm.addr(ALICE));
        consents.revokeGrant(alice, given.viewer, given.purpose, given.steward, CategoryMask.wrap(categories));
    }

    function _revokeGrantWithSig(IConsents.Grant memory given, CategoryMask categories, uint32 version) private {
        Authorization memory authorization = _signRevocation(given, categories, version);
        consents.revokeGrantWithSig(
            alice,
            given.viewer,
            given.purpose,
            given.steward,
            categories,
            version,
            authorization
        );
    }

    function _revokeViewerWithSig(uint32 generation, uint48 deadline) private {
        bytes32 hash = ConsentData.viewerRevocation(raw(alice), raw(insurer), "an insurer", generation, deadline);
        consents.revokeViewerWithSig(alice, insurer, sign(ALICE, deadline, address(consents), hash));
    }

    function _revokeAllWithSig(uint32 accessEpoch, uint48 deadline) private {
        bytes32 hash = RegistrarData.fullRevocation(raw(alice), accessEpoch, deadline);
        registrar.revokeAllWithSig(alice, sign(ALICE, deadline, address(registrar), hash));
    }

    function _canView(IConsents.Grant memory given, uint8 category) private view returns (bool) {
        return consents.canView(alice, hospital, given.viewer, Category(category), given.purpose);
    }

    function _checkGranted(IConsents.Grant memory given, uint32 version) private view {
        (IConsents.GrantState memory state, Lanes lanes) = consents.grantOf(
            alice,
            given.viewer,
            given.purpose,
            given.steward
        );
        equal(state.version, version, "version");
        for (uint8 i = 0; i < 8; ++i) {
            equal(lanes.expiryOf(i), given.categories.has(i) ? given.until / 60 : 0, "lane");
            equal(_canView(given, i), given.categories.has(i), "canView");
        }
    }

    function _checkSame(IConsents.Grant memory given, ParticipantId bob) private view {
        (IConsents.GrantState memory a, Lanes lanesOfA) = consents.grantOf(
            alice,
            given.viewer,
            given.purpose,
            given.steward
        );
        (IConsents.GrantState memory b, Lanes lanesOfB) = consents.grantOf(
            bob,
            given.viewer,
            given.purpose,
            given.steward
        );
        equal(keccak256(abi.encode(a)), keccak256(abi.encode(b)), "counters");
        equal(Lanes.unwrap(lanesOfA), Lanes.unwrap(lanesOfB), "lanes");
    }
}
