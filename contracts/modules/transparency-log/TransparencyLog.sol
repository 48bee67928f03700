// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title TransparencyLog
/// @notice Verifies proofs of an RFC 9162 Merkle tree with SHA-256: that a leaf is in it, and that a larger tree
/// contains a smaller one unchanged. A batch of records is such a tree, too.
/// @dev The algorithms are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2. Stateless. A wrong proof is `false`, never
/// a revert.
library TransparencyLog {
    string private constant BATCH_LABEL = "ChartChain/batch/v1\x00";

    /// @notice The hash of a leaf (RFC 9162, section 2.1.1): an interior node never passes for one.
    function leafHash(bytes memory leaf) public pure returns (bytes32) {
        return sha256(bytes.concat(hex"00", leaf));
    }

    /// @notice Whether the leaf with `hash` stands at `index` (from 0) of the tree with `size` leaves and `root`.
    function verifyInclusion(
        bytes32 hash,
        uint256 index,
        uint256 size,
        bytes32[] memory proof,
        bytes32 root
    ) public pure returns (bool) {
        if (index >= size) return false;

        uint256 fn = index;
        uint256 sn = size - 1;
        bytes32 r = hash;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = _node(proof[i], r);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = _node(r, proof[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && r == root;
    }

    /// @notice Whether the tree with `newSize` leaves and `newRoot` begins with the one with `oldSize` and `oldRoot`.
    /// @dev An empty tree has no proof in RFC 9162: `oldSize` 0 is false.
    function verifyConsistency(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] memory proof
    ) public pure returns (bool) {
        if (oldSize == 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.length == 0 && oldRoot == newRoot;

        // A power of two of old leaves is itself a node of the new tree, which the proof then leaves out.
        bool complete = oldSize & (oldSize - 1) == 0;
        if (!complete && proof.length == 0) return false;

        uint256 fn = oldSize - 1;
        uint256 sn = newSize - 1;
        while (fn & 1 == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        bytes32 fr = complete ? oldRoot : proof[0];
        bytes32 sr = fr;
        for (uint256 i = complete ? 0 : 1; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                fr = _node(proof[i], fr);
                sr = _node(proof[i], sr);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = _node(sr, proof[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == oldRoot && sr == newRoot;
    }

    /// @notice The digest under which a batch is anchored: SHA-256("ChartChain/batch/v1\0" ‖ salt ‖ root ‖ size), the size
    /// in 8 bytes, big-endian.
    /// @param salt Random: nobody finds out the records by trying.
    /// @param root The RFC 9162 Merkle tree hash over the records' digests.
    /// @param size How many leaves.
    function batchDigest(bytes32 salt, bytes32 root, uint64 size) public pure returns (bytes32) {
        return sha256(abi.encodePacked(BATCH_LABEL, salt, root, size));
    }

    /// @notice Whether `record` stands at `index` (from 0) of the batch that is anchored as `digest`.
    /// @param digest The batch's digest, from the chain.
    /// @param salt See {batchDigest}.
    /// @param root See {batchDigest}.
    /// @param size See {batchDigest}.
    /// @param record The digest of the record's manifest.
    /// @param index Its place in the batch.
    /// @param proof The RFC 9162 inclusion proof of it.
    function verifyInBatch(
        bytes32 digest,
        bytes32 salt,
        bytes32 root,
        uint64 size,
        bytes32 record,
        uint256 index,
        bytes32[] memory proof
    ) public pure returns (bool) {
        return
            batchDigest(salt, root, size) == digest &&
            verifyInclusion(leafHash(bytes.concat(record)), index, size, proof, root);
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(bytes.concat(hex"01", left, right));
    }
}
