// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "./ParticipantId.sol";

/// @notice What a participant is. It never changes: an authority can't turn a person into an institution.
enum Kind {
    NONE,
    PERSON,
    INSTITUTION
}

/// @notice A set of institutional roles, one bit each.
type Roles is uint16;

/// @dev Keeps records: may propose relationships, anchor records and attest identities.
Roles constant PROVIDER = Roles.wrap(1);
/// @dev Pays for care: an insurer.
Roles constant PAYER = Roles.wrap(2);
/// @dev Does research.
Roles constant RESEARCHER = Roles.wrap(4);
/// @dev A public-health body.
Roles constant PUBLIC_HEALTH = Roles.wrap(8);
/// @dev Every role there is.
Roles constant ALL_ROLES = Roles.wrap(15);

/// @notice One storage word: who a participant is and what it may do as an institution.
///
///   ┌──────────────┬────────────────┬───────────────┬────────────┬───────┬──────┐
///   │ (112 unused) │ suspendedUntil │ licensedUntil │ keyVersion │ roles │ kind │
///   │              │ 40             │ 40            │ 32         │ 16    │ 8    │
///   └──────────────┴────────────────┴───────────────┴────────────┴───────┴──────┘
struct Participant {
    Kind kind;
    Roles roles;
    /// @dev Which of the participant's encryption keys is the current one; the first is 1.
    uint32 keyVersion;
    /// @dev When the licence ends (seconds); 0 before the first licence and for a person.
    uint40 licensedUntil;
    /// @dev When the suspension ends (seconds); 0 without one; the largest value for a confirmed one.
    uint40 suspendedUntil;
}

/// @notice One storage word: whom an account acts for. The kind stands here as well, because it never changes and most
/// calls of a patient need nothing else.
struct Account {
    ParticipantId id;
    Kind kind;
}
