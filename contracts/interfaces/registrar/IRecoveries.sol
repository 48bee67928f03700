// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {Guardians, Recovery, Stage} from "../../types/Guardians.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IRecoveries
/// @notice Guardians give a person a new account who lost the key, or had it stolen.
/// @dev A thief has the same key as the owner, so every rule has to hold against who holds it. Enough guardians start a
/// delay, in which nothing increases. One veto stops it; then it takes one guardian more and twice the delay, and no veto.
/// Execution makes every former account dead and starts a new access epoch: what a thief granted ends.
///
/// Warning: as many guardians as the threshold plus one can take a person's place. Choose them like that. And choose them
/// early: who has none yet, and whose key is stolen, may have the thief choose them.
interface IRecoveries {
    /// @notice Emitted when a person changed guardians.
    /// @param digest keccak-256 of the ABI encoding of the person's id and {Guardians}.
    /// @param from From when on they count (seconds).
    event GuardiansChanging(ParticipantId indexed id, bytes32 digest, uint40 from);

    /// @notice Emitted when a guardian started a recovery.
    event RecoveryStarted(ParticipantId indexed id, ParticipantId indexed starter, uint16 number, address newAccount);

    /// @notice Emitted when a guardian approved a recovery, the one who started it among them.
    /// @param stage What it has reached by that: from Pending on, nothing increases.
    event RecoveryApproved(
        ParticipantId indexed id,
        ParticipantId indexed starter,
        uint16 number,
        ParticipantId guardian,
        Stage stage
    );

    /// @notice Emitted when the person, or who has the key, vetoed a recovery.
    /// @param stage Escalated, or Unstoppable where enough guardians had approved before.
    event RecoveryVetoed(ParticipantId indexed id, ParticipantId indexed starter, uint16 number, Stage stage);

    /// @notice Emitted when a recovery gave a person a new account and ended all others.
    /// @dev Of what goes with it, two have no event of their own: the emergency policy has no more than the default from
    /// then on, and a change of guardians that was announced is off.
    event Recovered(ParticipantId indexed id, ParticipantId indexed starter, uint16 number, address newAccount);

    /// @notice Thrown when the person has no guardians.
    error NoGuardians(ParticipantId id);

    /// @notice Thrown when the guardians that were handed in aren't the person's.
    error GuardiansMismatch(ParticipantId id);

    /// @notice Thrown when guardians are too few or too many, unordered, the person's own self, or have a threshold or a
    /// delay out of bounds.
    error InvalidGuardians();

    /// @notice Thrown when `id` isn't one of the guardians.
    error NotAGuardian(ParticipantId id);

    /// @notice Thrown when the guardian has a recovery of the person open already.
    error RecoveryOpen(ParticipantId id, ParticipantId starter);

    /// @notice Thrown when the guardian's recovery of the person with this number isn't open.
    error NoSuchRecovery(ParticipantId id, ParticipantId starter, uint16 number);

    /// @notice Thrown when a guardian approves twice.
    error AlreadyApproved(ParticipantId guardian);

    /// @notice Thrown when there is nothing to veto yet, or was vetoed already.
    error NotVetoable(ParticipantId id, ParticipantId starter, uint16 number);

    /// @notice Thrown when no recovery waits to be executed.
    error NoRecoveryPending(ParticipantId id);

    /// @notice Thrown before the delay is over (seconds).
    error RecoveryTooEarly(uint256 from);

    /// @notice Thrown when another account accepts than the one that the guardians approved.
    error NotTheNewAccount(address given, address newAccount);

    /// @notice Sets the caller's guardians: at once the first time, after {GUARDIAN_CHANGE_DELAY} from then on.
    /// @dev Naming the current ones calls off a change. Cancels the caller's outstanding signatures.
    /// @param digest As {GuardiansChanging} says; zero for none.
    function changeGuardians(bytes32 digest) external;

    /// @notice Sets the guardians of the person that signed `GuardianChange`; anybody may send it.
    function changeGuardiansWithSig(bytes32 digest, Authorization calldata authorization) external;

    /// @notice Starts a recovery; the caller is a guardian, and thereby approves.
    /// @dev Each guardian may have one open: a rogue one doesn't hold up the others. The first to have enough approvals runs.
    /// @param newAccount The account that the person will have.
    /// @param guardians The person's guardians, disclosed for this.
    function startRecovery(ParticipantId id, address newAccount, Guardians calldata guardians) external;

    /// @notice Starts a recovery for the guardian that signed `RecoveryApproval` of its own next number.
    function startRecoveryWithSig(
        ParticipantId id,
        address newAccount,
        Guardians calldata guardians,
        Authorization calldata authorization
    ) external;

    /// @notice Approves a recovery; the caller is a guardian.
    /// @param number Which one: another one, perhaps for another account, has another number.
    function approveRecovery(
        ParticipantId id,
        ParticipantId starter,
        uint16 number,
        Guardians calldata guardians
    ) external;

    /// @notice Approves a recovery for the guardian that signed `RecoveryApproval`; anybody may send it.
    function approveRecoveryWithSig(
        ParticipantId id,
        ParticipantId starter,
        uint16 number,
        Guardians calldata guardians,
        Authorization calldata authorization
    ) external;

    /// @notice Stops the caller's recovery, once: it goes on only with one more approval and twice the delay.
    function vetoRecovery(ParticipantId starter, uint16 number, Guardians calldata guardians) external;

    /// @notice Vetoes for the person that signed `RecoveryVeto`; anybody may send it.
    function vetoRecoveryWithSig(
        ParticipantId starter,
        uint16 number,
        Guardians calldata guardians,
        Authorization calldata authorization
    ) external;

    /// @notice Gives the person the new account, once the delay is over; anybody may send it.
    /// @dev Changes of key and of guardians that don't count yet are called off, and the emergency policy is no wider than
    /// the default: they may be a thief's.
    /// @param keyDocument The digest of another key document, which counts at once; zero to keep the current one.
    /// @param acceptance The new account's signature over `RecoveryAcceptance`.
    function executeRecovery(
        ParticipantId id,
        ParticipantId starter,
        bytes32 keyDocument,
        Guardians calldata guardians,
        Authorization calldata acceptance
    ) external;

    /// @notice The digest of the guardians that count now; zero for none.
    function guardiansOf(ParticipantId id) external view returns (bytes32);

    /// @notice The change of guardians that doesn't count yet, if any.
    function guardianChangeOf(ParticipantId id) external view returns (bytes32 digest, uint40 from);

    /// @notice The latest recovery of the person that a guardian started; its stage is None when it was executed, ended by
    /// another one, or lapsed.
    function recoveryOf(ParticipantId id, ParticipantId starter) external view returns (Recovery memory);
}
