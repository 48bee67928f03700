// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The signed actions, hashed by EIP-712 without a line of the contracts.
/// @dev Written from the types' texts, so that a test fails when a contract and its text part. Relationships are here;
/// see {RegistrarData} and {ConsentData} as well.
library TypedData {
    bytes32 private constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    string internal constant CATEGORIES =
        "Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)";

    function digest(address verifyingContract, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN, keccak256("ChartChain"), keccak256("1"), block.chainid, verifyingContract)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
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
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RelationshipApproval(uint40 patient,uint40 provider,string providerName,bytes32 termsDigest,uint24 nonce,uint40 until,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    termsDigest,
                    nonce,
                    until,
                    signatureEpoch,
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

    function suspending(
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
                        "RelationshipSuspension(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    nonce,
                    deadline
                )
            );
    }

    function resuming(
        uint40 patient,
        uint40 provider,
        string memory providerName,
        uint24 nonce,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RelationshipResumption(uint40 patient,uint40 provider,string providerName,uint24 nonce,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    nonce,
                    signatureEpoch,
                    deadline
                )
            );
    }

    function blocking(
        uint40 patient,
        uint40 provider,
        string memory providerName,
        uint24 blocks,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "ProviderBlock(uint40 patient,uint40 provider,string providerName,uint16 blocks,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    blocks,
                    deadline
                )
            );
    }

    function unblocking(
        uint40 patient,
        uint40 provider,
        string memory providerName,
        uint24 blocks,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "ProviderUnblock(uint40 patient,uint40 provider,string providerName,uint16 blocks,uint32 signatureEpoch,uint48 deadline)"
                    ),
                    patient,
                    provider,
                    keccak256(bytes(providerName)),
                    blocks,
                    signatureEpoch,
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
