import { categoryInWords } from "../../fhir/index.js";
import type { EmergencyEntry } from "../consent/emergency.js";
import { narrowingInWords, type NarrowingWords } from "../consent/narrowings.js";
import type { DelegateEntry } from "../people/delegates.js";
import { EVERY_STEWARD, type Category, type Purpose } from "../vocabulary.js";
import type { AgreedRelationship, Gathered } from "./gather.js";
import type { GrantAct, Granter } from "./grant-acts.js";

/** What no chain and no vault shows, whoever exports. */
export const LIMITS: readonly string[] = [
  "Who opened a record isn't on the chain. Whoever was given keys may have read what they open. Each provider keeps its own log of reads and of what it handed out: ask it.",
  "What this vault handed out stands under disclosures. What a provider's own software handed out doesn't: the chain has the grants that allow it, and how many entries that provider's log has.",
  "A record that its author never delivered is missing here. Where the chain tells that there may be one, it is named.",
  "Participation in studies and deposits with the Data Bank are not in this export, but for the grants that they rest on.",
];

/** A time in seconds since 1970, in UTC, to the minute. */
export const timeInWords = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const PURPOSES_IN_WORDS: Readonly<Record<Purpose, string>> = {
  TREAT: "treatment",
  ETREAT: "emergency treatment",
  HPAYMT: "payment",
  HOPERAT: "operations",
  HRESCH: "research",
  PUBHLTH: "public health",
  PATRQT: "the patient's own request",
};

/** What somebody sees records for. */
export const purposeInWords = (purpose: Purpose): string => PURPOSES_IN_WORDS[purpose];

/** Several sorts of records. */
export const categoriesInWords = (categories: readonly Category[]): string =>
  categories.map(categoryInWords).join(", ");

/** Whose records something is about. */
export const stewardInWords = (steward: number, { nameOf }: Gathered): string =>
  steward === EVERY_STEWARD ? "every provider" : nameOf(steward);

/** By whose word something was granted. */
export function granterInWords({ by, basis }: Granter, { nameOf }: Gathered): string {
  if (by === undefined) return "not told by the transaction: another contract sent it";
  return basis === "patient" ? "the patient" : `${nameOf(by)}, as the patient's ${basis}`;
}

const NARROWING_WORDS: NarrowingWords = {
  time: (seconds) => timeInWords(seconds),
  records: ({ length }) => (length === 1 ? "1 record" : `${length} records`),
  classes: (classes) => [`what is sensitive as ${classes.join(", ")}`],
};

/** What narrows a grant; undefined for nothing. */
export function narrowingOf({ narrowing }: GrantAct): string | undefined {
  if (narrowing === null) return undefined;
  if (narrowing === undefined) return "narrowed to something that this vault doesn't hold";
  const parts = narrowingInWords(narrowing, NARROWING_WORDS);
  return `narrowed to ${parts.length === 0 ? "single records" : parts.join(", ")}`;
}

/** An act of granting, as far as some of its categories go. */
export function grantInWords(act: GrantAct, categories: readonly Category[], gathered: Gathered): string {
  const narrowed = narrowingOf(act);
  return [
    `${gathered.nameOf(act.viewer)} may see ${categoriesInWords(categories)} of ${stewardInWords(act.steward, gathered)}`,
    `for ${purposeInWords(act.purpose)} until ${timeInWords(act.until)}`,
    `(granted ${timeInWords(act.at)} by ${granterInWords(act, gathered)}${narrowed === undefined ? "" : `; ${narrowed}`})`,
  ].join(" ");
}

/** How a relationship stands. */
export const STATUSES_IN_WORDS: Readonly<Record<AgreedRelationship["status"], string>> = {
  None: "never began",
  Proposed: "proposed",
  Active: "active",
  SuspendedByPatient: "suspended by the patient",
  SuspendedByProvider: "suspended by the provider",
  Ended: "ended",
  Declined: "declined",
  Withdrawn: "withdrawn by the provider",
  Lapsed: "lapsed: never answered",
};

/** What a delegate or representative may do. */
export function powersInWords({ approve, grant, view }: DelegateEntry): string {
  const parts = [
    ...(view.length === 0 ? [] : [`view ${categoriesInWords(view)}`]),
    ...(grant.length === 0 ? [] : [`grant ${categoriesInWords(grant)}`]),
    ...(approve ? ["approve and end relationships"] : []),
  ];
  return parts.join("; ");
}

/** By whose word somebody acts in the patient's place. */
export const sourceInWords = ({ source }: DelegateEntry, { patient, nameOf }: Gathered): string =>
  source === patient ? "the patient" : nameOf(source);

/** What was found out about a break-glass. */
export const OUTCOMES_IN_WORDS: Readonly<Record<EmergencyEntry["outcome"], string>> = {
  Unreviewed: "not reviewed",
  Justified: "justified",
  Unjustified: "not justified: it ended at once",
};
