import { createReadStream } from "node:fs";

import { parseFhirFile, splitIntoRecords } from "../../src/fhir/index.js";
import type { Category, RecordInput } from "../../src/sdk/index.js";
import { sizeOfFile } from "./input-file.js";
import type { Progress } from "./progress.js";

/** A record that is about to be added. */
export interface PreparedRecord extends Omit<RecordInput, "patient" | "content"> {
  category: Category;
  size: number;
  /** How many FHIR resources it holds; undefined for any other file. */
  resources: number | undefined;
  /** The plaintext; `progress` is told how many bytes were read where it streams. */
  content: (progress: Progress) => RecordInput["content"];
}

/** The records of a FHIR file. The same file gives the same records in the same order. */
export async function fhirRecords(path: string): Promise<PreparedRecord[]> {
  return splitIntoRecords(await parseFhirFile(path)).map(
    ({ category, sensitivities, resources, bytes, mediaType }) => ({
      category,
      sensitivities,
      size: bytes.length,
      mediaType,
      resources: resources.length,
      content: () => bytes,
    }),
  );
}

/** Any file as one record, streamed. */
export async function fileRecord(path: string, category: Category, mediaType: string): Promise<PreparedRecord> {
  const { size } = await sizeOfFile(path);
  return { category, size, mediaType, resources: undefined, content: (progress) => () => counted(path, progress) };
}

async function* counted(path: string, progress: Progress): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    yield chunk;
    progress.update((read += chunk.length));
  }
}
