// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "./Category.sol";

/// @notice One storage word: a responder's latest break-glass at one patient.
struct Emergency {
    /// @dev Counts the responder's break-glasses at this patient.
    uint32 number;
    /// @dev When it ends (seconds).
    uint40 until;
    /// @dev What the patient's policy admitted at that time.
    CategoryMask categories;
    /// @dev The patient's access epoch and the responder's generation then: it outlives neither.
    uint32 accessEpoch;
    uint32 generation;
}

/// @notice What was found out about a break-glass afterwards.
enum Outcome {
    /// Nobody has looked yet.
    Unreviewed,
    /// There was an emergency.
    Justified,
    /// There was none.
    Unjustified
}

/// @notice The review of one break-glass.
struct Review {
    Outcome outcome;
    /// @dev By the patient or a delegate; the authority's gives way to it.
    bool byPatient;
}
