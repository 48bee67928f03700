import { ChartChainError, isChartChainError } from "../../errors/index.js";
import type { Registered } from "../../sdk/index.js";
import type { Talk } from "../terminal/talk.js";
import { fundIfEmpty } from "./local-chain.js";
import type { Session } from "./session.js";
import { caution, facts, gas } from "../terminal/tables.js";

/** Gives the account 10 ether of the local node's if it has none, and says so. */
export async function fund({ chain, account }: Session, talk: Talk): Promise<boolean> {
  const funded = await fundIfEmpty(chain.provider, account);
  if (funded) talk.note(caution(`Gave ${account} 10 ether of the local chain, so that it can pay for transactions.`));
  return funded;
}

/** Runs a registration; on a local chain, an account that can't pay for it is told of the way out. */
export async function registering({ chain }: Session, register: () => Promise<Registered>): Promise<Registered> {
  try {
    return await register();
  } catch (error) {
    if (!chain.local || !isChartChainError(error, "NO_FUNDS")) throw error;
    const { code, message, details, cause } = error;
    throw new ChartChainError(code, message, { details, cause, hint: "On a local chain, --fund gives it some ether." });
  }
}

/** What a registration came to, for programs. */
export const registrationData = (session: Session, { participant }: Registered, funded: boolean) => ({
  participant,
  account: session.account,
  funded,
  created: session.created,
  transactions: session.transactions,
});

/** What a registration came to, for people. */
export const registrationFacts = (session: Session, { participant, receipt }: Registered): string =>
  facts({
    "participant id": participant,
    account: session.account,
    ...session.created,
    gas: gas(Number(receipt.gasUsed)),
  });
