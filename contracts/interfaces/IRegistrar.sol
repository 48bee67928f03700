// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../types/Authorization.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {IAccounts} from "./registrar/IAccounts.sol";
import {IChildren} from "./registrar/IChildren.sol";
import {IEpochs} from "./registrar/IEpochs.sol";
import {IRepresentation} from "./registrar/IRepresentation.sol";
import {IIdentities} from "./registrar/IIdentities.sol";
import {IKeys} from "./registrar/IKeys.sol";
import {ILicences} from "./registrar/ILicences.sol";
import {IParticipants} from "./registrar/IParticipants.sol";
import {IPatientSettings} from "./registrar/IPatientSettings.sol";
import {IRecoveries} from "./registrar/IRecoveries.sol";

/// @title IRegistrar
/// @notice Who is who: persons and institutions, their accounts, keys, licences and attested identities.
/// @dev Trust: the authority (through {Authority}, with a delay) decides which institution is licensed for what.
/// It can do nothing to a person: no restricted function takes one.
///
/// Warning: a name or a role says nothing before {licenceLasts} or {isInGoodStanding} does. Anybody can register an
/// institution under any name; the licence is what vouches for it.
interface IRegistrar is
    IParticipants,
    ILicences,
    IRepresentation,
    IPatientSettings,
    IEpochs,
    IAccounts,
    IIdentities,
    IKeys,
    IChildren,
    IRecoveries
{
    /// @notice Emitted when a person registered.
    /// @param keyDocument The digest of the key document, under a label of its own: the CID of nothing.
    event PatientRegistered(ParticipantId indexed id, address indexed account, bytes32 keyDocument);

    /// @notice Emitted when an institution registered; it has no licence yet.
    event InstitutionRegistered(ParticipantId indexed id, address indexed account, bytes32 keyDocument, string name);

    /// @notice Thrown when an institution gives no name.
    error MissingName();
    /// @notice Thrown when an institution's name has more than 200 bytes.
    error NameTooLong();

    /// @notice Registers the caller as a person.
    function registerPatient(bytes32 keyDocument) external returns (ParticipantId id);

    /// @notice Registers the account that signed as a person; anybody may send it.
    /// @param authorization The account's signature over `PatientRegistration`.
    function registerPatientWithSig(
        bytes32 keyDocument,
        Authorization calldata authorization
    ) external returns (ParticipantId id);

    /// @notice Registers the caller as an institution. It may do nothing before it is licensed.
    /// @param name The public name that wallets show, of at most 200 bytes.
    function registerInstitution(bytes32 keyDocument, string calldata name) external returns (ParticipantId id);
}
