import { EVERY_STEWARD } from "../../sdk/index.js";
import type { Expiring, Notice } from "../../watch/index.js";
import { time } from "../terminal/tables.js";
import { categoriesInWords, stewardInWords } from "./access-in-words.js";
import { STAGE_WORDS } from "./recovery-in-words.js";

type NameOf = (id: number) => string;

/** What happened, in one sentence. */
export function noticeInWords(notice: Notice | Expiring, nameOf: NameOf): string {
  switch (notice.kind) {
    case "proposal":
      return `${nameOf(notice.provider)} proposed a relationship to participant ${notice.patient}`;
    case "relationship":
      return `relationship of participant ${notice.patient} with ${nameOf(notice.provider)}: ${notice.change}`;
    case "record":
      return `${nameOf(notice.author)} added ${notice.count === 1 ? "a record" : `up to ${notice.count} records`} of participant ${notice.patient}`;
    case "grant":
      return `${nameOf(notice.viewer)} may see ${categoriesInWords(notice.categories)} of participant ${notice.patient} for ${notice.purpose} until ${time(notice.until)}${notice.steward === EVERY_STEWARD ? "" : `, kept by ${stewardInWords(notice.steward)}`}${notice.constrained ? ", narrowed" : ""}`;
    case "revocation":
      return revocationInWords(notice, nameOf);
    case "emergency":
      return `${nameOf(notice.responder)} broke the glass of participant ${notice.patient}: ${categoriesInWords(notice.categories)} until ${time(notice.until)}`;
    case "review":
      return `emergency ${notice.number} of ${nameOf(notice.responder)} at participant ${notice.patient}: ${notice.outcome.toLowerCase()}`;
    case "recovery":
      return `recovery of participant ${notice.participant} ${notice.step}: ${STAGE_WORDS[notice.stage]}`;
    case "account":
      return `participant ${notice.participant}: ${notice.change}${notice.from === undefined ? "" : `, from ${time(notice.from)}`}`;
    case "delegate":
      return `${nameOf(notice.delegate)} ${notice.change === "appointed" ? "may act" : "acts no more"} in the place of participant ${notice.patient}`;
    case "licence":
      return `${nameOf(notice.institution)}: ${notice.change}${notice.until === undefined || notice.until === 0 ? "" : ` until ${time(notice.until)}`}`;
    case "expiring":
      return notice.what === "licence"
        ? `the licence of ${nameOf(notice.participant)} ends ${time(notice.until)}`
        : `${notice.what === "grant" ? "a grant" : "the relationship"} with ${nameOf(notice.participant)} ends ${time(notice.until)}`;
  }
}

function revocationInWords(notice: Notice<"revocation">, nameOf: NameOf): string {
  const whose = `of participant ${notice.patient}`;
  if (notice.of === "everybody") return `everything ${whose} was revoked`;
  if (notice.of === "viewer") return `all that ${nameOf(notice.viewer)} might see ${whose} was revoked`;
  return `${nameOf(notice.viewer)} may no longer see ${categoriesInWords(notice.categories)} ${whose} for ${notice.purpose}`;
}

/** The participants that a notice names, so that their names are known. */
export const participantsIn = (notice: Notice | Expiring): number[] =>
  ["provider", "author", "viewer", "responder", "delegate", "institution", "participant"].flatMap((field) => {
    const id = (notice as unknown as Record<string, unknown>)[field];
    return typeof id === "number" && id > 0 ? [id] : [];
  });
