// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The eight kinds of record that consent distinguishes. The number of a category is its lane.
enum Category {
    /// Demographics, problems, allergies: what an International Patient Summary holds.
    SUMMARY,
    /// Medication and immunization.
    MEDICATION,
    /// Vital signs, laboratory results, device readings.
    OBSERVATION,
    /// Imaging and diagnostic reports.
    DIAGNOSTIC,
    /// Encounters, procedures, plans, notes.
    CARE,
    /// Coverage and claims.
    FINANCIAL,
    /// Genetic and genomic results.
    GENOMIC,
    /// Mental health, substance use, sexual health, HIV, violence: the sensitivity codes of IHE PCF.
    SENSITIVE
}

/// @notice A set of categories: bit n is the category with number n.
type CategoryMask is uint8;

using {isEmpty, has, intersects, isWithin, intersection, hashStruct} for CategoryMask global;

/// @dev GENOMIC and SENSITIVE: a grant over every steward covers them only when the patient says so explicitly.
CategoryMask constant EXPLICIT_CATEGORIES = CategoryMask.wrap(0xC0);

/// @dev How many categories there are.
uint256 constant CATEGORY_COUNT = 8;

function isEmpty(CategoryMask mask) pure returns (bool) {
    return CategoryMask.unwrap(mask) == 0;
}

function has(CategoryMask mask, uint256 category) pure returns (bool) {
    return (CategoryMask.unwrap(mask) >> category) & 1 == 1;
}

function intersects(CategoryMask a, CategoryMask b) pure returns (bool) {
    return CategoryMask.unwrap(a) & CategoryMask.unwrap(b) != 0;
}

/// @notice Whether `b` has every category of `a`.
function isWithin(CategoryMask a, CategoryMask b) pure returns (bool) {
    return CategoryMask.unwrap(a) & ~CategoryMask.unwrap(b) == 0;
}

/// @notice The categories that both sets have.
function intersection(CategoryMask a, CategoryMask b) pure returns (CategoryMask) {
    return CategoryMask.wrap(CategoryMask.unwrap(a) & CategoryMask.unwrap(b));
}

bytes32 constant CATEGORIES_TYPEHASH = keccak256(
    "Categories(bool summary,bool medication,bool observation,bool diagnostic,bool care,bool financial,bool genomic,bool sensitive)"
);

/// @notice The set as the EIP-712 struct `Categories`: a wallet shows for each category whether it is meant.
function hashStruct(CategoryMask mask) pure returns (bytes32) {
    return
        keccak256(
            abi.encode(
                CATEGORIES_TYPEHASH,
                mask.has(0),
                mask.has(1),
                mask.has(2),
                mask.has(3),
                mask.has(4),
                mask.has(5),
                mask.has(6),
                mask.has(7)
            )
        );
}
