// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISignedActions} from "../../interfaces/ISignedActions.sol";
import {Authorization} from "../../types/Authorization.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";

/// @title IDataBank
/// @notice Interest on data held in trust: each season a fixed amount, shared among the deposits of that season.
/// @dev A season takes 30 days. What was written in season S is confirmed by stewards in S + 1 and can be disputed until
/// the end of S + 2; from S + 3 to S + 8 it is claimed, and vests over 180 days. Until the end of S + 14, when the last of
/// it has vested, a false deposit is struck.
///
/// A deposit is one (patient, steward, season): it counts once, however many records it was split into, whether the
/// steward's batch or its statement confirms it or both, and also where the patient wrote the records and the steward only
/// signs for one of them.
///
/// Trust: a steward's word that there was a deposit, as far as its budget and its bond reach. The authority sets the
/// budgets, within {MAX_BUDGET}, and strikes false deposits, both with its delay. It can't mint, nor touch what has vested.
///
/// Warning: nobody counts the leaves of a batch. A steward that names too high a number lowers what everybody gets; one
/// that names too low a number leaves the last of its patients without.
interface IDataBank is ISignedActions {
    /// @notice What became of a deposit.
    enum DepositStatus {
        None,
        /// Confirmed by a statement of its own.
        Stated,
        Claimed,
        Struck
    }

    /// @notice A patient's account.
    struct Account {
        bool open;
        /// @dev How many signed withdrawals there were: the next one names this number.
        uint24 withdrawals;
        /// @dev May be withdrawn, in units of 10^-18.
        uint88 available;
        /// @dev Vests until `vestedAt`, in units of 10^-18.
        uint88 locked;
        /// @dev As of when these are (hours since the Unix epoch).
        uint24 updatedAt;
        /// @dev When everything has vested (hours since the Unix epoch).
        uint24 vestedAt;
    }

    /// @notice One patient's deposit with one steward in one season.
    struct Deposit {
        DepositStatus status;
        /// @dev How many deposits with this steward came in a row before this one, {MAX_STREAK} at the most.
        uint8 streak;
        /// @dev What it earned, in units of 10^-18.
        uint88 interest;
    }

    /// @notice What a steward may confirm, and what stands for it.
    struct Steward {
        /// @dev How many deposits in a season.
        uint32 budget;
        /// @dev In wei.
        uint96 bond;
        /// @dev When the bond may be taken out (seconds); 0: nobody asked.
        uint40 bondFreeAt;
        /// @dev How many deposits it confirmed that may still be struck: the bond stands for all of them together.
        uint32 exposed;
        /// @dev The first of their seasons.
        uint32 oldest;
    }

    /// @notice What a steward confirmed of a season.
    struct Confirmation {
        /// @dev The root over the patients of the batch; zero without one.
        bytes32 root;
        /// @dev How many deposits, in the batch and by statements.
        uint32 count;
        /// @dev How many of them were claimed.
        uint32 claimed;
    }

    /// @notice Emitted when a patient opened an account.
    /// @param patient The patient.
    /// @param issuer Who attested the patient's identity.
    event AccountOpened(ParticipantId indexed patient, ParticipantId indexed issuer);

    /// @notice Emitted when the authority set how many deposits a steward may confirm in a season.
    event BudgetSet(ParticipantId indexed steward, uint32 budget);

    /// @notice Emitted when somebody raised a steward's bond.
    /// @param bond What it is now (wei).
    event BondPosted(ParticipantId indexed steward, uint256 bond);

    /// @notice Emitted when a steward asked for its bond.
    /// @param freeAt When it may be taken out (seconds).
    event BondReleasing(ParticipantId indexed steward, uint40 freeAt);

    /// @notice Emitted when a steward left its bond where it is.
    event BondKept(ParticipantId indexed steward);

    /// @notice Emitted when a steward took its bond out (wei).
    event BondReleased(ParticipantId indexed steward, address to, uint256 amount);

    /// @notice Emitted when a steward confirmed a batch of deposits.
    /// @param root The root over their leaves.
    /// @param count How many, by the steward's word.
    event SeasonConfirmed(ParticipantId indexed steward, uint32 indexed season, bytes32 root, uint32 count);

    /// @notice Emitted when a steward's statement about a deposit was handed in.
    /// @param recordDigest The digest of the anchored record that the steward signed for: its own, or the patient's.
    event DepositConfirmed(
        ParticipantId indexed patient,
        ParticipantId indexed steward,
        uint32 indexed season,
        bytes32 recordDigest
    );

