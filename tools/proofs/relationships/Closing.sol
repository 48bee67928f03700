// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Status} from "../../../contracts/types/Relationship.sol";
import {Watched} from "./Watched.sol";

/// @title Closing
/// @notice Withdrawals: what closes a relationship.
/// @dev Input of `npm run prove`. Every assertion ends in a comment that names it, for the table; the last one of each check
/// must fail, or nothing gets that far.
contract Closing is Watched {
    function checkWithdraw(ParticipantId patient) external about(patient, authenticate(msg.sender)) {
        ParticipantId provider = authenticate(msg.sender);
        Status from = _seen();
        uint24 nonce = _nonce;
        bool listed0 = _listed;
        uint16 blocks0 = _blocks;
        uint32 since0 = _since;
        uint32 until0 = _until;
        bytes20 terms0 = _terms;
        withdraw(patient);

        assert(from == Status.Proposed); // from Proposed
        assert(_seen() == Status.Withdrawn); // to Withdrawn
        assert(_nonce == _advanced(nonce)); // the nonce advances, except at its last
        assert(
            !_strayed &&
                _listed == listed0 &&
                _blocks == blocks0 &&
                _since == since0 &&
                _until == until0 &&
                _terms == terms0
        ); // everything else stays as it was
        assert(_fits()); // what is stored fits into its word
        assert(false); // REACHED
    }
}
