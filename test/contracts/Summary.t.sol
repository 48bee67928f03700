// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../../contracts/interfaces/IConsents.sol";
import {ISummary} from "../../contracts/interfaces/ISummary.sol";
import {Category, CategoryMask} from "../../contracts/types/Category.sol";
import {PAYER, PROVIDER} from "../../contracts/types/Participant.sol";
import {NOBODY, ParticipantId} from "../../contracts/types/ParticipantId.sol";
import {Purpose} from "../../contracts/types/Purpose.sol";
import {NetworkTest} from "./helpers/NetworkTest.sol";
import {vm} from "./helpers/Vm.sol";

contract SummaryTest is NetworkTest {
    function testFuzz_overviewOf(uint8 many, uint8 suspended, uint8 anchored, uint8 offset, uint256 limit) public {
        ParticipantId alice = person(ALICE);
        uint256 count = bound(many, 0, 8);
        ParticipantId[] memory providers = new ParticipantId[](count);
        for (uint256 i = 0; i < count; ++i) {
            providers[i] = institution(1000 + i, "a clinic", PROVIDER);
            activate(ALICE, providers[i], 1000 + i);
            if ((suspended >> i) & 1 == 1) registrar.suspend(providers[i]);
        }
        for (uint256 i = 0; i < anchored % 4; ++i) {
            vm.prank(vm.addr(ALICE));
            records.anchor(alice, bytes32(i + 1));
        }
        uint256 from = bound(offset, 0, count + 1);
        ISummary.Overview memory overview = summary.overviewOf(alice, from, limit);

        equal(raw(overview.patient), raw(alice), "patient");
        equal(overview.keyDocument, KEY_DOCUMENT, "key document");
        equal(overview.recordCount, anchored % 4, "records");
        equal(bytes32(overview.recordChain), bytes32(records.headOf(alice).chain()), "chain");
        equal(overview.relationshipCount, count, "relationships");
        uint256 left = from < count ? count - from : 0;
        equal(overview.relationships.length, limit < left ? limit : left, "page");
        for (uint256 i = 0; i < overview.relationships.length; ++i) {
            ISummary.Entry memory entry = overview.relationships[i];
            equal(raw(entry.provider), raw(providers[from + i]), "provider");
            equal(entry.licensed, (suspended >> (from + i)) & 1 == 0, "licensed");
            equal(
                keccak256(abi.encode(entry.relationship)),
                keccak256(abi.encode(relationships.relationship(alice, entry.provider))),
                "relationship"
            );
        }
    }

    function testFuzz_overviewOf_isForPatients(uint40 id) public {
        person(ALICE);
        vm.assume(id != 1);

        vm.expectRevert(abi.encodeWithSelector(ISummary.NotAPatient.selector, id));
        summary.overviewOf(ParticipantId.wrap(id), 0, 1);
    }
    /// @dev Whatever is granted: what the view says of a viewer is what `canView` says, one purpose and category at a time.
    function testFuzz_viewersAmong(uint8 granted, uint8 asked, uint8 purpose, bool anySteward, uint40 stranger) public {
        ParticipantId alice = person(ALICE);
        ParticipantId hospital = institution(GENERAL_HOSPITAL, "General Hospital", PROVIDER);
        ParticipantId insurer = institution(INSURER, "Insurer", PAYER);
        activate(ALICE, hospital, GENERAL_HOSPITAL);
        IConsents.Grant memory given = IConsents.Grant({
            viewer: insurer,
            purpose: Purpose(bound(purpose, 0, uint256(type(Purpose).max))),
            steward: anySteward ? NOBODY : hospital,
            categories: CategoryMask.wrap(granted == 0 ? 1 : granted),
            sensitiveFromAnySteward: anySteward,
            until: uint40(block.timestamp + 1 days)
        });
        vm.prank(vm.addr(ALICE));
        consents.grant(alice, given);
        ParticipantId[] memory viewers = new ParticipantId[](4);
        (viewers[0], viewers[1], viewers[2], viewers[3]) = (insurer, ParticipantId.wrap(stranger), alice, hospital);

        CategoryMask[] memory seen = summary.viewersAmong(alice, hospital, CategoryMask.wrap(asked), viewers);

        equal(seen.length, viewers.length, "one answer for each");
        for (uint256 i = 0; i < viewers.length; ++i) {
            for (uint256 c = 0; c < 8; ++c) {
                bool expected = CategoryMask.wrap(asked).has(c) && _maySee(alice, hospital, viewers[i], Category(c));
                equal(seen[i].has(c), expected, "seen");
            }
        }
    }

    function _maySee(
        ParticipantId patient,
        ParticipantId steward,
        ParticipantId viewer,
        Category category
    ) private view returns (bool seen) {
        for (uint256 p = 0; p <= uint256(type(Purpose).max); ++p) {
            seen = seen || consents.canView(patient, steward, viewer, category, Purpose(p));
        }
    }
}
