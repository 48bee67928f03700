// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsents} from "../interfaces/IConsents.sol";
import {Category} from "../types/Category.sol";
import {ParticipantId} from "../types/ParticipantId.sol";
import {Purpose} from "../types/Purpose.sol";

/// @title ManyQuestions
/// @notice Asks {IConsents.canView} many questions in one call.
/// @dev For tests of whole truth tables: one call to a node for each question takes ten times as long.
contract ManyQuestions {
    /// @notice Asks one after the other.
    /// @param consents Whom to ask.
    /// @param questions patient 40 · steward 40 · viewer 40 · category 8 · purpose 8 bits each, the patient highest.
    /// @return answers One for each question.
    function ask(IConsents consents, uint256[] calldata questions) external view returns (bool[] memory answers) {
        answers = new bool[](questions.length);
        for (uint256 i = 0; i < questions.length; ++i) {
            uint256 question = questions[i];
            answers[i] = consents.canView(
                ParticipantId.wrap(uint40(question >> 96)),
                ParticipantId.wrap(uint40(question >> 56)),
                ParticipantId.wrap(uint40(question >> 16)),
                Category(uint8(question >> 8)),
                Purpose(uint8(question))
            );
        }
    }
}
