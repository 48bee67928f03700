// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRecords} from "../../contracts/interfaces/IRecords.sol";
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

    function testFuzz_publishHead(uint32 log, uint40[] memory sizes, bytes32 root) public {
        vm.assume(root != 0);
        uint40 published;
        bytes27 chain;
        for (uint256 i = 0; i < sizes.length && i < 8; ++i) {
            bool shrinks = sizes[i] < published;
            vm.prank(vm.addr(GENERAL_HOSPITAL));
            if (shrinks) vm.expectRevert(abi.encodeWithSelector(IRecords.LogShrinks.selector, sizes[i], published));
            records.publishHead(log, sizes[i], root);
            if (shrinks) continue;

            published = sizes[i];
            chain = bytes27(keccak256(abi.encode(chain, published, root)));
        }

        RunningHead head = records.logHeadOf(hospital, log);
        equal(head.count(), published, "size");
        equal(bytes32(head.chain()), bytes32(chain), "chain");
        equal(RunningHead.unwrap(records.logHeadOf(alice, log)), 0, "nobody else's");
    }
}
