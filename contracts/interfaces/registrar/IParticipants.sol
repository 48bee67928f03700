// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CategoryMask} from "../../types/Category.sol";
import {Account, Participant, Roles, Standing} from "../../types/Participant.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";
import {ISignedActions} from "../ISignedActions.sol";

/// @title IParticipants
/// @notice Who is there, and who acts for whom.
interface IParticipants is ISignedActions {
    /// @notice Thrown when `account` belongs to no participant.
    error NotRegistered(address account);

    /// @notice Thrown when `account` already belongs to a participant.
    error AlreadyRegistered(address account);

    /// @notice Thrown when `account` was retired, or replaced by a recovery.
    error AccountRetired(address account);

    /// @notice Thrown when `account` is an owner of an institution that doesn't act before `from` (seconds).
    error OwnerPending(address account, uint256 from);

    /// @notice Thrown when an operator does what only an owner of its institution may.
    error NotAnOwner(address account);

    /// @notice Thrown when operator `account` acts while the authority froze the operators of its institution.
    error OperatorFrozen(address account);

    /// @notice Thrown when something would increase while a recovery of participant `id` is pending.
    error RecoveryPending(ParticipantId id);

    /// @notice Thrown when `id` isn't an institution.
    error NotAnInstitution(ParticipantId id);

    /// @notice Thrown when `id` isn't licensed as a provider.
    error NotALicensedProvider(ParticipantId id);

    /// @notice Thrown when a participant has to be a person and isn't.
    error NotAPerson(ParticipantId id);

    /// @notice The participant that `account` acts for, as an operator or an owner; reverts with {NotRegistered} if there
    /// is none, with {AccountRetired}, {OwnerPending} or {OperatorFrozen} if it doesn't act.
    function authenticate(address account) external view returns (ParticipantId);

    /// @notice {authenticate}, for what only an owner may do; reverts with {NotAnOwner} for an operator.
    function authenticateOwner(address account) external view returns (ParticipantId);

    /// @notice The person that `account` acts for; reverts with {NotRegistered} or {NotAPerson} if there is none.
    function authenticatePatient(address account) external view returns (ParticipantId);

    /// @notice The licensed provider that `account` acts for; reverts with {NotRegistered} or {NotALicensedProvider} if
    /// there is none.
    function authenticateProvider(address account) external view returns (ParticipantId);

    /// @notice {authenticate}, with the two counters that the participant's signatures and grants depend on.
    function authorizeForReduction(
        address account
    ) external view returns (ParticipantId id, uint32 accessEpoch, uint32 signatureEpoch);

    /// @notice The person that `account` acts for, if that person may increase something; see {standingOf}.
    function authorizeWidening(address account) external view returns (ParticipantId id, Standing memory standing);

    /// @notice {authorizeWidening}, with no more than an approval needs.
    function authorizeAgreement(address account) external view returns (ParticipantId id, uint32 signatureEpoch);

    /// @notice What there is to know before something increases for person `id`.
    /// @dev Reverts with {NotAPerson}, and with {RecoveryPending} while nothing may increase.
    function standingOf(ParticipantId id) external view returns (Standing memory);

    /// @notice How often the participant revoked everything and cancelled outstanding signatures.
    function epochsOf(ParticipantId id) external view returns (uint32 accessEpoch, uint32 signatureEpoch);

    /// @notice How often each of several participants revoked everything.
    function accessEpochsOf(ParticipantId[] calldata ids) external view returns (uint32[] memory accessEpochs);

    /// @notice The participant that `account` acts for now, or nobody.
    function participantOf(address account) external view returns (ParticipantId);

    /// @notice Everything stored about an account, also a retired one; all zero for one that never belonged to anybody.
    function accountOf(address account) external view returns (Account memory);

    /// @notice Everything stored about a participant; all zero for one that doesn't exist.
    function participant(ParticipantId id) external view returns (Participant memory);

    /// @notice The keccak-256 of the name: that of the empty string for a person.
    function nameDigestOf(ParticipantId id) external view returns (bytes32);

    /// @notice {nameDigestOf} of two participants in one call.
    function nameDigestsOf(ParticipantId a, ParticipantId b) external view returns (bytes32, bytes32);

    /// @notice {isInGoodStanding} of a viewer and {nameDigestOf} both, in one call.
    /// @return inGoodStanding Whether the viewer may view what it is granted.
    /// @return nameDigest The viewer's.
    /// @return stewardNameDigest The steward's; zero for nobody.
    function grantParties(
        ParticipantId id,
        ParticipantId steward
    ) external view returns (bool inGoodStanding, bytes32 nameDigest, bytes32 stewardNameDigest);

    /// @notice How many participants there are; their ids are 1 to this number.
    function participantCount() external view returns (uint40);

    /// @notice Whether `id` is a person.
    function isPerson(ParticipantId id) external view returns (bool);

    /// @notice Whether `id` is a person, and one whom only known providers may propose to.
    function receivesProposals(ParticipantId id) external view returns (bool person, bool knownOnly);

    /// @notice What a responder may see of person `id` in an emergency, and the person's access epoch.
    function emergencyOf(ParticipantId id) external view returns (CategoryMask categories, uint32 accessEpoch);

    /// @notice Whether `id` is an institution whose live licence has every role of `roles`.
    function licenceLasts(ParticipantId id, Roles roles) external view returns (bool);

    /// @notice Whether `id` may view what it was granted: a person, or an institution with a live licence.
    function isInGoodStanding(ParticipantId id) external view returns (bool);
}
