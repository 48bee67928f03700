// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {IStudies} from "../../../contracts/modules/studies/IStudies.sol";
import {Studies} from "../../../contracts/modules/studies/Studies.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {RESEARCHER} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../../contracts/types/Purpose.sol";
import {BankTest} from "./BankTest.sol";
import {ConsentData} from "./ConsentData.sol";
import {ModuleData} from "./ModuleData.sol";
import {vm} from "./Vm.sol";

/// @notice A network with a university that does research and has tokens, and the steps of a study.
abstract contract StudyTest is BankTest {
    uint256 internal constant UNIVERSITY = 0x0417;
    uint256 internal constant ENROLMENT = 10 days;
    uint256 internal constant TERM = 40 days;
    uint256 internal constant DISPUTE = 7 days;
    uint8 internal constant CATEGORIES = 5;
    bytes32 internal constant STUDY_TERMS = keccak256("salted terms");
    bytes32 internal constant DATA = keccak256("salted data");

    ParticipantId internal university;

    function setUp() public virtual override {
        super.setUp();
        university = researcher(UNIVERSITY);
        endow(vm.addr(UNIVERSITY), 1_000_000e18);
    }

    /// @dev Licensed for fifty years.
    function researcher(uint256 key) internal returns (ParticipantId id) {
        id = institution(key, "University", RESEARCHER);
        registrar.license(id, keccak256("University"), RESEARCHER, uint40(START + 50 * YEAR));
    }

    /// @dev As the bank would, out of what it owes.
    function endow(address to, uint256 amount) internal {
        vm.prank(address(bank));
        token.mint(to, amount);
    }

    function offerOf(uint96 price, uint24 minimum, uint24 maximum) internal view returns (IStudies.Offer memory) {
        return
            IStudies.Offer({
                termsDigest: STUDY_TERMS,
                categories: CategoryMask.wrap(CATEGORIES),
                price: price,
                minimum: minimum,
                maximum: maximum,
                enrolUntil: uint40(block.timestamp + ENROLMENT),
                closesAt: uint40(block.timestamp + TERM)
            });
    }

    function openStudy(uint96 price, uint24 minimum, uint24 maximum) internal returns (uint64) {
        vm.prank(vm.addr(UNIVERSITY));
        token.approve(address(studies), uint256(price) * maximum);
        vm.prank(vm.addr(UNIVERSITY));
        return studies.open(offerOf(price, minimum, maximum));
    }

    /// @dev With the hospital's records.
    function join(uint64 study, uint256 key) internal {
        uint40 until = uint40(block.timestamp + 2 * TERM);
        Authorization memory consent = signStudyGrant(key, until);
        vm.prank(vm.addr(key));
        studies.join(study, hospital, until, consent);
    }

    /// @dev The grant for research that a study of the university's asks for.
    function signStudyGrant(uint256 key, uint40 until) internal view returns (Authorization memory) {
        ParticipantId patient = registrar.participantOf(vm.addr(key));
        (IConsents.GrantState memory state, ) = consents.grantOf(patient, university, Purpose.HRESCH, hospital);
        ConsentData.Grant memory g;
        (g.patient, g.viewer, g.steward) = (raw(patient), raw(university), raw(hospital));
        (g.viewerName, g.stewardName) = ("University", "General Hospital");
        (g.purpose, g.categories, g.until) = ("HRESCH", CATEGORIES, until);
        (g.signatureEpoch, g.generation, g.version) = (signatureEpochOf(patient), state.generation, state.version);
        return sign(key, DEADLINE, address(consents), ConsentData.grant(g, DEADLINE));
    }

    function grantDirectly(uint256 key, uint8 categories, uint40 until) internal {
        ParticipantId patient = registrar.participantOf(vm.addr(key));
        vm.prank(vm.addr(key));
        consents.grant(
            patient,
            IConsents.Grant({
                viewer: university,
                purpose: Purpose.HRESCH,
                steward: hospital,
                categories: CategoryMask.wrap(categories),
                sensitiveFromAnySteward: false,
                until: until
            })
        );
    }

    /// @dev Counts these in one page.
    function release(uint64 study, ParticipantId[] memory participants) internal {
        studies.release(study, participants);
    }

    function listOf(ParticipantId one) internal pure returns (ParticipantId[] memory list) {
        list = new ParticipantId[](1);
        list[0] = one;
    }

    function noConsent() internal pure returns (Authorization memory none) {}

    function deliver(uint64 study, ParticipantId patient) internal {
        studies.deliver(study, patient, DATA, signReceipt(studies, study, patient));
    }

    function signReceipt(
        Studies contract_,
        uint64 study,
        ParticipantId patient
    ) internal view returns (Authorization memory) {
        bytes32 hash = ModuleData.receipt(raw(hospital), study, raw(patient), DATA, DEADLINE);
        return sign(GENERAL_HOSPITAL, DEADLINE, address(contract_), hash);
    }

    /// @dev With the signature of who holds `key`; 0: with nobody's.
    function answerDispute(uint64 study, ParticipantId patient, uint256 key) internal {
        if (key == 0) {
            vm.prank(vm.addr(GENERAL_HOSPITAL));
            studies.answerDispute(study, patient);
            return;
        }
        uint40 recipient = raw(registrar.participantOf(vm.addr(key)));
        bytes32 hash = ModuleData.acknowledgement(recipient, study, raw(patient), DATA, DEADLINE);
        studies.acknowledge(study, patient, DATA, sign(key, DEADLINE, address(studies), hash));
    }

    function payout(uint64 study, uint256 key) internal {
        vm.prank(vm.addr(key));
        studies.payout(study, vm.addr(key));
    }

    function payoutSteward(uint64 study) internal {
        vm.prank(vm.addr(GENERAL_HOSPITAL));
        studies.payoutSteward(study, vm.addr(GENERAL_HOSPITAL));
    }

    function escrow() internal view returns (uint256) {
        return token.balanceOf(address(studies));
    }
}
