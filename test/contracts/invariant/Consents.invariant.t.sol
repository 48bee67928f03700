// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../../contracts/interfaces/IConsents.sol";
import {IPatientProviderRelationships as IPPR} from "../../../contracts/interfaces/IPatientProviderRelationships.sol";
import {Authorization} from "../../../contracts/types/Authorization.sol";
import {CategoryMask} from "../../../contracts/types/Category.sol";
import {Powers} from "../../../contracts/types/Delegation.sol";
import {Emergency, Outcome, Review} from "../../../contracts/types/Emergency.sol";
import {Guardians} from "../../../contracts/types/Guardians.sol";
import {Settings} from "../../../contracts/types/Participant.sol";
import {ParticipantId} from "../../../contracts/types/ParticipantId.sol";
import {ConsentData} from "../helpers/ConsentData.sol";
import {RegistrarData} from "../helpers/RegistrarData.sol";
import {Vm, vm} from "../helpers/Vm.sol";
import {ConsentsMoves} from "./ConsentsMoves.sol";
import {Targets} from "./Handler.sol";

/// @notice What happens around grants: delegates, broken glass, a child that comes of age, recoveries, relationships,
/// and an authority that does what it likes.
contract ConsentsHandler is ConsentsMoves {
    mapping(uint256 patient => uint256 from) private _recoverableFrom;
    mapping(uint256 patient => mapping(uint256 responder => mapping(uint256 number => Review))) private _reviews;

    constructor() {
        for (uint256 p = 1; p <= 2; ++p) {
            bytes32 digest = keccak256(abi.encode(p, _guardians(p)));
            vm.prank(vm.addr(p));
            registrar.changeGuardians(digest);
            ++_signatureEpochs[p];
        }
    }

    // Delegates

    function appoint(
        uint256 p,
        uint256 d,
        Powers memory powers,
        uint32 term,
        bool withSig,
        uint8 fault
    ) external atItsTime {
        (p, d) = (_patient(p), term % 11 == 0 ? _anybody(d) : 1 + (d % 3));
        uint40 until = uint40(time + (term % 3 == 0 ? term % (11 * YEAR) : term % 30 days));
        (uint256 key, bool alive) = _keyFor(p, term);
        bytes memory data = abi.encodeCall(delegates.appoint, (_id(d), powers, until));
        if (withSig) {
            Authorization memory authorization = _signAppointment(p, d, powers, until, key, fault);
            data = abi.encodeCall(delegates.appointWithSig, (_id(d), powers, until, authorization));
        }
        bool some = powers.approving || !powers.granting.isEmpty() || !powers.viewing.isEmpty();
        bool legal = alive && !_isFrozen(p) && (!withSig || _isIntact(fault)) && some;
        legal = legal && d != p && !_isInstitution(d) && until > time && until <= time + 10 * YEAR;
        attempt(withSig ? 6 : key, address(delegates), data, legal, "appoint");
        if (!legal) return;
        _powers[p][d] = Power({
            approving: powers.approving,
            granting: CategoryMask.unwrap(powers.granting),
            viewing: CategoryMask.unwrap(powers.viewing),
            until: until,
            version: _powers[p][d].version + 1
        });
        (_lastPatient, _lastViewer) = (p, d);
    }

    function dismiss(uint256 p, uint256 d, uint256 by, bool withSig, uint8 fault) external atItsTime {
        (p, d) = (_patient(p), 1 + (d % 3));
        by = withSig ? p : [p, d, 1 + ((by / 3) % 6)][by % 3];
        (uint256 key, bool alive) = _keyFor(by, fault);
        bytes memory data =
            withSig ? _dismissWithSig(p, d, key, fault) : abi.encodeCall(delegates.dismiss, (_id(p), _id(d)));
        bool legal = alive && (by == p || (by == d && _powers[p][d].version != 0 && !_isParent(p, d)));
        if (withSig) legal = alive && _isIntact(fault);
        attempt(withSig ? 6 : key, address(delegates), data, legal, "dismiss");
        if (!legal) return;
        _powers[p][d] = Power(false, 0, 0, 0, _powers[p][d].version + 2);
        (_lastPatient, _lastViewer) = (p, d);
    }

    // Emergencies

    /// @dev Property 16: exactly one event, or none and no access.
    function breakGlass(uint256 p, uint256 r, uint32 term, bytes32 reason) external atItsTime {
        (p, r) = (_patient(p), r % 4 == 0 ? _anybody(r / 4) : 5 + (r % 2));
        uint40 until = uint40(time + (term % 5 hours));
        Glass storage glass = _glasses[p][r];
        bool certified = (r == 5 || r == 6) && _isLive(r);
        bool legal = certified && reason != 0 && _policies[p] != 0 && time >= glass.until;
        legal = legal && until > time && until <= time + 4 hours;
        vm.recordLogs();
        (uint256 key, ) = _keyFor(r, 1);
        bytes memory data = abi.encodeCall(consents.breakGlass, (_id(p), until, reason));
        attempt(key, address(consents), data, legal, "break the glass");

        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, legal ? 1 : 0, "one event for each");
        if (!legal) return;
        equal(logs[0].topics[0], IConsents.GlassBroken.selector, "the event");
        (glass.number, glass.until, glass.categories) = (glass.number + 1, until, _policies[p]);
        (_lastPatient, _lastViewer) = (p, r);
    }

    function review(uint256 p, uint256 r, uint256 by, uint8 what, uint8 fault) external atItsTime {
        (p, r) = (_patient(p), 4 + (r % 3));
        by = by % 2 == 0 ? p : 1 + (by % 3);
        (uint256 how, Outcome given) = ((what / 3) % 3, Outcome(what % 3));
        uint32 number = uint32(_glasses[p][r].number + (what > 200 ? 1 : 0));
        (uint256 key, bool alive) = _keyFor(by, fault);
        bool legal = how == 2 || (alive && (by == p || _powerOf(p, by).approving));
        legal = legal && (how != 1 || _isIntact(fault)) && _isReviewable(p, r, number, given, how != 2);
        bytes memory data = abi.encodeCall(consents.review, (_id(p), _id(r), number, given));
        if (how == 1) data = _reviewWithSig(p, r, number, given, key, fault);
        if (how == 2) data = abi.encodeCall(consents.reviewAsAuthority, (_id(p), _id(r), number, given));
        attemptAs(how == 2 ? address(this) : vm.addr(how == 1 ? 6 : key), address(consents), data, legal, "review");
        if (!legal) return;
        _reviews[p][r][number] = Review(given, how != 2);
        if (given == Outcome.Unjustified) _glasses[p][r].until = 0;
        (_lastPatient, _lastViewer) = (p, r);
    }

    // Persons

    /// @dev The child's parent decides for it.
    function changeSettings(uint256 p, uint8 emergency, uint16 longest, uint256 seed) external atItsTime {
        p = _patient(p);
        (uint256 key, bool alive) = _keyFor(p, seed);
        longest = longest % 3 == 0 ? 0 : longest % 400;
        Settings memory settings = Settings(false, longest, CategoryMask.wrap(emergency));
        bytes memory data = abi.encodeCall(registrar.changeSettings, (_id(p), settings));
        bool asParent = p == CHILD && seed % 2 == 0;
        bool legal =
            asParent ? !alive && time < MAJORITY : alive && (!_isFrozen(p) || _isNarrower(p, emergency, longest));
        attempt(asParent ? _keyOf[PARENT] : key, address(registrar), data, legal, "change settings");
        if (!legal) return;
        (_policies[p], _longest[p]) = (emergency, longest);
        ++_signatureEpochs[p];
    }

    function cancelSignatures(uint256 p, uint256 seed) external atItsTime {
        p = _patient(p);
        (uint256 key, bool alive) = _keyFor(p, seed);
        attempt(key, address(registrar), abi.encodeCall(registrar.cancelSignatures, ()), alive, "cancel signatures");
        if (alive) ++_signatureEpochs[p];
    }

    /// @dev Rarely, and then it stays so.
    function comeOfAge(uint8 seed) external atItsTime {
        if (seed % 8 != 0 || !_isLive(4) || _keyOf[CHILD] != 0) return;
        Authorization memory joining = signed(
            CHILD,
            DEADLINE,
            RegistrarData.comingOfAgeAccount(uint40(CHILD), vm.addr(CHILD), "document", DEADLINE)
        );
        bytes32 hash = RegistrarData.comingOfAge(4, uint40(CHILD), vm.addr(CHILD), "document", DEADLINE);
        registrar.comeOfAge(_id(CHILD), "document", joining, signed(4, DEADLINE, hash));
        _keyOf[CHILD] = CHILD;
        _emptyAll(CHILD);
    }

    /// @dev One step of a recovery of patient 1 or 2. Its stages have an invariant of their own: see
    /// Recovery.invariant.t.sol. Here it matters what it does to consent.
    function recover(uint256 p, bool vetoed, bool hurry) external atItsTime {
        p = 1 + (p % 2);
        if (hurry && _recoverableFrom[p] > time) time = _recoverableFrom[p];
        vm.warp(time);
        if (!_isFrozen(p)) {
            vm.prank(vm.addr(PARENT));
            registrar.startRecovery(_id(p), vm.addr(_keyOf[p] + 10), _guardians(p));
            uint16 number = registrar.recoveryOf(_id(p), _id(PARENT)).number;
            if (vetoed) {
                vm.prank(vm.addr(_keyOf[3 - p]));
                registrar.approveRecovery(_id(p), _id(PARENT), number, _guardians(p));
                vm.prank(vm.addr(_keyOf[p]));
                registrar.vetoRecovery(_id(PARENT), number, _guardians(p));
            }
            uint256 delay = vetoed ? 2 days : 1 days;
            _recoverableFrom[p] = ((time + 59) / 60) * 60 + delay;
            _frozenUntil[p] = ((time + 60 + delay + 7 days + 3599) / 3600) * 3600;
        } else if (time >= _recoverableFrom[p]) _execute(p);
    }

    function _execute(uint256 p) private {
        uint256 key = _keyOf[p] + 10;
        uint16 number = registrar.recoveryOf(_id(p), _id(PARENT)).number;
        bytes32 hash = RegistrarData.acceptance(uint40(p), vm.addr(key), 0, uint40(PARENT), number, DEADLINE);
        Authorization memory acceptance = signed(key, DEADLINE, hash);
        registrar.executeRecovery(_id(p), _id(PARENT), 0, _guardians(p), acceptance);
        (_keyOf[p], _frozenUntil[p]) = (key, 0);
        _policies[p] &= 3;
        _emptyAll(p);
    }

    // Institutions

    function beginOrEndRelationship(uint256 p, uint256 q, bool byProvider) external atItsTime {
        (p, q) = (1 + (p % 2), 4 + (q % 2));
        if (_active[p][q]) {
            vm.prank(vm.addr(byProvider ? q : _keyOf[p]));
            relationships.end(_id(p), _id(q));
            _active[p][q] = false;
        } else {
            uint24 nonce = relationships.relationship(_id(p), _id(q)).nonce + 1;
            IPPR.Offer memory o = IPPR.Offer(_id(p), _id(q), keccak256("terms"), nonce, 0);
            bool legal = _isLive(q) && !_isFrozen(p);
            bytes memory data = abi.encodeCall(relationships.accept, (o, signOffer(q, o, uint48(time))));
            attempt(_keyOf[p], address(relationships), data, legal, "accept");
            _active[p][q] = legal;
        }
        (_lastPatient, _lastViewer) = (p, q);
    }

    /// @dev Property 17: whatever the authority does, the model's grants, powers and broken glass stay as they are.
    function license(uint256 i, uint32 term) external atItsTime {
        i = 4 + (i % 3);
        uint40 until = uint40(time + 1 + (term % 60 days));
        registrar.license(_id(i), keccak256(bytes(_name(i))), _roles(i), until);
        _licensedUntil[i] = until;
    }

    function suspendOrReinstate(uint256 i, uint8 what) external atItsTime {
        i = 4 + (i % 3);
        bool suspended = _suspendedUntil[i] != 0;
        if (what % 3 == 0 && !suspended) {
            registrar.suspend(_id(i));
            _suspendedUntil[i] = time + 14 days;
        } else if (what % 3 == 1 && suspended) {
            registrar.confirmSuspension(_id(i));
            _suspendedUntil[i] = type(uint40).max;
        } else if (suspended) {
            registrar.reinstate(_id(i));
            _suspendedUntil[i] = 0;
        }
    }

    function checkEmergencies() external {
        vm.warp(time);
        for (uint256 r = 5; r <= 6; ++r) {
            Emergency memory e = consents.emergencyOf(_id(_lastPatient), _id(r));
            equal(e.number, _glasses[_lastPatient][r].number, "how often the glass was broken");
            Review memory given = consents.reviewOf(_id(_lastPatient), _id(r), e.number);
            equal(uint256(given.outcome), uint256(_reviews[_lastPatient][r][e.number].outcome), "outcome");
        }
    }

    function _isNarrower(uint256 p, uint8 emergency, uint16 longest) private view returns (bool) {
        uint256 before = _longest[p];
        bool shorter = longest == before || (longest != 0 && (before == 0 || longest < before));
        return shorter && emergency & ~_policies[p] == 0;
    }

    function _isReviewable(
        uint256 p,
        uint256 r,
        uint256 number,
        Outcome given,
        bool byPatient
    ) private view returns (bool) {
        if (number == 0 || number > _glasses[p][r].number || given == Outcome.Unreviewed) return false;
        Review storage former = _reviews[p][r][number];
        if (former.outcome == Outcome.Unreviewed) return true;
        // The patient's word counts more, and may still turn against the responder.
        if (!byPatient) return false;
        return !former.byPatient || (former.outcome == Outcome.Justified && given == Outcome.Unjustified);
    }

    function _reviewWithSig(
        uint256 p,
        uint256 r,
        uint32 number,
        Outcome given,
        uint256 key,
        uint8 fault
    ) private view returns (bytes memory) {
        string memory name = fault % 16 == 1 ? "another name" : _name(r);
        bool justified = (given == Outcome.Justified) != (fault % 16 == 4);
        bytes32 hash = ConsentData.review(uint40(p), uint40(r), name, number, justified, _deadline(fault));
        Authorization memory authorization = _sign(key, fault, _deadline(fault), hash);
        return abi.encodeCall(consents.reviewWithSig, (_id(p), _id(r), number, given, authorization));
    }

    function _dismissWithSig(uint256 p, uint256 d, uint256 key, uint8 fault) private view returns (bytes memory) {
        uint48 deadline = _deadline(fault);
        uint32 version = uint32(_powers[p][d].version + (fault % 16 == 4 || fault % 16 == 1 ? 1 : 0));
        bytes32 hash = ConsentData.dismissal(uint40(p), uint40(d), version, deadline);
        Authorization memory authorization = sign(fault % 16 == 2 ? 97 : key, deadline, address(delegates), hash);
        authorization.account = vm.addr(key);
        return abi.encodeCall(delegates.dismissWithSig, (_id(d), version, authorization));
    }

    function _signAppointment(
        uint256 p,
        uint256 d,
        Powers memory powers,
        uint40 until,
        uint256 key,
        uint8 fault
    ) private view returns (Authorization memory authorization) {
        bytes32 hash = _hashAppointment(p, d, powers, until, fault);
        authorization = sign(fault % 16 == 2 ? 97 : key, _deadline(fault), address(delegates), hash);
        authorization.account = vm.addr(key);
    }

    function _hashAppointment(
        uint256 p,
        uint256 d,
        Powers memory powers,
        uint40 until,
        uint8 fault
    ) private view returns (bytes32) {
        uint32 epoch = uint32(_signatureEpochs[p] + (fault % 16 == 4 ? 1 : 0));
        uint32 version = uint32(_powers[p][d].version + (fault % 16 == 1 ? 1 : 0));
        return
            ConsentData.appointment(
                uint40(p),
                uint40(d),
                powers.approving,
                CategoryMask.unwrap(powers.granting),
                CategoryMask.unwrap(powers.viewing),
                until,
                epoch,
                version,
                _deadline(fault)
            );
    }

    function _guardians(uint256 p) private pure returns (Guardians memory guardians) {
        guardians.members = new ParticipantId[](2);
        (guardians.members[0], guardians.members[1]) = (_id(3 - p), _id(PARENT));
        (guardians.threshold, guardians.delay) = (1, 1 days);
    }
}

