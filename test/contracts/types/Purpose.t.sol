// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {hashPurpose, Purpose} from "../../../contracts/types/Purpose.sol";
import {Checks} from "../helpers/Checks.sol";
import {TypedData} from "../helpers/TypedData.sol";

contract PurposeTest is Checks {
    function test_hashPurpose() public pure {
        for (uint256 i = 0; i <= uint256(type(Purpose).max); ++i) {
            equal(hashPurpose(Purpose(i)), keccak256(bytes(TypedData.purpose(i))), TypedData.purpose(i));
        }
    }
}
