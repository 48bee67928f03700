import { ChartChainError } from "../errors/index.js";
import type { RecordKind } from "../crypto/index.js";
import { CATEGORIES, PURPOSES, SENSITIVITY_CLASSES, type Category, type SensitivityClass } from "../fhir/index.js";
import { ZeroHash } from "ethers";

export { CATEGORIES, PURPOSES };
export type { Category, Purpose, SensitivityClass } from "../fhir/index.js";

/** Institutional roles; the position of a name is its bit. */
export const ROLES = ["PROVIDER", "PAYER", "RESEARCHER", "PUBLIC_HEALTH", "EMERGENCY", "COURT"] as const;
export type Role = (typeof ROLES)[number];

/** What an account may do for its participant, in the order of the contract's enum. A person's accounts are owners. */
export const ACCOUNT_SCOPES = ["operator", "owner"] as const;
export type AccountScope = (typeof ACCOUNT_SCOPES)[number];

/** Where a relationship stands, in the order of the contract's enum. */
export const STATUSES = [
  "None",
  "Proposed",
  "Active",
  "SuspendedByPatient",
  "SuspendedByProvider",
  "Ended",
  "Declined",
  "Withdrawn",
  "Lapsed",
] as const;
export type RelationshipStatus = (typeof STATUSES)[number];

/** What was found out about a break-glass, in the order of the contract's enum. */
export const OUTCOMES = ["Unreviewed", "Justified", "Unjustified"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How far a recovery has come, in the order of the contract's enum. */
export const RECOVERY_STAGES = ["None", "Collecting", "Pending", "Escalated", "Unstoppable"] as const;
export type RecoveryStage = (typeof RECOVERY_STAGES)[number];

/** The steward id that stands for every steward. */
export const EVERY_STEWARD = 0;

function indexOf<T extends string>(names: readonly T[], name: string, what: string): number {
  const index = names.indexOf(name as T);
  if (index >= 0) return index;
  throw new ChartChainError("UNKNOWN_NAME", `${what} "${name}" doesn't exist`, {
    hint: `Use one of ${names.join(", ")}.`,
  });
}

/** The lane of a category. Throws UNKNOWN_NAME. */
export const categoryIndex = (name: string): number => indexOf(CATEGORIES, name, "category");

/** When a category's lane of a grant ends, in seconds since 1970; 0 for none. */
export const laneEnd = (lanes: bigint, category: Category): number =>
  Number((lanes >> (BigInt(categoryIndex(category)) * 28n)) & 0xfffffffn) * 60;

/** The number of a purpose. Throws UNKNOWN_NAME. */
export const purposeIndex = (name: string): number => indexOf(PURPOSES, name, "purpose of use");

/** A bit for each category. Throws UNKNOWN_NAME, or MISSING_CATEGORIES for an empty list. */
export function categoryMask(names: readonly string[]): number {
  if (names.length === 0) {
    throw new ChartChainError("MISSING_CATEGORIES", "no category is named", {
      hint: `Name at least one of ${CATEGORIES.join(", ")}.`,
    });
  }
  return names.reduce((mask, name) => mask | (1 << categoryIndex(name)), 0);
}

/** The categories of a mask, in lane order. */
export const categoriesOf = (mask: number): Category[] => CATEGORIES.filter((_, lane) => (mask >> lane) & 1);

/** A bit for each class of sensitive data. Throws UNKNOWN_NAME. */
export const classMask = (names: readonly string[]): number =>
  names.reduce((mask, name) => mask | (1 << indexOf(SENSITIVITY_CLASSES, name, "sensitivity class")), 0);

/** The classes of a mask, in their order; none where there is no mask. */
export const classesIn = (mask = 0): SensitivityClass[] => SENSITIVITY_CLASSES.filter((_, bit) => (mask >> bit) & 1);

/** What a kind of records is called. */
export interface NamedKind {
  category: Category;
  /** Which classes of sensitive data each record has, all of them; empty unless it is SENSITIVE. */
  classes: readonly SensitivityClass[];
  /** Care that a minor consented to alone. */
  confidential: boolean;
}

/**
 * A kind of records as it is encoded. What is SENSITIVE without a class is OTHER.
 *
 * @throws UNKNOWN_NAME; CLASSES_OF_ORDINARY where another category has classes
 */
export function kindFrom({
  category,
  classes = [],
  confidential = false,
}: Partial<NamedKind> & Pick<NamedKind, "category">): RecordKind {
  const mask = classMask(classes);
  if (category !== "SENSITIVE" && mask !== 0) {
    throw new ChartChainError("CLASSES_OF_ORDINARY", `a ${category} record has no classes of sensitive data`, {
      details: { category, classes },
      hint: "File it as SENSITIVE, or name no class.",
    });
  }
  return {
    category: categoryIndex(category),
    ...(category === "SENSITIVE" ? { classes: mask === 0 ? classMask(["OTHER"]) : mask } : {}),
    ...(confidential ? { confidential: true } : {}),
  };
}

/** How a kind of records is called. */
export const namesOfKind = ({ category, classes, confidential }: RecordKind): NamedKind => ({
  category: CATEGORIES[category]!,
  classes: classesIn(classes),
  confidential: confidential === true,
});

/** The number of an account's scope. Throws UNKNOWN_NAME. */
export const scopeIndex = (name: string): number => indexOf(ACCOUNT_SCOPES, name, "account scope");

/** A bit for each role. Throws UNKNOWN_NAME. */
export const roleMask = (names: readonly string[]): number =>
  names.reduce((mask, name) => mask | (1 << indexOf(ROLES, name, "role")), 0);

/** The roles of a mask. */
export const rolesOf = (mask: number): Role[] => ROLES.filter((_, bit) => (mask >> bit) & 1);

/** What a grant names on chain where nothing narrows it. */
export const UNCONSTRAINED = ZeroHash;
