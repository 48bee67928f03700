import { readFile } from "node:fs/promises";

import { ChartChainError, isChartChainError, type ErrorCode } from "../../../../errors/index.js";
import type { BadFile } from "../../../../fhir/index.js";
import { parseFhirFile, readLine } from "../../../../fhir/node/index.js";
import type { Client } from "../../../client.js";
import { isDoubt } from "../doubts.js";
import type { Confidential, FhirInput, ImportedFhir } from "../import-fhir.js";

/**
 * Brings a FHIR file into a chart, as `importFhir` does. The resources of NDJSON are read when they are looked at: the file
 * may be larger than the memory.
 *
 * @param path a FHIR R4 Bundle or resource as JSON, or NDJSON
 * @throws what `importFhir` and {@link parseFhirFile} throw
 *
 * @example
 * const { records } = await importFhirFile(clinic, { patient: 7, path: "bundle.json" });
 */
export async function importFhirFile(
  client: Pick<Client, "importFhir" | "keepDoubtful">,
  { path, ...input }: FhirInput & { path: string },
): Promise<ImportedFhir> {
  const parsed = await parseFhirFile(path).catch((error: unknown) => {
    if (isDoubt(error)) return keepDoubtfulFile(client, { patient: input.patient, path, error });
    throw error;
  });
  return client.importFhir({ ...input, parsed });
}

/**
 * Puts a file that was refused in doubt onto the worklist, and throws the refusal, which then says where it waits.
 *
 * @param error why it was refused: NO_PATIENT, MULTIPLE_PATIENTS, FOREIGN_PATIENT
 *
 * @example
 * const parsed = await parseFhirFile(path).catch((error) => keepDoubtfulFile(clinic, { path, error }));
 */
export async function keepDoubtfulFile(
  client: Pick<Client, "keepDoubtful">,
  { path, error, ...how }: Confidential & { patient?: number; path: string; error: ChartChainError },
): Promise<never> {
  const content = await readFile(path).catch(() => undefined);
  if (content === undefined) throw error;
  return client.keepDoubtful({ ...how, name: path, content, error });
}

/**
 * Puts the files of a folder that were refused in doubt onto the worklist: those without a patient, about several, or that
 * could be either of two patients'.
 *
 * @param bad what `parseFhirFolder` left out: its `bad` and its `unassigned`
 * @returns which wait there, and the others, with what keeps them from it
 *
 * @example
 * const { bad, unassigned } = await parseFhirFolder("inputs", { skipBad: true });
 * const { waiting, others } = await keepBadFiles(clinic, { bad: [...bad, ...unassigned] });
 */
export async function keepBadFiles(
  client: Pick<Client, "keepDoubtful">,
  { bad, ...how }: Confidential & { bad: readonly BadFile[] },
): Promise<{ waiting: { file: string; line?: number; item: number; code: ErrorCode }[]; others: BadFile[] }> {
  const waiting: { file: string; line?: number; item: number; code: ErrorCode }[] = [];
  const others: BadFile[] = [];
  for (const each of bad) {
    const { file, code, message, line } = each;
    const doubt = new ChartChainError(code, message, { details: { file } });
    const content = isDoubt(doubt) ? await contentOf(each).catch(() => undefined) : undefined;
    if (content === undefined) {
      others.push(each);
      continue;
    }
    const { details, hint = "" } = await client
      .keepDoubtful({ ...how, name: file, content, error: doubt })
      .catch((refusal: unknown) => {
        if (isChartChainError(refusal, code)) return refusal;
        throw refusal;
      });
    const item = details["worklistItem"];
    if (typeof item === "number") waiting.push({ file, item, code, ...(line === undefined ? {} : { line }) });
    else others.push({ file, code, message: `${message}. ${hint}` });
  }
  return { waiting, others };
}

/** A file, or the one line of NDJSON that was left out. */
async function contentOf({ file, line }: BadFile): Promise<Uint8Array> {
  if (line === undefined) return readFile(file);
  const found = await readLine(file, line);
  if (found === undefined) throw new Error("the file has fewer lines by now");
  return found;
}
