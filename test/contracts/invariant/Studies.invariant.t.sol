// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {IStudies} from "../../../contracts/modules/studies/IStudies.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {Purpose} from "../../../contracts/types/Purpose.sol";
import {ModuleData} from "../helpers/ModuleData.sol";
import {vm} from "../helpers/Vm.sol";
import {Targets} from "./Handler.sol";
import {StudiesModel} from "./StudiesModel.sol";

/// @notice Researchers that open and cancel, patients that join, withdraw and dispute, and everybody who pulls money.
contract StudiesHandler is StudiesModel {
    /// @notice A few days at the most.
    function pass(uint32 much) external {
        time += much % 4 days;
        vm.warp(time);
    }

    /// @notice An ordinary study: some join it, the time of enrolment passes, and data of some is delivered.
    function ordinaryStudy(uint256 seed, uint8 joining, uint8 delivering, bool otherSteward) external {
        // Seed 1 is the last study.
        this.open(1, seed);
        for (uint256 k = 1; k <= 3; ++k) {
            if ((joining >> k) & 1 == 1) this.join(k, 1, otherSteward, 1);
        }
        if (_plans.length == 0) return;
        uint256 enrolUntil = _plans[_plans.length - 1].enrolUntil;
        if (time < enrolUntil) time = enrolUntil;
        vm.warp(time);
        for (uint256 k = 1; k <= 3; ++k) {
            if ((delivering >> k) & 1 == 1) this.deliver(k, 1, 2);
        }
    }

    /// @notice The last study ends, or the last one but one, and some pull what is theirs.
    function ordinaryEnd(bool earlier, uint16 pulling) external {
        uint256 seed = earlier ? 9 : 1;
        if (_plans.length < 2) return;
        uint256 over = _plans[_plans.length - (earlier ? 2 : 1)].closesAt + DISPUTE;
        if (time < over) time = over;
        vm.warp(time);
        if (pulling & 1 == 1) this.payout(3, seed);
        this.end(seed, 1);
        for (uint256 k = 1; k <= 3; ++k) {
            if ((pulling >> k) & 1 == 1) this.payout(k, seed);
        }
        for (uint256 k = 4; k <= 5; ++k) {
            if ((pulling >> k) & 1 == 1) this.payoutSteward(k, seed);
        }
        if ((pulling >> 6) & 1 == 1) this.payoutBank(seed, pulling & 1 == 0);
        if ((pulling >> 7) & 1 == 1) this.refund(seed);
    }

    function open(uint256 who, uint256 seed) external atItsTime {
        // One after the other, mostly: else nobody ever joins the same one.
        if (_plans.length > 1 && !_plans[_plans.length - 1].ended && seed % 4 != 0) return;
        uint256 by = who % 8 == 0 ? 5 : 6 + (who % 2);
        IStudies.Offer memory o = _offer(seed);
        bool legal = by != 5 && _isSensible(o) && token.balanceOf(vm.addr(by)) >= uint256(o.price) * o.maximum;
        attempt(by, address(studies), abi.encodeCall(studies.open, (o)), legal, "open");
        if (!legal) return;
        Plan storage plan = _plans.push();
        (plan.researcher, plan.price) = (by, o.price);
        (plan.minimum, plan.maximum) = (o.minimum, o.maximum);
        (plan.enrolUntil, plan.closesAt) = (o.enrolUntil, o.closesAt);
        plan.deposited = uint256(o.price) * o.maximum;
    }

    /// @dev Either the patient has granted it, or joining does.
    function grant(uint256 p, uint256 r, bool otherSteward, uint32 term) external atItsTime {
        _grant(_patient(p), 6 + (r % 2), otherSteward ? 6 : 5, term % 60 days);
    }

    function _grant(uint256 p, uint256 r, uint256 s, uint256 term) private {
        uint40 until = uint40(time + 60 + term);
        IConsents.Grant memory g = IConsents.Grant({
            viewer: _id(r),
            purpose: Purpose.HRESCH,
            steward: _id(s),
            categories: CategoryMask.wrap(3),
            sensitiveFromAnySteward: false,
            until: until
        });
        attempt(p, address(consents), abi.encodeCall(consents.grant, (_id(p), g)), true, "grant");
        _granted[p][r][s] = (until / 60) * 60;
    }

    function revoke(uint256 p, uint256 r) external atItsTime {
        (p, r) = (_patient(p), 6 + (r % 2));
        attempt(p, address(consents), abi.encodeCall(consents.revokeViewer, (_id(p), _id(r))), true, "revoke");
        (_granted[p][r][5], _granted[p][r][6]) = (0, 0);
    }

    function join(uint256 p, uint256 study, bool otherSteward, uint8 granting) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        uint256 s = otherSteward ? 6 : 5;
        if (_exists(i) && granting % 8 != 0) _grant(p, _plans[i].researcher, s, 60 days);
        bool legal = _isOpen(i);
        if (legal) {
            Plan storage plan = _plans[i];
            legal =
                p < PATIENTS &&
                time < plan.enrolUntil &&
                plan.joined < plan.maximum &&
                _entries[i][p].part == Part.None &&
                _granted[p][plan.researcher][s] >= plan.closesAt;
        }
        Authorization memory none;
        attempt(p, address(studies), abi.encodeCall(studies.join, (number, _id(s), 0, none)), legal, "join");
        if (!legal) return;
        (_entries[i][p].part, _entries[i][p].steward) = (Part.In, s);
        ++_plans[i].joined;
    }

    function withdraw(uint256 p, uint256 study) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        bool legal = _isOpen(i) && (entry.part == Part.In || entry.part == Part.Due);
        attempt(p, address(studies), abi.encodeCall(studies.withdraw, (number)), legal, "withdraw");
        if (!legal) return;
        entry.part = entry.part == Part.In ? Part.Out : Part.DueAndOut;
        --_plans[i].joined;
    }

    /// @dev Property 28: never after a withdrawal or a revocation.
    function deliver(uint256 p, uint256 study, uint8 fault) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        // The other steward's receipt, sometimes.
        uint256 s = fault % 8 == 1 || entry.steward == 0 ? 5 : entry.steward;
        bool legal = s == entry.steward && _isDeliverable(i, p, s);
        bytes memory data = abi.encodeCall(studies.deliver, (number, _id(p), DATA, _receipt(number, p, s)));
        attemptAs(address(this), address(studies), data, legal, "deliver");
        if (!legal) return;
        (entry.part, entry.deliveredAt) = (Part.Due, time);
        ++_plans[i].due;
        ++_dueTo[i][s];
    }

    function _isDeliverable(uint256 i, uint256 p, uint256 s) private view returns (bool) {
        if (!_isOpen(i) || _entries[i][p].part != Part.In) return false;
        Plan storage plan = _plans[i];
        return time < plan.closesAt && _cohortStands(plan) && time < _granted[p][plan.researcher][s];
    }

    function _receipt(uint64 number, uint256 p, uint256 s) private view returns (Authorization memory) {
        bytes32 hash = ModuleData.receipt(uint40(s), number, uint40(p), DATA, DEADLINE);
        return sign(s, DEADLINE, address(studies), hash);
    }

    function dispute(uint256 p, uint256 study) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        bool legal = _isOpen(i) && entry.part == Part.Due && time < entry.deliveredAt + DISPUTE;
        attempt(p, address(studies), abi.encodeCall(studies.dispute, (number)), legal, "dispute");
        if (!legal) return;
        entry.part = Part.Disputed;
        --_plans[i].joined;
        --_plans[i].due;
        --_dueTo[i][entry.steward];
    }

    function end(uint256 study, uint8 way) external atItsTime {
        (uint256 i, uint64 number) = _study(study);
        bool legal = _isOpen(i);
        bytes memory data = abi.encodeCall(studies.settle, (number));
        uint256 by = 1;
        if (way % 8 == 0) {
            by = 6 + ((way / 8) % 2);
            data = abi.encodeCall(studies.cancel, (number));
            if (legal) legal = by == _plans[i].researcher && _plans[i].due == 0 && !_cohortStands(_plans[i]);
        } else if (legal) {
            legal = time >= _plans[i].closesAt + DISPUTE;
        }
        attempt(by, address(studies), data, legal, "end");
        if (legal) _plans[i].ended = true;
    }

    /// @dev Property 27: once.
    function payout(uint256 p, uint256 study) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        bool due = entry.part == Part.Due || entry.part == Part.DueAndOut;
        bool legal = due && time >= entry.deliveredAt + DISPUTE;
        attempt(p, address(studies), abi.encodeCall(studies.payout, (number, vm.addr(p))), legal, "payout");
        if (!legal) return;
        entry.part = Part.Paid;
        ++entry.payments;
        (uint256 share, , ) = _shares(_plans[i].price);
        _plans[i].paidToPatients += share;
    }

    function payoutSteward(uint256 s, uint256 study) external atItsTime {
        s = 5 + (s % 2);
        (uint256 i, uint64 number) = _study(study);
        bool legal = _exists(i) && _plans[i].ended && _dueTo[i][s] != 0 && !_stewardPaid[i][s];
        attempt(s, address(studies), abi.encodeCall(studies.payoutSteward, (number, vm.addr(s))), legal, "steward");
        if (!legal) return;
        _stewardPaid[i][s] = true;
        (, uint256 share, ) = _shares(_plans[i].price);
        _plans[i].paidToStewards += _dueTo[i][s] * share;
    }

    function payoutBank(uint256 study, bool thenBurn) external atItsTime {
        (uint256 i, uint64 number) = _study(study);
        bool legal = _exists(i) && _plans[i].ended && _plans[i].due != 0 && !_plans[i].bankPaid;
        attempt(1, address(studies), abi.encodeCall(studies.payoutBank, (number)), legal, "bank");
        if (legal) {
            Plan storage plan = _plans[i];
            plan.bankPaid = true;
            (, , uint256 share) = _shares(plan.price);
            plan.paidToBank += plan.due * share;
        }
        if (!thenBurn) return;
        _burnt += token.balanceOf(address(bank));
        bank.burnFees();
    }

    function refund(uint256 study) external atItsTime {
        (uint256 i, uint64 number) = _study(study);
        bool legal = _exists(i) && _plans[i].ended && _plans[i].due < _plans[i].maximum && !_plans[i].refundDone;
        attempt(1, address(studies), abi.encodeCall(studies.refund, (number)), legal, "refund");
        if (!legal) return;
        Plan storage plan = _plans[i];
        plan.refundDone = true;
        plan.refunded = plan.price * (plan.maximum - plan.due);
    }

    /// @notice Property 31: whoever pulls everything leaves nothing behind.
    function checkThatItCanAllBePaid() external {
        vm.warp(time + 60 days);
        for (uint64 number = 1; number <= _plans.length; ++number) {
            _try(abi.encodeCall(studies.settle, (number)));
            _try(abi.encodeCall(studies.refund, (number)));
            _try(abi.encodeCall(studies.payoutBank, (number)));
            for (uint256 k = 1; k <= 6; ++k) {
                vm.prank(vm.addr(k));
                (bool done, ) = address(studies).call(
                    k < 5
                        ? abi.encodeCall(studies.payout, (number, vm.addr(k)))
                        : abi.encodeCall(studies.payoutSteward, (number, vm.addr(k)))
                );
                done;
            }
        }
        equal(token.balanceOf(address(studies)), 0, "closed studies owe nothing");
    }

    function _try(bytes memory data) private {
        (bool done, ) = address(studies).call(data);
        done;
    }
}

