// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MAX_BLOCKS, Relationship, RelationshipWord, Status} from "../../../contracts/types/Relationship.sol";
import {Checks} from "../helpers/Checks.sol";

contract RelationshipTest is Checks {
    function testFuzz_roundTrip(
        uint8 status,
        bool listed,
        uint16 blocks,
        uint24 nonce,
        uint32 since,
        uint32 until,
        bytes20 termsDigest
    ) public pure {
        Relationship memory r = Relationship({
            status: Status(status % (uint8(type(Status).max) + 1)),
            listed: listed,
            blocks: blocks % (MAX_BLOCKS + 1),
            nonce: nonce,
            since: since >> 4,
            until: until >> 4,
            termsDigest: termsDigest
        });
        RelationshipWord word = r.pack();

        equal(keccak256(abi.encode(word.unpack())), keccak256(abi.encode(r)), "unpack after pack");
        equal(RelationshipWord.unwrap(word.unpack().pack()), RelationshipWord.unwrap(word), "pack after unpack");
    }

    function test_nothingStoredIsNoRelationship() public pure {
        Relationship memory none = RelationshipWord.wrap(0).unpack();

        check(none.status == Status.None && !none.listed && !none.isBlocked() && none.nonce == 0, "none");
    }
}
