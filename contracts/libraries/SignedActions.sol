// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {Authorization} from "../types/Authorization.sol";
import {ISignedActions} from "../interfaces/ISignedActions.sol";

/// @title SignedActions
/// @notice Checks EIP-712 signatures under the domain ("ChartChain", "1", chain, contract).
/// @dev There is no separate nonce. Every action names the counter that it advances itself (a relationship's nonce, a
/// grant's version, a viewer's generation, an access epoch, an account that is not registered yet), so a signature
/// counts at most once, independent signatures don't block each other, and no slot is spent.
abstract contract SignedActions is ISignedActions, EIP712("ChartChain", "1") {
    /// @dev A plain account is tried first: it may carry code since EIP-7702 and is still what its key signs.
    function _checkSignature(Authorization calldata authorization, bytes32 structHash) internal view {
        if (block.timestamp > authorization.deadline) revert SignatureExpired(authorization.deadline);

        bytes32 digest = _hashTypedDataV4(structHash);
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(digest, authorization.signature);
        if (problem == ECDSA.RecoverError.NoError && signer == authorization.account) return;

        if (
            !SignatureChecker.isValidERC1271SignatureNowCalldata(authorization.account, digest, authorization.signature)
        ) {
            revert InvalidSignature(authorization.account);
        }
    }
}