contract StudiesInvariant is Targets {
    StudiesHandler private handler;

    function setUp() public {
        handler = new StudiesHandler();
    }

    /// @notice Properties 24 to 28.
    function invariant_studiesAreTheirModel() public {
        handler.checkModel();
    }

    /// @notice Property 31.
    function invariant_closedStudiesOweNothing() public {
        handler.checkThatItCanAllBePaid();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](15);
        selectors[0] = StudiesHandler.pass.selector;
        selectors[1] = StudiesHandler.open.selector;
        selectors[2] = StudiesHandler.grant.selector;
        selectors[3] = StudiesHandler.revoke.selector;
        selectors[4] = StudiesHandler.join.selector;
        selectors[5] = StudiesHandler.withdraw.selector;
        selectors[6] = StudiesHandler.deliver.selector;
        selectors[7] = StudiesHandler.dispute.selector;
        selectors[8] = StudiesHandler.end.selector;
        selectors[9] = StudiesHandler.payout.selector;
        selectors[10] = StudiesHandler.payoutSteward.selector;
        selectors[11] = StudiesHandler.payoutBank.selector;
        selectors[12] = StudiesHandler.refund.selector;
        selectors[13] = StudiesHandler.ordinaryStudy.selector;
        selectors[14] = StudiesHandler.ordinaryEnd.selector;
    }
}
