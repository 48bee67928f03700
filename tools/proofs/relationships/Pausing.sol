// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {MAX_BLOCKS, Status} from "../../../contracts/types/Relationship.sol";
import {Watched} from "./Watched.sol";

/// @title Pausing
/// @notice Suspensions and blocks: what interrupts a relationship, and takes that back.
/// @dev Input of `npm run prove`. Every assertion ends in a comment that names it, for the table; the last one of each check
/// must fail, or nothing gets that far.
contract Pausing is Watched {
    function checkSuspend(ParticipantId patient, ParticipantId provider) external about(patient, provider) {
        ParticipantId by = authenticate(msg.sender);
        bool theirs = by == provider && by != patient;
        Status from = _seen();
        uint24 nonce = _nonce;
        bool listed0 = _listed;
        uint16 blocks0 = _blocks;
        uint32 since0 = _since;
        uint32 until0 = _until;
        bytes20 terms0 = _terms;
        suspend(patient, provider);

        assert(from == Status.Active); // from Active
        assert(_seen() == (theirs ? Status.SuspendedByProvider : Status.SuspendedByPatient)); // to suspended by the side that asks
        assert(_nonce == (theirs ? nonce : _advanced(nonce))); // the nonce advances when it is the patient's side
        assert(theirs || _mayDecide(patient, by)); // by the provider, the patient or a delegate
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

    function checkResume(ParticipantId patient, ParticipantId provider) external about(patient, provider) {
        ParticipantId by = authenticate(msg.sender);
        bool theirs = by == provider && by != patient;
        Status from = _seen();
        uint24 nonce0 = _nonce;
        bool listed0 = _listed;
        uint16 blocks0 = _blocks;
        uint32 since0 = _since;
        uint32 until0 = _until;
        bytes20 terms0 = _terms;
        resume(patient, provider);

        assert(from == (theirs ? Status.SuspendedByProvider : Status.SuspendedByPatient)); // from suspended by the same side
        assert(_seen() == Status.Active); // to Active
        assert(theirs || _mayDecide(patient, by)); // by the provider, the patient or a delegate
        assert(
            !_strayed &&
                _nonce == nonce0 &&
                _listed == listed0 &&
                _blocks == blocks0 &&
                _since == since0 &&
                _until == until0 &&
                _terms == terms0
        ); // everything else stays as it was
        assert(_fits()); // what is stored fits into its word
        assert(false); // REACHED
    }

    function checkBlockProvider(ParticipantId patient, ParticipantId provider) external about(patient, provider) {
        ParticipantId by = authenticate(msg.sender);
        Status from = _seen();
        uint24 nonce = _nonce;
        uint16 blocks = _blocks;
        bool listed0 = _listed;
        uint32 since0 = _since;
        uint32 until0 = _until;
        bytes20 terms0 = _terms;
        blockProvider(patient, provider);

        assert(blocks % 2 == 0 && _blocks == blocks + 1); // from not blocked to blocked, which is counted
        assert(_mayDecide(patient, by)); // by the patient or a delegate
        assert(_seen() == (from == Status.Proposed ? Status.Declined : from)); // a proposal is declined, any other status stays
        assert(_nonce == _advanced(nonce)); // the nonce advances, except at its last
        assert(!_strayed && _listed == listed0 && _since == since0 && _until == until0 && _terms == terms0); // everything else stays as it was
        assert(_fits()); // what is stored fits into its word
        assert(false); // REACHED
    }

    function checkUnblockProvider(ParticipantId patient, ParticipantId provider) external about(patient, provider) {
        ParticipantId by = authenticate(msg.sender);
        Status from = _seen();
        uint16 blocks = _blocks;
        uint24 nonce0 = _nonce;
        bool listed0 = _listed;
        uint32 since0 = _since;
        uint32 until0 = _until;
        bytes20 terms0 = _terms;
        unblockProvider(patient, provider);

        assert(blocks % 2 == 1 && _blocks == (blocks == MAX_BLOCKS ? blocks - 1 : blocks + 1)); // from blocked to not blocked, which is counted, except at its end
        assert(_mayDecide(patient, by)); // by the patient or a delegate
        assert(_seen() == from); // the status stays
        assert(
            !_strayed &&
                _nonce == nonce0 &&
                _listed == listed0 &&
                _since == since0 &&
                _until == until0 &&
                _terms == terms0
        ); // everything else stays as it was
        assert(_fits()); // what is stored fits into its word
        assert(false); // REACHED
    }
}
