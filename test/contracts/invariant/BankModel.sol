// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDataBank} from "../../../contracts/modules/data-bank/IDataBank.sol";
import {PROVIDER} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {DepositTree} from "../helpers/DepositTree.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler} from "./Handler.sol";

/// @notice A plain model of the Data Bank: tables of what was confirmed, claimed and struck, and what that comes to.
/// @dev 1 to 4 are patients, 4 without an account; 5 and 6 are stewards. A participant's key is its number.
abstract contract BankModel is Handler {
    struct Row {
        bool inBatch;
        bool stated;
        bool claimed;
        bool struck;
        uint256 streak;
        uint256 interest;
    }

    struct Season {
        uint256 count;
        uint256 claimed;
        bool batch;
        /// @dev Bit n: patient n is in the batch.
        uint256 members;
    }

    struct Purse {
        uint256 available;
        uint256 locked;
        /// @dev In hours.
        uint256 updated;
        uint256 end;
        uint256 credited;
        uint256 taken;
        uint256 clawedBack;
    }

    uint256 internal constant PATIENTS = 4;
    uint256 internal constant SEASON = 30 days;
    uint256 internal constant BOND = 0.0001 ether;
    bytes32 internal constant RECORD = keccak256("a record");

    mapping(uint256 patient => mapping(uint256 steward => mapping(uint256 season => Row))) internal _rows;
    mapping(uint256 steward => mapping(uint256 season => Season)) internal _seasons;
    mapping(uint256 season => uint256 deposits) internal _totals;
    mapping(uint256 season => uint256 credited) internal _credited;
    mapping(uint256 patient => Purse) internal _purses;
    mapping(uint256 steward => uint256) internal _budgets;
    mapping(uint256 steward => uint256) internal _bonds;
    mapping(uint256 steward => uint256) internal _freeAt;
    uint256 internal _supply;
    uint256 internal _ether;

    constructor() {
        vm.deal(address(this), 10_000 ether);
        for (uint256 i = 1; i <= PATIENTS; ++i) person(i);
        for (uint256 i = 5; i <= 6; ++i) {
            institution(i, "a clinic", PROVIDER);
            registrar.license(_id(i), keccak256("a clinic"), PROVIDER, uint40(START + 100 * YEAR));
            // The second is one that may say anything.
            (_budgets[i], _bonds[i]) = i == 5 ? (8, 1 ether) : (1_000_000, 120 ether);
            bank.setBudget(_id(i), uint32(_budgets[i]));
            bank.postBond{value: _bonds[i]}(_id(i));
            _ether += _bonds[i];
        }
        for (uint256 i = 1; i < PATIENTS; ++i) {
            bytes32 commitment = bytes32(i);
            bytes32 hash = RegistrarData.attestation(5, vm.addr(i), commitment, DEADLINE);
            registrar.linkIdentity(vm.addr(i), commitment, signed(5, DEADLINE, hash));
            vm.prank(vm.addr(i));
            bank.openAccount(_id(5), commitment);
        }
    }

    /// @dev Properties 24 and 27, and that a season never owes more than it mints.
    function checkModel() external {
        vm.warp(time);
        uint256 sum = token.balanceOf(address(bank));
        for (uint256 i = 1; i <= PATIENTS; ++i) {
            sum += token.balanceOf(vm.addr(i));
            Purse memory purse = _settled(i);
            IDataBank.Account memory account = bank.accountOf(_id(i));
            equal(account.available, purse.available, "available");
            equal(account.locked, purse.locked, "locked");
            equal(
                purse.credited,
                purse.available + purse.locked + purse.taken + purse.clawedBack,
                "everything credited is somewhere"
            );
        }
        equal(sum, _supply, "the balances make up the supply");
        equal(token.totalSupply(), _supply, "supply");
        check(_supply <= token.MAX_SUPPLY(), "cap");
        for (uint256 season = 0; season <= _season(); ++season) {
            check(_credited[season] <= bank.emissionOf(uint32(season)), "a season owes no more than it mints");
            equal(bank.depositsOf(uint32(season)), _totals[season], "deposits");
        }
        for (uint256 i = 5; i <= 6; ++i) {
            equal(bank.stewardOf(_id(i)).bond, _bonds[i], "bond");
            equal(bank.stewardOf(_id(i)).exposed, _exposed(i), "exposed");
        }
        equal(address(bank).balance, _ether, "ether");
    }

    // The model's arithmetic

    function _interest(uint256 season) internal view returns (uint256) {
        uint256 each = (8_000_000e18 / 2 ** (season / 48)) / _totals[season];
        return each > 100e18 ? 100e18 : each;
    }

    /// @dev A patient's purse as of now: a straight line from the last move to the end.
    function _settled(uint256 p) internal view returns (Purse memory purse) {
        purse = _purses[p];
        uint256 hour = time / 1 hours;
        uint256 vested = purse.locked;
        if (hour < purse.end) vested = (purse.locked * (hour - purse.updated)) / (purse.end - purse.updated);
        purse.locked -= vested;
        purse.available += vested;
        purse.updated = hour;
    }

    /// @dev Of the season before this one, so many: the bond stands for all that can be struck.
    function _allowed(uint256 s) internal view returns (uint256) {
        uint256 counted = _season() == 0 ? 0 : _seasons[s][_season() - 1].count;
        uint256 covered = _freeAt[s] == 0 ? _bonds[s] / BOND : 0;
        uint256 exposed = _exposed(s);
        uint256 most = covered > exposed ? counted + covered - exposed : counted;
        return most < _budgets[s] ? most : _budgets[s];
    }

    function _exposed(uint256 s) internal view returns (uint256 exposed) {
        for (uint256 season = 0; season <= _season(); ++season) {
            if (_season() <= season + 14) exposed += _seasons[s][season].count;
        }
    }

    function _isConfirmed(uint256 p, uint256 s, uint256 season) internal view returns (bool) {
        Row storage row = _rows[p][s][season];
        return row.stated || row.inBatch;
    }

    function _season() internal view returns (uint256) {
        return (time - START) / SEASON;
    }

    // Trees

    /// @dev The batch of the members, in which a stranger fills up to two leaves.
    function _leaves(uint256 s, uint256 season, uint256 members) internal pure returns (bytes32[] memory leaves) {
        uint256 count = 1;
        for (uint256 i = 1; i <= PATIENTS; ++i) count += (members >> i) & 1;
        leaves = new bytes32[](count);
        leaves[0] = _leaf(99, s, season);
        uint256 next = 1;
        for (uint256 i = 1; i <= PATIENTS; ++i) {
            if ((members >> i) & 1 == 1) leaves[next++] = _leaf(i, s, season);
        }
    }

    function _proof(uint256 p, uint256 s, uint256 season) internal view returns (bytes32[] memory) {
        uint256 members = _seasons[s][season].members;
        uint256 place = 1;
        for (uint256 i = 1; i < p; ++i) place += (members >> i) & 1;
        bytes32[] memory leaves = _leaves(s, season, members);
        return place < leaves.length ? DepositTree.proof(leaves, place) : new bytes32[](0);
    }

    function _leaf(uint256 p, uint256 s, uint256 season) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(p, s, season))));
    }

    // Inputs

    function _patient(uint256 seed) internal pure returns (uint256) {
        return 1 + (seed % PATIENTS);
    }

    function _steward(uint256 seed) internal pure returns (uint256) {
        return 5 + (seed % 2);
    }

    /// @dev One that may be claimed, mostly.
    function _past(uint256 seed) internal view returns (uint256) {
        uint256 back = seed % 8 == 0 ? seed % 17 : 3 + (seed % 6);
        return back > _season() ? 0 : _season() - back;
    }

    function _id(uint256 number) internal pure returns (ParticipantId) {
        return ParticipantId.wrap(uint40(number));
    }
}
