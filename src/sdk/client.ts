import { actions } from "./actions.js";
import { settlePending } from "./chain/transactions.js";
import type { Context } from "./context.js";
import { SIGNED_ACTIONS } from "./handover/signed/index.js";
import { requireDistinct, type Bound, type BoundActionsOf, type Module, type WithContractsOf } from "./module.js";
import { bindActions, openContext, type ClientOptions } from "./open-context.js";
import { settleKeyVersion } from "./people/keys.js";
import { repackWhatCanBe } from "./records/repack.js";
import { settleAdditions } from "./records/settle-additions.js";
import { settleEnvelopes } from "./records/settle-envelopes.js";

export type { ClientOptions };

/** Every action of the core and of these modules, bound to one participant. */
export type Client<Modules extends readonly Module[] = readonly []> = Context &
  WithContractsOf<Modules> &
  Bound<typeof actions> &
  BoundActionsOf<Modules>;

/**
 * Makes a client for one participant: checks that the node is on the right chain and has the contracts, and brings to
 * an end what a crash left unfinished.
 *
 * One of `otherNodes` that can't be reached is named with the first answer that it is missing from.
 *
 * @throws CHAIN_UNREACHABLE, DEPLOYMENT_INVALID, WRONG_CHAIN, CHAIN_RESTARTED, CONTRACTS_NOT_DEPLOYED,
 *   RUNNER_WITHOUT_PROVIDER, AGREEMENT_INVALID, MODULES_CLASH
 *
 * @example
 * const client = await createClient({ runner: wallet.connect(provider), deployment, vault, store });
 * await client.registerPatient();
 *
 * @example
 * // With what two modules do, and what they know:
 * const client = await createClient({ runner, deployment, vault, store, modules: [dataBank, studies] });
 */
export async function createClient<const Modules extends readonly Module[] = readonly []>(
  options: ClientOptions<Modules>,
): Promise<Client<Modules>> {
  const modules: readonly Module[] = options.modules ?? [];
  requireDistinct({ actions, signed: SIGNED_ACTIONS }, modules);
  const context = await openContext(options);
  await settlePending(context);
  await settleKeyVersion(context);
  if (options.vault !== undefined) {
    await settleEnvelopes(context);
    await settleAdditions(context);
    await repackWhatCanBe(context);
  }
  // Each action by its name: what the type says of them is what was handed in.
  const bound = [actions, ...modules.map((module) => module.actions ?? {})].map((each) => bindActions(context, each));
  return Object.assign({ ...context }, ...bound) as Client<Modules>;
}
