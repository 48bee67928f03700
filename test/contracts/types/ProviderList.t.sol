// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {ProviderListWord} from "../../../contracts/types/ProviderList.sol";
import {Checks} from "../helpers/Checks.sol";

contract ProviderListTest is Checks {
    function testFuzz_roundTrip(uint16 count, uint40[6] memory ids) public pure {
        ProviderListWord word = ProviderListWord.wrap(0).withListCount(count);
        for (uint256 i = 0; i < 6; ++i) word = word.withIdAt(i, ParticipantId.wrap(ids[i]));

        equal(word.listCount(), count, "count");
        for (uint256 i = 0; i < 6; ++i) equal(ParticipantId.unwrap(word.idAt(i)), ids[i], "id");
    }

    function testFuzz_withListCount_keepsTheIds(uint256 word, uint16 count) public pure {
        ProviderListWord before = ProviderListWord.wrap(word);
        ProviderListWord then = before.withListCount(count);

        equal(then.listCount(), count, "count");
        for (uint256 i = 0; i < 6; ++i) {
            equal(ParticipantId.unwrap(then.idAt(i)), ParticipantId.unwrap(before.idAt(i)), "id");
        }
    }
}
