// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IIdentities
/// @notice Which person a provider knows under which identifier, for those who know the salt.
interface IIdentities {
    /// @notice Emitted when an identity that `issuer` attests was linked to a participant.
    event IdentityLinked(ParticipantId indexed issuer, ParticipantId indexed id, bytes32 indexed commitment);

    /// @notice Emitted when an issuer took back that it knows who a person is, under all of its attestations, or restored that.
    /// @param issuer The provider that attested.
    /// @param withdrawn False where it was restored.
    event IdentityWithdrawn(ParticipantId indexed issuer, ParticipantId indexed id, bool withdrawn);

    /// @notice Thrown when the identity is already linked to participant `id`.
    error IdentityAlreadyLinked(ParticipantId id);
    /// @notice Thrown when the issuer linked nobody under this commitment.
    error NoSuchIdentity(ParticipantId issuer, bytes32 commitment);

    /// @notice Links a person to an identity that a provider attests. Anybody may send it.
    /// @dev The attestation names the account, so a copied transaction wins nothing.
    /// @param account The person's account.
    /// @param commitment keccak256(domain, issuer, salt, identifier), with a random 256-bit salt that only the issuer
    /// and the person know.
    /// @param authorization The provider's signature over `IdentityAttestation`.
    function linkIdentity(address account, bytes32 commitment, Authorization calldata authorization) external;

    /// @notice Takes back, as the issuer, that it knows who a person is: whatever it attested and attests about the person. It seals and
    /// releases nothing to the person from then on; what the person has and may do stays.
    /// @param commitment One that the person is linked under.
    /// @param withdrawn False to restore it; that takes a licence.
    function withdrawIdentity(bytes32 commitment, bool withdrawn) external;

    /// @notice True when an issuer withdrew that it knows who a person is.
    function isWithdrawn(ParticipantId issuer, ParticipantId id) external view returns (bool);

    /// @notice The participant behind an attested identity; nobody where there is none, or the issuer withdrew it.
    /// @dev Warning: never seal anything to a participant on the strength of a look-up alone; the relationship that the
    /// person approves is what proves who reads.
    function resolve(ParticipantId issuer, bytes32 commitment) external view returns (ParticipantId);
}
