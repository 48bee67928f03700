// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {IStudies} from "../../../contracts/modules/studies/IStudies.sol";
import {Category, CategoryMask} from "../../../contracts/types/Category.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../../contracts/types/Purpose.sol";
import {ModuleData} from "../helpers/ModuleData.sol";
import {StudyTest} from "../helpers/StudyTest.sol";
import {vm} from "../helpers/Vm.sol";

contract StudiesTest is StudyTest {
    uint256 private constant PATIENTS = 4;

    ParticipantId[] private patients;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < PATIENTS; ++i) patients.push(depositor(_key(i)));
    }

    // Money

    /// @dev Properties 26 and 31: every unit of the escrow goes somewhere, and none is left.
    function testFuzz_everyUnitGoesSomewhere(uint96 price, uint24 spare, uint8 delivered, uint8 disputed) public {
        price = uint96(bound(price, 1, 1e30));
        uint24 maximum = uint24(bound(spare, PATIENTS, type(uint24).max));
        endow(vm.addr(UNIVERSITY), 0);
        uint256 deposited = uint256(price) * maximum;
        if (deposited > 1_000_000e18) (price, maximum, deposited) = ((price % 1e18) + 1, 4, ((price % 1e18) + 1) * 4);
        uint64 study = openStudy(price, 1, maximum);
        uint256 count = _run(study, delivered, disputed);

        uint256 before = token.balanceOf(vm.addr(UNIVERSITY));
        _closeAll(study, delivered & ~disputed);

        uint256 toPatients = ((uint256(price) * 80) / 100) * count;
        uint256 toSteward = ((uint256(price) * 15) / 100) * count;
        equal(token.balanceOf(vm.addr(GENERAL_HOSPITAL)), toSteward, "the steward's share");
        equal(token.balanceOf(vm.addr(UNIVERSITY)) - before, deposited - price * count, "the rest");
        equal(token.balanceOf(address(bank)), price * count - toPatients - toSteward, "the bank's");
        for (uint256 i = 0; i < PATIENTS; ++i) {
            bool paid = ((delivered & ~disputed) >> i) & 1 == 1;
            equal(token.balanceOf(vm.addr(_key(i))), paid ? (uint256(price) * 80) / 100 : 0, "a patient's");
        }
        equal(escrow(), 0, "a closed study owes nothing");
    }

    /// @dev Property 29: who plays every part of a study has no more after it than before, and less if it paid anybody.
    function testFuzz_noRoundTripProfits(uint96 price, uint8 delivered, uint8 disputed) public {
        price = uint96(bound(price, 1, 100_000e18));
        uint256 before = token.totalSupply();
        uint64 study = openStudy(price, 1, 4);
        uint256 count = _run(study, delivered, disputed);
        _closeAll(study, delivered & ~disputed);

        uint256 after_ = token.balanceOf(vm.addr(UNIVERSITY)) + token.balanceOf(vm.addr(GENERAL_HOSPITAL));
        for (uint256 i = 0; i < PATIENTS; ++i) after_ += token.balanceOf(vm.addr(_key(i)));
        check(after_ <= before, "profit");
        check(before - after_ >= (count * price) / 20, "a twentieth of every payment is the bank's");
        bank.burnFees();
        equal(token.totalSupply(), after_, "and is burnt");
    }

    // Cohorts

    /// @dev Released after enrolment, at or above the minimum, and not before; under it everything goes back.
    function testFuzz_underItsMinimumNothingIsReleased(uint8 joined, uint8 minimum, uint8 withdrawn) public {
        uint24 least = uint24(bound(minimum, 1, PATIENTS));
        uint64 study = openStudy(100e18, least, 4);
        joined = uint8(bound(joined, 0, PATIENTS));
        for (uint256 i = 0; i < joined; ++i) join(study, _key(i));
        check(!studies.isReleased(study), "not during enrolment");
        vm.warp(START + ENROLMENT);
        withdrawn = uint8(bound(withdrawn, 0, joined));
        for (uint256 i = 0; i < withdrawn; ++i) _withdraw(study, _key(i));

        uint256 left = joined - withdrawn;
        release(study, patients);
        equal(studies.isReleased(study), left >= least, "released");
        for (uint256 i = withdrawn; i < joined; ++i) {
            Authorization memory receipt = signReceipt(studies, study, patients[i]);
            if (left < least) {
                vm.expectRevert(abi.encodeWithSelector(IStudies.NotReleased.selector, study));
            }
            studies.deliver(study, patients[i], DATA, receipt);
        }
        vm.warp(START + TERM + DISPUTE);
        studies.settle(study);
        equal(studies.studyOf(study).delivered, left < least ? 0 : left, "delivered");
        if (left == 0 || left < least) {
            studies.refund(study);
            equal(token.balanceOf(vm.addr(UNIVERSITY)), 1_000_000e18, "everything goes back");
        }
    }

    /// @dev A cohort padded with people whom nobody attested.
    function testFuzz_fakesDoNotCount(uint8 fakes) public {
        uint64 study = openStudy(1e18, 3, 300);
        join(study, _key(0));
        join(study, _key(1));
        for (uint256 i = 0; i < fakes % 16; ++i) {
            ParticipantId fake = person(10_000 + i);
            uint40 until = uint40(block.timestamp + 2 * TERM);
            Authorization memory consent = signStudyGrant(10_000 + i, until);
            vm.prank(vm.addr(10_000 + i));
            vm.expectRevert(abi.encodeWithSelector(IStudies.PatientNotAttested.selector, fake));
            studies.join(study, hospital, until, consent);
        }
        vm.warp(START + ENROLMENT);
        release(study, patients);
        check(!studies.isReleased(study), "still two");
    }

    /// @dev Whoever revokes counts no more, before the release; after it the study stays released, whoever revokes, and
    /// the researcher doesn't get the escrow back.
    function testFuzz_aReleaseIsForGood(uint8 before_, uint8 after_, uint8 way) public {
        uint64 study = openStudy(100e18, 2, 4);
        for (uint256 i = 0; i < PATIENTS; ++i) join(study, _key(i));
        vm.warp(START + ENROLMENT);
        uint256 standing = PATIENTS;
        for (uint256 i = 0; i < PATIENTS; ++i) {
            if ((before_ >> i) & 1 == 0) continue;
            _takeBackOf(study, _key(i), way % 4);
            --standing;
        }
        release(study, patients);
        equal(studies.isReleased(study), standing >= 2, "who revoked doesn't count");

        for (uint256 i = 0; i < PATIENTS; ++i) {
            if ((before_ >> i) & 1 == 0 && (after_ >> i) & 1 == 1) _takeBackOf(study, _key(i), way % 4);
        }
        equal(studies.isReleased(study), standing >= 2, "and who revokes later changes nothing");
        if (standing >= 2) vm.expectRevert(abi.encodeWithSelector(IStudies.NotCancellable.selector, study));
        vm.prank(vm.addr(UNIVERSITY));
        studies.cancel(study);
    }

    /// @dev Pages that go on within an hour add up, whoever else counts meanwhile; nobody counts twice.
    function testFuzz_pagesAddUp(uint8 cut, uint16 pause, bool again) public {
        uint64 study = openStudy(1e18, 4, 4);
        for (uint256 i = 0; i < PATIENTS; ++i) join(study, _key(i));
        vm.warp(START + ENROLMENT);
        uint256 first = bound(cut, 1, PATIENTS - 1);
        release(study, _slice(0, first));
        vm.prank(vm.addr(STRANGER));
        studies.release(study, _slice(PATIENTS - 1, PATIENTS));
        vm.warp(START + ENROLMENT + pause);
        if (again) release(study, _slice(0, first));
        release(study, _slice(first, PATIENTS));
        equal(studies.isReleased(study), pause < 1 hours || again, "released");
    }

    // Disputes

    /// @dev However a dispute goes, everybody gets what it says, once, and nothing is left behind.
    function testFuzz_aDisputeIsDecided(uint8 answer, bool decided, bool delivered, bool settledFirst) public {
        uint64 study = openStudy(100e18, 1, 4);
        join(study, _key(0));
        vm.warp(START + ENROLMENT);
        release(study, patients);
        deliver(study, patients[0]);
        vm.prank(vm.addr(_key(0)));
        studies.dispute(study);
        vm.expectRevert(abi.encodeWithSelector(IStudies.NothingToPay.selector, study, patients[0]));
        payout(study, _key(0));

        answer = answer % 3;
        if (answer != 0) answerDispute(study, patients[0], answer == 1 ? 0 : UNIVERSITY);
        decided = decided && answer != 0;
        if (decided) studies.decideDispute(study, patients[0], delivered);
        bool stands = decided ? delivered : answer == 2;
        vm.warp(START + TERM + DISPUTE);
        if (settledFirst) _settleAndRefund(study, decided ? (stands ? 3 : 4) : 3);
        if (!decided) {
            vm.warp(START + TERM + 60 days);
            studies.closeDispute(study, patients[0]);
        }
        if (!settledFirst) studies.settle(study);
        if (studies.studyOf(study).refunded < (stands ? 3 : 4)) studies.refund(study);
        if (stands) {
            payout(study, _key(0));
            // A study that was settled without anything delivered was settled all the same.
            payoutSteward(study);
            studies.payoutBank(study);
        }
        equal(token.balanceOf(vm.addr(GENERAL_HOSPITAL)), stands ? 15e18 : 0, "the steward's");
        equal(token.balanceOf(vm.addr(_key(0))), stands ? 80e18 : 0, "the patient's");
        equal(token.balanceOf(vm.addr(UNIVERSITY)), 1_000_000e18 - (stands ? 100e18 : 0), "the researcher's");
        equal(escrow(), 0, "nothing is left");
    }

    // Consent

    /// @dev Joining grants exactly what the study asks for, until the time that was signed.
    function testFuzz_joiningGrants(uint32 extra) public {
        uint64 study = openStudy(1e18, 1, 4);
        uint40 until = uint40(bound(extra, START + TERM, START + 9 * YEAR));
        Authorization memory consent = signStudyGrant(_key(0), until);
        bool whole = (until / 60) * 60 >= START + TERM;
        if (!whole) vm.expectRevert(abi.encodeWithSelector(IStudies.GrantDoesNotFit.selector, study));
        vm.prank(vm.addr(_key(0)));
        studies.join(study, hospital, until, consent);
        if (!whole) return;

        for (uint256 c = 0; c < 8; ++c) {
            bool asked = (CATEGORIES >> c) & 1 == 1;
            equal(_canView(Purpose.HRESCH, c), asked, "for research");
            check(!_canView(Purpose.TREAT, c), "for nothing else");
        }
        vm.warp((until / 60) * 60);
        check(!_canView(Purpose.HRESCH, 0), "it ends");
    }

    /// @dev A grant counts to the minute: one that ends within the study's last minute doesn't last as long as the study.
    function testFuzz_aGrantCountsToTheMinute(uint256 second, uint256 extra) public {
        uint256 closesAt = START + TERM + bound(second, 1, 59);
        IStudies.Offer memory offer = offerOf(1e18, 1, 4);
        offer.closesAt = uint40(closesAt);
        vm.prank(vm.addr(UNIVERSITY));
        token.approve(address(studies), 4e18);
        vm.prank(vm.addr(UNIVERSITY));
        uint64 study = studies.open(offer);
        uint40 until = uint40(bound(extra, closesAt, START + TERM + 119));
        Authorization memory consent = signStudyGrant(_key(0), until);

        bool whole = until >= START + TERM + 60;
        if (!whole) vm.expectRevert(abi.encodeWithSelector(IStudies.GrantDoesNotFit.selector, study));
        vm.prank(vm.addr(_key(0)));
        studies.join(study, hospital, until, consent);
    }

    /// @dev Somebody else sends the patient's grant to Consents first; the patient joins all the same.
    function testFuzz_aGrantThatWasSentFirstDoesNoHarm(bool signed_) public {
        uint64 study = openStudy(1e18, 1, 4);
        uint40 until = uint40(START + TERM);
        Authorization memory consent = signStudyGrant(_key(0), until);
        Authorization memory joining = signJoin(_key(0), study);
        consents.grantWithSig(registrar.participantOf(vm.addr(_key(0))), _asGrant(until), consent);

        if (signed_) {
            studies.joinWithSig(study, hospital, until, consent, joining);
        } else {
            vm.prank(vm.addr(_key(0)));
            studies.join(study, hospital, until, consent);
        }

        check(studies.participationOf(study, patients[0]).stage == IStudies.Stage.Joined, "joined");
    }

    /// @dev What the patient has granted counts only where it is all that the study asks for.
    function testFuzz_onlyAGrantThatCoversItIsEnough(uint8 categories, uint32 until) public {
        uint64 study = openStudy(1e18, 1, 4);
        categories = uint8(bound(categories, 1, 255));
        uint40 end = uint40(bound(until, START + 60, START + 2 * TERM));
        grantDirectly(_key(0), categories, end);

        bool covers = categories & CATEGORIES == CATEGORIES && (end / 60) * 60 >= START + TERM;
        if (!covers) vm.expectRevert(abi.encodeWithSelector(IStudies.GrantDoesNotFit.selector, study));
        vm.prank(vm.addr(_key(0)));
        studies.join(study, hospital, 0, noConsent());
    }

    /// @dev Property 28: whoever took the consent back, in whatever way, is delivered no more and earns nothing.
    function testFuzz_nothingAccruesAfterAWithdrawal(uint8 way) public {
        uint64 study = openStudy(100e18, 1, 4);
        join(study, _key(0));
        join(study, _key(1));
        vm.warp(START + ENROLMENT);
        release(study, patients);
        _takeBack(study, way % 4);

        Authorization memory receipt = signReceipt(studies, study, patients[0]);
        bytes memory problem =
            way % 4 == 0
                ? abi.encodeWithSelector(IStudies.WrongStage.selector, study, patients[0], IStudies.Stage.Withdrawn)
                : abi.encodeWithSelector(IStudies.ConsentRevoked.selector, study, patients[0]);
        vm.expectRevert(problem);
        studies.deliver(study, patients[0], DATA, receipt);

        vm.warp(START + TERM + DISPUTE);
        studies.settle(study);
        vm.expectRevert(abi.encodeWithSelector(IStudies.NothingToPay.selector, study, patients[0]));
        payout(study, _key(0));
        studies.refund(study);
        equal(escrow(), 0, "nothing is owed");
    }

    /// @dev What was delivered before stays due, and is paid once.
    function testFuzz_whatWasDeliveredStaysDue(uint8 way, bool early) public {
        uint64 study = openStudy(100e18, 1, 4);
        join(study, _key(0));
        vm.warp(START + ENROLMENT);
        release(study, patients);
        deliver(study, patients[0]);
        _takeBack(study, way % 4);
        vm.warp(early ? START + ENROLMENT + DISPUTE : START + TERM + DISPUTE);
        if (!early) studies.settle(study);

        payout(study, _key(0));
        equal(token.balanceOf(vm.addr(_key(0))), 80e18, "paid");
        vm.expectRevert(abi.encodeWithSelector(IStudies.NothingToPay.selector, study, patients[0]));
        payout(study, _key(0));
        if (early) {
            vm.warp(START + TERM + DISPUTE);
            studies.settle(study);
        }
        payoutSteward(study);
        studies.payoutBank(study);
        studies.refund(study);
        equal(escrow(), 0, "nothing more is owed");
    }

    // Steps

    function signJoin(uint256 key, uint64 study) private view returns (Authorization memory) {
        ParticipantId patient = registrar.participantOf(vm.addr(key));
        IStudies.Study memory s = studies.studyOf(study);
        ModuleData.Join memory j;
        (j.patient, j.study, j.researcher, j.steward) = (raw(patient), study, raw(university), raw(hospital));
        (j.researcherName, j.stewardName) = ("University", "General Hospital");
        (j.termsDigest, j.price, j.minimum) = (s.termsDigest, s.price, s.minimum);
        j.signatureEpoch = signatureEpochOf(patient);
        return sign(key, DEADLINE, address(studies), ModuleData.studyJoin(j, DEADLINE));
    }

    function _settleAndRefund(uint64 study, uint256 count) private {
        studies.settle(study);
        studies.refund(study);
        equal(studies.studyOf(study).refunded, count, "what is disputed stays");
    }

    function _slice(uint256 from, uint256 to) private view returns (ParticipantId[] memory page) {
        page = new ParticipantId[](to - from);
        for (uint256 i = from; i < to; ++i) page[i - from] = patients[i];
    }

    function _takeBack(uint64 study, uint8 way) private {
        _takeBackOf(study, _key(0), way);
    }

    function _takeBackOf(uint64 study, uint256 key, uint8 way) private {
        ParticipantId patient = registrar.participantOf(vm.addr(key));
        vm.prank(vm.addr(key));
        if (way == 0) studies.withdraw(study);
        if (way == 1) consents.revokeGrant(patient, university, Purpose.HRESCH, hospital, _asGrant(0).categories);
        if (way == 2) consents.revokeViewer(patient, university);
        if (way == 3) registrar.revokeAll(patient);
    }

    function _withdraw(uint64 study, uint256 key) private {
        vm.prank(vm.addr(key));
        studies.withdraw(study);
    }

    /// @dev Everybody joins; the bits say whose data is delivered, and who disputes that. Returns how many are paid.
    function _run(uint64 study, uint8 delivered, uint8 disputed) private returns (uint256 count) {
        for (uint256 i = 0; i < PATIENTS; ++i) join(study, _key(i));
        vm.warp(START + ENROLMENT);
        release(study, patients);
        for (uint256 i = 0; i < PATIENTS; ++i) {
            if ((delivered >> i) & 1 == 0) continue;
            deliver(study, patients[i]);
        }
        for (uint256 i = 0; i < PATIENTS; ++i) {
            if ((delivered >> i) & 1 == 0) continue;
            ++count;
            if ((disputed >> i) & 1 == 0) continue;
            --count;
            vm.prank(vm.addr(_key(i)));
            studies.dispute(study);
        }
    }

    /// @dev The bits say who has something coming.
    function _closeAll(uint64 study, uint8 owed) private {
        vm.warp(START + TERM + DISPUTE);
        studies.settle(study);
        for (uint256 i = 0; i < PATIENTS; ++i) {
            if (studies.participationOf(study, patients[i]).stage != IStudies.Stage.Disputed) continue;
            studies.closeDispute(study, patients[i]);
        }
        if (studies.studyOf(study).delivered < studies.studyOf(study).maximum) studies.refund(study);
        if (studies.studyOf(study).delivered == 0) return;
        payoutSteward(study);
        studies.payoutBank(study);
        for (uint256 i = 0; i < PATIENTS; ++i) {
            if ((owed >> i) & 1 == 1) payout(study, _key(i));
        }
    }

    function _asGrant(uint40 until) private view returns (IConsents.Grant memory) {
        return
            IConsents.Grant({
                viewer: university,
                purpose: Purpose.HRESCH,
                steward: hospital,
                categories: CategoryMask.wrap(CATEGORIES),
                sensitiveFromAnySteward: false,
                until: until
            });
    }

    function _canView(Purpose purpose, uint256 category) private view returns (bool) {
        return consents.canView(patients[0], hospital, university, Category(category), purpose);
    }

    function _key(uint256 i) private pure returns (uint256) {
        return 500 + i;
    }
}
