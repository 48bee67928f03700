import { type Connection, RESULT, SqliteError } from "../connection.js";
import { openFiles } from "./connection.js";
import { loadEngine } from "./engine.js";
import { type DatabaseFiles, type FileHandle, SUFFIXES } from "./files.js";

// What is used of https://fs.spec.whatwg.org; the project's types know no browser.
interface Folder {
  getDirectoryHandle: (name: string, options: { create: boolean }) => Promise<Folder>;
  getFileHandle: (
    name: string,
    options: { create: boolean },
  ) => Promise<{ createSyncAccessHandle?: () => Promise<FileHandle> }>;
}

const FILE_NAME = "database.sqlite";

/** A database's files in the origin's private file system, had by this worker alone until they are released. */
export interface HeldDatabase {
  /** False where nothing was ever stored. */
  readonly exists: boolean;
  /** Opens it; whoever closes the connection releases the files. */
  connect: () => Connection;
  /** Releases the files, where they weren't. Call it when nothing was opened. */
  release: () => void;
}

/** True in a worker of a secure page whose browser has an origin private file system with synchronous access. */
export function hasOpfs(): boolean {
  const { FileSystemFileHandle: handle } = globalThis as { FileSystemFileHandle?: { prototype: object } };
  return storage() !== undefined && handle !== undefined && "createSyncAccessHandle" in handle.prototype;
}

/**
 * Takes the files of a database for this worker alone. No other worker, tab or call gets them until they are released, which a
 * browser does for a worker that ended.
 *
 * Nothing is ever deleted: files that others have are left alone.
 *
 * @param path folders from the origin's root to the database's own
 * @param options `create`: makes folders and files that are missing
 * @returns `undefined` where they are missing and `create` is false
 * @throws BUSY, as {@link SqliteError}, at once, when somebody has one of them; CANTOPEN or FULL
 */
export async function holdDatabase(
  path: readonly string[],
  { create }: { create: boolean },
): Promise<HeldDatabase | undefined> {
  const engine = await loadEngine();
  const files = await openHandles(path, create).catch(refused);
  if (files === undefined) return undefined;
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    for (const handle of Object.values(files)) handle.close();
  };
  return {
    exists: files[""].getSize() > 0,
    connect() {
      held = false;
      return openFiles(engine, files);
    },
    release,
  };
}

async function openHandles(path: readonly string[], create: boolean): Promise<DatabaseFiles | undefined> {
  const opened: Partial<DatabaseFiles> = {};
  try {
    let folder = await storage()!.getDirectory();
    for (const name of path) folder = await folder.getDirectoryHandle(name, { create });
    for (const suffix of SUFFIXES) {
      // The database comes first: where that is there, what accompanies it may be made.
      const file = await folder.getFileHandle(`${FILE_NAME}${suffix}`, { create: create || suffix !== "" });
      opened[suffix] = await file.createSyncAccessHandle!();
    }
    return opened as DatabaseFiles;
  } catch (error) {
    for (const handle of Object.values(opened)) handle.close();
    if (!create && nameOf(error) === "NotFoundError") return undefined;
    throw error;
  }
}

const CODES: Record<string, number> = {
  NoModificationAllowedError: RESULT.BUSY,
  InvalidStateError: RESULT.BUSY,
  QuotaExceededError: RESULT.FULL,
};

function refused(error: unknown): never {
  const cause = error instanceof Error ? error : new Error(nameOf(error));
  throw new SqliteError(CODES[cause.name] ?? RESULT.CANTOPEN, cause);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "unknown");

function storage(): { getDirectory: () => Promise<Folder> } | undefined {
  const { navigator } = globalThis as { navigator?: { storage?: { getDirectory?: () => Promise<Folder> } } };
  const found = navigator?.storage;
  return found?.getDirectory === undefined ? undefined : (found as { getDirectory: () => Promise<Folder> });
}
