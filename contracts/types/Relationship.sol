// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Where a patient-provider relationship stands.
///
///   None ──► Proposed ──► Active ◄──► Suspended (lifted only by the side that set it)
///    │        │             │              │
///    │        ├► Declined   └──► Ended ◄───┘
///    │        ├► Withdrawn
///    │        └► Lapsed
///    └──────────────────► Active   (an accepted offer)
///
/// @dev Declined, Withdrawn, Lapsed and Ended reopen under a higher nonce, by a proposal or an accepted offer.
/// Lapsed, and Ended by its own term, are read off the clock and not stored.
enum Status {
    None,
    Proposed,
    Active,
    SuspendedByPatient,
    SuspendedByProvider,
    Ended,
    Declined,
    Withdrawn,
    Lapsed
}

/// @notice One storage word for each (patient, provider).
///
///   ┌─────────────┬───────┬───────┬───────┬────────┬────────┬────────┐
///   │ termsDigest │ until │ since │ nonce │ blocks │ listed │ status │
///   │ 160         │ 28    │ 28    │ 24    │ 11     │ 1      │ 4      │
///   └─────────────┴───────┴───────┴───────┴────────┴────────┴────────┘
///   `until` and `since` in minutes since the Unix epoch; `until` 0: no end. While Proposed, `since` is when it was.
type RelationshipWord is uint256;

/// @notice A {RelationshipWord}, unpacked. Times in minutes since the Unix epoch.
struct Relationship {
    Status status;
    /// @dev The provider stands in the patient's list.
    bool listed;
    /// @dev How often the patient blocked and unblocked this provider: odd while it is blocked. At its end it goes to
    /// and fro between the last two, and no signature names these.
    uint16 blocks;
    /// @dev Grows with every proposal or accepted offer.
    uint24 nonce;
    uint32 since;
    uint32 until;
    /// @dev The upper 160 bits of the terms' sha2-256 digest.
    bytes20 termsDigest;
}

using {unpack} for RelationshipWord global;
using {pack, isBlocked} for Relationship global;

uint256 constant MINUTES_MASK = (1 << 28) - 1;
uint16 constant MAX_BLOCKS = (1 << 11) - 1;

function unpack(RelationshipWord packed) pure returns (Relationship memory) {
    uint256 word = RelationshipWord.unwrap(packed);
    return
        Relationship({
            status: Status(word & 0x0f),
            listed: (word >> 4) & 1 == 1,
            blocks: uint16((word >> 5) & MAX_BLOCKS),
            nonce: uint24(word >> 16),
            since: uint32((word >> 40) & MINUTES_MASK),
            until: uint32((word >> 68) & MINUTES_MASK),
            termsDigest: bytes20(uint160(word >> 96))
        });
}

/// @dev `since` and `until` must fit into 28 bits, `blocks` into 11; the contract checks that where they come in.
function pack(Relationship memory r) pure returns (RelationshipWord) {
    return
        RelationshipWord.wrap(
            uint256(uint8(r.status)) |
                (uint256(r.listed ? 1 : 0) << 4) |
                (uint256(r.blocks) << 5) |
                (uint256(r.nonce) << 16) |
                (uint256(r.since) << 40) |
                (uint256(r.until) << 68) |
                (uint256(uint160(r.termsDigest)) << 96)
        );
}

/// @dev The patient refuses proposals and offers of this provider.
function isBlocked(Relationship memory r) pure returns (bool) {
    return r.blocks % 2 == 1;
}
