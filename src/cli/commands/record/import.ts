import { join } from "node:path";

import { command } from "../../line/command.js";
import { ACTOR_FLAGS, MAX_MIB } from "../../line/common-flags.js";
import { anyText, file, folder, url, wholeNumber } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { homeFolder } from "../../actor/home-folder.js";
import { importInWords } from "../../words/import-report.js";
import { readBytes } from "../../files/input-file.js";
import { watchForInterrupt } from "../../terminal/interrupt.js";
import { leftOutInWords } from "../../records/left-out.js";
import { startImportLine } from "../../terminal/progress.js";
import type { Environment } from "../../terminal/program.js";
import { openSession } from "../../actor/session.js";
import { caution, count, gas, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { importFolder, importServer, type ServerImportReport } from "../../../sdk/node/index.js";

export default command({
  purpose:
    "Imports FHIR R4 records of many patients, from a folder or a FHIR server, each into the chart of the person whose identifier this institution attested or whom it keeps records of. What is in doubt waits on the worklist. Running it again adds nothing twice: it goes on where it stopped, and of a server it takes what changed since. It ends with 1 where an input is left that is neither in a chart nor on the worklist.",
  flags: {
    input: optional(file, "a folder of FHIR JSON and NDJSON, such as a Bulk Data export, or one file"),
    server: optional(
      url,
      "base URL of a FHIR server: fetched by Bulk Data $export or by search. With --input, where that comes from",
    ),
    "token-file": optional(
      file,
      "a file with the token for the server, read again before each request; or CHARTCHAIN_FHIR_TOKEN",
    ),
    group: optional(anyText("GROUP"), "of the server, only the patients of this group: Group/ID"),
    spool: optional(
      folder,
      "where what a server gave lies in the clear until it is through (imports in the home folder)",
    ),
    again: toggle("of a server everything, not what changed since the last time"),
    "dry-run": toggle("count by patient, category, class and reason to wait, and write nothing"),
    "max-mib": MAX_MIB,
    spread: optional(
      wholeNumber("MINUTES", 0, 10_080),
      "seal now, and leave anchoring to chartchain record anchor, from a random moment within so many minutes on",
    ),
    ...ACTOR_FLAGS,
  },
  examples: [
    "--input export --dry-run --home homes/hospital",
    "--input export --home homes/hospital",
    "--server https://fhir.hospital.example/r4 --token-file token.txt --home homes/hospital",
  ],
  async run({ input, server, group, spool, again, spread, "dry-run": dryRun, ...flags }, talk) {
    if (input === undefined && server === undefined) throw badUsage("it takes --input DIR or --server URL");
    if (input !== undefined && (group !== undefined || spool !== undefined || again))
      throw badUsage("--group, --spool and --again go with --server alone");
    const headers =
      server === undefined || input !== undefined ? undefined : tokenFrom(flags["token-file"], talk.environment);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "provider" });
    const { client, transactions } = session;
    using line = startImportLine(talk);
    using interrupt = watchForInterrupt(talk);
    const options = {
      ...{ dryRun, signal: interrupt.signal, onProgress: line.update.bind(line) },
      ...(spread === undefined ? {} : { spread: 60 * spread }),
      ...(flags["max-mib"] === undefined ? {} : { maxBytes: flags["max-mib"] }),
    };
    const report =
      input !== undefined
        ? await importFolder(client, { path: input, ...options, ...(server === undefined ? {} : { server }) })
        : await importServer(client, {
            ...{
              url: server!,
              folder: spool ?? join(homeFolder(flags.home, talk.environment, { create: false }), "imports"),
            },
            ...{ again, ...options },
            ...(headers === undefined ? {} : { headers }),
            ...(group === undefined ? {} : { group }),
          });
    line[Symbol.dispose]();
    if (report.leftOut.length > 0) talk.note(leftOutInWords(report.leftOut));
    if (report.deletedElsewhere > 0) {
      const deletions = count(report.deletedElsewhere, "deletion");
      talk.note(caution(`${deletions} of resources that the input doesn't hold: what was added of them before stays.`));
    }
    const { by, since }: Partial<ServerImportReport> = report;
    return {
      data: { ...report, transactions },
      // Who runs it every night looks at the exit code.
      incomplete: report.left.length > 0 || report.leftOut.some((each) => each.leadsOut),
      text: importInWords(report, {
        "fetched by": by === undefined ? undefined : FETCHED_BY[by],
        "what changed since": since === undefined ? undefined : time(Date.parse(since) / 1000),
        gas: dryRun ? undefined : gas(transactions.reduce((sum, each) => sum + each.gas, 0)),
      }),
    };
  },
});

const FETCHED_BY = { export: "Bulk Data export", search: "search" };

/** The token, for the header that a FHIR server takes it in (RFC 6750). It stands in no flag and no URL. */
function tokenFrom(
  path: string | undefined,
  environment: Environment,
): (() => Promise<Record<string, string>>) | undefined {
  const given = environment["CHARTCHAIN_FHIR_TOKEN"];
  if (path === undefined && given === undefined) return undefined;
  return async () => {
    const token = path === undefined ? given! : (await readBytes(path)).toString("utf8");
    return { authorization: `Bearer ${token.trim()}` };
  };
}
