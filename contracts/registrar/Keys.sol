// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IKeys} from "../interfaces/registrar/IKeys.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Authorization} from "../types/Authorization.sol";
import {Participants} from "./Participants.sol";

/// @title Keys
/// @notice See {IKeys}.
abstract contract Keys is Participants, IKeys {
    /// @dev How long everybody has to notice a change of keys before it counts.
    uint40 private constant KEY_CHANGE_DELAY = 2 days;

    bytes32 internal constant KEY_CHANGE_TYPEHASH = keccak256(
        "KeyChange(uint40 participant,bytes32 keyDocument,uint16 keyVersion,uint32 signatureEpoch,uint48 deadline)"
    );

    bytes32 private constant KEY_CHANGE_CANCELLATION_TYPEHASH = keccak256(
        "KeyChangeCancellation(uint40 participant,bytes32 keyDocument,uint16 keyVersion,uint32 signatureEpoch,uint48 deadline)"
    );

    mapping(ParticipantId id => bytes32 digest) private _keyDocuments;
    mapping(ParticipantId id => bytes32 digest) private _nextKeyDocuments;

    /// @inheritdoc IKeys
    function changeKey(bytes32 keyDocument) external {
        _changeKey(authenticateOwner(msg.sender), keyDocument);
    }

    /// @inheritdoc IKeys
    function changeKeyWithSig(bytes32 keyDocument, Authorization calldata authorization) external {
        ParticipantId id = authenticateOwner(authorization.account);
        _checkKeyChange(KEY_CHANGE_TYPEHASH, id, id, keyDocument, authorization);

        _changeKey(id, keyDocument);
    }

    /// @inheritdoc IKeys
    function cancelKeyChange() external {
        _cancelKeyChange(authenticateOwner(msg.sender));
    }

    /// @inheritdoc IKeys
    function cancelKeyChangeWithSig(Authorization calldata authorization) external {
        ParticipantId id = authenticateOwner(authorization.account);
        _checkKeyChange(KEY_CHANGE_CANCELLATION_TYPEHASH, id, id, _nextKeyDocuments[id], authorization);

        _cancelKeyChange(id);
    }

    /// @inheritdoc IKeys
    function keyDocumentOf(ParticipantId id) external view returns (bytes32) {
        return _hasChanged(id) ? _nextKeyDocuments[id] : _keyDocuments[id];
    }

    /// @inheritdoc IKeys
    function keyVersionOf(ParticipantId id) public view returns (uint16) {
        uint16 stored = _participants[id].keyVersion;
        return _hasChanged(id) ? stored + 1 : stored;
    }

    /// @inheritdoc IKeys
    function keyChangeOf(ParticipantId id) external view returns (bytes32 keyDocument, uint40 from) {
        if (!_isChanging(id)) return (0, 0);
        return (_nextKeyDocuments[id], _schedules[id].keyFrom);
    }

    /// @dev The first key of a participant.
    function _setFirstKey(ParticipantId id, bytes32 keyDocument) internal {
        if (keyDocument == 0) revert MissingKeyDocument();
        _keyDocuments[id] = keyDocument;
    }

    /// @dev Without a delay: who had the old key is not who has the new one.
    function _replaceKey(ParticipantId id, bytes32 keyDocument) internal {
        if (keyDocument == 0) revert MissingKeyDocument();
        _settleKey(id);
        _dropKeyChange(id);

        _keyDocuments[id] = keyDocument;
        uint16 version = ++_participants[id].keyVersion;

        emit KeyChanging(id, keyDocument, version, uint40(block.timestamp));
    }

    function _dropKeyChange(ParticipantId id) internal {
        if (_schedules[id].keyFrom == 0) return;
        _schedules[id].keyFrom = 0;

        emit KeyChangeCancelled(id);
    }

    /// @dev A change, and its cancellation, name the version that the key would have.
    function _checkKeyChange(
        bytes32 typeHash,
        ParticipantId id,
        ParticipantId by,
        bytes32 keyDocument,
        Authorization calldata authorization
    ) internal view {
        uint16 version = keyVersionOf(id) + 1;
        uint32 epoch = _signatureEpoch(id, by);
        _checkSignature(
            authorization,
            keccak256(abi.encode(typeHash, id, keyDocument, version, epoch, authorization.deadline))
        );
    }

    function _cancelKeyChange(ParticipantId id) private {
        if (!_isChanging(id)) revert NoKeyChange(id);

        // What asked for the change, and what calls it off, count once: a signature of either names this epoch.
        ++_participants[id].signatureEpoch;
        _dropKeyChange(id);
    }

    function _changeKey(ParticipantId id, bytes32 keyDocument) private {
        if (keyDocument == 0) revert MissingKeyDocument();
        _checkNotFrozen(id);
        if (_isChanging(id)) revert KeyChangeUnderWay(id);
        _settleKey(id);

        uint40 from = uint40(block.timestamp) + KEY_CHANGE_DELAY;
        _nextKeyDocuments[id] = keyDocument;
        _schedules[id].keyFrom = from;

        emit KeyChanging(id, keyDocument, _participants[id].keyVersion + 1, from);
    }

    /// @dev Writes down a change that the clock made.
    function _settleKey(ParticipantId id) internal {
        if (!_hasChanged(id)) return;
        _keyDocuments[id] = _nextKeyDocuments[id];
        ++_participants[id].keyVersion;
        _schedules[id].keyFrom = 0;
    }

    function _isChanging(ParticipantId id) private view returns (bool) {
        return _schedules[id].keyFrom != 0 && !_hasChanged(id);
    }

    /// @dev Not while a recovery is pending: the change may be a thief's.
    function _hasChanged(ParticipantId id) private view returns (bool) {
        uint40 from = _schedules[id].keyFrom;
        return from != 0 && block.timestamp >= from && !_isFrozen(_participants[id]);
    }
}
