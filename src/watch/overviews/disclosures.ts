import type { Client } from "../../sdk/index.js";
import { emergenciesOf, type Emergencies } from "./emergencies.js";

/**
 * What the chain shows of who read a patient's records: that a responder broke the glass, what it might see by that, and what
 * the review found. Nothing else is on chain:
 *
 * - **Reads and key releases** aren't. Each institution logs its own before they happen, and publishes at most the head of
 *   that log; ask it for its entries. What this vault's owner released, {@link listDisclosures} has.
 * - **What a viewer may see** is no read: {@link whoMaySee} shows it, and whether it was used nobody sees here.
 * - **What was handed on** by somebody who read it leaves no trace on any chain.
 * - **Research**: what stewards delivered to a study, the module `studies` shows.
 *
 * @param patient the client's own when left out
 * @throws as {@link emergenciesOf}
 *
 * @example
 * const { emergencies } = await disclosuresOnChain(client);
 */
export const disclosuresOnChain = (client: Client, input: { patient?: number } = {}): Promise<Emergencies> =>
  emergenciesOf(client, input);
