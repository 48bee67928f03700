// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../types/Authorization.sol";
import {Participant, Roles} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {ISignedActions} from "./ISignedActions.sol";

/// @title IRegistrar
/// @notice Who is who: persons and institutions, their accounts, keys, licences and attested identities.
/// @dev Trust: the authority (through an AccessManager, with a delay) decides which institution is licensed for what.
/// It can do nothing to a person: no restricted function takes one.
///
/// Warning: a name or a role says nothing before {isLicensed} or {isInGoodStanding} does. Anybody can register an
/// institution under any name; the licence is what vouches for it.
interface IRegistrar is ISignedActions {
    /// @notice Emitted when a person registered.
    /// @param id The new participant.
    /// @param account The first account.
    /// @param keyDocument The sha2-256 digest of the key document, one raw IPFS block, so its CID.
    event PatientRegistered(ParticipantId indexed id, address indexed account, bytes32 keyDocument);

    /// @notice Emitted when an institution registered; it has no licence yet.
    /// @param id The new participant.
    /// @param account The first account.
    /// @param keyDocument The sha2-256 digest of the key document.
    /// @param name The institution's public name.
    event InstitutionRegistered(ParticipantId indexed id, address indexed account, bytes32 keyDocument, string name);

    /// @notice Emitted when the authority licensed an institution or renewed its licence.
    /// @param id The institution.
    /// @param roles What it may act as.
    /// @param until When the licence ends (seconds).
    event Licensed(ParticipantId indexed id, Roles roles, uint40 until);

    /// @notice Emitted when the authority suspended an institution.
    /// @param id The institution.
    /// @param until When the suspension lapses unless it is confirmed (seconds).
    event Suspended(ParticipantId indexed id, uint40 until);

    /// @notice Emitted when the authority confirmed a suspension, which then no longer lapses.
    /// @param id The institution.
    event SuspensionConfirmed(ParticipantId indexed id);

    /// @notice Emitted when the authority lifted a suspension.
    /// @param id The institution.
    event Reinstated(ParticipantId indexed id);

    /// @notice Emitted when an identity was linked to a participant.
    /// @param issuer The provider that attested it.
    /// @param id The person.
    /// @param commitment The salted commitment.
    event IdentityLinked(ParticipantId indexed issuer, ParticipantId indexed id, bytes32 indexed commitment);

    /// @notice Thrown when `account` belongs to no participant.
    error NotRegistered(address account);

    /// @notice Thrown when `account` already belongs to a participant.
    error AlreadyRegistered(address account);

    /// @notice Thrown when a key document's digest is zero.
    error MissingKeyDocument();

    /// @notice Thrown when an institution gives no name.
    error MissingName();

    /// @notice Thrown when `id` isn't an institution.
    error NotAnInstitution(ParticipantId id);

    /// @notice Thrown when `id` isn't licensed as a provider.
    error NotALicensedProvider(ParticipantId id);

    /// @notice Thrown when a licence names another institution's name than the registered one.
    error NameMismatch(ParticipantId id, bytes32 given, bytes32 registered);

    /// @notice Thrown when a licence is for no role, or for one that doesn't exist.
    error InvalidRoles(Roles roles);

    /// @notice Thrown when a licence's term isn't in the future (seconds).
    error InvalidTerm(uint256 until);

    /// @notice Thrown when an immediate suspension follows another one that was not lifted by {reinstate}.
    error AlreadySuspended(ParticipantId id);

    /// @notice Thrown when there is no suspension to confirm or to lift.
    error NotSuspended(ParticipantId id);

    /// @notice Thrown when a participant has to be a person and isn't.
    error NotAPerson(ParticipantId id);

    /// @notice Thrown when the identity is already linked to participant `id`.
    error IdentityAlreadyLinked(ParticipantId id);

    /// @notice Registers the caller as a person.
    /// @param keyDocument The sha2-256 digest of the person's key document.
    /// @return id The new participant.
    function registerPatient(bytes32 keyDocument) external returns (ParticipantId id);

