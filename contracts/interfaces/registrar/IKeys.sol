// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IKeys
/// @notice Which encryption key is whose.
interface IKeys {
    /// @notice Emitted when a participant's key changes.
    /// @param keyVersion The number of the new key.
    /// @param from From when on it counts (seconds).
    event KeyChanging(ParticipantId indexed id, bytes32 keyDocument, uint16 keyVersion, uint40 from);

    /// @notice Emitted when a change of keys was called off before it counted.
    event KeyChangeCancelled(ParticipantId indexed id);

    /// @notice Thrown when a key document's digest is zero.
    error MissingKeyDocument();

    /// @notice Thrown when another change of keys waits already.
    error KeyChangeUnderWay(ParticipantId id);

    /// @notice Thrown when there is no change of keys to call off.
    error NoKeyChange(ParticipantId id);

    /// @notice Announces another key of the caller's. It counts after {KEY_CHANGE_DELAY}, and says nothing about what was
    /// sealed for the former one.
    /// @dev That the caller holds the key is for those to find out who seal for it: a chain can't.
    function changeKey(bytes32 keyDocument) external;

    /// @notice Announces another key for the participant that signed `KeyChange`; anybody may send it.
    function changeKeyWithSig(bytes32 keyDocument, Authorization calldata authorization) external;

    /// @notice Calls off a change of the caller's that doesn't count yet. Cancels the caller's outstanding signatures.
    function cancelKeyChange() external;

    /// @notice Calls off a change that doesn't count yet for the participant that signed `KeyChangeCancellation`; anybody may
    /// send it.
    function cancelKeyChangeWithSig(Authorization calldata authorization) external;

    /// @notice The digest of the participant's current key document; zero for one that doesn't exist.
    function keyDocumentOf(ParticipantId id) external view returns (bytes32);

    /// @notice The number of the participant's current key; 0 for a participant that doesn't exist.
    function keyVersionOf(ParticipantId id) external view returns (uint16);

    /// @notice The change that doesn't count yet, if any.
    function keyChangeOf(ParticipantId id) external view returns (bytes32 keyDocument, uint40 from);
}
