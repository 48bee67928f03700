// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccounts} from "../interfaces/registrar/IAccounts.sol";
import {Account} from "../types/Participant.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Authorization} from "../types/Authorization.sol";
import {Participants} from "./Participants.sol";

/// @title Accounts
/// @notice See {IAccounts}.
abstract contract Accounts is Participants, IAccounts {
    /// @notice How long a retirement takes: longer than the longest recovery that is contested.
    uint40 public constant RETIREMENT_DELAY = 30 days;

    bytes32 private constant ADDITION_TYPEHASH = keccak256(
        "AccountAddition(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant INVITATION_TYPEHASH = keccak256(
        "AccountInvitation(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant RETIREMENT_TYPEHASH = keccak256(
        "AccountRetirement(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant KEEPING_TYPEHASH = keccak256(
        "AccountKeeping(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
    );

    /// @inheritdoc IAccounts
    function addAccount(Authorization calldata joining) external {
        _addAccount(authenticate(msg.sender), joining);
    }

    /// @inheritdoc IAccounts
    function addAccountWithSig(Authorization calldata joining, Authorization calldata inviting) external {
        _addAccount(_checkChange(INVITATION_TYPEHASH, joining.account, inviting), joining);
    }

    /// @inheritdoc IAccounts
    function retireAccount(address account) external {
        _retire(authenticate(msg.sender), account);
    }

    /// @inheritdoc IAccounts
    function retireAccountWithSig(address account, Authorization calldata authorization) external {
        _retire(_checkChange(RETIREMENT_TYPEHASH, account, authorization), account);
    }

    /// @inheritdoc IAccounts
    function keepAccount(address account) external {
        _keep(authenticate(msg.sender), account);
    }

    /// @inheritdoc IAccounts
    function keepAccountWithSig(address account, Authorization calldata authorization) external {
        _keep(_checkChange(KEEPING_TYPEHASH, account, authorization), account);
    }

    /// @dev The new account says itself that it wants to belong to the participant.
    function _checkJoining(ParticipantId id, Authorization calldata joining) private view {
        _checkSignature(
            joining,
            keccak256(
                abi.encode(ADDITION_TYPEHASH, id, joining.account, _participants[id].signatureEpoch, joining.deadline)
            )
        );
    }

    function _addAccount(ParticipantId id, Authorization calldata joining) private {
        _checkNotFrozen(id);
        _checkJoining(id, joining);

        _bind(id, _participants[id].kind, joining.account);

        emit AccountAdded(id, joining.account);
    }

    /// @dev Cancels what was signed and not used, this signature among it: what an account did may be why it goes.
    function _retire(ParticipantId id, address account) private {
        Account storage holder = _ownAccount(id, account);
        if (holder.retiresAt != 0) revert RetirementUnchanged(account);

        uint40 retiresAt = uint40(block.timestamp) + RETIREMENT_DELAY;
        holder.retiresAt = retiresAt;
        ++_participants[id].signatureEpoch;

        emit AccountRetiring(id, account, retiresAt);
    }

    function _keep(ParticipantId id, address account) private {
        _checkNotFrozen(id);
        Account storage holder = _ownAccount(id, account);
        if (holder.retiresAt == 0) revert RetirementUnchanged(account);

        holder.retiresAt = 0;
        ++_participants[id].signatureEpoch;

        emit AccountKept(id, account);
    }

    function _ownAccount(ParticipantId id, address account) private view returns (Account storage holder) {
        holder = _account(account);
        if (holder.id != id) revert NotOwnAccount(account);
    }

    /// @dev The four changes of accounts that an account signs read alike.
    function _checkChange(
        bytes32 typeHash,
        address account,
        Authorization calldata authorization
    ) private view returns (ParticipantId id) {
        id = authenticate(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(typeHash, id, account, _participants[id].signatureEpoch, authorization.deadline))
        );
    }
}
