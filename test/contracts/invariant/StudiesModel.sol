// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStudies} from "../../../contracts/modules/studies/IStudies.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {PROVIDER, RESEARCHER, Roles} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {vm} from "../helpers/Vm.sol";
import {Handler} from "./Handler.sol";

/// @notice A plain model of studies: who takes part, what was delivered, and who has been paid what.
/// @dev 1 to 4 are patients, 4 without an account; 5 is a steward, 6 and 7 are researchers, and 6 is a steward, too. A
/// participant's key is its number.
abstract contract StudiesModel is Handler {
    enum Part {
        None,
        In,
        Out,
        Due,
        DueAndOut,
        Disputed,
        Answered,
        Acknowledged,
        Lost
    }

    struct Plan {
        uint256 researcher;
        uint256 price;
        uint256 minimum;
        uint256 maximum;
        uint256 enrolUntil;
        uint256 closesAt;
        bool ended;
        bool released;
        uint256 joined;
        uint256 due;
        uint256 disputed;
        // The pages of a count.
        uint256 counted;
        uint256 last;
        uint256 countedUntil;
        // Money
        uint256 deposited;
        uint256 paidToPatients;
        uint256 paidToStewards;
        uint256 paidToBank;
        uint256 refunded;
        // For how many.
        uint256 bankPaid;
        uint256 givenBack;
    }

    struct Entry {
        Part part;
        uint256 steward;
        uint256 deliveredAt;
        uint256 deadline;
        uint256 payments;
    }

    uint256 internal constant PATIENTS = 4;
    uint256 internal constant DISPUTE = 7 days;
    uint256 internal constant RICHES = 1_000_000_000;
    Roles internal constant PROVIDER_AND_RESEARCHER = Roles.wrap(5);
    bytes32 internal constant DATA = keccak256("salted data");

    Plan[] internal _plans;
    mapping(uint256 study => mapping(uint256 patient => Entry)) internal _entries;
    mapping(uint256 study => mapping(uint256 steward => uint256 count)) internal _dueTo;
    mapping(uint256 study => mapping(uint256 steward => uint256 count)) internal _stewardPaid;
    /// @dev Until when a patient's grant for research lasts.
    mapping(uint256 patient => mapping(uint256 researcher => mapping(uint256 steward => uint256 until)))
        internal _granted;
    uint256 internal _burnt;

    constructor() {
        for (uint256 i = 1; i <= PATIENTS; ++i) person(i);
        _institution(5, "a clinic", PROVIDER);
        _institution(6, "a university", RESEARCHER);
        _institution(7, "an institute", RESEARCHER);
        for (uint256 i = 1; i < PATIENTS; ++i) {
            bytes32 commitment = bytes32(i);
            bytes32 hash = RegistrarData.attestation(5, vm.addr(i), commitment, DEADLINE);
            registrar.linkIdentity(vm.addr(i), commitment, signed(5, DEADLINE, hash));
            vm.prank(vm.addr(i));
            bank.openAccount(_id(5), commitment);
        }
        registrar.license(_id(6), keccak256("a university"), PROVIDER_AND_RESEARCHER, uint40(START + 100 * YEAR));
        for (uint256 i = 6; i <= 7; ++i) {
            vm.prank(address(bank));
            token.mint(vm.addr(i), RICHES);
            vm.prank(vm.addr(i));
            token.approve(address(studies), type(uint256).max);
        }
    }

    /// @dev Properties 24 to 29 and 31.
    function checkModel() external {
        vm.warp(time);
        uint256 owed = 0;
        for (uint256 i = 0; i < _plans.length; ++i) owed += _checkStudy(i);
        equal(token.balanceOf(address(studies)), owed, "the escrow is what is owed");

        uint256 others = token.balanceOf(address(bank));
        for (uint256 i = 1; i <= 7; ++i) others += token.balanceOf(vm.addr(i));
        equal(others + owed, token.totalSupply(), "the balances make up the supply");
        equal(token.totalSupply() + _burnt, 2 * RICHES, "nobody made any");
    }

    function _checkStudy(uint256 i) private view returns (uint256 remaining) {
        Plan storage plan = _plans[i];
        uint256 paid = plan.paidToPatients + plan.paidToStewards + plan.paidToBank;
        remaining = plan.deposited - paid - plan.refunded;
        (uint256 toPatient, uint256 toSteward, uint256 toBank) = _shares(plan.price);
        // What isn't owed or in dispute, and didn't go back yet.
        uint256 open = plan.price * (plan.maximum - plan.due - plan.disputed - plan.givenBack);
        open += plan.price * plan.disputed;
        open += (plan.due - plan.bankPaid) * toBank;
        for (uint256 s = 5; s <= 6; ++s) open += (_dueTo[i][s] - _stewardPaid[i][s]) * toSteward;
        for (uint256 p = 1; p <= PATIENTS; ++p) {
            Entry storage entry = _entries[i][p];
            bool due = entry.part == Part.Due || entry.part == Part.DueAndOut;
            check(entry.payments <= 1, "one payment for each");
            if (due && entry.payments == 0) open += toPatient;
            check(entry.payments == 0 || due, "nobody is paid who withdrew before, or whose dispute isn't decided");
        }
        equal(remaining, open, "paid and refundable and remaining are what was deposited");

        IStudies.Study memory study = studies.studyOf(uint64(i + 1));
        equal(study.joined, plan.joined, "joined");
        equal(study.delivered, plan.due, "delivered");
        equal(study.status != IStudies.StudyStatus.Open, plan.ended, "ended");
        equal(study.disputed, plan.disputed, "disputed");
        equal(study.released, plan.released, "released, for good");
        equal(studies.isReleased(uint64(i + 1)), !plan.ended && time < plan.closesAt && plan.released, "releasing");
    }

    // The model's arithmetic

    function _shares(uint256 price) internal pure returns (uint256 patient, uint256 steward, uint256 bank_) {
        patient = (price * 4) / 5;
        steward = (price * 3) / 20;
        bank_ = price - patient - steward;
    }

    /// @dev Whether a patient counts towards the minimum now.
    function _counts(uint256 i, uint256 p) internal view returns (bool) {
        Entry storage entry = _entries[i][p];
        return entry.part == Part.In && time < _granted[p][_plans[i].researcher][entry.steward];
    }

    /// @dev A page of {Studies-release}: what it comes to, and whether it is in order as far as it is read.
    function _countPage(
        uint256 i,
        ParticipantId[] memory list
    ) internal view returns (uint256 counted, uint256 last, uint256 until, bool ordered) {
        Plan storage plan = _plans[i];
        bool goesOn = time < plan.countedUntil && list.length != 0 && raw(list[0]) > plan.last;
        if (goesOn) (counted, last, until) = (plan.counted, plan.last, plan.countedUntil);
        else until = time + 1 hours;
        ordered = true;
        for (uint256 k = 0; k < list.length && counted < plan.minimum; ++k) {
            uint256 p = raw(list[k]);
            if (p <= last) return (counted, last, until, false);
            last = p;
            if (_counts(i, p)) ++counted;
        }
    }

    // Inputs

    function _offer(uint256 seed) internal view returns (IStudies.Offer memory o) {
        o.termsDigest = keccak256(abi.encode(seed));
        o.categories = CategoryMask.wrap(1);
        o.price = uint96((seed >> 8) % 4 == 0 ? (seed >> 16) % 60 : (seed >> 16) % 10_000_000);
        o.minimum = uint24((seed >> 48) % 8 == 0 ? 0 : 1 + ((seed >> 52) % 2));
        o.maximum = uint24((seed >> 64) % 8 == 0 ? (seed >> 72) % 3 : 2 + ((seed >> 72) % 3));
        o.enrolUntil = uint40(time + ((seed >> 80) % 3 days));
        o.closesAt = uint40(o.enrolUntil + ((seed >> 112) % 9 days));
    }

    function _isSensible(IStudies.Offer memory o) internal view returns (bool) {
        bool cohort = o.minimum != 0 && o.minimum <= o.maximum;
        return o.price != 0 && cohort && o.enrolUntil > time && o.closesAt > o.enrolUntil;
    }

    /// @dev One of the last two, mostly.
    function _study(uint256 seed) internal view returns (uint256 i, uint64 number) {
        uint256 count = _plans.length;
        i =
            seed % 8 == 0
                ? (seed / 8) % (count + 1)
                : count == 0
                    ? 0
                    : count - 1 - ((seed / 8) % (count < 2 ? 1 : 2));
        number = uint64(i + 1);
    }

    function _exists(uint256 i) internal view returns (bool) {
        return i < _plans.length;
    }

    function _isOpen(uint256 i) internal view returns (bool) {
        return _exists(i) && !_plans[i].ended;
    }

    function _patient(uint256 seed) internal pure returns (uint256) {
        // The one without an account less often.
        return seed % 16 == 0 ? PATIENTS : 1 + (seed % (PATIENTS - 1));
    }

    function _id(uint256 number) internal pure returns (ParticipantId) {
        return ParticipantId.wrap(uint40(number));
    }

    function _institution(uint256 key, string memory name, Roles roles) private {
        ParticipantId id = institution(key, name, roles);
        registrar.license(id, keccak256(bytes(name)), roles, uint40(START + 100 * YEAR));
    }
}
