import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { ChartChainError } from "../errors/index.js";
import { isNamedNdjson } from "./ndjson.js";
import { formatOfBytes, formatOfText, wideEncodingOf } from "./other-formats.js";
import { OpenFile } from "./read-text.js";

/**
 * The files of a folder, and of the folders inside it, that hold, or seem to hold, health data, in the order of their
 * names; of a path that is a file, that file. A folder that links lead to twice is read once.
 *
 * Taken are names that end in .json, .ndjson, .jsonl or .ldjson, and whatever begins like a FHIR resource under another
 * name, as some servers name what they export. Archives, XML and messages are listed too, so that they are refused by
 * name and not passed over in silence. Anything else (a read-me, an image) isn't, nor is what is hidden.
 *
 * @throws ChartChainError FHIR_FOLDER_UNREADABLE, FHIR_FOLDER_EMPTY
 * @example
 * await filesOf("export") // ["export/Observation.ndjson", "export/Patient.ndjson"]
 */
export async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!found.isDirectory()) return [path];
  const files = await filesIn(path, new Set());
  if (files.length > 0) return files;
  throw new ChartChainError("FHIR_FOLDER_EMPTY", `${path} has no file of FHIR JSON or NDJSON`, {
    details: { dir: path },
    hint: "Put FHIR R4 files (JSON or NDJSON) into the folder, or into folders inside it.",
  });
}

async function filesIn(dir: string, seen: Set<string>): Promise<string[]> {
  const [real, names] = await Promise.all([realpath(dir), readdir(dir)]).catch((cause: unknown) => {
    throw unreadable(dir, cause);
  });
  if (seen.has(real)) return [];
  seen.add(real);
  const files: string[] = [];
  for (const name of names.filter((one) => !one.startsWith(".")).sort()) {
    const path = join(dir, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) files.push(...(await filesIn(path, seen)));
    else if (/\.json$/i.test(name) || isNamedNdjson(name) || (found?.isFile() && (await holdsData(path))))
      files.push(path);
  }
  return files;
}

async function holdsData(path: string): Promise<boolean> {
  try {
    await using file = await OpenFile.open(path);
    const head = await file.head();
    const text = new TextDecoder(wideEncodingOf(head)?.decoder ?? "utf-8").decode(head);
    if (/^\s*\{[^]*"resourceType"/.test(text)) return true;
    return (formatOfBytes(head) ?? formatOfText(text))?.isData === true;
  } catch {
    // What may not be read, under a name that promises no FHIR, is none of ours.
    return false;
  }
}

function unreadable(dir: string, cause: unknown): ChartChainError {
  const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
  return new ChartChainError("FHIR_FOLDER_UNREADABLE", `${dir} cannot be read as a folder: ${reason}`, {
    details: { dir, reason },
    hint: "Check the path and the folder's permissions.",
    cause,
  });
}
