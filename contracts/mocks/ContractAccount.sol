// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title ContractAccount
/// @notice The smallest account that is a contract: one key signs for it (ERC-1271) and acts through it.
/// @dev For tests. It answers for any digest that its owner signed, as careless accounts do: what binds a signature to
/// one participant has to be in the signed action.
contract ContractAccount is IERC1271 {
    /// @notice Whose key signs.
    address public immutable owner;

    /// @notice Thrown when somebody else than the owner acts.
    error NotTheOwner(address caller);

    /// @param owner_ Whose key signs.
    constructor(address owner_) {
        owner = owner_;
    }

    /// @notice Calls `target` as this account.
    /// @param target Whom.
    /// @param data What with.
    /// @return What `target` answered.
    function execute(address target, bytes calldata data) external returns (bytes memory) {
        if (msg.sender != owner) revert NotTheOwner(msg.sender);

        return Address.functionCall(target, data);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(hash, signature);
        return problem == ECDSA.RecoverError.NoError && signer == owner ? this.isValidSignature.selector : bytes4(0);
    }
}
