// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RunningHead, runningHead} from "../../../contracts/types/RunningHead.sol";
import {Checks} from "../helpers/Checks.sol";

contract RunningHeadTest is Checks {
    function testFuzz_roundTrip(uint40 count, bytes32 hash) public pure {
        RunningHead head = runningHead(count, hash);

        equal(head.count(), count, "count");
        equal(bytes32(head.chain()), bytes32(bytes27(hash)), "chain");
        equal(RunningHead.unwrap(runningHead(head.count(), head.chain())), RunningHead.unwrap(head), "again");
    }
}
