// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "../../../contracts/types/Category.sol";
import {Delegation} from "../../../contracts/types/Delegation.sol";
import {Emergency} from "../../../contracts/types/Emergency.sol";
import {Recovery, Stage} from "../../../contracts/types/Guardians.sol";
import {Account, AccountScope, Kind, Participant, Roles} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Checks} from "../helpers/Checks.sol";
import {vm} from "../helpers/Vm.sol";

/// @dev What the pictures say: each of these structs is one storage word, and every field comes back out of it.
contract WordsTest is Checks {
    Participant private _participant;
    Account private _account;
    Delegation private _delegation;
    Emergency private _emergency;
    Recovery private _recovery;
    uint256 private _end;

    function testFuzz_participant(uint256 a, uint256 b) public {
        Participant memory p = Participant({
            kind: Kind(a % 3),
            keyVersion: uint16(a >> 8),
            accountEpoch: uint16(a >> 24),
            roles: Roles.wrap(uint16(a >> 40)),
            licensedUntil: uint40(a >> 56),
            suspendedUntil: uint40(a >> 96),
            accessEpoch: uint32(b),
            signatureEpoch: uint32(b >> 32),
            frozenUntil: uint24(b >> 64),
            longestGrant: uint16(b >> 88),
            emergency: CategoryMask.wrap(uint8(b >> 104)),
            knownOnly: b >> 255 == 1
        });
        _participant = p;

        _checkOnly(0);
        equal(keccak256(abi.encode(_participant)), keccak256(abi.encode(p)), "participant");
    }

    function testFuzz_account(
        uint40 id,
        uint8 kind,
        bool owner,
        uint16 epoch,
        uint40 actsFrom,
        uint40 retiresAt
    ) public {
        Account memory account = Account({
            id: ParticipantId.wrap(id),
            kind: Kind(kind % 3),
            scope: owner ? AccountScope.OWNER : AccountScope.OPERATOR,
            epoch: epoch,
            actsFrom: actsFrom,
            retiresAt: retiresAt
        });
        _account = account;

        _checkOnly(1);
        equal(keccak256(abi.encode(_account)), keccak256(abi.encode(account)), "account");
    }

    function testFuzz_delegation(
        bool approving,
        uint16 masks,
        uint40[3] memory numbers,
        bool ofChild,
        uint32 accessEpoch,
        uint32 version
    ) public {
        Delegation memory d = Delegation({
            approving: approving,
            granting: CategoryMask.wrap(uint8(masks)),
            viewing: CategoryMask.wrap(uint8(masks >> 8)),
            until: numbers[0],
            from: numbers[1],
            source: ParticipantId.wrap(numbers[2]),
            ofChild: ofChild,
            accessEpoch: accessEpoch,
            version: version
        });
        _delegation = d;

        _checkOnly(2);
        equal(keccak256(abi.encode(_delegation)), keccak256(abi.encode(d)), "delegation");
    }

    function testFuzz_emergency(uint32 number, uint40 until, uint8 mask, uint32 accessEpoch, uint32 generation) public {
        Emergency memory e = Emergency(number, until, CategoryMask.wrap(mask), accessEpoch, generation);
        _emergency = e;

        _checkOnly(3);
        equal(keccak256(abi.encode(_emergency)), keccak256(abi.encode(e)), "emergency");
    }

    function testFuzz_recovery(uint256 a, address newAccount) public {
        Recovery memory r = Recovery({
            stage: Stage(a % 5),
            number: uint16(a >> 8),
            approvals: uint16(a >> 24),
            mark: uint24(a >> 40),
            since: uint32(a >> 64),
            newAccount: newAccount
        });
        _recovery = r;

        _checkOnly(4);
        equal(keccak256(abi.encode(_recovery)), keccak256(abi.encode(r)), "recovery");
    }

    /// @dev Five structs, and what follows them begins at slot 5: none takes two.
    function test_fiveSlots() public {
        _end = type(uint256).max;

        equal(vm.load(address(this), bytes32(uint256(5))), bytes32(_end), "after five words");
    }

    function _checkOnly(uint256 written) private view {
        for (uint256 slot = 0; slot <= 5; ++slot) {
            if (slot != written) equal(vm.load(address(this), bytes32(slot)), bytes32(0), "another slot");
        }
    }
}
