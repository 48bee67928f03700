// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IRegistrar} from "../../interfaces/IRegistrar.sol";
import {SignedActions} from "../../libraries/SignedActions.sol";
import {Authorization} from "../../types/Authorization.sol";
import {PROVIDER} from "../../types/Participant.sol";
import {ParticipantId} from "../../types/ParticipantId.sol";
import {ChartToken} from "./ChartToken.sol";
import {IDataBank} from "./IDataBank.sol";

/// @title DataBank
/// @notice See {IDataBank}.
contract DataBank is IDataBank, SignedActions, AccessManaged {
    using SafeCast for uint256;

    /// @notice How long a season takes.
    uint256 public constant SEASON = 30 days;
    /// @notice After how many seasons the emission halves.
    uint256 public constant HALVING = 48;
    /// @notice What each of the first seasons mints at the most. All seasons together stay below 2 × 48 times that.
    uint256 public constant FIRST_EMISSION = 10_000_000e18;
    /// @notice What one deposit earns at the most, before the bonus: a few depositors don't share the whole emission.
    uint256 public constant MAX_INTEREST = 100e18;
    /// @notice The bonus for each deposit that came in a row before, in percent.
    uint256 public constant BONUS_PERCENT = 5;
    /// @notice How many deposits in a row count.
    uint8 public constant MAX_STREAK = 5;
    /// @notice How many deposits a steward may be allowed to confirm in a season.
    uint32 public constant MAX_BUDGET = 1_000_000;
    /// @notice What stands for each deposit that a steward confirmed and that may still be struck (wei).
    uint256 public constant BOND_PER_DEPOSIT = 0.0001 ether;
    /// @notice How many times {BOND_PER_DEPOSIT} a struck deposit costs.
    uint256 public constant SLASH_FACTOR = 100;
    /// @notice How long credited interest vests: six seasons.
    uint256 public constant VESTING = 180 days;
    /// @notice From which season after a deposit's on its interest is claimed.
    uint256 public constant CLAIM_AFTER = 3;
    /// @notice Until which season after a deposit's its interest is claimed.
    uint256 public constant CLAIM_UNTIL = 8;
    /// @notice Until which season after a deposit's it may be struck: when what was claimed last has vested.
    uint256 public constant STRIKE_UNTIL = 14;
    /// @notice How long a bond stays after it was asked for: until nothing that it stands for can be struck.
    uint40 public constant BOND_DELAY = 420 days;

    bytes32 private constant OPENING_TYPEHASH = keccak256(
        "AccountOpening(uint40 patient,uint40 issuer,bytes32 commitment,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant STATEMENT_TYPEHASH = keccak256(
        "DepositStatement(uint40 steward,uint40 patient,uint32 season,bytes32 recordDigest,uint48 deadline)"
    );
    bytes32 private constant CLAIM_TYPEHASH = keccak256(
        "InterestClaim(uint40 patient,uint40 steward,uint32 season,uint32 signatureEpoch,uint48 deadline)"
    );
    bytes32 private constant WITHDRAWAL_TYPEHASH = keccak256(
        "InterestWithdrawal(uint40 patient,address to,uint256 amount,uint24 withdrawal,uint32 signatureEpoch,uint48 deadline)"
    );

    /// @notice Who is who.
    IRegistrar public immutable registrar;
    /// @notice What the bank pays with.
    ChartToken public immutable token;
    /// @notice When season 0 began (seconds).
    uint256 public immutable start;

    mapping(ParticipantId patient => Account account) private _accounts;
    mapping(ParticipantId steward => Steward settings) private _stewards;
    mapping(ParticipantId steward => mapping(uint32 season => Confirmation confirmation)) private _confirmations;
    mapping(uint32 season => uint256 deposits) private _totals;
    /// @dev The key packs patient, steward and season: see {_depositKey}.
    mapping(uint256 key => Deposit deposit) private _deposits;

    /// @param authority The {Authority}, which holds roles and delays.
    /// @param registrar_ Who is who.
    constructor(address authority, IRegistrar registrar_) AccessManaged(authority) {
        registrar = registrar_;
        token = new ChartToken();
        start = block.timestamp;
    }

    // Accounts

    /// @inheritdoc IDataBank
    function openAccount(ParticipantId issuer, bytes32 commitment) external {
        (ParticipantId patient, ) = registrar.authorizeAgreement(msg.sender);
        _openAccount(patient, issuer, commitment);
    }

    /// @inheritdoc IDataBank
    function openAccountWithSig(
        ParticipantId issuer,
        bytes32 commitment,
        Authorization calldata authorization
    ) external {
        (ParticipantId patient, uint32 signatureEpoch) = registrar.authorizeAgreement(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(OPENING_TYPEHASH, patient, issuer, commitment, signatureEpoch, authorization.deadline))
        );

        _openAccount(patient, issuer, commitment);
    }

    // Stewards

    /// @inheritdoc IDataBank
    function setBudget(ParticipantId steward, uint32 budget) external restricted {
        if (budget > MAX_BUDGET) revert BudgetTooLarge(budget, MAX_BUDGET);

        _stewards[steward].budget = budget;

        emit BudgetSet(steward, budget);
    }

    /// @inheritdoc IDataBank
    function postBond(ParticipantId steward) external payable {
        Steward storage s = _stewards[steward];
        s.bond += msg.value.toUint96();

        emit BondPosted(steward, s.bond);
    }

    /// @inheritdoc IDataBank
    function releaseBond() external {
        ParticipantId steward = registrar.authenticateOwner(msg.sender);
        uint40 freeAt = uint40(block.timestamp) + BOND_DELAY;
        _stewards[steward].bondFreeAt = freeAt;

        emit BondReleasing(steward, freeAt);
    }

    /// @inheritdoc IDataBank
    function keepBond() external {
        ParticipantId steward = registrar.authenticateOwner(msg.sender);
        if (_stewards[steward].bondFreeAt == 0) revert BondNotReleasing(steward);

        _stewards[steward].bondFreeAt = 0;

        emit BondKept(steward);
    }

    /// @inheritdoc IDataBank
    function withdrawBond(address payable to) external {
        ParticipantId steward = registrar.authenticateOwner(msg.sender);
        Steward storage s = _stewards[steward];
        if (s.bondFreeAt == 0 || block.timestamp < s.bondFreeAt) revert BondNotFree(s.bondFreeAt);

        uint256 amount = s.bond;
        s.bond = 0;
        s.bondFreeAt = 0;

        emit BondReleased(steward, to, amount);
        // solhint-disable-next-line avoid-low-level-calls
        (bool paid, ) = to.call{value: amount}("");
        if (!paid) revert BondNotPaid(to);
    }

    // Deposits

    /// @inheritdoc IDataBank
    function confirmSeason(uint32 season, bytes32 root, uint32 count) external {
        ParticipantId steward = registrar.authenticateProvider(msg.sender);
        if (root == 0 || count == 0) revert EmptyBatch();
        uint32 confirmable = _confirmable();
        if (season != confirmable) revert SeasonNotConfirmable(season, confirmable);
        Confirmation storage confirmation = _confirmations[steward][season];
        if (confirmation.root != 0) revert BatchAlreadyConfirmed(steward, season);

        confirmation.root = root;
        _count(steward, season, confirmation, count);

        emit SeasonConfirmed(steward, season, root, count);
    }

    /// @inheritdoc IDataBank
    function confirmDeposit(
        ParticipantId patient,
        bytes32 recordDigest,
        Authorization calldata authorization
    ) external {
        ParticipantId steward = registrar.authenticateProvider(authorization.account);
        uint32 season = _confirmable();
        _checkSignature(
            authorization,
            keccak256(abi.encode(STATEMENT_TYPEHASH, steward, patient, season, recordDigest, authorization.deadline))
        );
        if (recordDigest == 0) revert MissingRecord();
        if (!_accounts[patient].open) revert NoAccount(patient);
        Deposit storage deposit = _deposits[_depositKey(patient, steward, season)];
        if (deposit.status == DepositStatus.Struck) revert DepositIsStruck(patient, steward, season);
        if (deposit.status != DepositStatus.None) revert DepositAlreadyConfirmed(patient, steward, season);

        deposit.status = DepositStatus.Stated;
        _count(steward, season, _confirmations[steward][season], 1);

        emit DepositConfirmed(patient, steward, season, recordDigest);
    }

    /// @inheritdoc IDataBank
    function claim(ParticipantId steward, uint32 season, bytes32[] calldata proof) external {
        (ParticipantId patient, ) = registrar.authorizeAgreement(msg.sender);
        _claim(patient, steward, season, proof);
    }

    /// @inheritdoc IDataBank
    function claimWithSig(
        ParticipantId steward,
        uint32 season,
        bytes32[] calldata proof,
        Authorization calldata authorization
    ) external {
        (ParticipantId patient, uint32 signatureEpoch) = registrar.authorizeAgreement(authorization.account);
        _checkSignature(
            authorization,
            keccak256(abi.encode(CLAIM_TYPEHASH, patient, steward, season, signatureEpoch, authorization.deadline))
        );

        _claim(patient, steward, season, proof);
    }

    /// @inheritdoc IDataBank
    function strike(
        ParticipantId patient,
        ParticipantId steward,
        uint32 season,
        bytes32[] calldata proof
    ) external restricted {
        uint32 current = currentSeason();
        if (current > season + STRIKE_UNTIL) revert TooLateToStrike(season, current);
        Deposit storage deposit = _deposits[_depositKey(patient, steward, season)];
        DepositStatus status = deposit.status;
        uint88 clawedBack = 0;
        if (status == DepositStatus.Claimed) {
            Account memory account = accountOf(patient);
            clawedBack = uint88(Math.min(account.locked, deposit.interest));
            account.locked -= clawedBack;
            _accounts[patient] = account;
        } else {
            _checkConfirmed(patient, steward, season, status, proof);
        }

        deposit.status = DepositStatus.Struck;
        // It stays here for ever: whoever strikes gains nothing by it.
        uint96 slashed = uint96(Math.min(_stewards[steward].bond, SLASH_FACTOR * BOND_PER_DEPOSIT));
        _stewards[steward].bond -= slashed;

        emit DepositStruck(patient, steward, season, clawedBack, slashed);
    }

    // Ways out

    /// @inheritdoc IDataBank
    function withdraw(address to, uint256 amount) external {
        (ParticipantId patient, ) = registrar.authorizeAgreement(msg.sender);
        _withdraw(patient, accountOf(patient), to, amount);
    }

    /// @inheritdoc IDataBank
    function withdrawWithSig(address to, uint256 amount, Authorization calldata authorization) external {
        (ParticipantId patient, uint32 signatureEpoch) = registrar.authorizeAgreement(authorization.account);
        Account memory account = accountOf(patient);
        _checkSignature(
            authorization,
            keccak256(
                abi.encode(
                    WITHDRAWAL_TYPEHASH,
                    patient,
                    to,
                    amount,
                    account.withdrawals,
                    signatureEpoch,
                    authorization.deadline
                )
            )
        );

        ++account.withdrawals;
        _withdraw(patient, account, to, amount);
    }

    /// @inheritdoc IDataBank
    function burnFees() external {
        token.burn(token.balanceOf(address(this)));
    }

    // Views

    /// @inheritdoc IDataBank
    function currentSeason() public view returns (uint32) {
        return ((block.timestamp - start) / SEASON).toUint32();
    }

    /// @inheritdoc IDataBank
    function emissionOf(uint32 season) public pure returns (uint256) {
        return FIRST_EMISSION >> (season / HALVING);
    }

    /// @inheritdoc IDataBank
    function interestOf(uint32 season) public view returns (uint256) {
        uint256 deposits = _totals[season];
        if (deposits == 0) return 0;
        // What the bonuses may come to is kept back, so that all of it is never more than the emission.
        uint256 shared = (emissionOf(season) * 100) / (100 + BONUS_PERCENT * MAX_STREAK);
        return Math.min(shared / deposits, MAX_INTEREST);
    }

    /// @inheritdoc IDataBank
    function hasAccount(ParticipantId patient) external view returns (bool) {
        return _accounts[patient].open;
    }

    /// @inheritdoc IDataBank
    function accountOf(ParticipantId patient) public view returns (Account memory account) {
        account = _accounts[patient];
        uint24 now_ = _hour(block.timestamp);
        uint88 vested = account.locked;
        if (account.vestedAt > now_) {
            // Rounds down: the rest vests later.
            uint256 passed = now_ - account.updatedAt;
            vested = uint88((uint256(account.locked) * passed) / (account.vestedAt - account.updatedAt));
        }
        account.locked -= vested;
        account.available += vested;
        account.updatedAt = now_;
    }

    /// @inheritdoc IDataBank
    function stewardOf(ParticipantId steward) external view returns (Steward memory) {
        return _exposed(steward);
    }

    /// @inheritdoc IDataBank
    function confirmationOf(ParticipantId steward, uint32 season) external view returns (Confirmation memory) {
        return _confirmations[steward][season];
    }

    /// @inheritdoc IDataBank
    function depositOf(
        ParticipantId patient,
        ParticipantId steward,
        uint32 season
    ) external view returns (Deposit memory) {
        return _deposits[_depositKey(patient, steward, season)];
    }

    /// @inheritdoc IDataBank
    function depositsOf(uint32 season) external view returns (uint256) {
        return _totals[season];
    }

    /// @inheritdoc IDataBank
    function depositLeaf(ParticipantId patient, ParticipantId steward, uint32 season) public pure returns (bytes32) {
        // Hashed twice: an interior node is never a leaf.
        return keccak256(bytes.concat(keccak256(abi.encode(patient, steward, season))));
    }

    // Internal: writes

    function _openAccount(ParticipantId patient, ParticipantId issuer, bytes32 commitment) private {
        if (registrar.resolve(issuer, commitment) != patient) revert IdentityNotAttested(patient);
        if (!registrar.licenceLasts(issuer, PROVIDER)) revert IssuerNotLicensed(issuer);
        if (_accounts[patient].open) revert AccountAlreadyOpen(patient);

        _accounts[patient].open = true;

        emit AccountOpened(patient, issuer);
    }

    function _count(ParticipantId steward, uint32 season, Confirmation storage confirmation, uint32 count) private {
        Steward memory s = _exposed(steward);
        uint256 covered = s.bondFreeAt == 0 ? s.bond / BOND_PER_DEPOSIT : 0;
        uint256 free = covered > s.exposed ? covered - s.exposed : 0;
        uint256 allowed = Math.min(s.budget, confirmation.count + free);
        uint256 counted = uint256(confirmation.count) + count;
        if (counted > allowed) revert BudgetExceeded(steward, counted, allowed);

        confirmation.count = uint32(counted);
        _totals[season] += count;
        s.exposed += count;
        _stewards[steward] = s;
    }

    function _claim(ParticipantId patient, ParticipantId steward, uint32 season, bytes32[] calldata proof) private {
        Account memory account = accountOf(patient);
        if (!account.open) revert NoAccount(patient);
        uint32 current = currentSeason();
        if (current < season + CLAIM_AFTER) revert TooEarlyToClaim(season, current);
        if (current > season + CLAIM_UNTIL) revert TooLateToClaim(season, current);
        Deposit storage deposit = _deposits[_depositKey(patient, steward, season)];
        if (deposit.status == DepositStatus.Claimed) revert AlreadyClaimed(patient, steward, season);
        _checkConfirmed(patient, steward, season, deposit.status, proof);
        Confirmation storage confirmation = _confirmations[steward][season];
        // A batch may have more leaves than the steward counted; no more are paid.
        if (confirmation.claimed == confirmation.count) revert BatchUsedUp(steward, season);

        ++confirmation.claimed;
        uint8 streak = _streakBefore(patient, steward, season);
        uint256 base = interestOf(season);
        // At the most 125 % of MAX_INTEREST, so it fits; the bonus rounds down.
        uint88 interest = uint88(base + (base * streak * BONUS_PERCENT) / 100);
        deposit.status = DepositStatus.Claimed;
        deposit.streak = streak;
        deposit.interest = interest;
        account.locked += interest;
        account.vestedAt = _hour(block.timestamp + VESTING);
        _accounts[patient] = account;

        emit InterestCredited(patient, steward, season, interest, streak);
    }

    function _withdraw(ParticipantId patient, Account memory account, address to, uint256 amount) private {
        if (!account.open) revert NoAccount(patient);
        if (amount > account.available) revert NotVested(amount, account.available);

        account.available -= uint88(amount);
        _accounts[patient] = account;

        emit Withdrawn(patient, to, amount);
        token.mint(to, amount);
    }

    // Internal: reads and checks

    /// @dev The steward without the seasons that can no longer be struck. One season passes for each that begins, and where
    /// nothing stands any more the rest is skipped: {STRIKE_UNTIL} reads at the most.
    function _exposed(ParticipantId steward) private view returns (Steward memory s) {
        s = _stewards[steward];
        uint32 current = currentSeason();
        uint32 oldest = current > STRIKE_UNTIL ? current - uint32(STRIKE_UNTIL) : 0;
        for (uint32 season = s.oldest; season < oldest && s.exposed != 0; ++season) {
            s.exposed -= _confirmations[steward][season].count;
        }
        s.oldest = oldest;
    }

    /// @dev Of a deposit that wasn't claimed.
    function _checkConfirmed(
        ParticipantId patient,
        ParticipantId steward,
        uint32 season,
        DepositStatus status,
        bytes32[] calldata proof
    ) private view {
        if (status == DepositStatus.Stated) return;
        if (status == DepositStatus.Struck) revert DepositIsStruck(patient, steward, season);
        bytes32 root = _confirmations[steward][season].root;
        if (!MerkleProof.verifyCalldata(proof, root, depositLeaf(patient, steward, season))) {
            revert NotConfirmed(patient, steward, season);
        }
    }

    /// @dev Deposits of a season are confirmed in the next one.
    function _confirmable() private view returns (uint32) {
        uint32 current = currentSeason();
        if (current == 0) revert NoSeasonToConfirm();
        return current - 1;
    }

    function _streakBefore(ParticipantId patient, ParticipantId steward, uint32 season) private view returns (uint8) {
        if (season == 0) return 0;
        Deposit memory before = _deposits[_depositKey(patient, steward, season - 1)];
        if (before.status != DepositStatus.Claimed) return 0;
        return before.streak < MAX_STREAK ? before.streak + 1 : MAX_STREAK;
    }

    /// @dev In hours since the Unix epoch; rounds down.
    function _hour(uint256 timestamp) private pure returns (uint24) {
        return uint24(timestamp / 1 hours);
    }

    ///  | 111–72 patient | 71–32 steward | 31–0 season |
    function _depositKey(ParticipantId patient, ParticipantId steward, uint32 season) private pure returns (uint256) {
        return (uint256(ParticipantId.unwrap(patient)) << 72) | (uint256(ParticipantId.unwrap(steward)) << 32) | season;
    }
}
