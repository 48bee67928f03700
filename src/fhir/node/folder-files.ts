import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { ChartChainError } from "../../errors/index.js";
import { isNamedNdjson } from "../ndjson.js";
import { formatOfBytes, formatOfText, wideEncodingOf } from "../other-formats.js";
import { OpenFile } from "./open-file.js";

/** What of a folder is passed over, and why in a few words. */
export interface LeftOut {
  file: string;
  reason: string;
  /** True for a link that leads out of the folder: what it leads to may be meant, and isn't read. */
  leadsOut?: true;
}

/** What of a path is read, and what isn't. */
export interface FolderFiles {
  files: string[];
  leftOut: LeftOut[];
}

/**
 * The files of a folder, and of the folders inside it, that hold, or seem to hold, health data, in the order of their
 * names; of a path that is a file, that file. A folder that links lead to twice is read once. The path may be a link itself;
 * a link in the folder that leads out of it isn't followed: whoever fills the folder need not be allowed to read what is
 * elsewhere.
 *
 * Taken are names that end in .json, .ndjson, .jsonl or .ldjson, and whatever begins like a FHIR resource under another
 * name, as some servers name what they export. Archives, XML and messages are listed too, so that they are refused by
 * name. Anything else (a read-me, an image) and what is hidden are left out, and told.
 *
 * @throws ChartChainError FHIR_FOLDER_UNREADABLE, FHIR_FOLDER_EMPTY
 * @example
 * await filesOf("export") // { files: ["export/Observation.ndjson", "export/Patient.ndjson"], leftOut: [] }
 */
export async function filesOf(path: string): Promise<FolderFiles> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!found.isDirectory()) return { files: [path], leftOut: [] };
  const read: FolderFiles = { files: [], leftOut: [] };
  const root = await realpath(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  await readFolder(path, root, read, new Set());
  if (read.files.length > 0) return read;
  const leadsOut = read.leftOut.some((each) => each.leadsOut);
  throw new ChartChainError("FHIR_FOLDER_EMPTY", `${path} has no file of FHIR JSON or NDJSON`, {
    details: { dir: path },
    hint: `Put FHIR R4 files (JSON or NDJSON) into the folder, or into folders inside it.${leadsOut ? " Links that lead out of it aren't followed." : ""}`,
  });
}

/** @param root the whole folder's real path */
async function readFolder(dir: string, root: string, read: FolderFiles, seen: Set<string>): Promise<void> {
  const [real, names] = await Promise.all([realpath(dir), readdir(dir)]).catch((cause: unknown) => {
    throw unreadable(dir, cause);
  });
  if (seen.has(real)) return;
  seen.add(real);
  for (const name of names.sort()) {
    const file = join(dir, name);
    if (!name.startsWith(".") && (await leadsOut(root, file))) {
      read.leftOut.push({ file, reason: "a link out of the folder", leadsOut: true });
      continue;
    }
    const found = name.startsWith(".") ? undefined : await stat(file).catch(() => undefined);
    if (found?.isDirectory()) {
      await readFolder(file, root, read, seen);
      continue;
    }
    const reason = name.startsWith(".") ? "hidden" : await reasonAgainst(file, name, found?.isFile() === true);
    if (reason === undefined) read.files.push(file);
    else read.leftOut.push({ file, reason });
  }
}

/** Whether a file is elsewhere than in the folder. A link to nothing leads nowhere. */
async function leadsOut(root: string, file: string): Promise<boolean> {
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return false;
  const way = relative(root, real);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
}

/** Why a file isn't read; undefined for one that is. */
async function reasonAgainst(file: string, name: string, isRegular: boolean): Promise<string | undefined> {
  if (/\.json$/i.test(name) || isNamedNdjson(name)) return undefined;
  if (!isRegular) return "no regular file";
  return (await holdsData(file)) ? undefined : "neither FHIR nor another format of health data";
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
