// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRecoveries} from "../interfaces/registrar/IRecoveries.sol";
import {Guardians, MAX_GUARDIANS, MIN_GUARDIANS} from "../types/Guardians.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";

/// @title GuardianSets
/// @notice Checks guardians as a recovery discloses them. It holds nothing: a contract of its own, which the Registrar makes,
/// because the Registrar has no room for it (EIP-170).
contract GuardianSets {
    /// @notice The shortest delay that guardians may have.
    uint32 public constant MIN_RECOVERY_DELAY = 1 days;
    /// @notice The longest delay that guardians may have.
    uint32 public constant MAX_RECOVERY_DELAY = 7 days;

    /// @notice Checks that guardians are those of a person, and finds a member among them.
    /// @param expected The salted digest that counts.
    /// @param member Whom to look for; nobody: the digest alone is checked.
    /// @param guardians What was disclosed.
    /// @return bit Bit n for member n.
    function bitOf(
        ParticipantId id,
        bytes32 expected,
        ParticipantId member,
        Guardians calldata guardians
    ) external pure returns (uint16 bit) {
        if (expected == 0) revert IRecoveries.NoGuardians(id);
        if (keccak256(abi.encode(id, guardians)) != expected) revert IRecoveries.GuardiansMismatch(id);
        if (member == NOBODY) return 0;
        _check(id, guardians);
        for (uint256 i = 0; i < guardians.members.length; ++i) {
            if (guardians.members[i] == member) return uint16(1 << i);
        }
        revert IRecoveries.NotAGuardian(member);
    }

    /// @dev Nobody could check them when they were set, because only their digest came.
    function _check(ParticipantId id, Guardians calldata guardians) private pure {
        uint256 count = guardians.members.length;
        if (count < MIN_GUARDIANS || count > MAX_GUARDIANS) revert IRecoveries.InvalidGuardians();
        if (guardians.threshold == 0 || guardians.threshold >= count) revert IRecoveries.InvalidGuardians();
        if (guardians.delay < MIN_RECOVERY_DELAY || guardians.delay > MAX_RECOVERY_DELAY) {
            revert IRecoveries.InvalidGuardians();
        }
        uint40 previous = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint40 member = ParticipantId.unwrap(guardians.members[i]);
            if (member <= previous || member == ParticipantId.unwrap(id)) revert IRecoveries.InvalidGuardians();
            previous = member;
        }
    }
}
