// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LogHead, logHead} from "../../../contracts/types/LogHead.sol";
import {Checks} from "../helpers/Checks.sol";

contract LogHeadTest is Checks {
    function testFuzz_roundTrip(uint40 size, uint32 number, bytes32 hash) public pure {
        LogHead head = logHead(size, number, hash);

        equal(head.size(), size, "size");
        equal(head.number(), number, "number");
        equal(bytes32(head.chain()), bytes32(bytes23(hash)), "chain");
        equal(LogHead.unwrap(logHead(head.size(), head.number(), head.chain())), LogHead.unwrap(head), "again");
    }
}
