// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authorization} from "../../contracts/types/Authorization.sol";
import {AccountScope, PROVIDER} from "../../contracts/types/Participant.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

/// @notice The truth table of an institution's account: when it acts, and whether as an owner.
contract RegistrarOperatorsTest is NetworkTest {
    ParticipantId private hospital;

    function setUp() public override {
        super.setUp();
        hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
    }

    /// @dev Property 45. Added at START, perhaps retired by an owner after `after_`, looked at after `wait`.
    function testFuzz_operatorScope(
        bool owner,
        bool retired,
        bool frozen,
        uint32 after_,
        uint32 wait,
        bool withSig
    ) public {
        _add(owner, withSig);
        uint256 from = owner ? START + 2 days : START;
        uint256 until = type(uint256).max;
        if (retired) {
            vm.warp(START + after_);
            vm.prank(vm.addr(GENERAL_HOSPITAL));
            registrar.retireAccount(vm.addr(BOB));
            until = owner && START + after_ >= from ? START + after_ + 30 days : START + after_;
        }
        if (frozen) registrar.freezeOperators(hospital);
        vm.warp(START + (retired ? uint256(after_) : 0) + wait);

        bool acts = block.timestamp >= from && block.timestamp < until && (owner || !frozen);
        equal(raw(registrar.participantOf(vm.addr(BOB))), acts ? raw(hospital) : 0, "participantOf");
        equal(_answers(registrar.authenticate, vm.addr(BOB)), acts, "authenticate");
        equal(_answers(registrar.authenticateOwner, vm.addr(BOB)), acts && owner, "authenticateOwner");
        check(_answers(registrar.authenticateOwner, vm.addr(GENERAL_HOSPITAL)), "the first owner acts");
        if (!frozen) return;
        registrar.thawOperators(hospital);
        acts = block.timestamp >= from && block.timestamp < until;
        equal(_answers(registrar.authenticate, vm.addr(BOB)), acts, "thawed");
    }

    function _answers(
        function(address) external view returns (ParticipantId) ask,
        address account
    ) private view returns (bool) {
        try ask(account) returns (ParticipantId id) {
            return id == hospital;
        } catch {
            return false;
        }
    }

    function _add(bool owner, bool withSig) private {
        AccountScope scope = owner ? AccountScope.OWNER : AccountScope.OPERATOR;
        bytes32 hash = RegistrarData.addition(raw(hospital), vm.addr(BOB), 0, DEADLINE);
        Authorization memory joining = signed(BOB, DEADLINE, hash);
        hash = RegistrarData.invitation(raw(hospital), vm.addr(BOB), owner ? "owner" : "operator", 0, DEADLINE);
        Authorization memory inviting = signed(GENERAL_HOSPITAL, DEADLINE, hash);
        vm.prank(vm.addr(withSig ? STRANGER : GENERAL_HOSPITAL));
        if (withSig) registrar.addAccountWithSig(scope, joining, inviting);
        else registrar.addAccount(scope, joining);
    }
}
