// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Records} from "../../contracts/Records.sol";
import {IRecords} from "../../contracts/interfaces/IRecords.sol";
import {Batch} from "../../contracts/types/Batch.sol";
import {LogHead} from "../../contracts/types/LogHead.sol";
import {PROVIDER} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {RunningHead} from "../../contracts/types/RunningHead.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {vm} from "./helpers/Vm.sol";

contract RecordsTest is NetworkTest {
    ParticipantId private alice;
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        activate(ALICE, hospital, GENERAL_HOSPITAL);
    }

    function testFuzz_anchor(bytes32[] memory digests, uint256 authors) public {
        bytes27 chain;
        uint40 count;
        for (uint256 i = 0; i < digests.length && i < 12; ++i) {
            bool selfReported = (authors >> i) & 1 == 1;
            vm.prank(vm.addr(selfReported ? ALICE : GENERAL_HOSPITAL));
            if (digests[i] == 0) vm.expectRevert(IRecords.MissingDigest.selector);
            records.anchor(alice, digests[i]);
            if (digests[i] == 0) continue;

            ++count;
            chain = bytes27(keccak256(abi.encode(chain, count, selfReported ? alice : hospital, digests[i])));
        }

        equal(records.headOf(alice).count(), count, "count");
        equal(bytes32(records.headOf(alice).chain()), bytes32(chain), "chain");
    }

    function testFuzz_anchor_onlyOwnHistory(uint40 other, bytes32 digest) public {
        vm.assume(other != raw(alice) && digest != 0);

        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IRecords.NotAnActiveSteward.selector, other, alice));
        records.anchor(ParticipantId.wrap(other), digest);
    }

    /// @dev Anchors and batches of two authors, in any order: the head follows a plain recomputation.
    function testFuzz_anchorBatch(bytes32[] memory digests, uint16[] memory counts, uint256 authors) public {
        bytes27 chain;
        uint40 count;
        for (uint256 i = 0; i < digests.length && i < counts.length && i < 12; ++i) {
            ParticipantId author = (authors >> i) & 1 == 1 ? alice : hospital;
            Batch memory batch = Batch({patient: alice, count: counts[i], digest: digests[i]});
            bytes memory refusal = _refusal(batch);
            vm.prank(vm.addr(author == alice ? ALICE : GENERAL_HOSPITAL));
            if (refusal.length != 0) vm.expectRevert(refusal);
            records.anchorBatch(batch);
            if (refusal.length != 0) continue;

            chain = bytes27(keccak256(abi.encode(chain, count + 1, author, batch.digest, batch.count)));
            count += batch.count;
        }

        equal(records.headOf(alice).count(), count, "count");
        equal(bytes32(records.headOf(alice).chain()), bytes32(chain), "chain");
    }

    /// @dev Whatever is wrong with some of them, the others are anchored as if each came alone.
    function testFuzz_anchorBatches(bytes32[] memory digests, uint16[] memory counts, uint256 patients) public {
        uint256 length = digests.length < counts.length ? digests.length : counts.length;
        if (length > 12) length = 12;
        vm.assume(length != 0);
        ParticipantId bob = person(BOB);
        activate(BOB, hospital, GENERAL_HOSPITAL);
        ParticipantId[4] memory those = [alice, bob, hospital, ParticipantId.wrap(999)];
        Batch[] memory batches = new Batch[](length);
        for (uint256 i = 0; i < length; ++i)
            batches[i] = Batch(those[(patients >> (2 * i)) & 3], counts[i], digests[i]);

        Records oneByOne = _another();
        for (uint256 i = 0; i < length; ++i) {
            vm.prank(vm.addr(GENERAL_HOSPITAL));
            // What is refused alone is what is passed over.
            try oneByOne.anchorBatch(batches[i]) {} catch {}
        }
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        records.anchorBatches(batches);

        for (uint256 i = 0; i < 4; ++i) {
            RunningHead expected = oneByOne.headOf(those[i]);
            equal(RunningHead.unwrap(records.headOf(those[i])), RunningHead.unwrap(expected), "as one by one");
        }
    }

    /// @dev A batch of one isn't a record, and its link of the chain isn't a record's.
    function testFuzz_aBatchOfOneIsNoAnchor(bytes32 digest) public {
        vm.assume(digest != 0);
        Records others = _another();
        vm.prank(vm.addr(ALICE));
        others.anchor(alice, digest);
        vm.prank(vm.addr(ALICE));
        records.anchorBatch(Batch({patient: alice, count: 1, digest: digest}));
        (RunningHead single, RunningHead batch) = (others.headOf(alice), records.headOf(alice));

        equal(batch.count(), single.count(), "one each");
        check(batch.chain() != single.chain(), "told apart");
    }

    function testFuzz_publishHead(uint32 log, uint40[] memory sizes, uint32[] memory numbers, bytes32 root) public {
        vm.assume(root != 0);
        uint40 size;
        uint32 number;
        bytes23 chain;
        for (uint256 i = 0; i < sizes.length && i < numbers.length && i < 8; ++i) {
            uint32 named = numbers[i] % 4 == 0 ? numbers[i] : number + 1;
            bytes memory refusal = _refusal(named, number, sizes[i], size);
            vm.prank(vm.addr(GENERAL_HOSPITAL));
            if (refusal.length != 0) vm.expectRevert(refusal);
            records.publishHead(log, named, sizes[i], root, bytes32(i));
            if (refusal.length != 0) continue;

            (number, size) = (named, sizes[i]);
            chain = bytes23(keccak256(abi.encode(chain, number, size, root, i)));
        }

        LogHead head = records.logHeadOf(hospital, log);
        equal(head.number(), number, "number");
        equal(head.size(), size, "size");
        equal(bytes32(head.chain()), bytes32(chain), "chain");
        equal(LogHead.unwrap(records.logHeadOf(alice, log)), 0, "nobody else's");
    }

    /// @dev The same contract at another address.
    function _another() private returns (Records) {
        return Records(_deploy("Records", abi.encode(registrar, relationships, "another")));
    }

    function _refusal(Batch memory batch) private pure returns (bytes memory) {
        if (batch.digest == 0) return abi.encodeWithSelector(IRecords.MissingDigest.selector);
        if (batch.count != 0 && batch.count <= 32_768) return "";
        return abi.encodeWithSelector(IRecords.InvalidBatchCount.selector, batch.count);
    }

    function _refusal(uint32 named, uint32 number, uint40 size, uint40 published) private pure returns (bytes memory) {
        if (named != number + 1) return abi.encodeWithSelector(IRecords.NotTheNextHead.selector, named, number + 1);
        if (size > published) return "";
        return abi.encodeWithSelector(IRecords.LogDoesNotGrow.selector, size, published);
    }
}
