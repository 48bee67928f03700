// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEpochs} from "../interfaces/registrar/IEpochs.sol";
import {Participant} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Authorization} from "../types/Authorization.sol";
import {Participants} from "./Participants.sol";

/// @title Epochs
/// @notice See {IEpochs}.
abstract contract Epochs is Participants, IEpochs {
    bytes32 private constant FULL_REVOCATION_TYPEHASH = keccak256(
        "FullRevocation(uint40 patient,uint32 accessEpoch,uint48 deadline)"
    );
    bytes32 private constant CANCELLATION_TYPEHASH = keccak256(
        "SignatureCancellation(uint40 participant,uint32 signatureEpoch,uint48 deadline)"
    );

    /// @inheritdoc IEpochs
    function revokeAll() external {
        _startAccessEpoch(authenticatePatient(msg.sender));
    }

    /// @inheritdoc IEpochs
    function revokeAllWithSig(Authorization calldata authorization) external {
        _revokeAll(authenticatePatient(authorization.account), authorization);
    }

    /// @inheritdoc IEpochs
    function cancelSignatures() external {
        _cancelSignatures(authenticateOwner(msg.sender));
    }

    /// @inheritdoc IEpochs
    function cancelSignaturesWithSig(Authorization calldata authorization) external {
        ParticipantId id = authenticateOwner(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(CANCELLATION_TYPEHASH, id, _participants[id].signatureEpoch, authorization.deadline))
        );

        _cancelSignatures(id);
    }

    /// @dev Whoever signed may speak for the patient; the caller checked that.
    function _revokeAll(ParticipantId id, Authorization calldata authorization) internal {
        _checkSignature(
            authorization,
            keccak256(abi.encode(FULL_REVOCATION_TYPEHASH, id, _participants[id].accessEpoch, authorization.deadline))
        );

        _startAccessEpoch(id);
    }

    /// @dev Ends every grant, every delegate's power and every signature that was not used.
    function _startAccessEpoch(ParticipantId id) internal {
        Participant storage p = _participants[id];
        uint32 accessEpoch = p.accessEpoch + 1;
        p.accessEpoch = accessEpoch;
        ++p.signatureEpoch;

        emit AllRevoked(id, accessEpoch);
    }

    function _cancelSignatures(ParticipantId id) private {
        emit SignaturesCancelled(id, ++_participants[id].signatureEpoch);
    }
}
