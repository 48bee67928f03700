import type { Explanations } from "../explanation.js";

export const RECORDS = {
  HISTORY_FULL: {
    why: "The patient's history would count more than 1,099,511,627,775 records.",
    fix: "None: no more is anchored for this patient.",
  },
  INVALID_BATCH_COUNT: {
    why: "A batch has no record, or more than 32,768.",
    fix: "Split it.",
  },
  LOG_DOES_NOT_GROW: {
    why: "The log has no more entries than when it was published last: each size has one root.",
    fix: "Publish when there is something new. If the vault was restored from an older backup, see [operations](../guides/operations.md#backup-and-restore).",
  },
  MISSING_BATCHES: {
    why: "Several batches were to be anchored, and none was named.",
    fix: "Name at least one.",
  },
  MISSING_DIGEST: {
    why: "The digest or the root is zero.",
    fix: "Give the digest of a manifest or the root of a log.",
  },
  NOT_AN_ACTIVE_STEWARD: {
    why: "The author is neither the patient nor a provider with an active relationship.",
    fix: "Establish the relationship first, or resume it.",
  },
  NOT_A_LICENSED_INSTITUTION: {
    why: "Log heads are published by institutions with a live licence only.",
    fix: "Use the institution's account; have its licence renewed.",
  },
  NOT_THE_NEXT_HEAD: {
    why: "The heads of a log are numbered, and this isn't the one after the last.",
    fix: "Publish again. If it stays, another program of this institution publishes the same log.",
  },
  STEWARD_NOT_LICENSED: {
    why: "The steward's licence has lapsed or is suspended.",
    fix: "Have the authority renew or reinstate it.",
  },
} satisfies Explanations;
