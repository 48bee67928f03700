import { inWords } from "../chain/nodes.js";
import type { Context } from "../context.js";
import type { Decision, DenialReason } from "./question.js";

/** What to do about each denial. */
const HINTS: Record<DenialReason, string> = {
  NOT_GRANTED:
    "Ask the patient for a grant: there was none, it ended or was revoked, the provider's relationship is suspended or over, or a licence isn't live.",
  NOT_FINAL: "It was granted a moment ago: wait until its block is final, and try again.",
  EXPIRED_LOCALLY: "By this machine's clock the grant is over: check the clock, or ask the patient for a new grant.",
  CONSTRAINED:
    "A grant is there, and narrowed. Take in its newest constraint file, from the patient or with a delivery; if this vault holds it, it doesn't let this out: ask the patient for more.",
  SINGLE_RECORDS: "A broken glass opens single records: have them delivered, and open each by itself.",
  CONFIDENTIAL: "A minor consented to this care alone: nobody else's word opens it before the minor comes of age.",
  MODULE_MISSING:
    "More may have been agreed about it than the grant says, which only a module knows: hand it to createClient's modules (for research: studies).",
  REVOKED_BEFORE:
    "A revocation was seen that the chain has lost since: the patient revokes once more, and then grants anew if that is meant.",
  NODE_BEHIND: "The grant isn't the matter: wait until the node has the newest block, or use one that has.",
  NODES_DISAGREE: "One of the nodes lies or is on another fork: find out which, and leave it out.",
  NODES_MISSING: "Bring the other nodes back, or demand fewer: agreement.",
};

/** What to do about a denial. */
export function hintOf({ modules }: Context, { reason = "NOT_GRANTED" }: Pick<Decision, "reason">): string {
  if (Object.hasOwn(HINTS, reason)) return HINTS[reason as DenialReason];
  const hints = modules.map(({ holdBack }) => holdBack?.reasons[reason]);
  return hints.find((hint) => hint !== undefined) ?? HINTS.NOT_GRANTED;
}

/** Whether a denial leaves single records open: they may go out where no compartment's key does. */
export const leavesRecords = (reason: unknown): boolean => reason === "CONSTRAINED" || reason === "SINGLE_RECORDS";

/** The reason of a denial; where it is about the nodes, with what each of them says. */
export const whyDenied = ({ reason, nodes }: Decision): string =>
  nodes !== undefined && reason?.startsWith("NODE") === true ? `${reason}: ${inWords(nodes)}` : String(reason);
