import { step } from "./lib/command.js";
import { ACTOR_FLAGS, FORCE } from "./lib/common-flags.js";
import { file } from "./lib/flag-kinds.js";
import { required } from "./lib/flags.js";
import { OutputFile } from "./lib/output-file.js";
import { askBackupPassphrase } from "./lib/passphrase.js";
import { openSession } from "./lib/session.js";
import { bytes, caution, done, facts, next } from "./lib/tables.js";

export default step(import.meta, {
  name: "back-up-vault",
  purpose:
    "Writes everything that a vault holds into one file, encrypted under a passphrase: CHARTCHAIN_BACKUP_PASSPHRASE, else the vault's. The wallet isn't in it: after a loss, guardians give another account.",
  flags: { out: required(file, "write the backup here"), force: FORCE, ...ACTOR_FLAGS },
  examples: ["--out alice.backup --home homes/alice"],
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
        next("another home from it: npx tsx scripts/new-account.ts --backup FILE --home DIR"),
      ].join("\n"),
    };
  },
});
