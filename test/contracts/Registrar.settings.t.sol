// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {IPatientProviderRelationships as IPPR} from "../../contracts/interfaces/IPatientProviderRelationships.sol";
import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../contracts/types/Category.sol";
import {Guardians} from "../../contracts/types/Guardians.sol";
import {PROVIDER, Settings} from "../../contracts/types/Participant.sol";
import {NOBODY, ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {RecoveryTest} from "./helpers/RecoveryTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarSettingsTest is RecoveryTest {
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
    }

    function test_settingsOfANewPerson() public view {
        _check(Settings(false, 0, CategoryMask.wrap(0x03)));
    }

    function testFuzz_changeSettings(bool knownOnly, uint16 longestGrant, uint8 emergency) public {
        Settings memory settings = Settings(knownOnly, longestGrant, CategoryMask.wrap(emergency));
        _change(settings);

        _check(settings);
        equal(signatureEpochOf(alice), 1, "what was signed under the former ones is dead");
        equal(accessEpochOf(alice), 0, "what was granted stays");
        (bool isPerson, bool asked) = registrar.receivesProposals(alice);
        check(isPerson && asked == knownOnly, "receivesProposals");
        (CategoryMask policy, ) = registrar.emergencyOf(alice);
        equal(CategoryMask.unwrap(policy), emergency, "emergencyOf");
        equal(registrar.standingOf(alice).longestGrant, longestGrant, "standingOf");
    }

    function testFuzz_changeSettings_isForPersons(bool knownOnly, uint16 longestGrant, uint8 emergency) public {
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.NotAPerson.selector, hospital));
        registrar.changeSettings(hospital, Settings(knownOnly, longestGrant, CategoryMask.wrap(emergency)));
    }

    function testFuzz_changeSettingsWithSig(
        bool knownOnly,
        uint16 longestGrant,
        uint8 emergency,
        uint32 epoch,
        uint48 deadline
    ) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        Settings memory settings = Settings(knownOnly, longestGrant, CategoryMask.wrap(emergency));
        Authorization memory authorization = _sign(settings, 0, deadline);
        registrar.changeSettingsWithSig(alice, settings, authorization);

        _check(settings);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeSettingsWithSig(alice, settings, authorization);
        vm.assume(epoch != 1);
        authorization = _sign(settings, epoch, deadline);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeSettingsWithSig(alice, settings, authorization);
    }

    function testFuzz_changeSettingsWithSig_everyFieldCounts(
        bool knownOnly,
        uint16 longestGrant,
        uint8 emergency,
        uint16 otherGrant,
        uint8 otherEmergency
    ) public {
        Settings memory settings = Settings(knownOnly, longestGrant, CategoryMask.wrap(emergency));
        Authorization memory authorization = _sign(settings, 0, DEADLINE);
        Settings memory other = Settings(!knownOnly, longestGrant, CategoryMask.wrap(emergency));

        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeSettingsWithSig(alice, other, authorization);
        vm.assume(otherGrant != longestGrant && otherEmergency != emergency);
        other = Settings(knownOnly, otherGrant, CategoryMask.wrap(emergency));
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeSettingsWithSig(alice, other, authorization);
        other = Settings(knownOnly, longestGrant, CategoryMask.wrap(otherEmergency));
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeSettingsWithSig(alice, other, authorization);
    }

    /// @dev Property 5, of settings.
    function testFuzz_changeSettings_onlyNarrowerWhileARecoveryIsPending(
        bool knownOnly,
        uint16 longestGrant,
        uint8 emergency,
        bool thenKnownOnly,
        uint16 thenLongestGrant,
        uint8 thenEmergency
    ) public {
        // Close to each other, so that each of the three comparisons decides now and then.
        (longestGrant, thenLongestGrant) = (longestGrant % 4, thenLongestGrant % 4);
        thenEmergency = thenEmergency % 4 == 0 ? thenEmergency : emergency & (thenEmergency >> 2);
        Settings memory before = Settings(knownOnly, longestGrant, CategoryMask.wrap(emergency));
        Settings memory then = Settings(thenKnownOnly, thenLongestGrant, CategoryMask.wrap(thenEmergency));
        _change(before);
        _freeze();

        bool narrower =
            (thenKnownOnly || !knownOnly) &&
                _days(thenLongestGrant) <= _days(longestGrant) &&
                thenEmergency | emergency == emergency;
        if (!narrower) vm.expectRevert(abi.encodeWithSelector(IParticipants.RecoveryPending.selector, alice));
        _change(then);

        _check(narrower ? then : before);
    }

    function testFuzz_longestGrant(uint16 longestGrant, uint40 until) public {
        _change(Settings(false, longestGrant, CategoryMask.wrap(0)));
        uint256 longest = longestGrant == 0 || longestGrant > 3650 ? 3650 : longestGrant;
        until = uint40(bound(until, START + 60, START + 2 * longest * 1 days));
        uint256 latest = START + longest * 1 days;

        vm.prank(vm.addr(ALICE));
        if (until > latest) vm.expectRevert(abi.encodeWithSelector(IConsents.ExpiryTooFar.selector, until, latest));
        consents.grant(alice, IConsents.Grant(hospital, Purpose.TREAT, NOBODY, CategoryMask.wrap(1), false, until));
    }

    function testFuzz_knownOnly(bool knownOnly, bool known, bool ended) public {
        if (known) {
            activate(ALICE, hospital, GENERAL_HOSPITAL);
            if (ended) {
                vm.prank(vm.addr(ALICE));
                relationships.end(alice, hospital);
            }
        }
        _change(Settings(knownOnly, 0, CategoryMask.wrap(0)));

        vm.prank(vm.addr(GENERAL_HOSPITAL));
        if (known && !ended) vm.expectRevert(abi.encodeWithSelector(IPPR.AlreadyOpen.selector, alice, hospital));
        else if (knownOnly && !known) {
            vm.expectRevert(abi.encodeWithSelector(IPPR.OnlyKnownProviders.selector, alice, hospital));
        }
        relationships.propose(alice, "terms", 0);
        // An offer that the patient takes from the provider's hand is another matter.
        if (!known && knownOnly) activate(ALICE, hospital, GENERAL_HOSPITAL);
    }

    function _check(Settings memory expected) private view {
        equal(keccak256(abi.encode(registrar.settingsOf(alice))), keccak256(abi.encode(expected)), "settings");
    }

    function _change(Settings memory settings) private {
        vm.prank(vm.addr(ALICE));
        registrar.changeSettings(alice, settings);
    }

    function _freeze() private {
        Guardians memory guardians = guardiansOf(2, 1, 1 days);
        setGuardians(guardians);
        start(0, NEW_KEY, guardians);
    }

    /// @dev 0 is no limit.
    function _days(uint16 longestGrant) private pure returns (uint256) {
        return longestGrant == 0 ? type(uint256).max : longestGrant;
    }

    function _sign(Settings memory s, uint32 epoch, uint48 deadline) private view returns (Authorization memory) {
        uint8 emergency = CategoryMask.unwrap(s.emergency);
        bytes32 hash = RegistrarData.settings(raw(alice), s.knownOnly, s.longestGrant, emergency, epoch, deadline);
        return signed(ALICE, deadline, hash);
    }
}
