// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IConsents} from "../../interfaces/IConsents.sol";
import {IRegistrar} from "../../interfaces/IRegistrar.sol";
import {SignedActions} from "../../libraries/SignedActions.sol";
import {Authorization} from "../../types/Authorization.sol";
import {CategoryMask} from "../../types/Category.sol";
import {Lanes} from "../../types/Lanes.sol";
import {PROVIDER, RESEARCHER} from "../../types/Participant.sol";
import {NOBODY, ParticipantId} from "../../types/ParticipantId.sol";
import {Purpose} from "../../types/Purpose.sol";
import {IDataBank} from "../data-bank/IDataBank.sol";
import {IStudies} from "./IStudies.sol";

/// @title Studies
/// @notice See {IStudies}.
/// @dev Everything is written before a token moves, and nothing that moves one is entered twice: a token that calls back
/// changes nothing. Nothing here waits for a transfer that only concerns somebody else: whoever can't be paid keeps nobody
/// from being paid.
contract Studies is IStudies, SignedActions, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice How far one account's pages of {release} came.
    struct Counting {
        uint24 counted;
        ParticipantId last;
        /// @dev Until when the next page adds to them (seconds).
        uint40 until;
    }

    /// @notice How long a patient may dispute a delivery.
    uint256 public constant DISPUTE_TERM = 7 days;
    /// @notice How long the steward may answer a dispute.
    uint256 public constant ANSWER_TERM = 14 days;
    /// @notice How long the authority may decide a dispute that was answered.
    uint256 public constant DECISION_TERM = 30 days;
    /// @notice How long the pages of one count may take: the consents stand together, as far as pages allow.
    uint256 public constant RELEASE_TERM = 1 hours;
    /// @notice The patient's share of the price, in percent.
    uint256 public constant PATIENT_PERCENT = 80;
    /// @notice The steward's share of the price, in percent. The rest is the bank's, which burns it.
    uint256 public constant STEWARD_PERCENT = 15;
    /// @notice How far ahead a study may close.
    uint256 public constant MAX_STUDY_TERM = 5 * 365 days;

    bytes32 private constant JOIN_TYPEHASH = keccak256(
        "StudyJoin(uint40 patient,uint64 study,uint40 researcher,string researcherName,uint40 steward,string stewardName,bytes32 termsDigest,uint96 price,uint24 minimum,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant WITHDRAWAL_TYPEHASH = keccak256(
        "StudyWithdrawal(uint40 patient,uint64 study,uint48 deadline)"
    );
    bytes32 private constant RECEIPT_TYPEHASH = keccak256(
        "DeliveryReceipt(uint40 steward,uint64 study,uint40 patient,bytes32 dataDigest,uint48 deadline)"
    );
    bytes32 private constant DISPUTE_TYPEHASH = keccak256(
        "DeliveryDispute(uint40 patient,uint64 study,uint48 deadline)"
    );
    bytes32 private constant ACKNOWLEDGEMENT_TYPEHASH = keccak256(
        "DeliveryAcknowledgement(uint40 recipient,uint64 study,uint40 patient,bytes32 dataDigest,uint48 deadline)"
    );
    bytes32 private constant PAYOUT_TYPEHASH = keccak256(
        "StudyPayout(uint40 patient,uint64 study,address to,uint32 signatureEpoch,uint48 deadline)"
    );

    /// @notice Who is who.
    IRegistrar public immutable registrar;
    /// @notice Who may see what.
    IConsents public immutable consents;
    /// @notice Who is attested.
    IDataBank public immutable bank;
    /// @notice What studies pay with.
    IERC20 public immutable token;

    uint64 private _count;
    mapping(uint64 study => Study study_) private _studies;
    mapping(uint64 study => mapping(ParticipantId patient => Participation participation)) private _participations;
    mapping(uint64 study => mapping(ParticipantId steward => Credit credit)) private _credits;
    mapping(uint64 study => mapping(address account => Counting counting)) private _countings;

    /// @param authority The AccessManager, for the one thing that the authority may do here: decide a dispute.
    /// @param registrar_ Who is who.
    /// @param consents_ Who may see what.
    /// @param bank_ Who is attested, and who gets the bank's share.
    /// @param token_ What studies pay with: the bank's token, or else its share is never burnt.
    constructor(
        address authority,
        IRegistrar registrar_,
        IConsents consents_,
        IDataBank bank_,
        IERC20 token_
    ) AccessManaged(authority) {
        registrar = registrar_;
        consents = consents_;
        bank = bank_;
        token = token_;
    }

    // Beginnings

    /// @inheritdoc IStudies
    function open(Offer calldata offer) external nonReentrant returns (uint64 study) {
        // The escrow goes back to this account: a removed operator's would take it along.
        ParticipantId researcher = registrar.authenticateOwner(msg.sender);
        if (!registrar.licenceLasts(researcher, RESEARCHER)) revert NotAResearcher(researcher);
        if (
            offer.termsDigest == 0 ||
            offer.categories.isEmpty() ||
            offer.price == 0 ||
            offer.minimum == 0 ||
            offer.minimum > offer.maximum ||
            offer.enrolUntil <= block.timestamp ||
            offer.closesAt <= offer.enrolUntil ||
            offer.closesAt > block.timestamp + MAX_STUDY_TERM
        ) revert InvalidOffer();

        study = ++_count;
        _studies[study] = Study({
            researcher: researcher,
            status: StudyStatus.Open,
            categories: offer.categories,
            minimum: offer.minimum,
            maximum: offer.maximum,
            joined: 0,
            delivered: 0,
            enrolUntil: offer.enrolUntil,
            closesAt: offer.closesAt,
            released: false,
            payer: msg.sender,
            price: offer.price,
            termsDigest: offer.termsDigest,
            disputed: 0,
            refunded: 0,
            bankPaid: 0
        });

        emit StudyOpened(study, researcher, offer);
        uint256 escrow = uint256(offer.price) * offer.maximum;
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), escrow);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != escrow) revert EscrowMismatch(received, escrow);
    }

    // Taking part

    /// @inheritdoc IStudies
    function join(uint64 study, ParticipantId steward, uint40 until, Authorization calldata consent) external {
        (ParticipantId patient, ) = registrar.authorizeAgreement(msg.sender);
        _join(study, patient, steward, until, consent, msg.sender);
    }

    /// @inheritdoc IStudies
    function joinWithSig(
        uint64 study,
        ParticipantId steward,
        uint40 until,
        Authorization calldata consent,
        Authorization calldata joining
    ) external {
        (ParticipantId patient, uint32 signatureEpoch) = registrar.authorizeAgreement(joining.account);
        _checkJoining(study, patient, steward, signatureEpoch, joining);

        _join(study, patient, steward, until, consent, joining.account);
    }

    /// @inheritdoc IStudies
    function withdraw(uint64 study) external {
        _withdraw(study, registrar.authenticatePatient(msg.sender));
    }

    /// @inheritdoc IStudies
    function withdrawWithSig(uint64 study, Authorization calldata authorization) external {
        _withdraw(study, _signer(WITHDRAWAL_TYPEHASH, study, authorization));
    }

    /// @inheritdoc IStudies
    function release(uint64 study, ParticipantId[] calldata participants) external {
        Study storage s = _openStudy(study);
        if (s.released) revert AlreadyReleased(study);
        if (block.timestamp < s.enrolUntil) revert TooEarly(s.enrolUntil);
        if (block.timestamp >= s.closesAt) revert TooLate(s.closesAt);
        if (!registrar.licenceLasts(s.researcher, RESEARCHER)) revert NotAResearcher(s.researcher);
        Counting memory counting = _countings[study][msg.sender];
        bool goesOn = block.timestamp < counting.until && participants.length != 0;
        if (!goesOn || !_isBefore(counting.last, participants[0])) {
            counting = Counting({counted: 0, last: NOBODY, until: uint40(block.timestamp + RELEASE_TERM)});
        }

        _countPage(study, s, participants, counting);
        if (counting.counted >= s.minimum) {
            s.released = true;
            emit StudyReleased(study, counting.counted);
        } else {
            _countings[study][msg.sender] = counting;
            emit ReleaseCounted(study, msg.sender, counting.counted);
        }
    }

    /// @inheritdoc IStudies
    function deliver(uint64 study, ParticipantId patient, bytes32 dataDigest, Authorization calldata receipt) external {
        ParticipantId steward = registrar.authenticateProvider(receipt.account);
        _checkSignature(
            receipt,
            keccak256(abi.encode(RECEIPT_TYPEHASH, steward, study, patient, dataDigest, receipt.deadline))
        );
        if (dataDigest == 0) revert MissingData();
        Study storage s = _openStudy(study);
        Participation storage p = _participations[study][patient];
        if (p.stage != Stage.Joined) revert WrongStage(study, patient, p.stage);
        if (p.steward != steward) revert NotTheSteward(steward, p.steward);
        if (block.timestamp >= s.closesAt) revert TooLate(s.closesAt);
        if (!s.released) revert NotReleased(study);
        if (!registrar.licenceLasts(s.researcher, RESEARCHER)) revert NotAResearcher(s.researcher);
        if (!_isGranted(s.researcher, s.categories, patient, steward, block.timestamp)) {
            revert ConsentRevoked(study, patient);
        }

        p.stage = Stage.Delivered;
        p.deliveredAt = uint40(block.timestamp);
        p.dataTag = bytes15(dataDigest);
        ++s.delivered;
        ++_credits[study][steward].delivered;

        emit Delivered(study, patient, steward, dataDigest);
    }

    /// @inheritdoc IStudies
    function dispute(uint64 study) external {
        _dispute(study, registrar.authenticatePatient(msg.sender));
    }

    /// @inheritdoc IStudies
    function disputeWithSig(uint64 study, Authorization calldata authorization) external {
        _dispute(study, _signer(DISPUTE_TYPEHASH, study, authorization));
    }

    /// @inheritdoc IStudies
    function answerDispute(uint64 study, ParticipantId patient) external {
        ParticipantId steward = registrar.authenticate(msg.sender);
        Participation storage p = _participations[study][patient];
        if (p.stage != Stage.Disputed) revert WrongStage(study, patient, p.stage);
        if (steward != p.steward) revert NotTheSteward(steward, p.steward);

        _answer(study, patient, p, Stage.Answered, steward);
    }

    /// @inheritdoc IStudies
    function acknowledge(
        uint64 study,
        ParticipantId patient,
        bytes32 dataDigest,
        Authorization calldata acknowledgement
    ) external {
        ParticipantId recipient = registrar.authenticate(acknowledgement.account);
        _checkSignature(
            acknowledgement,
            keccak256(
                abi.encode(ACKNOWLEDGEMENT_TYPEHASH, recipient, study, patient, dataDigest, acknowledgement.deadline)
            )
        );
        Participation storage p = _participations[study][patient];
        if (p.stage != Stage.Disputed && p.stage != Stage.Answered) revert WrongStage(study, patient, p.stage);
        if (recipient != patient && recipient != _studies[study].researcher) revert NotARecipient(recipient);
        if (bytes15(dataDigest) != p.dataTag) revert OtherData(study, patient);

        _answer(study, patient, p, Stage.Acknowledged, recipient);
    }

    /// @inheritdoc IStudies
    function decideDispute(uint64 study, ParticipantId patient, bool delivered) external restricted {
        Participation storage p = _participations[study][patient];
        Stage stage = p.stage;
        if (stage != Stage.Answered && stage != Stage.Acknowledged) revert WrongStage(study, patient, stage);
        if (block.timestamp >= p.deadline) revert TooLate(p.deadline);

        _decide(study, patient, p, delivered);
    }

    /// @inheritdoc IStudies
    function closeDispute(uint64 study, ParticipantId patient) external {
        Participation storage p = _participations[study][patient];
        Stage stage = p.stage;
        if (stage != Stage.Disputed && stage != Stage.Answered && stage != Stage.Acknowledged) {
            revert WrongStage(study, patient, stage);
        }
        if (block.timestamp < p.deadline) revert TooEarly(p.deadline);

        _decide(study, patient, p, stage == Stage.Acknowledged);
    }

    // Ends

    /// @inheritdoc IStudies
    function settle(uint64 study) external {
        Study storage s = _openStudy(study);
        uint256 from = s.closesAt + DISPUTE_TERM;
        if (block.timestamp < from) revert TooEarly(from);

        _end(study, s, s.delivered + s.disputed == 0 ? StudyStatus.Cancelled : StudyStatus.Settled);
    }

    /// @inheritdoc IStudies
    function cancel(uint64 study) external {
        ParticipantId researcher = registrar.authenticate(msg.sender);
        Study storage s = _openStudy(study);
        if (researcher != s.researcher || s.released) revert NotCancellable(study);

        _end(study, s, StudyStatus.Cancelled);
    }

    // Money

    /// @inheritdoc IStudies
    function payout(uint64 study, address to) external nonReentrant {
        (ParticipantId patient, ) = registrar.authorizeAgreement(msg.sender);
        _payPatient(study, patient, to);
    }

    /// @inheritdoc IStudies
    function payoutWithSig(uint64 study, address to, Authorization calldata authorization) external nonReentrant {
        (ParticipantId patient, uint32 signatureEpoch) = registrar.authorizeAgreement(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(PAYOUT_TYPEHASH, patient, study, to, signatureEpoch, authorization.deadline))
        );

        _payPatient(study, patient, to);
    }

    /// @inheritdoc IStudies
    function payoutSteward(uint64 study, address to) external nonReentrant {
        ParticipantId steward = registrar.authenticateOwner(msg.sender);
        Study storage s = _studies[study];
        Credit storage credit = _credits[study][steward];
        uint256 count = credit.delivered - credit.paid;
        if (s.status != StudyStatus.Settled || count == 0) revert NothingToPay(study, steward);

        credit.paid = credit.delivered;
        uint256 amount = count * _share(s.price, STEWARD_PERCENT);

        emit PaidOut(study, steward, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IStudies
    function payoutBank(uint64 study) external nonReentrant {
        Study storage s = _studies[study];
        uint256 count = s.delivered - s.bankPaid;
        if (s.status != StudyStatus.Settled || count == 0) revert NothingToPay(study, NOBODY);

        s.bankPaid = s.delivered;
        uint256 price = s.price;
        // What rounding leaves is the bank's.
        uint256 share = price - _share(price, PATIENT_PERCENT) - _share(price, STEWARD_PERCENT);
        uint256 amount = count * share;

        emit BankPaid(study, amount);
        token.safeTransfer(address(bank), amount);
    }

    /// @inheritdoc IStudies
    function refund(uint64 study) external nonReentrant {
        Study storage s = _studies[study];
        bool ended = s.status == StudyStatus.Settled || s.status == StudyStatus.Cancelled;
        uint24 count = _refundable(s);
        if (!ended || count == 0) revert NothingToRefund(study);

        s.refunded += count;
        uint256 amount = uint256(s.price) * count;
        address payer = s.payer;

        emit Refunded(study, payer, amount);
        token.safeTransfer(payer, amount);
    }

    // Views

    /// @inheritdoc IStudies
    function isReleased(uint64 study) external view returns (bool) {
        Study storage s = _studies[study];
        return s.status == StudyStatus.Open && block.timestamp < s.closesAt && s.released;
    }

    /// @inheritdoc IStudies
    function studyOf(uint64 study) external view returns (Study memory) {
        return _studies[study];
    }

    /// @inheritdoc IStudies
    function participationOf(uint64 study, ParticipantId patient) external view returns (Participation memory) {
        return _participations[study][patient];
    }

    /// @inheritdoc IStudies
    function creditOf(uint64 study, ParticipantId steward) external view returns (Credit memory) {
        return _credits[study][steward];
    }

    /// @inheritdoc IStudies
    function studyCount() external view returns (uint64) {
        return _count;
    }

    // Internal: writes

    /// @dev `account` is the patient's that joins.
    function _join(
        uint64 study,
        ParticipantId patient,
        ParticipantId steward,
        uint40 until,
        Authorization calldata consent,
        address account
    ) private {
        Study storage s = _openStudy(study);
        if (block.timestamp >= s.enrolUntil || s.joined == s.maximum) revert EnrolmentClosed(study);
        if (_participations[study][patient].stage != Stage.None) revert AlreadyTookPart(study, patient);
        if (!bank.hasAccount(patient)) revert PatientNotAttested(patient);
        if (steward == NOBODY) revert GrantDoesNotFit(study);

        Participation storage p = _participations[study][patient];
        (p.stage, p.steward) = (Stage.Joined, steward);
        ++s.joined;

        emit Joined(study, patient, steward);
        bool granted = false;
        bytes memory problem = abi.encodeWithSelector(GrantDoesNotFit.selector, study);
        if (consent.signature.length != 0) {
            if (consent.account != account) _checkSame(patient, consent.account);
            (granted, problem) = _grant(study, s, patient, steward, until, consent);
        }
        // Somebody else may have sent the same signature to Consents before: then what is granted counts.
        if (!granted && !_isGranted(s.researcher, s.categories, patient, steward, s.closesAt - 1)) {
            LowLevelCall.bubbleRevert(problem);
        }
    }

    function _grant(
        uint64 study,
        Study storage s,
        ParticipantId patient,
        ParticipantId steward,
        uint40 until,
        Authorization calldata consent
    ) private returns (bool, bytes memory) {
        // A grant counts to the minute, and no second longer.
        if ((until / 1 minutes) * 1 minutes < s.closesAt) revert GrantDoesNotFit(study);
        IConsents.Grant memory given = IConsents.Grant({
            viewer: s.researcher,
            purpose: Purpose.HRESCH,
            steward: steward,
            categories: s.categories,
            sensitiveFromAnySteward: false,
            until: until
        });
        try consents.grantWithSig(patient, given, consent) {
            return (true, "");
        } catch (bytes memory problem) {
            return (false, problem);
        }
    }

    function _withdraw(uint64 study, ParticipantId patient) private {
        Study storage s = _openStudy(study);
        Participation storage p = _participations[study][patient];
        Stage stage = p.stage;
        if (stage == Stage.Joined) stage = Stage.Withdrawn;
        else if (stage == Stage.Delivered) stage = Stage.Left;
        else revert WrongStage(study, patient, stage);

        p.stage = stage;
        --s.joined;

        emit ParticipationWithdrawn(study, patient, stage);
    }

    function _dispute(uint64 study, ParticipantId patient) private {
        Study storage s = _openStudy(study);
        Participation storage p = _participations[study][patient];
        Stage stage = p.stage;
        // Who withdrew may dispute as well: else a withdrawal that was kept back until a false receipt would forbid it.
        bool withdrawn = stage == Stage.Left && p.deadline == 0;
        if (stage != Stage.Delivered && !withdrawn) revert WrongStage(study, patient, stage);
        uint256 deadline = p.deliveredAt + DISPUTE_TERM;
        if (block.timestamp >= deadline) revert TooLate(deadline);

        uint40 answerUntil = uint40(block.timestamp + ANSWER_TERM);
        p.stage = Stage.Disputed;
        p.deadline = answerUntil;
        if (!withdrawn) --s.joined;
        --s.delivered;
        ++s.disputed;
        --_credits[study][p.steward].delivered;

        emit DeliveryDisputed(study, patient, answerUntil);
    }

    function _answer(
        uint64 study,
        ParticipantId patient,
        Participation storage p,
        Stage stage,
        ParticipantId by
    ) private {
        if (block.timestamp >= p.deadline) revert TooLate(p.deadline);

        uint40 decideUntil = uint40(block.timestamp + DECISION_TERM);
        p.stage = stage;
        p.deadline = decideUntil;

        emit DisputeAnswered(study, patient, by, decideUntil);
    }

    /// @dev Also after the study was settled: what it decides is pulled then.
    function _decide(uint64 study, ParticipantId patient, Participation storage p, bool delivered) private {
        Study storage s = _studies[study];
        --s.disputed;
        p.stage = delivered ? Stage.Left : Stage.Undelivered;
        if (delivered) {
            ++s.delivered;
            ++_credits[study][p.steward].delivered;
        }

        emit DisputeDecided(study, patient, delivered);
    }

    function _end(uint64 study, Study storage s, StudyStatus status) private {
        s.status = status;

        emit StudyEnded(study, status, s.delivered, uint256(s.price) * _refundable(s));
    }

    function _payPatient(uint64 study, ParticipantId patient, address to) private {
        Participation storage p = _participations[study][patient];
        if (p.paid || (p.stage != Stage.Delivered && p.stage != Stage.Left)) revert NothingToPay(study, patient);
        uint256 from = p.deliveredAt + DISPUTE_TERM;
        if (block.timestamp < from) revert TooEarly(from);

        p.paid = true;
        uint256 amount = _share(_studies[study].price, PATIENT_PERCENT);

        emit PaidOut(study, patient, to, amount);
        token.safeTransfer(to, amount);
    }

    // Internal: reads and checks

    function _openStudy(uint64 study) private view returns (Study storage s) {
        s = _studies[study];
        if (s.status != StudyStatus.Open) revert StudyNotOpen(study);
    }

    /// @dev Adds those who count to `counting`. Consents is asked about all at once, about nobody where one doesn't count.
    function _countPage(
        uint64 study,
        Study storage s,
        ParticipantId[] calldata participants,
        Counting memory counting
    ) private view {
        mapping(ParticipantId patient => Participation participation) storage parts = _participations[study];
        ParticipantId[] memory patients = new ParticipantId[](participants.length);
        ParticipantId[] memory stewards = new ParticipantId[](participants.length);
        ParticipantId licensee = NOBODY;
        bool licensed = false;
        for (uint256 i = 0; i < participants.length; ++i) {
            ParticipantId patient = participants[i];
            if (!_isBefore(counting.last, patient)) revert NotAscending(patient);
            counting.last = patient;
            Participation storage p = parts[patient];
            (Stage stage, ParticipantId steward) = (p.stage, p.steward);
            if (stage != Stage.Joined) continue;
            // Often the same from one to the next.
            if (steward != licensee) (licensee, licensed) = (steward, registrar.licenceLasts(steward, PROVIDER));
            if (licensed) (patients[i], stewards[i]) = (patient, steward);
        }
        uint256 more = consents.grantersAmong(patients, stewards, s.researcher, Purpose.HRESCH, s.categories);
        counting.counted += uint24(more);
    }

    function _checkSame(ParticipantId patient, address account) private view {
        ParticipantId granting = registrar.participantOf(account);
        if (granting != patient) revert NotTheSamePatient(patient, granting);
    }

    /// @dev Whether the patient's grant has every category, at `time` and until then.
    function _isGranted(
        ParticipantId researcher,
        CategoryMask categories,
        ParticipantId patient,
        ParticipantId steward,
        uint256 time
    ) private view returns (bool) {
        (, Lanes lanes) = consents.grantOf(patient, researcher, Purpose.HRESCH, steward);
        return lanes.areLive(categories, time);
    }

    /// @dev For how many the price goes back.
    function _refundable(Study storage s) private view returns (uint24) {
        return s.maximum - s.delivered - s.disputed - s.refunded;
    }

    /// @dev Names come from the Registrar, so a wallet that showed another name made another digest.
    function _checkJoining(
        uint64 study,
        ParticipantId patient,
        ParticipantId steward,
        uint32 signatureEpoch,
        Authorization calldata joining
    ) private view {
        Study storage s = _studies[study];
        bytes memory parties = abi.encode(JOIN_TYPEHASH, patient, study, s.researcher);
        (bytes32 researcherName, bytes32 stewardName) = registrar.nameDigestsOf(s.researcher, steward);
        bytes memory offer = abi.encode(researcherName, steward, stewardName, s.termsDigest, s.price, s.minimum);
        _checkSignature(joining, keccak256(bytes.concat(parties, offer, abi.encode(signatureEpoch, joining.deadline))));
    }

    function _signer(
        bytes32 typeHash,
        uint64 study,
        Authorization calldata authorization
    ) private view returns (ParticipantId patient) {
        patient = registrar.authenticatePatient(authorization.account);
        _checkSignature(authorization, keccak256(abi.encode(typeHash, patient, study, authorization.deadline)));
    }

    /// @dev Rounds down, towards the bank.
    function _share(uint256 price, uint256 percent) private pure returns (uint256) {
        return (price * percent) / 100;
    }

    function _isBefore(ParticipantId a, ParticipantId b) private pure returns (bool) {
        return ParticipantId.unwrap(a) < ParticipantId.unwrap(b);
    }
}
