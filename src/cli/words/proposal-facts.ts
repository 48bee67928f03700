import { ChartChainError } from "../../errors/index.js";
import type { Client, PendingProposal } from "../../sdk/index.js";
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

/** The open proposal of a provider, as the patient has to see it. Throws NOT_PROPOSED. */
export async function proposalOf(
  client: Client,
  { provider, patient }: { provider: number; patient: number | undefined },
): Promise<PendingProposal> {
  const pending = await client.listPending(patient === undefined ? {} : { patient });
  const shown = pending.find((each) => each.provider === provider);
  if (shown !== undefined) return shown;
  throw new ChartChainError("NOT_PROPOSED", `provider ${provider} has no open proposal`, {
    details: { provider },
    hint: "See what waits: chartchain relationship pending. It lapsed, was withdrawn, or was answered already.",
  });
}
