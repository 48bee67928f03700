// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "./Category.sol";

/// @notice What somebody may do in a patient's place.
struct Powers {
    /// @dev Approve, decline and end relationships.
    bool approving;
    /// @dev Grant these categories to others, and revoke them.
    CategoryMask granting;
    /// @dev View these categories.
    CategoryMask viewing;
}

/// @notice One storage word: a delegate's powers and their term.
struct Delegation {
    /// @dev The fields of {Powers}, not the struct: a struct within a struct begins a storage word of its own.
    bool approving;
    CategoryMask granting;
    CategoryMask viewing;
    /// @dev When it ends (seconds).
    uint40 until;
    /// @dev The patient's access epoch in which it was given; it doesn't outlive that.
    uint32 accessEpoch;
    /// @dev Grows with every write, by two when it is taken away: an appointment that was signed earlier is dead.
    uint32 version;
}

/// @dev Every category.
CategoryMask constant ALL_CATEGORIES = CategoryMask.wrap(0xFF);
