// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "./ParticipantId.sol";

/// @notice Who may give a person a new account, and how. The chain holds only its salted digest until it is used.
struct Guardians {
    /// @dev Two to sixteen participants, in ascending order.
    ParticipantId[] members;
    /// @dev How many of them it takes; at least one fewer than there are. After a veto one more.
    uint8 threshold;
    /// @dev How long the person has to veto (seconds); after a veto twice as long.
    uint32 delay;
    /// @dev Random, so that nobody finds out the guardians by trying.
    bytes32 salt;
}

/// @notice How far a recovery has come.
enum Stage {
    /// None was started, or it was executed or lapsed.
    None,
    /// Guardians approve.
    Collecting,
    /// Enough approved; the delay runs; the person may veto.
    Pending,
    /// The person vetoed; one approval more than before is needed.
    Escalated,
    /// Enough approved in spite of the veto; twice the delay runs; nothing stops it.
    Unstoppable
}

/// @notice One storage word for each (person, guardian): the latest recovery that this guardian started. Each guardian has
/// one's own, so that none holds up the others.
///
///   ┌────────────┬───────┬──────┬───────────┬────────┬───────┐
///   │ newAccount │ since │ mark │ approvals │ number │ stage │
///   │ 160        │ 32    │ 24   │ 16        │ 16     │ 8     │
///   └────────────┴───────┴──────┴───────────┴────────┴───────┘
struct Recovery {
    Stage stage;
    /// @dev Counts the recoveries that this guardian started; an approval names it.
    uint16 number;
    /// @dev Bit n: member n approved.
    uint16 approvals;
    /// @dev While Collecting: the person's account epoch at the start, so that the recovery that is executed ends all
    /// others. Later: the hour until which this recovery froze the person, so that another freeze doesn't revive it.
    uint24 mark;
    /// @dev When the stage was reached (minutes since the Unix epoch; rounded up once a delay runs).
    uint32 since;
    /// @dev The account that the person will have.
    address newAccount;
}

uint256 constant MIN_GUARDIANS = 2;
uint256 constant MAX_GUARDIANS = 16;
