// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRecoveries} from "../interfaces/registrar/IRecoveries.sol";
import {Authorization} from "../types/Authorization.sol";
import {Guardians, Recovery, Stage} from "../types/Guardians.sol";
import {DEFAULT_EMERGENCY, Kind, Participant} from "../types/Participant.sol";
import {NOBODY, ParticipantId} from "../types/ParticipantId.sol";
import {Accounts} from "./Accounts.sol";
import {Epochs} from "./Epochs.sol";
import {GuardianSets} from "./GuardianSets.sol";
import {Keys} from "./Keys.sol";

/// @title Recoveries
/// @notice See {IRecoveries}.
abstract contract Recoveries is Epochs, Accounts, Keys, IRecoveries {
    /// @dev How long the guardians have to collect approvals, at first and once more after a veto.
    uint256 private constant COLLECTING_TERM = 3 days;
    /// @dev How long a recovery may be executed once its delay is over.
    uint256 private constant EXECUTION_TERM = 7 days;
    /// @dev How long a change of guardians takes: 3 + 7 + 3 + 14 days is the longest recovery, and less.
    uint40 private constant GUARDIAN_CHANGE_DELAY = 30 days;

    bytes32 private constant GUARDIANS_TYPEHASH = keccak256(
        "GuardianChange(uint40 participant,bytes32 guardiansDigest,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant APPROVAL_TYPEHASH = keccak256(
        "RecoveryApproval(uint40 guardian,uint40 participant,uint40 starter,uint16 number,address newAccount,uint48 deadline)"
    );
    bytes32 private constant VETO_TYPEHASH = keccak256(
        "RecoveryVeto(uint40 participant,uint40 starter,uint16 number,uint48 deadline)"
    );
    bytes32 private constant ACCEPTANCE_TYPEHASH = keccak256(
        "RecoveryAcceptance(uint40 participant,address account,bytes32 keyDocument,uint40 starter,uint16 number,uint48 deadline)"
    );

    /// @dev Checks the guardians that a recovery discloses.
    GuardianSets private immutable _guardianSets = new GuardianSets();

    mapping(ParticipantId id => bytes32 digest) private _guardians;
    mapping(ParticipantId id => bytes32 digest) private _nextGuardians;
    mapping(ParticipantId id => mapping(ParticipantId starter => Recovery recovery)) private _recoveries;

    // Guardians

    /// @inheritdoc IRecoveries
    function changeGuardians(bytes32 digest) external {
        _changeGuardians(authenticatePatient(msg.sender), digest);
    }

    /// @inheritdoc IRecoveries
    function changeGuardiansWithSig(bytes32 digest, Authorization calldata authorization) external {
        ParticipantId id = authenticatePatient(authorization.account);
        _checkChange(GUARDIANS_TYPEHASH, id, uint256(digest), authorization);

        _changeGuardians(id, digest);
    }

    // Recovery

    /// @inheritdoc IRecoveries
    function startRecovery(ParticipantId id, address newAccount, Guardians calldata guardians) external {
        _start(authenticateOwner(msg.sender), id, newAccount, guardians);
    }

    /// @inheritdoc IRecoveries
    function startRecoveryWithSig(
        ParticipantId id,
        address newAccount,
        Guardians calldata guardians,
        Authorization calldata authorization
    ) external {
        ParticipantId guardian = authenticateOwner(authorization.account);
        uint16 number = _recoveries[id][guardian].number + 1;
        _checkApproval(guardian, id, guardian, number, newAccount, authorization);

        _start(guardian, id, newAccount, guardians);
    }

    /// @inheritdoc IRecoveries
    function approveRecovery(
        ParticipantId id,
        ParticipantId starter,
        uint16 number,
        Guardians calldata guardians
    ) external {
        _approveRecovery(authenticateOwner(msg.sender), id, starter, number, guardians);
    }

    /// @inheritdoc IRecoveries
    function approveRecoveryWithSig(
        ParticipantId id,
        ParticipantId starter,
        uint16 number,
        Guardians calldata guardians,
        Authorization calldata authorization
    ) external {
        ParticipantId guardian = authenticateOwner(authorization.account);
        _checkApproval(guardian, id, starter, number, _recoveries[id][starter].newAccount, authorization);

        _approveRecovery(guardian, id, starter, number, guardians);
    }

    /// @inheritdoc IRecoveries
    function vetoRecovery(ParticipantId starter, uint16 number, Guardians calldata guardians) external {
        _veto(authenticatePatient(msg.sender), starter, number, guardians);
    }

    /// @inheritdoc IRecoveries
    function vetoRecoveryWithSig(
        ParticipantId starter,
        uint16 number,
        Guardians calldata guardians,
        Authorization calldata authorization
    ) external {
        ParticipantId id = authenticatePatient(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(VETO_TYPEHASH, id, starter, number, authorization.deadline))
        );

        _veto(id, starter, number, guardians);
    }

    /// @inheritdoc IRecoveries
    function executeRecovery(
        ParticipantId id,
        ParticipantId starter,
        bytes32 keyDocument,
        Guardians calldata guardians,
        Authorization calldata acceptance
    ) external {
        Recovery memory recovery = recoveryOf(id, starter);
        if (recovery.stage != Stage.Pending && recovery.stage != Stage.Unstoppable) revert NoRecoveryPending(id);
        _bitOf(NOBODY, id, guardians);
        uint256 delay = recovery.stage == Stage.Pending ? guardians.delay : 2 * uint256(guardians.delay);
        uint256 from = _seconds(recovery.since) + delay;
        if (block.timestamp < from) revert RecoveryTooEarly(from);
        if (acceptance.account != recovery.newAccount) {
            revert NotTheNewAccount(acceptance.account, recovery.newAccount);
        }
        // Names no signature epoch: who holds the stolen key could move that for ever.
        _checkSignature(
            acceptance,
            keccak256(
                abi.encode(
                    ACCEPTANCE_TYPEHASH,
                    id,
                    recovery.newAccount,
                    keyDocument,
                    starter,
                    recovery.number,
                    acceptance.deadline
                )
            )
        );

        // Else a later freeze that ends in the same hour would bring it back.
        _recoveries[id][starter].stage = Stage.None;
        _recover(id, recovery.newAccount, keyDocument);

        emit Recovered(id, starter, recovery.number, recovery.newAccount);
    }

    // Views

    /// @inheritdoc IRecoveries
    function guardiansOf(ParticipantId id) public view returns (bytes32) {
        return _haveGuardiansChanged(id) ? _nextGuardians[id] : _guardians[id];
    }

    /// @inheritdoc IRecoveries
    function guardianChangeOf(ParticipantId id) external view returns (bytes32 digest, uint40 from) {
        from = _schedules[id].guardiansFrom;
        if (from == 0 || _haveGuardiansChanged(id)) return (0, 0);
        digest = _nextGuardians[id];
    }

    /// @inheritdoc IRecoveries
    function recoveryOf(ParticipantId id, ParticipantId starter) public view returns (Recovery memory recovery) {
        recovery = _recoveries[id][starter];
        Participant storage p = _participants[id];
        bool over =
            recovery.stage == Stage.Collecting
                ? block.timestamp >= _seconds(recovery.since) + COLLECTING_TERM ||
                    recovery.mark != p.accountEpoch ||
                    _seconds(recovery.since) < _guardiansSince(id)
                : recovery.mark != p.frozenUntil || !_isFrozen(p);
        if (over) recovery.stage = Stage.None;
    }

    // Internal: writes

    /// @dev Who has no guardians yet gets the first ones at once: there is nobody whom a thief could shut out.
    function _changeGuardians(ParticipantId id, bytes32 digest) private {
        _checkNotFrozen(id);
        _settleGuardians(id);
        bytes32 current = _guardians[id];
        uint40 from = uint40(block.timestamp - (block.timestamp % 1 minutes));
        if (current == 0) {
            _guardians[id] = digest;
            _schedules[id].guardiansSince = from;
        } else if (digest == current) {
            _schedules[id].guardiansFrom = 0;
        } else {
            from += GUARDIAN_CHANGE_DELAY + 1 minutes;
            _nextGuardians[id] = digest;
            _schedules[id].guardiansFrom = from;
        }
        ++_participants[id].signatureEpoch;

        emit GuardiansChanging(id, digest, from);
    }

    /// @dev Writes down a change that the clock made.
    function _settleGuardians(ParticipantId id) private {
        if (!_haveGuardiansChanged(id)) return;
        _guardians[id] = _nextGuardians[id];
        _schedules[id].guardiansSince = _guardiansSince(id);
        _schedules[id].guardiansFrom = 0;
    }

    function _start(
        ParticipantId guardian,
        ParticipantId id,
        address newAccount,
        Guardians calldata guardians
    ) private {
        Recovery memory recovery = recoveryOf(id, guardian);
        if (recovery.stage != Stage.None) revert RecoveryOpen(id, guardian);
        uint16 bit = _bitOf(guardian, id, guardians);
        ParticipantId owner = _accounts[newAccount].id;
        if (newAccount == address(0) || (owner != NOBODY && owner != id)) revert AlreadyRegistered(newAccount);

        recovery.stage = Stage.Collecting;
        ++recovery.number;
        recovery.approvals = bit;
        recovery.mark = _participants[id].accountEpoch;
        recovery.since = uint32(block.timestamp / 1 minutes);
        recovery.newAccount = newAccount;
        emit RecoveryStarted(id, guardian, recovery.number, newAccount);
        _advance(id, guardian, recovery, guardians);

        emit RecoveryApproved(id, guardian, recovery.number, guardian, recovery.stage);
    }

    function _approveRecovery(
        ParticipantId guardian,
        ParticipantId id,
        ParticipantId starter,
        uint16 number,
        Guardians calldata guardians
    ) private {
        Recovery memory recovery = _open(id, starter, number);
        uint16 bit = _bitOf(guardian, id, guardians);
        if (recovery.approvals & bit != 0) revert AlreadyApproved(guardian);

        recovery.approvals |= bit;
        _advance(id, starter, recovery, guardians);

        emit RecoveryApproved(id, starter, number, guardian, recovery.stage);
    }

    /// @dev The veto comes once a delay runs: before, there is nothing that would happen.
    function _veto(ParticipantId id, ParticipantId starter, uint16 number, Guardians calldata guardians) private {
        Recovery memory recovery = _open(id, starter, number);
        if (recovery.stage != Stage.Pending) revert NotVetoable(id, starter, number);
        _bitOf(NOBODY, id, guardians);

        recovery.stage = Stage.Escalated;
        _freeze(id, recovery, COLLECTING_TERM);
        _advance(id, starter, recovery, guardians);

        emit RecoveryVetoed(id, starter, number, recovery.stage);
    }

    /// @dev On to the next stage where there are enough approvals for it, and writes the recovery down. While another one
    /// is pending, nothing begins.
    function _advance(
        ParticipantId id,
        ParticipantId starter,
        Recovery memory recovery,
        Guardians calldata guardians
    ) private {
        uint256 approvals = _count(recovery.approvals);
        if (recovery.stage == Stage.Collecting && approvals >= guardians.threshold) {
            _checkNotFrozen(id);
            _settleKey(id);
            _settleGuardians(id);
            recovery.stage = Stage.Pending;
            _freeze(id, recovery, guardians.delay + EXECUTION_TERM);
        } else if (recovery.stage == Stage.Escalated && approvals > guardians.threshold) {
            recovery.stage = Stage.Unstoppable;
            _freeze(id, recovery, 2 * uint256(guardians.delay) + EXECUTION_TERM);
        }
        _recoveries[id][starter] = recovery;
    }

    /// @dev The stage is reached now; nothing increases until it is over.
    function _freeze(ParticipantId id, Recovery memory recovery, uint256 term) private {
        recovery.since = _minute();
        recovery.mark = _hourAfter(term);
        _participants[id].frozenUntil = recovery.mark;
    }

    function _recover(ParticipantId id, address newAccount, bytes32 keyDocument) private {
        Participant storage p = _participants[id];
        // Ends this recovery and every other one.
        ++p.accountEpoch;
        p.frozenUntil = 0;
        // A thief may have widened it.
        p.emergency = p.emergency.intersection(DEFAULT_EMERGENCY);
        _schedules[id].guardiansFrom = 0;
        // An account that the person had before may be taken back: that is what a recovery is for.
        if (_accounts[newAccount].id == id) delete _accounts[newAccount];
        _bindFirst(id, Kind.PERSON, newAccount);
        _dropKeyChange(id);
        if (keyDocument != 0) _replaceKey(id, keyDocument);
        _startAccessEpoch(id);
    }

    // Internal: reads and checks

    /// @dev Checks the guardians, and finds one among them; nobody: only that they are the person's.
    function _bitOf(
        ParticipantId guardian,
        ParticipantId id,
        Guardians calldata guardians
    ) private view returns (uint16) {
        return _guardianSets.bitOf(id, guardiansOf(id), guardian, guardians);
    }

    function _checkApproval(
        ParticipantId guardian,
        ParticipantId id,
        ParticipantId starter,
        uint16 number,
        address newAccount,
        Authorization calldata authorization
    ) private view {
        _checkSignature(
            authorization,
            keccak256(abi.encode(APPROVAL_TYPEHASH, guardian, id, starter, number, newAccount, authorization.deadline))
        );
    }

    function _open(
        ParticipantId id,
        ParticipantId starter,
        uint16 number
    ) private view returns (Recovery memory recovery) {
        recovery = recoveryOf(id, starter);
        if (recovery.stage == Stage.None || recovery.number != number) revert NoSuchRecovery(id, starter, number);
    }

    /// @dev Not while a recovery is pending: it goes on under the guardians that began it.
    function _haveGuardiansChanged(ParticipantId id) private view returns (bool) {
        uint40 from = _schedules[id].guardiansFrom;
        return from != 0 && block.timestamp >= from && !_isFrozen(_participants[id]);
    }

    /// @dev A recovery that began under former guardians is over: its approvals aren't the current ones'.
    function _guardiansSince(ParticipantId id) private view returns (uint40) {
        Schedule storage schedule = _schedules[id];
        if (!_haveGuardiansChanged(id)) return schedule.guardiansSince;
        // A change that came due while a recovery was pending counts from its end.
        uint40 thawed = uint40(_participants[id].frozenUntil) * 1 hours;
        return thawed > schedule.guardiansFrom ? thawed : schedule.guardiansFrom;
    }

    function _count(uint16 approvals) private pure returns (uint256 count) {
        for (uint256 bits = approvals; bits != 0; bits &= bits - 1) ++count;
    }

    /// @dev Rounds up: nothing comes sooner than it was said.
    function _minute() private view returns (uint32) {
        return uint32((block.timestamp + 59) / 1 minutes);
    }

    /// @dev Rounds up: a freeze never ends before what it protects.
    function _hourAfter(uint256 term) private view returns (uint24) {
        return uint24((block.timestamp + 1 minutes + term + 3_599) / 1 hours);
    }

    function _seconds(uint32 minute) private pure returns (uint256) {
        return uint256(minute) * 1 minutes;
    }
}
