// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IChildren
/// @notice Persons without an account of their own: representatives act, until they come of age.
interface IChildren {
    /// @notice Emitted when a child was registered.
    /// @param representative Who acts for it; see {IDelegates}.
    /// @param issuer The provider that attested it.
    /// @param keyDocument The digest of the child's key document.
    /// @param comesOfAgeIn The calendar year in which it comes of age.
    event ChildRegistered(
        ParticipantId indexed child,
        ParticipantId indexed representative,
        ParticipantId indexed issuer,
        bytes32 keyDocument,
        uint16 comesOfAgeIn
    );

    /// @notice Emitted when a child came of age and has an account now.
    event CameOfAge(ParticipantId indexed child, address indexed account);

    /// @notice Thrown when `id` isn't a child, or no longer.
    error NotAChild(ParticipantId id);

    /// @notice Thrown before the year begins in which the child comes of age.
    error TooYoung(ParticipantId child, uint256 comesOfAgeIn);

    /// @notice Thrown when a child's key was changed a moment ago: the next change may follow at `next` (seconds).
    error KeyChangedJustNow(ParticipantId child, uint256 next);

    /// @notice Registers a child, for whom the caller acts from then on.
    /// @param keyDocument The digest of the child's key document.
    /// @param commitment The child's identity, salted; see {IIdentities-linkIdentity}.
    /// @param comesOfAgeIn The calendar year (UTC) in which the child comes of age: a year doesn't tell a birthday. The
    /// representatives' power ends with it.
    /// @param clinic A licensed provider's signature over `ChildRegistration`.
    function registerChild(
        bytes32 keyDocument,
        bytes32 commitment,
        uint16 comesOfAgeIn,
        Authorization calldata clinic
    ) external returns (ParticipantId child);

    /// @notice Registers a child for the representative that signed `ChildRepresentation`; anybody may send it.
    function registerChildWithSig(
        bytes32 keyDocument,
        bytes32 commitment,
        uint16 comesOfAgeIn,
        Authorization calldata clinic,
        Authorization calldata representative
    ) external returns (ParticipantId child);

    /// @notice Gives a child another key at once, by a representative: the former key may be one's who is so no more.
    /// @dev Another change follows six hours later at the earliest: nobody counts the versions up to their end, where the child
    /// couldn't come of age any more.
    function changeKeyOfChild(ParticipantId child, bytes32 keyDocument) external;

    /// @notice Gives a child another key, by the representative that signed `KeyChange`; anybody may send it.
    function changeKeyOfChildWithSig(
        ParticipantId child,
        bytes32 keyDocument,
        Authorization calldata authorization
    ) external;

    /// @notice Gives a child that came of age its first account and another key, and ends what its representatives gave away.
    /// @dev Anybody may send it who has both signatures. Where another clinic attests than the one that registered the child,
    /// a representative sends it, and may not have a recovery pending; from the end of the year on, when none counts any
    /// more, it is anybody again, if the first clinic's licence isn't live; a suspension that nobody
    /// confirmed doesn't count.
    /// @param keyDocument The digest of a key document whose key no representative has.
    /// @param joining The account's signature over `ComingOfAgeAccount`.
    /// @param clinic The signature of a licensed provider's owner over `ComingOfAge`.
    function comeOfAge(
        ParticipantId child,
        bytes32 keyDocument,
        Authorization calldata joining,
        Authorization calldata clinic
    ) external;
}
