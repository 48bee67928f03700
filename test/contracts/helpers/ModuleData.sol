// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The signed actions of the Data Bank and of Studies, as {TypedData} hashes them.
library ModuleData {
    function opening(
        uint40 patient,
        uint40 issuer,
        bytes32 commitment,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "AccountOpening(uint40 patient,uint40 issuer,bytes32 commitment,uint32 signatureEpoch,uint48 deadline)"
        );
        return keccak256(abi.encode(typeHash, patient, issuer, commitment, signatureEpoch, deadline));
    }

    function statement(
        uint40 steward,
        uint40 patient,
        uint32 season,
        bytes32 recordDigest,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "DepositStatement(uint40 steward,uint40 patient,uint32 season,bytes32 recordDigest,uint48 deadline)"
        );
        return keccak256(abi.encode(typeHash, steward, patient, season, recordDigest, deadline));
    }

    function interestClaim(
        uint40 patient,
        uint40 steward,
        uint32 season,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "InterestClaim(uint40 patient,uint40 steward,uint32 season,uint32 signatureEpoch,uint48 deadline)"
        );
        return keccak256(abi.encode(typeHash, patient, steward, season, signatureEpoch, deadline));
    }

    function interestWithdrawal(
        uint40 patient,
        address to,
        uint256 amount,
        uint24 withdrawal,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "InterestWithdrawal(uint40 patient,address to,uint256 amount,uint24 withdrawal,uint32 signatureEpoch,uint48 deadline)"
        );
        return keccak256(abi.encode(typeHash, patient, to, amount, withdrawal, signatureEpoch, deadline));
    }

    struct Join {
        uint40 patient;
        uint64 study;
        uint40 researcher;
        string researcherName;
        uint40 steward;
        string stewardName;
        bytes32 termsDigest;
        uint96 price;
        uint24 minimum;
        uint32 signatureEpoch;
    }

    function studyJoin(Join memory j, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "StudyJoin(uint40 patient,uint64 study,uint40 researcher,string researcherName,uint40 steward,string stewardName,bytes32 termsDigest,uint96 price,uint24 minimum,uint32 signatureEpoch,uint48 deadline)"
        );
        bytes memory researcher = abi.encode(j.researcher, keccak256(bytes(j.researcherName)));
        bytes memory steward = abi.encode(j.steward, keccak256(bytes(j.stewardName)));
        bytes memory offer = abi.encode(j.termsDigest, j.price, j.minimum, j.signatureEpoch, deadline);
        return keccak256(bytes.concat(abi.encode(typeHash, j.patient, j.study), researcher, steward, offer));
    }

    function studyWithdrawal(uint40 patient, uint64 study, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256("StudyWithdrawal(uint40 patient,uint64 study,uint48 deadline)");
        return keccak256(abi.encode(typeHash, patient, study, deadline));
    }

    function receipt(
        uint40 steward,
        uint64 study,
        uint40 patient,
        bytes32 dataDigest,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "DeliveryReceipt(uint40 steward,uint64 study,uint40 patient,bytes32 dataDigest,uint48 deadline)"
        );
        return keccak256(abi.encode(typeHash, steward, study, patient, dataDigest, deadline));
    }

    function acknowledgement(
        uint40 recipient,
        uint64 study,
        uint40 patient,
        bytes32 dataDigest,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "DeliveryAcknowledgement(uint40 recipient,uint64 study,uint40 patient,bytes32 dataDigest,uint48 deadline)"
        );
        return keccak256(abi.encode(typeHash, recipient, study, patient, dataDigest, deadline));
    }

    function deliveryDispute(uint40 patient, uint64 study, uint48 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256("DeliveryDispute(uint40 patient,uint64 study,uint48 deadline)");
        return keccak256(abi.encode(typeHash, patient, study, deadline));
    }

    function studyPayout(
        uint40 patient,
        uint64 study,
        address to,
        uint32 signatureEpoch,
        uint48 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "StudyPayout(uint40 patient,uint64 study,address to,uint32 signatureEpoch,uint48 deadline)"
        );
        return keccak256(abi.encode(typeHash, patient, study, to, signatureEpoch, deadline));
    }
}
