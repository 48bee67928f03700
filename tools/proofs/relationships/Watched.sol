// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PatientProviderRelationships} from "../../../contracts/PatientProviderRelationships.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {MAX_BLOCKS, MINUTES_MASK, Status} from "../../../contracts/types/Relationship.sol";

/// @title Watched
/// @notice What a check reads before and after it calls the contract.
contract Watched is PatientProviderRelationships {
    /// @dev Any storage in which the times and the number of blocks fit into their bits, in the years for which they do (until 2480).
    modifier about(ParticipantId patient, ParticipantId provider) {
        require(_patient == patient && _provider == provider && !_strayed);
        require(block.timestamp / 1 minutes <= MINUTES_MASK && _fits());
        _;
    }

    /// @dev Packed and unpacked again, it would be the same.
    function _fits() internal view returns (bool) {
        return _since <= MINUTES_MASK && _until <= MINUTES_MASK && _blocks <= MAX_BLOCKS;
    }

    /// @dev As everybody sees it now: an end or a lapse that only the clock knows counts.
    function _seen() internal view returns (Status) {
        return _current(_patient, _provider).status;
    }

    function _closed(Status status) internal pure returns (bool) {
        return
            status == Status.None ||
            status == Status.Ended ||
            status == Status.Declined ||
            status == Status.Withdrawn ||
            status == Status.Lapsed;
    }

    /// @dev One more, except at the last.
    function _advanced(uint24 nonce) internal pure returns (uint256) {
        return nonce == type(uint24).max ? uint256(nonce) : uint256(nonce) + 1;
    }

    function _mayDecide(ParticipantId patient, ParticipantId actor) internal view returns (bool) {
        return actor == patient || mayApprove(patient, actor);
    }
}
