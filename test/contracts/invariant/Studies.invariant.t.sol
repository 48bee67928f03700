// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {IStudies} from "../../../contracts/modules/studies/IStudies.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
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
        this.release(1, 14, false);
        for (uint256 k = 1; k <= 3; ++k) {
            if ((delivering >> k) & 1 == 1) this.deliver(k, 1, 2);
        }
    }

    /// @notice A dispute of the last study, or of the last one but one, from its beginning to its end.
    function ordinaryDispute(uint256 p, bool earlier, uint8 how) external {
        uint256 seed = earlier ? 9 : 1;
        this.dispute(p, seed);
        if (how & 1 == 1) this.answer(p, seed, how & 32 == 32);
        if (how & 16 == 16) this.acknowledge(p, seed, how >> 5);
        if (how & 2 == 2) this.decide(p, seed, how & 4 == 4);
        time += how & 8 == 8 ? 31 days : 15 days;
        vm.warp(time);
        this.close(p, seed);
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

    /// @dev Each counts once: one that is named twice is refused, unless the others are enough. Never taken back.
    function release(uint256 study, uint8 who, bool twice) external atItsTime {
        (uint256 i, uint64 number) = _study(study);
        ParticipantId[] memory list = _listOf(who, twice);
        bool legal = _isOpen(i) && !_plans[i].released && time >= _plans[i].enrolUntil && time < _plans[i].closesAt;
        (uint256 counted, uint256 last, uint256 until) = (0, 0, 0);
        if (legal) (counted, last, until, legal) = _countPage(i, list);
        bytes memory data = abi.encodeCall(studies.release, (number, list));
        attemptAs(address(this), address(studies), data, legal, "release");
        if (!legal) return;
        Plan storage plan = _plans[i];
        if (counted >= plan.minimum) plan.released = true;
        else (plan.counted, plan.last, plan.countedUntil) = (counted, last, until);
    }

    /// @dev The bits say who, 1 to 4; the first one again at the end.
    function _listOf(uint8 who, bool twice) private pure returns (ParticipantId[] memory list) {
        uint256 count = 0;
        for (uint256 p = 1; p <= PATIENTS; ++p) count += (who >> p) & 1;
        twice = twice && count != 0;
        list = new ParticipantId[](twice ? count + 1 : count);
        uint256 next = 0;
        for (uint256 p = 1; p <= PATIENTS; ++p) if ((who >> p) & 1 == 1) list[next++] = _id(p);
        if (twice) list[next] = list[0];
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
        return time < plan.closesAt && plan.released && time < _granted[p][plan.researcher][s];
    }

    function _receipt(uint64 number, uint256 p, uint256 s) private view returns (Authorization memory) {
        bytes32 hash = ModuleData.receipt(uint40(s), number, uint40(p), DATA, DEADLINE);
        return sign(s, DEADLINE, address(studies), hash);
    }

    function dispute(uint256 p, uint256 study) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        bool out = entry.part == Part.DueAndOut && entry.deadline == 0;
        bool legal = _isOpen(i) && (entry.part == Part.Due || out) && time < entry.deliveredAt + DISPUTE;
        attempt(p, address(studies), abi.encodeCall(studies.dispute, (number)), legal, "dispute");
        if (!legal) return;
        (entry.part, entry.deadline) = (Part.Disputed, time + 14 days);
        if (!out) --_plans[i].joined;
        --_plans[i].due;
        ++_plans[i].disputed;
        --_dueTo[i][entry.steward];
    }

    function answer(uint256 p, uint256 study, bool otherSteward) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        uint256 s = entry.steward == 0 || otherSteward ? 5 : entry.steward;
        bool legal = entry.part == Part.Disputed && s == entry.steward && time < entry.deadline;
        attempt(s, address(studies), abi.encodeCall(studies.answerDispute, (number, _id(p))), legal, "answer");
        if (legal) (entry.part, entry.deadline) = (Part.Answered, time + 30 days);
    }

    /// @dev By the patient, the researcher or, sometimes, a clinic.
    function acknowledge(uint256 p, uint256 study, uint8 whose) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        uint256 by =
            whose % 8 == 0
                ? 5
                : whose % 2 == 0 && _exists(i)
                    ? _plans[i].researcher
                    : p;
        bool legal = (entry.part == Part.Disputed || entry.part == Part.Answered) && time < entry.deadline;
        legal = legal && (by == p || by == _plans[i].researcher);
        bytes memory data = abi.encodeCall(
            studies.acknowledge,
            (number, _id(p), DATA, _acknowledgement(number, p, by))
        );
        attemptAs(address(this), address(studies), data, legal, "acknowledge");
        if (legal) (entry.part, entry.deadline) = (Part.Acknowledged, time + 30 days);
    }

    function _acknowledgement(uint64 number, uint256 p, uint256 by) private view returns (Authorization memory) {
        bytes32 hash = ModuleData.acknowledgement(uint40(by), number, uint40(p), DATA, DEADLINE);
        return sign(by, DEADLINE, address(studies), hash);
    }

    function decide(uint256 p, uint256 study, bool delivered) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        bool answered = entry.part == Part.Answered || entry.part == Part.Acknowledged;
        bool legal = answered && time < entry.deadline;
        bytes memory data = abi.encodeCall(studies.decideDispute, (number, _id(p), delivered));
        attemptAs(address(this), address(studies), data, legal, "decide");
        if (legal) _decided(i, entry, delivered);
    }

    function close(uint256 p, uint256 study) external atItsTime {
        p = _patient(p);
        (uint256 i, uint64 number) = _study(study);
        Entry storage entry = _entries[i][p];
        bool answered = entry.part == Part.Answered || entry.part == Part.Acknowledged;
        bool legal = (answered || entry.part == Part.Disputed) && time >= entry.deadline;
        bytes memory data = abi.encodeCall(studies.closeDispute, (number, _id(p)));
        attemptAs(address(this), address(studies), data, legal, "close");
        if (legal) _decided(i, entry, entry.part == Part.Acknowledged);
    }

    function _decided(uint256 i, Entry storage entry, bool delivered) private {
        entry.part = delivered ? Part.DueAndOut : Part.Lost;
        --_plans[i].disputed;
        if (!delivered) return;
        ++_plans[i].due;
        ++_dueTo[i][entry.steward];
    }

    function end(uint256 study, uint8 way) external atItsTime {
        (uint256 i, uint64 number) = _study(study);
        bool legal = _isOpen(i);
        bytes memory data = abi.encodeCall(studies.settle, (number));
        uint256 by = 1;
        if (way % 8 == 0) {
            by = 6 + ((way / 8) % 2);
            data = abi.encodeCall(studies.cancel, (number));
            if (legal) legal = by == _plans[i].researcher && !_plans[i].released;
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
        bool legal = due && entry.payments == 0 && time >= entry.deliveredAt + DISPUTE;
        attempt(p, address(studies), abi.encodeCall(studies.payout, (number, vm.addr(p))), legal, "payout");
        if (!legal) return;
        ++entry.payments;
        (uint256 share, , ) = _shares(_plans[i].price);
        _plans[i].paidToPatients += share;
    }

    function payoutSteward(uint256 s, uint256 study) external atItsTime {
        s = 5 + (s % 2);
        (uint256 i, uint64 number) = _study(study);
        uint256 count = _dueTo[i][s] - _stewardPaid[i][s];
        bool legal = _exists(i) && _plans[i].ended && count != 0;
        attempt(s, address(studies), abi.encodeCall(studies.payoutSteward, (number, vm.addr(s))), legal, "steward");
        if (!legal) return;
        _stewardPaid[i][s] += count;
        (, uint256 share, ) = _shares(_plans[i].price);
        _plans[i].paidToStewards += count * share;
    }

    function payoutBank(uint256 study, bool thenBurn) external atItsTime {
        (uint256 i, uint64 number) = _study(study);
        bool legal = _exists(i) && _plans[i].ended && _plans[i].due != _plans[i].bankPaid;
        attempt(1, address(studies), abi.encodeCall(studies.payoutBank, (number)), legal, "bank");
        if (legal) {
            Plan storage plan = _plans[i];
            (, , uint256 share) = _shares(plan.price);
            plan.paidToBank += (plan.due - plan.bankPaid) * share;
            plan.bankPaid = plan.due;
        }
        if (!thenBurn) return;
        _burnt += token.balanceOf(address(bank));
        bank.burnFees();
    }

    function refund(uint256 study) external atItsTime {
        (uint256 i, uint64 number) = _study(study);
        uint256 count = 0;
        if (_exists(i)) {
            Plan storage p = _plans[i];
            count = p.maximum - p.due - p.disputed - p.givenBack;
        }
        bool legal = _exists(i) && _plans[i].ended && count != 0;
        attempt(1, address(studies), abi.encodeCall(studies.refund, (number)), legal, "refund");
        if (!legal) return;
        Plan storage plan = _plans[i];
        plan.givenBack += count;
        plan.refunded += plan.price * count;
    }

    /// @notice Property 31: whoever pulls everything leaves nothing behind.
    function checkThatItCanAllBePaid() external {
        vm.warp(time + 60 days);
        for (uint64 number = 1; number <= _plans.length; ++number) {
            for (uint256 p = 1; p <= PATIENTS; ++p) _try(abi.encodeCall(studies.closeDispute, (number, _id(p))));
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
        selectors = new bytes4[](21);
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
        selectors[15] = StudiesHandler.release.selector;
        selectors[16] = StudiesHandler.answer.selector;
        selectors[20] = StudiesHandler.acknowledge.selector;
        selectors[17] = StudiesHandler.decide.selector;
        selectors[18] = StudiesHandler.close.selector;
        selectors[19] = StudiesHandler.ordinaryDispute.selector;
    }
}
