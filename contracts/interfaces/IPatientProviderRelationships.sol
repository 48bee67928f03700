// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../types/Authorization.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Relationship} from "../types/Relationship.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title IPatientProviderRelationships
/// @notice Who keeps what: the relationships (PPRs) between patients and the providers that steward their records.
/// @dev Nobody but the patient activates a relationship, and only with the terms that the approval names: nonce, terms
/// digest and end. So neither a provider nor a reorganisation of the chain can swap terms under an approval.
///
/// Warning: 160 bits of the terms' digest are stored. Finding other terms for stored ones takes 2^160 work; making two
/// sets of terms that share them takes 2^80. The event carries all 256 bits.
interface IPatientProviderRelationships is ISignedActions {
    /// @notice What a provider offers a patient, off chain and signed.
    struct Offer {
        ParticipantId patient;
        ParticipantId provider;
        /// @dev The sha2-256 digest of the sealed terms and a salt, which travel in a file.
        bytes32 termsDigest;
        /// @dev The relationship's nonce plus one.
        uint24 nonce;
        /// @dev When the relationship ends (seconds, counted to the minute); 0: it doesn't.
        uint40 until;
    }

    /// @notice Emitted when a provider proposed a relationship.
    /// @param nonce The relationship's new nonce.
    /// @param termsDigest The sha2-256 digest of the sealed terms.
    /// @param until When the relationship would end (seconds); 0: it would not.
    event RelationshipProposed(
        ParticipantId indexed patient,
        ParticipantId indexed provider,
        uint24 nonce,
        bytes32 termsDigest,
        uint40 until
    );

    /// @notice Emitted when a patient approved a relationship, which is active from now on.
    event RelationshipApproved(
        ParticipantId indexed patient,
        ParticipantId indexed provider,
        uint24 nonce,
        bytes32 termsDigest,
        uint40 until
    );

    /// @notice Emitted when a patient declined a proposal.
    event RelationshipDeclined(ParticipantId indexed patient, ParticipantId indexed provider, uint24 nonce);

    /// @notice Emitted when a provider withdrew a proposal.
    event RelationshipWithdrawn(ParticipantId indexed patient, ParticipantId indexed provider, uint24 nonce);

    /// @notice Emitted when `by`, one of the two, suspended the relationship.
    event RelationshipSuspended(ParticipantId indexed patient, ParticipantId indexed provider, ParticipantId by);

    /// @notice Emitted when the side that had suspended the relationship resumed it.
    event RelationshipResumed(ParticipantId indexed patient, ParticipantId indexed provider, ParticipantId by);

    /// @notice Emitted when `by`, one of the two, ended the relationship.
    event RelationshipEnded(ParticipantId indexed patient, ParticipantId indexed provider, ParticipantId by);

    /// @notice Emitted when a patient began to refuse a provider's proposals and offers.
    event ProviderBlocked(ParticipantId indexed patient, ParticipantId indexed provider);

    /// @notice Emitted when a patient ceased to refuse a provider's proposals and offers.
    event ProviderUnblocked(ParticipantId indexed patient, ParticipantId indexed provider);

    /// @notice Thrown when the patient lets only providers propose that once stood in the patient's list.
    error OnlyKnownProviders(ParticipantId patient, ParticipantId provider);

    /// @notice Thrown when `patient` isn't a person's participant.
    error NotAPatient(ParticipantId patient);

    /// @notice Thrown when terms are missing.
    error MissingTerms();

    /// @notice Thrown when the end (seconds) is neither 0 nor a time ahead that fits.
    error InvalidEnd(uint256 until);

    /// @notice Thrown when a relationship is already proposed, active or suspended.
    error AlreadyOpen(ParticipantId patient, ParticipantId provider);

    /// @notice Thrown when a provider has used up the nonces of a relationship, by eight million proposals, or the patient the
    /// counter of blocks: what would open or resume it, or what is signed about a block, couldn't be told from what was signed
    /// before.
    error NoncesExhausted(ParticipantId patient, ParticipantId provider);

    /// @notice Thrown when there is no proposal to answer or to withdraw.
    error NotProposed(ParticipantId patient, ParticipantId provider);

    /// @notice Thrown when the relationship isn't active.
    error NotActive(ParticipantId patient, ParticipantId provider);

    /// @notice Thrown when the relationship isn't suspended by the side that wants to resume it.
    error NotSuspendedBy(ParticipantId by);

    /// @notice Thrown when there is nothing to end.
    error NotOpen(ParticipantId patient, ParticipantId provider);

    /// @notice Thrown when another nonce, or number of blocks, was named than the one that counts now.
    error WrongNonce(uint256 given, uint256 expected);

    /// @notice Thrown when an approval names other terms than the proposal.
    error TermsMismatch(bytes32 given, bytes20 proposed);

    /// @notice Thrown when an approval names another end than the proposal (both in minutes).
    error EndMismatch(uint256 given, uint256 proposed);

    /// @notice Thrown when who calls or signed is neither the patient nor a delegate who may do this, nor the provider
    /// where that one may.
    error NotEmpowered(ParticipantId patient, ParticipantId actor);

    /// @notice Thrown when the patient refuses this provider.
    error Blocked(ParticipantId patient, ParticipantId provider);

