// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NOBODY, ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Checks} from "../helpers/Checks.sol";

contract ParticipantIdTest is Checks {
    function testFuzz_equality(uint40 a, uint40 b) public pure {
        equal(ParticipantId.wrap(a) == ParticipantId.wrap(b), a == b, "==");
        equal(ParticipantId.wrap(a) != ParticipantId.wrap(b), a != b, "!=");
        check(ParticipantId.wrap(a) == ParticipantId.wrap(a), "reflexive");
        equal(ParticipantId.wrap(a) == NOBODY, a == 0, "nobody");
    }
}
