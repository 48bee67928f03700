// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TransparencyLog} from "../../../contracts/modules/transparency-log/TransparencyLog.sol";
import {Checks} from "../helpers/Checks.sol";
import {ReferenceTree} from "../helpers/ReferenceTree.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Property 22, against the recursive definitions of RFC 9162.
contract TransparencyLogTest is Checks {
    uint256 private constant MAX_SIZE = 40;

    function testFuzz_leafHash(bytes calldata leaf) public pure {
        equal(TransparencyLog.leafHash(leaf), sha256(bytes.concat(hex"00", leaf)), "leaf");
    }

    function testFuzz_verifyInclusion(bytes32 seed, uint8 many, uint8 position) public pure {
        (bytes32[] memory leaves, uint256 size, uint256 index) = _tree(seed, many, position);
        bytes32[] memory proof = ReferenceTree.path(leaves, index, 0, size);
        bytes32 root = ReferenceTree.root(leaves, 0, size);

        check(TransparencyLog.verifyInclusion(leaves[index], index, size, proof, root), "a member");
    }

    function testFuzz_verifyInclusion_refusesNonMembers(
        bytes32 seed,
        uint8 many,
        uint8 position,
        bytes32 other
    ) public pure {
        (bytes32[] memory leaves, uint256 size, uint256 index) = _tree(seed, many, position);
        bytes32[] memory proof = ReferenceTree.path(leaves, index, 0, size);
        bytes32 root = ReferenceTree.root(leaves, 0, size);

        check(!TransparencyLog.verifyInclusion(other, index, size, proof, root), "another leaf");
        check(!TransparencyLog.verifyInclusion(leaves[index], index, size, proof, other), "another root");
        for (uint256 i = 0; i <= size; ++i) {
            if (i == index) continue;
            check(!TransparencyLog.verifyInclusion(leaves[index], i, size, proof, root), "another index");
        }
    }

    function testFuzz_verifyInclusion_refusesBrokenProofs(
        bytes32 seed,
        uint8 many,
        uint8 position,
        uint8 where,
        uint8 bit
    ) public pure {
        (bytes32[] memory leaves, uint256 size, uint256 index) = _tree(seed, bound(many, 2, MAX_SIZE), position);
        bytes32[] memory proof = ReferenceTree.path(leaves, index, 0, size);
        bytes32 root = ReferenceTree.root(leaves, 0, size);

        bytes32[] memory shorter = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = proof[i];
        check(!TransparencyLog.verifyInclusion(leaves[index], index, size, shorter, root), "shorter");

        bytes32[] memory longer = new bytes32[](proof.length + 1);
        for (uint256 i = 0; i < proof.length; ++i) longer[i] = proof[i];
        check(!TransparencyLog.verifyInclusion(leaves[index], index, size, longer, root), "longer");

        proof[where % proof.length] ^= bytes32(uint256(1) << bit);
        check(!TransparencyLog.verifyInclusion(leaves[index], index, size, proof, root), "a flipped bit");
    }

    /// @dev An interior node is no leaf: neither as one, nor in a tree with fewer leaves.
    function testFuzz_verifyInclusion_refusesInteriorNodes(bytes32 seed, uint8 many) public pure {
        (bytes32[] memory leaves, uint256 size, ) = _tree(seed, bound(many, 2, MAX_SIZE), 0);
        bytes32[] memory proof = ReferenceTree.path(leaves, 0, 0, size);
        bytes32 root = ReferenceTree.root(leaves, 0, size);
        bytes32 node = sha256(bytes.concat(hex"01", leaves[0], leaves[1]));
        bytes32[] memory rest = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < rest.length; ++i) rest[i] = proof[i + 1];

        check(!TransparencyLog.verifyInclusion(node, 0, size, rest, root), "with the true size");
        bytes memory asLeaf = bytes.concat(leaves[0], leaves[1]);
        check(!TransparencyLog.verifyInclusion(TransparencyLog.leafHash(asLeaf), 0, size, rest, root), "as a leaf");
        check(!TransparencyLog.verifyInclusion(root, 0, size, new bytes32[](0), root), "the root");
    }

    function testFuzz_verifyInclusion_neverReverts(
        bytes32 hash,
        uint256 index,
        uint256 size,
        bytes32[] calldata proof,
        bytes32 root
    ) public pure {
        check(!TransparencyLog.verifyInclusion(hash, index, size, proof, root), "noise");
    }

    function testFuzz_verifyConsistency(bytes32 seed, uint8 many, uint8 before) public pure {
        (bytes32[] memory leaves, uint256 size, ) = _tree(seed, many, 0);
        uint256 oldSize = bound(before, 1, size);
        bytes32[] memory proof = ReferenceTree.consistency(leaves, oldSize, size);
        bytes32 oldRoot = ReferenceTree.root(leaves, 0, oldSize);
        bytes32 newRoot = ReferenceTree.root(leaves, 0, size);

        check(TransparencyLog.verifyConsistency(oldSize, oldRoot, size, newRoot, proof), "the tree grew");
        check(!TransparencyLog.verifyConsistency(oldSize, seed, size, newRoot, proof), "another old root");
        check(!TransparencyLog.verifyConsistency(oldSize, oldRoot, size, seed, proof), "another new root");
        if (oldSize == size) return;
        check(!TransparencyLog.verifyConsistency(size, newRoot, oldSize, oldRoot, proof), "it doesn't shrink");
        check(
            !TransparencyLog.verifyConsistency(oldSize, oldRoot, size, newRoot, new bytes32[](0)),
            "the proof is needed"
        );
    }

    function testFuzz_verifyConsistency_refusesARewrittenPast(
        bytes32 seed,
        uint8 many,
        uint8 before,
        uint8 rewritten,
        bytes32 other
    ) public pure {
        (bytes32[] memory leaves, uint256 size, ) = _tree(seed, bound(many, 2, MAX_SIZE), 0);
        uint256 oldSize = bound(before, 1, size - 1);
        bytes32 oldRoot = ReferenceTree.root(leaves, 0, oldSize);
        uint256 changed = rewritten % oldSize;
        if (leaves[changed] == other) return;
        leaves[changed] = other;
        bytes32[] memory proof = ReferenceTree.consistency(leaves, oldSize, size);

        check(
            !TransparencyLog.verifyConsistency(oldSize, oldRoot, size, ReferenceTree.root(leaves, 0, size), proof),
            "rewritten"
        );
    }

    function testFuzz_verifyConsistency_refusesBrokenProofs(
        bytes32 seed,
        uint8 many,
        uint8 before,
        uint8 where,
        uint8 bit
    ) public pure {
        (bytes32[] memory leaves, uint256 size, ) = _tree(seed, bound(many, 2, MAX_SIZE), 0);
        uint256 oldSize = bound(before, 1, size - 1);
        bytes32 oldRoot = ReferenceTree.root(leaves, 0, oldSize);
        bytes32 newRoot = ReferenceTree.root(leaves, 0, size);
        bytes32[] memory proof = ReferenceTree.consistency(leaves, oldSize, size);

        bytes32[] memory longer = new bytes32[](proof.length + 1);
        for (uint256 i = 0; i < proof.length; ++i) longer[i] = proof[i];
        check(!TransparencyLog.verifyConsistency(oldSize, oldRoot, size, newRoot, longer), "longer");

        proof[where % proof.length] ^= bytes32(uint256(1) << bit);
        check(!TransparencyLog.verifyConsistency(oldSize, oldRoot, size, newRoot, proof), "a flipped bit");
    }

    function testFuzz_verifyConsistency_neverReverts(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) public pure {
        vm.assume(oldSize != newSize);
        check(!TransparencyLog.verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof), "noise");
    }

    function test_verifyConsistency_hasNoEmptyTree() public pure {
        check(!TransparencyLog.verifyConsistency(0, sha256(""), 0, sha256(""), new bytes32[](0)), "empty");
        check(!TransparencyLog.verifyConsistency(0, sha256(""), 1, sha256("a"), new bytes32[](0)), "from empty");
    }

    /// @dev A member of a batch, as somebody proves it. In memory, because the stack has no room for it.
    struct Member {
        bytes32 digest;
        bytes32 salt;
        bytes32 root;
        uint64 size;
        bytes32 record;
        uint256 index;
        bytes32[] proof;
    }

    function testFuzz_verifyInBatch(bytes32 salt, bytes32 seed, uint8 many, uint8 position) public pure {
        Member memory member = _member(salt, seed, many, position);

        equal(TransparencyLog.batchDigest(salt, member.root, member.size), member.digest, "digest");
        check(_isIn(member), "a member");
    }

    function testFuzz_verifyInBatch_everyFieldCounts(
        bytes32 salt,
        bytes32 seed,
        uint8 many,
        uint8 position,
        bytes32 other
    ) public pure {
        for (uint256 field = 0; field < 7; ++field) {
            Member memory member = _member(salt, seed, many, position);
            if (field == 0) member.record = sha256(bytes.concat(hex"00", member.record));
            else if (field == 1) member.record = other;
            else if (field == 2) member.digest = other;
            else if (field == 3) member.salt = ~salt;
            else if (field == 4) member.root = ~member.root;
            else if (field == 5) ++member.size;
            else member.index = member.size;
            check(!_isIn(member), "another field");
        }
    }

    function _isIn(Member memory m) private pure returns (bool) {
        return TransparencyLog.verifyInBatch(m.digest, m.salt, m.root, m.size, m.record, m.index, m.proof);
    }

    function _member(
        bytes32 salt,
        bytes32 seed,
        uint8 many,
        uint8 position
    ) private pure returns (Member memory member) {
        bytes32[] memory records;
        uint256 length;
        (records, length, member.index) = _tree(seed, many, position);
        member.salt = salt;
        member.size = uint64(length);
        member.record = records[member.index];
        bytes32[] memory leaves = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) leaves[i] = sha256(bytes.concat(hex"00", records[i]));
        member.proof = ReferenceTree.path(leaves, member.index, 0, length);
        member.root = ReferenceTree.root(leaves, 0, length);
        bytes8 size = bytes8(member.size);
        member.digest = sha256(bytes.concat("ChartChain/batch/v1", hex"00", salt, member.root, size));
    }

    function test_everySmallTree() public pure {
        (bytes32[] memory leaves, , ) = _tree("leaves", 20, 0);
        for (uint256 size = 1; size <= 20; ++size) {
            bytes32 root = ReferenceTree.root(leaves, 0, size);
            for (uint256 i = 0; i < size; ++i) {
                bytes32[] memory proof = ReferenceTree.path(leaves, i, 0, size);
                check(TransparencyLog.verifyInclusion(leaves[i], i, size, proof, root), "inclusion");
            }
            for (uint256 old = 1; old <= size; ++old) {
                bytes32 oldRoot = ReferenceTree.root(leaves, 0, old);
                bytes32[] memory proof = ReferenceTree.consistency(leaves, old, size);
                check(TransparencyLog.verifyConsistency(old, oldRoot, size, root, proof), "consistency");
            }
        }
    }

    function _tree(
        bytes32 seed,
        uint256 many,
        uint256 position
    ) private pure returns (bytes32[] memory leaves, uint256 size, uint256 index) {
        size = bound(many, 1, MAX_SIZE);
        index = bound(position, 0, size - 1);
        leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) leaves[i] = sha256(bytes.concat(hex"00", seed, bytes32(i)));
    }
}
