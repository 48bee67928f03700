import { profileAt } from "../actor/profile.js";
import { join } from "node:path";

import type { ACTOR_FLAGS } from "../line/common-flags.js";
import type { Values } from "../line/flags.js";
import type { Talk } from "../terminal/talk.js";
import { dataHome, vaultDirectory } from "../../vault/node/index.js";
import type { Finding } from "./finding.js";
import { lookAtMachine } from "./machine.js";
import { lookAtNetwork } from "./network.js";
import { lookAtAccount, lookAtIndex, lookAtVault, lookIntoVault } from "./participant.js";
import { lookAtStore } from "./store.js";

/**
 * Looks at all that a profile needs.
 *
 * @param flags.vault with wallet and vault open
 */
export async function examine(flags: Values<typeof ACTOR_FLAGS> & { vault: boolean }, talk: Talk): Promise<Finding[]> {
  const { environment } = talk;
  // Unlike other commands, this one makes no home.
  const home = flags.home ?? join(dataHome(environment), "chartchain");
  const wallet = flags.wallet ?? join(home, "wallet.json");
  const { findings, chain } = await lookAtNetwork(flags, environment);
  if (chain === undefined) return [...(await lookAtMachine(home, wallet, undefined, environment)), ...findings];
  try {
    const directory = vaultDirectory(home, BigInt(chain.deployment.chainId));
    // First: opening a vault narrows the rights of its file.
    const machine = await lookAtMachine(home, wallet, directory, environment);
    const [account, store, index, vault] = await Promise.all([
      lookAtAccount(flags, wallet, chain, talk),
      lookAtStore(flags, chain),
      lookAtIndex(directory),
      lookAtVault(directory, chain, profileAt(flags.home, talk.environment)),
    ]);
    const canOpen = flags.vault && vault.state === "good" && account[0]?.state !== "bad";
    const keys = canOpen ? [await lookIntoVault(flags, talk)] : [];
    return [...machine, ...findings, ...account, vault, ...keys, store, ...index];
  } finally {
    chain.provider.destroy();
  }
}
