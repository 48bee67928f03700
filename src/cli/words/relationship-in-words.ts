import type { RelationshipStatus } from "../../sdk/index.js";
import type { RelationshipNow } from "../../watch/index.js";

const STATUS_WORDS: Readonly<Record<RelationshipStatus, string>> = {
  None: "none",
  Proposed: "proposed",
  Active: "active",
  SuspendedByPatient: "suspended by the patient",
  SuspendedByProvider: "suspended by the provider",
  Ended: "ended",
  Declined: "declined",
  Withdrawn: "withdrawn",
  Lapsed: "lapsed: nobody answered",
};

/** How a relationship stands, as a person would say it. */
export const standingInWords = ({
  status,
  licensed,
  blocked,
}: Pick<RelationshipNow, "status" | "licensed" | "blocked">): string =>
  [
    STATUS_WORDS[status],
    ...(licensed || isOver(status) ? [] : ["without a live licence"]),
    ...(blocked ? ["blocked"] : []),
  ].join(", ");

const OVER: readonly RelationshipStatus[] = ["None", "Ended", "Declined", "Withdrawn", "Lapsed"];

/** Whether nothing of it stands any more, or yet. */
export const isOver = (status: RelationshipStatus): boolean => OVER.includes(status);
