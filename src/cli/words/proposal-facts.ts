import type { PendingProposal } from "../../sdk/index.js";
import { facts, time } from "../terminal/tables.js";
import { termsInWords } from "./terms-in-words.js";

/** A proposal or an offer as the patient has to see it before answering. */
export type ShownProposal = Pick<
  PendingProposal,
  "provider" | "providerName" | "licensed" | "until" | "terms" | "problem"
>;

export const proposalFacts = ({ provider, providerName, licensed, until, terms, problem }: ShownProposal): string =>
  facts({
    provider:
      providerName === ""
        ? `participant ${provider}, whose name isn't verified`
        : `${providerName} (participant ${provider}, name verified)`,
    licence: licensed ? "live" : "not live: it could add no records",
    ...(terms === undefined ? { until: time(until) } : termsInWords(terms)),
    problem: problem === undefined ? undefined : `${problem}. Don't approve.`,
  });
