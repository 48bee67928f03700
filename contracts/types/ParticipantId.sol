// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The number under which a person or an institution is known: 1, 2, 3, … in order of registration.
/// @dev 0 is nobody. 40 bits hold 1.1 × 10^12 participants, so six ids fit into one storage word.
type ParticipantId is uint40;

ParticipantId constant NOBODY = ParticipantId.wrap(0);

using {equal as ==, notEqual as !=} for ParticipantId global;

function equal(ParticipantId a, ParticipantId b) pure returns (bool) {
    return ParticipantId.unwrap(a) == ParticipantId.unwrap(b);
}

function notEqual(ParticipantId a, ParticipantId b) pure returns (bool) {
    return ParticipantId.unwrap(a) != ParticipantId.unwrap(b);
}
