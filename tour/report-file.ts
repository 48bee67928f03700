import { constants } from "node:fs";
import { access, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { ChartChainError } from "../src/errors/index.js";
import type { TourReport } from "./run.js";

/**
 * Asks whether a report can be written, without writing anything: better known before a tour than after it.
 *
 * @throws FILE_UNWRITABLE
 */
export async function requireWritable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw unwritable(path, "EISDIR");
  const [where, right] =
    found === undefined ? [dirname(path), constants.W_OK | constants.X_OK] : [path, constants.W_OK];
  try {
    await access(where, right);
    if (!(await stat(dirname(path))).isDirectory()) throw unwritable(path, "ENOTDIR");
  } catch (cause) {
    throw cause instanceof ChartChainError ? cause : unwritable(path, reasonOf(cause), cause);
  }
}

/**
 * Writes the report as JSON, over one that is there.
 *
 * @throws FILE_UNWRITABLE
 */
export async function writeReport(path: string, report: TourReport): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
}

const reasonOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? "unknown reason";

function unwritable(path: string, reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("FILE_UNWRITABLE", `the report can't be written to ${path}: ${reason}`, {
    details: { path, reason },
    hint: "Check that its folder exists, is yours to write and has room.",
    cause,
  });
}
