// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IKeys} from "../../contracts/interfaces/registrar/IKeys.sol";
import {Authorization} from "../../contracts/types/Authorization.sol";
import {ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {RegistrarData} from "./helpers/RegistrarData.sol";
import {vm} from "./helpers/Vm.sol";

contract RegistrarKeysTest is NetworkTest {
    uint256 private constant DELAY = 2 days;

    ParticipantId private alice;

    function setUp() public override {
        super.setUp();
        alice = person(ALICE);
    }

    function testFuzz_changeKey(bytes32 document, uint40 wait) public {
        if (document == 0) {
            vm.expectRevert(IKeys.MissingKeyDocument.selector);
            _change(document);
            return;
        }
        uint256 time = START + wait;
        _change(document);
        vm.warp(time);

        _check(document, time >= START + DELAY, START + DELAY, 1);
        if (time < START + DELAY) vm.expectRevert(abi.encodeWithSelector(IKeys.KeyChangeUnderWay.selector, alice));
        _change(document);
    }

    function testFuzz_changeKey_again(bytes32[5] memory documents, uint24[5] memory waits) public {
        uint256 time = START;
        bytes32 current = KEY_DOCUMENT;
        for (uint256 i = 0; i < 5; ++i) {
            vm.assume(documents[i] != 0);
            _change(documents[i]);
            equal(registrar.keyDocumentOf(alice), current, "not yet");
            equal(registrar.keyVersionOf(alice), i + 1, "not yet");
            time += DELAY + waits[i];
            vm.warp(time);
            current = documents[i];

            equal(registrar.keyDocumentOf(alice), current, "now");
            equal(registrar.keyVersionOf(alice), i + 2, "version");
        }
    }

    function testFuzz_changeKeyWithSig(bytes32 document, uint48 deadline, uint40 wait) public {
        vm.assume(document != 0);
        deadline = uint48(bound(deadline, START + 2 ** 40, DEADLINE));
        Authorization memory authorization = _sign(document, 2, 0, deadline);
        registrar.changeKeyWithSig(document, authorization);
        vm.warp(START + wait);

        bool counts = wait >= DELAY;
        _check(document, counts, START + DELAY, 1);
        vm.expectRevert(
            counts ? invalidSignature(ALICE) : abi.encodeWithSelector(IKeys.KeyChangeUnderWay.selector, alice)
        );
        registrar.changeKeyWithSig(document, authorization);
    }

    function testFuzz_changeKeyWithSig_everyFieldCounts(
        bytes32 read,
        bytes32 sent,
        uint16 version,
        uint32 epoch
    ) public {
        vm.assume(sent != 0 && (read != sent || version != 2 || epoch != 0));

        Authorization memory authorization = _sign(read, version, epoch, DEADLINE);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeKeyWithSig(sent, authorization);
        // One field at a time as well.
        if (version == 2) return;
        authorization = _sign(sent, version, 0, DEADLINE);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeKeyWithSig(sent, authorization);
    }

    function testFuzz_cancelKeyChange(bytes32 document, uint40 wait) public {
        vm.assume(document != 0);
        Authorization memory authorization = _sign(document, 2, 0, DEADLINE);
        registrar.changeKeyWithSig(document, authorization);
        vm.warp(START + wait);
        bool late = wait >= DELAY;

        vm.prank(vm.addr(ALICE));
        if (late) vm.expectRevert(abi.encodeWithSelector(IKeys.NoKeyChange.selector, alice));
        registrar.cancelKeyChange();
        if (late) return;

        vm.warp(START + DELAY + wait);
        _check(document, false, 0, 1);
        vm.expectRevert(invalidSignature(ALICE));
        registrar.changeKeyWithSig(document, authorization);
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IKeys.NoKeyChange.selector, alice));
        registrar.cancelKeyChange();
    }

    function _check(bytes32 document, bool counts, uint256 from, uint256 version) private view {
        equal(registrar.keyDocumentOf(alice), counts ? document : KEY_DOCUMENT, "key document");
        equal(registrar.keyVersionOf(alice), counts ? version + 1 : version, "key version");
        (bytes32 next, uint40 when) = registrar.keyChangeOf(alice);
        bool waiting = !counts && from != 0;
        equal(next, waiting ? document : bytes32(0), "what comes");
        equal(when, waiting ? from : 0, "when it comes");
    }

    function _change(bytes32 document) private {
        vm.prank(vm.addr(ALICE));
        registrar.changeKey(document);
    }

    function _sign(
        bytes32 document,
        uint16 version,
        uint32 epoch,
        uint48 deadline
    ) private view returns (Authorization memory) {
        return signed(ALICE, deadline, RegistrarData.keyChange(raw(alice), document, version, epoch, deadline));
    }
}
