// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guardians, Recovery, Stage} from "../../../contracts/types/Guardians.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {Settings} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler} from "./Handler.sol";

/// @notice What the Registrar should say about persons 1 and 2, whose guardians are among persons 3 to 6.
/// @dev Plain: times in seconds, sets of guardians by number, one record for each attempt; nothing is packed. What the
/// clock changes is written down at once, because the model is asked at every step. The key of person n is n; more keys
/// wait in a pool for whoever gets them first.
abstract contract RecoveryModel is Handler {
    struct Subject {
        uint256 accountEpoch;
        uint256 accessEpoch;
        uint256 signatureEpoch;
        uint256 frozenUntil;
        uint256 guardians;
        uint256 guardiansSince;
        uint256 nextGuardians;
        uint256 nextGuardiansFrom;
        uint256 document;
        uint256 keyVersion;
        uint256 nextDocument;
        uint256 nextDocumentFrom;
        bool knownOnly;
        uint256 longestGrant;
        uint8 emergency;
    }

    struct Attempt {
        Stage stage;
        uint256 number;
        uint256 approvals;
        uint256 account;
        uint256 began;
        uint256 from;
        uint256 ends;
    }

    struct Key {
        uint256 id;
        uint256 epoch;
        uint256 retiresAt;
    }

    uint256 internal constant SUBJECTS = 2;
    uint256 internal constant FIRST_GUARDIAN = 3;
    uint256 internal constant PEOPLE = 6;
    uint256 internal constant POOL = 7;
    uint256 internal constant SETS = 5;

    mapping(uint256 id => Subject) internal _subjects;
    mapping(uint256 id => mapping(uint256 starter => Attempt)) internal _attempts;
    mapping(uint256 key => Key) internal _keys;

    constructor() {
        for (uint256 i = 1; i <= PEOPLE; ++i) {
            person(i);
            _keys[i].id = i;
            (_subjects[i].keyVersion, _subjects[i].emergency) = (1, 3);
        }
        // Or else most of the sequences would pass before there is anybody who could recover.
        for (uint256 p = 1; p <= SUBJECTS; ++p) {
            vm.prank(vm.addr(p));
            registrar.changeGuardians(_digest(p, p));
            (_subjects[p].guardians, _subjects[p].guardiansSince, _subjects[p].signatureEpoch) = (p, START, 1);
        }
    }

    /// @dev Brings the model to the present: what was announced counts, unless a recovery holds it up.
    function settle() internal {
        for (uint256 p = 1; p <= SUBJECTS; ++p) {
            Subject storage s = _subjects[p];
            if (_isFrozen(p)) continue;
            if (s.nextDocumentFrom != 0 && time >= s.nextDocumentFrom) {
                (s.document, s.nextDocumentFrom) = (s.nextDocument, 0);
                ++s.keyVersion;
            }
            if (s.nextGuardiansFrom != 0 && time >= s.nextGuardiansFrom) {
                s.guardiansSince = _max(s.nextGuardiansFrom, s.frozenUntil);
                (s.guardians, s.nextGuardiansFrom) = (s.nextGuardians, 0);
            }
        }
    }

    function checkModel() external {
        vm.warp(time);
        settle();
        for (uint256 p = 1; p <= SUBJECTS; ++p) {
            _checkSubject(p);
            for (uint256 g = FIRST_GUARDIAN; g <= PEOPLE; ++g) _checkAttempt(p, g);
        }
        for (uint256 i = 0; i < POOL; ++i) {
            equal(raw(registrar.participantOf(vm.addr(_pool(i)))), _actsFor(_pool(i)), "whom an account acts for");
        }
    }

    function _checkSubject(uint256 p) private view {
        Subject storage s = _subjects[p];
        ParticipantId id = _id(p);
        equal(registrar.participant(id).accountEpoch, s.accountEpoch, "account epoch");
        equal(accessEpochOf(id), s.accessEpoch, "access epoch");
        equal(signatureEpochOf(id), s.signatureEpoch, "signature epoch");
        equal(registrar.keyDocumentOf(id), _document(s.document), "key document");
        equal(registrar.keyVersionOf(id), s.keyVersion, "key version");
        (bytes32 next, uint256 from) = registrar.keyChangeOf(id);
        equal(next, s.nextDocumentFrom == 0 ? bytes32(0) : _document(s.nextDocument), "next key document");
        equal(from, s.nextDocumentFrom, "when it counts");
        equal(registrar.guardiansOf(id), _digest(p, s.guardians), "guardians");
        (next, from) = registrar.guardianChangeOf(id);
        equal(next, s.nextGuardiansFrom == 0 ? bytes32(0) : _digest(p, s.nextGuardians), "next guardians");
        equal(from, s.nextGuardiansFrom, "when they count");
        Settings memory expected = Settings(s.knownOnly, uint16(s.longestGrant), CategoryMask.wrap(s.emergency));
        equal(keccak256(abi.encode(registrar.settingsOf(id))), keccak256(abi.encode(expected)), "settings");
        (bool goesOn, ) = address(registrar).staticcall(abi.encodeCall(registrar.standingOf, (id)));
        equal(goesOn, !_isFrozen(p), "frozen");
    }

    function _checkAttempt(uint256 p, uint256 g) private view {
        Recovery memory r = registrar.recoveryOf(_id(p), _id(g));
        Attempt storage a = _attempts[p][g];
        equal(uint256(r.stage), uint256(_stage(p, g)), "stage");
        equal(r.number, a.number, "number");
        if (r.stage == Stage.None) return;
        equal(r.approvals, _bits(p, a.approvals), "approvals");
        check(r.newAccount == vm.addr(a.account), "new account");
    }

    // Questions to the model

    function _actsFor(uint256 key) internal view returns (uint256) {
        Key storage k = _keys[key];
        bool alive = (k.retiresAt == 0 || time < k.retiresAt) && k.epoch == _subjects[k.id].accountEpoch;
        return alive ? k.id : 0;
    }

    function _isFrozen(uint256 p) internal view returns (bool) {
        return time < _subjects[p].frozenUntil;
    }

    function _stage(uint256 p, uint256 g) internal view returns (Stage) {
        Attempt storage a = _attempts[p][g];
        if (time >= a.ends) return Stage.None;
        if (a.stage == Stage.Collecting && a.began < _subjects[p].guardiansSince) return Stage.None;
        return a.stage;
    }

    function _isMember(uint256 g, uint256 set) internal pure returns (bool) {
        ParticipantId[] memory members = _set(set).members;
        for (uint256 i = 0; i < members.length; ++i) if (raw(members[i]) == g) return true;
        return false;
    }

    function _countOf(uint256 approvals) internal pure returns (uint256 count) {
        for (; approvals != 0; approvals >>= 1) count += approvals & 1;
    }

    /// @dev The model keeps who approved by id, the contract by the place in the list.
    function _bits(uint256 p, uint256 approvals) private view returns (uint256 bits) {
        ParticipantId[] memory members = _set(_subjects[p].guardians).members;
        for (uint256 i = 0; i < members.length; ++i) bits |= ((approvals >> raw(members[i])) & 1) << i;
    }

    // What happens in the model

    function _runs(uint256 p, Attempt storage a, Stage stage, uint256 delay) internal {
        a.stage = stage;
        a.from = ((time + 59) / 60) * 60 + delay;
        _freezes(p, a, delay + 7 days);
    }

    function _freezes(uint256 p, Attempt storage a, uint256 term) internal {
        a.ends = ((time + 60 + term + 3599) / 3600) * 3600;
        _subjects[p].frozenUntil = a.ends;
    }

    function _recovers(uint256 p, Attempt storage a, uint256 document) internal {
        Subject storage s = _subjects[p];
        ++s.accountEpoch;
        ++s.accessEpoch;
        ++s.signatureEpoch;
        (s.frozenUntil, s.nextGuardiansFrom, s.nextDocumentFrom) = (0, 0, 0);
        s.emergency &= 3;
        if (document != 0) (s.document, s.keyVersion) = (document, s.keyVersion + 1);
        _keys[a.account] = Key(p, s.accountEpoch, 0);
        for (uint256 g = FIRST_GUARDIAN; g <= PEOPLE; ++g) _attempts[p][g].stage = Stage.None;
    }

    // Inputs

    /// @dev None, three that differ in everything, and one that no recovery may start with.
    function _set(uint256 set) internal pure returns (Guardians memory g) {
        uint256[3][5] memory members = [
            [uint256(0), 0, 0],
            [uint256(3), 4, 5],
            [uint256(4), 5, 6],
            [uint256(3), 6, 0],
            [uint256(3), 4, 0]
        ];
        uint256 count =
            set == 0
                ? 0
                : set < 3
                    ? 3
                    : 2;
        g.members = new ParticipantId[](count);
        for (uint256 i = 0; i < count; ++i) g.members[i] = _id(members[set][i]);
        g.threshold = set == 1 || set == 4 ? 2 : 1;
        g.delay =
            set == 1
                ? 1 days
                : set == 2
                    ? 2 days
                    : 7 days;
        g.salt = bytes32(set);
    }

    function _digest(uint256 p, uint256 set) internal pure returns (bytes32) {
        return set == 0 ? bytes32(0) : keccak256(abi.encode(p, _set(set)));
    }

    function _document(uint256 document) internal pure returns (bytes32) {
        return document == 0 ? KEY_DOCUMENT : bytes32(document);
    }

    /// @dev Mostly a key that acts for somebody, sometimes any key: one that never did, or no more.
    function _actor(uint256 seed) internal view returns (uint256 key) {
        for (uint256 i = 0; i < POOL; ++i) {
            key = _pool(seed / 8 + i);
            if (seed % 4 == 0 || _actsFor(key) == 1 + ((seed / 4) % SUBJECTS)) return key;
        }
    }

    /// @dev Mostly a guardian who started a recovery that is open, sometimes any.
    function _starter(uint256 p, uint256 seed) internal view returns (uint256 g) {
        uint256 count = PEOPLE - FIRST_GUARDIAN + 1;
        for (uint256 i = 0; i < count; ++i) {
            g = FIRST_GUARDIAN + ((seed / 4 + i) % count);
            if (seed % 4 == 0 || _stage(p, g) > Stage.Collecting) return g;
        }
        for (uint256 i = 0; i < count; ++i) {
            g = FIRST_GUARDIAN + ((seed / 4 + i) % count);
            if (_stage(p, g) != Stage.None) return g;
        }
    }

    /// @dev The two subjects' first keys, and five that belong to nobody yet.
    function _pool(uint256 seed) internal pure returns (uint256) {
        uint256 i = seed % POOL;
        return i < 2 ? i + 1 : i + 9;
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }

    function _id(uint256 number) internal pure returns (ParticipantId) {
        return ParticipantId.wrap(uint40(number));
    }
}
