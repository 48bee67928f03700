// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice RFC 9162's Merkle tree by its recursive definitions (2.1.1, 2.1.3.1, 2.1.4.1), over hashes of leaves.
/// @dev Slow and plain: the twin that {TransparencyLog} is tested against.
library ReferenceTree {
    /// @notice MTH(D[from:to]).
    function root(bytes32[] memory leaves, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to - from == 1) return leaves[from];
        uint256 k = from + _split(to - from);
        return sha256(bytes.concat(hex"01", root(leaves, from, k), root(leaves, k, to)));
    }

    /// @notice PATH(m, D[from:to]), with m counted from `from`.
    function path(
        bytes32[] memory leaves,
        uint256 m,
        uint256 from,
        uint256 to
    ) internal pure returns (bytes32[] memory) {
        if (to - from == 1) return new bytes32[](0);
        uint256 k = _split(to - from);
        return
            m < k
                ? _append(path(leaves, m, from, from + k), root(leaves, from + k, to))
                : _append(path(leaves, m - k, from + k, to), root(leaves, from, from + k));
    }

    /// @notice PROOF(m, D_n).
    function consistency(bytes32[] memory leaves, uint256 m, uint256 n) internal pure returns (bytes32[] memory) {
        return _subproof(leaves, m, 0, n, true);
    }

    function _subproof(
        bytes32[] memory leaves,
        uint256 m,
        uint256 from,
        uint256 to,
        bool complete
    ) private pure returns (bytes32[] memory) {
        if (m == to - from) {
            return complete ? new bytes32[](0) : _append(new bytes32[](0), root(leaves, from, to));
        }
        uint256 k = _split(to - from);
        return
            m <= k
                ? _append(_subproof(leaves, m, from, from + k, complete), root(leaves, from + k, to))
                : _append(_subproof(leaves, m - k, from + k, to, false), root(leaves, from, from + k));
    }

    /// @dev The largest power of two smaller than `n`.
    function _split(uint256 n) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < n) k *= 2;
    }

    function _append(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = last;
    }
}
