import { join } from "node:path";

import { openParticipantClient } from "../../sdk/participant-client.js";
import type { ParticipantClient } from "../../sdk/index.js";
import { vaultDirectory } from "../../vault/node/index.js";
import type { ACTOR_FLAGS } from "../line/common-flags.js";
import type { Values } from "../line/flags.js";
import type { Talk } from "../terminal/talk.js";
import { openChain, type Chain } from "./chain.js";
import { clientSettings } from "./client-settings.js";
import { homeFolder } from "./home-folder.js";
import { openHomeIndex } from "./home-index.js";
import { namedAccount, readAccount } from "./account-source.js";

/** Who somebody is on a chain, with what tells it. */
export interface Identity extends AsyncDisposable {
  client: ParticipantClient;
  chain: Chain;
  account: string;
}

/**
 * Opens what tells who a home is: the address in its wallet, which stays locked, and its index of the chain. It loads nothing of
 * what a whole session needs.
 *
 * @throws what {@link openChain}, the wallet and the index throw
 */
export async function openIdentity(flags: Values<typeof ACTOR_FLAGS>, talk: Talk): Promise<Identity> {
  await using stack = new AsyncDisposableStack();
  const chain = await openChain(flags, talk, []);
  const { provider, deployment } = chain;
  stack.defer(() => provider.destroy());
  const home = homeFolder(flags.home, talk.environment, { create: false });
  const named = namedAccount(flags.wallet, talk.environment);
  const signer = await readAccount(named ?? { path: join(home, "wallet.json") }, provider);
  const events = await openHomeIndex(vaultDirectory(home, BigInt(deployment.chainId)), chain);
  stack.defer(() => events.close());
  const client = await openParticipantClient({ runner: signer, deployment, events, ...clientSettings(flags, chain) });
  const kept = stack.move();
  return { client, chain, account: await signer.getAddress(), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