    /// @notice Emitted when a deposit's interest was credited.
    /// @param amount In units of 10^-18, of which nothing has vested yet.
    /// @param streak How many deposits with this steward came in a row before this one.
    event InterestCredited(
        ParticipantId indexed patient,
        ParticipantId indexed steward,
        uint32 indexed season,
        uint256 amount,
        uint8 streak
    );

    /// @notice Emitted when the authority struck a false deposit.
    /// @param clawedBack What had been credited and not vested, in units of 10^-18.
    /// @param slashed What the steward's bond lost, in wei.
    event DepositStruck(
        ParticipantId indexed patient,
        ParticipantId indexed steward,
        uint32 indexed season,
        uint256 clawedBack,
        uint256 slashed
    );

    /// @notice Emitted when a patient took tokens out: they are minted then.
    event Withdrawn(ParticipantId indexed patient, address to, uint256 amount);

    /// @notice Thrown when the identity that is named isn't the patient's.
    error IdentityNotAttested(ParticipantId patient);

    /// @notice Thrown when the issuer's licence isn't live.
    error IssuerNotLicensed(ParticipantId issuer);

    /// @notice Thrown when the patient has an account already.
    error AccountAlreadyOpen(ParticipantId patient);

    /// @notice Thrown when the patient has no account.
    error NoAccount(ParticipantId patient);

    /// @notice Thrown when a budget exceeds {MAX_BUDGET}.
    error BudgetTooLarge(uint256 budget, uint256 largest);

    /// @notice Thrown when a steward confirms more deposits than its budget, or its bond, covers.
    error BudgetExceeded(ParticipantId steward, uint256 count, uint256 allowed);

    /// @notice Thrown in season 0: no season is over yet.
    error NoSeasonToConfirm();

    /// @notice Thrown when another season than the one before is confirmed: that one is `confirmable`.
    error SeasonNotConfirmable(uint256 season, uint256 confirmable);

    /// @notice Thrown when a batch has no root or no deposits.
    error EmptyBatch();

    /// @notice Thrown when the steward confirmed a batch of this season already.
    error BatchAlreadyConfirmed(ParticipantId steward, uint256 season);

    /// @notice Thrown when a statement names no record.
    error MissingRecord();

    /// @notice Thrown when the steward stated this deposit already.
    error DepositAlreadyConfirmed(ParticipantId patient, ParticipantId steward, uint256 season);

    /// @notice Thrown before interest of `season` can be claimed.
    error TooEarlyToClaim(uint256 season, uint256 current);

    /// @notice Thrown when interest of `season` can no longer be claimed.
    error TooLateToClaim(uint256 season, uint256 current);

    /// @notice Thrown when nobody confirmed this deposit.
    error NotConfirmed(ParticipantId patient, ParticipantId steward, uint256 season);

    /// @notice Thrown when as many deposits were claimed as the steward confirmed.
    error BatchUsedUp(ParticipantId steward, uint256 season);

    /// @notice Thrown when the deposit's interest was claimed already.
    error AlreadyClaimed(ParticipantId patient, ParticipantId steward, uint256 season);

    /// @notice Thrown when the deposit was struck.
    error DepositIsStruck(ParticipantId patient, ParticipantId steward, uint256 season);

    /// @notice Thrown when a deposit can no longer be struck: all that it earned may have vested.
    error TooLateToStrike(uint256 season, uint256 current);

    /// @notice Thrown when a withdrawal asks for more than has vested.
    error NotVested(uint256 asked, uint256 available);

    /// @notice Thrown when a steward keeps a bond that it didn't ask for.
    error BondNotReleasing(ParticipantId steward);

    /// @notice Thrown when a bond can't be taken out yet (seconds; 0: nobody asked).
    error BondNotFree(uint256 freeAt);

    /// @notice Thrown when a bond couldn't be paid out.
    error BondNotPaid(address to);

    /// @notice Opens an account for the caller.
    /// @param issuer The licensed provider that attested the caller's identity.
    /// @param commitment Which identity; see {IIdentities-linkIdentity}.
    function openAccount(ParticipantId issuer, bytes32 commitment) external;

    /// @notice Opens an account for the patient that signed `AccountOpening`; anybody may send it.
    function openAccountWithSig(
        ParticipantId issuer,
        bytes32 commitment,
        Authorization calldata authorization
    ) external;

    /// @notice Sets how many deposits a steward may confirm in a season. Restricted to the authority, with its delay.
    /// @dev Takes nothing back that was confirmed.
    function setBudget(ParticipantId steward, uint32 budget) external;

