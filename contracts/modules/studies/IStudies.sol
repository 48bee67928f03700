// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedActions} from "../../interfaces/ISignedActions.sol";
import {Authorization} from "../../types/Authorization.sol";
import {CategoryMask} from "../../types/Category.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IStudies
/// @notice Research that pays the people whose data it uses: an escrow, a cohort, signed consent, a receipt, a payout.
/// @dev What a study is about stays off chain: joining one must not publish a diagnosis. The chain has a salted digest of
/// its terms (Data Use Ontology codes among them).
///
/// A patient's grant is what lets data flow, and only that: who revokes it is delivered no more, whatever stands here. The
/// vault releases keys only while {isReleased} holds and the grant does.
///
/// Trust: the steward whose receipt says that data was delivered. The patient may dispute it; the steward may answer, and
/// the authority decides. What is disputed stays in escrow until then. The authority can do nothing else here, and nobody
/// holds the escrow but this contract, which has no owner and no parameter.
interface IStudies is ISignedActions {
    /// @notice Where a study stands.
    enum StudyStatus {
        None,
        Open,
        /// What was delivered is paid; the rest of the escrow goes back.
        Settled,
        /// Nothing was delivered; the whole escrow goes back.
        Cancelled
    }

    /// @notice Where a participation stands.
    enum Stage {
        None,
        Joined,
        /// Ended by the patient before anything was delivered: earns nothing.
        Withdrawn,
        Delivered,
        /// Ended after the delivery, by the patient or by a dispute that the steward won: what is due stays due.
        Left,
        /// The patient says that nothing was delivered: nobody is paid for it yet.
        Disputed,
        /// The steward says that it was, and has nobody's signature.
        Answered,
        /// The steward says that it was, and has the patient's or the researcher's signature.
        Acknowledged,
        /// A dispute that the steward lost: earns nothing.
        Undelivered
    }

    /// @notice What a researcher offers.
    struct Offer {
        /// @dev The salted digest of the terms.
        bytes32 termsDigest;
        CategoryMask categories;
        /// @dev For each participant, in the token's smallest units. The patient gets {PATIENT_PERCENT} of it.
        uint96 price;
        /// @dev Nothing is released before so many consents stand at once; see {release}.
        uint24 minimum;
        uint24 maximum;
        /// @dev Until when patients join (seconds).
        uint40 enrolUntil;
        /// @dev Until when data is delivered (seconds).
        uint40 closesAt;
    }

    /// @notice A study.
    struct Study {
        ParticipantId researcher;
        StudyStatus status;
        CategoryMask categories;
        uint24 minimum;
        uint24 maximum;
        /// @dev How many take part now: those who withdrew or disputed don't.
        uint24 joined;
        /// @dev For how many there is something to pay.
        uint24 delivered;
        uint40 enrolUntil;
        uint40 closesAt;
        /// @dev Whether the minimum was reached once; never taken back.
        bool released;
        /// @dev Who put up the escrow and gets the rest of it back.
        address payer;
        uint96 price;
        bytes32 termsDigest;
        /// @dev For how many it isn't decided yet whether there is something to pay.
        uint24 disputed;
        /// @dev For how many the price went back.
        uint24 refunded;
        /// @dev For how many the bank has its share.
        uint24 bankPaid;
    }

    /// @notice One patient's part in one study.
    struct Participation {
        Stage stage;
        /// @dev Whether the patient has the money.
        bool paid;
        ParticipantId steward;
        /// @dev In seconds; 0: not yet.
        uint40 deliveredAt;
        /// @dev Until when a dispute is answered or decided (seconds); 0: there is none.
        uint40 deadline;
        /// @dev The first 15 bytes of the digest of what was delivered: the rest of the word.
        bytes15 dataTag;
    }

    /// @notice What a steward earns by a study.
    struct Credit {
        /// @dev For how many patients.
        uint24 delivered;
        /// @dev For how many of them it has its share.
        uint24 paid;
    }

    /// @notice Emitted when a researcher opened a study.
    event StudyOpened(uint64 indexed study, ParticipantId indexed researcher, Offer offer);

    /// @notice Emitted when a patient joined a study.
    event Joined(uint64 indexed study, ParticipantId indexed patient, ParticipantId indexed steward);

    /// @notice Emitted when a patient withdrew.
    /// @param stage Withdrawn, or Left where data had been delivered.
    event ParticipationWithdrawn(uint64 indexed study, ParticipantId indexed patient, Stage stage);

    /// @notice Emitted when a page of {release} didn't reach the minimum.
    /// @param by Whose count it is.
    /// @param counted How many consents this account's pages counted so far.
    event ReleaseCounted(uint64 indexed study, address indexed by, uint256 counted);

    /// @notice Emitted when a study reached its minimum: from now on data is delivered.
    event StudyReleased(uint64 indexed study, uint256 counted);

    /// @notice Emitted when a steward delivered a patient's data.
    /// @param dataDigest A salted digest of what was delivered.
    event Delivered(
        uint64 indexed study,
        ParticipantId indexed patient,
        ParticipantId indexed steward,
        bytes32 dataDigest
    );

