// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {Delegates} from "./Delegates.sol";
import {IRegistrar} from "./interfaces/IRegistrar.sol";
import {Children} from "./registrar/Children.sol";
import {Licences} from "./registrar/Licences.sol";
import {PatientSettings} from "./registrar/PatientSettings.sol";
import {Recoveries} from "./registrar/Recoveries.sol";
import {Representation} from "./registrar/Representation.sol";
import {Authorization} from "./types/Authorization.sol";
import {Kind} from "./types/Participant.sol";
import {ParticipantId} from "./types/ParticipantId.sol";

/// @title Registrar
/// @notice See {IRegistrar}. Registration is here; each of the other parts is a file of registrar/.
contract Registrar is Licences, PatientSettings, Children, Recoveries, IRegistrar {
    bytes32 private constant REGISTRATION_TYPEHASH = keccak256(
        "PatientRegistration(address account,bytes32 keyDocument,uint48 deadline)"
    );

    /// @dev In bytes. What else is wrong with a name is for whoever licenses it.
    uint256 private constant LONGEST_NAME = 200;

    /// @param authority The {Authority}, which holds roles and delays.
    constructor(
        address authority
    ) AccessManaged(authority) Representation(new Delegates(IRegistrar(address(this)), authority)) {}

    /// @inheritdoc IRegistrar
    function registerPatient(bytes32 keyDocument) external returns (ParticipantId id) {
        return _registerPatient(msg.sender, keyDocument);
    }

    /// @inheritdoc IRegistrar
    function registerPatientWithSig(
        bytes32 keyDocument,
        Authorization calldata authorization
    ) external returns (ParticipantId id) {
        _checkSignature(
            authorization,
            keccak256(abi.encode(REGISTRATION_TYPEHASH, authorization.account, keyDocument, authorization.deadline))
        );

        return _registerPatient(authorization.account, keyDocument);
    }

    /// @inheritdoc IRegistrar
    function registerInstitution(bytes32 keyDocument, string calldata name) external returns (ParticipantId id) {
        if (bytes(name).length == 0) revert MissingName();
        if (bytes(name).length > LONGEST_NAME) revert NameTooLong();

        id = _register(msg.sender, keyDocument, Kind.INSTITUTION);
        _nameDigests[id] = keccak256(bytes(name));

        emit InstitutionRegistered(id, msg.sender, keyDocument, name);
    }

    function _registerPatient(address account, bytes32 keyDocument) private returns (ParticipantId id) {
        id = _register(account, keyDocument, Kind.PERSON);

        emit PatientRegistered(id, account, keyDocument);
    }

    function _register(address account, bytes32 keyDocument, Kind kind) private returns (ParticipantId id) {
        id = _create(kind);
        _setFirstKey(id, keyDocument);
        _bindFirst(id, kind, account);
    }
}
