import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { exportFromServer, serverBase, type ServerExport, type ServerExportOptions } from "../../../../fhir/index.js";
import type { Client } from "../../../client.js";
import { cursorOf, moveCursor } from "../import-cursor.js";
import { startProgress } from "../import-progress.js";
import type { ImportOptions } from "../import-records.js";
import { importFolder, type FolderImportReport, type ImportingClient } from "./import-folder.js";

/** How a FHIR server is imported. */
export interface ServerImportOptions
  extends ImportOptions, Omit<ServerExportOptions, "since" | "job" | "onJob" | "signal"> {
  /**
   * A folder of the importer's own, where what was fetched lies in the clear until it is in charts or on the worklist: where
   * nobody else reads. It is made, and what lies in it is removed in the end.
   */
  folder: string;
  /** Asks for everything again, not for what changed since the last import. */
  again?: boolean;
}

/** What an import from a server came to. */
export interface ServerImportReport extends FolderImportReport {
  by: ServerExport["by"];
  /** What had changed since then was asked for; left out where that was everything. */
  since?: string;
  /** The next import asks for what changed since this time; left out where it doesn't move: it asks for the same again. */
  next?: string;
}

/** What of an import under way stays in its folder. */
interface Begun {
  source: string;
  since?: string;
  /** Where the server has the state of its export. */
  job?: string;
  /** When a search was begun, by the server's time. */
  searchedAt?: string;
  /** Set once all files are there. */
  fetched?: Fetched;
}

type Fetched = Pick<ServerExport, "by" | "transactionTime">;

/**
 * Imports what a FHIR R4 server has of many patients, as `importRecords` does: by Bulk Data `$export` where the server has it, else by
 * a search for each type. The next call asks for what changed since, by a cursor in the vault; it moves only once all of it is in
 * charts or on the worklist.
 *
 * An export is fetched file by file into `folder`; interrupted at any moment, the same call goes on with the files that are
 * missing, and with the server's export as long as the server has it.
 *
 * A search doesn't say what was deleted. An export does; what no chart's file holds any more is counted in `deletedElsewhere`.
 *
 * Sources: https://hl7.org/fhir/uv/bulkdata/STU2/export.html, https://hl7.org/fhir/R4/http.html
 *
 * @throws what {@link exportFromServer} and `importFolder` throw
 *
 * @example
 * const headers = () => ({ authorization: `Bearer ${token}` });
 * const { added, next } = await importServer(clinic, { url: "https://fhir.hospital.example/r4", headers, folder });
 */
export async function importServer(
  client: ImportingClient & Pick<Client, "vault">,
  options: ServerImportOptions,
): Promise<ServerImportReport> {
  const { url, group, types, folder, again = false, dryRun = false, onProgress, signal } = options;
  // Before anything of the URL is written.
  serverBase(url);
  const server = url.replace(/\/+$/, "");
  const source = [server, group, types?.join(",")].filter((part) => part !== undefined).join(" ");
  const own = join(folder, createHash("sha256").update(source).digest("hex").slice(0, 16));
  await mkdir(own, { recursive: true, mode: 0o700 });
  const since = again ? undefined : cursorOf(client, source);
  const { by, transactionTime } = await fetchAll(own, { source, ...(since === undefined ? {} : { since }) }, options);
  const report = await importFolder(client, {
    ...{ path: join(own, FILES), server, dryRun, mayBeNobody: true },
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(options.attested === undefined ? {} : { attested: options.attested }),
    ...(options.spread === undefined ? {} : { spread: options.spread }),
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
  });
  const isThrough = !dryRun && report.left.length === 0;
  if (isThrough) moveCursor(client, source, transactionTime);
  await rm(own, { recursive: true, force: true });
  return {
    ...{ ...report, by },
    ...(since === undefined ? {} : { since }),
    ...(isThrough ? { next: transactionTime } : {}),
  };
}

const STATE = "import.json";
const FILES = "files";

/** Fetches what isn't there yet of an export that is under way, or of a new one. */
async function fetchAll(own: string, wanted: Begun, options: ServerImportOptions): Promise<Fetched> {
  const found = await readFile(join(own, STATE), "utf8").then(
    (text) => JSON.parse(text) as Begun,
    () => undefined,
  );
  const isSame = found?.source === wanted.source && found.since === wanted.since;
  if (isSame && found.fetched !== undefined) return found.fetched;
  let begun = isSame ? found : wanted;
  const keep = async (next: Begun): Promise<void> => {
    begun = next;
    const file = join(own, STATE);
    await writeFile(`${file}.part`, JSON.stringify(next), { mode: 0o600 });
    await rename(`${file}.part`, file);
  };
  /** Files of another export are others. */
  const beginAnew = async (more: Pick<Begun, "job" | "searchedAt">): Promise<void> => {
    await rm(join(own, FILES), { recursive: true, force: true });
    await keep({ ...wanted, ...more });
  };
  if (!isSame) await beginAnew({});
  const { files, transactionTime, by, done } = await exportFromServer({
    ...options,
    ...(begun.since === undefined ? {} : { since: begun.since }),
    ...(begun.job === undefined ? {} : { job: begun.job }),
    onJob: (job) => beginAnew({ job }),
  });
  // What was found before an interruption was found then.
  if (by === "search" && begun.searchedAt === undefined) await beginAnew({ searchedAt: transactionTime });
  await mkdir(join(own, FILES), { recursive: true, mode: 0o700 });
  const advance = startProgress(options.onProgress, "reading");
  for (const { name, read } of files) {
    const path = join(own, FILES, name);
    if (existsSync(path)) continue;
    await pipeline(counted(read(), advance), createWriteStream(`${path}.part`, { mode: 0o600 }));
    await rename(`${path}.part`, path);
  }
  const fetched = { by, transactionTime: begun.searchedAt ?? transactionTime };
  await keep({ ...begun, fetched });
  await done();
  return fetched;
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  advance: (lines: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    advance(chunk.reduce((lines, byte) => lines + Number(byte === 0x0a), 0));
    yield chunk;
  }
}
