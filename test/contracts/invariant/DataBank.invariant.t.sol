// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../../contracts/types/Authorization.sol";
import {DepositTree} from "../helpers/DepositTree.sol";
import {ModuleData} from "../helpers/ModuleData.sol";
import {vm} from "../helpers/Vm.sol";
import {BankModel} from "./BankModel.sol";
import {Targets} from "./Handler.sol";

/// @notice Stewards that say too much, too little or nothing, patients that claim in any order, and an authority that
/// strikes whatever it can.
contract DataBankHandler is BankModel {
    /// @notice Mostly to another day, sometimes beyond everything that is under way.
    function pass(uint32 much) external {
        time += much % 16 == 1 ? 15 * SEASON : much % 20 days;
        vm.warp(time);
    }

    /// @notice An ordinary season: batches are confirmed, and one patient claims all that there is from one steward.
    function ordinarySeason(uint256 p, uint256 s, uint256 members, uint32 count) external {
        time += SEASON;
        this.confirmSeason(0, members, count, members % 8 != 0);
        this.confirmSeason(1, members >> 8, count / 8, (members >> 8) % 2 == 0);
        uint256 current = _season();
        for (uint256 back = 8; back >= 3; --back) {
            if (current >= back) _claim(_patient(p), _steward(s), current - back);
        }
    }

    function setBudget(uint256 s, uint32 budget, bool lavish) external atItsTime {
        s = _steward(s);
        budget = lavish ? budget % 1_200_000 : budget % 8;
        bool legal = budget <= 1_000_000;
        attemptAs(address(this), address(bank), abi.encodeCall(bank.setBudget, (_id(s), budget)), legal, "budget");
        if (legal) _budgets[s] = budget;
    }

    function postBond(uint256 s, uint256 amount) external atItsTime {
        s = _steward(s);
        amount = amount % (amount % 4 == 0 ? 50 ether : 8 * BOND);
        bank.postBond{value: amount}(_id(s));
        _bonds[s] += amount;
        _ether += amount;
    }

    function moveBond(uint256 s, uint8 way) external atItsTime {
        s = _steward(s);
        uint256 bond = _bonds[s];
        if (way % 8 < 2) {
            attempt(s, address(bank), abi.encodeCall(bank.releaseBond, ()), true, "release");
            _freeAt[s] = time + 420 days;
        } else if (way % 8 < 6) {
            bool free = _freeAt[s] != 0 && time >= _freeAt[s];
            bytes memory data = abi.encodeCall(bank.withdrawBond, (payable(address(0xdead))));
            attempt(s, address(bank), data, free, "withdraw the bond");
            if (!free) return;
            (_bonds[s], _freeAt[s]) = (0, 0);
            _ether -= bond;
        } else {
            bool legal = _freeAt[s] != 0;
            attempt(s, address(bank), abi.encodeCall(bank.keepBond, ()), legal, "keep");
            _freeAt[s] = 0;
        }
    }

    function confirmSeason(uint256 s, uint256 members, uint32 count, bool honest) external atItsTime {
        s = _steward(s);
        members = members % 32;
        uint256 season = _season() == 0 ? 0 : _season() - 1;
        bytes32[] memory leaves = _leaves(s, season, members);
        bool late = count % 16 == 7;
        count = honest ? uint32(leaves.length) : count % (count % 4 == 0 ? 1_000_000 : 8);
        Season storage entry = _seasons[s][season];
        bool legal = _season() != 0 && !late && count != 0 && !entry.batch && entry.count + count <= _allowed(s);
        bytes memory data = abi.encodeCall(
            bank.confirmSeason,
            (uint32(late ? season + 1 : season), DepositTree.root(leaves), count)
        );
        attempt(s, address(bank), data, legal, "batch");
        if (!legal) return;
        (entry.batch, entry.members) = (true, members);
        entry.count += count;
        _totals[season] += count;
        for (uint256 p = 1; p <= PATIENTS; ++p) _rows[p][s][season].inBatch = (members >> p) & 1 == 1;
    }

    function confirmDeposit(uint256 p, uint256 s, uint8 fault) external atItsTime {
        (p, s) = (_patient(p), _steward(s));
        uint256 season = _season() == 0 ? 0 : _season() - 1;
        Row storage row = _rows[p][s][season];
        Season storage entry = _seasons[s][season];
        bool intact = fault % 8 == 0 || fault % 8 > 2;
        bool legal = _season() != 0 && p < PATIENTS && !row.stated && !row.struck && entry.count < _allowed(s);
        bytes memory data = abi.encodeCall(bank.confirmDeposit, (_id(p), RECORD, _statement(p, s, season, fault)));
        attemptAs(address(this), address(bank), data, legal && intact, "statement");
        if (!legal || !intact) return;
        row.stated = true;
        ++entry.count;
        ++_totals[season];
    }

    /// @dev Fault 1 is another season, 2 another signer.
    function _statement(
        uint256 p,
        uint256 s,
        uint256 season,
        uint8 fault
    ) private view returns (Authorization memory a) {
        uint32 said = uint32(fault % 8 == 1 ? season + 1 : season);
        bytes32 hash = ModuleData.statement(uint40(s), uint40(p), said, RECORD, DEADLINE);
        a = sign(fault % 8 == 2 ? p : s, DEADLINE, address(bank), hash);
        a.account = vm.addr(s);
    }

    function claim(uint256 p, uint256 s, uint256 of_) external atItsTime {
        _claim(_patient(p), _steward(s), _past(of_));
    }

    /// @dev Property 27: one deposit per patient, steward and season, whatever confirms it.
    function _claim(uint256 p, uint256 s, uint256 season) private {
        Row storage row = _rows[p][s][season];
        Season storage entry = _seasons[s][season];
        bool legal =
            p < PATIENTS &&
                _season() >= season + 3 &&
                _season() <= season + 8 &&
                _isConfirmed(p, s, season) &&
                !row.claimed &&
                !row.struck &&
                entry.claimed < entry.count;
        bytes memory data = abi.encodeCall(bank.claim, (_id(s), uint32(season), _proof(p, s, season)));
        attempt(p, address(bank), data, legal, "claim");
        if (!legal) return;

        Row memory before;
        if (season > 0) before = _rows[p][s][season - 1];
        if (before.claimed && !before.struck) row.streak = before.streak == 5 ? 5 : before.streak + 1;
        row.claimed = true;
        uint256 base = _interest(season);
        row.interest = base + (base * row.streak) / 20;
        ++entry.claimed;
        _credited[season] += row.interest;
        Purse memory purse = _settled(p);
        purse.locked += row.interest;
        purse.credited += row.interest;
        purse.end = (time + 180 days) / 1 hours;
        _purses[p] = purse;
    }

    function strike(uint256 p, uint256 s, uint256 of_) external atItsTime {
        uint256 season;
        (p, s, season) = (_patient(p), _steward(s), _past(of_));
        Row storage row = _rows[p][s][season];
        bool legal = _season() <= season + 14 && _isConfirmed(p, s, season) && !row.struck;
        attemptAs(
            address(this),
            address(bank),
            abi.encodeCall(bank.strike, (_id(p), _id(s), uint32(season), _proof(p, s, season))),
            legal,
            "strike"
        );
        if (!legal) return;
        row.struck = true;
        uint256 slashed = _bonds[s] < 0.01 ether ? _bonds[s] : 0.01 ether;
        _bonds[s] -= slashed;
        if (!row.claimed) return;
        Purse memory purse = _settled(p);
        uint256 lost = purse.locked < row.interest ? purse.locked : row.interest;
        purse.locked -= lost;
        purse.clawedBack += lost;
        _purses[p] = purse;
    }

    function withdraw(uint256 p, uint256 amount, uint256 to) external atItsTime {
        p = _patient(p);
        Purse memory purse = _settled(p);
        amount = amount % 4 == 0 ? purse.available : amount % (purse.available + 1e18);
        bool legal = p < PATIENTS && amount <= purse.available;
        address holder = vm.addr(_patient(to));
        attempt(p, address(bank), abi.encodeCall(bank.withdraw, (holder, amount)), legal, "withdraw");
        if (!legal) return;
        purse.available -= amount;
        purse.taken += amount;
        _purses[p] = purse;
        _supply += amount;
    }

    function burn(uint256 p, uint256 amount) external atItsTime {
        address holder = vm.addr(_patient(p));
        amount = amount % (token.balanceOf(holder) + 1);
        attemptAs(holder, address(token), abi.encodeCall(token.transfer, (address(bank), amount)), true, "pay");
        bank.burnFees();
        _supply -= amount;
    }
}

contract DataBankInvariant is Targets {
    DataBankHandler private handler;

    function setUp() public {
        handler = new DataBankHandler();
    }

    /// @notice Properties 24 and 27, and the bank's part of 29: nothing comes out that wasn't credited.
    function invariant_theBankIsItsModel() public {
        handler.checkModel();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](11);
        selectors[0] = DataBankHandler.pass.selector;
        selectors[1] = DataBankHandler.setBudget.selector;
        selectors[2] = DataBankHandler.postBond.selector;
        selectors[3] = DataBankHandler.moveBond.selector;
        selectors[4] = DataBankHandler.confirmSeason.selector;
        selectors[5] = DataBankHandler.confirmDeposit.selector;
        selectors[6] = DataBankHandler.claim.selector;
        selectors[7] = DataBankHandler.strike.selector;
        selectors[8] = DataBankHandler.withdraw.selector;
        selectors[9] = DataBankHandler.burn.selector;
        selectors[10] = DataBankHandler.ordinarySeason.selector;
    }
}
