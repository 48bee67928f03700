import { createReadStream, existsSync } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";

import { ChartChainError, isChartChainError } from "../../../errors/index.js";
import type { Client } from "../../client.js";
import type { ExportOptions } from "../export-everything.js";
import type { ExportManifest } from "../manifest.js";
import type { ExportSink } from "../sink.js";
import { PartialFolder } from "./partial-folder.js";

/**
 * Exports everything into a folder, as `exportEverything` does. The folder is there as a whole or not at all: it is written
 * under another name beside it, and what an export leaves there that was ended is removed by the next one. Files are for their
 * owner alone (mode 0600).
 *
 * @param folder the folder to make; nothing may be there yet
 * @throws FILE_EXISTS, FILE_UNWRITABLE; what `exportEverything` throws
 *
 * @example
 * const { counts, leftOut } = await exportToFolder(alice, { folder: "my-records" });
 */
export async function exportToFolder(
  client: Pick<Client, "exportEverything">,
  { folder, ...options }: Omit<ExportOptions, "sink"> & { folder: string },
): Promise<ExportManifest> {
  const target = resolve(folder);
  if (existsSync(target)) throw exists(target);
  await using partial = await PartialFolder.beside(target).catch((cause: unknown) => {
    throw unwritable(target, cause);
  });
  const manifest = await client.exportEverything({ ...options, sink: folderSink(partial.path) });
  await partial.finish().catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR" ? exists(target) : unwritable(target, cause);
  });
  return manifest;
}

/** Files in a folder that is there. */
function folderSink(folder: string): ExportSink {
  const guarded = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw isChartChainError(cause) ? cause : unwritable(join(folder, name), cause);
    }
  };
  return {
    create: (name) =>
      guarded(name, async () => {
        const path = join(folder, name);
        const file = await open(path, "wx", 0o600);
        return {
          write: (chunk) => guarded(name, () => file.writeFile(chunk)),
          close: () =>
            guarded(name, async () => {
              await file.sync();
              await file.close();
            }),
          async discard() {
            await file.close().catch(() => {});
            await unlink(path).catch(() => {});
          },
        };
      }),
    read: (name) => createReadStream(join(folder, name)),
  };
}

const exists = (path: string): ChartChainError =>
  new ChartChainError("FILE_EXISTS", `there is something already: ${path}`, {
    details: { path },
    hint: "Give the name of a folder that isn't there yet: an export overwrites nothing.",
  });

const unwritable = (path: string, cause: unknown): ChartChainError =>
  new ChartChainError("FILE_UNWRITABLE", `the file can't be written: ${path}`, {
    details: { path, reason: (cause as NodeJS.ErrnoException).code },
    hint: "Check that its folder exists, is yours to write and has room.",
    cause,
  });
