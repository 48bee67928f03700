// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "./Category.sol";
import {ParticipantId} from "./ParticipantId.sol";

/// @notice What somebody may do in a patient's place.
struct Powers {
    /// @dev Approve, decline and end relationships.
    bool approving;
    /// @dev Grant these categories to others, and revoke them.
    CategoryMask granting;
    /// @dev View these categories.
    CategoryMask viewing;
}

/// @notice One storage word: what somebody may do in a patient's place, from when until when, and who says so.
///
///   ┌─────────┬─────────────┬─────────┬────────┬──────┬───────┬─────────┬──────────┬───────────┐
///   │ version │ accessEpoch │ ofChild │ source │ from │ until │ viewing │ granting │ approving │
///   │ 32      │ 32          │ 8       │ 40     │ 40   │ 40    │ 8       │ 8        │ 8         │
///   └─────────┴─────────────┴─────────┴────────┴──────┴───────┴─────────┴──────────┴───────────┘
struct Delegation {
    /// @dev The fields of {Powers}, not the struct: a struct within a struct begins a storage word of its own.
    bool approving;
    CategoryMask granting;
    CategoryMask viewing;
    /// @dev When it ends (seconds).
    uint40 until;
    /// @dev When it begins (seconds). Until then an entry of a court's is a notice, which the patient may dismiss.
    uint40 from;
    /// @dev Nobody: the patient's own entry. Else the institution whose word it is.
    ParticipantId source;
    /// @dev It represents a child, and ends when the child comes of age.
    bool ofChild;
    /// @dev The patient's access epoch in which it was given: the patient's own entries don't outlive that, an
    /// institution's do.
    uint32 accessEpoch;
    /// @dev Grows with every write, by two when it is taken away: an appointment that was signed earlier is dead.
    uint32 version;
}

/// @dev Every category.
CategoryMask constant ALL_CATEGORIES = CategoryMask.wrap(0xFF);
