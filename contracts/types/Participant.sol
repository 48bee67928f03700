// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "./Category.sol";
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
/// @dev Certified for emergency care: may break the glass.
Roles constant EMERGENCY = Roles.wrap(16);
/// @dev A licensed registrar, such as a court or a civil registry: may appoint representatives.
Roles constant COURT = Roles.wrap(32);
/// @dev Every role there is.
Roles constant ALL_ROLES = Roles.wrap(63);

/// @notice One storage word: who a participant is, what it may do as an institution, what it decided as a person.
///
///   ┌───────────────┬───────────┬─────────────┬───────────────────────┬──────────────┬────────────────┬─────────────┐
///   │ knownOnly     │ emergency │ longestGrant│ frozenUntil           │ accessEpoch, │ suspendedUntil,│ roles,      │
///   │               │           │             │                       │ signature-   │ licensedUntil  │ accountEpoch│
///   │               │           │             │                       │ Epoch        │                │ keyVersion, │
///   │               │           │             │                       │              │                │ kind        │
///   │ 8             │ 8         │ 16          │ 24                    │ 32 + 32      │ 40 + 40        │ 3 × 16 + 8  │
///   └───────────────┴───────────┴─────────────┴───────────────────────┴──────────────┴────────────────┴─────────────┘
struct Participant {
    Kind kind;
    /// @dev Which of the participant's encryption keys is the current one; the first is 1.
    uint16 keyVersion;
    /// @dev How often recovery replaced the accounts: an account of an earlier epoch is dead.
    uint16 accountEpoch;
    /// @dev Institutions: what the licence covers.
    Roles roles;
    /// @dev Institutions: when the licence ends (seconds); 0 before the first one.
    uint40 licensedUntil;
    /// @dev Institutions: when the suspension ends (seconds); 0 without one; the largest value for a confirmed one.
    uint40 suspendedUntil;
    /// @dev How often everything was revoked: a grant or delegate of an earlier epoch is dead.
    uint32 accessEpoch;
    /// @dev How often outstanding signatures were cancelled; grows with every access epoch, too.
    uint32 signatureEpoch;
    /// @dev Persons: until when a recovery is pending and nothing may increase. Institutions: until when operators act
    /// no more. In hours since the Unix epoch; 0 without one.
    uint24 frozenUntil;
    /// @dev Persons: the longest term of a grant, in days; 0: no limit of the person's own.
    uint16 longestGrant;
    /// @dev Persons: what a responder sees in an emergency; empty: nobody breaks this glass.
    CategoryMask emergency;
    /// @dev Persons: only providers that once stood in the person's list may propose; others need to hand an offer over.
    bool knownOnly;
}

/// @notice What an account may do for its participant. A person's accounts are owners.
enum AccountScope {
    /// @dev The daily work of an institution: propose, anchor, attest, publish, deliver.
    OPERATOR,
    /// @dev That, and what decides about the institution itself: accounts, keys, bond, payouts.
    OWNER
}

/// @notice One storage word: whom an account acts for. Kind and scope stand here as well, because they never change.
struct Account {
    ParticipantId id;
    Kind kind;
    AccountScope scope;
    /// @dev The participant's account epoch in which the account was added.
    uint16 epoch;
    /// @dev From when on it acts (seconds).
    uint40 actsFrom;
    /// @dev From when on it acts no more (seconds); 0: nobody asked for that.
    uint40 retiresAt;
}

/// @notice What a person wants kept to, whoever acts.
struct Settings {
    /// @dev Only providers that once stood in the person's list may propose.
    bool knownOnly;
    /// @dev The longest term of a grant, in days; 0: no limit of the person's own.
    uint16 longestGrant;
    /// @dev What a responder sees in an emergency; empty: nobody breaks this glass.
    CategoryMask emergency;
}

/// @notice What anybody needs to know who increases what a person gave away.
struct Standing {
    uint32 accessEpoch;
    uint32 signatureEpoch;
    /// @dev In days; 0: no limit.
    uint16 longestGrant;
}

/// @dev SUMMARY and MEDICATION: what a responder sees unless the person decides otherwise.
CategoryMask constant DEFAULT_EMERGENCY = CategoryMask.wrap(0x03);
