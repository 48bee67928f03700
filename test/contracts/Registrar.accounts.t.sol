// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccounts} from "../../contracts/interfaces/registrar/IAccounts.sol";
import {IParticipants} from "../../contracts/interfaces/registrar/IParticipants.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {Account, AccountScope, Kind, PROVIDER} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarAccountsTest is NetworkTest {
    uint256 private constant DELAY = 30 days;

    ParticipantId private alice;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
    }

    function testFuzz_addAccount(uint256 seed, uint48 deadline, bool toInstitution) public {
        uint256 key = newKeyOf(seed);
        deadline = uint48(bound(deadline, START, DEADLINE));
        (ParticipantId id, uint256 owner) = toInstitution ? (hospital, GENERAL_HOSPITAL) : (alice, ALICE);
        Authorization memory joining = _join(key, id, 0, deadline);
        vm.prank(vm.addr(owner));
        registrar.addAccount(AccountScope.OWNER, joining);

        Account memory account = registrar.accountOf(vm.addr(key));
        equal(raw(account.id), raw(id), "id");
        check(account.kind == (toInstitution ? Kind.INSTITUTION : Kind.PERSON), "kind");
        check(account.scope == AccountScope.OWNER && account.epoch == 0 && account.retiresAt == 0, "it stays");
        equal(account.actsFrom, toInstitution ? START + 2 days : START, "from when on it acts");
        vm.warp(account.actsFrom);
        equal(raw(registrar.authenticateOwner(vm.addr(key))), raw(id), "it acts");
        equal(raw(registrar.authenticate(vm.addr(owner))), raw(id), "and so does the first one");
        equal(registrar.participantCount(), 2, "nobody new");
        vm.warp(START);
        vm.prank(vm.addr(owner));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.AlreadyRegistered.selector, vm.addr(key)));
        registrar.addAccount(AccountScope.OWNER, joining);
    }

    function testFuzz_addAccount_refusesWhatTheNewAccountDidNotSign(
        uint256 seed,
        uint40 id,
        uint32 epoch,
        uint8 field
    ) public {
        uint256 key = newKeyOf(seed);
        if (field % 3 != 0) id = raw(alice);
        if (field % 3 != 1) epoch = 0;
        vm.assume(field % 3 == 2 || id != raw(alice) || epoch != 0);
        Authorization memory joining = _join(key, ParticipantId.wrap(id), epoch, DEADLINE);
        if (field % 3 == 2) joining.account = vm.addr(STRANGER);

        vm.prank(vm.addr(ALICE));
        vm.expectRevert(invalidSignature(field % 3 == 2 ? STRANGER : key));
        registrar.addAccount(AccountScope.OWNER, joining);
    }

    /// @dev Neither anybody else's nor one's own, not even one that is retired.
    function testFuzz_addAccount_onlyOnce(uint8 which, uint40 wait) public {
        _addTo(ALICE, BOB);
        vm.prank(vm.addr(ALICE));
        registrar.retireAccount(vm.addr(BOB));
        vm.warp(START + wait);
        uint256 key = [ALICE, BOB, GENERAL_HOSPITAL][which % 3];
        Authorization memory joining = _join(key, alice, 1, DEADLINE);

        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IParticipants.AlreadyRegistered.selector, vm.addr(key)));
        registrar.addAccount(AccountScope.OWNER, joining);
    }

    function testFuzz_addAccountWithSig(uint256 seed, uint48 deadline, uint48 invited) public {
        uint256 key = newKeyOf(seed);
        (deadline, invited) = (uint48(bound(deadline, START, DEADLINE)), uint48(bound(invited, START, DEADLINE)));
        Authorization memory joining = _join(key, alice, 0, deadline);
        Authorization memory inviting = _invite(ALICE, key, 0, invited);
        registrar.addAccountWithSig(AccountScope.OWNER, joining, inviting);

        equal(raw(registrar.participantOf(vm.addr(key))), raw(alice), "added");
        equal(raw(registrar.participantOf(address(this))), 0, "the sender stays out of it");
        vm.expectRevert(abi.encodeWithSelector(IParticipants.AlreadyRegistered.selector, vm.addr(key)));
        registrar.addAccountWithSig(AccountScope.OWNER, joining, inviting);
    }

    /// @dev Signed for another account, by another participant, in another epoch, or by the new account alone.
    function testFuzz_addAccountWithSig_everyFieldCounts(
        uint256 seed,
        uint256 other,
        uint32 epoch,
        uint8 field
    ) public {
        (uint256 key, uint256 another) = (newKeyOf(seed), newKeyOf(other));
        vm.assume(key != another && epoch != 0);
        Authorization memory joining = _join(key, alice, 0, DEADLINE);
        Authorization memory inviting = _invite(
            ALICE,
            field % 3 == 0 ? another : key,
            field % 3 == 1 ? epoch : 0,
            DEADLINE
        );
        if (field % 3 == 2)
            inviting = signed(ALICE, DEADLINE, RegistrarData.addition(raw(alice), vm.addr(key), 0, DEADLINE));

        vm.expectRevert(invalidSignature(ALICE));
        registrar.addAccountWithSig(AccountScope.OWNER, joining, inviting);
    }

    /// @dev Property 3.
    function testFuzz_retireAccount(uint40 wait, bool byItself) public {
        uint256 time = START + wait;
        _addTo(ALICE, BOB);
        vm.prank(vm.addr(byItself ? BOB : ALICE));
        registrar.retireAccount(vm.addr(BOB));

        equal(signatureEpochOf(alice), 1, "what was signed before is dead");
        equal(registrar.accountOf(vm.addr(BOB)).retiresAt, START + DELAY, "retiresAt");
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IAccounts.RetirementUnchanged.selector, vm.addr(BOB)));
        registrar.retireAccount(vm.addr(BOB));
        vm.warp(time);
        bool acts = time < START + DELAY;
        equal(raw(registrar.participantOf(vm.addr(BOB))), acts ? raw(alice) : 0, "participantOf");
        equal(raw(registrar.participantOf(vm.addr(ALICE))), raw(alice), "the other one acts");
        vm.prank(vm.addr(BOB));
        if (!acts) vm.expectRevert(abi.encodeWithSelector(IParticipants.AccountRetired.selector, vm.addr(BOB)));
        registrar.cancelSignatures();
    }

    /// @dev Property 3: whatever it tries, and whatever it signed.
    function testFuzz_retireAccount_forGood(uint40 wait, uint8 act) public {
        _addTo(ALICE, BOB);
        vm.prank(vm.addr(ALICE));
        registrar.retireAccount(vm.addr(BOB));
        Authorization memory keeping = _sign(BOB, RegistrarData.keeping, BOB, 1, DEADLINE);
        Authorization memory inviting = _invite(BOB, STRANGER, 1, DEADLINE);
        Authorization memory joining = _join(STRANGER, alice, 1, DEADLINE);
        vm.warp(bound(wait, START + DELAY, type(uint40).max));

        bytes memory dead = abi.encodeWithSelector(IParticipants.AccountRetired.selector, vm.addr(BOB));
        if (act % 8 < 6) vm.prank(vm.addr(BOB));
        vm.expectRevert(
            act % 8 == 5 ? abi.encodeWithSelector(IParticipants.AlreadyRegistered.selector, vm.addr(BOB)) : dead
        );
        if (act % 8 == 0) registrar.keepAccount(vm.addr(BOB));
        else if (act % 8 == 1) registrar.retireAccount(vm.addr(ALICE));
        else if (act % 8 == 2) registrar.addAccount(AccountScope.OWNER, joining);
        else if (act % 8 == 3) registrar.changeKey(KEY_DOCUMENT);
        else if (act % 8 == 4) registrar.changeGuardians(KEY_DOCUMENT);
        else if (act % 8 == 5) registrar.registerPatient(KEY_DOCUMENT);
        else if (act % 8 == 6) registrar.keepAccountWithSig(vm.addr(BOB), keeping);
        else registrar.addAccountWithSig(AccountScope.OWNER, joining, inviting);
    }

    function testFuzz_retireAccountWithSig(uint48 deadline, uint32 epoch) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        _addTo(ALICE, BOB);
        Authorization memory retiring = _sign(ALICE, RegistrarData.retirement, BOB, epoch, deadline);
        if (epoch != 0) vm.expectRevert(invalidSignature(ALICE));
        registrar.retireAccountWithSig(vm.addr(BOB), retiring);
        if (epoch != 0) return;

        equal(registrar.accountOf(vm.addr(BOB)).retiresAt, START + DELAY, "retiresAt");
        vm.prank(vm.addr(ALICE));
        registrar.keepAccount(vm.addr(BOB));
        vm.expectRevert(invalidSignature(ALICE));
        registrar.retireAccountWithSig(vm.addr(BOB), retiring);
    }

    function testFuzz_keepAccount(uint40 wait, uint40 later) public {
        (uint256 time, uint256 end) = (START + bound(wait, 0, DELAY + 1), START + DELAY + later);
        _addTo(ALICE, BOB);
        vm.prank(vm.addr(ALICE));
        registrar.retireAccount(vm.addr(BOB));
        vm.warp(time);

        vm.prank(vm.addr(BOB));
        bool late = time >= START + DELAY;
        if (late) vm.expectRevert(abi.encodeWithSelector(IParticipants.AccountRetired.selector, vm.addr(BOB)));
        registrar.keepAccount(vm.addr(BOB));
        vm.warp(end);
        equal(raw(registrar.participantOf(vm.addr(BOB))), late ? 0 : raw(alice), "kept in time");
        if (late) return;

        equal(signatureEpochOf(alice), 2, "what was signed before is dead");
        vm.prank(vm.addr(BOB));
        vm.expectRevert(abi.encodeWithSelector(IAccounts.RetirementUnchanged.selector, vm.addr(BOB)));
        registrar.keepAccount(vm.addr(BOB));
    }

    function testFuzz_keepAccountWithSig(uint48 deadline, uint32 epoch) public {
        deadline = uint48(bound(deadline, START, DEADLINE));
        _addTo(ALICE, BOB);
        vm.prank(vm.addr(ALICE));
        registrar.retireAccount(vm.addr(BOB));
        Authorization memory keeping = _sign(ALICE, RegistrarData.keeping, BOB, epoch, deadline);
        if (epoch != 1) vm.expectRevert(invalidSignature(ALICE));
        registrar.keepAccountWithSig(vm.addr(BOB), keeping);
        equal(registrar.accountOf(vm.addr(BOB)).retiresAt, epoch == 1 ? 0 : START + DELAY, "retiresAt");
        if (epoch != 1) return;

        vm.prank(vm.addr(ALICE));
        registrar.retireAccount(vm.addr(BOB));
        vm.expectRevert(invalidSignature(ALICE));
        registrar.keepAccountWithSig(vm.addr(BOB), keeping);
    }

    /// @dev The three texts say different things, and each says which account.
    function testFuzz_changesWithSig_areNotEachOther(uint8 meant, uint8 sent, address account, address other) public {
        (meant, sent) = (meant % 2, sent % 2);
        vm.assume(meant != sent || account != other);
        bytes32 hash =
            meant == 0
                ? RegistrarData.retirement(raw(alice), account, 0, DEADLINE)
                : RegistrarData.keeping(raw(alice), account, 0, DEADLINE);
        Authorization memory authorization = signed(ALICE, DEADLINE, hash);

        vm.expectRevert(invalidSignature(ALICE));
        if (sent == 0) registrar.retireAccountWithSig(meant == sent ? other : account, authorization);
        else registrar.keepAccountWithSig(meant == sent ? other : account, authorization);
    }

    function testFuzz_changes_onlyOfOwnAccounts(address account, bool keep) public {
        vm.assume(account != vm.addr(ALICE));
        bool registered = account == vm.addr(GENERAL_HOSPITAL);

        vm.prank(vm.addr(ALICE));
        vm.expectRevert(
            abi.encodeWithSelector(
                registered ? IAccounts.NotOwnAccount.selector : IParticipants.NotRegistered.selector,
                account
            )
        );
        if (keep) registrar.keepAccount(account);
        else registrar.retireAccount(account);
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IAccounts.NotOwnAccount.selector, vm.addr(GENERAL_HOSPITAL)));
        if (keep) registrar.keepAccount(vm.addr(GENERAL_HOSPITAL));
        else registrar.retireAccount(vm.addr(GENERAL_HOSPITAL));
    }

    function _addTo(uint256 owner, uint256 key) private {
        ParticipantId id = registrar.participantOf(vm.addr(owner));
        Authorization memory joining = _join(key, id, signatureEpochOf(id), DEADLINE);
        vm.prank(vm.addr(owner));
        registrar.addAccount(AccountScope.OWNER, joining);
    }

    function _join(
        uint256 key,
        ParticipantId id,
        uint32 epoch,
        uint48 deadline
    ) private view returns (Authorization memory) {
        return signed(key, deadline, RegistrarData.addition(raw(id), vm.addr(key), epoch, deadline));
    }

    function _invite(
        uint256 key,
        uint256 invited,
        uint32 epoch,
        uint48 deadline
    ) private view returns (Authorization memory) {
        return signed(key, deadline, RegistrarData.invitation(raw(alice), vm.addr(invited), "owner", epoch, deadline));
    }

    function _sign(
        uint256 key,
        function(uint40, address, uint32, uint48) pure returns (bytes32) hash,
        uint256 account,
        uint32 epoch,
        uint48 deadline
    ) private view returns (Authorization memory) {
        return signed(key, deadline, hash(raw(alice), vm.addr(account), epoch, deadline));
    }
}
