import { ChartChainError } from "../errors/index.js";
import { CATEGORIES, PURPOSES, type Category } from "../fhir/index.js";

export { CATEGORIES, PURPOSES };
export type { Category, Purpose, SensitivityClass } from "../fhir/index.js";

/** Institutional roles; the position of a name is its bit. */
export const ROLES = ["PROVIDER", "PAYER", "RESEARCHER", "PUBLIC_HEALTH", "EMERGENCY"] as const;
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

/** Where a study stands, in the order of the contract's enum. */
export const STUDY_STATUSES = ["None", "Open", "Settled", "Cancelled"] as const;
export type StudyStatus = (typeof STUDY_STATUSES)[number];

/** Where a patient's part in a study stands, in the order of the contract's enum. */
export const STUDY_STAGES = [
  "None",
  "Joined",
  "Withdrawn",
  "Delivered",
  "Left",
  "Disputed",
  "Answered",
  "Acknowledged",
  "Undelivered",
] as const;
export type StudyStage = (typeof STUDY_STAGES)[number];

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

/** The number of an account's scope. Throws UNKNOWN_NAME. */
export const scopeIndex = (name: string): number => indexOf(ACCOUNT_SCOPES, name, "account scope");

/** A bit for each role. Throws UNKNOWN_NAME. */
export const roleMask = (names: readonly string[]): number =>
  names.reduce((mask, name) => mask | (1 << indexOf(ROLES, name, "role")), 0);

/** The roles of a mask. */
export const rolesOf = (mask: number): Role[] => ROLES.filter((_, bit) => (mask >> bit) & 1);
