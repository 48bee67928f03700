import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { askBackupPassphrase } from "../../terminal/passphrase.js";
import { openSession } from "../../actor/session.js";
import { bytes, caution, done, facts, next } from "../../terminal/tables.js";

export default command({
  purpose:
    "Writes everything that a vault holds into one file, encrypted under a passphrase: CHARTCHAIN_BACKUP_PASSPHRASE, else the vault's. The wallet isn't in it: after a loss, guardians give another account.",
  flags: { out: required(file, "write the backup here"), force: FORCE, ...ACTOR_FLAGS },
  operand: "out",
  examples: ["alice.backup --home homes/alice"],
  async run({ out, ...flags }, talk) {
    await using output = await OutputFile.reserve(out, flags);
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    const backup = await session.client.vault!.backup(await askBackupPassphrase(talk, { fresh: true }));
    await output.write([backup]);
    return {
      data: { file: output.path, bytes: backup.length },
      text: [
        done("Backed up the vault"),
        facts({ file: output.path, size: bytes(backup.length) }),
        caution("What is shredded later stays in it: make another one then, and destroy this one."),
        next("another home from it: chartchain account new --backup FILE --home DIR"),
      ].join("\n"),
    };
  },
});
