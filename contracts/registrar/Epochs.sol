// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEpochs} from "../interfaces/registrar/IEpochs.sol";
import {Participant} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Authorization} from "../types/Authorization.sol";
import {Representation} from "./Representation.sol";

/// @title Epochs
/// @notice See {IEpochs}.
abstract contract Epochs is Representation, IEpochs {
    bytes32 private constant FULL_REVOCATION_TYPEHASH = keccak256(
        "FullRevocation(uint40 patient,uint32 accessEpoch,uint48 deadline)"
    );
    bytes32 private constant CANCELLATION_TYPEHASH = keccak256(
        "SignatureCancellation(uint40 participant,uint32 signatureEpoch,uint48 deadline)"
    );

    /// @inheritdoc IEpochs
    function revokeAll(ParticipantId patient) external {
        _checkSpeaksFor(patient, msg.sender);
        _startAccessEpoch(patient);
    }

    /// @inheritdoc IEpochs
    function revokeAllWithSig(ParticipantId patient, Authorization calldata authorization) external {
        _checkSpeaksFor(patient, authorization.account);
        uint32 accessEpoch = _participants[patient].accessEpoch;
        _checkSignature(
            authorization,
            keccak256(abi.encode(FULL_REVOCATION_TYPEHASH, patient, accessEpoch, authorization.deadline))
        );

        _startAccessEpoch(patient);
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

    /// @dev Ends every grant, the power of every delegate of one's own and every signature that was not used.
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
