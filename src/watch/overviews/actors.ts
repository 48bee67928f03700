import type { BaseContract, EventLog, Interface, TransactionResponse } from "ethers";

import { chainCall, type Client } from "../../sdk/index.js";

/** Under which names functions take the signature of the one who acts, where that isn't the sender. */
const SIGNATURES = ["authorization", "patientAuthorization", "acceptance"];

/**
 * Who did what events tell: the participant that signed, where somebody else sent it, or the sender's. An account is one
 * participant's for ever.
 *
 * @returns by event; 0: the authority; undefined where the transaction doesn't say it
 */
export async function actorsOf(client: Client, events: readonly EventLog[]): Promise<(number | undefined)[]> {
  const contracts = new Map(
    Object.values(client.contracts as unknown as Record<string, BaseContract>).map((contract) => [
      contract.target,
      contract.interface,
    ]),
  );
  const byTransaction = new Map<string, Promise<number | undefined>>();
  return Promise.all(
    events.map(async (event) => {
      const told = actorIn(event);
      if (told !== undefined) return told;
      const hash = event.transactionHash;
      const known = byTransaction.get(hash) ?? actorOf(client, contracts, hash);
      byTransaction.set(hash, known);
      return known;
    }),
  );
}

/** Some events name who did it; those of relationships the side alone. */
const actorIn = ({ eventName, args }: EventLog): number | undefined =>
  eventName === "EmergencyReviewed" || eventName === "DelegateDismissed" ? Number(args["by"]) : undefined;

async function actorOf(client: Client, contracts: Map<unknown, Interface>, hash: string): Promise<number | undefined> {
  const transaction = await chainCall(() => client.provider.getTransaction(hash));
  const account = transaction === null ? undefined : accountIn(transaction, contracts);
  if (account === undefined) return undefined;
  const { id } = await chainCall(() => client.contracts.Registrar.accountOf(account));
  return id === 0n ? undefined : Number(id);
}

/** Nothing for what is no call of ours: whoever called us then isn't the sender. */
function accountIn({ to, from, data }: TransactionResponse, contracts: Map<unknown, Interface>): string | undefined {
  const call = contracts.get(to)?.parseTransaction({ data });
  if (call == null) return undefined;
  const place = call.fragment.inputs.findIndex(({ name }) => SIGNATURES.includes(name));
  return place < 0 ? from : (call.args[place] as { account: string }).account;
}
