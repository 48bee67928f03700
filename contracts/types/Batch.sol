// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "./ParticipantId.sol";

/// @notice Several records of one patient in one digest.
struct Batch {
    ParticipantId patient;
    /// @dev How many records at the most: dummies may hide the true number; 1 to {MAX_BATCH_COUNT}.
    uint16 count;
    /// @dev See {TransparencyLog-batchDigest}.
    bytes32 digest;
}

uint256 constant MAX_BATCH_COUNT = 32_768;
