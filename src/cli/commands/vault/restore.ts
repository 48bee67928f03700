import { existsSync } from "node:fs";
import { join } from "node:path";

import { homeFolder } from "../../actor/home-folder.js";
import { keyDifference } from "../../actor/own-key.js";
import { openSession } from "../../actor/session.js";
import { namedAccount } from "../../actor/account-source.js";
import { readBytes } from "../../files/input-file.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { askBackupPassphrase } from "../../terminal/passphrase.js";
import { caution, done, facts, next } from "../../terminal/tables.js";
import { ChartChainError, isChartChainError } from "../../../errors/index.js";

export default command({
  purpose:
    "Makes the vault of a home anew out of a backup, beside the wallet that is there. The backup's passphrase is CHARTCHAIN_BACKUP_PASSPHRASE, else the wallet's. A home for another account is made by account new --backup.",
  flags: { file: required(file, "what chartchain vault backup wrote"), ...ACTOR_FLAGS },
  operand: "file",
  examples: ["alice.backup --home homes/alice"],
  async run({ file: path, ...flags }, talk) {
    const bytes = await readBytes(path);
    const wallet = flags.wallet ?? join(homeFolder(flags.home, talk.environment, { create: false }), "wallet.json");
    if (namedAccount(flags.wallet, talk.environment) === undefined && !existsSync(wallet)) throw noWallet(wallet, path);
    await using session = await openSession(flags, talk, {
      account: "sign",
      vault: "create",
      backup: { bytes, passphrase: () => askBackupPassphrase(talk, { fresh: false }) },
    });
    const { client, account, created } = session;
    const difference = await keyDifference(client).catch((error: unknown) => {
      if (isChartChainError(error)) return error.message;
      throw error;
    });
    return {
      data: { vault: created["vault"], account, ...(difference === undefined ? {} : { difference }) },
      text: [
        done("Restored the vault"),
        facts({ vault: created["vault"], account }),
        ...(difference === undefined
          ? []
          : [caution(`It isn't the vault of this home's account, or not its newest: ${difference}.`)]),
        caution("What was shredded after the backup was made is back: shred it again."),
        next("what came since has to be delivered again; is all well? chartchain doctor --vault"),
      ].join("\n"),
    };
  },
});

const noWallet = (wallet: string, backup: string) =>
  new ChartChainError("WALLET_NOT_FOUND", `there is no wallet: ${wallet}`, {
    details: { path: wallet },
    hint: `Check --home. A new account over this backup: chartchain account new --backup ${backup} --home DIR`,
  });
