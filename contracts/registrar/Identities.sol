// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentities} from "../interfaces/registrar/IIdentities.sol";
import {Authorization} from "../types/Authorization.sol";
import {Account, Kind} from "../types/Participant.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";
import {Participants} from "./Participants.sol";

/// @title Identities
/// @notice See {IIdentities}.
abstract contract Identities is Participants, IIdentities {
    bytes32 private constant ATTESTATION_TYPEHASH = keccak256(
        "IdentityAttestation(uint40 issuer,address account,bytes32 commitment,uint48 deadline)"
    );

    /// @dev A participant's number in a whole word, so that writing it reads nothing.
    mapping(ParticipantId issuer => mapping(bytes32 commitment => uint256 id)) private _identities;

    /// @inheritdoc IIdentities
    mapping(ParticipantId issuer => mapping(ParticipantId id => bool)) public isWithdrawn;

    /// @inheritdoc IIdentities
    function linkIdentity(address account, bytes32 commitment, Authorization calldata authorization) external {
        ParticipantId issuer = authenticateProvider(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(ATTESTATION_TYPEHASH, issuer, account, commitment, authorization.deadline))
        );

        // Whose account it is counts, also where it acts no more.
        Account storage holder = _accounts[account];
        ParticipantId id = holder.id;
        if (id == NOBODY) revert NotRegistered(account);
        if (holder.kind != Kind.PERSON) revert NotAPerson(id);

        _link(issuer, commitment, id);
    }

    /// @inheritdoc IIdentities
    function withdrawIdentity(bytes32 commitment, bool withdrawn) external {
        // Taking away needs no licence. A link that is made afterwards, by an attestation that was kept back, changes nothing.
        ParticipantId issuer = withdrawn ? authenticate(msg.sender) : authenticateProvider(msg.sender);
        ParticipantId id = _linked(issuer, commitment);
        if (id == NOBODY) revert NoSuchIdentity(issuer, commitment);

        isWithdrawn[issuer][id] = withdrawn;

        emit IdentityWithdrawn(issuer, id, withdrawn);
    }

    /// @inheritdoc IIdentities
    function resolve(ParticipantId issuer, bytes32 commitment) external view returns (ParticipantId id) {
        id = _linked(issuer, commitment);
        if (isWithdrawn[issuer][id]) return NOBODY;
    }

    function _link(ParticipantId issuer, bytes32 commitment, ParticipantId id) internal {
        ParticipantId linked = _linked(issuer, commitment);
        if (linked != NOBODY) revert IdentityAlreadyLinked(linked);

        _identities[issuer][commitment] = ParticipantId.unwrap(id);

        emit IdentityLinked(issuer, id, commitment);
    }

    function _linked(ParticipantId issuer, bytes32 commitment) private view returns (ParticipantId) {
        return ParticipantId.wrap(uint40(_identities[issuer][commitment]));
    }
}
