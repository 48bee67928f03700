// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The signed actions, hashed by EIP-712 without a line of the contracts.
/// @dev Written from the types' texts, so that a test fails when a contract and its text part.
library TypedData {
    bytes32 private constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    string private constant CATEGORIES =
        "Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)";

    function digest(address verifyingContract, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN, keccak256("ChartChain"), keccak256("1"), block.chainid, verifyingContract)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

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

    function offer(
        uint40 patient,
        uint40 provider,
        bytes32 termsDigest,
        uint24 nonce,
        uint40 until,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RelationshipOffer(uint40 patient,uint40 provider,bytes32 termsDigest,uint24 nonce,uint40 until,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    termsDigest,
                    nonce,
                    until,
                    deadline
                )
            );
    }

    function approval(
        uint40 patient,
        uint40 provider,
        string memory providerName,
        bytes32 termsDigest,
        uint24 nonce,
        uint40 until,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RelationshipApproval(uint40 patient,uint40 provider,string providerName,bytes32 termsDigest,uint24 nonce,uint40 until,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    termsDigest,
                    nonce,
                    until,
                    deadline
                )
            );
    }

    function declining(
        uint40 patient,
        uint40 provider,
        string memory providerName,
        uint24 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RelationshipDecline(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    nonce,
                    deadline
                )
            );
    }

    function ending(
        uint40 patient,
        uint40 provider,
        string memory providerName,
        uint24 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RelationshipEnd(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    nonce,
                    deadline
                )
            );
    }

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
        uint32 accessEpoch;
        uint32 generation;
        uint32 version;
    }

    function grant(Grant memory g, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            bytes.concat(
                "Grant(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,bool sensitiveFromAnySteward,uint40 until,uint32 accessEpoch,uint32 generation,uint32 version,uint48 deadline)",
                bytes(CATEGORIES)
            )
        );
        return
            keccak256(
                abi.encode(
                    typeHash,
                    g.patient,
                    g.viewer,
                    keccak256(bytes(g.viewerName)),
                    keccak256(bytes(g.purpose)),
                    categories(g.categories),
                    g.steward,
                    keccak256(bytes(g.stewardName)),
                    g.sensitiveFromAnySteward,
                    g.until,
                    g.accessEpoch,
                    g.generation,
                    g.version,
                    deadline
                )
            );
    }

    /// @dev `until` and `sensitiveFromAnySteward` are no part of a revocation.
    function grantRevocation(Grant memory g, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            bytes.concat(
                "GrantRevocation(uint40 patient,uint40 viewer,string viewerName,string purpose,Categories categories,uint40 steward,string stewardName,uint32 accessEpoch,uint32 generation,uint32 version,uint48 deadline)",
                bytes(CATEGORIES)
            )
        );
        return
            keccak256(
                abi.encode(
                    typeHash,
                    g.patient,
                    g.viewer,
                    keccak256(bytes(g.viewerName)),
                    keccak256(bytes(g.purpose)),
                    categories(g.categories),
                    g.steward,
                    keccak256(bytes(g.stewardName)),
                    g.accessEpoch,
                    g.generation,
                    g.version,
                    deadline
                )
            );
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

    function categories(uint8 mask) internal pure returns (bytes32) {
        bytes memory encoded = abi.encode(keccak256(bytes(CATEGORIES)));
        for (uint256 i = 0; i < 8; ++i) encoded = bytes.concat(encoded, bytes32(uint256((mask >> i) & 1)));
        return keccak256(encoded);
    }

    function purpose(uint256 number) internal pure returns (string memory) {
        return ["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "HRESCH", "PUBHLTH", "PATRQT"][number];
    }
}