    /// @notice Emitted when a patient disputed a delivery: it isn't paid before that is decided.
    /// @param answerUntil Until when the steward answers (seconds).
    event DeliveryDisputed(uint64 indexed study, ParticipantId indexed patient, uint40 answerUntil);

    /// @notice Emitted when a dispute was answered.
    /// @param by The steward, or who acknowledged the delivery.
    /// @param decideUntil Until when the authority decides (seconds).
    event DisputeAnswered(
        uint64 indexed study,
        ParticipantId indexed patient,
        ParticipantId indexed by,
        uint40 decideUntil
    );

    /// @notice Emitted when a dispute was decided, by the authority or because a term ran out.
    event DisputeDecided(uint64 indexed study, ParticipantId indexed patient, bool delivered);

    /// @notice Emitted when a study ended.
    /// @param delivered For how many participants there is something to pay.
    /// @param refundable What goes back to who paid.
    event StudyEnded(uint64 indexed study, StudyStatus status, uint24 delivered, uint256 refundable);

    /// @notice Emitted when a patient's or a steward's share was paid out.
    event PaidOut(uint64 indexed study, ParticipantId indexed participant, address to, uint256 amount);

    /// @notice Emitted when the bank's share was paid out.
    event BankPaid(uint64 indexed study, uint256 amount);

    /// @notice Emitted when the rest of the escrow went back.
    event Refunded(uint64 indexed study, address to, uint256 amount);

    /// @notice Thrown when `id` isn't licensed for research.
    error NotAResearcher(ParticipantId id);

    /// @notice Thrown when an offer makes no sense: no terms, no category, no price, a cohort or dates in the wrong order.
    error InvalidOffer();

    /// @notice Thrown when the escrow that arrived isn't what was asked for.
    error EscrowMismatch(uint256 received, uint256 asked);

    /// @notice Thrown when a study doesn't exist or has ended.
    error StudyNotOpen(uint64 study);

    /// @notice Thrown when nobody can join any more.
    error EnrolmentClosed(uint64 study);

    /// @notice Thrown when the patient has no account with the Data Bank, so isn't attested.
    error PatientNotAttested(ParticipantId patient);

    /// @notice Thrown when a patient takes part already, or did.
    error AlreadyTookPart(uint64 study, ParticipantId patient);

    /// @notice Thrown when the grant names no steward, ends before the study does, or isn't there.
    error GrantDoesNotFit(uint64 study);

    /// @notice Thrown when one person's grant comes with another one's consent.
    error NotTheSamePatient(ParticipantId joining, ParticipantId granting);

    /// @notice Thrown when the patient doesn't take part at this stage.
    error WrongStage(uint64 study, ParticipantId patient, Stage stage);

    /// @notice Thrown when the participants of a page aren't in ascending order: one would count twice.
    error NotAscending(ParticipantId participant);

    /// @notice Thrown when the study was released before.
    error AlreadyReleased(uint64 study);

    /// @notice Thrown when nothing may be delivered before {release} reached the minimum.
    error NotReleased(uint64 study);

    /// @notice Thrown when a receipt comes from another steward than the one that the patient named.
    error NotTheSteward(ParticipantId signer, ParticipantId steward);

    /// @notice Thrown when a receipt names no data.
    error MissingData();

    /// @notice Thrown when an acknowledgement is of another digest than the receipt's.
    error OtherData(uint64 study, ParticipantId patient);

    /// @notice Thrown when somebody else than the patient or the researcher acknowledged a delivery.
    error NotARecipient(ParticipantId signer);

    /// @notice Thrown when the patient's grant doesn't allow a delivery any more.
    error ConsentRevoked(uint64 study, ParticipantId patient);

    /// @notice Thrown when the time for it is over (seconds).
    error TooLate(uint256 deadline);

    /// @notice Thrown before the time for it has come (seconds).
    error TooEarly(uint256 from);

    /// @notice Thrown when a study can't be cancelled: not by this caller, or because it was released.
    error NotCancellable(uint64 study);

    /// @notice Thrown when there is nothing to pay, or it was paid. The bank is nobody.
    error NothingToPay(uint64 study, ParticipantId participant);

    /// @notice Thrown when there is nothing to give back, or it was given back.
    error NothingToRefund(uint64 study);

    /// @notice Opens a study and takes `price × maximum` into escrow; the caller is an owner of a licensed researcher, and
    /// approved it. What isn't owed goes back to the same account.
    /// @return study Its number.
    function open(Offer calldata offer) external returns (uint64 study);

    /// @notice Joins a study; the caller is the patient. Refused while a recovery is pending.
    /// @dev The grant that the study needs is to its researcher, for HRESCH, over the study's categories at one steward.
    /// Where `consent` can't be used, because somebody else sent it to {IConsents} first, or where it is empty, what the
    /// patient has granted counts: all of that, until the study closes or longer.
    /// @param study The study.
    /// @param steward Who keeps the data.
    /// @param until Until when the grant lasts (seconds): the whole minute before it is no earlier than the study's end.
    /// @param consent The patient's signature `Grant`, with `sensitiveFromAnySteward` false.
    function join(uint64 study, ParticipantId steward, uint40 until, Authorization calldata consent) external;

