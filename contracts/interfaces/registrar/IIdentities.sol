// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IIdentities
/// @notice Which person a provider knows under which identifier, for those who know the salt.
interface IIdentities {
    /// @notice Emitted when an identity was linked to a participant.
    /// @param issuer The provider that attested it.
    /// @param id The person.
    /// @param commitment The salted commitment.
    event IdentityLinked(ParticipantId indexed issuer, ParticipantId indexed id, bytes32 indexed commitment);

    /// @notice Thrown when the identity is already linked to participant `id`.
    error IdentityAlreadyLinked(ParticipantId id);

    /// @notice Links a person to an identity that a provider attests. Anybody may send it.
    /// @dev The attestation names the account, so a copied transaction wins nothing.
    /// @param account The person's account.
    /// @param commitment keccak256(domain, issuer, salt, identifier), with a random 256-bit salt that only the issuer
    /// and the person know.
    /// @param authorization The provider's signature over `IdentityAttestation`.
    function linkIdentity(address account, bytes32 commitment, Authorization calldata authorization) external;

    /// @notice The participant behind an attested identity, or nobody.
    /// @dev Warning: never seal anything to a participant on the strength of a look-up alone; the relationship that the
    /// person approves is what proves who reads.
    function resolve(ParticipantId issuer, bytes32 commitment) external view returns (ParticipantId);
}