    /// @notice Raises a steward's bond by what is sent. {BOND_PER_DEPOSIT} has to stand for each
    /// deposit that may still be struck, those of the last {STRIKE_UNTIL} seasons together.
    function postBond(ParticipantId steward) external payable;

    /// @notice Asks for the bond of the caller's institution; the caller is an owner, here and below. It is free after {BOND_DELAY}, and confirms nothing from now on.
    function releaseBond() external;

    /// @notice Leaves the bond where it is: it confirms deposits again.
    function keepBond() external;

    /// @notice Takes the bond out.
    function withdrawBond(address payable to) external;

    /// @notice Confirms the deposits of the season before, as one batch; the caller is a licensed steward.
    /// @param season The one before; so a transaction that is mined too late doesn't confirm the next one.
    /// @param root OpenZeppelin's Merkle root over the leaves {depositLeaf} of the patients.
    /// @param count How many leaves there are.
    function confirmSeason(uint32 season, bytes32 root, uint32 count) external;

    /// @notice Confirms one deposit of the season before by the steward's signed `DepositStatement`; anybody may send it.
    /// @dev The statement of a patient who is in the batch as well counts twice against the budget, and pays once.
    /// @param recordDigest The digest of the anchored record that the steward signed for: its own, or one that the patient
    /// wrote. The contract doesn't look for it; the statement is what the steward answers for.
    function confirmDeposit(ParticipantId patient, bytes32 recordDigest, Authorization calldata authorization) external;

    /// @notice Credits the interest of a deposit; the caller is the patient. Refused while a recovery is pending.
    /// @dev Everything that hasn't vested yet vests anew from then on. A deposit continues a row only where the one before
    /// it was claimed first; so nobody else claims for a patient.
    /// @param proof Of the patient's leaf in the steward's batch; empty for a deposit that was confirmed by a statement.
    function claim(ParticipantId steward, uint32 season, bytes32[] calldata proof) external;

    /// @notice Credits the interest for the patient that signed `InterestClaim`; anybody may send it.
    function claimWithSig(
        ParticipantId steward,
        uint32 season,
        bytes32[] calldata proof,
        Authorization calldata authorization
    ) external;

    /// @notice Strikes a proven false deposit, claws back what hasn't vested of it, and slashes the steward's bond by
    /// {SLASH_FACTOR} times what stands for one deposit. Restricted to the authority, with its delay.
    /// @param proof Of the patient's leaf, where the deposit is in a batch and wasn't claimed; or else empty.
    function strike(ParticipantId patient, ParticipantId steward, uint32 season, bytes32[] calldata proof) external;

    /// @notice Mints what has vested to `to`; the caller is the patient. Refused while a recovery is pending.
    function withdraw(address to, uint256 amount) external;

    /// @notice Mints what has vested for the patient that signed `InterestWithdrawal`; anybody may send it.
    function withdrawWithSig(address to, uint256 amount, Authorization calldata authorization) external;

    /// @notice Burns the bank's tokens: what studies paid to it. Anybody may send it.
    function burnFees() external;

    /// @notice The season of now: 0 is the one in which the bank was deployed.
    function currentSeason() external view returns (uint32);

    /// @notice What a season mints at the most, in units of 10^-18.
    function emissionOf(uint32 season) external view returns (uint256);

    /// @notice What one deposit of a season earns, before the bonus for deposits in a row; final once the season after it
    /// is over.
    function interestOf(uint32 season) external view returns (uint256);

    /// @notice Whether a patient has an account, so an attested identity.
    function hasAccount(ParticipantId patient) external view returns (bool);

    /// @notice A patient's account as of now.
    function accountOf(ParticipantId patient) external view returns (Account memory);

    /// @notice A steward's budget, its bond, and what that stands for now.
    function stewardOf(ParticipantId steward) external view returns (Steward memory);

    /// @notice What a steward confirmed of a season.
    function confirmationOf(ParticipantId steward, uint32 season) external view returns (Confirmation memory);

    /// @notice What became of a deposit. One that is in a batch and wasn't claimed has no status.
    function depositOf(
        ParticipantId patient,
        ParticipantId steward,
        uint32 season
    ) external view returns (Deposit memory);

    /// @notice How many deposits of a season were confirmed, by the stewards' word.
    function depositsOf(uint32 season) external view returns (uint256);

    /// @notice What stands for a patient in a steward's batch of a season.
    function depositLeaf(ParticipantId patient, ParticipantId steward, uint32 season) external pure returns (bytes32);
}
