// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TypedData} from "./TypedData.sol";

/// @notice The signed actions of Consents and Delegates, as {TypedData} hashes them.
library ConsentData {
    string private constant REVOCATION_ENTRY =
        "RevocationEntry(uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,uint32 generation,uint32 version)";
    string private constant GRANT_ENTRY =
        "GrantEntry(uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,uint32 generation,uint32 version)";

    struct Grant {
        uint40 patient;
        uint40 viewer;
        string viewerName;
        string purpose;
        uint8 categories;
        uint40 steward;
        string stewardName;
        bool sensitiveFromAnySteward;
        uint40 until;
        uint32 signatureEpoch;
        uint32 generation;
        uint32 version;
    }

    function grant(Grant memory g, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            bytes.concat(
                "Grant(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,uint32 signatureEpoch,uint32 generation,uint32 version,uint48 deadline)",
                bytes(TypedData.CATEGORIES)
            )
        );
        bytes memory counters = abi.encode(g.signatureEpoch, g.generation, g.version, deadline);
        return
            keccak256(
                bytes.concat(
                    abi.encode(typeHash, g.patient),
                    _scope(g),
                    abi.encode(g.sensitiveFromAnySteward, g.until),
                    counters
                )
            );
    }

    function constrainedGrant(Grant memory g, bytes32 digest, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            bytes.concat(
                "ConstrainedGrant(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,bytes32 constraintDigest,uint32 signatureEpoch,uint32 generation,uint32 version,uint48 deadline)",
                bytes(TypedData.CATEGORIES)
            )
        );
        bytes memory counters = abi.encode(g.signatureEpoch, g.generation, g.version, deadline);
        return
            keccak256(
                bytes.concat(
                    abi.encode(typeHash, g.patient),
                    _scope(g),
                    abi.encode(g.sensitiveFromAnySteward, g.until, digest),
                    counters
                )
            );
    }

    /// @dev `until` and `sensitiveFromAnySteward` are no part of a revocation.
    function grantRevocation(Grant memory g, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            bytes.concat(
                "GrantRevocation(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,uint32 signatureEpoch,uint32 generation,uint32 version,uint48 deadline)",
                bytes(TypedData.CATEGORIES)
            )
        );
        bytes memory counters = abi.encode(g.signatureEpoch, g.generation, g.version, deadline);
        return keccak256(bytes.concat(abi.encode(typeHash, g.patient), _scope(g), counters));
    }

    /// @dev The entries' own `patient` and `signatureEpoch` are no part of it.
    function changes(
        uint40 patient,
        Grant[] memory revocations,
        Grant[] memory grants,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            bytes.concat(
                "ConsentChanges(uint40 patient,RevocationEntry[] revocations,GrantEntry[] grants,uint32 signatureEpoch,uint48 deadline)",
                bytes(TypedData.CATEGORIES),
                bytes(GRANT_ENTRY),
                bytes(REVOCATION_ENTRY)
            )
        );
        bytes memory revoked;
        for (uint256 i = 0; i < revocations.length; ++i)
            revoked = bytes.concat(revoked, _revocationEntry(revocations[i]));
        bytes memory granted;
        for (uint256 i = 0; i < grants.length; ++i) granted = bytes.concat(granted, _grantEntry(grants[i]));
        return
            keccak256(abi.encode(typeHash, patient, keccak256(revoked), keccak256(granted), signatureEpoch, deadline));
    }

    function viewerRevocation(
        uint40 patient,
        uint40 viewer,
        string memory viewerName,
        uint32 generation,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "ViewerRevocation(uint40 patient,uint40 viewer,string viewerName,uint32 generation,uint48 deadline)"
                    ),
                    patient,
                    viewer,
                    keccak256(bytes(viewerName)),
                    generation,
                    deadline
                )
            );
    }

    function review(
        uint40 patient,
        uint40 responder,
        string memory responderName,
        uint32 number,
        bool justified,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "EmergencyReview(uint40 patient,uint40 responder,string responderName,uint32 number,bool justified,uint48 deadline)"
                    ),
                    patient,
                    responder,
                    keccak256(bytes(responderName)),
                    number,
                    justified,
                    deadline
                )
            );
    }

    function appointment(
        uint40 patient,
        uint40 delegate,
        bool approvesRelationships,
        uint8 grants,
        uint8 views,
        uint40 until,
        uint32 signatureEpoch,
        uint32 version,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        bytes.concat(
                            "DelegateAppointment(uint40 patient,uint40 delegate,bool approvesRelationships,Categories grants,Categories views,uint40 until,uint32 signatureEpoch,uint32 version,uint48 deadline)",
                            bytes(TypedData.CATEGORIES)
                        )
                    ),
                    patient,
                    delegate,
                    approvesRelationships,
                    TypedData.categories(grants),
                    TypedData.categories(views),
                    until,
                    signatureEpoch,
                    version,
                    deadline
                )
            );
    }

    function dismissal(
        uint40 patient,
        uint40 delegate,
        uint32 version,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("DelegateDismissal(uint40 patient,uint40 delegate,uint32 version,uint48 deadline)"),
                    patient,
                    delegate,
                    version,
                    deadline
                )
            );
    }

    function _revocationEntry(Grant memory g) private pure returns (bytes32) {
        bytes32 typeHash = keccak256(bytes.concat(bytes(REVOCATION_ENTRY), bytes(TypedData.CATEGORIES)));
        return keccak256(bytes.concat(typeHash, _scope(g), abi.encode(g.generation, g.version)));
    }

    function _grantEntry(Grant memory g) private pure returns (bytes32) {
        bytes32 typeHash = keccak256(bytes.concat(bytes(GRANT_ENTRY), bytes(TypedData.CATEGORIES)));
        bytes memory terms = abi.encode(g.sensitiveFromAnySteward, g.until);
        return keccak256(bytes.concat(typeHash, _scope(g), terms, abi.encode(g.generation, g.version)));
    }

    function _scope(Grant memory g) private pure returns (bytes memory) {
        return
            abi.encode(
                g.viewer,
                keccak256(bytes(g.viewerName)),
                keccak256(bytes(g.purpose)),
                TypedData.categories(g.categories),
                g.steward,
                keccak256(bytes(g.stewardName))
            );
    }
}
