// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TypedData} from "./TypedData.sol";

/// @notice The Registrar's signed actions, as {TypedData} hashes them.
library RegistrarData {
    function registration(address account, bytes32 keyDocument, uint48 deadline) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("PatientRegistration(address account,bytes32 keyDocument,uint48 deadline)"),
                    account,
                    keyDocument,
                    deadline
                )
            );
    }

    function attestation(
        uint40 issuer,
        address account,
        bytes32 commitment,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("IdentityAttestation(uint40 issuer,address account,bytes32 commitment,uint48 deadline)"),
                    issuer,
                    account,
                    commitment,
                    deadline
                )
            );
    }

    function addition(
        uint40 participant,
        address account,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AccountAddition(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    participant,
                    account,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function invitation(
        uint40 participant,
        address account,
        string memory scope,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AccountInvitation(uint40 participant,address account,string scope,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    participant,
                    account,
                    keccak256(bytes(scope)),
                    signatureEpoch,
                    deadline
                )
            );
    }

    function retirement(
        uint40 participant,
        address account,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AccountRetirement(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    participant,
                    account,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function keeping(
        uint40 participant,
        address account,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AccountKeeping(uint40 participant,address account,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    participant,
                    account,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function fullRevocation(uint40 patient, uint32 accessEpoch, uint48 deadline) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("FullRevocation(uint40 patient,uint32 accessEpoch,uint48 deadline)"),
                    patient,
                    accessEpoch,
                    deadline
                )
            );
    }

    function cancellation(uint40 participant, uint32 signatureEpoch, uint48 deadline) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("SignatureCancellation(uint40 participant,uint32 signatureEpoch,uint48 deadline)"),
                    participant,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function keyChange(
        uint40 participant,
        bytes32 keyDocument,
        uint16 keyVersion,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "KeyChange(uint40 participant,bytes32 keyDocument,uint16 keyVersion,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    participant,
                    keyDocument,
                    keyVersion,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function settings(
        uint40 patient,
        bool refuseProposalsFromUnknownProviders,
        uint16 longestGrantInDays,
        uint8 emergencyCategories,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        bytes.concat(
                            "PatientSettings(uint40 patient,bool refuseProposalsFromUnknownProviders,uint16 longestGrantInDays,Categories emergencyCategories,uint32 signatureEpoch,uint48 deadline)",
                            bytes(TypedData.CATEGORIES)
                        )
                    ),
                    patient,
                    refuseProposalsFromUnknownProviders,
                    longestGrantInDays,
                    TypedData.categories(emergencyCategories),
                    signatureEpoch,
                    deadline
                )
            );
    }

    function childRegistration(
        uint40 issuer,
        uint40 representative,
        bytes32 keyDocument,
        bytes32 commitment,
        uint16 comesOfAgeIn,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "ChildRegistration(uint40 issuer,uint40 representative,bytes32 keyDocument,bytes32 commitment,uint16 comesOfAgeIn,uint48 deadline)"
                    ),
                    issuer,
                    representative,
                    keyDocument,
                    commitment,
                    comesOfAgeIn,
                    deadline
                )
            );
    }

    function childRepresentation(
        uint40 representative,
        uint40 issuer,
        bytes32 keyDocument,
        bytes32 commitment,
        uint16 comesOfAgeIn,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "ChildRepresentation(uint40 representative,uint40 issuer,bytes32 keyDocument,bytes32 commitment,uint16 comesOfAgeIn,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    representative,
                    issuer,
                    keyDocument,
                    commitment,
                    comesOfAgeIn,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function comingOfAge(
        uint40 issuer,
        uint40 child,
        address account,
        bytes32 keyDocument,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "ComingOfAge(uint40 issuer,uint40 child,address account,bytes32 keyDocument,uint48 deadline)"
                    ),
                    issuer,
                    child,
                    account,
                    keyDocument,
                    deadline
                )
            );
    }

    function comingOfAgeAccount(
        uint40 child,
        address account,
        bytes32 keyDocument,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("ComingOfAgeAccount(uint40 child,address account,bytes32 keyDocument,uint48 deadline)"),
                    child,
                    account,
                    keyDocument,
                    deadline
                )
            );
    }

    function guardianChange(
        uint40 participant,
        bytes32 guardiansDigest,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "GuardianChange(uint40 participant,bytes32 guardiansDigest,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    participant,
                    guardiansDigest,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function recoveryApproval(
        uint40 guardian,
        uint40 participant,
        uint40 starter,
        uint16 number,
        address newAccount,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RecoveryApproval(uint40 guardian,uint40 participant,uint40 starter,uint16 number,address newAccount,uint48 deadline)"
                    ),
                    guardian,
                    participant,
                    starter,
                    number,
                    newAccount,
                    deadline
                )
            );
    }

    function veto(uint40 participant, uint40 starter, uint16 number, uint48 deadline) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("RecoveryVeto(uint40 participant,uint40 starter,uint16 number,uint48 deadline)"),
                    participant,
                    starter,
                    number,
                    deadline
                )
            );
    }

    function acceptance(
        uint40 participant,
        address account,
        bytes32 keyDocument,
        uint40 starter,
        uint16 number,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RecoveryAcceptance(uint40 participant,address account,bytes32 keyDocument,uint40 starter,uint16 number,uint48 deadline)"
                    ),
                    participant,
                    account,
                    keyDocument,
                    starter,
                    number,
                    deadline
                )
            );
    }
}
