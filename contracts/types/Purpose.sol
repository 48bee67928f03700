// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Why a record is looked at: codes of HL7 v3 PurposeOfUse.
enum Purpose {
    /// Treatment.
    TREAT,
    /// Emergency treatment.
    ETREAT,
    /// Healthcare payment.
    HPAYMT,
    /// Healthcare operations.
    HOPERAT,
    /// Healthcare research.
    HRESCH,
    /// Public health.
    PUBHLTH,
    /// At the patient's request.
    PATRQT
}

/// @notice The code as EIP-712 encodes a `string`, which a wallet shows as HL7 spells it.
function hashPurpose(Purpose purpose) pure returns (bytes32) {
    if (purpose == Purpose.TREAT) return keccak256("TREAT");
    if (purpose == Purpose.ETREAT) return keccak256("ETREAT");
    if (purpose == Purpose.HPAYMT) return keccak256("HPAYMT");
    if (purpose == Purpose.HOPERAT) return keccak256("HOPERAT");
    if (purpose == Purpose.HRESCH) return keccak256("HRESCH");
    if (purpose == Purpose.PUBHLTH) return keccak256("PUBHLTH");
    return keccak256("PATRQT");
}