    /// @notice Thrown when a provider is blocked, or unblocked, that already is.
    error BlockUnchanged(ParticipantId provider);

    /// @notice Proposes a relationship; the caller is a licensed provider. Lapses after {PROPOSAL_LIFETIME}.
    /// @dev Writes nothing into the patient's list. Can reopen an ended, declined, withdrawn or lapsed relationship.
    /// @param termsDigest The sha2-256 digest of the terms, sealed to the patient.
    /// @param until When the relationship ends (seconds, counted to the minute); 0: it doesn't.
    function propose(ParticipantId patient, bytes32 termsDigest, uint40 until) external;

    /// @notice Takes back a proposal; the caller is the provider.
    function withdraw(ParticipantId patient) external;

    /// @notice Approves a proposal; the caller is the patient or a delegate who may.
    /// @param nonce The proposal's nonce.
    /// @param termsDigest The digest of the terms that the patient read.
    /// @param until The proposal's end (seconds).
    function approve(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        bytes32 termsDigest,
        uint40 until
    ) external;

    /// @notice Approves a proposal for the patient, or the delegate, that signed `RelationshipApproval`; anybody may send it.
    /// @param proposal What is approved: `nonce` is the proposal's nonce.
    function approveWithSig(Offer calldata proposal, Authorization calldata patientAuthorization) external;

    /// @notice Accepts an offer that a provider signed (`RelationshipOffer`); the caller is the patient or a delegate
    /// who may.
    function accept(Offer calldata offer, Authorization calldata providerAuthorization) external;

    /// @notice Puts both signatures under an offer; anybody may send it.
    /// @param providerAuthorization The provider's signature over `RelationshipOffer`.
    /// @param patientAuthorization The patient's signature over `RelationshipApproval`.
    function establish(
        Offer calldata offer,
        Authorization calldata providerAuthorization,
        Authorization calldata patientAuthorization
    ) external;

    /// @notice Declines a proposal; the caller is the patient or a delegate who may.
    function decline(ParticipantId patient, ParticipantId provider, uint24 nonce) external;

    /// @notice Declines a proposal for the patient, or the delegate, that signed `RelationshipDecline`; anybody may send it.
    function declineWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external;

    /// @notice Suspends an active relationship; the caller is the patient, a delegate who may, or the provider.
    /// @dev Advances the nonce where it is the patient: a renewal that was signed before is dead.
    function suspend(ParticipantId patient, ParticipantId provider) external;

    /// @notice Suspends a relationship for the patient, or the delegate, that signed `RelationshipSuspension`; anybody may
    /// send it.
    function suspendWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external;

    /// @notice Resumes a suspended relationship; the caller is the side that suspended it.
    function resume(ParticipantId patient, ParticipantId provider) external;

    /// @notice Resumes a relationship that the patient's side suspended, for the patient, or the delegate, that signed
    /// `RelationshipResumption`; anybody may send it.
    function resumeWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external;

    /// @notice Ends a relationship; the caller is the patient, a delegate who may, or the provider. Grants and records stay.
    function end(ParticipantId patient, ParticipantId provider) external;

    /// @notice Ends a relationship for the patient, or the delegate, that signed `RelationshipEnd`; anybody may send it.
    /// @dev It also counts where the provider was blocked since: a relayer can't save a relationship by sending a block first.
    function endWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint24 nonce,
        Authorization calldata patientAuthorization
    ) external;

    /// @notice Refuses a provider's proposals and offers; the caller is the patient or a delegate who may.
    /// @dev An open proposal is declined; an active relationship stays until it is ended. Advances the nonce: whatever was
    /// offered or approved before is dead, also once the block is lifted.
    function blockProvider(ParticipantId patient, ParticipantId provider) external;

    /// @notice Refuses a provider's proposals and offers for the patient, or the delegate, that signed `ProviderBlock`;
    /// anybody may send it.
    /// @param blocks How often the provider was blocked and unblocked before.
    function blockProviderWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint16 blocks,
        Authorization calldata patientAuthorization
    ) external;

    /// @notice Admits a provider's proposals and offers again; the caller is the patient or a delegate who may.
    function unblockProvider(ParticipantId patient, ParticipantId provider) external;

    /// @notice Admits a provider's proposals and offers again for the patient, or the delegate, that signed
    /// `ProviderUnblock`; anybody may send it.
    function unblockProviderWithSig(
        ParticipantId patient,
        ParticipantId provider,
        uint16 blocks,
        Authorization calldata patientAuthorization
    ) external;

    /// @notice A relationship as it stands now: Lapsed, and Ended by term, are read off the clock.
    function relationship(ParticipantId patient, ParticipantId provider) external view returns (Relationship memory);

    /// @notice Whether the relationship is active now. Says nothing about the provider's licence.
    function isActive(ParticipantId patient, ParticipantId provider) external view returns (bool);

    /// @notice How many providers ever had an active relationship with `patient`.
    function providerCount(ParticipantId patient) external view returns (uint256);

    /// @notice The providers that ever had an active relationship with `patient`, in order of the first approval.
    /// @param offset How many to pass over.
    /// @param limit How many to return at the most.
    function providersOf(
        ParticipantId patient,
        uint256 offset,
        uint256 limit
    ) external view returns (ParticipantId[] memory);
}
