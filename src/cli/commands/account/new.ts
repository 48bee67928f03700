import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { readBytes } from "../../files/input-file.js";
import { askBackupPassphrase } from "../../terminal/passphrase.js";
import { fund } from "../../actor/registration.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts, next } from "../../terminal/tables.js";
import { ChartChainError } from "../../../errors/index.js";

export default command({
  purpose:
    "Makes a home for another account of a participant who is registered already: an encrypted wallet with a fresh key, and the vault out of a backup. For a second device, and for a person whose account is recovered.",
  flags: {
    backup: optional(
      file,
      "what chartchain vault backup wrote, under CHARTCHAIN_BACKUP_PASSPHRASE or else the new home's; without it the vault is empty",
    ),
    fund: toggle("on a local chain: give an account without ether 10 of the node's"),
    ...ACTOR_FLAGS,
  },
  examples: ["--backup alice.backup --home homes/alice-again"],
  async run({ backup, ...flags }, talk) {
    const bytes = backup === undefined ? undefined : await readBytes(backup);
    await using session = await openSession(flags, talk, {
      account: "sign",
      vault: "create",
      freeEther: flags.fund,
      ...(bytes === undefined
        ? {}
        : { backup: { bytes, passphrase: () => askBackupPassphrase(talk, { fresh: false }) } }),
    });
    const { account, created } = session;
    if (created["vault"] === undefined) {
      throw new ChartChainError("VAULT_EXISTS", "this home has a vault already", {
        hint: "Give another --home: each account has its own.",
      });
    }
    const funded = flags.fund && (await fund(session, talk));
    return {
      data: { account, created, restored: backup !== undefined, funded },
      text: [
        done("Made a home for another account"),
        facts({ account, ...created }),
        ...(backup === undefined ? [caution("Records of before have to be delivered again.")] : []),
        next("lost the former account? Tell your guardians this one, in person: chartchain recovery start ADDRESS"),
        next("have it still? chartchain account add --join --participant ID --out FILE"),
      ].join("\n"),
    };
  },
});
