// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccounts} from "../interfaces/registrar/IAccounts.sol";
import {Account, AccountScope, Kind} from "../types/Participant.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";
import {Authorization} from "../types/Authorization.sol";
import {Participants} from "./Participants.sol";

/// @title Accounts
/// @notice See {IAccounts}.
abstract contract Accounts is Participants, IAccounts {
    /// @dev How long a retirement takes: longer than the longest recovery that is contested.
    uint40 private constant RETIREMENT_DELAY = 30 days;
    /// @dev How long the owners of an institution have to stop a new one.
    uint40 private constant OWNER_DELAY = 2 days;

    bytes32 private constant ADDITION_TYPEHASH = keccak256(
        "AccountAddition(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant INVITATION_TYPEHASH = keccak256(
        "AccountInvitation(uint40 participant,address account,string scope,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant RETIREMENT_TYPEHASH = keccak256(
        "AccountRetirement(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant KEEPING_TYPEHASH = keccak256(
        "AccountKeeping(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
    );

    /// @inheritdoc IAccounts
    function addAccount(AccountScope scope, Authorization calldata joining) external {
        _addAccount(authenticateOwner(msg.sender), scope, joining);
    }

    /// @inheritdoc IAccounts
    function addAccountWithSig(
        AccountScope scope,
        Authorization calldata joining,
        Authorization calldata inviting
    ) external {
        ParticipantId id = authenticateOwner(inviting.account);
        // A wallet shows the word.
        bytes32 word = scope == AccountScope.OWNER ? keccak256("owner") : keccak256("operator");
        _checkSignature(
            inviting,
            keccak256(
                abi.encode(
                    INVITATION_TYPEHASH,
                    id,
                    joining.account,
                    word,
                    _participants[id].signatureEpoch,
                    inviting.deadline
                )
            )
        );

        _addAccount(id, scope, joining);
    }

    /// @inheritdoc IAccounts
    function retireAccount(address account) external {
        _retire(authenticateOwner(msg.sender), account);
    }

    /// @inheritdoc IAccounts
    function retireAccountWithSig(address account, Authorization calldata authorization) external {
        ParticipantId id = authenticateOwner(authorization.account);
        _checkChange(RETIREMENT_TYPEHASH, id, uint160(account), authorization);

        _retire(id, account);
    }

    /// @inheritdoc IAccounts
    function keepAccount(address account) external {
        _keep(authenticateOwner(msg.sender), account);
    }

    /// @inheritdoc IAccounts
    function keepAccountWithSig(address account, Authorization calldata authorization) external {
        ParticipantId id = authenticateOwner(authorization.account);
        _checkChange(KEEPING_TYPEHASH, id, uint160(account), authorization);

        _keep(id, account);
    }

    function _addAccount(ParticipantId id, AccountScope scope, Authorization calldata joining) private {
        _checkNotFrozen(id);
        Kind kind = _participants[id].kind;
        if (scope == AccountScope.OPERATOR && kind != Kind.INSTITUTION) revert NotAnInstitution(id);
        // The new account says itself that it wants to belong to the participant.
        _checkChange(ADDITION_TYPEHASH, id, uint160(joining.account), joining);

        bool waits = scope == AccountScope.OWNER && kind == Kind.INSTITUTION;
        uint40 from = uint40(block.timestamp) + (waits ? OWNER_DELAY : 0);
        _bind(id, kind, joining.account, scope, from);

        emit AccountAdded(id, joining.account, scope, from);
    }

    /// @dev Cancels what was signed and not used, this signature among it: what an account did may be why it goes.
    function _retire(ParticipantId id, address account) private {
        Account storage holder = _ownAccount(id, account);
        if (holder.retiresAt != 0) revert RetirementUnchanged(account);

        bool atOnce = holder.scope == AccountScope.OPERATOR || block.timestamp < holder.actsFrom;
        uint40 retiresAt = uint40(block.timestamp) + (atOnce ? 0 : RETIREMENT_DELAY);
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
        // It may be one that doesn't act: a new owner, or a frozen operator.
        holder = _accounts[account];
        if (holder.id == NOBODY) revert NotRegistered(account);
        if (_isDead(holder)) revert AccountRetired(account);
        if (holder.id != id) revert NotOwnAccount(account);
    }
}
