// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Guardians} from "../../contracts/types/Guardians.sol";
import {Lanes} from "../../contracts/types/Lanes.sol";
import {PAYER, PROVIDER} from "../../contracts/types/Participant.sol";
import {NOBODY, ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {ConsentData} from "./helpers/ConsentData.sol";
import {RecoveryTest} from "./helpers/RecoveryTest.sol";
import {TypedData} from "./helpers/TypedData.sol";
import {vm} from "./helpers/Vm.sol";

/// @dev Alice does one by one what Bob does directly at once and Carol by one signature.
contract ConsentsBatchTest is RecoveryTest {
    uint256 private constant CAROL = 0xCA401;

    ParticipantId private bob;
    ParticipantId private carol;
    ParticipantId private hospital;
    ParticipantId private insurer;

    function setUp() public override {
        super.setUp();
        bob = person(BOB);
        carol = person(CAROL);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        insurer = institution(INSURER, "an insurer", PAYER);
    }

    /// @dev Property 19. Few scopes, so that entries meet: in one call, and with what was there before.
    function testFuzz_changeConsents(
        uint256[3] memory before,
        uint256[4] memory revoked,
        uint256[4] memory granted
    ) public {
        IConsents.Grant[] memory first = _grants(before);
        for (uint256 i = 0; i < 3; ++i) _grantToEach(first[i]);
        IConsents.Scope[] memory revocations = _scopes(_some(revoked));
        IConsents.Grant[] memory grants = _grants(_some(granted));
        _oneByOne(revocations, grants);

        if (revocations.length + grants.length == 0) vm.expectRevert(IConsents.MissingChanges.selector);
        vm.prank(vm.addr(BOB));
        consents.changeConsents(revocations, grants);
        Authorization memory authorization = _sign(CAROL, carol, revocations, grants, 0);
        if (revocations.length + grants.length == 0) vm.expectRevert(IConsents.MissingChanges.selector);
        consents.changeConsentsWithSig(revocations, grants, authorization);

        _checkSame(bob);
        _checkSame(carol);
        if (revocations.length + grants.length == 0) return;
        vm.expectRevert(invalidSignature(CAROL));
        consents.changeConsentsWithSig(revocations, grants, authorization);
    }

    function testFuzz_changeConsentsWithSig_everyFieldCounts(
        uint256 entry,
        uint256 other,
        uint8 which,
        uint32 epoch
    ) public {
        IConsents.Grant memory another = _grant(other);
        another.until = _grant(entry).until;
        vm.assume(keccak256(abi.encode(another)) != keccak256(abi.encode(_grant(entry))));
        IConsents.Scope[] memory revocations = _scopes(_list(entry));
        IConsents.Grant[] memory grants = _grants(_list(entry));
        Authorization memory authorization = _sign(BOB, bob, revocations, grants, which % 4 == 0 ? epoch : 0);
        vm.assume(which % 4 != 0 || epoch != 0);
        if (which % 4 == 1) revocations = _scopes(_list(other));
        if (which % 4 == 2) grants = _grants(_list(other));
        if (which % 4 == 3) grants[0].until += 60;

        vm.expectRevert(invalidSignature(BOB));
        consents.changeConsentsWithSig(revocations, grants, authorization);
    }

    /// @dev Every word's version counts, also of the entry that comes last.
    function testFuzz_changeConsentsWithSig_diesWithAnyWrite(uint256 a, uint256 b, uint256 written, uint8 how) public {
        IConsents.Scope[] memory revocations = _scopes(_list(a));
        IConsents.Grant[] memory grants = _grants(_list(b));
        Authorization memory authorization = _sign(BOB, bob, revocations, grants, 0);
        IConsents.Grant memory g = _grant(written);
        vm.prank(vm.addr(BOB));
        if (how % 4 == 0) consents.grant(bob, g);
        else if (how % 4 == 1) consents.revokeGrant(bob, g.viewer, g.purpose, g.steward, g.categories);
        else if (how % 4 == 2) consents.revokeViewer(bob, g.viewer);
        else registrar.cancelSignatures();

        bool meets =
            how % 4 == 3 ||
                (
                    how % 4 == 2
                        ? g.viewer == grants[0].viewer || g.viewer == revocations[0].viewer
                        : _word(g) == _word(grants[0]) || _word(g) == _word(_grant(a))
                );
        if (meets) vm.expectRevert(invalidSignature(BOB));
        consents.changeConsentsWithSig(revocations, grants, authorization);
    }

    /// @dev All or nothing, whichever entry is refused.
    function testFuzz_changeConsents_allOrNothing(
        uint256[4] memory seeds,
        uint8 place,
        uint8 fault,
        bool withSig
    ) public {
        IConsents.Grant[] memory grants = _grants(seeds);
        IConsents.Scope[] memory revocations = new IConsents.Scope[](0);
        uint256 i = place % 4;
        bytes memory problem = _spoil(grants[i], fault);
        Authorization memory authorization = _sign(ALICE, alice, revocations, grants, 0);

        if (!withSig) vm.prank(vm.addr(ALICE));
        vm.expectRevert(problem);
        if (withSig) consents.changeConsentsWithSig(revocations, grants, authorization);
        else consents.changeConsents(revocations, grants);
        _checkSame(bob);
    }

    /// @dev Property 5: only what takes away goes on.
    function testFuzz_changeConsents_whileARecoveryIsPending(uint256 seed, uint8 which, bool withSig) public {
        Guardians memory guardians = guardiansOf(2, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
        IConsents.Scope[] memory revocations = which % 3 == 0 ? new IConsents.Scope[](0) : _scopes(_list(seed));
        IConsents.Grant[] memory grants = which % 3 == 1 ? new IConsents.Grant[](0) : _grants(_list(seed));
        Authorization memory authorization = _sign(ALICE, alice, revocations, grants, 1);

        if (!withSig) vm.prank(vm.addr(ALICE));
        if (which % 3 != 1) vm.expectRevert(abi.encodeWithSelector(IParticipants.RecoveryPending.selector, alice));
        if (withSig) consents.changeConsentsWithSig(revocations, grants, authorization);
        else consents.changeConsents(revocations, grants);
    }

    function _spoil(IConsents.Grant memory g, uint8 fault) private returns (bytes memory) {
        if (fault % 4 == 0) {
            g.viewer = alice;
            return abi.encodeWithSelector(IConsents.ViewerIsPatient.selector, alice);
        }
        if (fault % 4 == 1) {
            g.categories = CategoryMask.wrap(0);
            return abi.encodeWithSelector(IConsents.MissingCategories.selector);
        }
        if (fault % 4 == 2) {
            g.until = uint40(START);
            return abi.encodeWithSelector(IConsents.ExpiryInThePast.selector, START);
        }
        g.viewer = institution(STRANGER, "a clinic", PROVIDER);
        registrar.suspend(g.viewer);
        return abi.encodeWithSelector(IConsents.ViewerNotInGoodStanding.selector, g.viewer);
    }

    function _oneByOne(IConsents.Scope[] memory revocations, IConsents.Grant[] memory grants) private {
        for (uint256 i = 0; i < revocations.length; ++i) {
            IConsents.Scope memory s = revocations[i];
            vm.prank(vm.addr(ALICE));
            consents.revokeGrant(alice, s.viewer, s.purpose, s.steward, s.categories);
        }
        for (uint256 i = 0; i < grants.length; ++i) {
            vm.prank(vm.addr(ALICE));
            consents.grant(alice, grants[i]);
        }
    }

    function _grantToEach(IConsents.Grant memory g) private {
        uint256[3] memory keys = [ALICE, BOB, CAROL];
        for (uint256 i = 0; i < 3; ++i) {
            address account = vm.addr(keys[i]);
            ParticipantId patient = registrar.participantOf(account);
            vm.prank(account);
            consents.grant(patient, g);
        }
    }

    function _checkSame(ParticipantId other) private view {
        for (uint256 word = 0; word < 8; ++word) {
            IConsents.Grant memory g = _grant(word);
            (IConsents.GrantState memory a, Lanes lanesOfA) = consents.grantOf(alice, g.viewer, g.purpose, g.steward);
            (IConsents.GrantState memory b, Lanes lanesOfB) = consents.grantOf(other, g.viewer, g.purpose, g.steward);
            equal(keccak256(abi.encode(a)), keccak256(abi.encode(b)), "counters");
            equal(Lanes.unwrap(lanesOfA), Lanes.unwrap(lanesOfB), "lanes");
        }
    }

    /// @dev One of eight words by the lowest three bits; the rest decides on categories and term.
    function _grant(uint256 seed) private view returns (IConsents.Grant memory) {
        return
            IConsents.Grant({
                viewer: seed & 1 == 0 ? hospital : insurer,
                purpose: seed & 2 == 0 ? Purpose.TREAT : Purpose.HPAYMT,
                steward: seed & 4 == 0 ? NOBODY : hospital,
                categories: CategoryMask.wrap(uint8(((seed >> 3) % 255) + 1)),
                sensitiveFromAnySteward: true,
                until: uint40(START + 60 + ((seed >> 16) % 300 days))
            });
    }

    function _word(IConsents.Grant memory g) private pure returns (bytes32) {
        return keccak256(abi.encode(g.viewer, g.purpose, g.steward));
    }

    function _grants(uint256[3] memory seeds) private view returns (IConsents.Grant[] memory grants) {
        grants = new IConsents.Grant[](3);
        for (uint256 i = 0; i < 3; ++i) grants[i] = _grant(seeds[i]);
    }

    function _grants(uint256[4] memory seeds) private view returns (IConsents.Grant[] memory grants) {
        grants = new IConsents.Grant[](4);
        for (uint256 i = 0; i < 4; ++i) grants[i] = _grant(seeds[i]);
    }

    function _grants(uint256[] memory seeds) private view returns (IConsents.Grant[] memory grants) {
        grants = new IConsents.Grant[](seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) grants[i] = _grant(seeds[i]);
    }

    function _scopes(uint256[] memory seeds) private view returns (IConsents.Scope[] memory scopes) {
        scopes = new IConsents.Scope[](seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) {
            IConsents.Grant memory g = _grant(seeds[i]);
            scopes[i] = IConsents.Scope(g.viewer, g.purpose, g.steward, g.categories);
        }
    }

    /// @dev None to four of them.
    function _some(uint256[4] memory seeds) private pure returns (uint256[] memory some) {
        some = new uint256[](seeds[0] % 5);
        for (uint256 i = 0; i < some.length; ++i) some[i] = seeds[i];
    }

    function _list(uint256 seed) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = seed;
    }

    /// @dev The counters as they are: versions are those before any entry.
    function _sign(
        uint256 key,
        ParticipantId patient,
        IConsents.Scope[] memory revocations,
        IConsents.Grant[] memory grants,
        uint32 epoch
    ) private view returns (Authorization memory) {
        ConsentData.Grant[] memory revoked = new ConsentData.Grant[](revocations.length);
        for (uint256 i = 0; i < revocations.length; ++i) {
            IConsents.Scope memory s = revocations[i];
            revoked[i] = _typed(patient, IConsents.Grant(s.viewer, s.purpose, s.steward, s.categories, false, 0));
        }
        ConsentData.Grant[] memory granted = new ConsentData.Grant[](grants.length);
        for (uint256 i = 0; i < grants.length; ++i) granted[i] = _typed(patient, grants[i]);
        bytes32 hash = ConsentData.changes(raw(patient), revoked, granted, epoch, DEADLINE);
        return sign(key, DEADLINE, address(consents), hash);
    }

    function _typed(
        ParticipantId patient,
        IConsents.Grant memory g
    ) private view returns (ConsentData.Grant memory typed) {
        (IConsents.GrantState memory state, ) = consents.grantOf(patient, g.viewer, g.purpose, g.steward);
        typed.viewer = raw(g.viewer);
        typed.viewerName = _name(g.viewer);
        typed.purpose = TypedData.purpose(uint256(g.purpose));
        typed.categories = CategoryMask.unwrap(g.categories);
        typed.steward = raw(g.steward);
        typed.stewardName = g.steward == NOBODY ? "every steward" : _name(g.steward);
        typed.sensitiveFromAnySteward = g.sensitiveFromAnySteward;
        typed.until = g.until;
        (typed.generation, typed.version) = (state.generation, state.version);
    }

    function _name(ParticipantId id) private view returns (string memory) {
        if (id == hospital) return "General Hospital";
        if (id == insurer) return "an insurer";
        return registrar.isPerson(id) ? "" : "a clinic";
    }
}
