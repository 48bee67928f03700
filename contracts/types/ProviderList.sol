// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "./ParticipantId.sol";

/// @notice Six provider ids in one storage word; the first word of a list also counts the whole list.
///
///   255         240 239    200 199    160            39       0
///  ┌───────────────┬──────────┬──────────┬───  ───┬───────────┐
///  │ count         │ id 5     │ id 4     │   …    │ id 0      │
///  │ (word 0 only) │          │          │        │           │
///  └───────────────┴──────────┴──────────┴───  ───┴───────────┘
type ProviderListWord is uint256;

using {listCount, withListCount, idAt, withIdAt} for ProviderListWord global;

uint256 constant IDS_PER_WORD = 6;
uint256 constant ID_BITS = 40;
uint256 constant ID_MASK = (1 << ID_BITS) - 1;
uint256 constant LIST_COUNT_SHIFT = IDS_PER_WORD * ID_BITS;

function listCount(ProviderListWord word) pure returns (uint16) {
    return uint16(ProviderListWord.unwrap(word) >> LIST_COUNT_SHIFT);
}

function withListCount(ProviderListWord word, uint16 newCount) pure returns (ProviderListWord) {
    uint256 ids = ProviderListWord.unwrap(word) & ((1 << LIST_COUNT_SHIFT) - 1);
    return ProviderListWord.wrap(ids | (uint256(newCount) << LIST_COUNT_SHIFT));
}

function idAt(ProviderListWord word, uint256 position) pure returns (ParticipantId) {
    return ParticipantId.wrap(uint40((ProviderListWord.unwrap(word) >> (position * ID_BITS)) & ID_MASK));
}

/// @dev Only for a position that is still empty.
function withIdAt(ProviderListWord word, uint256 position, ParticipantId id) pure returns (ProviderListWord) {
    return
        ProviderListWord.wrap(
            ProviderListWord.unwrap(word) | (uint256(ParticipantId.unwrap(id)) << (position * ID_BITS))
        );
}
