// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A Merkle tree as a steward builds it: sorted pairs, and a leaf without a partner moves up.
library DepositTree {
    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        while (leaves.length > 1) leaves = _parents(leaves);
        return leaves[0];
    }

    function proof(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory path) {
        while (leaves.length > 1) {
            uint256 partner = index ^ 1;
            if (partner < leaves.length) path = _with(path, leaves[partner]);
            leaves = _parents(leaves);
            index /= 2;
        }
    }

    function _parents(bytes32[] memory leaves) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[]((leaves.length + 1) / 2);
        for (uint256 i = 0; i < leaves.length; i += 2) {
            bool alone = i + 1 == leaves.length;
            parents[i / 2] = alone ? leaves[i] : _pair(leaves[i], leaves[i + 1]);
        }
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function _with(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = last;
    }
}
