// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CATEGORY_COUNT, CategoryMask} from "../../../contracts/types/Category.sol";
import {LANE_MASK, Lanes} from "../../../contracts/types/Lanes.sol";
import {LogHead, logHead} from "../../../contracts/types/LogHead.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {IDS_PER_WORD, ProviderListWord} from "../../../contracts/types/ProviderList.sol";
import {
    MAX_BLOCKS,
    MINUTES_MASK,
    Relationship,
    RelationshipWord,
    Status
} from "../../../contracts/types/Relationship.sol";
import {RunningHead, runningHead} from "../../../contracts/types/RunningHead.sol";

/// @title Words
/// @notice Packing loses nothing: what is written into a word is read from it, and everything else in it stays. Each
/// function holds for all its arguments.
/// @dev Input of `npm run prove`, which runs these functions bit by bit. Every assertion ends in a comment that names it;
/// what the documentation calls "Proved, too" is that the check reverts for no argument.
contract Words {
    /// @dev Proved, too. Relationship: what has a status packs and unpacks without reverting.
    function checkRelationshipPacked(
        uint8 status,
        bool listed,
        uint16 blocks,
        uint24 nonce,
        uint256 since,
        uint256 until,
        uint160 terms
    ) external pure {
        require(status <= uint8(type(Status).max) && blocks <= MAX_BLOCKS);
        Relationship memory r = Relationship({
            status: Status(status),
            listed: listed,
            blocks: blocks,
            nonce: nonce,
            since: uint32(since & MINUTES_MASK),
            until: uint32(until & MINUTES_MASK),
            termsDigest: bytes20(terms)
        });
        Relationship memory again = r.pack().unpack();

        assert(again.status == r.status); // Relationship: the status comes back
        assert(again.listed == listed); // Relationship: listed comes back
        assert(again.blocks == blocks); // Relationship: the number of blocks comes back
        assert(again.nonce == nonce); // Relationship: the nonce comes back
        assert(again.since == r.since); // Relationship: since comes back
        assert(again.until == r.until); // Relationship: until comes back
        assert(again.termsDigest == r.termsDigest); // Relationship: the terms come back
    }

    function checkRelationshipWord(uint256 word) external pure {
        uint256 again = RelationshipWord.unwrap(RelationshipWord.wrap(word).unpack().pack());

        assert(again == word); // Relationship: every bit of a word comes back
    }

    function checkLanesSet(uint256 word, uint8 mask, uint256 minute) external pure {
        minute = minute & LANE_MASK;
        Lanes before = Lanes.wrap(word);
        Lanes then = before.set(CategoryMask.wrap(mask), minute);
        bool right = true;
        for (uint256 lane = 0; lane < CATEGORY_COUNT; ++lane) {
            bool chosen = CategoryMask.wrap(mask).has(lane);
            right = right && then.expiryOf(lane) == (chosen ? minute : before.expiryOf(lane));
        }

        assert(right); // Lanes: set writes the chosen lanes and leaves the others alone
        assert(then.version() == uint256(before.version()) + 1); // Lanes: set is one version later
        assert(then.version() > before.version()); // Lanes: the version never starts again
    }

    function checkLanesClear(uint256 word, uint8 mask) external pure {
        Lanes before = Lanes.wrap(word);
        Lanes then = before.clear(CategoryMask.wrap(mask));
        bool right = true;
        for (uint256 lane = 0; lane < CATEGORY_COUNT; ++lane) {
            bool chosen = CategoryMask.wrap(mask).has(lane);
            right = right && then.expiryOf(lane) == (chosen ? 0 : before.expiryOf(lane));
        }

        assert(right); // Lanes: clear empties the chosen lanes and leaves the others alone
        assert(then.version() == uint256(before.version()) + 2); // Lanes: clear is two versions later
        assert(then.version() > before.version()); // Lanes: a cleared version never starts again
    }

    /// @dev Proved, too. Lanes: set and clear revert only at the last two versions.
    function checkLanesBelowTheirEnd(uint256 word, uint8 mask, uint256 minute) external pure {
        require(word >> 224 < type(uint32).max - 1);
        Lanes.wrap(word).set(CategoryMask.wrap(mask), minute & LANE_MASK);
        Lanes.wrap(word).clear(CategoryMask.wrap(mask));
    }

    /// @dev Proved, too. RunningHead: nothing reverts.
    function checkRunningHead(uint40 count, bytes32 hash) external pure {
        RunningHead head = runningHead(count, hash);

        assert(head.count() == count); // RunningHead: the count comes back
        assert(head.chain() == bytes27(hash)); // RunningHead: the upper 216 bits come back
    }

    /// @dev Proved, too. LogHead: nothing reverts.
    function checkLogHead(uint40 size, uint32 number, bytes32 hash) external pure {
        LogHead head = logHead(size, number, hash);

        assert(head.size() == size); // LogHead: the size comes back
        assert(head.number() == number); // LogHead: the number comes back
        assert(head.chain() == bytes23(hash)); // LogHead: the upper 184 bits come back
    }

    /// @dev Proved, too. ProviderList: the count never reverts.
    function checkListCount(uint256 word, uint16 count) external pure {
        ProviderListWord before = ProviderListWord.wrap(word);
        ProviderListWord then = before.withListCount(count);
        bool kept = true;
        for (uint256 i = 0; i < IDS_PER_WORD; ++i) kept = kept && then.idAt(i) == before.idAt(i);

        assert(then.listCount() == count); // ProviderList: the count comes back
        assert(kept); // ProviderList: the count leaves the ids alone
    }

    /// @dev Proved, too. ProviderList: six ids never revert.
    function checkListIds(uint16 count, uint40 a, uint40 b, uint40 c, uint40 d, uint40 e, uint40 f) external pure {
        ProviderListWord word = ProviderListWord.wrap(0).withListCount(count);
        word = word.withIdAt(0, ParticipantId.wrap(a)).withIdAt(1, ParticipantId.wrap(b));
        word = word.withIdAt(2, ParticipantId.wrap(c)).withIdAt(3, ParticipantId.wrap(d));
        word = word.withIdAt(4, ParticipantId.wrap(e)).withIdAt(5, ParticipantId.wrap(f));
        bool first = word.idAt(0) == ParticipantId.wrap(a) && word.idAt(1) == ParticipantId.wrap(b);
        bool second = word.idAt(2) == ParticipantId.wrap(c) && word.idAt(3) == ParticipantId.wrap(d);
        bool third = word.idAt(4) == ParticipantId.wrap(e) && word.idAt(5) == ParticipantId.wrap(f);

        assert(first && second && third); // ProviderList: six ids come back
        assert(word.listCount() == count); // ProviderList: ids leave the count alone
    }
}
