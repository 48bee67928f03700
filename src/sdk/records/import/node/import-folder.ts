import { serverBase, type BadFile } from "../../../../fhir/index.js";
import { parseFhirFolder, type FolderOptions, type LeftOut } from "../../../../fhir/node/index.js";
import type { Client } from "../../../client.js";
import { isDoubt } from "../doubts.js";
import { startProgress } from "../import-progress.js";
import type { ImportOptions } from "../import-records.js";
import { countWaiting, type ImportReport, type WaitingFile } from "../import-report.js";
import { ChartChainError } from "../../../../errors/index.js";
import { keepBadFiles } from "./import-file.js";

/** How a folder is imported. */
export interface FolderImportOptions
  extends ImportOptions, Pick<FolderOptions, "maxBytes" | "validate" | "server" | "mayBeNobody"> {
  /** A folder of FHIR R4 files (JSON, NDJSON), or one such file. */
  path: string;
}

/** What an import of a folder came to. */
export interface FolderImportReport extends ImportReport {
  /** What of the folder was not read, and why. */
  leftOut: LeftOut[];
  /** How many deletions are of resources that no file here holds: what was added of them before stays. */
  deletedElsewhere: number;
}

/** What an import from files needs of a client. */
export type ImportingClient = Pick<Client, "importRecords" | "keepDoubtful">;

/**
 * Imports a folder of FHIR files, or one file, of many patients, as `importRecords` does. Files and lines of NDJSON that are about
 * somebody and don't say whom, or could be either of two people's, wait on the worklist; what can't be read is named in `left`.
 *
 * Links that lead out of the folder aren't followed: `leftOut` names them. Of NDJSON memory holds an index, and not what is in it: leave the files as they are until it is through. Files of JSON are held
 * whole.
 *
 * @throws what {@link parseFhirFolder} with `skipBad` and `importRecords` throw; FHIR_SERVER_URL_INVALID where `server` is no URL or
 *   has a name, password, query or fragment
 *
 * @example
 * const { added, waiting } = await importFolder(clinic, { path: "export", dryRun: true });
 */
export async function importFolder(
  client: ImportingClient,
  { path, maxBytes, validate, server, mayBeNobody = false, ...options }: FolderImportOptions,
): Promise<FolderImportReport> {
  if (server !== undefined) serverBase(server, { isAsked: false });
  const read = startProgress(options.onProgress, "reading");
  const { patients, unassigned, bad, leftOut, unused, deletedElsewhere } = await parseFhirFolder(path, {
    ...{ skipBad: true, mayBeNobody, onRead: () => read(1) },
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(validate === undefined ? {} : { validate }),
    ...(server === undefined ? {} : { server }),
  });
  const report = await client.importRecords({ people: patients, ...options });
  const inDoubt = [...unassigned, ...bad];
  const isInDoubt = ({ code, message }: (typeof inDoubt)[number]) => isDoubt(new ChartChainError(code, message));
  const { waiting, others } = report.dryRun
    ? { waiting: inDoubt.filter(isInDoubt).map(placeOf), others: inDoubt.filter((each) => !isInDoubt(each)) }
    : await keepBadFiles(client, { bad: inDoubt });
  for (const each of waiting) countWaiting(report, each);
  report.left.push(...others);
  const aboutNobody = unused.map((file) => ({ file, reason: "nobody's data refer to it" }));
  return { ...report, leftOut: [...leftOut, ...aboutNobody], deletedElsewhere };
}

/** Where an input that waits comes from. What it says of itself isn't told. */
const placeOf = ({ file, line, code }: BadFile): WaitingFile => ({
  ...{ file, code },
  ...(line === undefined ? {} : { line }),
});