    /// @notice Joins for the patient that signed `StudyJoin`; anybody may send it.
    function joinWithSig(
        uint64 study,
        ParticipantId steward,
        uint40 until,
        Authorization calldata consent,
        Authorization calldata joining
    ) external;

    /// @notice Withdraws from an open study; the caller is the patient. What was delivered stays due, and nothing more is
    /// delivered. The grant is revoked apart, which alone stops deliveries as well.
    function withdraw(uint64 study) external;

    /// @notice Withdraws for the patient that signed `StudyWithdrawal`; anybody may send it.
    function withdrawWithSig(uint64 study, Authorization calldata authorization) external;

    /// @notice Counts who of the participants has granted all that the study asks for, now, to a researcher and at a
    /// provider whose licences are live. A count that reaches the minimum releases the study for good. Anybody may send it,
    /// between the end of enrolment and the study's.
    /// @dev Who doesn't count is passed over: nobody who revokes in the last moment makes the others' page fail. What one
    /// transaction can't hold is counted in pages: one that goes on, within {RELEASE_TERM} of the first, after the last
    /// participant of the same account's page before adds to that, any other one starts anew.
    /// @param participants Some of those who joined, in ascending order.
    function release(uint64 study, ParticipantId[] calldata participants) external;

    /// @notice Notes that a steward delivered a patient's data, by its signed `DeliveryReceipt`; anybody may send it.
    /// @dev Only where {isReleased} holds, and while the patient's grant and the researcher's licence last.
    /// @param dataDigest A salted digest of what was delivered.
    function deliver(uint64 study, ParticipantId patient, bytes32 dataDigest, Authorization calldata receipt) external;

    /// @notice Disputes a delivery within {DISPUTE_TERM}; the caller is the patient, who may have withdrawn since.
    function dispute(uint64 study) external;

    /// @notice Disputes for the patient that signed `DeliveryDispute`; anybody may send it.
    function disputeWithSig(uint64 study, Authorization calldata authorization) external;

    /// @notice Answers a dispute within {ANSWER_TERM} with the steward's word; the caller is the steward. The delivery
    /// falls unless the authority says otherwise.
    function answerDispute(uint64 study, ParticipantId patient) external;

    /// @notice Answers a dispute by the signed `DeliveryAcknowledgement` of the patient or the researcher; anybody may send
    /// it, within {ANSWER_TERM}, or after {answerDispute} before it is decided. The delivery stands unless the authority
    /// says otherwise.
    /// @param dataDigest What the steward's receipt named.
    function acknowledge(
        uint64 study,
        ParticipantId patient,
        bytes32 dataDigest,
        Authorization calldata acknowledgement
    ) external;

    /// @notice Decides a dispute that was answered, within {DECISION_TERM}. Restricted to the authority, with its delay.
    /// @param delivered Whether the data was delivered; then everybody is paid, and the patient has left the study.
    function decideDispute(uint64 study, ParticipantId patient, bool delivered) external;

    /// @notice Ends a dispute whose term ran out; anybody may send it. Without an acknowledgement it is the patient's.
    function closeDispute(uint64 study, ParticipantId patient) external;

    /// @notice Ends a study when its deliveries can no longer be disputed; anybody may send it.
    function settle(uint64 study) external;

    /// @notice Ends a study that was not released; the caller is the researcher.
    function cancel(uint64 study) external;

    /// @notice Pays the caller's share, once the delivery can no longer be disputed. Refused while a recovery is pending.
    /// @param to Who gets the tokens.
    function payout(uint64 study, address to) external;

    /// @notice Pays the share of the patient that signed `StudyPayout`; anybody may send it.
    function payoutWithSig(uint64 study, address to, Authorization calldata authorization) external;

    /// @notice Pays what a steward, whose owner calls, earned by a settled study, for all of its patients at once; again for
    /// what was decided since.
    function payoutSteward(uint64 study, address to) external;

    /// @notice Pays the bank's share of a settled study; anybody may send it, again for what was decided since.
    function payoutBank(uint64 study) external;

    /// @notice Returns what an ended study doesn't owe to who paid for it; anybody may send it, again for what was decided
    /// since. What is disputed stays.
    function refund(uint64 study) external;

    /// @notice Whether data may be delivered to a study: {release} reached its minimum, and it isn't closed. It says
    /// nothing about one patient's grant.
    function isReleased(uint64 study) external view returns (bool);

    /// @notice A study.
    function studyOf(uint64 study) external view returns (Study memory);

    /// @notice One patient's part in a study.
    function participationOf(uint64 study, ParticipantId patient) external view returns (Participation memory);

    /// @notice What a steward earns by a study.
    function creditOf(uint64 study, ParticipantId steward) external view returns (Credit memory);

    /// @notice How many studies there are; their numbers are 1 to this one.
    function studyCount() external view returns (uint64);
}
