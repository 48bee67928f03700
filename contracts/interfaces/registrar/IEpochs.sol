// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IEpochs
/// @notice The two ways to end everything at once.
interface IEpochs {
    /// @notice Emitted when a patient revoked everything that anybody had.
    event AllRevoked(ParticipantId indexed patient, uint32 accessEpoch);

    /// @notice Emitted when a participant cancelled what was signed and not used.
    event SignaturesCancelled(ParticipantId indexed id, uint32 signatureEpoch);

    /// @notice Revokes every grant and every delegate of a patient, and every signature that was not used. The caller is the
    /// patient, or a representative.
    function revokeAll(ParticipantId patient) external;

    /// @notice Revokes everything for the patient, or a representative, that signed `FullRevocation`; anybody may send it.
    function revokeAllWithSig(ParticipantId patient, Authorization calldata authorization) external;

    /// @notice Cancels every signature of the caller's that was not used. What was granted stays.
    /// @dev Not those that decline or end a relationship, revoke a viewer or everything, or dismiss a delegate: they stay
    /// good until their deadline. What a delegate signed in a patient's place is cancelled by either of the two.
    function cancelSignatures() external;

    /// @notice Cancels signatures for the participant that signed `SignatureCancellation`; anybody may send it.
    function cancelSignaturesWithSig(Authorization calldata authorization) external;
}
