import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { homeFolder } from "../../actor/home-folder.js";
import { LOCAL_CHAIN_ID } from "../../actor/local-chain.js";
import { testCost } from "../../actor/session.js";
import { prepareWalletChange } from "../../actor/wallet-file.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { badUsage } from "../../line/usage.js";
import { askNewPassphrase, passphraseAsker } from "../../terminal/passphrase.js";
import { caution, done, facts } from "../../terminal/tables.js";
import { ChartChainError } from "../../../errors/index.js";
import { preparePassphraseChange } from "../../../vault/node/index.js";

const { home, wallet } = ACTOR_FLAGS;

export default command({
  purpose:
    "Changes the passphrase of a home: of its wallet and of its vaults, of all or of none. The new one is asked for, or in CHARTCHAIN_NEW_PASSPHRASE. Run again after an interruption, it does what is left. Needs no node.",
  flags: { home, wallet },
  examples: ["--home homes/alice"],
  async run(flags, talk) {
    const folder = homeFolder(flags.home, talk.environment, { create: false });
    const walletFile = flags.wallet ?? join(folder, "wallet.json");
    const chains = readdirSync(folder).filter((name) => existsSync(join(folder, name, "vault.sqlite")));
    if (chains.length === 0 && !existsSync(walletFile)) throw nothing(folder);
    const current = await passphraseAsker(talk)();
    const next = await askNewPassphrase(talk);
    if (next === current) throw badUsage("the new passphrase is the present one");
    const cost = testCost(talk.environment, chains.length > 0 && chains.every((id) => id === String(LOCAL_CHAIN_ID)));
    const how = { current, next, ...(cost === undefined ? {} : { cost }) };

    await using stack = new AsyncDisposableStack();
    const changes = [];
    if (existsSync(walletFile)) {
      changes.push({
        path: walletFile,
        ...ready(stack.use(await prepareWalletChange(walletFile, current, next, cost))),
      });
    }
    for (const id of chains) {
      const directory = join(folder, id);
      changes.push({ path: directory, ...ready(stack.use(await preparePassphraseChange({ directory, ...how }))) });
    }
    // One after the other, with nothing between that could fail for want of the passphrase, or be interrupted.
    for (const { make } of changes) make();
    const changed = changes.filter(({ isNeeded }) => isNeeded).map(({ path }) => path);
    return {
      data: { changed, unchanged: changes.filter(({ isNeeded }) => !isNeeded).map(({ path }) => path) },
      text: [
        done(changed.length === 0 ? "The passphrase is the new one already" : "Changed the passphrase"),
        ...(changed.length === 0 ? [] : [facts({ of: changed })]),
        caution("Backups and other copies open with the passphrase that they were made with."),
      ].join("\n"),
    };
  },
});

const ready = (change: { readonly isNeeded: boolean; make(): void }) => ({
  isNeeded: change.isNeeded,
  make: () => change.make(),
});

const nothing = (path: string) =>
  new ChartChainError("WALLET_NOT_FOUND", `there is neither a wallet nor a vault: ${path}`, {
    details: { path },
    hint: "Check --home and --profile. chartchain init makes a home.",
  });
