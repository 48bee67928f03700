// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The cheat codes that these tests use, of those that Hardhat's Solidity test runner answers.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    /// @notice Sets the block's time.
    function warp(uint256 timestamp) external;

    /// @notice The next call comes from `sender`.
    function prank(address sender) external;

    /// @notice Gives `account` so much ether (wei).
    function deal(address account, uint256 balance) external;

    /// @notice The account of a private key.
    function addr(uint256 privateKey) external pure returns (address);

    /// @notice Signs with a private key; `s` is low.
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    /// @notice Throws this input of a fuzz test away unless `condition` holds.
    function assume(bool condition) external pure;

    /// @notice The next call must revert with exactly this.
    function expectRevert(bytes calldata revertData) external;

    /// @notice The next call must revert with this error, whatever its arguments.
    function expectRevert(bytes4 selector) external;

    /// @notice The creation code of a contract of this project, without arguments.
    function getCode(string calldata artifact) external view returns (bytes memory);

    /// @notice Keeps the events that are emitted from now on, for {getRecordedLogs}.
    function recordLogs() external;

    /// @notice The events since {recordLogs}, or since the last time this was asked.
    function getRecordedLogs() external returns (Log[] memory);

    /// @notice Reads a storage slot.
    function load(address target, bytes32 slot) external view returns (bytes32);

    /// @notice Writes a storage slot.
    function store(address target, bytes32 slot, bytes32 value) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