    /// @notice Registers the account that signed as a person; anybody may send it.
    /// @param keyDocument The sha2-256 digest of the person's key document.
    /// @param authorization The account's signature over `PatientRegistration`.
    /// @return id The new participant.
    function registerPatientWithSig(
        bytes32 keyDocument,
        Authorization calldata authorization
    ) external returns (ParticipantId id);

    /// @notice Registers the caller as an institution. It may do nothing before it is licensed.
    /// @param keyDocument The sha2-256 digest of the institution's key document.
    /// @param name The public name that wallets show.
    /// @return id The new participant.
    function registerInstitution(bytes32 keyDocument, string calldata name) external returns (ParticipantId id);

    /// @notice Licenses an institution, or replaces its licence. Restricted to the authority, with its delay.
    /// @param id The institution.
    /// @param nameDigest The keccak-256 of the name that the authority verified.
    /// @param roles What the institution may act as.
    /// @param until When the licence ends (seconds).
    function license(ParticipantId id, bytes32 nameDigest, Roles roles, uint40 until) external;

    /// @notice Suspends an institution at once, for {SUSPENSION_TERM} unless confirmed. Restricted to the authority.
    /// @dev One such suspension between two {reinstate}: the undelayed path can't keep an institution out for ever.
    /// @param id The institution.
    function suspend(ParticipantId id) external;

    /// @notice Makes a suspension last until {reinstate}. Restricted to the authority, with its delay.
    /// @param id The institution.
    function confirmSuspension(ParticipantId id) external;

    /// @notice Lifts a suspension. Restricted to the authority, with its delay.
    /// @param id The institution.
    function reinstate(ParticipantId id) external;

    /// @notice Links a person to an identity that a provider attests. Anybody may send it.
    /// @dev The attestation names the account, so a copied transaction wins nothing.
    /// @param account The person's account.
    /// @param commitment keccak256(domain, issuer, salt, identifier), with a random 256-bit salt that only the issuer
    /// and the person know.
    /// @param authorization The provider's signature over `IdentityAttestation`.
    function linkIdentity(address account, bytes32 commitment, Authorization calldata authorization) external;

    /// @notice The participant that `account` acts for; reverts with {NotRegistered} if there is none.
    function authenticate(address account) external view returns (ParticipantId);

    /// @notice The person that `account` acts for; reverts with {NotRegistered} or {NotAPerson} if there is none.
    function authenticatePatient(address account) external view returns (ParticipantId);

    /// @notice The licensed provider that `account` acts for; reverts with {NotRegistered} or {NotALicensedProvider} if
    /// there is none.
    function authenticateProvider(address account) external view returns (ParticipantId);

    /// @notice The participant that `account` acts for, or nobody.
    function participantOf(address account) external view returns (ParticipantId);

    /// @notice The participant behind an attested identity, or nobody.
    /// @dev Warning: never seal anything to a participant on the strength of a look-up alone; the relationship that the
    /// person approves is what proves who reads.
    function resolve(ParticipantId issuer, bytes32 commitment) external view returns (ParticipantId);

    /// @notice Everything stored about a participant; all zero for one that doesn't exist.
    function participant(ParticipantId id) external view returns (Participant memory);

    /// @notice The sha2-256 digest of the participant's current key document; zero for one that doesn't exist.
    function keyDocumentOf(ParticipantId id) external view returns (bytes32);

    /// @notice The keccak-256 of the name: that of the empty string for a person.
    function nameDigestOf(ParticipantId id) external view returns (bytes32);

    /// @notice {nameDigestOf} of two participants in one call.
    function nameDigestsOf(ParticipantId a, ParticipantId b) external view returns (bytes32, bytes32);

    /// @notice How many participants there are; their ids are 1 to this number.
    function participantCount() external view returns (uint40);

    /// @notice Whether `id` is a person.
    function isPerson(ParticipantId id) external view returns (bool);

    /// @notice Whether `id` is an institution whose live licence has every role of `roles`.
    function isLicensed(ParticipantId id, Roles roles) external view returns (bool);

    /// @notice Whether `id` may view what it was granted: a person, or an institution with a live licence.
    function isInGoodStanding(ParticipantId id) external view returns (bool);
}
