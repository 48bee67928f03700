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
