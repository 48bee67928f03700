import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ChartChainError } from "../../errors/index.js";

const OTHERS = 0o077;

/**
 * Creates a directory that only its owner may enter (0700), with all above it that is missing, or checks one.
 *
 * @returns true when it was created
 * @throws `HOME_NOT_PRIVATE` when it is there and others may read, write or enter it
 * @throws `HOME_UNUSABLE` when it cannot be created, or is no directory
 */
export function ensurePrivateDirectory(path: string): boolean {
  try {
    if (!existsSync(path)) {
      makeWithParents(path);
      return true;
    }
    if (!statSync(path).isDirectory()) throw new Error("no directory");
    requirePrivate(path, statSync(path).mode);
    return false;
  } catch (cause) {
    if (cause instanceof ChartChainError) throw cause;
    throw new ChartChainError("HOME_UNUSABLE", `the folder cannot be used: ${path}`, {
      details: { path },
      hint: "Check that its parent folder is yours to write and that no file of that name is in the way.",
      cause,
    });
  }
}

/** Node's own `recursive` never comes back below /proc, where a parent exists and takes nobody in. */
function makeWithParents(path: string): void {
  const parent = dirname(path);
  if (!existsSync(parent) && parent !== path) makeWithParents(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function requirePrivate(path: string, mode: number): void {
  // Windows has no such bits: there the profile folder's access list keeps others out.
  if (process.platform === "win32" || (mode & OTHERS) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  throw new ChartChainError("HOME_NOT_PRIVATE", `others can get into the folder (mode ${octal}): ${path}`, {
    details: { path, mode: octal },
    hint: `Run: chmod 700 '${path}'`,
  });
}