contract ConsentsInvariant is Targets {
    ConsentsHandler private handler;

    function setUp() public {
        handler = new ConsentsHandler();
    }

    /// @notice Properties 5, 6, 10 to 14, 16 to 19, and 48.
    function invariant_canViewEqualsTheModel() public {
        handler.checkModel();
        handler.checkEmergencies();
    }

    function _target() internal view override returns (address) {
        return address(handler);
    }

    function _selectors() internal pure override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](23);
        selectors[0] = ConsentsMoves.grant.selector;
        selectors[1] = ConsentsMoves.grantFor.selector;
        selectors[2] = ConsentsMoves.signAndKeepBack.selector;
        selectors[3] = ConsentsMoves.sendKeptBack.selector;
        selectors[4] = ConsentsMoves.revokeGrant.selector;
        selectors[5] = ConsentsMoves.revokeGrantFor.selector;
        selectors[6] = ConsentsMoves.revokeGrantWithSig.selector;
        selectors[7] = ConsentsMoves.revokeViewer.selector;
        selectors[8] = ConsentsMoves.revokeAll.selector;
        selectors[9] = ConsentsMoves.changeAtOnce.selector;
        selectors[10] = ConsentsHandler.appoint.selector;
        selectors[11] = ConsentsHandler.dismiss.selector;
        selectors[12] = ConsentsHandler.breakGlass.selector;
        selectors[13] = ConsentsHandler.review.selector;
        selectors[14] = ConsentsHandler.changeSettings.selector;
        selectors[15] = ConsentsHandler.cancelSignatures.selector;
        selectors[16] = ConsentsHandler.comeOfAge.selector;
        selectors[17] = ConsentsHandler.recover.selector;
        selectors[18] = ConsentsHandler.beginOrEndRelationship.selector;
        selectors[19] = ConsentsHandler.license.selector;
        selectors[20] = ConsentsHandler.suspendOrReinstate.selector;
        selectors[21] = bytes4(keccak256("wait(uint32)"));
        selectors[22] = ConsentsMoves.grantConstrained.selector;
    }
}
